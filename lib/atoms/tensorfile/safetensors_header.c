/* Reading a safetensors header. Every member is checked on its own as the walk meets it; when all are known, their ranges are put in
 * order and must fill the data exactly: no hole, no overlap, the last one ends where the file ends. */
#include "safetensors_header.h"

#include <stdlib.h>
#include <string.h>

#include "json_walk.h"

enum { LENGTH_BYTES = 8, ENTRY_BYTES_MAX = 4096, ENTRY_DEPTH_MAX = 3 };

static atoms_status wrong(const atoms_tensorfile *file, const char *tensor, const char *words)
{
    return atomsi_tensor_fail(file, tensor, ATOMS_E_FORMAT, words);
}

/* The integers of a JSON array, all ≥ 0, at most `max` of them; their number, or −1. */
static int32_t integers(const json_t *array, int64_t *out, size_t max)
{
    if (!json_is_array(array) || json_array_size(array) > max) return -1;
    size_t n = json_array_size(array);
    for (size_t i = 0; i < n; i++) {
        const json_t *item = json_array_get(array, i);
        if (!json_is_integer(item) || json_integer_value(item) < 0) return -1;
        out[i] = json_integer_value(item);
    }
    return (int32_t)n;
}

static atoms_status read_entry(atoms_tensorfile *file, const char *name, const json_t *entry)
{
    const json_t *dtype = json_object_get(entry, "dtype"), *shape = json_object_get(entry, "shape");
    const json_t *offsets = json_object_get(entry, "data_offsets");
    if (json_object_size(entry) != 3 || !json_is_string(dtype) || !json_is_array(shape) || !json_is_array(offsets))
        return wrong(file, name, "the entry is not a dtype, a shape and data_offsets");
    const safetensors_type *type = atomsi_safetensors_type(json_string_value(dtype));
    if (!type)
        return atomsi_fail(file->context, ATOMS_E_UNSUPPORTED, "%s: tensor \"%s\": the dtype \"%.32s\" is not known", file->path, name,
                           json_string_value(dtype));
    tensor_record *tensor = atomsi_tensor_append(file, name, strlen(name));
    if (!tensor) return ATOMS_E_MEMORY;
    tensor->dtype = type->dtype;
    tensor->dtype_text = type->text;
    if (json_array_size(shape) > ATOMS_TENSOR_RANK_MAX)
        return atomsi_tensor_fail(file, name, ATOMS_E_LIMIT, "the tensor has more than 8 dimensions");
    tensor->rank = integers(shape, tensor->shape, ATOMS_TENSOR_RANK_MAX);
    if (tensor->rank < 0) return wrong(file, name, "a dimension is no integer ≥ 0");
    int64_t range[2];
    if (integers(offsets, range, 2) != 2 || range[0] > range[1]) return wrong(file, name, "data_offsets are no two integers in order");
    atoms_status status = atomsi_tensor_extent(file, tensor, type->bits);
    if (status) return status;
    if (tensor->bytes != range[1] - range[0]) return wrong(file, name, "shape and dtype do not give as many bytes as data_offsets");
    tensor->begin = range[0];
    return ATOMS_OK;
}

static atoms_status read_metadata_member(atoms_tensorfile *file, json_walk *walk, const char *key)
{
    json_t *value = atomsi_json_value(walk, 0, SIZE_MAX);
    if (!value) return wrong(file, "__metadata__", walk->words);
    atoms_status status = ATOMS_OK;
    if (!json_is_string(value)) status = wrong(file, "__metadata__", "a value is no string");
    if (!status) {
        tensor_metadata *m = atomsi_arena_alloc(file->context, &file->arena, sizeof *m);
        if (m) m->key = atomsi_arena_text(file->context, &file->arena, key, strlen(key));
        if (m) m->value = atomsi_arena_text(file->context, &file->arena, json_string_value(value), json_string_length(value));
        if (m && m->key && m->value) {
            m->next = file->first_metadata;
            file->first_metadata = m;
            file->metadata_count++;
        } else {
            status = ATOMS_E_MEMORY;
        }
    }
    json_decref(value);
    return status;
}

typedef atoms_status (*member_fn)(atoms_tensorfile *file, json_walk *walk, const char *key);

/* Calls `member` on each member of the object at walk->at. */
static atoms_status for_each_member(atoms_tensorfile *file, json_walk *walk, member_fn member)
{
    if (!atomsi_json_enter(walk)) return wrong(file, NULL, walk->words);
    json_t *key;
    for (bool first = true; (key = atomsi_json_key(walk, first)); first = false) {
        atoms_status status = member(file, walk, json_string_value(key));
        json_decref(key);
        if (status) return status;
    }
    return walk->words ? wrong(file, NULL, walk->words) : ATOMS_OK;
}

