/* Collecting what is to be written, checked as it comes, and the commit around the formats' own writers. */
#include "tensor_writer.h"

#include <stdio.h>
#include <string.h>

#include "npy_header.h"
#include "npz_archive.h"
#include "safetensors_header.h"
#include "utf8.h"

enum { NAME_MAX_BYTES = 65000 }; /* a zip member's name, with its ".npy", has 16 bits of length */

atoms_status atoms_tensorwriter_create(atoms_context *context, const char *path, int32_t format, atoms_tensorwriter **out)
{
    if (!out) return atomsi_fail(context, ATOMS_E_ARGUMENT, "out is NULL");
    *out = NULL;
    if (!context) return ATOMS_E_ARGUMENT;
    if (!path) return atomsi_fail(context, ATOMS_E_ARGUMENT, "path is NULL");
    if (format < ATOMS_FILE_NPY || format > ATOMS_FILE_SAFETENSORS)
        return atomsi_fail(context, ATOMS_E_ARGUMENT, "format %d is none of ATOMS_FILE_NPY, _NPZ, _SAFETENSORS", (int)format);
    atoms_tensorwriter *writer = atomsi_alloc_zero(context, 1, sizeof *writer);
    if (!writer) return ATOMS_E_MEMORY;
    writer->context = context;
    writer->format = format;
    writer->last = &writer->first;
    writer->path = atomsi_copy_text(context, path);
    writer->staging = atomsi_alloc(context, TENSOR_STAGING, 1);
    if (!writer->path || !writer->staging) {
        atoms_tensorwriter_destroy(writer);
        return ATOMS_E_MEMORY;
    }
    *out = writer;
    return ATOMS_OK;
}

void atoms_tensorwriter_destroy(atoms_tensorwriter *writer)
{
    if (!writer) return;
    atoms_context *context = writer->context;
    atomsi_arena_free(context, &writer->arena);
    atomsi_free(context, writer->staging);
    atomsi_free(context, writer->path);
    atomsi_free(context, writer);
}

static atoms_status check_name(const atoms_tensorwriter *writer, const char *name)
{
    atoms_context *context = writer->context;
    if (writer->committed) return atomsi_fail(context, ATOMS_E_STATE, "%s: it was committed already", writer->path);
    if (!name) return atomsi_fail(context, ATOMS_E_ARGUMENT, "name is NULL");
    if (writer->format == ATOMS_FILE_NPY) {
        if (*name) return atomsi_fail(context, ATOMS_E_ARGUMENT, "name is \"%.64s\": the tensor of an npy has no name, so \"\" is asked for", name);
        if (writer->count) return atomsi_fail(context, ATOMS_E_ARGUMENT, "%s: an npy holds one tensor", writer->path);
        return ATOMS_OK;
    }
    if (!*name || strlen(name) > NAME_MAX_BYTES || !atomsi_utf8_valid(name) || strcmp(name, "__metadata__") == 0)
        return atomsi_fail(context, ATOMS_E_ARGUMENT, "name \"%.64s\" cannot be given to a tensor", name);
    if (writer->format == ATOMS_FILE_NPZ && writer->count == NPZ_ENTRIES_MAX)
        return atomsi_fail(context, ATOMS_E_LIMIT, "%s: an npz holds at most %d tensors", writer->path, NPZ_ENTRIES_MAX);
    for (const tensor_source *s = writer->first; s; s = s->next)
        if (strcmp(s->name, name) == 0) return atomsi_fail(context, ATOMS_E_ARGUMENT, "name \"%.64s\" was given to two tensors", name);
    return ATOMS_OK;
}

