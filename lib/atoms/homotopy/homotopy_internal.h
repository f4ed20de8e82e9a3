/* The lasso's exact path: for one signal, the answers of
 *     min over γ of ½‖x − Σ_j γ_j u_j‖² + λ Σ_j ŵ_j |γ_j| + ½ Σ_j ρ_j γ_j²   (optionally γ ≥ 0)
 * for all λ from λ_max downwards, which are piecewise linear in λ (homotopy: Osborne, Presnell, Turlach 2000; LARS with drops: Efron et al.
 * 2004). Everything is f64, in unit scale (coding_internal.h): u_j of length 1. The path is followed to where a goal says and can be followed
 * on from there with the next goal, so that a row of falling λ costs one path.
 *
 *     atomsi_homotopy_plan plan = {…};                                    once, shared by threads
 *     scratch of atomsi_homotopy_bytes(&plan)                             one a thread
 *     atomsi_homotopy *path = atomsi_homotopy_start(&plan, scratch, x, correlations);
 *     atomsi_homotopy_follow(path, &goal);                                then read path->count, index, value, lambda, end
 */
#ifndef ATOMSI_HOMOTOPY_H
#define ATOMSI_HOMOTOPY_H

#include <stdint.h>

#include <atoms/coding.h> /* the flags */

#include "../dictionary/dictionary_internal.h"

/* What all signals share: nothing in it is written. */
typedef struct atomsi_homotopy_plan {
    const linalg_kernels *kernels; /* the context's */
    int64_t atoms, dim;
    const double *unit;    /* atoms × dim: unit atoms */
    const double *gram;    /* atoms × atoms, f64, as atomsi_homotopy_gram makes it; NULL: products with atoms are computed as they are needed */
    const double *weights; /* ŵ_j > 0; NULL: 1 */
    const double *ridge;   /* ρ_j ≥ 0; NULL: 0 */
    int32_t nonnegative;
    int64_t capacity;      /* the largest support, 1 … atoms; min(dim, atoms) is enough without ridge */
    int64_t max_steps;     /* joins and drops of one signal; 0: 8·capacity + 64 */
} atomsi_homotopy_plan;

/* The f64 Gram matrix of the unit atoms on the context's threads; the caller releases it. Errors: OVERFLOW, MEMORY, CANCELLED. */
atoms_status atomsi_homotopy_gram(atoms_context *context, const atoms_dictionary *dictionary, double **out);

/* Bytes of scratch (aligned to 64) for one signal at a time; −1: overflow. */
int64_t atomsi_homotopy_bytes(const atomsi_homotopy_plan *plan);

/* Why the path ends where it is. */
enum {
    ATOMSI_HOMOTOPY_LAMBDA = 0,  /* λ = goal's λ (or λ_max, where that is smaller: the code is empty) */
    ATOMSI_HOMOTOPY_SIGMA = 1,   /* ‖r‖ = goal's σ (or ‖x‖ ≤ σ: the code is empty) */
    ATOMSI_HOMOTOPY_SPAN = 2,    /* λ → 0: least squares on the support with the signs of the dual vector, which is feasible to the goal's slack */
    ATOMSI_HOMOTOPY_KNOT = 3,    /* a join or a drop, as the goal asked */
    ATOMSI_HOMOTOPY_CAPACITY = 4, /* the support is full */
    ATOMSI_HOMOTOPY_STEPS = 5    /* max_steps: a degenerate signal, or a very long path */
};

typedef struct atomsi_homotopy_goal {
    double lambda;    /* ≥ 0 */
    double sigma;     /* stop at ‖r‖ = σ; negative: never. Without ridge only */
    double residual;  /* SPAN may end the path where ‖x − P_S x‖ ≤ residual; negative: never */
    double slack;     /* of SPAN: relative, in |u_j·y| ≤ ŵ_j and in Σ ŵ_j |γ_j| = Σ target_j γ_j */
    int32_t each_knot; /* 1: stop after each join or drop too, values as they are there */
} atomsi_homotopy_goal;

