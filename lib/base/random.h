/* Counter-based random numbers: Philox4x32-10 (Salmon, Moraes, Dror, Shaw 2011). A number is a function of (seed, stream, counter),
 * so any thread can compute any of them in any order, and nothing has to be saved to resume. */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include <stdint.h>

#include "prefix.h"

#define base_random_block PREFIXED(base_random_block)
#define base_random_uniform PREFIXED(base_random_uniform)
#define base_random_below PREFIXED(base_random_below)
#define base_random_normal PREFIXED(base_random_normal)
#define base_permute PREFIXED(base_permute)

/* Streams, so that no two uses of one seed meet. Append only: they are part of what "same seed" means. */
enum {
    BASE_STREAM_SHUFFLE = 1,
    BASE_STREAM_DECODER = 2,
    BASE_STREAM_PAIRS = 3,
    BASE_STREAM_CONTROL_RANDOM = 4,
    BASE_STREAM_CONTROL_SHUFFLED = 5,
    BASE_STREAM_REVIVE = 6,
    BASE_STREAM_SUPPORTS = 7,
    BASE_STREAM_GEOMETRY = 8,
    BASE_STREAM_IDENTIFY = 9,
    BASE_STREAM_COEFFICIENTS = 10,
    BASE_STREAM_TEST = 100
};

void base_random_block(uint64_t seed, uint32_t stream, uint64_t counter, uint32_t out[4]);

/* Uniform in [0, 1), 53 bits. */
double base_random_uniform(uint64_t seed, uint32_t stream, uint64_t counter);

/* Uniform in [0, n), 0 < n ≤ INT64_MAX; the bias is below n·2⁻⁶⁴. */
int64_t base_random_below(uint64_t seed, uint32_t stream, uint64_t counter, int64_t n);

/* Standard normal (Box–Muller, one value a counter). */
double base_random_normal(uint64_t seed, uint32_t stream, uint64_t counter);

/* Position of `index` in permutation number `round` of 0 … n−1: a bijection computed, not stored. */
int64_t base_permute(uint64_t seed, uint32_t stream, uint64_t round, int64_t index, int64_t n);

#endif
