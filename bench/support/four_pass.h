/* The yardstick of bench_synres_step: the gated delta rule as the CPU engines of today compute it, four passes over a head's state (decay; what the
 * key recalls; the outer product; the read), each with explicit vectors, in the widest instruction set that the processor has. */
#ifndef BENCH_FOUR_PASS_H
#define BENCH_FOUR_PASS_H

#include <stdint.h>

/* One token of one head: S (rows × n, packed) becomes S·decay + beta (v − S·decay·k) kᵀ, u = S q. delta: scratch, rows. */
void four_pass(int64_t n, int64_t rows, float decay, float beta, const float *k, const float *q, const float *v, float *S, float *delta, float *u);

#endif
