/* Checked arithmetic on sizes. No other + or * may stand inside an allocation's size or a file's bounds. */
#ifndef BASE_CHECKED_H
#define BASE_CHECKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Each returns false, and leaves *out alone, where the exact result is negative or does not fit. */
static inline bool base_add_i64(int64_t a, int64_t b, int64_t *out)
{
    int64_t r;
    if (a < 0 || b < 0 || __builtin_add_overflow(a, b, &r)) return false;
    *out = r;
    return true;
}

static inline bool base_mul_i64(int64_t a, int64_t b, int64_t *out)
{
    int64_t r;
    if (a < 0 || b < 0 || __builtin_mul_overflow(a, b, &r)) return false;
    *out = r;
    return true;
}

/* count·size bytes, at most PTRDIFF_MAX (no object may be larger). */
static inline bool base_bytes(int64_t count, size_t size, size_t *out)
{
    size_t r;
    if (count < 0 || __builtin_mul_overflow((uint64_t)count, size, &r) || r > (size_t)PTRDIFF_MAX) return false;
    *out = r;
    return true;
}

static inline bool base_add_size(size_t a, size_t b, size_t *out)
{
    size_t r;
    if (__builtin_add_overflow(a, b, &r) || r > (size_t)PTRDIFF_MAX) return false;
    *out = r;
    return true;
}

/* a rounded up to a multiple of the power of two `alignment`. */
static inline bool base_align_size(size_t a, size_t alignment, size_t *out)
{
    size_t r;
    if (!base_add_size(a, alignment - 1, &r)) return false;
    *out = r & ~(alignment - 1);
    return true;
}

static inline int64_t base_min_i64(int64_t a, int64_t b) { return a < b ? a : b; }
static inline int64_t base_max_i64(int64_t a, int64_t b) { return a > b ? a : b; }

/* Number of blocks of `block` that cover n. */
static inline int64_t base_blocks(int64_t n, int64_t block) { return n / block + (n % block != 0); }

#endif
