/* One dictionary with its plan, one signal with its path, and the optimality conditions in plain f64 loops. */
#ifndef HOMOTOPY_CASE_H
#define HOMOTOPY_CASE_H

#include "homotopy/homotopy_internal.h"

typedef struct homotopy_case {
    int64_t atoms, dim;
    double *unit, *gram, *weights, *ridge; /* malloc'ed; the last two NULL: 1 and 0 */
    atomsi_homotopy_plan plan;
    double *x, *correlation;
    void *scratch;
    atomsi_homotopy *path;
} homotopy_case;

enum { CASE_GAUSSIAN, CASE_CORRELATED, CASE_DUPLICATED, CASE_NEARLY_PARALLEL, CASE_RANK_DEFICIENT, CASE_KINDS };
enum { WITH_GRAM = 1, NONNEGATIVE = 2, WEIGHTED = 4, WITH_RIDGE = 8, ALL_OPTIONS = 16 };

double case_normal(uint64_t seed, int64_t i);

/* Unit atoms of a kind (a row an atom), malloc'ed. */
double *case_atoms(int kind, int64_t atoms, int64_t dim, uint64_t seed);

/* A case over given unit atoms (taken over, freed with the case). x is a Gaussian of length 1 until it is set. */
homotopy_case *case_make(double *unit, int64_t atoms, int64_t dim, int options, uint64_t seed);
void case_free(homotopy_case *c);

/* Begins a path of the signal c->x. */
void case_start(homotopy_case *c);

/* On to λ, with whatever else is in the goal. */
void case_to(homotopy_case *c, double lambda);

/* Largest violation of the optimality conditions of the code where the path is, in units of λ_max. */
double case_kkt(const homotopy_case *c);

/* ½‖x − Uγ‖² + λ Σ ŵ|γ| + ½ Σ ρ γ² of a dense code; and ‖x − Uγ‖ of the path's. */
double case_objective(const homotopy_case *c, const double *code, double lambda);
double case_residual(const homotopy_case *c);

/* The path's code, dense, into out (atoms). */
void case_code(const homotopy_case *c, double *out);

#endif
