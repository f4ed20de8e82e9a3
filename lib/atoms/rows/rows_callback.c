/* Rows that a function of the caller's supplies as f32. They are read straight into the memory asked for; for f64 they pass through
 * a buffer of a few rows, made with the handle so that reading never allocates. */
#include "../../linalg/convert.h"
#include "rows_kind.h"

enum { BUFFER_ELEMENTS = 1 << 14 };

typedef struct callback_rows {
    atoms_rows rows;
    atoms_rows_fn read;
    void *user;
    int64_t buffer_rows;
    float *buffer;
} callback_rows;

static atoms_status ask(const callback_rows *self, int64_t first, int64_t count, float *out)
{
    int32_t answer = self->read(self->user, first, count, out);
    if (!answer) return ATOMS_OK;
    return atomsi_fail(self->rows.context, ATOMS_E_CANCELLED, "callback: answered %d when asked for rows %lld to %lld", (int)answer,
                       (long long)first, (long long)(first + count - 1));
}

static atoms_status callback_read(atoms_rows *rows, int64_t first, int64_t count, int32_t dtype, void *out)
{
    const callback_rows *self = (callback_rows *)rows;
    if (dtype == ATOMS_F32) return ask(self, first, count, out);
    for (int64_t i = 0, n; i < count; i += n) {
        n = base_min_i64(self->buffer_rows, count - i);
        atoms_status status = ask(self, first + i, n, self->buffer);
        if (status) return status;
        linalg_to_f64(ATOMS_F32, self->buffer, n * rows->width, (double *)out + i * rows->width);
    }
    return ATOMS_OK;
}

static void callback_destroy(atoms_rows *rows)
{
    callback_rows *self = (callback_rows *)rows;
    atomsi_free(rows->context, self->buffer);
    atomsi_free(rows->context, self);
}

static const rows_kind callback_kind = {.read = callback_read, .destroy = callback_destroy};

atoms_status atoms_rows_from_callback(atoms_context *context, int64_t count, int64_t width, atoms_rows_fn read, void *user,
                                      atoms_rows **out)
{
    if (!out) return atomsi_fail(context, ATOMS_E_ARGUMENT, "out is NULL");
    *out = NULL;
    if (!context) return ATOMS_E_ARGUMENT;
    if (!read) return atomsi_fail(context, ATOMS_E_ARGUMENT, "read is NULL");
    atoms_status status = atomsi_rows_check_size(context, "callback", count, width);
    if (status) return status;
    int64_t buffer_rows = base_min_i64(count, base_max_i64(1, BUFFER_ELEMENTS / width));
    callback_rows *self = atomsi_alloc(context, 1, sizeof *self);
    float *buffer = atomsi_alloc(context, buffer_rows * width, sizeof *buffer);
    if (!self || !buffer) {
        atomsi_free(context, self);
        atomsi_free(context, buffer);
        return ATOMS_E_MEMORY;
    }
    *self = (callback_rows){.rows = {&callback_kind, context, "callback", count, width},
                            .read = read,
                            .user = user,
                            .buffer_rows = buffer_rows,
                            .buffer = buffer};
    *out = &self->rows;
    return ATOMS_OK;
}
