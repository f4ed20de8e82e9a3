/* The parts of the lasso room.
 *
 * In the unit scale of coding_internal.h the problem reads: minimise over γ
 *     ½‖x − Σ γ_j u_j‖² + λ̂ Σ ŵ_j |γ_j| + ½ Σ ρ̂_j γ_j²,   ρ̂_j = ρ/‖d_j‖²,
 * which is the caller's objective divided by ‖x‖². λ̂ is called level here. */
#ifndef ATOMSI_LASSO_PARTS_H
#define ATOMSI_LASSO_PARTS_H

#include <atoms/lasso.h>

#include "../../base/layout.h"
#include "../coding/coding_internal.h"

struct atoms_lasso {
    atomsi_coder coder;
    atoms_lasso_opts opts; /* as checked; weights NULL */
    int64_t limit;         /* of iterations */
    bool hands_over;       /* CD: rows that it does not bring to the goal walk the exact path */
    double goal;           /* gap to reach, in unit scale: tol/2 */
    double *weight;        /* ŵ_j */
    double *slope;         /* 1/ŵ_j */
    double *ridge;         /* ρ̂_j; NULL where ρ = 0 */
    float *weight32, *slope32;
    double steepest, flattest; /* max and min of slope */
    float *shrink32;       /* 1/(1 + ρ̂_j) */
    float *gram;           /* CD: atoms × gram_stride, or NULL */
    int32_t whole;         /* CD: the Gram matrix is so small that all atoms are in play always */
    int64_t gram_stride;   /* a multiple of 16; what lies beyond the atoms is 0 */
    int64_t widest;        /* CD: the most atoms in play for a signal */
    double *gram64;        /* LARS: atoms × atoms, or NULL */
    float *rate32;         /* ISTA, FISTA: ‖d_j‖²/L */
};

/* What the gap of a code is computed from. */
typedef struct lasso_terms {
    double level;
    double product; /* x·r */
    double square;  /* r·r + Σ ρ̂_j γ_j² */
    double penalty; /* λ̂ Σ ŵ_j |γ_j| */
    double largest; /* max_j |u_j·r − ρ̂_j γ_j|/ŵ_j; a ≥ 0: without the bars */
} lasso_terms;

/* The best feasible multiple of the residual, and the gap that it proves. */
double atomsi_lasso_scale(const atoms_lasso *lasso, const lasso_terms *t);
double atomsi_lasso_gap(const atoms_lasso *lasso, const lasso_terms *t);
/* Objective in unit scale. */
static inline double atomsi_lasso_objective(const lasso_terms *t) { return 0.5 * t->square + t->penalty; }

/* Largest values over atoms, in f64; g_j is u_j·r − ρ̂_j γ_j. */
typedef struct lasso_verdict {
    double largest;   /* |g_j|/ŵ_j; a ≥ 0: without the bars */
    double violation; /* (|g_j| − λ̂ ŵ_j)₊ ‖d_j‖ outside the support, |g_j − λ̂ ŵ_j s_j| ‖d_j‖ on it; 0 at least */
} lasso_verdict;

/* Raises *v to what the atoms outside the support make of it, where r is `vector`, of length `length` > 0. products: of all atoms with vector/length, in
 * f32; NaN where an atom is to be left out. */
void atomsi_lasso_look(const atoms_lasso *lasso, const double *vector, double length, double level, const float *products, lasso_verdict *v);

/* λ̂ of a row, from its row of X Uᵀ in f32; λ and λ_max go into its record. Where the answer is 0 (a zero signal, λ ≥ λ_max) the result is 0. */
double atomsi_lasso_level(const atoms_lasso *lasso, atomsi_piece *piece, int64_t row, const float *correlations);

/* The linear system of the optimality conditions on a support S with signs s:
 *     (G_SS + diag ρ̂) step = gradient,   gradient_j = u_j·r − λ̂ ŵ_j s_j − ρ̂_j γ_j  */
typedef struct lasso_support {
    int64_t room, k;    /* largest and present size */
    bool dependent;     /* the matrix was nearly singular and had its diagonal raised */
    int32_t *place;     /* where its atoms are in the set in play */
    double *square;     /* k × k: the matrix, then its factor */
    double *step;       /* the gradient, then the step */
    double *value;      /* γ in f64 */
} lasso_support;

void atomsi_lasso_support_take(base_layout *layout, int64_t room, lasso_support *out);
/* Factor of the matrix that `fill` writes (upper triangle), with its diagonal raised by `shift`. A nearly dependent support is factored with its
 * diagonal raised, which damps steps where they are not determined. false: that did not help. */
bool atomsi_lasso_factor(lasso_support *s, void (*fill)(const void *user, double shift), const void *user);
void atomsi_lasso_solve(lasso_support *s);
/* Newton steps in f64 from value, with gradients of the f64 atoms: `atom` and the factor are of the support; stops before a sign would change.
 * residual (dim) becomes x − Σ γ_j u_j. Returns whether the conditions on the support hold to rounding then. */
bool atomsi_lasso_refine(const atoms_lasso *lasso, lasso_support *s, const int32_t *atom, const double *x, double level, double *residual);

