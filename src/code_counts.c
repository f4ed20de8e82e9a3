/* Rows are encoded a block at a time, and a block's codes are forgotten once they are counted: memory does not grow with the file. */
#include "code_counts.h"

#include <stdlib.h>

#include "failure.h"

enum { BLOCK = 4096 };

static void count(const atoms_codes_view *codes, code_counts *c)
{
    for (int64_t r = 0; r < codes->rows; r++) c->l0[codes->offset[r + 1] - codes->offset[r]]++;
    for (int64_t i = 0; i < codes->nnz; i++) c->fires[codes->index[i]]++;
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
                         .fires = needed(calloc((size_t)width, sizeof *out->fires))};
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

void code_counts_free(code_counts *c)
{
    free(c->l0);
    free(c->fires);
    *c = (code_counts){0};
}
