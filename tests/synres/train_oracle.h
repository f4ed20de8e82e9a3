/* A tiny layer of any kind for the trainer's tests, and its output in f64 from the formulas of docs/synres/definition.md by plain loops. */
#ifndef TRAIN_ORACLE_H
#define TRAIN_ORACLE_H

#include <synres/synres.h>

#include "trainer/trainer_internal.h"

enum { TINY_IN = 5, TINY_HEADS = 2, TINY_KEY = 4, TINY_VALUE = 3, TINY_OUT = 4, TINY_TAPS = 3, TINY_WIDTH = TINY_HEADS * TINY_VALUE, TINY_SEQUENCES = 2,
       TINY_TOKENS = 8, TINY_X = TINY_SEQUENCES * TINY_TOKENS * TINY_IN, TINY_Y = TINY_SEQUENCES * TINY_TOKENS * TINY_OUT, TINY_BLOCKS = TINY_TOKENS,
       TINY_KINDS = 36 };

typedef struct tiny_layer {
    synres_layer_weights w;
    synres_tap_weights tap[TINY_TAPS];
    float *owned[32];
    int owns;
} tiny_layer;

/* Kinds 0 … 23: every choice of rule flags; 24 … 31: tied ones; 32 … 35: the erase outside the decay. Activations and thresholds take turns.
 * Blocks of 3 tokens. Tap 0: B alone; tap 1: gain, gate and its bias; tap 2: a gate without bias. All κ are there. */
tiny_layer tiny_layer_of(int kind);
void free_tiny_layer(tiny_layer *layer);

/* A trainer of the tiny layer for batches of TINY_SEQUENCES × TINY_TOKENS. */
synres_trainer *tiny_trainer(int kind, int32_t flags);

/* Numbers that look random: normal, a function of seed and i. */
double tiny_number(int seed, int64_t i);

/* The states of the block boundaries, as agreement saw them. */
typedef struct tiny_blocks {
    double S[TINY_SEQUENCES][TINY_HEADS][TINY_BLOCKS][TINY_VALUE * TINY_KEY];
    bool held; /* true: they are read, and not written */
} tiny_blocks;

/* y[tap] from zero, of parameters laid out as the plan says. */
void tiny_output(const synresi_plan *plan, const double *parameter, const double *x, tiny_blocks *blocks, double y[TINY_TAPS][TINY_Y]);

#endif
