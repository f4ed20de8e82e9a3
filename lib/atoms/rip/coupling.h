/* What the searches from below share: how strongly every atom is coupled to the top eigenvector of a support. */
#ifndef ATOMSI_RIP_COUPLING_H
#define ATOMSI_RIP_COUPLING_H

#include "rip_internal.h"

typedef struct rip_coupling { /* of one worker */
    float *coupling;          /* Σ_k x_k A_kc for every atom c */
    double *matrix, *values, *vectors, *value_work;
} rip_coupling;

/* One for each worker, for supports of at most `order` atoms; NULL where memory was refused. */
rip_coupling *atomsi_rip_make_couplings(const rip_gram *gram, int64_t order);
void atomsi_rip_free_couplings(const rip_gram *gram, rip_coupling *workers);

/* Eigenpairs of a support, and the coupling of every atom to its top eigenvector x; 0 for its own atoms. Returns which pair is the top. */
int64_t atomsi_rip_couple(const rip_gram *gram, int sign, rip_coupling *w, int64_t n, const int32_t *atom);

/* The `most` ≤ 256 atoms with the largest |coupling| > 0, falling, of equals the lowest first; returns how many there are. */
int64_t atomsi_rip_strongest(const float *coupling, int64_t n, int64_t most, int32_t *atom);

/* out = n rising atoms with c among them. */
void atomsi_rip_insert(const int32_t *atom, int64_t n, int32_t c, int32_t *out);

/* Judges a support in f64 and keeps it where it is the best of its order; true where it is. */
bool atomsi_rip_offer(const rip_gram *gram, int sign, rip_coupling *w, int64_t size, const int32_t *atom, rip_profile *profile);

#endif