/* Coordinate descent for one signal on a set of atoms in play. */
typedef struct lasso_descent {
    const atoms_lasso *lasso;
    linalg_descent core;
    int64_t count;        /* atoms in play; core.n is that in whole vectors, as far as there are atoms: what lies between is 0 or unused */
    const float *product; /* u_j·x */
    const float *slope;   /* 1/ŵ_j */
    double norm;          /* x·x: 1 but for rounding */
    float *gram;          /* = core.gram, where it is made row by row: */
    const int32_t *atom;  /* the atoms' numbers */
    int32_t *made;        /* how many entries of each row are made; NULL: all of all */
    int32_t *list;        /* those visited: in the code, or in violation */
    int64_t listed;
    int64_t sweeps;       /* so far, over all rounds */
    bool reached;         /* the gap over the atoms in play is at most the goal */
    bool solved;          /* the code solves the conditions on its support, whose factor is in `support` */
    lasso_support support;
    int32_t *found, *missing; /* scratch, a place for each atom in play */
    float *scale;
    const float **from, **next; /* next: twice as many */
} lasso_descent;

/* The scratch of a descent, and room for the arrays of a set in play. */
void atomsi_lasso_descent_take(base_layout *layout, const atoms_lasso *lasso, lasso_descent *out);
/* Sets q, from product and z. */
void atomsi_lasso_gradient(lasso_descent *d);
/* Descends until the gap over the atoms in play is at most goal, or, where `exact`, until the conditions on the support are solved; or until nothing
 * moves any more. */
void atomsi_lasso_descend(lasso_descent *d, double goal, bool exact);
/* Makes the missing entries of row j of the set's Gram matrix. */
void atomsi_lasso_make_row(lasso_descent *d, int64_t j);

/* What is remembered of one signal's working set between rounds. */
typedef struct lasso_set {
    int64_t row; /* of the piece */
    double level;
    int64_t count, kept; /* atoms; those whose Gram rows are in gram */
    int32_t *atom;       /* lasso->widest */
    float *product;      /* u_j·x */
    float *z;
    float *gram;         /* of a small set; that of a larger one is made anew each round */
    int32_t *made;
    int64_t sweeps;
    bool exact, solved;
} lasso_set;

/* The most atoms whose Gram matrix is kept between rounds. */
enum { LASSO_SMALL_SET = 128 };

/* At most `most` atoms with the largest |q_j|/ŵ_j above `least`, into found, rising; largest is the maximum. Returns how many. */
int64_t atomsi_lasso_choose(const atoms_lasso *lasso, const float *q, double least, double largest, int64_t most, int32_t *found);

/* What coordinate descent works on while it solves a piece. */
typedef struct lasso_rounds {
    const atoms_lasso *lasso;
    atomsi_piece *piece;
    lasso_descent descent;
    /* Only where the plan has no whole Gram matrix: */
    lasso_set *set; /* piece_rows */
    int32_t *live;  /* sets that are not done */
    float *weight, *slope, *shrink; /* of the set in turn: widest */
    float *wide;                    /* widest × wide_stride: Gram rows of the set in turn, where it is not small */
    int64_t wide_stride;
    int32_t *wide_made;
} lasso_rounds;

/* Starts a set: from the start code in the piece, or else from the atoms that correlate most; `products` is the row of X Uᵀ. */
void atomsi_lasso_set_start(lasso_rounds *w, lasso_set *set, float *products);
/* Brings the set in play, descends, and leaves code and residual32 (at `place`) in the piece. */
void atomsi_lasso_set_turn(lasso_rounds *w, lasso_set *set, int64_t place);
/* From the row of R Uᵀ: whether the set is done; else it has grown, or is to be solved exactly. */
bool atomsi_lasso_set_check(lasso_rounds *w, lasso_set *set, int64_t place, float *products);
/* The code of the descent into row `row` of the piece, refined in f64 where it is solved; then the row's residual is in piece->residual. Returns
 * whether it was refined. */
bool atomsi_lasso_write_code(lasso_rounds *w, int64_t row);

/* Rows whose record says STOPPED, λ and level known: walks their paths and keeps the better code by its gap. scratch: that of LARS with one row. */
void atomsi_lasso_hand_over(const atoms_lasso *lasso, void *scratch, atomsi_piece *piece);

bool atomsi_lasso_descent_size(const atoms_lasso *lasso, int64_t *bytes);
bool atomsi_lasso_proximal_size(const atoms_lasso *lasso, int64_t *bytes);
bool atomsi_lasso_lars_size(const atoms_lasso *lasso, int64_t rows, int64_t *bytes);
atomsi_solve_fn atomsi_lasso_solve_descent, atomsi_lasso_solve_proximal, atomsi_lasso_solve_lars, atomsi_lasso_judge;

/* An upper bound of ‖D‖², the largest eigenvalue of D Dᵀ. Errors: OVERFLOW, MEMORY, NUMERIC. */
atoms_status atomsi_lasso_lipschitz(const atoms_lasso *lasso, double *out);

#endif
