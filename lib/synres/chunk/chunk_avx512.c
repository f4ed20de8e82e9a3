/* x86-64 with AVX-512; the build gives this file alone the flags for it. */
#include <immintrin.h>
#include <math.h>
#include <string.h>

#include "../../base/checked.h"
#include "chunk_internal.h"

#define PANEL 4
#define REAL float
#define EXP expf
#define WIDTH 16
#define NAME(x) x##_f32
#define FUSED(x, y, z) _mm512_fmadd_ps((__m512)(x), (__m512)(y), (__m512)(z))
#include "chunk_body.inc"
#undef REAL
#undef EXP
#undef WIDTH
#undef NAME
#undef FUSED
#define REAL double
#define EXP exp
#define WIDTH 8
#define NAME(x) x##_f64
#define FUSED(x, y, z) _mm512_fmadd_pd((__m512d)(x), (__m512d)(y), (__m512d)(z))
#include "chunk_body.inc"

const synresi_chunks synresi_chunks_avx512 = {.f32 = one_head_f32, .f64 = one_head_f64, .product_f32 = product_f32, .product_f64 = product_f64};
