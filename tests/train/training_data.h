/* Rows to train on in tests: sparse combinations of hidden atoms with a common mean, as activations are. */
#ifndef TESTS_TRAINING_DATA_H
#define TESTS_TRAINING_DATA_H

#include <stdint.h>

#include <atoms/train.h>

/* n × d values, malloc'ed. */
float *training_rows(int64_t n, int64_t d, uint64_t seed);

/* Options of a small quick run: width 24, 12 steps of 64 rows. */
atoms_train_opts small_opts(void);

#endif
