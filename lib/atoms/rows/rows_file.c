/* Rows of one tensor of a file. What lies in the file row after row, uncompressed, is read where it lies, a range of rows at a time.
 * What does not, a compressed npz member or a tensor stored column after column, has no cheap way to one row: it is decoded into
 * memory once, in its own number type, up to DECODED_MAX bytes. */
#include <string.h>

#include "../tensorfile/tensorfile_internal.h"
#include "rows_file.h"
#include "rows_kind.h"

#define DECODED_MAX ((int64_t)1 << 30)

typedef struct file_rows {
    atoms_rows rows;
    atoms_tensorfile *file;
    int64_t tensor;
    char *name;
} file_rows;

static atoms_status file_read(atoms_rows *rows, int64_t first, int64_t count, int32_t dtype, void *out)
{
    const file_rows *self = (file_rows *)rows;
    return atoms_tensorfile_read(self->file, self->tensor, first * rows->width, count * rows->width, dtype, out);
}

static void file_prefetch(const atoms_rows *rows, int64_t first, int64_t count)
{
    const file_rows *self = (const file_rows *)rows;
    atomsi_tensorfile_advise(self->file, self->tensor, first * rows->width, count * rows->width);
}

static atoms_status file_element(atoms_rows *rows, int64_t row, int64_t col, double *out)
{
    const file_rows *self = (file_rows *)rows;
    return atoms_tensorfile_read(self->file, self->tensor, row * rows->width + col, 1, ATOMS_F64, out);
}

static void file_destroy(atoms_rows *rows)
{
    file_rows *self = (file_rows *)rows;
    atoms_tensorfile_close(self->file);
    atomsi_free(rows->context, self->name);
    atomsi_free(rows->context, self);
}

static const rows_kind file_kind = {.read = file_read, .prefetch = file_prefetch, .element = file_element, .destroy = file_destroy};

/* Takes file and name over, if it succeeds. */
static atoms_status stream(atoms_context *context, atoms_tensorfile *file, const rows_tensor *tensor, char *name, atoms_rows **out)
{
    file_rows *self = atomsi_alloc(context, 1, sizeof *self);
    if (!self) return ATOMS_E_MEMORY;
    *self = (file_rows){.rows = {&file_kind, context, name, tensor->rows, tensor->cols},
                        .file = file,
                        .tensor = tensor->index,
                        .name = name};
    *out = &self->rows;
    return ATOMS_OK;
}

/* Column after column in the file, row after row in `out`; a column passes through `piece`. */
static atoms_status read_columns(atoms_tensorfile *file, const rows_tensor *t, char *piece, int64_t piece_rows, char *out)
{
    size_t size = (size_t)atoms_dtype_size(t->dtype), step = (size_t)t->cols * size;
    for (int64_t j = 0; j < t->cols; j++)
        for (int64_t i = 0, n; i < t->rows; i += n) {
            n = base_min_i64(piece_rows, t->rows - i);
            atoms_status status = atoms_tensorfile_read(file, t->index, j * t->rows_in_file + i, n, t->dtype, piece);
            if (status) return status;
            char *to = out + (size_t)i * step + (size_t)j * size;
            for (int64_t k = 0; k < n; k++, to += step) memcpy(to, piece + (size_t)k * size, size);
        }
    return ATOMS_OK;
}

static atoms_status fail_decoding(atoms_context *context, const rows_tensor *t, atoms_status status, const char *name, int64_t bytes)
{
    return atomsi_fail(context, status,
                       "%s: is %s, so it is read into memory whole, and %lld bytes are %s; saved uncompressed and row-major it needs none",
                       name, t->column_major ? "column-major" : "compressed", (long long)bytes,
                       status == ATOMS_E_LIMIT ? "more than is done for one file" : "not to be had");
}

/* Takes name over, if it succeeds. */
static atoms_status decode(atoms_context *context, atoms_tensorfile *file, const rows_tensor *t, char *name, atoms_rows **out)
{
    enum { PIECE_ROWS = 8192 };
    int64_t size = atoms_dtype_size(t->dtype), bytes = t->rows * t->cols * size, piece_rows = base_min_i64(t->rows, PIECE_ROWS);
    if (bytes > DECODED_MAX) return fail_decoding(context, t, ATOMS_E_LIMIT, name, bytes);
    char *data = atomsi_alloc(context, bytes, 1), *piece = atomsi_alloc(context, piece_rows, (size_t)size);
    atoms_status status = ATOMS_OK;
    if (!data || !piece) status = fail_decoding(context, t, ATOMS_E_MEMORY, name, bytes);
    else if (t->column_major) status = read_columns(file, t, piece, piece_rows, data);
    else status = atoms_tensorfile_read(file, t->index, 0, t->rows * t->cols, t->dtype, data);
    atoms_matrix matrix = atoms_matrix_view(data, t->rows, t->cols, t->dtype);
    if (!status) status = atomsi_rows_over_matrix(context, &matrix, data, name, out);
    if (status) atomsi_free(context, data);
    atomsi_free(context, piece);
    return status;
}

/* "acts.npy", or "acts.npz:layer15" where tensors have names. */
static char *origin_name(atoms_context *context, const char *path, const char *tensor)
{
    size_t length = strlen(path), more = *tensor ? strlen(tensor) + 1 : 0;
    char *name = atomsi_alloc(context, (int64_t)(length + more + 1), 1);
    if (!name) return NULL;
    memcpy(name, path, length + 1);
    if (more) {
        name[length] = ':';
        memcpy(name + length + 1, tensor, more);
    }
    return name;
}

static atoms_status open_tensor(atoms_context *context, const char *path, const atoms_rows_opts *opts, atoms_rows **out)
{
    atoms_tensorfile *file = NULL;
    char *name = NULL;
    rows_tensor tensor;
    atoms_status status = atoms_tensorfile_open(context, path, &file);
    if (!status) status = atomsi_rows_pick_tensor(context, file, path, opts->tensor, &tensor);
    if (status) goto done;
    if (opts->limit) tensor.rows = base_min_i64(tensor.rows, opts->limit);
    if (!(name = origin_name(context, path, tensor.name))) {
        status = ATOMS_E_MEMORY;
        goto done;
    }
    if (tensor.column_major || atomsi_tensorfile_compressed(file, tensor.index)) {
        status = decode(context, file, &tensor, name, out);
    } else {
        status = stream(context, file, &tensor, name, out);
        if (!status) file = NULL;
    }
    if (!status) name = NULL;
done:
    atomsi_free(context, name);
    atoms_tensorfile_close(file);
    return status;
}

static const atoms_rows_opts default_opts = {.struct_size = sizeof(atoms_rows_opts)};

atoms_status atoms_rows_opts_init(atoms_rows_opts *opts, size_t size)
{
    return atomsi_struct_init(opts, size, &default_opts, sizeof default_opts);
}

atoms_status atoms_rows_open(atoms_context *context, const char *path, const atoms_rows_opts *opts, atoms_rows **out)
{
    if (!out) return atomsi_fail(context, ATOMS_E_ARGUMENT, "out is NULL");
    *out = NULL;
    if (!context) return ATOMS_E_ARGUMENT;
    if (!path) return atomsi_fail(context, ATOMS_E_ARGUMENT, "path is NULL");
    atoms_rows_opts o;
    atoms_status status = atomsi_read_options(context, &o, sizeof o, &default_opts, opts, "atoms_rows_opts");
    if (status) return status;
    if (o.limit < 0) return atomsi_fail(context, ATOMS_E_ARGUMENT, "limit is %lld", (long long)o.limit);
    return open_tensor(context, path, &o, out);
}
