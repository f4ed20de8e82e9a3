/* The gradient in float. */
#include <synres/backward.h>

#define REAL float
#define EXP expf
#define NAME(x) x##_f32
#define NAME2(x, y) x##_f32_##y
#include "backward_body.inc"
