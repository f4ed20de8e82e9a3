/* Dictionaries and signals to pursue, made in f64 from a seed, and what the library answers. */
#ifndef TESTS_PURSUIT_PROBLEM_H
#define TESTS_PURSUIT_PROBLEM_H

#include <atoms/atoms.h>

#include "counting_memory.h"
#include "pursuit/pursuit_internal.h"
#include "suite.h"

/* Atoms: independent normal entries; neighbours correlated .9 (each atom an AR(1) step from the one before); every third atom a copy of the one
 * before it; lengths from 1e-3 to 1e3; normal entries under a metric. */
enum { GAUSSIAN, CORRELATED, DUPLICATED, NON_UNIT, WITH_METRIC, KINDS };

typedef struct problem {
    int64_t atoms, dim, rows;
    atoms_context *context;
    counting_memory counting;
    double *d, *x;
    atoms_metric *metric;
    atoms_dictionary *dictionary;
    double *unit, *white; /* the dictionary's unit atoms; signals in the same coordinates */
} problem;

/* Signals are sums of `sparsity` atoms with normal coefficients (on unit atoms), plus noise of that relative length. */
problem *problem_make(int kind, int64_t atoms, int64_t dim, int64_t rows, int64_t sparsity, double noise, uint64_t seed);
/* The same of given atoms and signals. */
problem *problem_of(const double *d, int64_t atoms, int64_t dim, const double *x, int64_t rows);
/* Fails the test where memory is left. */
void problem_free(problem *p);

typedef struct answer {
    atoms_pursuit *pursuit;
    void *memory;
    atoms_codes_view codes;
    atoms_code_record *records;
} answer;

/* All signals in one batch; fails the test where that fails. */
answer pursue_all(problem *p, const atoms_pursuit_opts *opts);
void answer_free(answer *a);
atoms_pursuit_opts options(int32_t rule, int64_t max_atoms);

/* gram_bytes of the two ways of working. */
static inline int64_t way(int i)
{
    return i % 2 ? -1 : 0;
}

/* Whether row r uses exactly these atoms. */
int uses(const answer *a, int64_t r, const int32_t *index, int64_t n);
/* The value of atom j in row r. */
double value_of(const answer *a, int64_t r, int32_t j);
double dot(int64_t n, const double *x, const double *y);

#endif
