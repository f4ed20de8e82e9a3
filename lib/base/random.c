/* Philox4x32-10 as published; the test holds its known answers. The permutation is a four-round Feistel network over the next
 * even power of two, walked until it lands below n (at most a few steps, since the domain is below 4n). */
#include "random.h"

#include <math.h>

void base_random_block(uint64_t seed, uint32_t stream, uint64_t counter, uint32_t out[4])
{
    uint32_t x[4] = {(uint32_t)counter, (uint32_t)(counter >> 32), stream, 0};
    uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
    for (int round = 0; round < 10; round++) {
        uint64_t p = (uint64_t)0xD2511F53u * x[0], q = (uint64_t)0xCD9E8D57u * x[2];
        uint32_t y[4] = {(uint32_t)(q >> 32) ^ x[1] ^ key[0], (uint32_t)q, (uint32_t)(p >> 32) ^ x[3] ^ key[1], (uint32_t)p};
        for (int i = 0; i < 4; i++) x[i] = y[i];
        key[0] += 0x9E3779B9u;
        key[1] += 0xBB67AE85u;
    }
    for (int i = 0; i < 4; i++) out[i] = x[i];
}

static double unit_interval(uint32_t high, uint32_t low)
{
    return (double)((((uint64_t)high << 32) | low) >> 11) * 0x1p-53;
}

double base_random_uniform(uint64_t seed, uint32_t stream, uint64_t counter)
{
    uint32_t b[4];
    base_random_block(seed, stream, counter, b);
    return unit_interval(b[0], b[1]);
}

int64_t base_random_below(uint64_t seed, uint32_t stream, uint64_t counter, int64_t n)
{
    uint32_t b[4];
    base_random_block(seed, stream, counter, b);
    /* The high 64 bits of (64 random bits)·n, without a 128-bit type. */
    uint64_t m = (uint64_t)n, a1 = b[0], a0 = b[1], m1 = m >> 32, m0 = m & 0xFFFFFFFFu;
    uint64_t middle = a1 * m0 + ((a0 * m0) >> 32), middle2 = a0 * m1 + (middle & 0xFFFFFFFFu);
    return (int64_t)(a1 * m1 + (middle >> 32) + (middle2 >> 32));
}

double base_random_normal(uint64_t seed, uint32_t stream, uint64_t counter)
{
    uint32_t b[4];
    base_random_block(seed, stream, counter, b);
    double u = 1.0 - unit_interval(b[0], b[1]), v = unit_interval(b[2], b[3]); /* u in (0, 1] */
    return sqrt(-2.0 * log(u)) * cos(6.283185307179586 * v);
}

static uint64_t feistel(uint64_t seed, uint32_t stream, uint64_t round, uint64_t x, int half_bits)
{
    uint64_t mask = ((uint64_t)1 << half_bits) - 1, left = x >> half_bits, right = x & mask;
    for (uint64_t pass = 0; pass < 4; pass++) {
        uint32_t b[4];
        /* The counter carries the half (at most 31 bits, see base_permute) and the pass; the key carries seed and round. */
        base_random_block(seed ^ (round * 0x9E3779B97F4A7C15u), stream, (pass << 32) | right, b);
        uint64_t next = left ^ (b[0] & mask);
        left = right;
        right = next;
    }
    return (left << half_bits) | right;
}

int64_t base_permute(uint64_t seed, uint32_t stream, uint64_t round, int64_t index, int64_t n)
{
    int half_bits = 1;
    while (half_bits < 31 && ((int64_t)1 << (2 * half_bits)) < n) half_bits++;
    uint64_t x = (uint64_t)index;
    do x = feistel(seed, stream, round, x, half_bits);
    while (x >= (uint64_t)n);
    return (int64_t)x;
}
