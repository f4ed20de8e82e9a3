#include "tensor_convert.h"

#include <string.h>

#include "../../linalg/convert.h"

static bool is_float(int32_t dtype)
{
    return dtype >= ATOMS_F32 && dtype <= ATOMS_BF16;
}

bool atomsi_tensor_converts(int32_t from, int32_t to)
{
    if (from == 0) return false;
    if (from == to) return true;
    return is_float(from) ? to == ATOMS_F32 || to == ATOMS_F64 : to == ATOMS_I64 || to == ATOMS_F64;
}

void atomsi_tensor_swap(unsigned char *bytes, int64_t n, int64_t size)
{
    for (int64_t i = 0; i < n; i++, bytes += size)
        for (int64_t a = 0, b = size - 1; a < b; a++, b--) {
            unsigned char t = bytes[a];
            bytes[a] = bytes[b];
            bytes[b] = t;
        }
}

/* One integer type to i64 or f64; `fits` says whether the value fits i64. */
#define WIDEN(type, fits)                                   \
    for (int64_t i = 0; i < n; i++) {                       \
        type v;                                             \
        memcpy(&v, in + i * (int64_t)sizeof v, sizeof v);   \
        if (to == ATOMS_F64) {                              \
            double wide = (double)v;                        \
            memcpy(out + 8 * i, &wide, 8);                  \
        } else {                                            \
            if (!(fits)) return i;                          \
            int64_t wide = (int64_t)v;                      \
            memcpy(out + 8 * i, &wide, 8);                  \
        }                                                   \
    }                                                       \
    return -1

static int64_t widen(int32_t from, const unsigned char *in, int64_t n, int32_t to, unsigned char *out)
{
    switch (from) {
    case ATOMS_I8: WIDEN(int8_t, true);
    case ATOMS_U8: WIDEN(uint8_t, true);
    case ATOMS_I16: WIDEN(int16_t, true);
    case ATOMS_U16: WIDEN(uint16_t, true);
    case ATOMS_I32: WIDEN(int32_t, true);
    case ATOMS_U32: WIDEN(uint32_t, true);
    case ATOMS_I64: WIDEN(int64_t, true);
    case ATOMS_U64: WIDEN(uint64_t, v <= INT64_MAX);
    default: /* bool: whatever is not 0 is true */
        for (int64_t i = 0; i < n; i++) {
            double real = in[i] != 0;
            int64_t integer = in[i] != 0;
            memcpy(out + 8 * i, to == ATOMS_F64 ? (void *)&real : (void *)&integer, 8);
        }
        return -1;
    }
}

int64_t atomsi_tensor_convert(int32_t from, const unsigned char *in, int64_t n, int32_t to, unsigned char *out)
{
    if (from == to) memcpy(out, in, (size_t)(n * atoms_dtype_size(to)));
    else if (!is_float(from)) return widen(from, in, n, to, out);
    else if (to == ATOMS_F32) linalg_to_f32(from, in, n, (float *)(void *)out);
    else linalg_to_f64(from, in, n, (double *)(void *)out);
    return -1;
}
