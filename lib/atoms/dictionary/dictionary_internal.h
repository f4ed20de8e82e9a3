/* What other rooms use of a dictionary: its unit atoms, and the counts over pairs that one pass over the Gram matrix gives. */
#ifndef ATOMSI_DICTIONARY_H
#define ATOMSI_DICTIONARY_H

#include <atoms/dictionary.h>

#include "../context/context_internal.h"

struct atoms_dictionary {
    atoms_context *context;
    int64_t atoms, dim;
    double *unit;   /* atoms × dim, packed: whitened where there is a metric, then of length 1 */
    double *length; /* atoms: ‖d_j‖ in the metric */
    double *factor; /* dim × dim lower triangle L with S⁻¹ = L Lᵀ, a copy of the metric's; NULL: Euclidean */
};

/* atoms_dictionary_create where atoms of zeros are left out instead of refused: kept[i] = 1 where row i became an atom. A dictionary
 * without atoms is possible. `kept` NULL: as the public function. `name` is the matrix's, for the detail; NULL: there is no other matrix, and an atom is
 * called by its number alone. */
atoms_status atomsi_dictionary_create(atoms_context *context, const atoms_matrix *atoms_by_row, const char *name, const atoms_metric *metric,
                                      uint8_t *kept, atoms_dictionary **out);

/* Pairs i < j among a set of atoms. */
typedef struct atomsi_pairs {
    int64_t atoms, pairs;
    int64_t pair[2];         /* attains mu, lowest numbers first */
    double mu, mu_positive;  /* max |cos|, max cos; NaN without a pair */
    int64_t *below;          /* below[k] = pairs with |cos| < 1/(2k − 1), 1 ≤ k ≤ largest_k */
} atomsi_pairs;

typedef struct atomsi_pair_profile {
    atoms_context *context;
    int64_t largest_k;
    atomsi_pairs all, used; /* all atoms; those with use[i] ≠ 0 */
} atomsi_pair_profile;

/* One pass over the tiles of the Gram matrix. `use` has one byte an atom, NULL = all; largest_k ≥ 1. On failure there is nothing to free. */
atoms_status atomsi_pair_profile_make(const atoms_dictionary *dictionary, const uint8_t *use, int64_t largest_k, atomsi_pair_profile *out);
void atomsi_pair_profile_free(atomsi_pair_profile *profile);

/* q* of these pairs and the numbers of non-zeros of samples: l0_counts[k], 0 ≤ k < bins, where k ≤ largest_k for all that occur.
 * NaN without a pair or a sample. */
double atomsi_q_star(const atomsi_pairs *pairs, const int64_t *l0_counts, int64_t bins);

#endif
