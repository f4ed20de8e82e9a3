/* f16 to f32 without a table or hardware: shift exponent and mantissa into place, then multiply by 2^112, which rebiases normal numbers
 * and renormalises subnormal ones exactly; the all-ones exponent is put back by hand. Branch-free, so it becomes vectors. */
#include "convert.h"

#include <string.h>

static float f16_to_f32(uint16_t h)
{
    uint32_t shifted = (uint32_t)(h & 0x7FFFu) << 13, special = (h & 0x7C00u) == 0x7C00u ? 0x7F800000u : 0;
    float magnitude;
    memcpy(&magnitude, &shifted, sizeof magnitude);
    magnitude *= 0x1p112f;
    uint32_t bits;
    memcpy(&bits, &magnitude, sizeof bits);
    bits |= special | (uint32_t)(h & 0x8000u) << 16;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static float bf16_to_f32(uint16_t h)
{
    uint32_t bits = (uint32_t)h << 16;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

#define DEFINE_TO(name, scalar)                                                      \
    void name(int32_t dtype, const void *from, int64_t n, scalar *to)                \
    {                                                                                \
        const unsigned char *bytes = from;                                           \
        uint16_t half;                                                               \
        float single;                                                                \
        double wide;                                                                 \
        switch (dtype) {                                                             \
        case LINALG_F32:                                                             \
            for (int64_t i = 0; i < n; i++) {                                        \
                memcpy(&single, bytes + 4 * i, 4);                                   \
                to[i] = (scalar)single;                                              \
            }                                                                        \
            break;                                                                   \
        case LINALG_F64:                                                             \
            for (int64_t i = 0; i < n; i++) {                                        \
                memcpy(&wide, bytes + 8 * i, 8);                                     \
                to[i] = (scalar)wide;                                                \
            }                                                                        \
            break;                                                                   \
        case LINALG_F16:                                                             \
            for (int64_t i = 0; i < n; i++) {                                        \
                memcpy(&half, bytes + 2 * i, 2);                                     \
                to[i] = (scalar)f16_to_f32(half);                                    \
            }                                                                        \
            break;                                                                   \
        default:                                                                     \
            for (int64_t i = 0; i < n; i++) {                                        \
                memcpy(&half, bytes + 2 * i, 2);                                     \
                to[i] = (scalar)bf16_to_f32(half);                                   \
            }                                                                        \
        }                                                                            \
    }

DEFINE_TO(linalg_to_f32, float)
DEFINE_TO(linalg_to_f64, double)

void linalg_f32_to_bf16(const float *from, int64_t n, uint16_t *to)
{
    for (int64_t i = 0; i < n; i++) {
        uint32_t b;
        memcpy(&b, from + i, sizeof b);
        uint32_t rounded = b + 0x7FFFu + ((b >> 16) & 1u);
        to[i] = (uint16_t)((b & 0x7FFFFFFFu) > 0x7F800000u ? (b >> 16) | 0x40u : rounded >> 16);
    }
}

static uint16_t f32_to_f16(float value)
{
    uint32_t b;
    memcpy(&b, &value, sizeof b);
    uint32_t sign = (b >> 16) & 0x8000u, m = b & 0x7FFFFFFFu;
    if (m > 0x7F800000u) return (uint16_t)(sign | 0x7E00u);
    if (m >= 0x477FF000u) return (uint16_t)(sign | 0x7C00u); /* 65520 and above round to infinity */
    if (m >= 0x38800000u) {                                  /* normal: rebias, round to nearest even */
        uint32_t r = m - 0x38000000u;
        return (uint16_t)(sign | ((r + 0xFFFu + ((r >> 13) & 1u)) >> 13));
    }
    if (m < 0x33000000u) return (uint16_t)sign; /* at most 2^-25: rounds to zero (the tie goes to even) */
    uint32_t shift = 126u - (m >> 23), mantissa = (m & 0x7FFFFFu) | 0x800000u;
    uint32_t half = 1u << (shift - 1), kept = mantissa >> shift, rest = mantissa & ((1u << shift) - 1u);
    return (uint16_t)(sign | (kept + (rest > half || (rest == half && (kept & 1u)))));
}

void linalg_f32_to_f16(const float *from, int64_t n, uint16_t *to)
{
    for (int64_t i = 0; i < n; i++) to[i] = f32_to_f16(from[i]);
}
