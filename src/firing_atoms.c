#include "firing_atoms.h"

#include <stdlib.h>

#include "failure.h"

static int all_zeros(const float *row, int64_t n)
{
    for (int64_t j = 0; j < n; j++)
        if (row[j] != 0) return 0;
    return 1;
}

int firing_atoms_read(atoms_context *context, const atoms_sae *sae, const char *what, const int64_t *fires, firing_atoms *out)
{
    atoms_matrix decoder;
    atoms_rows *all = NULL;
    int64_t atoms = atoms_sae_d_sae(sae), width = atoms_sae_d_in(sae), n = 0;
    out->values = needed(malloc(sizeof *out->values * (size_t)atoms * (size_t)width));
    out->number = needed(malloc(sizeof *out->number * (size_t)atoms));
    int code = checked(context, atoms_sae_decoder(sae, &decoder), what);
    if (!code) code = checked(context, atoms_rows_from_matrix(context, &decoder, &all), what);
    for (int64_t i = 0; !code && i < atoms; i++) {
        const atoms_matrix row = atoms_matrix_f32(out->values + n * width, 1, width);
        if (!fires[i]) continue;
        code = checked(context, atoms_rows_read(all, i, &row), what);
        if (!code && !all_zeros(row.data, width)) out->number[n++] = i;
    }
    out->matrix = atoms_matrix_f32(out->values, n, width);
    atoms_rows_destroy(all);
    return code;
}

void firing_atoms_free(firing_atoms *f)
{
    free(f->values);
    free(f->number);
    *f = (firing_atoms){.values = NULL};
}
