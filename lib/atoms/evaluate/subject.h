/* What is judged: something that turns a row into a code over `latents` atoms, and the code into a reconstruction. */
#ifndef EVALUATE_SUBJECT_H
#define EVALUATE_SUBJECT_H

#include <atoms/sae.h>

#include "../context/context_internal.h"

typedef struct subject subject;

struct subject {
    const void *self;
    int64_t dim, latents;
    atoms_matrix atoms; /* latents × dim: the directions whose coherence counts */
    size_t work_bytes;  /* memory of one worker, aligned to 64 */
    /* For up to STREAM_ROWS packed rows: xhat (rows × dim), l0[row] = non-zeros of its code, firing[latent] += rows it fires on.
     * Neither allocates nor starts a parallel loop. */
    atoms_status (*reconstruct)(const subject *s, void *work, const float *x, int64_t rows, double *xhat, int64_t *l0, int64_t *firing);
};

/* The SAE as a subject, kept by reference. Errors: OVERFLOW. */
atoms_status atomsi_subject_of_sae(atoms_context *context, const atoms_sae *sae, subject *out);

#endif
