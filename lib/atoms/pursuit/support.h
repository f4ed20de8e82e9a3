/* Least squares on the atoms chosen, in f64: min ‖x − Σ γ_i u_i‖ by the Cholesky factor of their Gram matrix, U_Sᵀ U_S = L Lᵀ, which grows by
 * a row for each atom chosen and shrinks by Givens rotations for one that is dropped. */
#ifndef ATOMSI_SUPPORT_H
#define ATOMSI_SUPPORT_H

#include "pursuit_internal.h"

typedef struct atomsi_support {
    const atomsi_coder *coder;
    const double *x;   /* dim */
    int64_t count;
    int32_t *index;    /* capacity */
    double *value;     /* capacity: γ */
    double *factor;    /* L by packed rows: row i begins at i(i + 1)/2 */
    double *target;    /* capacity: u_i·x */
    double *spare;     /* capacity */
    const double **unit; /* capacity: u_i */
} atomsi_support;

/* Elements of factor for `capacity` atoms. false: overflow. */
bool atomsi_support_factor_size(int64_t capacity, int64_t *elements);

static inline double *atomsi_support_row(const atomsi_support *s, int64_t i)
{
    return s->factor + i * (i + 1) / 2;
}

/* The pivot atom j would have: the squared sine between it and the span of the support. Its row of L is left behind the last. */
double atomsi_support_try(atomsi_support *s, int64_t j);
/* Takes in the atom that was tried last; its γ is 0. */
void atomsi_support_add(atomsi_support *s, int64_t j, double pivot);
/* Drops entry i. */
void atomsi_support_drop(atomsi_support *s, int64_t i);

/* y = L⁻¹ y and y = L⁻ᵀ y. */
void atomsi_support_forward(const atomsi_support *s, double *y);
void atomsi_support_backward(const atomsi_support *s, double *y);

/* γ of least squares from L and target. */
void atomsi_support_solve(const atomsi_support *s, double *value);
/* r = x − Σ γ_i u_i; returns ‖r‖. */
double atomsi_support_residual(const atomsi_support *s, const double *value, double *r);
/* ‖r‖/‖x‖ of the code as the caller gets it, rounded to f32; norm = ‖x‖. r is scratch. */
double atomsi_support_rounded(const atomsi_support *s, double norm, double *r);

/* γ for a factor known to f32's accuracy: from γ = L⁻ᵀ z, corrected once by the residual in f64 (corrected semi-normal equations, Björck 1987);
 * where that does not suffice L is made anew in f64. r is scratch; returns nothing but a support in which ‖U_Sᵀ r‖ is small. */
void atomsi_support_refit(atomsi_support *s, const double *z, double min_pivot, double *r);

#endif
