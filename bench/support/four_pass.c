#include "four_pass.h"

#if defined(__x86_64__)
#define WIDTH 16
#define SET wide
#define TARGET __attribute__((target("avx512f,fma,prefer-vector-width=512")))
#include "four_pass_body.inc"
#define WIDTH 8
#define SET middle
#define TARGET __attribute__((target("avx2,fma")))
#include "four_pass_body.inc"
#endif
#define WIDTH 4
#define SET narrow
#define TARGET
#include "four_pass_body.inc"

void four_pass(int64_t n, int64_t rows, float decay, float beta, const float *k, const float *q, const float *v, float *S, float *delta, float *u)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f")) four_pass_wide(n, rows, decay, beta, k, q, v, S, delta, u);
    else if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) four_pass_middle(n, rows, decay, beta, k, q, v, S, delta, u);
    else
#endif
        four_pass_narrow(n, rows, decay, beta, k, q, v, S, delta, u);
}
