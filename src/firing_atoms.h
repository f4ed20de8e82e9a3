/* The atoms of an SAE that fire, as a matrix of their own. */
#ifndef FIRING_ATOMS_H
#define FIRING_ATOMS_H

#include <atoms/atoms.h>

typedef struct firing_atoms {
    atoms_matrix matrix; /* f32, a row an atom; there may be none */
    int64_t *number;     /* of each in the SAE */
    float *values;
} firing_atoms;

/* Decoder rows with fires[i] > 0 that have a direction: what q* and ε are about. `what` names the SAE in errors. An exit status. Free in any case. */
int firing_atoms_read(atoms_context *context, const atoms_sae *sae, const char *what, const int64_t *fires, firing_atoms *out);
void firing_atoms_free(firing_atoms *f);

#endif
