/* Basis pursuit: min over a of ‖a‖₁ with D a = x (BP, σ = 0), or with ‖x − D a‖ ≤ σ (BPDN), optionally with a ≥ 0 (Chen, Donoho, Saunders 1998).
 *
 * The dual vector y has |y·d_j| ≤ 1 for all atoms (a ≥ 0: y·d_j ≤ 1), so y·x − σ‖y‖ ≤ ‖a‖₁ for every feasible a: equality proves the answer.
 * record.gap = ‖a‖₁ − (y·x − σ‖y‖); CONVERGED means gap ≤ tol·‖a‖₁ and ‖x − D a‖ ≤ σ + 1e-6‖x‖. record.objective = ‖a‖₁;
 * record.kkt: max over the support of |sgn a_j − y·d_j| and over the other atoms of (|y·d_j| − 1)₊. record.lambda: BPDN's multiplier, the λ
 * at which lasso has the same answer; NaN for BP and for an empty code. With a metric, ‖y‖ is that of the whitened y: ‖Lᵀy‖, S⁻¹ = L Lᵀ.
 * Where no code comes within σ of x the outcome is INFEASIBLE; where σ ≥ ‖x‖ the code is empty and CONVERGED.
 */
#ifndef ATOMS_BASIS_PURSUIT_H
#define ATOMS_BASIS_PURSUIT_H

#include <atoms/coding.h>

ATOMS_BEGIN

typedef struct atoms_basis_pursuit atoms_basis_pursuit;           /* a plan: immutable, shared by threads */
typedef struct atoms_basis_pursuit_work atoms_basis_pursuit_work; /* the memory of one batch: one thread at a time */

/* Pinned for ever. */
enum {
    ATOMS_BASIS_PURSUIT_AUTO = 0,     /* homotopy; ADMM where it fails to prove its answer */
    ATOMS_BASIS_PURSUIT_HOMOTOPY = 1, /* the lasso's exact path, followed to λ → 0 or to ‖r‖ = σ: fast for sparse answers */
    ATOMS_BASIS_PURSUIT_ADMM = 2      /* alternating directions on the dual with a cached factor of D Dᵀ (Yang and Zhang 2011), then a polish */
};

typedef struct atoms_basis_pursuit_opts {
    uint32_t struct_size;
    int32_t solver;         /* ATOMS_BASIS_PURSUIT_AUTO (default) … */
    int32_t nonnegative;    /* 1: a ≥ 0; 0 (default) */
    int32_t certify;        /* ATOMS_CERTIFY_FUCHS | ATOMS_CERTIFY_ERC; 0 (default) */
    double sigma;           /* σ ≥ 0 in units of x; 0 (default): BP */
    double sigma_rel;       /* σ in units of ‖x‖; give one of the two; 0 (default) */
    double tol;             /* gap ≤ tol·‖a‖₁; default 1e-6; below about 1e-7 the rounding of codes to f32 decides */
    int64_t max_iterations; /* 0 (default): the solver's own limit, in docs/basis_pursuit.md */
} atoms_basis_pursuit_opts;

ATOMS_API ATOMS_NODISCARD atoms_status atoms_basis_pursuit_opts_init(atoms_basis_pursuit_opts *opts, size_t size);

/* A plan; opts NULL = defaults. The dictionary must outlive it. Errors: ARGUMENT (a negative or non-finite σ; both σ; …), OVERFLOW, MEMORY,
 * CANCELLED. Allocates an f32 copy of the atoms, their f64 Gram matrix where that is at most 256 MiB, and a dimension² factor. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_basis_pursuit_create(atoms_context *context, const atoms_dictionary *dictionary,
                                                                  const atoms_basis_pursuit_opts *opts, atoms_basis_pursuit **out);
ATOMS_API void atoms_basis_pursuit_destroy(atoms_basis_pursuit *basis_pursuit);

/* Bytes of a work for batches of up to max_rows signals. Errors: ARGUMENT, OVERFLOW. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_basis_pursuit_work_size(const atoms_basis_pursuit *basis_pursuit, int64_t max_rows, size_t *bytes);

/* Makes a work inside `memory` (any alignment), for as many rows as its size was asked for; the memory stays the caller's and must
 * outlive it; nothing to destroy. Errors: ARGUMENT, CAPACITY. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_basis_pursuit_work_init(const atoms_basis_pursuit *basis_pursuit, void *memory, size_t bytes,
                                                                     atoms_basis_pursuit_work **out);

/* Codes of the rows of x (any float dtype, ≤ max_rows) into *out, a view over the work, valid until its next use, and a record each
 * (records NULL: none). On the calling thread; never allocates, locks or calls the system. record.iterations: joins and drops of the path;
 * after ADMM its iterations. Errors: ARGUMENT, SHAPE, DTYPE, NOT_FINITE (row, column; or a code beyond f32), CAPACITY. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_basis_pursuit_batch(const atoms_basis_pursuit *basis_pursuit, atoms_basis_pursuit_work *work,
                                                                 const atoms_matrix *x, atoms_codes_view *out, atoms_code_record *records);

/* The proofs y of the last batch in `work`: rows × dimension, f64, valid until its next use; |y·d_j| ≤ 1 in plain products (a metric is contained
 * in y). Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_basis_pursuit_dual(const atoms_basis_pursuit *basis_pursuit, const atoms_basis_pursuit_work *work,
                                                                atoms_matrix *out);

/* All rows, streamed, on the context's threads, appended to `codes` (width = atoms); records NULL or one a row. On failure codes
 * is as it was, records and dual are undefined. Errors: those of batch, OVERFLOW, MEMORY, CANCELLED, and those of reading rows. Allocates. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_basis_pursuit_run(const atoms_basis_pursuit *basis_pursuit, atoms_rows *signals, atoms_codes *codes,
                                                               atoms_code_record *records);

/* The same; dual NULL or rows × dimension, f64: filled too. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_basis_pursuit_run_dual(const atoms_basis_pursuit *basis_pursuit, atoms_rows *signals,
                                                                    atoms_codes *codes, atoms_code_record *records, const atoms_matrix *dual);

ATOMS_END

#endif
