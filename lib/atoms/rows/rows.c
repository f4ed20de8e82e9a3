/* The public edge: arguments are checked here, and every value that a kind of rows has read. A gather is cut into runs of
 * consecutive numbers and each run read at once; a run's memory is contiguous where `out` is packed, else it is read row by row. */
#include <float.h>
#include <math.h>

#include "../../linalg/cblas_gate.h"
#include "../../linalg/finite.h"
#include "../matrix/matrix_internal.h"
#include "rows_internal.h"
#include "rows_kind.h"

atoms_status atomsi_rows_check_size(atoms_context *context, const char *name, int64_t count, int64_t width)
{
    int64_t elements, bytes;
    if (count < 1 || width < 1)
        return atomsi_fail(context, ATOMS_E_SHAPE, "%s: %lld rows of %lld columns: there must be at least one of each", name,
                           (long long)count, (long long)width);
    if (width > LINALG_STRIDE_MAX || !base_mul_i64(count, width, &elements) || !base_mul_i64(elements, (int64_t)sizeof(double), &bytes))
        return atomsi_fail(context, ATOMS_E_OVERFLOW, "%s: %lld rows of %lld columns are too large", name, (long long)count,
                           (long long)width);
    return ATOMS_OK;
}

void atoms_rows_destroy(atoms_rows *rows)
{
    if (rows) rows->kind->destroy(rows);
}

int64_t atoms_rows_count(const atoms_rows *rows)
{
    return rows ? rows->count : 0;
}

int64_t atoms_rows_width(const atoms_rows *rows)
{
    return rows ? rows->width : 0;
}

/* Says where a value that is not finite came from. An infinity in f32 may be a large f64: the element itself tells. */
static atoms_status fail_value(atoms_rows *rows, int64_t row, int64_t col, double value)
{
    while (rows->kind->part) rows = rows->kind->part(rows, &row);
    if (rows->kind->element) {
        atoms_status status = rows->kind->element(rows, row, col, &value);
        if (status) return status;
    }
    return atomsi_fail_not_finite(rows->context, rows->name, row, col, value);
}

/* Reads and judges `count` rows into the contiguous memory `out`. */
static atoms_status read_contiguous(atoms_rows *rows, int64_t first, int64_t count, int32_t dtype, void *out)
{
    atoms_status status = rows->kind->read(rows, first, count, dtype, out);
    if (status) return status;
    const float *single = out;
    const double *wide = out;
    int64_t n = count * rows->width;
    int64_t bad = dtype == ATOMS_F32 ? linalg_first_not_finite_f32(single, n) : linalg_first_not_finite_f64(wide, n);
    if (bad < 0) return ATOMS_OK;
    return fail_value(rows, first + bad / rows->width, bad % rows->width, dtype == ATOMS_F32 ? (double)single[bad] : wide[bad]);
}

/* Rows first … first + count − 1 into rows at … of out. */
static atoms_status read_run(atoms_rows *rows, int64_t first, int64_t count, const atoms_matrix *out, int64_t at)
{
    if (out->stride == out->cols) return read_contiguous(rows, first, count, out->dtype, atomsi_matrix_row(out, at));
    atoms_status status = ATOMS_OK;
    for (int64_t i = 0; i < count && !status; i++)
        status = read_contiguous(rows, first + i, 1, out->dtype, atomsi_matrix_row(out, at + i));
    return status;
}

static atoms_status check_out(const atoms_rows *rows, const atoms_matrix *out)
{
    atoms_status status = atomsi_matrix_check_cols(rows->context, out, rows->width, "out");
    if (status) return status;
    if (out->dtype != ATOMS_F32 && out->dtype != ATOMS_F64)
        return atomsi_fail(rows->context, ATOMS_E_DTYPE, "out: rows are read as f32 or f64, not as %s", atoms_dtype_name(out->dtype));
    return ATOMS_OK;
}

atoms_status atoms_rows_read(atoms_rows *rows, int64_t first, const atoms_matrix *out)
{
    if (!rows) return ATOMS_E_ARGUMENT;
    atoms_status status = check_out(rows, out);
    if (status) return status;
    if (first < 0 || first > rows->count || out->rows > rows->count - first)
        return atomsi_fail(rows->context, ATOMS_E_ARGUMENT, "%s: rows from %lld, %lld of them, are not all among its %lld", rows->name,
                           (long long)first, (long long)out->rows, (long long)rows->count);
    return out->rows ? read_run(rows, first, out->rows, out, 0) : ATOMS_OK;
}

atoms_status atomsi_rows_read_in_f32_range(atoms_rows *rows, int64_t first, const atoms_matrix *out)
{
    atoms_status status = atoms_rows_read(rows, first, out);
    const double *x = out->data;
    for (int64_t i = 0; !status && i < out->rows * out->cols; i++)
        if (!(fabs(x[i]) <= FLT_MAX)) status = fail_value(rows, first + i / out->cols, i % out->cols, x[i]);
    return status;
}

/* Length of the run of consecutive numbers that begins at index[at]. */
static int64_t run_length(const int64_t *index, int64_t at, int64_t count)
{
    int64_t run = 1;
    while (at + run < count && index[at + run] == index[at] + run) run++;
    return run;
}

void atomsi_rows_prefetch(atoms_rows *rows, const int64_t *order, int64_t count)
{
    if (!rows->kind->prefetch) return;
    for (int64_t at = 0, run; at < count; at += run) {
        run = run_length(order, at, count);
        rows->kind->prefetch(rows, order[at], run);
    }
}

atoms_status atoms_rows_gather(atoms_rows *rows, const int64_t *index, const atoms_matrix *out)
{
    if (!rows) return ATOMS_E_ARGUMENT;
    atoms_status status = check_out(rows, out);
    if (status) return status;
    if (!index && out->rows) return atomsi_fail(rows->context, ATOMS_E_ARGUMENT, "index is NULL");
    for (int64_t i = 0; i < out->rows; i++)
        if (index[i] < 0 || index[i] >= rows->count)
            return atomsi_fail(rows->context, ATOMS_E_ARGUMENT, "%s: index[%lld] is %lld, which is not among its %lld rows", rows->name,
                               (long long)i, (long long)index[i], (long long)rows->count);
    for (int64_t at = 0, run; at < out->rows && !status; at += run) {
        run = run_length(index, at, out->rows);
        status = read_run(rows, index[at], run, out, at);
    }
    return status;
}
