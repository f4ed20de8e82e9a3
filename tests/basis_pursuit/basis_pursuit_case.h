/* A problem in f64, its answers, and every figure of the records computed again from x, D, a and y alone. */
#ifndef BASIS_PURSUIT_CASE_H
#define BASIS_PURSUIT_CASE_H

#include <atoms/atoms.h>

typedef struct bp_case {
    int64_t atoms, dim, rows;
    double *d, *x;            /* malloc'ed; a row an atom, a row a signal */
    const double *scale;      /* a metric S = diag 1/scale²; NULL: none */
    atoms_basis_pursuit_opts opts;
    double *code, *dual;      /* rows × atoms, rows × dim: after bp_solve */
    atoms_code_record *record;
} bp_case;

double bp_normal(uint64_t seed, int64_t i);
double *bp_normals(int64_t n, uint64_t seed);

/* Takes d and x (malloc'ed) over; default options. */
bp_case *bp_make(double *d, int64_t atoms, int64_t dim, double *x, int64_t rows);
void bp_free(bp_case *c);

/* Signals that are combinations of k atoms with Gaussian values (non-negative: their magnitudes), into x. */
double *bp_sparse(const double *d, int64_t atoms, int64_t dim, int64_t rows, int64_t k, int nonnegative, uint64_t seed);

/* Solves on a context of its own. dtype ATOMS_F32 or ATOMS_F64 of atoms and signals (f32: x and d are rounded to it first). */
void bp_solve(bp_case *c, int32_t dtype);

/* Recomputes every record, fails where one is not true. Returns the number of rows that converged. */
int64_t bp_check(const bp_case *c);

/* Σ|a| of row r. */
double bp_length(const bp_case *c, int64_t r);

#endif
