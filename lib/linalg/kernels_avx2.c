/* x86-64 with AVX2 and FMA; the build gives this file alone the flags for them. */
#define WIDTH 8
#define FUSED
#define SET linalg_kernels_avx2
#define NAME "avx2"
#include "kernels_body.inc"
