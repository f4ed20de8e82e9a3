/* Gates and relevance in double, by plain loops: what finite differences hold the gradient against. */
#include "gates_internal.h"

static double plain_dot(int64_t n, const double *x, const double *y)
{
    double sum = 0;
    for (int64_t i = 0; i < n; i++) sum += x[i] * y[i];
    return sum;
}

#define REAL double
#define NAME(x) x##_f64
#define DOT(lanes, n, x, y) ((void)(lanes), plain_dot(n, x, y))
#include "gates_body.inc"
#include "relevance_body.inc"
