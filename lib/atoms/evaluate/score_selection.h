/* The threshold above which a coder has a given number of scores. */
#ifndef EVALUATE_SCORE_SELECTION_H
#define EVALUATE_SCORE_SELECTION_H

#include "row_source.h"
#include "whitened_coder.h"

/* *threshold ≥ 0 such that exactly `active` scores over all rows and atoms lie above it: fewer where scores tie, or where
 * fewer than that are positive (then it is 0). Two passes over the rows. Errors: MEMORY, and those of reading. */
atoms_status atomsi_select_threshold(row_source *from, const whitened_coder *coder, const subject *s, int64_t active, double *threshold);

#endif
