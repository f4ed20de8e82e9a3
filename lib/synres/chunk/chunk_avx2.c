/* x86-64 with AVX2 and FMA; the build gives this file alone the flags for them. */
#include <immintrin.h>
#include <math.h>
#include <string.h>

#include "../../base/checked.h"
#include "chunk_internal.h"

#define PANEL 2
#define REAL float
#define EXP expf
#define WIDTH 8
#define NAME(x) x##_f32
#define FUSED(x, y, z) _mm256_fmadd_ps((__m256)(x), (__m256)(y), (__m256)(z))
#include "chunk_body.inc"
#undef REAL
#undef EXP
#undef WIDTH
#undef NAME
#undef FUSED
#define REAL double
#define EXP exp
#define WIDTH 4
#define NAME(x) x##_f64
#define FUSED(x, y, z) _mm256_fmadd_pd((__m256d)(x), (__m256d)(y), (__m256d)(z))
#include "chunk_body.inc"

const synresi_chunks synresi_chunks_avx2 = {.f32 = one_head_f32, .f64 = one_head_f64, .product_f32 = product_f32, .product_f64 = product_f64};
