/* Which AIP a command works in. */
#ifndef METRIC_CHOICE_H
#define METRIC_CHOICE_H

#include <atoms/atoms.h>
#include <jansson.h>

#include "matrix_argument.h"

enum { METRIC_REASON_BYTES = 512 };

/* The AIP of all rows of x, uncentred, γ = 0. Rows that span too little to have one are no failure: *out is NULL then, and `reason`
 * (METRIC_REASON_BYTES) says why. An exit status. */
int metric_of_rows(atoms_context *context, const matrix_argument *x, atoms_metric **out, char *reason);

/* A metric file, which must be for `width` coordinates. An exit status. */
int metric_of_file(atoms_context *context, const char *path, int64_t width, atoms_metric **out);

/* Of which an SAE's command takes the first that there is: --metric, the one saved beside the SAE, that of the training rows, that of X. */
typedef struct metric_wish {
    const char *given;            /* --metric; NULL: not given */
    const char *sae_path;
    const matrix_argument *x;
    const matrix_argument *train; /* NULL: not given */
    int train_option;             /* the command has --train */
} metric_wish;

/* Puts `metric`, where it comes from, into the result, with a note where it is none (*out is NULL then, and `reason` says why) or that of X
 * for want of another. An exit status. */
int metric_choose(atoms_context *context, const metric_wish *w, atoms_metric **out, char *reason, json_t *result);

#endif
