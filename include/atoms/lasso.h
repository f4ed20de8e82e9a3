/* Lasso: min over a of ½‖x − D a‖² + λ Σ_j w_j |a_j| + ½ ρ ‖a‖², optionally with a ≥ 0. λ is absolute in this objective, in units of x
 * times those of an atom; no division by the dimension or the number of samples anywhere.
 *
 * λ_max = max_j |⟨d_j, x⟩| / w_j (a ≥ 0: without the bars) is the smallest λ whose answer is 0.
 * record.gap is the objective minus the dual value of the best multiple of the residual (docs/lasso.md); CONVERGED means gap ≤ tol·½‖x‖².
 * record.kkt: max over the support of |⟨d_j, r⟩ − ρ a_j − λ w_j sgn a_j| and over the other atoms of (|⟨d_j, r⟩| − λ w_j)₊, divided by λ.
 */
#ifndef ATOMS_LASSO_H
#define ATOMS_LASSO_H

#include <atoms/coding.h>

ATOMS_BEGIN

typedef struct atoms_lasso atoms_lasso;           /* a plan: immutable, shared by threads */
typedef struct atoms_lasso_work atoms_lasso_work; /* the memory of one batch: one thread at a time */

/* Pinned for ever. */
enum {
    ATOMS_LASSO_CD = 0,    /* coordinate descent on working sets, gap-safe screening: the default, and the fastest */
    ATOMS_LASSO_LARS = 1,  /* least-angle regression: the exact path, atom by atom (Efron et al. 2004) */
    ATOMS_LASSO_FISTA = 2, /* accelerated proximal gradient with restart (Beck and Teboulle 2009; O'Donoghue and Candès 2015) */
    ATOMS_LASSO_ISTA = 3   /* proximal gradient as published (Daubechies et al. 2004): for reference */
};

typedef struct atoms_lasso_opts {
    uint32_t struct_size;
    int32_t solver;         /* ATOMS_LASSO_CD (default) … */
    int32_t nonnegative;    /* 1: a ≥ 0; 0 (default) */
    int32_t certify;        /* ATOMS_CERTIFY_FUCHS | ATOMS_CERTIFY_ERC; 0 (default) */
    int32_t polish;         /* 1 (default): values are solved for in f64 on the support that was found, where that lowers the gap; 0: not */
    int32_t reserved;
    double lambda;          /* λ > 0; −1 (default): not given, lambda_rel counts */
    double lambda_rel;      /* λ = lambda_rel · λ_max of each signal, 0 < lambda_rel; default 0.1. Where lambda is given it counts alone */
    double ridge;           /* ρ ≥ 0 (elastic net); 0 (default) */
    const double *weights;  /* w_j > 0, one an atom, copied; NULL (default): 1 */
    double tol;             /* gap ≤ tol·½‖x‖²; default 1e-6; below about 1e-7 the rounding of codes to f32 decides */
    int64_t max_iterations; /* 0 (default): the solver's own limit, in docs/lasso.md */
    int64_t gram_bytes;     /* atoms² f32 up to this size are kept as Gram matrix; 0 (default): as the solver is fastest, at most 1 GiB; −1: never */
} atoms_lasso_opts;

ATOMS_API ATOMS_NODISCARD atoms_status atoms_lasso_opts_init(atoms_lasso_opts *opts, size_t size);

/* A plan; opts NULL = defaults. The dictionary must outlive it. Errors: ARGUMENT (λ = 0 or not finite; a weight that is not positive; …),
 * OVERFLOW, MEMORY, CANCELLED. Allocates. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_lasso_create(atoms_context *context, const atoms_dictionary *dictionary, const atoms_lasso_opts *opts,
                                                          atoms_lasso **out);
ATOMS_API void atoms_lasso_destroy(atoms_lasso *lasso);

/* As their namesakes in pursuit.h. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_lasso_work_size(const atoms_lasso *lasso, int64_t max_rows, size_t *bytes);
ATOMS_API ATOMS_NODISCARD atoms_status atoms_lasso_work_init(const atoms_lasso *lasso, void *memory, size_t bytes, atoms_lasso_work **out);

/* Codes of the rows of x into *out, a view over the work, and a record each (records NULL: none). `start` (NULL: none) has a code a row to
 * start from; LARS does not use it. On the calling thread; never allocates, locks or calls the system.
 * Errors: ARGUMENT, SHAPE, DTYPE, NOT_FINITE (row, column; or a code beyond f32), CAPACITY. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_lasso_batch(const atoms_lasso *lasso, atoms_lasso_work *work, const atoms_matrix *x,
                                                         atoms_codes_view *out, atoms_code_record *records);
ATOMS_API ATOMS_NODISCARD atoms_status atoms_lasso_batch_from(const atoms_lasso *lasso, atoms_lasso_work *work, const atoms_matrix *x,
                                                              const atoms_codes_view *start, atoms_codes_view *out, atoms_code_record *records);

/* One signal (x has one row) at n values of λ, falling, each started from the one before: row i of *out is the code at lambdas[i].
 * n ≤ the work's max_rows. Errors: as batch. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_lasso_path(const atoms_lasso *lasso, atoms_lasso_work *work, const atoms_matrix *x,
                                                        const double *lambdas, int64_t n, atoms_codes_view *out, atoms_code_record *records);

/* The dual vectors behind the records of the last batch or path in `work`: rows × dimension, f64, valid until its next use. Row y is dual
 * feasible, |y·d_j| ≤ λ w_j (plain products; a metric is contained in y), and proves record.gap. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_lasso_dual(const atoms_lasso *lasso, const atoms_lasso_work *work, atoms_matrix *out);

/* All rows, streamed, as atoms_pursuit_run. dual NULL or rows × dimension, f64: filled too. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_lasso_run(const atoms_lasso *lasso, atoms_rows *signals, atoms_codes *codes, atoms_code_record *records);
ATOMS_API ATOMS_NODISCARD atoms_status atoms_lasso_run_dual(const atoms_lasso *lasso, atoms_rows *signals, atoms_codes *codes,
                                                            atoms_code_record *records, const atoms_matrix *dual);

ATOMS_END

#endif
