/* Which AIP a command works in. */
#ifndef METRIC_CHOICE_H
#define METRIC_CHOICE_H

#include <atoms/atoms.h>

#include "matrix_argument.h"

enum { METRIC_REASON_BYTES = 512 };

/* The AIP of all rows of x, uncentred, γ = 0. Rows that span too little to have one are no failure: *out is NULL then, and `reason`
 * (METRIC_REASON_BYTES) says why. An exit status. */
int metric_of_rows(atoms_context *context, const matrix_argument *x, atoms_metric **out, char *reason);

/* A metric file, which must be for `width` coordinates. An exit status. */
int metric_of_file(atoms_context *context, const char *path, int64_t width, atoms_metric **out);

#endif
