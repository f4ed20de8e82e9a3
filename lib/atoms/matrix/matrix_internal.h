/* Checks of matrix views at the public edge, and reading them as packed f32 or f64 blocks. */
#ifndef ATOMSI_MATRIX_H
#define ATOMSI_MATRIX_H

#include <atoms/matrix.h>

#include "../context/context_internal.h"

/* Shape, stride, pointer and float dtype of a view called `name` in the detail: rows ≥ 0, cols ≥ 1, stride ≥ cols, every offset
 * representable, stride small enough for a BLAS. Errors: ARGUMENT, SHAPE, DTYPE, OVERFLOW. */
atoms_status atomsi_matrix_check(atoms_context *context, const atoms_matrix *m, const char *name);

/* As above, and the view has `cols` columns. */
atoms_status atomsi_matrix_check_cols(atoms_context *context, const atoms_matrix *m, int64_t cols, const char *name);

/* Every element finite (f64 data also within f32's range where `as_f32` is set); else NOT_FINITE with
 * "NAME: row R column C is NaN", rows counted from first_row. */
atoms_status atomsi_matrix_check_finite(atoms_context *context, const atoms_matrix *m, int64_t first_row, int as_f32, const char *name);

/* Rows first … first + count − 1 widened (or rounded) into packed `out`. The view was checked. */
void atomsi_matrix_read_f32(const atoms_matrix *m, int64_t first, int64_t count, float *out);
void atomsi_matrix_read_f64(const atoms_matrix *m, int64_t first, int64_t count, double *out);

/* Address of row i. */
static inline void *atomsi_matrix_row(const atoms_matrix *m, int64_t i)
{
    return (char *)m->data + i * m->stride * atoms_dtype_size(m->dtype);
}

/* "NAME: row R column C is NaN" / "is infinite" for a value that was found bad; returns NOT_FINITE. */
atoms_status atomsi_fail_not_finite(atoms_context *context, const char *name, int64_t row, int64_t col, double value);

#endif
