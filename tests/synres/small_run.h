/* Running small models in tests: every kind of layer, all layers and taps over some tokens, states compared as bytes. */
#ifndef SMALL_RUN_H
#define SMALL_RUN_H

#include "small_model.h"

/* Flags of the kinds of layer that the tests go through; the last has no certificate. */
enum { KINDS = 9, TOKENS = 40, H = 3, K = 10, V = 6, R = H * V };
extern const int32_t kinds[KINDS];

synres_batch batch_of(const float *x, synres_state **states, int64_t tokens);

/* All layers and taps over the tokens, `size` of them in a batch; y is tokens × SMALL_OUT for each layer and tap, started at `y`. */
void run_all(const small_model *m, synres_state *state, const float *x, int64_t tokens, int64_t size, float *y);

/* n numbers that are not 0, to free. */
float *ones(int64_t n);

/* The state's saved bytes, to free; their number. */
size_t saved(const synres_state *state, unsigned char **bytes);
void assert_same_state(const synres_state *a, const synres_state *b);

#endif
