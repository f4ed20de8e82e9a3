/* The atoms of an SAE that have a direction, as a matrix of their own. A decoder row of zeros has none: training leaves it to atoms that never fire, and no
 * figure about angles can count it. */
#ifndef DIRECTED_ATOMS_H
#define DIRECTED_ATOMS_H

#include <atoms/atoms.h>
#include <jansson.h>

typedef struct directed_atoms {
    atoms_matrix matrix; /* f32, a row an atom; there may be none. The SAE's own where no atom was left out */
    int64_t *number;     /* of each in the SAE */
    int64_t zeros;       /* atoms of length 0 in the whole SAE */
    float *values;
} directed_atoms;

/* Whether row i of an f32 or f64 matrix is zeros. */
int atom_is_zero(const atoms_matrix *atoms, int64_t i);

/* Decoder rows that are not zeros and have fires[i] > 0; fires NULL: whether they fire or not. `what` names the SAE in errors. The SAE outlives it. An exit
 * status. Free in any case. */
int directed_atoms_read(atoms_context *context, const atoms_sae *sae, const char *what, const int64_t *fires, directed_atoms *out);
void directed_atoms_free(directed_atoms *d);

/* The codes with index i as to[i], over `width` atoms: by the numbers of the atoms that are left, or back. *out is NULL after an error. */
atoms_status codes_renumber(atoms_context *context, const atoms_codes_view *codes, const int64_t *to, int64_t width, atoms_codes **out);

/* notes[about]: how many atoms of length 0 were left out; nothing where there are none. */
void note_zeros(json_t *result, const char *about, int64_t zeros);

#endif
