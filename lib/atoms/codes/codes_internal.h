/* What other rooms use of sparse codes beyond the public header. */
#ifndef ATOMSI_CODES_H
#define ATOMSI_CODES_H

#include <atoms/codes.h>

#include "../context/context_internal.h"

/* A view called `name` in the detail is sound: pointers, 0 < width ≤ INT32_MAX, offsets rise from 0 to nnz, indices rise within a row
 * and lie in range, values are finite. Errors: ARGUMENT, NOT_FINITE; the detail says which row. */
atoms_status atomsi_codes_check(atoms_context *context, const atoms_codes_view *view, const char *name);

/* Forgets all but the first `rows` rows (0 ≤ rows ≤ those held), keeps the memory: how a run that fails takes back what it appended. */
void atomsi_codes_truncate(atoms_codes *codes, int64_t rows);

/* counts[k], 0 ≤ k < bins, of n samples had the value k: the lower empirical quantile, which is the ⌈q·n⌉-th smallest value
 * (the smallest for q = 0). n ≥ 1, 0 ≤ q ≤ 1. */
int64_t atomsi_l0_quantile(const int64_t *counts, int64_t bins, int64_t n, double q);

#endif
