/* Rows are encoded a block at a time, and a block's codes are forgotten once they are counted: memory does not grow with the file. */
#include "code_counts.h"

#include <stdlib.h>

#include "failure.h"

enum { BLOCK = 4096 };

static void count(const atoms_codes_view *codes, code_counts *c)
{
    for (int64_t r = 0; r < codes->rows; r++) c->l0[codes->offset[r + 1] - codes->offset[r]]++;
    for (int64_t e = 0; e < codes->nnz; e++) {
        int32_t i = codes->index[e];
        float value = codes->value[e];
        if (!c->fires[i]++) c->least[i] = c->most[i] = value;
        else if (value < c->least[i]) c->least[i] = value;
        else if (value > c->most[i]) c->most[i] = value;
    }
}

static int count_block(atoms_context *context, const atoms_sae *sae, const atoms_matrix *x, atoms_codes *codes, code_counts *c)
{
    atoms_rows *rows = NULL;
    atoms_codes_view view;
    atoms_status status = atoms_codes_clear(codes);
    if (!status) status = atoms_rows_from_matrix(context, x, &rows);
    if (!status) status = atoms_sae_encode_rows(sae, rows, codes);
    if (!status) status = atoms_codes_look(codes, &view);
    if (!status) count(&view, c);
    atoms_rows_destroy(rows);
    return checked(context, status, NULL);
}

int code_counts_find(atoms_context *context, const atoms_sae *sae, const matrix_argument *x, code_counts *out)
{
    atoms_codes *codes = NULL;
    int64_t width = atoms_sae_d_sae(sae);
    float *values = needed(malloc(sizeof *values * BLOCK * (size_t)x->width));
    *out = (code_counts){.rows = x->count, .width = width, .l0 = needed(calloc((size_t)width + 1, sizeof *out->l0)),
                         .fires = needed(calloc((size_t)width, sizeof *out->fires)),
                         .least = needed(calloc((size_t)width, sizeof *out->least)),
                         .most = needed(calloc((size_t)width, sizeof *out->most))};
    int code = checked(context, atoms_codes_create(context, width, &codes), x->what);
    for (int64_t first = 0; !code && first < x->count; first += BLOCK) {
        int64_t n = x->count - first < BLOCK ? x->count - first : BLOCK;
        const atoms_matrix block = atoms_matrix_f32(values, n, x->width);
        code = checked(context, atoms_rows_read(x->rows, first, &block), x->what);
        if (!code) code = count_block(context, sae, &block, codes, out);
    }
    atoms_codes_destroy(codes);
    free(values);
    return code;
}

/* Every latent that fires twice, alone, with its extremes; then the largest number of them at once. */
static void list_extremes(const code_counts *c, int64_t *offset, int32_t *index, float *value, atoms_codes_view *view)
{
    int64_t k = c->width, n = 0;
    while (k > 0 && !c->l0[k]) k--;
    for (int64_t i = 0; i < c->width; i++)
        for (int twice = 0; twice < 2 && c->fires[i]; twice++, n++) {
            offset[n] = n;
            index[n] = (int32_t)i;
            value[n] = twice ? c->most[i] : c->least[i];
        }
    offset[n] = n;
    for (int64_t i = 0, taken = 0; taken < k; i++) {
        if (!c->fires[i]) continue;
        index[n + taken] = (int32_t)i;
        value[n + taken++] = c->least[i];
    }
    offset[n + 1] = n + k;
    *view = (atoms_codes_view){.rows = n + 1, .width = c->width, .nnz = n + k, .offset = offset, .index = index, .value = value};
}

int code_counts_extremes(atoms_context *context, const code_counts *c, atoms_codes **out)
{
    size_t most = 3 * (size_t)c->width + 2;
    int64_t *offset = needed(malloc(sizeof *offset * most));
    int32_t *index = needed(malloc(sizeof *index * most));
    float *value = needed(malloc(sizeof *value * most));
    atoms_codes_view view;
    list_extremes(c, offset, index, value, &view);
    int code = checked(context, atoms_codes_create(context, c->width, out), NULL);
    if (!code) code = checked(context, atoms_codes_append(*out, &view), NULL);
    free(offset);
    free(index);
    free(value);
    return code;
}

void code_counts_free(code_counts *c)
{
    free(c->least);
    free(c->most);
    free(c->l0);
    free(c->fires);
    *c = (code_counts){0};
}
