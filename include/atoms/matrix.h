/* The matrix view: memory of the caller's, never copied by being passed. A row is a sample, rows lie one after another. */
#ifndef ATOMS_MATRIX_H
#define ATOMS_MATRIX_H

#include <atoms/status.h>

ATOMS_BEGIN

/* Number types of tensors. Matrices hold the first four; the integers occur in files. Pinned for ever. */
enum {
    ATOMS_F32 = 1,
    ATOMS_F64 = 2,
    ATOMS_F16 = 3,
    ATOMS_BF16 = 4,
    ATOMS_I8 = 5,
    ATOMS_U8 = 6,
    ATOMS_I16 = 7,
    ATOMS_U16 = 8,
    ATOMS_I32 = 9,
    ATOMS_U32 = 10,
    ATOMS_I64 = 11,
    ATOMS_U64 = 12,
    ATOMS_BOOL = 13
};

/* Element (i, j) lies `i·stride + j` elements after `data`; stride ≥ cols. `data` is aligned as its dtype asks (f32: to 4 bytes).
 * rows may be 0, and data NULL then; a function that needs rows answers ATOMS_E_SHAPE. A const argument protects the view, not the
 * elements: the matrix named `out` is written, any other only read. This layout is frozen. */
typedef struct atoms_matrix {
    void *data;
    int64_t rows;
    int64_t cols;
    int64_t stride;
    int32_t dtype;
    int32_t reserved; /* 0 */
} atoms_matrix;

/* Bytes of one element of a dtype, 0 for a number that is none. Any thread. Since 0.1. */
ATOMS_API int64_t atoms_dtype_size(int32_t dtype);

/* "f32", "bf16", …, or "?" . Static storage; any thread. Since 0.1. */
ATOMS_API const char *atoms_dtype_name(int32_t dtype);

/* A packed view of rows × cols elements. */
static inline atoms_matrix atoms_matrix_view(const void *data, int64_t rows, int64_t cols, int32_t dtype)
{
    atoms_matrix m;
    m.data = (void *)(uintptr_t)data;
    m.rows = rows;
    m.cols = cols;
    m.stride = cols;
    m.dtype = dtype;
    m.reserved = 0;
    return m;
}

static inline atoms_matrix atoms_matrix_f32(const float *data, int64_t rows, int64_t cols)
{
    return atoms_matrix_view(data, rows, cols, ATOMS_F32);
}

static inline atoms_matrix atoms_matrix_f64(const double *data, int64_t rows, int64_t cols)
{
    return atoms_matrix_view(data, rows, cols, ATOMS_F64);
}

/* One row: a token's activation. */
static inline atoms_matrix atoms_vector_f32(const float *data, int64_t cols)
{
    return atoms_matrix_view(data, 1, cols, ATOMS_F32);
}

ATOMS_END

#endif
