/* The atomic inner product (AIP) and the moments it is made of.
 *
 * ⟨u, v⟩ = uᵀ S v / (‖u‖_S ‖v‖_S),  S = (E[k kᵀ] + γ I)⁻¹ over activations k, or (D Dᵀ)⁻¹ over a dictionary.
 * S is never formed: with C = S⁻¹ = L Lᵀ (Cholesky), uᵀ S v = (L⁻¹u)·(L⁻¹v). Everything here is f64.
 * Source: "Towards Atoms of Large Language Models" (arXiv 2509.20784); the choices it leaves open are in docs/metric.md.
 */
#ifndef ATOMS_METRIC_H
#define ATOMS_METRIC_H

#include <atoms/context.h>
#include <atoms/matrix.h>
#include <atoms/rows.h>

ATOMS_BEGIN

typedef struct atoms_moments atoms_moments;
typedef struct atoms_metric atoms_metric;

/* Empty moments of `dim` coordinates: n, Σ k, Σ k kᵀ in f64, and what Ledoit–Wolf needs. Errors: ARGUMENT, OVERFLOW, MEMORY.
 * Allocates dim·(dim + 258) doubles; atoms_moments_add, _merge and _get allocate nothing. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_moments_create(atoms_context *context, int64_t dim, atoms_moments **out);
ATOMS_API void atoms_moments_destroy(atoms_moments *moments);

/* Adds the rows of a batch (any of f16, bf16, f32, f64; cols = dim). The sum is cut by row number counted from the first
 * row ever added, so it has the same bits however the rows are split into batches, and for any number of threads.
 * Errors: ARGUMENT, SHAPE, DTYPE, NOT_FINITE (an f64 beyond f32's range too; row and column named), OVERFLOW; moments as before then.
 * Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_moments_add(atoms_moments *moments, const atoms_matrix *batch);

/* Adds all rows of `rows`, streamed: the bits of one batch. On an error in the middle, moments is as before. Holds a second
 * copy of the moments while it runs. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_moments_add_rows(atoms_moments *moments, atoms_rows *rows);

/* moments += other: shards, threads, machines. The result depends on the order of merges, in the last bits. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_moments_merge(atoms_moments *moments, const atoms_moments *other);

ATOMS_API int64_t atoms_moments_count(const atoms_moments *moments);
ATOMS_API int64_t atoms_moments_dim(const atoms_moments *moments);
/* mean[dim] and second[dim·dim] = E[k kᵀ]; either may be NULL. Errors: STATE (no rows yet). Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_moments_get(const atoms_moments *moments, double *mean, double *second);

/* One safetensors file; loading gives the same bits back. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_moments_save(const atoms_moments *moments, const char *path);
ATOMS_API ATOMS_NODISCARD atoms_status atoms_moments_load(atoms_context *context, const char *path, atoms_moments **out);

/* How γ is chosen. Ledoit–Wolf's estimate (1 − ρ) Ĉ + ρ m I, m = tr Ĉ / dim, is (1 − ρ) times Ĉ + γ I with γ = ρ m / (1 − ρ),
 * at most m·2⁵²; the AIP does not see the factor. Pinned for ever. */
enum { ATOMS_GAMMA_FIXED = 0, ATOMS_GAMMA_LEDOIT_WOLF = 1 };

typedef struct atoms_metric_opts {
    uint32_t struct_size;
    int32_t centred;    /* 0: E[k kᵀ] as in the paper (default); 1: covariance E[k kᵀ] − E[k] E[k]ᵀ */
    int32_t gamma_rule; /* ATOMS_GAMMA_FIXED (default) or ATOMS_GAMMA_LEDOIT_WOLF */
    int32_t reserved;
    double gamma;       /* γ ≥ 0 in squared units of the data; 0 (default): rank-deficient moments are an error; 0 for Ledoit–Wolf */
} atoms_metric_opts;

