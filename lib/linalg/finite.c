/* A number is not finite exactly when its exponent bits are all ones. Blocks are judged by integer operations that the compiler
 * turns into vectors; only a block that holds one is searched. (A sum of x·0 would be as fast but follows the host's rounding state.) */
#include "finite.h"

#include <string.h>

#include "../base/checked.h"

enum { BLOCK = 1024 };

#define DEFINE_SCAN(name, scalar, bits_type, exponent)                 \
    static int64_t name##_block(const scalar *x, int64_t n)            \
    {                                                                  \
        bits_type found = 0;                                           \
        for (int64_t i = 0; i < n; i++) {                              \
            bits_type b;                                               \
            memcpy(&b, x + i, sizeof b);                               \
            found |= (bits_type)((b & exponent) == exponent);          \
        }                                                              \
        if (!found) return -1;                                         \
        for (int64_t i = 0;; i++) {                                    \
            bits_type b;                                               \
            memcpy(&b, x + i, sizeof b);                               \
            if ((b & exponent) == exponent) return i;                  \
        }                                                              \
    }                                                                  \
    int64_t name(const scalar *x, int64_t n)                           \
    {                                                                  \
        for (int64_t i = 0; i < n; i += BLOCK) {                       \
            int64_t k = name##_block(x + i, base_min_i64(BLOCK, n - i)); \
            if (k >= 0) return i + k;                                  \
        }                                                              \
        return -1;                                                     \
    }

DEFINE_SCAN(linalg_first_not_finite_f32, float, uint32_t, 0x7F800000u)
DEFINE_SCAN(linalg_first_not_finite_f64, double, uint64_t, 0x7FF0000000000000u)
