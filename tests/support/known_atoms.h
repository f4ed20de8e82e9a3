/* Dictionaries for tests: random ones, and those of which every figure is known by hand. Rows are atoms; arrays are to be freed. */
#ifndef SUPPORT_KNOWN_ATOMS_H
#define SUPPORT_KNOWN_ATOMS_H

#include <stdint.h>

#include <atoms/metric.h>

/* The i-th normal number of a seed; atoms of them. */
double normal(uint64_t seed, int64_t i);
double *random_atoms(int64_t atoms, int64_t dim, uint64_t seed);

/* [I, Hadamard], 2·dim atoms; dim a power of two. Every cosine between the two bases is ±1/√dim. */
double *identity_beside_hadamard(int64_t dim);

/* Equiangular lines: the characters of Z₂²ᵐ on the support of the bent function x₀x₁ + x₂x₃ + …, a difference set. 4ᵐ atoms of ±1 in
 * equiangular_dim(m) = 2²ᵐ⁻¹ − 2ᵐ⁻¹ dimensions, with all cosines ±1/(2ᵐ − 1), which is Welch's bound. */
int64_t equiangular_dim(int m);
double *equiangular_atoms(int m);

/* As many atoms of length 1 as dimensions with the cosines ρ^|i − j|. */
double *autoregressive_atoms(int64_t atoms, double rho);

/* Atom 0, and others at the cosines c_1, c_2 … with it, c_i c_j with each other: as many as dimensions, turned so that every coordinate counts. */
double *fan_of_atoms(int64_t atoms, const double *cosine);

/* S = (XᵀX/n)⁻¹ of rows X. */
atoms_metric *metric_from_rows(atoms_context *context, const double *rows, int64_t n, int64_t dim);

#endif
