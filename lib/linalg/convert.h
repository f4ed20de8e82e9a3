/* Number types: widening and narrowing of contiguous runs. dtypes are the public ATOMS_F32, F64, F16, BF16 numbers (1, 2, 3, 4). */
#ifndef LINALG_CONVERT_H
#define LINALG_CONVERT_H

#include <stdint.h>

#include "../base/prefix.h"

#define linalg_to_f32 PREFIXED(linalg_to_f32)
#define linalg_to_f64 PREFIXED(linalg_to_f64)
#define linalg_f32_to_f16 PREFIXED(linalg_f32_to_f16)
#define linalg_f32_to_bf16 PREFIXED(linalg_f32_to_bf16)

enum { LINALG_F32 = 1, LINALG_F64 = 2, LINALG_F16 = 3, LINALG_BF16 = 4 };

/* Unaligned input is fine. f64 to f32 rounds to nearest; too large becomes an infinity. */
void linalg_to_f32(int32_t dtype, const void *from, int64_t n, float *to);
void linalg_to_f64(int32_t dtype, const void *from, int64_t n, double *to);

/* Round to nearest, ties to even; too large becomes an infinity; NaN stays NaN. */
void linalg_f32_to_f16(const float *from, int64_t n, uint16_t *to);
void linalg_f32_to_bf16(const float *from, int64_t n, uint16_t *to);

#endif
