/* x86-64 with AVX-512; the build gives this file alone the flags for it. */
#define WIDTH 16
#define SET synresi_lanes_avx512
#define NAME "avx512"
#include "lanes_body.inc"
