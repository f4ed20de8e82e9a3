/* How an SAE's codes are distributed over rows of any number: vectors of counts and of extremes, in one pass. */
#ifndef CODE_COUNTS_H
#define CODE_COUNTS_H

#include <atoms/atoms.h>

#include "matrix_argument.h"

typedef struct code_counts {
    int64_t rows, width;
    int64_t *l0;    /* [k]: rows with k non-zeros, 0 ≤ k ≤ width */
    int64_t *fires; /* [i]: rows on which latent i fires */
    float *least, *most; /* [i]: values of latent i where it fires; 0 where it never does */
} code_counts;

/* An exit status. Free in any case. */
int code_counts_find(atoms_context *context, const atoms_sae *sae, const matrix_argument *x, code_counts *out);
void code_counts_free(code_counts *c);

/* Codes, of no row in particular, with the same latents, the same extremes of each and the same largest number of non-zeros. Of codes the
 * identifiability theorem asks no more, and these are few. An exit status; *out is to be destroyed in any case. */
int code_counts_extremes(atoms_context *context, const code_counts *c, atoms_codes **out);

#endif
