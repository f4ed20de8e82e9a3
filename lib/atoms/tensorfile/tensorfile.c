/* What is asked of an open file. Reading goes straight into the caller's memory where the dtype is the file's, else through a staging
 * block that stays in the cache. */
#include <stdlib.h>
#include <string.h>

#include "npz_archive.h"
#include "tensor_convert.h"

static const atoms_tensor_info empty_info = {.struct_size = sizeof(atoms_tensor_info)};

int32_t atoms_tensorfile_format(const atoms_tensorfile *file)
{
    return file ? file->format : 0;
}

int64_t atoms_tensorfile_count(const atoms_tensorfile *file)
{
    return file ? file->count : 0;
}

atoms_status atoms_tensor_info_init(atoms_tensor_info *info, size_t size)
{
    return atomsi_struct_init(info, size, &empty_info, sizeof empty_info);
}

static atoms_status check_index(const atoms_tensorfile *file, int64_t index)
{
    if (index >= 0 && index < file->count) return ATOMS_OK;
    return atomsi_fail(file->context, ATOMS_E_ARGUMENT, "%s: there is no tensor number %lld; it has %lld", file->path, (long long)index,
                       (long long)file->count);
}

atoms_status atoms_tensorfile_info(const atoms_tensorfile *file, int64_t index, atoms_tensor_info *info)
{
    if (!file) return ATOMS_E_ARGUMENT;
    atoms_status status = check_index(file, index);
    if (status) return status;
    const tensor_record *t = file->tensors[index];
    atoms_tensor_info known = empty_info;
    known.dtype = t->dtype;
    known.rank = t->rank;
    known.column_major = t->column_major;
    memcpy(known.shape, t->shape, sizeof known.shape);
    known.elements = t->elements;
    known.name = t->name;
    known.dtype_text = t->dtype_text;
    return atomsi_write_report(file->context, info, &known, sizeof known, "atoms_tensor_info");
}

static atoms_status fail_not_found(const atoms_tensorfile *file, const char *name)
{
    enum { ROOM = 700 };
    char there[ROOM];
    size_t n = 0;
    there[0] = '\0';
    for (int64_t i = 0; i < file->count; i++) {
        const char *next = file->by_name[i]->name;
        size_t length = strlen(next);
        if (n + length + 8 > ROOM) {
            memcpy(there + n, ", ...", 6);
            break;
        }
        if (n) memcpy(there + n, ", ", 2), n += 2;
        memcpy(there + n, next, length + 1);
        n += length;
    }
    return atomsi_fail(file->context, ATOMS_E_NOT_FOUND, "%s: no tensor is called \"%.64s\"; there are %lld: %s", file->path, name,
                       (long long)file->count, there);
}

atoms_status atoms_tensorfile_find(const atoms_tensorfile *file, const char *name, int64_t *index)
{
    if (!file) return ATOMS_E_ARGUMENT;
    if (!name || !index) return atomsi_fail(file->context, ATOMS_E_ARGUMENT, "%s is NULL", name ? "index" : "name");
    int64_t low = 0, high = file->count;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (strcmp(file->by_name[middle]->name, name) < 0) low = middle + 1;
        else high = middle;
    }
    if (low == file->count || strcmp(file->by_name[low]->name, name) != 0) return fail_not_found(file, name);
    *index = file->by_name[low]->number;
    return ATOMS_OK;
}

const char *atoms_tensorfile_metadata(const atoms_tensorfile *file, const char *key)
{
    if (!file || !key) return NULL;
    int64_t low = 0, high = file->metadata_count;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (strcmp(file->metadata[middle]->key, key) < 0) low = middle + 1;
        else high = middle;
    }
    return low < file->metadata_count && strcmp(file->metadata[low]->key, key) == 0 ? file->metadata[low]->value : NULL;
}

