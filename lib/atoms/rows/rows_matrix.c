/* Rows of a matrix in memory: the caller's, or one that was decoded from a file and belongs to the handle. */
#include "../../linalg/convert.h"
#include "../matrix/matrix_internal.h"
#include "rows_kind.h"

typedef struct matrix_rows {
    atoms_rows rows;
    atoms_matrix matrix;
    void *owned_data;
    char *owned_name;
} matrix_rows;

static atoms_status matrix_read(atoms_rows *rows, int64_t first, int64_t count, int32_t dtype, void *out)
{
    const atoms_matrix *m = &((matrix_rows *)rows)->matrix;
    if (dtype == ATOMS_F32) atomsi_matrix_read_f32(m, first, count, out);
    else atomsi_matrix_read_f64(m, first, count, out);
    return ATOMS_OK;
}

static atoms_status matrix_element(atoms_rows *rows, int64_t row, int64_t col, double *out)
{
    const atoms_matrix *m = &((matrix_rows *)rows)->matrix;
    linalg_to_f64(m->dtype, (const char *)atomsi_matrix_row(m, row) + col * atoms_dtype_size(m->dtype), 1, out);
    return ATOMS_OK;
}

static void matrix_destroy(atoms_rows *rows)
{
    matrix_rows *self = (matrix_rows *)rows;
    atomsi_free(rows->context, self->owned_data);
    atomsi_free(rows->context, self->owned_name);
    atomsi_free(rows->context, self);
}

static const rows_kind matrix_kind = {.read = matrix_read, .element = matrix_element, .destroy = matrix_destroy};

atoms_status atomsi_rows_over_matrix(atoms_context *context, const atoms_matrix *matrix, void *data, char *name, atoms_rows **out)
{
    matrix_rows *self = atomsi_alloc(context, 1, sizeof *self);
    if (!self) return ATOMS_E_MEMORY;
    *self = (matrix_rows){.rows = {&matrix_kind, context, name ? name : "rows", matrix->rows, matrix->cols},
                          .matrix = *matrix,
                          .owned_data = data,
                          .owned_name = name};
    *out = &self->rows;
    return ATOMS_OK;
}

atoms_status atoms_rows_from_matrix(atoms_context *context, const atoms_matrix *matrix, atoms_rows **out)
{
    if (!out) return atomsi_fail(context, ATOMS_E_ARGUMENT, "out is NULL");
    *out = NULL;
    if (!context) return ATOMS_E_ARGUMENT;
    atoms_status status = atomsi_matrix_check(context, matrix, "rows");
    if (!status) status = atomsi_rows_check_size(context, "rows", matrix->rows, matrix->cols);
    return status ? status : atomsi_rows_over_matrix(context, matrix, NULL, NULL, out);
}
