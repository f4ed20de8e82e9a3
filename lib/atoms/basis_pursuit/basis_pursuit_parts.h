/* A basis pursuit plan, and what its files do with a piece. Everything is in unit scale (coding_internal.h): ‖x‖ = 1, atoms of length 1, ŵ_j =
 * 1/‖d_j‖ because Σ|a_j| = ‖x‖ Σ ŵ_j|γ_j|. The dual vector keeps its scale: |u_j·y| ≤ ŵ_j is |d_j·y| ≤ 1. */
#ifndef ATOMSI_BASIS_PURSUIT_PARTS_H
#define ATOMSI_BASIS_PURSUIT_PARTS_H

#include <atoms/basis_pursuit.h>

#include "../coding/coding_internal.h"
#include "../homotopy/homotopy_internal.h"

/* ‖x − D a‖ may be this much above σ, in units of ‖x‖, of which the solvers leave the larger part to the rounding of codes to f32. A signal that
 * is a sparse combination and was rounded to f32 itself is less than 6e-8 away from its atoms' span. */
#define BASIS_PURSUIT_ALLOWANCE 1e-6
#define BASIS_PURSUIT_ROUNDING 1e-7
#define BASIS_PURSUIT_WITHIN (0.4 * BASIS_PURSUIT_ALLOWANCE) /* well within it */

struct atoms_basis_pursuit {
    atomsi_coder coder;
    atoms_basis_pursuit_opts opts;
    atomsi_homotopy_plan path;
    double *weights; /* ŵ_j */
    double *gram;    /* atoms × atoms, or NULL */
    double *factor;  /* lower Cholesky factor of UᵀU + shift·I, dim × dim; NULL: no ADMM */
    double shift, ridge; /* the part of it that BPDN's own variable has (0 or 1); and a proximal term, so that UᵀU need not have full rank */
    double start_penalty;
    double longest; /* atom */
    int64_t limit;   /* of ADMM's iterations */
};

/* What a piece is solved in. */
typedef struct atomsi_bp_scratch {
    void *path;
    double *product; /* rows × atoms: correlations, and products of atoms and dual vectors */
    double *sigma;   /* rows: σ in units of ‖x‖ */
    double *gap;     /* rows: relative gap of the row's answer; infinite while there is none */
    int32_t *row;    /* rows: those that are still worked on */
    int64_t rows;    /* how many those are */

    /* ADMM, in the order of `row`. */
    double *penalty;                        /* rows: β */
    double *y, *y_before, *t, *q, *side;    /* rows × dim */
    double *z, *p;                          /* rows × atoms */
    int32_t *index;                         /* atoms: a support */
    double *key, *sign, *candidate;         /* atoms: what it is sorted by, its signs; dim: a dual vector */
} atomsi_bp_scratch;

/* Places scratch in memory, or measures. */
void atomsi_bp_place(const atoms_basis_pursuit *bp, base_layout *layout, atomsi_bp_scratch *out);

/* An answer offered for row r: a path where it stands, and the dual vector y (dim) with its products U y (atoms). Where it is better than what the row
 * has it becomes the row's code and dual vector. 1: the gap is proved; the path may have been trimmed then. */
int atomsi_bp_offer(const atoms_basis_pursuit *bp, atomsi_bp_scratch *s, atomsi_piece *piece, int64_t r, atomsi_homotopy *path,
                    const double *y, const double *product);

/* Solves the rows s->row of the piece. */
void atomsi_bp_admm(const atoms_basis_pursuit *bp, atomsi_bp_scratch *s, atomsi_piece *piece);

void atomsi_bp_solve(const atomsi_coder *coder, void *scratch, atomsi_piece *piece);
void atomsi_bp_judge(const atomsi_coder *coder, void *scratch, atomsi_piece *piece);

#endif
