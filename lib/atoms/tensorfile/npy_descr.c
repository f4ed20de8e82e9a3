/* A descr is a byte order, a kind, and a size: "<f4". Kinds that make no number here are known by their size and can be named. */
#include <string.h>

#include "npy_header.h"

static const struct {
    char kind;
    int8_t size;
    int32_t dtype;
    const char *text;
} numbers[] = {{'f', 4, ATOMS_F32, "<f4"}, {'f', 8, ATOMS_F64, "<f8"}, {'f', 2, ATOMS_F16, "<f2"}, {'i', 1, ATOMS_I8, "|i1"},
               {'u', 1, ATOMS_U8, "|u1"},  {'i', 2, ATOMS_I16, "<i2"}, {'u', 2, ATOMS_U16, "<u2"}, {'i', 4, ATOMS_I32, "<i4"},
               {'u', 4, ATOMS_U32, "<u4"}, {'i', 8, ATOMS_I64, "<i8"}, {'u', 8, ATOMS_U64, "<u8"}, {'b', 1, ATOMS_BOOL, "|b1"}};

enum { NUMBERS = sizeof numbers / sizeof *numbers, SIZE_DIGITS_MAX = 9 };

const char *atomsi_npy_descr_text(int32_t dtype)
{
    for (int i = 0; i < NUMBERS; i++)
        if (numbers[i].dtype == dtype) return numbers[i].text;
    return NULL;
}

/* The size of a kind that is no number here, 0 where kind and size do not go together. */
static int64_t named_size(char kind, int64_t size)
{
    switch (kind) {
    case 'c': return size == 8 || size == 16 || size == 32 ? size : 0;
    case 'f': return size == 16 ? size : 0;
    case 'm': case 'M': return size == 8 ? size : 0;
    case 'S': case 'V': return size;
    case 'U': return 4 * size;
    default: return 0;
    }
}

atoms_status atomsi_npy_descr(const char *descr, int32_t *dtype, int64_t *item, int32_t *swap)
{
    char order = *descr;
    if (order && strchr("<>|=", order)) descr++;
    else order = '=';
    char kind = *descr;
    if (kind == 'O') return ATOMS_E_UNSUPPORTED;
    if (!kind) return ATOMS_E_FORMAT;
    int64_t size = 0;
    int digits = 0;
    for (descr++; *descr >= '0' && *descr <= '9' && digits < SIZE_DIGITS_MAX; descr++, digits++) size = 10 * size + (*descr - '0');
    if (!digits) return ATOMS_E_FORMAT;
    int has_unit = (kind == 'm' || kind == 'M') && *descr == '['; /* "<M8[ns]" */
    if (*descr && !has_unit) return ATOMS_E_FORMAT;
    for (int i = 0; i < NUMBERS; i++) {
        if (numbers[i].kind != kind || numbers[i].size != size) continue;
        if (order == '|' && size > 1) return ATOMS_E_FORMAT;
        *dtype = numbers[i].dtype;
        *item = size;
        *swap = order == '>' && size > 1;
        return ATOMS_OK;
    }
    int64_t named = named_size(kind, size);
    int may_be_empty = kind == 'S' || kind == 'U' || kind == 'V';
    if (named == 0 && !(may_be_empty && size == 0)) return ATOMS_E_FORMAT;
    *dtype = 0;
    *item = named;
    *swap = 0;
    return ATOMS_OK;
}