static atoms_status read_member(atoms_tensorfile *file, json_walk *walk, const char *key)
{
    if (strcmp(key, "__metadata__") == 0) {
        if (file->has_metadata) return wrong(file, key, "it occurs twice");
        file->has_metadata = 1;
        return for_each_member(file, walk, read_metadata_member);
    }
    json_t *entry = atomsi_json_value(walk, ENTRY_DEPTH_MAX, ENTRY_BYTES_MAX);
    if (!entry) return wrong(file, key, walk->words);
    atoms_status status = read_entry(file, key, entry);
    json_decref(entry);
    return status;
}

static int compare_ranges(const void *a, const void *b)
{
    const tensor_record *x = *(tensor_record *const *)a, *y = *(tensor_record *const *)b;
    if (x->begin != y->begin) return x->begin < y->begin ? -1 : 1;
    if (x->bytes != y->bytes) return x->bytes < y->bytes ? -1 : 1;
    return x->number < y->number ? -1 : x->number > y->number;
}

/* The ranges in order must follow each other from 0 to `data` bytes; then `begin` becomes a position in the file. */
static atoms_status check_ranges(atoms_tensorfile *file, int64_t data_begin)
{
    tensor_record **order = atomsi_alloc(file->context, file->count, sizeof *order);
    if (!order) return ATOMS_E_MEMORY;
    int64_t n = 0, at = 0, data = file->size - data_begin;
    for (tensor_record *t = file->first; t; t = t->next) order[n++] = t;
    if (n) qsort(order, (size_t)n, sizeof *order, compare_ranges);
    atoms_status status = ATOMS_OK;
    for (int64_t i = 0; i < n && !status; i++) {
        tensor_record *t = order[i];
        if (t->begin != at) status = wrong(file, t->name, t->begin < at ? "its data overlap another tensor's" : "there is a hole before its data");
        else if (t->bytes > data - at) status = wrong(file, t->name, "the data are cut short");
        t->begin = data_begin + at;
        at += t->bytes;
    }
    if (!status && at != data) status = wrong(file, NULL, "bytes follow the last tensor's data");
    atomsi_free(file->context, order);
    return status;
}

static int compare_keys(const void *a, const void *b)
{
    return strcmp((*(tensor_metadata *const *)a)->key, (*(tensor_metadata *const *)b)->key);
}

static atoms_status index_metadata(atoms_tensorfile *file)
{
    if (!(file->metadata = atomsi_alloc(file->context, file->metadata_count, sizeof *file->metadata))) return ATOMS_E_MEMORY;
    int64_t n = 0;
    for (tensor_metadata *m = file->first_metadata; m; m = m->next) file->metadata[n++] = m;
    if (n) qsort(file->metadata, (size_t)n, sizeof *file->metadata, compare_keys);
    for (int64_t i = 1; i < n; i++)
        if (compare_keys(&file->metadata[i - 1], &file->metadata[i]) == 0) return wrong(file, "__metadata__", "a key occurs twice");
    return ATOMS_OK;
}

static atoms_status parse_header(atoms_tensorfile *file, const char *header, int64_t length)
{
    json_walk walk = {.at = header, .end = header + length};
    atoms_status status = for_each_member(file, &walk, read_member);
    if (status) return status;
    for (; walk.at < walk.end; walk.at++)
        if (*walk.at != ' ') return wrong(file, NULL, "something other than spaces follows the header's JSON");
    status = index_metadata(file);
    return status ? status : check_ranges(file, LENGTH_BYTES + length);
}

atoms_status atomsi_safetensors_open(atoms_tensorfile *file)
{
    uint64_t length;
    int error = base_io_read_full(&file->context->io, file->file, &length, sizeof length, 0);
    if (error) return atomsi_fail_file(file->context, error, file->path);
    if (length > (uint64_t)(file->size - LENGTH_BYTES)) return wrong(file, NULL, "the header is longer than the file");
    if (length > SAFETENSORS_HEADER_LIMIT)
        return atomsi_tensor_fail(file, NULL, ATOMS_E_LIMIT, "the header has more than 16777216 bytes");
    char *header = atomsi_alloc(file->context, (int64_t)length, 1);
    if (!header) return ATOMS_E_MEMORY;
    atoms_status status = ATOMS_OK;
    error = base_io_read_full(&file->context->io, file->file, header, length, LENGTH_BYTES);
    if (error) status = atomsi_fail_file(file->context, error, file->path);
    else status = parse_header(file, header, (int64_t)length);
    atomsi_free(file->context, header);
    return status;
}
