/* What can be counted in codes: entries per row (L0), rows per atom, and the dense matrix they stand for. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "../matrix/matrix_internal.h"
#include "codes_internal.h"

static const atoms_l0_report empty_report = {.struct_size = sizeof(atoms_l0_report)};

atoms_status atoms_l0_report_init(atoms_l0_report *report, size_t size)
{
    return atomsi_struct_init(report, size, &empty_report, sizeof empty_report);
}

/* q stands for a decimal that a double holds only nearly (.07·100 is a little above 7), so the product is lowered by its rounding error
 * before it is rounded up; for n < 2⁵⁰ that never crosses a whole number that was meant. */
int64_t atomsi_l0_quantile(const int64_t *counts, int64_t bins, int64_t n, double q)
{
    int64_t rank = base_max_i64(1, (int64_t)ceil(q * (double)n * (1 - 2 * DBL_EPSILON))), seen = 0, value = 0;
    for (; value < bins - 1 && (seen += counts[value]) < rank; value++) {}
    return value;
}

static int64_t row_length(const atoms_codes_view *codes, int64_t row)
{
    return codes->offset[row + 1] - codes->offset[row];
}

atoms_status atoms_codes_l0(atoms_context *context, const atoms_codes_view *codes, atoms_l0_report *report)
{
    if (!context) return ATOMS_E_ARGUMENT;
    if (!report) return atomsi_fail(context, ATOMS_E_ARGUMENT, "report is NULL");
    atoms_status status = atomsi_codes_check(context, codes, "codes");
    if (status) return status;
    if (!codes->rows) return atomsi_fail(context, ATOMS_E_SHAPE, "codes: there are no rows");
    int64_t max = 0;
    for (int64_t r = 0; r < codes->rows; r++) max = base_max_i64(max, row_length(codes, r));
    int64_t *counts = atomsi_alloc_zero(context, max + 1, sizeof *counts);
    if (!counts) return ATOMS_E_MEMORY;
    for (int64_t r = 0; r < codes->rows; r++) counts[row_length(codes, r)]++;
    atoms_l0_report l0 = {.rows = codes->rows, .max = max, .mean = (double)codes->nnz / (double)codes->rows};
    l0.p50 = (double)atomsi_l0_quantile(counts, max + 1, codes->rows, .50);
    l0.p90 = (double)atomsi_l0_quantile(counts, max + 1, codes->rows, .90);
    l0.p99 = (double)atomsi_l0_quantile(counts, max + 1, codes->rows, .99);
    atomsi_free(context, counts);
    return atomsi_write_report(context, report, &l0, sizeof l0, "atoms_l0_report");
}

atoms_status atoms_codes_firing(atoms_context *context, const atoms_codes_view *codes, int64_t *counts)
{
    if (!context) return ATOMS_E_ARGUMENT;
    if (!counts) return atomsi_fail(context, ATOMS_E_ARGUMENT, "counts is NULL");
    atoms_status status = atomsi_codes_check(context, codes, "codes");
    if (status) return status;
    memset(counts, 0, (size_t)codes->width * sizeof *counts);
    for (int64_t i = 0; i < codes->nnz; i++) counts[codes->index[i]]++;
    return ATOMS_OK;
}

static atoms_status check_out(atoms_context *context, const atoms_codes_view *codes, const atoms_matrix *out)
{
    atoms_status status = atomsi_matrix_check_cols(context, out, codes->width, "out");
    if (status) return status;
    if (out->dtype != ATOMS_F32)
        return atomsi_fail(context, ATOMS_E_DTYPE, "out: codes are written as f32, not as %s", atoms_dtype_name(out->dtype));
    if (out->rows != codes->rows)
        return atomsi_fail(context, ATOMS_E_SHAPE, "out has %lld rows, the codes have %lld", (long long)out->rows, (long long)codes->rows);
    return ATOMS_OK;
}

atoms_status atoms_codes_dense(atoms_context *context, const atoms_codes_view *codes, const atoms_matrix *out)
{
    if (!context) return ATOMS_E_ARGUMENT;
    atoms_status status = atomsi_codes_check(context, codes, "codes");
    if (!status) status = check_out(context, codes, out);
    if (status) return status;
    for (int64_t r = 0; r < codes->rows; r++) {
        float *row = atomsi_matrix_row(out, r);
        memset(row, 0, (size_t)codes->width * sizeof *row);
        for (int64_t i = codes->offset[r]; i < codes->offset[r + 1]; i++) row[codes->index[i]] = codes->value[i];
    }
    return ATOMS_OK;
}
