/* Sparse codes of many samples, compressed by rows (CSR): which atoms each sample uses, and how much. */
#ifndef ATOMS_CODES_H
#define ATOMS_CODES_H

#include <atoms/context.h>
#include <atoms/matrix.h>

ATOMS_BEGIN

/* Codes in memory that belongs to someone else (a work, an atoms_codes, the caller). Row r holds the entries
 * offset[r] … offset[r+1] − 1; within a row indices rise. */
typedef struct atoms_codes_view {
    int64_t rows;
    int64_t width;         /* number of atoms: 0 ≤ index < width */
    int64_t nnz;           /* = offset[rows] */
    const int64_t *offset; /* rows + 1 */
    const int32_t *index;  /* nnz */
    const float *value;    /* nnz */
} atoms_codes_view;

typedef struct atoms_codes atoms_codes; /* grows and owns: for whole files */

/* Empty codes over `width` atoms (0 < width ≤ INT32_MAX). Errors: ARGUMENT, MEMORY. Allocates. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_codes_create(atoms_context *context, int64_t width, atoms_codes **out);
ATOMS_API void atoms_codes_destroy(atoms_codes *codes);

/* Appends the rows of a view of the same width, checked: offsets rise, indices rise within a row and lie in range, values
 * are finite; it may not look into codes itself. On failure codes is as it was. Errors: ARGUMENT, SHAPE, NOT_FINITE, OVERFLOW,
 * MEMORY. Allocates. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_codes_append(atoms_codes *codes, const atoms_codes_view *rows);

/* Forgets all rows, keeps the memory. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_codes_clear(atoms_codes *codes);

/* A view of everything held, valid until codes changes. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_codes_look(const atoms_codes *codes, atoms_codes_view *out);

/* Writes / reads the .npz that scipy.sparse.save_npz and load_npz use (CSR: format, shape, indptr, indices, data).
 * Errors: as tensorfile.h; FORMAT for entries that append would refuse. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_codes_save(const atoms_codes *codes, const char *path);
ATOMS_API ATOMS_NODISCARD atoms_status atoms_codes_load(atoms_context *context, const char *path, atoms_codes **out);

/* Dense copy: out (rows × width, f32), zeros written too. This and the next two check the view as append does. Errors: ARGUMENT, SHAPE,
 * DTYPE, NOT_FINITE. Does not allocate. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_codes_dense(atoms_context *context, const atoms_codes_view *codes, const atoms_matrix *out);

typedef struct atoms_l0_report {
    uint32_t struct_size;
    int32_t reserved;
    int64_t rows;
    int64_t max;
    double mean;
    double p50, p90, p99; /* lower empirical quantiles: the ⌈q·rows⌉-th smallest */
} atoms_l0_report;

ATOMS_API ATOMS_NODISCARD atoms_status atoms_l0_report_init(atoms_l0_report *report, size_t size);

/* Distribution of the number of entries per row (L0). Errors: ARGUMENT, SHAPE (no rows), MEMORY. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_codes_l0(atoms_context *context, const atoms_codes_view *codes, atoms_l0_report *report);

/* counts[i] = number of rows that use atom i; `counts` has codes->width elements. Density of atom i = counts[i] / rows. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_codes_firing(atoms_context *context, const atoms_codes_view *codes, int64_t *counts);

ATOMS_END

#endif
