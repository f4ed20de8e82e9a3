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

#endif
