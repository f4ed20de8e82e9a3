/* Reading an npy header with a parser for just the Python literal that NumPy writes: a dict of three keys in any order, strings
 * without escapes, True and False, and a tuple of integers (Python 2 wrote them with an L). Nothing is ever evaluated. */
#include "npy_header.h"

#include <string.h>

enum { MAGIC = 6, PREAMBLE = 8, KEY_DESCR = 1, KEY_ORDER = 2, KEY_SHAPE = 4 };

typedef struct npy_parser {
    const char *at, *end;
    const char *words; /* what is wrong */
} npy_parser;

static atoms_status wrong(npy_parser *p, atoms_status status, const char *words)
{
    p->words = words;
    return status;
}

static void skip_space(npy_parser *p)
{
    while (p->at < p->end && (*p->at == ' ' || *p->at == '\n' || *p->at == '\t' || *p->at == '\r')) p->at++;
}

/* Skips space, then takes `c` if it is next. */
static bool take(npy_parser *p, char c)
{
    skip_space(p);
    if (p->at == p->end || *p->at != c) return false;
    p->at++;
    return true;
}

static bool take_word(npy_parser *p, const char *word)
{
    size_t n = strlen(word);
    if ((size_t)(p->end - p->at) < n || memcmp(p->at, word, n) != 0) return false;
    p->at += n;
    return true;
}

/* A quoted string into out[NPY_DESCR_MAX]. */
static atoms_status parse_string(npy_parser *p, char *out)
{
    skip_space(p);
    char quote = p->at < p->end ? *p->at : '\0';
    if (quote != '\'' && quote != '"') return wrong(p, ATOMS_E_FORMAT, "a string is missing in the header");
    const char *from = ++p->at;
    while (p->at < p->end && *p->at != quote) {
        if (*p->at == '\\' || (unsigned char)*p->at < ' ') return wrong(p, ATOMS_E_FORMAT, "a string in the header has an escape");
        p->at++;
    }
    if (p->at == p->end) return wrong(p, ATOMS_E_FORMAT, "a string in the header does not end");
    size_t n = (size_t)(p->at++ - from);
    if (n >= NPY_DESCR_MAX) return wrong(p, ATOMS_E_FORMAT, "a string in the header is too long");
    memcpy(out, from, n);
    out[n] = '\0';
    return ATOMS_OK;
}

static atoms_status parse_dimension(npy_parser *p, int64_t *out)
{
    skip_space(p);
    int64_t value = 0;
    const char *from = p->at;
    for (; p->at < p->end && *p->at >= '0' && *p->at <= '9'; p->at++)
        if (!base_mul_i64(value, 10, &value) || !base_add_i64(value, *p->at - '0', &value))
            return wrong(p, ATOMS_E_FORMAT, "a dimension of the shape is too large");
    if (p->at == from) return wrong(p, ATOMS_E_FORMAT, "the shape is no tuple of dimensions");
    if (p->at < p->end && *p->at == 'L') p->at++;
    *out = value;
    return ATOMS_OK;
}

static atoms_status parse_shape(npy_parser *p, tensor_record *tensor)
{
    if (!take(p, '(')) return wrong(p, ATOMS_E_FORMAT, "the shape is no tuple");
    bool comma = true;
    while (!take(p, ')')) {
        if (!comma) return wrong(p, ATOMS_E_FORMAT, "the shape lacks a comma");
        if (tensor->rank == ATOMS_TENSOR_RANK_MAX) return wrong(p, ATOMS_E_LIMIT, "the tensor has more than 8 dimensions");
        atoms_status status = parse_dimension(p, &tensor->shape[tensor->rank]);
        if (status) return status;
        tensor->rank++;
        comma = take(p, ',');
    }
    if (tensor->rank == 1 && !comma) return wrong(p, ATOMS_E_FORMAT, "the shape is no tuple"); /* (3) is a number, (3,) a tuple */
    return ATOMS_OK;
}

static atoms_status parse_value(npy_parser *p, int key, tensor_record *tensor, char *descr)
{
    skip_space(p);
    switch (key) {
    case KEY_DESCR:
        if (p->at < p->end && *p->at == '[') return wrong(p, ATOMS_E_UNSUPPORTED, "the dtype is structured, which is not read");
        return parse_string(p, descr);
    case KEY_ORDER:
        if (take_word(p, "True")) tensor->column_major = 1;
        else if (!take_word(p, "False")) return wrong(p, ATOMS_E_FORMAT, "fortran_order is neither True nor False");
        return ATOMS_OK;
    default: return parse_shape(p, tensor);
    }
}