/* Fills *s, which still belongs to nobody, with all but name and data. */
static atoms_status describe(const atoms_tensorwriter *writer, const char *name, int32_t dtype, int32_t rank, const int64_t *shape,
                             tensor_source *s)
{
    atoms_context *context = writer->context;
    *s = (tensor_source){.dtype = dtype, .rank = rank, .item = atoms_dtype_size(dtype), .elements = 1};
    s->descr = atomsi_npy_descr_text(dtype);
    if (s->item == 0) return atomsi_fail(context, ATOMS_E_DTYPE, "tensor \"%.64s\": dtype %d is none", name, (int)dtype);
    if (writer->format != ATOMS_FILE_SAFETENSORS && !s->descr)
        return atomsi_fail(context, ATOMS_E_DTYPE, "tensor \"%.64s\": npy and npz have no %s", name, atoms_dtype_name(dtype));
    if (rank < 0 || rank > ATOMS_TENSOR_RANK_MAX || (rank && !shape))
        return atomsi_fail(context, ATOMS_E_ARGUMENT, "tensor \"%.64s\": rank %d is not in 0 ... 8, or shape is NULL", name, (int)rank);
    int empty = 0;
    for (int32_t i = 0; i < rank; i++) {
        s->shape[i] = shape[i];
        if (shape[i] < 0)
            return atomsi_fail(context, ATOMS_E_SHAPE, "tensor \"%.64s\": dimension %d is %lld", name, (int)i, (long long)shape[i]);
        empty |= shape[i] == 0;
        if (shape[i] && !base_mul_i64(s->elements, shape[i], &s->elements))
            return atomsi_fail(context, ATOMS_E_OVERFLOW, "tensor \"%.64s\": the product of the shape is too large", name);
    }
    if (!base_mul_i64(s->elements, s->item, &s->bytes))
        return atomsi_fail(context, ATOMS_E_OVERFLOW, "tensor \"%.64s\": the product of the shape is too large", name);
    if (empty) s->elements = s->bytes = 0;
    return ATOMS_OK;
}

static atoms_status append(atoms_tensorwriter *writer, const char *name, const tensor_source *described)
{
    tensor_source *s = atomsi_arena_alloc(writer->context, &writer->arena, sizeof *s);
    char *copy = atomsi_arena_text(writer->context, &writer->arena, name, strlen(name));
    if (!s || !copy) return ATOMS_E_MEMORY;
    *s = *described;
    s->name = copy;
    *writer->last = s;
    writer->last = &s->next;
    writer->count++;
    return ATOMS_OK;
}

atoms_status atoms_tensorwriter_add(atoms_tensorwriter *writer, const char *name, int32_t dtype, int32_t rank, const int64_t *shape,
                                    const void *data)
{
    if (!writer) return ATOMS_E_ARGUMENT;
    tensor_source s;
    atoms_status status = check_name(writer, name);
    if (!status) status = describe(writer, name, dtype, rank, shape, &s);
    if (status) return status;
    if (!data && s.bytes) return atomsi_fail(writer->context, ATOMS_E_ARGUMENT, "tensor \"%.64s\": data is NULL", name);
    s.data = data;
    return append(writer, name, &s);
}

atoms_status atoms_tensorwriter_add_stream(atoms_tensorwriter *writer, const char *name, int32_t dtype, int32_t rank, const int64_t *shape,
                                           atoms_tensor_fn read, void *user)
{
    if (!writer) return ATOMS_E_ARGUMENT;
    tensor_source s;
    atoms_status status = check_name(writer, name);
    if (!status) status = describe(writer, name, dtype, rank, shape, &s);
    if (status) return status;
    if (!read) return atomsi_fail(writer->context, ATOMS_E_ARGUMENT, "tensor \"%.64s\": read is NULL", name);
    s.read = read;
    s.user = user;
    return append(writer, name, &s);
}

