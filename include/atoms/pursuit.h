/* Greedy pursuit: OMP and OLS, one atom a step, all coefficients refitted by least squares after each.
 *
 *     OMP (orthogonal matching pursuit; Pati et al. 1993):    next atom = argmax_j |⟨d_j, r⟩| / ‖d_j‖
 *     OLS (orthogonal least squares, order-recursive matching pursuit; Chen et al. 1989): argmax_j |⟨d_j, r⟩| / ‖P d_j‖,
 *         P the projection onto the complement of the chosen atoms: the atom that lowers the residual most
 *     non-negative: argmax_j ⟨d_j, r⟩ / ‖d_j‖ > 0, and the refit is non-negative least squares on the support
 * Ties go to the lowest number. Ends at max_atoms, at the residual, or where nothing is left to choose; and always at ‖r‖ ≤ 2^-22‖x‖, since f32
 * codes come no closer. An atom whose squared sine to the span of those chosen is at most 1e-5 (non-negative: 1e-10) is passed over.
 * Ways of working, costs and when to use which: docs/pursuit.md.
 */
#ifndef ATOMS_PURSUIT_H
#define ATOMS_PURSUIT_H

#include <atoms/coding.h>

ATOMS_BEGIN

typedef struct atoms_pursuit atoms_pursuit;           /* a plan: immutable, shared by threads */
typedef struct atoms_pursuit_work atoms_pursuit_work; /* the memory of one batch: one thread at a time */

/* Pinned for ever. */
enum { ATOMS_PURSUIT_OMP = 0, ATOMS_PURSUIT_OLS = 1 };

typedef struct atoms_pursuit_opts {
    uint32_t struct_size;
    int32_t rule;        /* ATOMS_PURSUIT_OMP (default) or ATOMS_PURSUIT_OLS */
    int32_t nonnegative; /* 1: a ≥ 0, with OMP only; 0 (default) */
    int32_t certify;     /* ATOMS_CERTIFY_FUCHS | ATOMS_CERTIFY_ERC; 0 (default) */
    int64_t max_atoms;   /* stop at this many, at most min(dimension, atoms); 0 (default): 32 or that minimum, and the minimum alone where a residual is given */
    double residual;     /* stop where ‖x − D a‖ is at most this, in units of x; 0 (default): no such stop */
    double residual_rel; /* the same, in units of ‖x‖; where both are given the larger of the two counts */
    int64_t gram_bytes;  /* atoms² f32 up to this size are kept as Gram matrix; 0 (default): 1 GiB; −1: never. Non-negative: never */
} atoms_pursuit_opts;

/* The defaults. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_pursuit_opts_init(atoms_pursuit_opts *opts, size_t size);

/* A plan for signals of the dictionary's dimension; opts NULL = defaults. The dictionary must outlive it.
 * Errors: ARGUMENT (max_atoms too large; a negative or non-finite stop), OVERFLOW, MEMORY, CANCELLED. Allocates an f32 copy of the atoms
 * and, where it fits gram_bytes, the Gram matrix. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_pursuit_create(atoms_context *context, const atoms_dictionary *dictionary,
                                                            const atoms_pursuit_opts *opts, atoms_pursuit **out);
ATOMS_API void atoms_pursuit_destroy(atoms_pursuit *pursuit);

/* Bytes of a work for batches of up to max_rows signals. Errors: ARGUMENT, OVERFLOW. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_pursuit_work_size(const atoms_pursuit *pursuit, int64_t max_rows, size_t *bytes);

/* Makes a work inside `memory` (any alignment), for as many rows as its size was asked for; the memory stays the caller's and must
 * outlive it; nothing to destroy. Errors: ARGUMENT, CAPACITY. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_pursuit_work_init(const atoms_pursuit *pursuit, void *memory, size_t bytes, atoms_pursuit_work **out);

/* Codes of the rows of x (any float dtype, ≤ max_rows) into *out, a view over the work, valid until its next use, and a record each
 * (records NULL: none). On the calling thread; never allocates, locks or calls the system. record.status: CONVERGED at one of the stops asked
 * for, at a residual of 0 to rounding, or at the non-negative optimum; STOPPED where a residual asked for was not reached with min(dimension,
 * atoms) of them or to rounding; DEPENDENT. record.kkt: max over the support of |⟨d_j, r⟩| /
 * (‖d_j‖ (‖x‖ + Σ|a_j|‖d_j‖)); non-negative: over all atoms also of ⟨d_j, r⟩₊, and where that is 0 to rounding a is the non-negative
 * least-squares answer over the whole dictionary. record.iterations: atoms tried.
 * Errors: ARGUMENT, SHAPE, DTYPE, NOT_FINITE (row, column; or a code beyond f32), CAPACITY. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_pursuit_batch(const atoms_pursuit *pursuit, atoms_pursuit_work *work, const atoms_matrix *x,
                                                           atoms_codes_view *out, atoms_code_record *records);

/* The same for all rows, streamed, on the context's threads, appended to `codes` (width = atoms); records NULL or one a row. On failure codes
 * is as it was, and records are undefined. Errors: those of batch, OVERFLOW, MEMORY, CANCELLED, and those of reading rows. Allocates. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_pursuit_run(const atoms_pursuit *pursuit, atoms_rows *signals, atoms_codes *codes,
                                                         atoms_code_record *records);

ATOMS_END

#endif
