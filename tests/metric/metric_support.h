/* What the tests of this room share: random rows, the sample's rows, counted contexts. */
#ifndef METRIC_SUPPORT_H
#define METRIC_SUPPORT_H

#include <atoms/angles.h>
#include <atoms/metric.h>

#include "base/random.h"
#include "counting_memory.h"
#include "files.h"
#include "suite.h"

enum { SAMPLE_WIDTH = 576 };

/* n normal numbers, malloc'ed. */
double *normal_numbers(int64_t n, uint64_t seed);

/* Correlated rows with a mean: x = z A + b, A random. malloc'ed. */
double *correlated_rows(int64_t rows, int64_t dim, uint64_t seed);

/* A packed f16 view of sample.train.npy or sample.eval.npy; *bytes is to be freed. */
atoms_matrix sample_rows(const char *name, unsigned char **bytes);

/* The moments of a matrix added as one batch. */
atoms_moments *moments_of(atoms_context *context, const atoms_matrix *rows);

/* The metric of a matrix; opts may be NULL. */
atoms_metric *metric_of(atoms_context *context, const atoms_matrix *rows, const atoms_metric_opts *opts);

/* Both handles' sums are the same bits. */
int same_moments(const atoms_moments *a, const atoms_moments *b);

/* Fresh defaults. */
atoms_metric_opts metric_opts(void);
atoms_metric_report describe(const atoms_metric *metric);

void add_moments_cases(Suite *suite);
void add_metric_cases(Suite *suite);
void add_whiten_cases(Suite *suite);
void add_moments_rows_cases(Suite *suite);
void add_angles_cases(Suite *suite);
void add_metric_files_cases(Suite *suite);

#endif
