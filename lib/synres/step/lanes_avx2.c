/* x86-64 with AVX2; the build gives this file alone the flag for it. */
#define WIDTH 8
#define SET synresi_lanes_avx2
#define NAME "avx2"
#include "lanes_body.inc"
