/* The gradient in double. */
#include <synres/backward.h>

#define REAL double
#define NAME(x) x##_f64
#define ENGINE "backward_plain.inc"
#define NAME2(x, y) x##_f64_##y
#include "backward_body.inc"
