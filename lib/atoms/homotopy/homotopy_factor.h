/* The Cholesky factor of the support's Gram matrix, and what is solved with it, for the files of this room. */
#ifndef ATOMSI_HOMOTOPY_FACTOR_H
#define ATOMSI_HOMOTOPY_FACTOR_H

#include "homotopy_internal.h"

/* A pivot at most this much of G_jj + ρ_j: the atom depends on the support, to a sine of 3e-7, which is what f32 atoms can tell apart. */
#define ATOMSI_HOMOTOPY_DEPENDENT 1e-13

/* Appends the atom with target ŵ_j sgn γ_j. 0: it depends on the support, nothing has changed. */
int atomsi_homotopy_append(atomsi_homotopy *path, int64_t atom, double target);

/* Takes entry i out, by Givens rotations. */
void atomsi_homotopy_remove(atomsi_homotopy *path, int64_t i);

/* b (count) replaced by L⁻¹ b, by L⁻ᵀ b. */
void atomsi_homotopy_forward(const atomsi_homotopy *path, double *b);
void atomsi_homotopy_backward(const atomsi_homotopy *path, double *b);

/* Σ x[i]·y[i] */
double atomsi_homotopy_dot(int64_t n, const double *x, const double *y);

#endif
