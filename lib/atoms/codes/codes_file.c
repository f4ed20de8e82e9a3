/* Codes as scipy.sparse.save_npz writes them: an npz of indices, indptr, format ("csr"), shape and data. Read in the types that
 * scipy may choose (indices and indptr of 32 or 64 bits, data of any number type), written in those it chooses for f32 data. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "../tensorfile/tensorfile_internal.h"
#include "codes_handle.h"

/* Elements that pass through the stack at a time. */
enum { BLOCK = 512 };

atoms_status atoms_codes_save(const atoms_codes *codes, const char *path)
{
    if (!codes) return ATOMS_E_ARGUMENT;
    if (!path) return atomsi_fail(codes->context, ATOMS_E_ARGUMENT, "path is NULL");
    const atoms_codes_view *v = &codes->view;
    const int64_t shape[2] = {v->rows, v->width}, two = 2, offsets = v->rows + 1;
    atoms_tensorwriter *writer;
    atoms_status status = atoms_tensorwriter_create(codes->context, path, ATOMS_FILE_NPZ, &writer);
    if (!status) status = atoms_tensorwriter_add(writer, "indices", ATOMS_I32, 1, &v->nnz, v->index);
    if (!status) status = atoms_tensorwriter_add(writer, "indptr", ATOMS_I64, 1, &offsets, v->offset);
    if (!status) status = atomsi_tensorwriter_add_text(writer, "format", "csr");
    if (!status) status = atoms_tensorwriter_add(writer, "shape", ATOMS_I64, 1, &two, shape);
    if (!status) status = atoms_tensorwriter_add(writer, "data", ATOMS_F32, 1, &v->nnz, v->value);
    if (!status) status = atoms_tensorwriter_commit(writer);
    atoms_tensorwriter_destroy(writer);
    return status;
}

/* A file being loaded. */
typedef struct codes_source {
    atoms_context *context;
    const char *path;
    atoms_tensorfile *file;
} codes_source;

/* The one-dimensional tensor called `name`. */
static atoms_status find_vector(const codes_source *s, const char *name, int64_t *index, atoms_tensor_info *info)
{
    atoms_status status = atoms_tensorfile_find(s->file, name, index);
    if (!status) status = atoms_tensor_info_init(info, sizeof *info);
    if (!status) status = atoms_tensorfile_info(s->file, *index, info);
    if (!status && info->rank != 1)
        return atomsi_fail(s->context, ATOMS_E_FORMAT, "%s: %s has %d dimensions, not one", s->path, name, (int)info->rank);
    return status;
}

/* scipy writes the text as |S3 or <U3: three letters, with or without zero bytes among them. */
static atoms_status check_format(const codes_source *s)
{
    int64_t index;
    char raw[64], text[65];
    size_t bytes = 0, length = 0;
    atoms_status status = atoms_tensorfile_find(s->file, "format", &index);
    if (!status) status = atomsi_tensorfile_read_raw(s->file, index, raw, sizeof raw, &bytes);
    if (status == ATOMS_E_CAPACITY) return atomsi_fail(s->context, ATOMS_E_FORMAT, "%s: format is not \"csr\" but something long", s->path);
    if (status) return status;
    for (size_t i = 0; i < bytes; i++)
        if (raw[i]) text[length++] = raw[i];
    text[length] = '\0';
    if (strcmp(text, "csr") == 0) return ATOMS_OK;
    return atomsi_fail(s->context, ATOMS_E_FORMAT, "%s: format is \"%s\", not \"csr\"", s->path, text);
}

static atoms_status read_shape(const codes_source *s, int64_t *rows, int64_t *width)
{
    int64_t index, shape[2];
    atoms_tensor_info info;
    atoms_status status = find_vector(s, "shape", &index, &info);
    if (status) return status;
    if (info.elements != 2)
        return atomsi_fail(s->context, ATOMS_E_FORMAT, "%s: shape has %lld elements, not two", s->path, (long long)info.elements);
    if ((status = atoms_tensorfile_read(s->file, index, 0, 2, ATOMS_I64, shape))) return status;
    if (shape[0] < 0 || shape[1] < 1 || shape[1] > INT32_MAX)
        return atomsi_fail(s->context, ATOMS_E_FORMAT, "%s: shape is (%lld, %lld)", s->path, (long long)shape[0], (long long)shape[1]);
    *rows = shape[0];
    *width = shape[1];
    return ATOMS_OK;
}

