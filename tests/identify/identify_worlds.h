/* Dictionaries of known coherence for these tests. */
#ifndef IDENTIFY_WORLDS_H
#define IDENTIFY_WORLDS_H

#include <atoms/atoms.h>
#include <check.h>

/* [I, Hadamard], rows of lengths that differ: 2·dim atoms, ε = 1/√dim exactly for dim a power of four. */
atoms_dictionary *hadamard_world(atoms_context *context, int64_t dim);

/* Random atoms of different lengths in a random metric. */
atoms_dictionary *random_world(atoms_context *context, int64_t atoms, int64_t dim, uint64_t seed);

atoms_codes *empty_codes(atoms_context *context, int64_t width);
atoms_codes_view look(const atoms_codes *codes);

atoms_identify_model model_of(int64_t k, double delta_min, double delta_max, uint64_t seed);
atoms_identify_report figures_of(const atoms_dictionary *d, const atoms_codes *codes, const float *threshold, uint8_t *inside);

void add_identify_refusals(Suite *suite);
void add_identify_values(Suite *suite);

#endif
