/* A dictionary: M atoms (rows) of H coordinates, compared under a metric. */
#ifndef ATOMS_DICTIONARY_H
#define ATOMS_DICTIONARY_H

#include <atoms/codes.h>
#include <atoms/metric.h>

ATOMS_BEGIN

typedef struct atoms_dictionary atoms_dictionary;

/* Copies the atoms and prepares them for comparison under `metric` (NULL = Euclidean; not kept). Any float dtype, finite.
 * Errors: ARGUMENT (an atom of zeros, by number), SHAPE, DTYPE, NOT_FINITE, OVERFLOW, MEMORY. Allocates M·(H + 1) doubles, and H² with a metric. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_dictionary_create(atoms_context *context, const atoms_matrix *atoms_by_row,
                                                               const atoms_metric *metric, atoms_dictionary **out);
ATOMS_API void atoms_dictionary_destroy(atoms_dictionary *dictionary);
ATOMS_API int64_t atoms_dictionary_atoms(const atoms_dictionary *dictionary);
ATOMS_API int64_t atoms_dictionary_dim(const atoms_dictionary *dictionary);

typedef struct atoms_coherence_report {
    uint32_t struct_size;
    int32_t reserved;
    int64_t atoms;
    int64_t pair[2];    /* a pair of atoms that attains mu, the lowest numbers first */
    double mu;          /* max |⟨d_i, d_j⟩| over i < j, d normalised in the metric */
    double mu_positive; /* max  ⟨d_i, d_j⟩ */
} atoms_coherence_report;

ATOMS_API ATOMS_NODISCARD atoms_status atoms_coherence_report_init(atoms_coherence_report *report, size_t size);

/* Coherence in one tiled pass over the Gram matrix, which is never stored. `use` has one byte an atom, 0 = leave it out; NULL = all.
 * Errors: ARGUMENT, SHAPE (fewer than two atoms in use), MEMORY, CANCELLED. Allocates tiles. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_dictionary_coherence(const atoms_dictionary *dictionary, const uint8_t *use,
                                                                  atoms_coherence_report *report);

typedef struct atoms_stability_report {
    uint32_t struct_size;
    int32_t reserved;
    int64_t atoms;      /* that fire at least once */
    int64_t pairs;      /* i < j among them */
    double q_star;      /* over the atoms that fire; NaN where fewer than two do */
    double q_star_all;  /* over all atoms; NaN where there is one */
    double mu;          /* coherence over the atoms that fire; NaN likewise */
    double mu_all;
} atoms_stability_report;

ATOMS_API ATOMS_NODISCARD atoms_status atoms_stability_report_init(atoms_stability_report *report, size_t size);

/* Stability q* = sup{ q : μ_q < 1/(2 K_q − 1) }: μ_q the lower empirical q-quantile of |⟨d_i, d_j⟩| over i < j, K_q that of the
 * number of non-zeros over samples (0 counts as 1). Exact: no quantile is approximated; q* = max over k that occur of
 * min( share of samples with at most k, share of pairs with |cos| < 1/(2k − 1) ).
 * Source: arXiv 2509.20784, with the choices of docs/dictionary.md. Errors: ARGUMENT, SHAPE, MEMORY, CANCELLED. Allocates tiles. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_stability(const atoms_dictionary *dictionary, const atoms_codes *codes,
                                                       atoms_stability_report *report);

/* The same from counts: l0_counts[k] = number of samples with k non-zeros, 0 ≤ k < bins; `fires` as `use` above (NULL = all fire).
 * Errors: as above, and OVERFLOW (too many samples). Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_stability_from_counts(const atoms_dictionary *dictionary, const int64_t *l0_counts,
                                                                   int64_t bins, const uint8_t *fires, atoms_stability_report *report);

ATOMS_END

#endif