/* One signal's path, where it has come to. Lives in the scratch. */
typedef struct atomsi_homotopy {
    const atomsi_homotopy_plan *plan;
    const double *x;      /* dim: the signal; the caller's, of any length */
    double *correlation;  /* atoms: u_j·r, the caller's */
    int32_t end;          /* ATOMSI_HOMOTOPY_… */
    int32_t flags;        /* ATOMS_CODE_MASKED, ATOMS_CODE_NOT_UNIQUE */
    int64_t steps;        /* joins, drops and refusals so far */
    int64_t count;        /* of the support */
    int32_t *index;       /* capacity; in the order of joining */
    double *value;        /* capacity; γ at λ */
    double lambda, lambda_max;
    double min_pivot;     /* smallest of the Cholesky factor's pivots (unit atoms: squared sines) so far that is still in it; 1 when empty */

    /* The machine, for the files of this room. */
    double *target;       /* capacity: ŵ_j sgn γ_j */
    double *product;      /* capacity: u_j·x */
    double *factor;       /* L, capacity × capacity, row-major lower: L Lᵀ = G_SS + diag ρ_S */
    double *z, *p;        /* capacity: L z = target, L p = product; so γ_S = L⁻ᵀ(p − λ z), and without ridge ‖r‖² = ‖x‖² − ‖p‖² + λ²‖z‖² */
    double *velocity;     /* capacity: v = L⁻ᵀ z, growth of γ_S as λ falls */
    double *spare;        /* capacity */
    const double **row;   /* capacity: rows of the Gram matrix, or unit atoms, of the support */
    double *direction;    /* atoms: G_{:,S} v, fall of u_j·r as λ falls */
    double *bound;        /* atoms: ŵ_j; infinite: in the support or passed over */
    int32_t *passed;      /* atoms: those passed over; first those that depend on the support, then those that turned back at once */
    int64_t passed_count, dependent_count;
    int64_t refreshed;    /* steps at the last refresh of the correlations */
    double refreshed_at;  /* λ then */
    double *residual;     /* dim: at an end, x − Σ γ_j u_j */
    double norm2;         /* ‖x‖² */
} atomsi_homotopy;

/* Begins at λ_max with an empty code. `correlation` (atoms, written) holds u_j·x: the caller has it for a whole batch from one GEMM. */
atomsi_homotopy *atomsi_homotopy_start(const atomsi_homotopy_plan *plan, void *scratch, const double *x, double *correlation);

/* On to the goal: fills end, count, index, value, lambda. A goal behind the present λ is reached already. Never fails, always ends. */
void atomsi_homotopy_follow(atomsi_homotopy *path, const atomsi_homotopy_goal *goal);

/* Puts a fresh path (whatever its correlations) on a support with given signs, as far as its atoms are independent: at the λ where ‖r‖ = σ, else at
 * λ = 0. Whether that is an answer is the caller's to find out, from the code and its dual vector. */
void atomsi_homotopy_seat(atomsi_homotopy *path, int64_t count, const int32_t *index, const double *sign, double sigma);

/* At SPAN: whether a value larger than `noise` has turned against the dual vector. */
int atomsi_homotopy_has_turned(const atomsi_homotopy *path, double noise);

/* At SPAN, or from SIGMA or LAMBDA taken there: values that have turned, or are no larger than `small`, leave, and the rest is fitted again by least squares,
 * until there is none. The dual vector to set beside the new values is the one from before, which has their signs; the path is not to be followed
 * any further. */
void atomsi_homotopy_trim(atomsi_homotopy *path, double small);

/* The dual vector there (dim): r/λ; at λ = 0 Σ_j v_j u_j. |u_j·y| ≤ ŵ_j to rounding. */
void atomsi_homotopy_dual(const atomsi_homotopy *path, double *y);

#endif
