/* Pursuit in plain f64 loops, as its definition reads: no updates, no Gram matrix, no tricks. */
#ifndef TESTS_PURSUIT_ORACLE_H
#define TESTS_PURSUIT_ORACLE_H

#include <stdint.h>

/* ‖x − P x‖² of the projection onto n atoms, by Gram–Schmidt twice over; what is dependent is left out. r NULL or the residual (dim). */
double oracle_distance(const double *unit, int64_t dim, const double *x, const int32_t *index, int64_t n, double *r);

/* The k atoms that OMP takes, in order. margin: the least relative lead of a choice over the second best. */
void oracle_omp(const double *unit, int64_t atoms, int64_t dim, const double *x, int64_t k, int32_t *index, double *margin);
/* The k atoms of OLS: each tried, the one with the smallest distance taken. */
void oracle_ols(const double *unit, int64_t atoms, int64_t dim, const double *x, int64_t k, int32_t *index, double *margin);

/* ‖x − U γ‖ at the non-negative least squares over all atoms, by cyclic coordinate descent until no coordinate moves; gamma (atoms). */
double oracle_nonnegative(const double *unit, int64_t atoms, int64_t dim, const double *x, double *gamma);

#endif
