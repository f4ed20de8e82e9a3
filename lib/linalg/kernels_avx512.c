/* x86-64 with AVX-512F; the build gives this file alone the flags for it. */
#define WIDTH 16
#define FUSED
#define SET linalg_kernels_avx512
#define NAME "avx512"
#include "kernels_body.inc"
