#include "code_records.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "failure.h"

typedef struct field {
    const char *name;
    size_t offset;
    int32_t dtype;
} field;

#define WHOLE(name) {#name, offsetof(atoms_code_record, name), ATOMS_I32}
#define NUMBER(name) {#name, offsetof(atoms_code_record, name), ATOMS_F64}
static const field fields[] = {
    WHOLE(status), WHOLE(flags), WHOLE(support), WHOLE(iterations), NUMBER(norm), NUMBER(residual), NUMBER(objective), NUMBER(gap), NUMBER(kkt),
    NUMBER(lambda), NUMBER(lambda_max), NUMBER(min_pivot), NUMBER(fuchs), NUMBER(erc),
};
enum { FIELDS = sizeof fields / sizeof fields[0] };

void records_summary(json_t *result, const coding_plan *plan, const atoms_code_record *records, int64_t n)
{
    int64_t ended[4] = {0}; /* by status */
    double gap = NAN, kkt = NAN;
    for (int64_t i = 0; i < n; i++) {
        const atoms_code_record *r = records + i;
        double scale = coding_plan_scale(plan, r);
        ended[r->status & 3]++;
        gap = fmax(gap, scale > 0 ? r->gap / scale : r->gap);
        kkt = fmax(kkt, r->kkt);
    }
    put_whole(result, "converged", ended[ATOMS_CODE_CONVERGED]);
    put_whole(result, "stopped", ended[ATOMS_CODE_STOPPED]);
    put_whole(result, "dependent", ended[ATOMS_CODE_DEPENDENT]);
    put_whole(result, "infeasible", ended[ATOMS_CODE_INFEASIBLE]);
    put_number(result, "worst_gap", gap);
    put_number(result, "worst_kkt", kkt);
    if (isnan(gap)) add_note(result, "worst_gap", coding_plan_has_dual(plan) ? "there are no rows" : "greedy pursuit has no duality gap");
    if (isnan(kkt)) add_note(result, "worst_kkt", "there are no rows");
}

typedef struct column {
    const field *what;
    const atoms_code_record *records;
} column;

static int32_t supply(void *user, int64_t first, int64_t count, void *out)
{
    const column *c = user;
    size_t size = (size_t)atoms_dtype_size(c->what->dtype);
    for (int64_t i = 0; i < count; i++) memcpy((char *)out + (size_t)i * size, (const char *)(c->records + first + i) + c->what->offset, size);
    return 0;
}

int records_save(atoms_context *context, const char *path, const atoms_code_record *records, int64_t n, const double *dual, int64_t width)
{
    atoms_tensorwriter *writer = NULL;
    column columns[FIELDS];
    const int64_t shape[] = {n, width};
    int code = checked(context, atoms_tensorwriter_create(context, path, ATOMS_FILE_NPZ, &writer), path);
    for (int i = 0; i < FIELDS && !code; i++) {
        columns[i] = (column){fields + i, records};
        code = checked(context, atoms_tensorwriter_add_stream(writer, fields[i].name, fields[i].dtype, 1, shape, supply, columns + i), path);
    }
    if (dual && !code) code = checked(context, atoms_tensorwriter_add(writer, "dual", ATOMS_F64, 2, shape, dual), path);
    if (!code) code = checked(context, atoms_tensorwriter_commit(writer), path);
    atoms_tensorwriter_destroy(writer);
    return code;
}