atoms_status atomsi_tensor_bytes(atoms_tensorfile *file, tensor_record *tensor, int64_t offset, int64_t bytes, void *out)
{
    if (bytes == 0) return ATOMS_OK;
    if (tensor->member) return atomsi_npz_read(file, tensor, tensor->begin + offset, bytes, out);
    int error = base_io_read_full(&file->context->io, file->file, out, (size_t)bytes, tensor->begin + offset);
    return error ? atomsi_fail_file(file->context, error, file->path) : ATOMS_OK;
}

void atomsi_tensorfile_advise(const atoms_tensorfile *file, int64_t index, int64_t first, int64_t count)
{
    const tensor_record *t = file->tensors[index];
    const base_io *io = &file->context->io;
    int64_t item = atoms_dtype_size(t->dtype), begin = t->begin + (t->member ? atomsi_npz_content_begin(t) : 0);
    (void)io->advise(io->user, file->file, begin + first * item, count * item);
}

static atoms_status read_converted(atoms_tensorfile *file, tensor_record *t, int64_t first, int64_t count, int32_t dtype, unsigned char *out)
{
    int64_t item = atoms_dtype_size(t->dtype), block = TENSOR_STAGING / item;
    for (int64_t done = 0; done < count; done += block) {
        int64_t n = base_min_i64(block, count - done);
        atoms_status status = atomsi_tensor_bytes(file, t, (first + done) * item, n * item, file->staging);
        if (status) return status;
        if (t->swap) atomsi_tensor_swap(file->staging, n, item);
        int64_t bad = atomsi_tensor_convert(t->dtype, file->staging, n, dtype, out + done * atoms_dtype_size(dtype));
        if (bad >= 0)
            return atomsi_fail(file->context, ATOMS_E_OVERFLOW, "%s: tensor \"%s\": element %lld is beyond i64", file->path, t->name,
                               (long long)(first + done + bad));
    }
    return ATOMS_OK;
}

atoms_status atoms_tensorfile_read(atoms_tensorfile *file, int64_t index, int64_t first, int64_t count, int32_t dtype, void *out)
{
    if (!file) return ATOMS_E_ARGUMENT;
    atoms_status status = check_index(file, index);
    if (status) return status;
    tensor_record *t = file->tensors[index];
    if (first < 0 || count < 0 || first > t->elements || count > t->elements - first)
        return atomsi_fail(file->context, ATOMS_E_ARGUMENT, "%s: tensor \"%s\" has %lld elements; %lld from number %lld on were asked for",
                           file->path, t->name, (long long)t->elements, (long long)count, (long long)first);
    if (!atomsi_tensor_converts(t->dtype, dtype))
        return atomsi_fail(file->context, ATOMS_E_DTYPE, "%s: tensor \"%s\" is %s, which is not read as %s", file->path, t->name, t->dtype_text,
                           atoms_dtype_name(dtype));
    if (!out && count) return atomsi_fail(file->context, ATOMS_E_ARGUMENT, "out is NULL");
    if (t->dtype != dtype) return read_converted(file, t, first, count, dtype, out);
    int64_t item = atoms_dtype_size(dtype);
    status = atomsi_tensor_bytes(file, t, first * item, count * item, out);
    if (!status && t->swap) atomsi_tensor_swap(out, count, item);
    return status;
}

atoms_status atomsi_tensorfile_read_raw(atoms_tensorfile *file, int64_t index, void *out, size_t capacity, size_t *bytes)
{
    if (!file) return ATOMS_E_ARGUMENT;
    atoms_status status = check_index(file, index);
    if (status) return status;
    tensor_record *t = file->tensors[index];
    if ((uint64_t)t->bytes > capacity)
        return atomsi_fail(file->context, ATOMS_E_CAPACITY, "%s: tensor \"%s\" has %lld bytes, more than the %zu there is room for", file->path,
                           t->name, (long long)t->bytes, capacity);
    status = atomsi_tensor_bytes(file, t, 0, t->bytes, out);
    if (!status) *bytes = (size_t)t->bytes;
    return status;
}
