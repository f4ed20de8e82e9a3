#include "directed_atoms.h"

#include <stdlib.h>
#include <string.h>

#include "failure.h"
#include "output.h"

static int is_zero_f32(const float *x, int64_t n)
{
    for (int64_t j = 0; j < n; j++)
        if (x[j] != 0) return 0;
    return 1;
}

static int is_zero_f64(const double *x, int64_t n)
{
    for (int64_t j = 0; j < n; j++)
        if (x[j] != 0) return 0;
    return 1;
}

int atom_is_zero(const atoms_matrix *atoms, int64_t i)
{
    return atoms->dtype == ATOMS_F64 ? is_zero_f64((const double *)atoms->data + i * atoms->stride, atoms->cols)
                                     : is_zero_f32((const float *)atoms->data + i * atoms->stride, atoms->cols);
}

int directed_atoms_read(atoms_context *context, const atoms_sae *sae, const char *what, const int64_t *fires, directed_atoms *out)
{
    atoms_matrix all;
    int64_t n = 0;
    *out = (directed_atoms){.values = NULL};
    int code = checked(context, atoms_sae_decoder(sae, &all), what);
    if (code) return code;
    size_t width = (size_t)all.cols;
    out->number = needed(malloc(sizeof *out->number * (size_t)all.rows));
    for (int64_t i = 0; i < all.rows; i++) {
        int zero = atom_is_zero(&all, i);
        out->zeros += zero;
        if (!zero && (!fires || fires[i])) out->number[n++] = i;
    }
    out->matrix = all;
    if (n == all.rows) return EXIT_DONE;
    out->values = needed(malloc(sizeof *out->values * ((size_t)n * width + 1)));
    for (int64_t i = 0; i < n; i++)
        memcpy(out->values + (size_t)i * width, (const float *)all.data + out->number[i] * all.stride, width * sizeof *out->values);
    out->matrix = atoms_matrix_f32(out->values, n, all.cols);
    return EXIT_DONE;
}

void directed_atoms_free(directed_atoms *d)
{
    free(d->values);
    free(d->number);
    *d = (directed_atoms){.values = NULL};
}

atoms_status codes_renumber(atoms_context *context, const atoms_codes_view *codes, const int64_t *to, int64_t width, atoms_codes **out)
{
    atoms_codes_view view = *codes;
    int32_t *index = needed(malloc(sizeof *index * ((size_t)codes->nnz + 1)));
    for (int64_t e = 0; e < codes->nnz; e++) index[e] = (int32_t)to[codes->index[e]];
    view.width = width;
    view.index = index;
    *out = NULL;
    atoms_status status = atoms_codes_create(context, width, out);
    if (!status) status = atoms_codes_append(*out, &view);
    free(index);
    if (!status) return ATOMS_OK;
    atoms_codes_destroy(*out);
    *out = NULL;
    return status;
}

void note_zeros(json_t *result, const char *about, int64_t zeros)
{
    if (!zeros) return;
    add_note(result, about, zeros == 1 ? "%lld atom of length 0 is left out: it has no direction" : "%lld atoms of length 0 are left out: they have no direction",
             (long long)zeros);
}
