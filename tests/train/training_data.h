/* Rows to train on in tests: sparse combinations of hidden atoms with a common mean, as activations are. */
#ifndef TESTS_TRAINING_DATA_H
#define TESTS_TRAINING_DATA_H

#include <stdint.h>

#include <atoms/train.h>

#include "counting_memory.h"

/* n × d values, malloc'ed. */
float *training_rows(int64_t n, int64_t d, uint64_t seed);

/* A counted context, training rows, and a handle on them. */
typedef struct setting {
    counting_memory memory;
    atoms_context *context;
    float *x; /* n × d */
    atoms_rows *rows;
} setting;

setting *begin(int64_t n, int64_t d, int32_t threads);
void end(setting *s); /* fails the test where memory is still held */

/* Options of a small quick run: width 24, 12 steps of 64 rows. */
atoms_train_opts small_opts(void);

/* Of a run with a reduce hook: target-l0 (whose multiplier needs the L0 of all), anthropic (clip, pre-activation term), features, start from
 * rows, gemma, revival. */
enum { REDUCE_MODES = 6 };
atoms_train_opts reduce_opts(int mode, int64_t batch);

#endif
