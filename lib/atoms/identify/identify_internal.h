/* What the files of this room share. */
#ifndef ATOMSI_IDENTIFY_H
#define ATOMSI_IDENTIFY_H

#include <atoms/identify.h>

#include "../dictionary/dictionary_internal.h"

/* Reads and checks a model for this dictionary. */
atoms_status atomsi_identify_model_read(const atoms_dictionary *dictionary, const atoms_identify_model *model, atoms_identify_model *out);

/* Appends one row: atoms `index` (n of them, any order; reordered) with values δ, divided by the atoms' lengths. */
atoms_status atomsi_identify_append(const atoms_dictionary *dictionary, int64_t *index, double *delta, int64_t n, atoms_codes *codes);

#endif
