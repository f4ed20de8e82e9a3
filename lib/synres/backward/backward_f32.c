/* The gradient in float, on the lanes: the same bits on every instruction set. */
#include <synres/backward.h>

#define REAL float
#define NAME(x) x##_f32
#define ENGINE "backward_lanes.inc"
#define NAME2(x, y) x##_f32_##y
#include "backward_body.inc"
