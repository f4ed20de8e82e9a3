/* Every figure once more, by plain loops in f64 over dense codes, and what tests of evaluate share. Memory is malloc's. */
#ifndef TEST_EVALUATE_ORACLE_H
#define TEST_EVALUATE_ORACLE_H

#include <atoms/atoms.h>

#include "counting_memory.h"
#include "suite.h"

typedef struct problem { /* n rows of d coordinates, m atoms */
    int64_t n, d, m;
    const double *x;     /* n × d */
    const double *hat;   /* n × d */
    const double *code;  /* n × m */
    const double *atoms; /* m × d */
} problem;

/* s (d × d): the metric, NULL = none. fires (m): the atoms that fire in sample, NULL = those of this code. */
atoms_figures oracle_figures(const problem *p, const double *s, const uint8_t *fires);

/* fires[i] = the code uses atom i. */
void oracle_fires(const problem *p, uint8_t *fires);

/* S = (XᵀX/n)⁻¹, and the Cholesky factor of XᵀX/n. */
double *oracle_metric(const double *x, int64_t n, int64_t d);
double *oracle_factor(const double *x, int64_t n, int64_t d);

double *product(const double *a, const double *b, int64_t rows, int64_t inner, int64_t cols); /* A·B */
double *transposed(const double *a, int64_t rows, int64_t cols);

/* Fails the test unless all figures agree to `tolerance`, counts exactly. */
void assert_figures_near(const atoms_figures *got, const atoms_figures *want, double tolerance);

/* Correlated rows with a mean, exactly representable in f32. */
double *some_rows(int64_t n, int64_t d, uint64_t seed);
float *narrowed(const double *x, int64_t count);

atoms_rows *rows_of(atoms_context *context, const float *x, int64_t n, int64_t d);
atoms_metric *metric_of_rows(atoms_context *context, const float *x, int64_t n, int64_t d);

/* Weights of a small SAE in f64 and the handle made of them (f32). w_enc is d × m, w_dec m × d. */
typedef struct toy_sae {
    int64_t d, m;
    double *w_enc, *w_dec, *b_enc, *threshold, *b_dec;
    atoms_sae *sae;
} toy_sae;

toy_sae toy_sae_make(atoms_context *context, int64_t d, int64_t m, double threshold, uint64_t seed);
void toy_sae_free(toy_sae *t);

/* Dense code (n × m) and reconstruction (n × d) of rows. Fails the test where a pre-activation is too near its threshold to be sure in f32. */
void toy_sae_apply(const toy_sae *t, const double *x, int64_t n, double **code, double **hat);

atoms_figures new_figures(void);

#endif
