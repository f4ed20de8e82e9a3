/* Random tokens for the tests of libsynres, the same numbers in f32 and f64. */
#ifndef SYNRES_INPUTS_H
#define SYNRES_INPUTS_H

#include <synres/synres.h>

/* What random_tokens makes beside keys, queries, values and beta. */
enum { WITH_DECAY = 1, WITH_ERASE = 2, WITH_ERASE_BETA = 4 };

typedef struct inputs {
    synres_shape shape;
    synres_tokens_f32 f32;
    synres_tokens_f64 f64;
    float *S32, *u32;
    double *S64, *u64;
    int64_t state, outputs; /* elements of S and of u */
} inputs;

/* Unit keys and erase directions, log-decays down to −0.3, 0 ≤ beta < 1.5, S normal. All belongs to the inputs. */
inputs random_tokens(uint64_t seed, int32_t flags, int64_t heads, int64_t d_key, int64_t d_value, int64_t tokens, int with);
void free_tokens(inputs *in);

/* Dimensions that fill no lane, one lane, and several, with and without a rest; all pairs of them are tested. */
enum { DIMENSIONS = 6, PAIRS = DIMENSIONS * DIMENSIONS };
extern const int64_t dimensions[DIMENSIONS];

/* The tokens first … first + count − 1 of the same, in the same memory; reads go to their places. */
inputs tokens_from(const inputs *in, int64_t first, int64_t count);

/* A copy of the state, to free. */
float *copy_f32(const float *x, int64_t n);
double *copy_f64(const double *x, int64_t n);

/* √(Σ (a − b)² / Σ b²) */
double rms_ratio(const float *a, const double *b, int64_t n);
double rms_ratio_f64(const double *a, const double *b, int64_t n);

/* The status is `expected`; says both names when not. */
#define ck_synres_status(call, expected)                                                                                     \
    do {                                                                                                                     \
        synres_status got_ = (call), want_ = (expected);                                                                     \
        ck_assert_msg(got_ == want_, "%s: %s, not %s", #call, synres_status_name(got_), synres_status_name(want_));          \
    } while (0)
#define ck_synres_ok(call) ck_synres_status(call, SYNRES_OK)

#endif
