/* How an SAE's codes are distributed over rows of any number: two vectors of counts, in one pass. */
#ifndef CODE_COUNTS_H
#define CODE_COUNTS_H

#include <atoms/atoms.h>

#include "matrix_argument.h"

typedef struct code_counts {
    int64_t rows, width;
    int64_t *l0;    /* [k]: rows with k non-zeros, 0 ≤ k ≤ width */
    int64_t *fires; /* [i]: rows on which latent i fires */
} code_counts;

/* An exit status. Free in any case. */
int code_counts_find(atoms_context *context, const atoms_sae *sae, const matrix_argument *x, code_counts *out);
void code_counts_free(code_counts *c);

#endif
