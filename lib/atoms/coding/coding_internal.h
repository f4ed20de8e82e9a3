/* What the sparse coders share. A plan of pursuit, lasso or basis pursuit begins with an atomsi_coder; this room does everything around the
 * solver: it checks and whitens signals, cuts batches into pieces, rounds codes to f32, writes CSR and records, streams files over the threads.
 *
 * A solver works in unit scale: atoms u_j = d_j/‖d_j‖ and signals x/‖x‖ of length 1 in the metric (whitened: every product is a plain one).
 * With a_j the code of d_j for x, its values are γ_j = a_j‖d_j‖/‖x‖. So |⟨d_j, r⟩| ≤ λ w_j reads |u_j·r̂| ≤ λ̂ ŵ_j with r̂ = r/‖x‖, λ̂ = λ/‖x‖, ŵ_j = w_j/‖d_j‖.
 */
#ifndef ATOMSI_CODING_H
#define ATOMSI_CODING_H

#include <atoms/coding.h>

#include "../../base/layout.h" /* how solvers place their arrays inside scratch */
#include "../dictionary/dictionary_internal.h"

typedef struct atomsi_coder atomsi_coder;
typedef struct atomsi_piece atomsi_piece;

/* Codes of a piece. Never allocates; bits depend on coder and piece alone. */
typedef void atomsi_solve_fn(const atomsi_coder *coder, void *scratch, atomsi_piece *piece);

struct atomsi_coder {
    atoms_context *context;
    const atoms_dictionary *dictionary;
    int64_t atoms, dim;
    float *unit32; /* atoms × dim: the unit atoms, rounded */

    /* What the solver says of itself, before the first work is made. */
    const char *name;        /* of the plan's kind, for error words: "pursuit" */
    int64_t piece_rows;      /* signals solved at once, ≥ 1: a fixed number, or bits would depend on threads */
    int64_t capacity;        /* the most entries a code may have, ≤ atoms */
    int64_t scratch_bytes;   /* memory that solve and certify may use while they work on a piece, aligned to 64 */
    int32_t nonnegative;     /* a ≥ 0: certificates are one-sided */
    int32_t certify;         /* ATOMS_CERTIFY_… */
    int32_t has_dual;        /* pieces carry dual vectors */
    const double *weights;   /* ŵ_j, for Fuchs' and Tropp's certificates; NULL: 1, which is pursuit's case */
    const double *inverse_weights; /* 1/ŵ_j, likewise */
    atomsi_solve_fn *solve;  /* fills count, index, value (unit scale; unsorted is fine), status, flags, iterations, min_pivot */
    atomsi_solve_fn *judge;  /* after rounding: fills objective, gap, kkt, lambda, lambda_max and dual, in the caller's scale */
};

/* Signals and answers of one piece; row r of an answer has room for coder->capacity entries. */
struct atomsi_piece {
    int64_t rows;
    const double *x;       /* rows × dim: whitened, length 1; zeros for a zero signal */
    const float *x32;      /* the same, rounded */
    const double *norm;    /* rows: ‖x‖; 0 for a zero signal, which no solver need look at: its count is 0 already */
    const double *lambda;  /* rows: λ of each row in the caller's scale, or NULL: the plan's own */
    float *correlations;   /* rows × atoms: scratch, meant for X Uᵀ (atomsi_correlate) */
    int64_t *count;        /* rows: entries of each code. On entry to solve the start code, 0 entries where there is none */
    int32_t *index;        /* rows × capacity */
    double *value;         /* rows × capacity, unit scale; in judge: as rounded to f32 for the caller, sorted by index */
    double *residual;      /* judge: rows × dim, x/‖x‖ − Σ γ_j u_j of the rounded code; solve may scribble here */
    float *residual32;     /* rows × dim: scratch of atomsi_find_maxima */
    double *at_support;    /* rows × capacity: filled by atomsi_find_maxima with u_j·r in f64 for the entries of each code */
    double *dual;          /* judge: rows × dim, NULL without has_dual: in whitened coordinates, the caller's scale (the driver takes it to plain products) */
    atoms_code_record *record; /* rows; everything NaN or 0 at first */
};

/* Fills the shared part (f32 atoms; the rest is the solver's). Errors: ARGUMENT, OVERFLOW, MEMORY. On failure there is nothing to release. */
atoms_status atomsi_coder_init(atomsi_coder *coder, atoms_context *context, const atoms_dictionary *dictionary, const char *name);
void atomsi_coder_release(atomsi_coder *coder);

/* Gram matrix of the rounded unit atoms, atoms × atoms f32, both triangles, on the context's threads. Errors: OVERFLOW, MEMORY, CANCELLED. */
atoms_status atomsi_gram_create(const atomsi_coder *coder, float **out);
/* Whether atoms² floats fit into `bytes` (no overflow). */
int atomsi_gram_fits(const atomsi_coder *coder, int64_t bytes);

/* out (rows × atoms) = X Uᵀ for packed rows x32 of coordinates. One GEMM. */
void atomsi_correlate(const atomsi_coder *coder, int64_t rows, const float *x32, float *out);

/* The piece's correlations become R Uᵀ, every residual brought to length 1 in residual32. */
void atomsi_correlate_residuals(const atomsi_coder *coder, const atomsi_piece *piece);

/* A product of dim terms in f32, summed in any order, of vectors of length 1 that were rounded to f32 themselves, is off by less than
 * (dim + 8)·2⁻²⁴ (Higham, Accuracy and Stability, §3.1; to first order, with room for the rest). */
static inline double atomsi_product_error(int64_t dim) { return (double)(dim + 8) * 0x1p-24 * 1.001; }

/* max over atoms j of slope_j·s(u_j·r_i), for each row i of the piece's residual, s = |.| or (one-sided) the identity. One f32 GEMM finds which
 * atoms can attain the maximum, by the bound on its rounding; those, and the support, are computed again in f64: the result is that of
 * plain f64 loops. Uses the piece's correlations and residual32. */
typedef struct atomsi_maximum {
    const double *slope; /* atoms; NULL: 1 */
    int32_t one_sided;
    int32_t outside;     /* 1: atoms outside each row's support alone; −∞ where there is none */
} atomsi_maximum;
/* All `count` maxima are from one GEMM: found[k·rows + i]. */
void atomsi_find_maxima(const atomsi_coder *coder, const atomsi_piece *piece, int64_t count, const atomsi_maximum *maxima, double *found);

/* The memory of one batch. */
typedef struct atomsi_coding_work atomsi_coding_work;
atoms_status atomsi_coding_work_size(const atomsi_coder *coder, int64_t max_rows, size_t *bytes);
atoms_status atomsi_coding_work_init(const atomsi_coder *coder, void *memory, size_t bytes, atomsi_coding_work **out);

/* start NULL or a code a row; lambda NULL or one a row (caller's scale). */
atoms_status atomsi_coding_batch(const atomsi_coder *coder, atomsi_coding_work *work, const atoms_matrix *x, const atoms_codes_view *start,
                                 atoms_codes_view *out, atoms_code_record *records);
/* One signal, n values of λ, each started from the one before. */
atoms_status atomsi_coding_path(const atomsi_coder *coder, atomsi_coding_work *work, const atoms_matrix *x, const double *lambda, int64_t n,
                                atoms_codes_view *out, atoms_code_record *records);
atoms_status atomsi_coding_dual(const atomsi_coder *coder, const atomsi_coding_work *work, atoms_matrix *out);
atoms_status atomsi_coding_run(const atomsi_coder *coder, atoms_rows *signals, atoms_codes *codes, atoms_code_record *records, const atoms_matrix *dual);

#endif