atoms_status atomsi_tensorwriter_add_text(atoms_tensorwriter *writer, const char *name, const char *text)
{
    if (!writer) return ATOMS_E_ARGUMENT;
    atoms_status status = check_name(writer, name);
    if (status) return status;
    if (writer->format == ATOMS_FILE_SAFETENSORS)
        return atomsi_fail(writer->context, ATOMS_E_UNSUPPORTED, "tensor \"%.64s\": safetensors has no text; use metadata", name);
    if (!text || !*text) return atomsi_fail(writer->context, ATOMS_E_ARGUMENT, "text is %s", text ? "empty" : "NULL");
    char descr[NPY_DESCR_MAX];
    snprintf(descr, sizeof descr, "|S%zu", strlen(text));
    tensor_source s = {.item = (int64_t)strlen(text), .elements = 1, .bytes = (int64_t)strlen(text)};
    s.descr = atomsi_arena_text(writer->context, &writer->arena, descr, strlen(descr));
    s.data = atomsi_arena_text(writer->context, &writer->arena, text, strlen(text));
    return s.descr && s.data ? append(writer, name, &s) : ATOMS_E_MEMORY;
}

atoms_status atoms_tensorwriter_metadata(atoms_tensorwriter *writer, const char *key, const char *value)
{
    if (!writer) return ATOMS_E_ARGUMENT;
    atoms_context *context = writer->context;
    if (writer->committed) return atomsi_fail(context, ATOMS_E_STATE, "%s: it was committed already", writer->path);
    if (writer->format != ATOMS_FILE_SAFETENSORS)
        return atomsi_fail(context, ATOMS_E_UNSUPPORTED, "%s: only safetensors has metadata", writer->path);
    if (!key || !value) return atomsi_fail(context, ATOMS_E_ARGUMENT, "%s is NULL", key ? "value" : "key");
    if (!atomsi_utf8_valid(key) || !atomsi_utf8_valid(value))
        return atomsi_fail(context, ATOMS_E_ARGUMENT, "metadata \"%.64s\" is no UTF-8", key);
    tensor_metadata **at = &writer->metadata; /* kept in order of the keys, so that the same file always has the same bytes */
    while (*at && strcmp((*at)->key, key) < 0) at = &(*at)->next;
    if (*at && strcmp((*at)->key, key) == 0) return atomsi_fail(context, ATOMS_E_ARGUMENT, "metadata \"%.64s\" was given twice", key);
    tensor_metadata *m = atomsi_arena_alloc(context, &writer->arena, sizeof *m);
    char *key_copy = atomsi_arena_text(context, &writer->arena, key, strlen(key));
    char *value_copy = atomsi_arena_text(context, &writer->arena, value, strlen(value));
    if (!m || !key_copy || !value_copy) return ATOMS_E_MEMORY;
    *m = (tensor_metadata){.next = *at, .key = key_copy, .value = value_copy};
    *at = m;
    return ATOMS_OK;
}

static atoms_status write_npy(atoms_tensorwriter *writer, base_atomic_file *out)
{
    char header[NPY_HEADER_ROOM];
    const tensor_source *s = writer->first;
    atoms_status status = atomsi_writer_put(writer, out, header, atomsi_npy_format_header(header, s->descr, s->rank, s->shape));
    return status ? status : atomsi_feed_write(writer, s, out);
}

atoms_status atoms_tensorwriter_commit(atoms_tensorwriter *writer)
{
    if (!writer) return ATOMS_E_ARGUMENT;
    atoms_context *context = writer->context;
    if (writer->committed) return atomsi_fail(context, ATOMS_E_STATE, "%s: it was committed already", writer->path);
    if (!writer->count && writer->format != ATOMS_FILE_SAFETENSORS)
        return atomsi_fail(context, ATOMS_E_STATE, "%s: there is no tensor to write", writer->path);
    writer->committed = 1;
    base_atomic_file out;
    int error = base_atomic_open(&out, &context->io, &context->memory, writer->path);
    if (error) return atomsi_fail_file(context, error, writer->path);
    atoms_status status = writer->format == ATOMS_FILE_NPY   ? write_npy(writer, &out)
                          : writer->format == ATOMS_FILE_NPZ ? atomsi_npz_write(writer, &out)
                                                             : atomsi_safetensors_write(writer, &out);
    if (!status) {
        error = base_atomic_commit(&out);
        if (error) status = atomsi_fail_file(context, error, writer->path);
    }
    base_atomic_abandon(&out);
    return status;
}
