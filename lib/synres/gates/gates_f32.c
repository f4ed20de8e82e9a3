/* Gates and relevance in float, with the lanes' sums: a gate rounded further drifts. */
#include "gates_internal.h"

#define REAL float
#define NAME(x) x##_f32
#define DOT(lanes, n, x, y) (lanes)->dot(n, x, y)
#include "gates_body.inc"
#include "relevance_body.inc"