/* The offsets, and from the last of them the number of entries. */
static atoms_status read_offsets(const codes_source *s, atoms_codes *codes, int64_t rows)
{
    int64_t index;
    atoms_tensor_info info;
    atoms_status status = find_vector(s, "indptr", &index, &info);
    if (status) return status;
    if (info.elements - 1 != rows)
        return atomsi_fail(s->context, ATOMS_E_FORMAT, "%s: indptr has %lld elements, where shape says %lld rows", s->path,
                           (long long)info.elements, (long long)rows);
    if ((status = atomsi_codes_reserve(codes, rows, 0))) return status;
    if ((status = atoms_tensorfile_read(s->file, index, 0, rows + 1, ATOMS_I64, codes->offset))) return status;
    codes->view.rows = rows;
    codes->view.nnz = codes->offset[rows];
    return ATOMS_OK;
}

/* Indices and data may be longer than what the offsets use, as scipy allows, but not shorter. */
static atoms_status find_entries(const codes_source *s, const char *name, int64_t nnz, int64_t *index, atoms_tensor_info *info)
{
    atoms_status status = find_vector(s, name, index, info);
    if (!status && (nnz < 0 || info->elements < nnz))
        return atomsi_fail(s->context, ATOMS_E_FORMAT, "%s: %s has %lld elements, where indptr ends at %lld", s->path, name,
                           (long long)info->elements, (long long)nnz);
    return status;
}

static atoms_status read_indices(const codes_source *s, int64_t index, int64_t nnz, int32_t *out)
{
    int64_t wide[BLOCK];
    for (int64_t i = 0, n; i < nnz; i += n) {
        n = base_min_i64(BLOCK, nnz - i);
        atoms_status status = atoms_tensorfile_read(s->file, index, i, n, ATOMS_I64, wide);
        if (status) return status;
        for (int64_t k = 0; k < n; k++) {
            if (wide[k] < 0 || wide[k] > INT32_MAX)
                return atomsi_fail(s->context, ATOMS_E_FORMAT, "%s: element %lld of indices is %lld", s->path, (long long)(i + k),
                                   (long long)wide[k]);
            out[i + k] = (int32_t)wide[k];
        }
    }
    return ATOMS_OK;
}

/* Any number type by way of f64, so that what f32 cannot hold is told from an infinity. */
static atoms_status read_values(const codes_source *s, int64_t index, int64_t nnz, float *out)
{
    double wide[BLOCK];
    for (int64_t i = 0, n; i < nnz; i += n) {
        n = base_min_i64(BLOCK, nnz - i);
        atoms_status status = atoms_tensorfile_read(s->file, index, i, n, ATOMS_F64, wide);
        if (status) return status;
        for (int64_t k = 0; k < n; k++) {
            if (isfinite(wide[k]) && fabs(wide[k]) > FLT_MAX)
                return atomsi_fail(s->context, ATOMS_E_FORMAT, "%s: element %lld of data is beyond the range of f32", s->path,
                                   (long long)(i + k));
            out[i + k] = (float)wide[k];
        }
    }
    return ATOMS_OK;
}

static atoms_status read_entries(const codes_source *s, atoms_codes *codes)
{
    int64_t indices, data, nnz = codes->view.nnz;
    atoms_tensor_info info;
    atoms_status status = find_entries(s, "indices", nnz, &indices, &info);
    if (!status) status = find_entries(s, "data", nnz, &data, &info);
    if (!status) status = atomsi_codes_reserve(codes, codes->view.rows, nnz);
    if (!status) status = read_indices(s, indices, nnz, codes->index);
    if (!status) status = read_values(s, data, nnz, codes->value);
    if (status) return status;
    return atomsi_codes_check(s->context, &codes->view, s->path) ? ATOMS_E_FORMAT : ATOMS_OK;
}

atoms_status atoms_codes_load(atoms_context *context, const char *path, atoms_codes **out)
{
    if (!out) return atomsi_fail(context, ATOMS_E_ARGUMENT, "out is NULL");
    *out = NULL;
    if (!context) return ATOMS_E_ARGUMENT;
    if (!path) return atomsi_fail(context, ATOMS_E_ARGUMENT, "path is NULL");
    codes_source s = {context, path, NULL};
    atoms_codes *codes = NULL;
    int64_t rows = 0, width = 0;
    atoms_status status = atoms_tensorfile_open(context, path, &s.file);
    if (!status) status = check_format(&s);
    if (!status) status = read_shape(&s, &rows, &width);
    if (!status) status = atoms_codes_create(context, width, &codes);
    if (!status) status = read_offsets(&s, codes, rows);
    if (!status) status = read_entries(&s, codes);
    atoms_tensorfile_close(s.file);
    if (status) atoms_codes_destroy(codes);
    else *out = codes;
    return status;
}
