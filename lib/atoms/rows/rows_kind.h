/* What a kind of rows has to offer. The public functions (rows.c) have checked every argument, and judge every value that was read. */
#ifndef ATOMSI_ROWS_KIND_H
#define ATOMSI_ROWS_KIND_H

#include <atoms/rows.h>

#include "../context/context_internal.h"

typedef struct rows_kind {
    /* Rows first … first + count − 1, packed, as dtype (f32 or f64), into out. Values are not judged. */
    atoms_status (*read)(atoms_rows *rows, int64_t first, int64_t count, int32_t dtype, void *out);
    /* Hints that read will ask for these rows; NULL where they are at hand. */
    void (*prefetch)(const atoms_rows *rows, int64_t first, int64_t count);
    /* One element in full precision; NULL where reading as f32 loses nothing. */
    atoms_status (*element)(atoms_rows *rows, int64_t row, int64_t col, double *out);
    /* Rows made of others: the handle that *row comes from, *row becoming its number there. NULL for all else. */
    atoms_rows *(*part)(const atoms_rows *rows, int64_t *row);
    /* Frees everything, the handle included. */
    void (*destroy)(atoms_rows *rows);
} rows_kind;

/* Every kind's own struct begins with this one. */
struct atoms_rows {
    const rows_kind *kind;
    atoms_context *context;
    const char *name; /* the origin, for messages */
    int64_t count;
    int64_t width;
};

/* count ≥ 1 and width ≥ 1 rows called `name` can be addressed as f64 by 64-bit sizes and by BLAS. Errors: SHAPE, OVERFLOW. */
atoms_status atomsi_rows_check_size(atoms_context *context, const char *name, int64_t count, int64_t width);

/* Rows over `matrix`, which was checked. data and name, where not NULL, are atomsi_alloc's; they become the handle's, if it is made. */
atoms_status atomsi_rows_over_matrix(atoms_context *context, const atoms_matrix *matrix, void *data, char *name, atoms_rows **out);

#endif
