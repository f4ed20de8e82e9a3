/* A fuzzer's bytes read as a small problem: choices, a byte each, then numbers. */
#ifndef FUZZ_NUMBERS_H
#define FUZZ_NUMBERS_H

#include <stddef.h>
#include <stdint.h>

#include <atoms/codes.h>

typedef struct fuzz_bytes {
    const uint8_t *data;
    size_t size, next; /* beyond the size bytes follow that do not repeat soon, so that short inputs are problems too */
} fuzz_bytes;

/* 0 … below − 1. */
int fuzz_choice(fuzz_bytes *bytes, int below);

/* n numbers, all of one kind, which is a choice too: bit patterns, NaN and denormals among them; sixteenths of small whole numbers, which tie and
 * repeat; powers of two from 2⁻⁶⁴ to 2⁶³. */
void fuzz_fill(fuzz_bytes *bytes, float *out, int64_t n);

/* What a view promises: rows in order, indices rising and in range, values finite. */
void fuzz_require_view(const atoms_codes_view *view);

#endif