static atoms_status parse_dict(npy_parser *p, tensor_record *tensor, char *descr)
{
    int seen = 0;
    bool comma = true;
    if (!take(p, '{')) return wrong(p, ATOMS_E_FORMAT, "the header is no dict");
    while (!take(p, '}')) {
        char name[NPY_DESCR_MAX];
        if (!comma) return wrong(p, ATOMS_E_FORMAT, "the header lacks a comma");
        atoms_status status = parse_string(p, name);
        if (status) return status;
        int key = !strcmp(name, "descr") ? KEY_DESCR : !strcmp(name, "fortran_order") ? KEY_ORDER : !strcmp(name, "shape") ? KEY_SHAPE : 0;
        if (!key || (seen & key)) return wrong(p, ATOMS_E_FORMAT, "the header has a key too many");
        if (!take(p, ':')) return wrong(p, ATOMS_E_FORMAT, "the header lacks a colon");
        if ((status = parse_value(p, key, tensor, descr))) return status;
        seen |= key;
        comma = take(p, ',');
    }
    skip_space(p);
    if (seen != (KEY_DESCR | KEY_ORDER | KEY_SHAPE)) return wrong(p, ATOMS_E_FORMAT, "the header lacks descr, fortran_order or shape");
    if (p->at != p->end) return wrong(p, ATOMS_E_FORMAT, "something follows the header's dict");
    return ATOMS_OK;
}

static atoms_status parse_header(atoms_tensorfile *file, tensor_record *tensor, const char *header, int64_t length)
{
    char descr[NPY_DESCR_MAX];
    npy_parser p = {.at = header, .end = header + length};
    atoms_status status = parse_dict(&p, tensor, descr);
    if (status) return atomsi_tensor_fail(file, tensor->name, status, p.words);
    int64_t item;
    status = atomsi_npy_descr(descr, &tensor->dtype, &item, &tensor->swap);
    if (status)
        return atomsi_tensor_fail(file, tensor->name, status,
                                  status == ATOMS_E_UNSUPPORTED ? "the dtype is Python objects, which are never read"
                                                                : "the header's descr names no dtype");
    tensor->dtype_text = atomsi_arena_text(file->context, &file->arena, descr, strlen(descr));
    if (!tensor->dtype_text) return ATOMS_E_MEMORY;
    return atomsi_tensor_extent(file, tensor, 8 * item);
}

/* Where the header begins and how long it is. */
static atoms_status read_preamble(atoms_tensorfile *file, const tensor_record *tensor, int64_t size, npy_bytes_fn read, void *user,
                                  int64_t *begin, int64_t *length)
{
    unsigned char head[PREAMBLE + 4];
    if (size < PREAMBLE + 2) return atomsi_tensor_fail(file, tensor->name, ATOMS_E_FORMAT, "too short for an npy");
    atoms_status status = read(user, 0, PREAMBLE + 2, head);
    if (status) return status;
    if (memcmp(head, "\x93NUMPY", MAGIC) != 0) return atomsi_tensor_fail(file, tensor->name, ATOMS_E_FORMAT, "no npy: it lacks the magic bytes");
    int version = head[MAGIC];
    if (version < 1 || version > 3 || head[MAGIC + 1] != 0)
        return atomsi_tensor_fail(file, tensor->name, ATOMS_E_UNSUPPORTED, "the npy version is none of 1.0, 2.0, 3.0");
    *begin = version == 1 ? PREAMBLE + 2 : PREAMBLE + 4;
    if (version > 1) {
        if (size < PREAMBLE + 4) return atomsi_tensor_fail(file, tensor->name, ATOMS_E_FORMAT, "too short for an npy");
        if ((status = read(user, PREAMBLE + 2, 2, head + PREAMBLE + 2))) return status;
    }
    *length = head[PREAMBLE] | head[PREAMBLE + 1] << 8;
    if (version > 1) *length |= (int64_t)head[PREAMBLE + 2] << 16 | (int64_t)head[PREAMBLE + 3] << 24;
    if (*length > size - *begin) return atomsi_tensor_fail(file, tensor->name, ATOMS_E_FORMAT, "the header is longer than the file");
    if (*length > NPY_HEADER_LIMIT) return atomsi_tensor_fail(file, tensor->name, ATOMS_E_LIMIT, "the header has more than 65535 bytes");
    return ATOMS_OK;
}

atoms_status atomsi_npy_read_header(atoms_tensorfile *file, tensor_record *tensor, int64_t size, npy_bytes_fn read, void *user)
{
    int64_t begin = 0, length = 0;
    atoms_status status = read_preamble(file, tensor, size, read, user, &begin, &length);
    if (status) return status;
    char *header = atomsi_alloc(file->context, length, 1);
    if (!header) return ATOMS_E_MEMORY;
    status = read(user, begin, length, header);
    if (!status) status = parse_header(file, tensor, header, length);
    atomsi_free(file->context, header);
    if (status) return status;
    tensor->begin = begin + length;
    if (tensor->bytes > size - tensor->begin) return atomsi_tensor_fail(file, tensor->name, ATOMS_E_FORMAT, "the data are cut short");
    if (tensor->bytes < size - tensor->begin) return atomsi_tensor_fail(file, tensor->name, ATOMS_E_FORMAT, "bytes follow the data");
    return ATOMS_OK;
}

static atoms_status read_file(void *user, int64_t offset, int64_t bytes, void *out)
{
    atoms_tensorfile *file = user;
    int error = base_io_read_full(&file->context->io, file->file, out, (size_t)bytes, offset);
    return error ? atomsi_fail_file(file->context, error, file->path) : ATOMS_OK;
}

atoms_status atomsi_npy_open(atoms_tensorfile *file)
{
    tensor_record *tensor = atomsi_tensor_append(file, "", 0);
    return tensor ? atomsi_npy_read_header(file, tensor, file->size, read_file, file) : ATOMS_E_MEMORY;
}
