/* Writing: the order of the reference writer (types from last to first, then names), so that the bytes are the same as its own, and the
 * metadata in order of their keys, which it leaves to chance. Data follow the header in the same order, without holes. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "safetensors_header.h"

enum { ALIGNMENT = 8 };

static int compare_sources(const void *a, const void *b)
{
    const tensor_source *x = *(const tensor_source *const *)a, *y = *(const tensor_source *const *)b;
    const safetensors_type *tx = atomsi_safetensors_type_of(x->dtype), *ty = atomsi_safetensors_type_of(y->dtype);
    if (tx != ty) return tx > ty ? -1 : 1;
    return strcmp(x->name, y->name);
}

static json_t *shape_json(const tensor_source *s)
{
    json_t *shape = json_array();
    for (int32_t i = 0; i < s->rank; i++)
        if (json_array_append_new(shape, json_integer(s->shape[i]))) {
            json_decref(shape);
            return NULL;
        }
    return shape;
}

/* False where there is no memory; so are the two below. */
static bool add_entry(json_t *header, const tensor_source *s, int64_t begin)
{
    const safetensors_type *type = atomsi_safetensors_type_of(s->dtype);
    json_t *entry = json_pack("{s:s, s:o, s:[I, I]}", "dtype", type->text, "shape", shape_json(s), "data_offsets", (json_int_t)begin,
                              (json_int_t)(begin + s->bytes));
    return entry && json_object_set_new(header, s->name, entry) == 0;
}

static bool add_metadata(json_t *header, const tensor_metadata *first)
{
    if (!first) return true;
    json_t *metadata = json_object();
    bool good = metadata != NULL;
    for (const tensor_metadata *m = first; m && good; m = m->next) good = json_object_set_new(metadata, m->key, json_string(m->value)) == 0;
    if (!good) {
        json_decref(metadata);
        return false;
    }
    return json_object_set_new(header, "__metadata__", metadata) == 0;
}

/* NULL where there is no memory, or the offsets overflow. */
static json_t *header_json(const atoms_tensorwriter *writer, const tensor_source *const *order)
{
    json_t *header = json_object();
    int64_t begin = 0, end;
    bool good = header && add_metadata(header, writer->metadata);
    for (int64_t i = 0; i < writer->count && good; i++, begin = end)
        good = base_add_i64(begin, order[i]->bytes, &end) && add_entry(header, order[i], begin);
    if (good) return header;
    json_decref(header);
    return NULL;
}

static atoms_status write_header(atoms_tensorwriter *writer, const json_t *header, base_atomic_file *out)
{
    size_t length = json_dumpb(header, NULL, 0, JSON_COMPACT), padded;
    if (length == 0 || !base_align_size(length, ALIGNMENT, &padded)) return atomsi_fail(writer->context, ATOMS_E_MEMORY, "out of memory");
    if (padded > SAFETENSORS_HEADER_LIMIT)
        return atomsi_fail(writer->context, ATOMS_E_LIMIT, "%s: the header would have %zu bytes, more than 16777216", writer->path, padded);
    char *text = atomsi_alloc(writer->context, (int64_t)padded, 1);
    if (!text) return ATOMS_E_MEMORY;
    atoms_status status;
    uint64_t head = padded;
    if (json_dumpb(header, text, padded, JSON_COMPACT) != length) {
        status = atomsi_fail(writer->context, ATOMS_E_MEMORY, "out of memory");
    } else {
        memset(text + length, ' ', padded - length);
        status = atomsi_writer_put(writer, out, &head, sizeof head);
        if (!status) status = atomsi_writer_put(writer, out, text, padded);
    }
    atomsi_free(writer->context, text);
    return status;
}

atoms_status atomsi_safetensors_write(atoms_tensorwriter *writer, base_atomic_file *out)
{
    const tensor_source **order = atomsi_alloc(writer->context, writer->count, sizeof *order);
    if (!order) return ATOMS_E_MEMORY;
    int64_t n = 0;
    for (const tensor_source *s = writer->first; s; s = s->next) order[n++] = s;
    if (n) qsort(order, (size_t)n, sizeof *order, compare_sources);
    json_t *header = header_json(writer, order);
    atoms_status status = header ? write_header(writer, header, out) : atomsi_fail(writer->context, ATOMS_E_MEMORY, "out of memory");
    json_decref(header);
    for (int64_t i = 0; i < n && !status; i++) status = atomsi_feed_write(writer, order[i], out);
    atomsi_free(writer->context, order);
    return status;
}
