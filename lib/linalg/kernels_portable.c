/* For every processor: 128-bit vectors, which SSE2 and NEON have and the rest imitate. */
#define WIDTH 4
#define SET linalg_kernels_portable
#define NAME "portable"
#include "kernels_body.inc"
