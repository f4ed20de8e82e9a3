/* Rows of any origin: a matrix, files (streamed), a callback. What consumes many rows takes this handle; where the rows are in memory
 * already, atoms_rows_from_matrix makes one of them without a copy.
 *
 * Reading is by number, so any order can be asked for and files larger than memory work. Every value read is checked:
 * a NaN, an infinity, or, read as f32, an f64 beyond f32's range is ATOMS_E_NOT_FINITE with the file, row and column in the detail.
 * A rows handle keeps file positions and buffers: one thread at a time.
 */
#ifndef ATOMS_ROWS_H
#define ATOMS_ROWS_H

#include <atoms/context.h>
#include <atoms/matrix.h>

ATOMS_BEGIN

typedef struct atoms_rows atoms_rows;

typedef struct atoms_rows_opts {
    uint32_t struct_size;
    int32_t reserved;
    const char *tensor; /* name of the tensor in an npz or safetensors file; NULL = the only two-dimensional one of floats (default) */
    int64_t limit;      /* use the first `limit` rows only, or all if there are no more; 0 = all (default) */
} atoms_rows_opts;

/* Writes `count` packed rows of `width` f32, starting at row `first`, into out; returns 0, or nonzero to fail the read. */
typedef int32_t (*atoms_rows_fn)(void *user, int64_t first, int64_t count, float *out);

ATOMS_API ATOMS_NODISCARD atoms_status atoms_rows_opts_init(atoms_rows_opts *opts, size_t size);

/* Rows of a .npy, .npz or .safetensors file (told apart by content), f16, bf16, f32 or f64; nothing is read yet, except that a
 * compressed npz member or a column-major npy is decoded into memory, in its own dtype, up to 1 GiB. Errors: IO, FORMAT, LIMIT (more
 * than that), MEMORY, NOT_FOUND, ARGUMENT (several tensors, listed), DTYPE, SHAPE (not two-dimensional, zero rows), UNSUPPORTED.
 * Allocates. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_rows_open(atoms_context *context, const char *path, const atoms_rows_opts *opts, atoms_rows **out);

/* Rows of a matrix of the caller's, which must outlive the handle. Errors: ARGUMENT, SHAPE (zero rows too), DTYPE, OVERFLOW, MEMORY.
 * Allocates. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_rows_from_matrix(atoms_context *context, const atoms_matrix *matrix, atoms_rows **out);

/* `count` rows of `width` columns that `read` supplies; it may be asked for any range. Errors: ARGUMENT, SHAPE, OVERFLOW, MEMORY.
 * Allocates. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_rows_from_callback(atoms_context *context, int64_t count, int64_t width, atoms_rows_fn read,
                                                                void *user, atoms_rows **out);

/* The rows of n handles of equal width, made from the same context, one after another, as one. The parts are the caller's and must
 * outlive it. Errors: ARGUMENT, SHAPE, OVERFLOW, MEMORY. Allocates. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_rows_concat(atoms_context *context, atoms_rows *const *parts, int64_t n, atoms_rows **out);

/* The first `count` rows of `rows` (1 ≤ count ≤ its count), which must outlive the handle and be made from the same context.
 * Errors: ARGUMENT, MEMORY. Allocates. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_rows_first(atoms_context *context, atoms_rows *rows, int64_t count, atoms_rows **out);

ATOMS_API void atoms_rows_destroy(atoms_rows *rows);

ATOMS_API int64_t atoms_rows_count(const atoms_rows *rows); /* 0 for NULL */
ATOMS_API int64_t atoms_rows_width(const atoms_rows *rows); /* 0 for NULL */

/* Reads rows first … first + out->rows − 1 into out (f32 or f64, cols = width). Errors: ARGUMENT, SHAPE, DTYPE, OVERFLOW; and, with the
 * contents of out undefined, NOT_FINITE, IO, FORMAT, CANCELLED (the callback failed). Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_rows_read(atoms_rows *rows, int64_t first, const atoms_matrix *out);

/* Reads row index[i] into row i of out (f32 or f64). Indices may repeat and come in any order. Errors, and out after them: as read. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_rows_gather(atoms_rows *rows, const int64_t *index, const atoms_matrix *out);

ATOMS_END

#endif
