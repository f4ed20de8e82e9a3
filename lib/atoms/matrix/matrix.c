#include <float.h>
#include <math.h>

#include "../../linalg/cblas_gate.h"
#include "../../linalg/convert.h"
#include "../../linalg/finite.h"
#include "matrix_internal.h"

_Static_assert((int)LINALG_F32 == (int)ATOMS_F32 && (int)LINALG_F64 == (int)ATOMS_F64 && (int)LINALG_F16 == (int)ATOMS_F16 &&
                   (int)LINALG_BF16 == (int)ATOMS_BF16,
               "linalg's dtypes are the public ones");

atoms_status atomsi_matrix_check(atoms_context *context, const atoms_matrix *m, const char *name)
{
    if (!m) return atomsi_fail(context, ATOMS_E_ARGUMENT, "%s is NULL", name);
    if (m->dtype < ATOMS_F32 || m->dtype > ATOMS_BF16)
        return atomsi_fail(context, ATOMS_E_DTYPE, "%s: dtype %d (%s) is not f32, f64, f16 or bf16", name, (int)m->dtype,
                           atoms_dtype_name(m->dtype));
    if (m->rows < 0 || m->cols < 1 || m->stride < m->cols)
        return atomsi_fail(context, ATOMS_E_SHAPE, "%s: %lld rows, %lld columns, stride %lld make no matrix", name, (long long)m->rows,
                           (long long)m->cols, (long long)m->stride);
    int64_t elements, bytes;
    if (m->stride > LINALG_STRIDE_MAX || !base_mul_i64(m->rows, m->stride, &elements) ||
        !base_mul_i64(elements, atoms_dtype_size(m->dtype), &bytes) || bytes > PTRDIFF_MAX)
        return atomsi_fail(context, ATOMS_E_OVERFLOW, "%s: %lld rows of stride %lld are too large", name, (long long)m->rows,
                           (long long)m->stride);
    if (m->rows > 0 && !m->data) return atomsi_fail(context, ATOMS_E_ARGUMENT, "%s: data is NULL", name);
    return ATOMS_OK;
}

atoms_status atomsi_matrix_check_cols(atoms_context *context, const atoms_matrix *m, int64_t cols, const char *name)
{
    atoms_status status = atomsi_matrix_check(context, m, name);
    if (status) return status;
    if (m->cols != cols)
        return atomsi_fail(context, ATOMS_E_SHAPE, "%s has %lld columns where %lld are needed", name, (long long)m->cols, (long long)cols);
    return ATOMS_OK;
}

atoms_status atomsi_fail_not_finite(atoms_context *context, const char *name, int64_t row, int64_t col, double value)
{
    return atomsi_fail(context, ATOMS_E_NOT_FINITE, "%s: row %lld column %lld is %s", name, (long long)row, (long long)col,
                       isnan(value)   ? "NaN"
                       : isinf(value) ? "infinite"
                                      : "beyond the range of f32");
}

/* Index of the first offending element of a row, or −1. The 16-bit types are judged by their own exponent bits. All elements are first
 * looked at without a branch, which becomes vectors. */
static int64_t first_bad(const atoms_matrix *m, int64_t row, int as_f32)
{
    const void *data = atomsi_matrix_row(m, row);
    int any = 0;
    if (m->dtype == ATOMS_F32) return linalg_first_not_finite_f32(data, m->cols);
    if (m->dtype == ATOMS_F64) {
        const double *x = data;
        if (!as_f32) return linalg_first_not_finite_f64(x, m->cols);
        for (int64_t j = 0; j < m->cols; j++) any |= !(fabs(x[j]) <= FLT_MAX);
        for (int64_t j = 0; any && j < m->cols; j++)
            if (!(fabs(x[j]) <= FLT_MAX)) return j;
        return -1;
    }
    const uint16_t *h = data, exponent = m->dtype == ATOMS_F16 ? 0x7C00u : 0x7F80u;
    for (int64_t j = 0; j < m->cols; j++) any |= (h[j] & exponent) == exponent;
    for (int64_t j = 0; any && j < m->cols; j++)
        if ((h[j] & exponent) == exponent) return j;
    return -1;
}

atoms_status atomsi_matrix_check_finite(atoms_context *context, const atoms_matrix *m, int64_t first_row, int as_f32, const char *name)
{
    for (int64_t i = 0; i < m->rows; i++) {
        int64_t j = first_bad(m, i, as_f32);
        if (j < 0) continue;
        double value;
        linalg_to_f64(m->dtype, (const char *)atomsi_matrix_row(m, i) + j * atoms_dtype_size(m->dtype), 1, &value);
        return atomsi_fail_not_finite(context, name, first_row + i, j, value);
    }
    return ATOMS_OK;
}

void atomsi_matrix_read_f32(const atoms_matrix *m, int64_t first, int64_t count, float *out)
{
    for (int64_t i = 0; i < count; i++) linalg_to_f32(m->dtype, atomsi_matrix_row(m, first + i), m->cols, out + i * m->cols);
}

void atomsi_matrix_read_f64(const atoms_matrix *m, int64_t first, int64_t count, double *out)
{
    for (int64_t i = 0; i < count; i++) linalg_to_f64(m->dtype, atomsi_matrix_row(m, first + i), m->cols, out + i * m->cols);
}
