/* For every processor: 128-bit vectors, which SSE2 and NEON have and the rest imitate. */
#include <math.h>
#include <string.h>

#include "../../base/checked.h"
#include "chunk_internal.h"

#define PANEL 2
#define REAL float
#define EXP expf
#define WIDTH 4
#define NAME(x) x##_f32
#include "chunk_body.inc"
#undef REAL
#undef EXP
#undef WIDTH
#undef NAME
#undef FUSED
#define REAL double
#define EXP exp
#define WIDTH 2
#define NAME(x) x##_f64
#include "chunk_body.inc"

const synresi_chunks synresi_chunks_portable = {.f32 = one_head_f32, .f64 = one_head_f64, .product_f32 = product_f32, .product_f64 = product_f64};
