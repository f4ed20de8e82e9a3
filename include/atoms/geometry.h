/* The geometry of a dictionary: what its Gram matrix says, in one pass over the tiles of it.
 *
 * G_ij = ⟨d_i, d_j⟩ with each atom at length 1, Euclidean or in a metric. The M × M matrix never exists. Products are f32 with a proven
 * bound on their error; whatever an f32 product cannot decide is done again in f64, so every figure is one of f64.
 */
#ifndef ATOMS_GEOMETRY_H
#define ATOMS_GEOMETRY_H

#include <atoms/dictionary.h>

ATOMS_BEGIN

typedef struct atoms_geometry atoms_geometry;

typedef struct atoms_geometry_opts {
    uint32_t struct_size;
    int32_t spectrum;      /* 1 (default): frame bounds, effective rank, mean square; costs min(M, H)³ operations. 0: these are NaN */
    int64_t babel;         /* K of the Babel profile, ≥ 1; default 32; from M − 1 on it is M − 1. Memory: create */
    double duplicate;      /* atoms with ⟨d_i, d_j⟩ ≥ this are duplicates, 0 < it ≤ 1; default 0.95 */
} atoms_geometry_opts;

/* Cosines above which pairs are counted: .3, .5, .7, .9. Pinned for ever. */
enum { ATOMS_GEOMETRY_LEVELS = 4 };

typedef struct atoms_geometry_report {
    uint32_t struct_size;
    int32_t reserved;
    int64_t atoms, dim;
    int64_t pairs;              /* i < j: M (M − 1)/2 */
    int64_t pair[2];            /* attains mu, lowest numbers first */
    double mu;                  /* coherence: max |G_ij| */
    double mu_positive;         /* max G_ij */
    double p50, p90, p99, p999; /* lower empirical quantiles of |G_ij| over all pairs: the ⌈q·pairs⌉-th smallest, exactly */
    int64_t above[ATOMS_GEOMETRY_LEVELS]; /* pairs with |G_ij| > .3, .5, .7, .9 */
    double welch;               /* what no M atoms can stay below: √((M − H)/(H (M − 1))); 0 where M ≤ H */
    double welch_ratio;         /* mu/welch ≥ 1; NaN where M ≤ H */
    double frame_low, frame_high; /* extreme eigenvalues A, B of D Dᵀ: A‖x‖² ≤ Σ ⟨x, d_i⟩² ≤ B‖x‖²; A = 0 where the atoms do not span */
    double effective_rank;      /* exp of the entropy of the eigenvalues over their sum (Roy and Vetterli 2007) */
    double mean_square;         /* mean of G_ij² over i ≠ j: the frame potential without its diagonal */
    int64_t babel;              /* K in use, at most M − 1 */
    int64_t duplicates;         /* atoms that belong to the cluster of one with a lower number */
    int64_t clusters;           /* clusters of two or more atoms, joined by chains of duplicates */
} atoms_geometry_report;

ATOMS_API ATOMS_NODISCARD atoms_status atoms_geometry_opts_init(atoms_geometry_opts *opts, size_t size);
ATOMS_API ATOMS_NODISCARD atoms_status atoms_geometry_report_init(atoms_geometry_report *report, size_t size);

/* The geometry of the rows of a matrix, or of a dictionary; opts NULL = defaults. f32 rows without a metric are read where they lie; else a
 * copy of 4·M·H bytes is made, beside the 8·M·H of a dictionary. The result keeps nothing of its input. Beside copies it holds for a while about
 * 10·K·M bytes (K above 1024: 2048·K a thread, at the price of all pairs in f64), 12 bytes for a thirtieth of the pairs (at least 50 MB of them where
 * there are so many), 8·min(M, H)², and 4 MB a thread.
 * Errors: ARGUMENT (an atom of zeros), SHAPE (fewer than two atoms), DTYPE, NOT_FINITE, OVERFLOW, NUMERIC, MEMORY, CANCELLED. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_geometry_create(atoms_context *context, const atoms_matrix *atoms_by_row, const atoms_metric *metric,
                                                             const atoms_geometry_opts *opts, atoms_geometry **out);
ATOMS_API ATOMS_NODISCARD atoms_status atoms_geometry_of_dictionary(const atoms_dictionary *dictionary, const atoms_geometry_opts *opts,
                                                                    atoms_geometry **out);
ATOMS_API void atoms_geometry_destroy(atoms_geometry *geometry);
ATOMS_API ATOMS_NODISCARD atoms_status atoms_geometry_describe(const atoms_geometry *geometry, atoms_geometry_report *report);

/* Babel profile: element k − 1 is μ₁(k) = max_i of the sum of the k largest |G_ij|, j ≠ i, for k = 1 … K in use. The handle's;
 * NULL for NULL. Tropp 2004. Since 0.1. */
ATOMS_API const double *atoms_geometry_babel(const atoms_geometry *geometry);

/* Of every atom, the handle's, M elements each: the largest |G_ij|; an atom that attains it; the sum of its K largest; the lowest number in
 * its cluster of duplicates (its own where it has none). Since 0.1. */
ATOMS_API const double *atoms_geometry_nearest(const atoms_geometry *geometry);
ATOMS_API const int64_t *atoms_geometry_partner(const atoms_geometry *geometry);
ATOMS_API const double *atoms_geometry_atom_babel(const atoms_geometry *geometry);
ATOMS_API const int64_t *atoms_geometry_cluster(const atoms_geometry *geometry);

/* A sub-dictionary in which every |G_ij| < limit (0 < limit ≤ 1): keep[i] = 1 for the atoms that stay, *kept their number. Greedy, so not always
 * the largest there is (finding that is NP-hard): atoms are taken in the order of how many others they are too close to, fewest first, and
 * kept where no kept one is too close; none that was left out could be added. Two passes. Errors: as create. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_geometry_thin(atoms_context *context, const atoms_matrix *atoms_by_row, const atoms_metric *metric,
                                                           double limit, uint8_t *keep, int64_t *kept);

ATOMS_END

#endif
