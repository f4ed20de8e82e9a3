/* For every processor: 128-bit vectors, which SSE2 and NEON have and the rest imitate. */
#define WIDTH 4
#define SET synresi_lanes_portable
#define NAME "portable"
#include "lanes_body.inc"