typedef struct atoms_metric_report {
    uint32_t struct_size;
    int32_t centred;
    int64_t rows;           /* samples behind the moments; atoms for a dictionary */
    int64_t dim;
    int64_t rank;           /* of the moments before γ: their eigenvalues above 2⁻⁵²·dim·λ_max, λ_max the largest of these; where
                               they are centred, above that plus 2⁻⁵²·(dim + 256)·‖mean‖² */
    double gamma;           /* the γ in use */
    double condition;       /* largest / smallest eigenvalue of C = S⁻¹ (with γ) */
    double effective_rank;  /* exp of the entropy of C's eigenvalues over their sum (Roy and Vetterli 2007) */
    double largest, smallest; /* eigenvalues of C */
} atoms_metric_report;

ATOMS_API ATOMS_NODISCARD atoms_status atoms_metric_opts_init(atoms_metric_opts *opts, size_t size);
ATOMS_API ATOMS_NODISCARD atoms_status atoms_metric_report_init(atoms_metric_report *report, size_t size);

/* The AIP of moments; opts NULL = defaults. Errors: ARGUMENT, RANK (the detail names the rank) when γ = 0 and the moments are
 * rank-deficient, STATE (no rows), NUMERIC (γ lost in rounding), MEMORY. Computes the Cholesky factor and the eigenvectors, of order dim³
 * operations, and holds 2 dim² doubles and a copy of the moments; immutable afterwards. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_metric_from_moments(atoms_context *context, const atoms_moments *moments,
                                                                 const atoms_metric_opts *opts, atoms_metric **out);

/* The AIP of a dictionary, a row an atom: S = (Σ d dᵀ + γ I)⁻¹. Centring and Ledoit–Wolf do not apply: ARGUMENT. Errors: those above, SHAPE
 * (no atoms), DTYPE, NOT_FINITE. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_metric_from_dictionary(atoms_context *context, const atoms_matrix *atoms_by_row,
                                                                    const atoms_metric_opts *opts, atoms_metric **out);
ATOMS_API void atoms_metric_destroy(atoms_metric *metric);

ATOMS_API int64_t atoms_metric_dim(const atoms_metric *metric);
ATOMS_API ATOMS_NODISCARD atoms_status atoms_metric_describe(const atoms_metric *metric, atoms_metric_report *report);

/* *value = uᵀ S v (not normalised). u, v: dim doubles, finite. Errors of this and of all below: ARGUMENT, SHAPE, DTYPE, NOT_FINITE, MEMORY
 * (they allocate a small block a thread, and free it). Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_metric_inner(const atoms_metric *metric, const double *u, const double *v, double *value);

/* *value = ⟨u, v⟩ = uᵀ S v / (‖u‖_S ‖v‖_S), in [−1, 1]: the atomic inner product itself. ARGUMENT: a vector of zeros. As inner. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_metric_cosine(const atoms_metric *metric, const double *u, const double *v, double *value);

/* norms[i] = ‖x_i‖_S for every row of x. Any float dtype. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_metric_norms(const atoms_metric *metric, const atoms_matrix *x, double *norms);

/* out_i = S x_i (f64 out, same shape). Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_metric_apply(const atoms_metric *metric, const atoms_matrix *x, const atoms_matrix *out);

/* Which square root of S whitens: W with WᵀW = S. Cholesky: W = L⁻¹. Symmetric: W = S^½, nearest to the identity. Pinned. */
enum { ATOMS_WHITEN_CHOLESKY = 0, ATOMS_WHITEN_SYMMETRIC = 1 };

/* out_i = W x_i, so that Euclidean products of out are AIP products of x; unwhiten is the inverse. x any float dtype, out f32
 * or f64 of the same shape; out may be x itself, and must not overlap it otherwise. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_metric_whiten(const atoms_metric *metric, int32_t root, const atoms_matrix *x,
                                                           const atoms_matrix *out);
ATOMS_API ATOMS_NODISCARD atoms_status atoms_metric_unwhiten(const atoms_metric *metric, int32_t root, const atoms_matrix *x,
                                                             const atoms_matrix *out);

/* One safetensors file that holds the moments and the options; loading computes the metric again, with the same BLAS to the same bits.
 * Errors of load: IO, NOT_FOUND, FORMAT, LIMIT, UNSUPPORTED, MEMORY, and those of creating. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_metric_save(const atoms_metric *metric, const char *path);
ATOMS_API ATOMS_NODISCARD atoms_status atoms_metric_load(atoms_context *context, const char *path, atoms_metric **out);

ATOMS_END

#endif
