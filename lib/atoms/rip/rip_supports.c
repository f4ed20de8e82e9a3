/* Extremes of the Gram matrix over the supports of given codes. Each row's K × K Gram matrix is made from the unit atoms in f64, and its eigenvalues
 * by LAPACK, since a row may use hundreds of atoms. Rows are cut into blocks and joined in their order. */
#include <math.h>
#include <string.h>

#include "../../linalg/cblas_gate.h"
#include "../../linalg/lapacke_gate.h"
#include "rip_internal.h"

enum { BLOCK = 64 };

static const atoms_supports_report empty_report = {.struct_size = sizeof(atoms_supports_report)};

atoms_status atoms_supports_report_init(atoms_supports_report *report, size_t size)
{
    return atomsi_struct_init(report, size, &empty_report, sizeof empty_report);
}

typedef struct tally { /* of a block of rows */
    int64_t rows, dependent, plus_row, minus_row;
    double plus, minus, plus_sum, minus_sum;
    base_outcome outcome;
} tally;

typedef struct supports {
    const atoms_dictionary *dictionary;
    atoms_codes_view codes;
    int64_t most;
    double *work; /* of each worker: most·dim + most² + most */
    tally *tallies;
} supports;

static base_outcome eigenvalues_of(const supports *s, const int32_t *atom, int64_t n, double *work, double *values)
{
    int64_t dim = s->dictionary->dim;
    double *gram = work + n * dim;
    for (int64_t k = 0; k < n; k++) memcpy(work + k * dim, s->dictionary->unit + atom[k] * dim, (size_t)dim * sizeof *work);
    linalg_dgemm(LINALG_PLAIN, LINALG_TRANSPOSED, n, n, dim, 1, work, dim, work, dim, 0, gram, n);
    for (int64_t k = 0; k < n; k++) gram[k * n + k] = 1;
    return linalg_symmetric_eigen(n, gram, values, 0, &s->dictionary->context->memory);
}

static void look_at_block(void *arg, int64_t index, int32_t worker)
{
    const supports *s = arg;
    tally *t = &s->tallies[index];
    int64_t most = s->most, dim = s->dictionary->dim, end = base_min_i64((index + 1) * BLOCK, s->codes.rows);
    double *work = s->work + worker * most * (dim + most + 1), *values = work + most * (dim + most);
    *t = (tally){.plus = -1, .minus = -1};
    for (int64_t row = index * BLOCK; row < end && !t->outcome; row++) {
        int64_t first = s->codes.offset[row], n = s->codes.offset[row + 1] - first;
        if (!n) continue;
        t->outcome = eigenvalues_of(s, s->codes.index + first, n, work, values);
        if (t->outcome) return;
        double slack = atomsi_rip_slack(n, dim), plus = values[n - 1] - 1 + slack, minus = fmin(1 - values[0] + slack, 1);
        t->rows++;
        t->dependent += values[0] <= slack;
        t->plus_sum += plus;
        t->minus_sum += minus;
        if (plus > t->plus) t->plus = plus, t->plus_row = row;
        if (minus > t->minus) t->minus = minus, t->minus_row = row;
    }
}

static base_outcome join(const supports *s, int64_t blocks, atoms_supports_report *r)
{
    *r = empty_report;
    r->most = s->most;
    r->plus = r->minus = -1;
    for (int64_t b = 0; b < blocks; b++) {
        const tally *t = &s->tallies[b];
        if (t->outcome) return t->outcome;
        r->rows += t->rows;
        r->dependent += t->dependent;
        r->plus_mean += t->plus_sum;
        r->minus_mean += t->minus_sum;
        if (t->plus > r->plus) r->plus = t->plus, r->plus_row = t->plus_row;
        if (t->minus > r->minus) r->minus = t->minus, r->minus_row = t->minus_row;
    }
    r->plus_mean /= (double)r->rows;
    r->minus_mean /= (double)r->rows;
    return BASE_OK;
}

static atoms_status run(supports *s, atoms_supports_report *r)
{
    atoms_context *context = s->dictionary->context;
    int64_t blocks = base_blocks(s->codes.rows, BLOCK), elements;
    if (!base_mul_i64(s->most, s->dictionary->dim + s->most + 1, &elements) ||
        !base_mul_i64(elements, atoms_context_threads(context), &elements))
        return atomsi_fail(context, ATOMS_E_OVERFLOW, "codes: a row has too many atoms");
    s->work = atomsi_alloc(context, elements, sizeof(double));
    s->tallies = atomsi_alloc_zero(context, blocks, sizeof *s->tallies);
    atoms_status status = s->work && s->tallies ? ATOMS_OK : ATOMS_E_MEMORY;
    if (!status) status = atomsi_parallel_for_progress(context, "row blocks", blocks, look_at_block, s);
    if (!status) {
        base_outcome outcome = join(s, blocks, r);
        if (outcome) status = atomsi_fail_outcome(context, outcome, "eigenvalues of a row's Gram matrix");
    }
    atomsi_free(context, s->work);
    atomsi_free(context, s->tallies);
    return status;
}

atoms_status atoms_rip_supports(const atoms_dictionary *dictionary, const atoms_codes *codes, atoms_supports_report *report)
{
    if (!dictionary || !codes || !report)
        return atomsi_fail(dictionary ? dictionary->context : NULL, ATOMS_E_ARGUMENT, "dictionary, codes or report is NULL");
    supports s = {.dictionary = dictionary};
    atoms_status status = atoms_codes_look(codes, &s.codes);
    if (status) return status;
    if (s.codes.width != dictionary->atoms)
        return atomsi_fail(dictionary->context, ATOMS_E_SHAPE, "codes are over %lld atoms, the dictionary has %lld", (long long)s.codes.width,
                           (long long)dictionary->atoms);
    for (int64_t r = 0; r < s.codes.rows; r++) s.most = base_max_i64(s.most, s.codes.offset[r + 1] - s.codes.offset[r]);
    if (!s.most) return atomsi_fail(dictionary->context, ATOMS_E_SHAPE, "codes have no row that uses an atom");
    atoms_supports_report r;
    status = run(&s, &r);
    return status ? status : atomsi_write_report(dictionary->context, report, &r, sizeof r, "atoms_supports_report");
}
