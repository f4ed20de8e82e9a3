/* The room's questions, asked in one call each. */
#ifndef DICTIONARY_QUESTIONS_H
#define DICTIONARY_QUESTIONS_H

#include <atoms/atoms.h>
#include <check.h>

#include "known_atoms.h"

atoms_dictionary *dictionary_of(atoms_context *context, const double *d, int64_t atoms, int64_t dim, const atoms_metric *metric);
atoms_coherence_report coherence_of(const atoms_dictionary *dictionary, const uint8_t *use);
atoms_stability_report stability_of(const atoms_dictionary *dictionary, const int64_t *counts, int64_t bins, const uint8_t *fires);

/* q* where every sample has k non-zeros. */
double q_star_at(const atoms_dictionary *dictionary, int64_t k);

/* 5 samples over 6 atoms; atom 3 never fires. */
atoms_codes *some_codes(atoms_context *context);

/* The files of this suite add their cases here. */
void add_known_cases(Suite *suite);
void add_guard_cases(Suite *suite);

#endif
