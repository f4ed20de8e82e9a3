#include "largest_atom.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

static void solve_row(const atomsi_coder *coder, atomsi_piece *piece, int64_t r)
{
    float *c = piece->correlations + r * coder->atoms;
    int64_t base = r * coder->capacity;
    piece->record[r].iterations = (int32_t)piece->count[r];
    if (piece->count[r]) {
        for (int64_t e = 0; e < piece->count[r]; e++) piece->value[base + e] *= 2;
        return;
    }
    if (!(piece->norm[r] > 0)) return;
    for (int64_t e = 0; e < coder->capacity; e++) {
        int32_t best = 0;
        for (int32_t j = 1; j < coder->atoms; j++)
            if (fabsf(c[j]) > fabsf(c[best])) best = j;
        piece->index[base + e] = best;
        piece->value[base + e] = (double)c[best];
        c[best] = 0;
    }
    piece->count[r] = coder->capacity;
}

static void solve(const atomsi_coder *coder, void *scratch, atomsi_piece *piece)
{
    memset(scratch, 0xff, (size_t)coder->scratch_bytes);
    atomsi_correlate(coder, piece->rows, piece->x32, piece->correlations);
    for (int64_t r = 0; r < piece->rows; r++) solve_row(coder, piece, r);
}

static void judge(const atomsi_coder *coder, void *scratch, atomsi_piece *piece)
{
    atomsi_maximum largest = {.one_sided = 0};
    double *found = scratch;
    atomsi_find_maxima(coder, piece, 1, &largest, found);
    for (int64_t r = 0; r < piece->rows; r++) {
        piece->record[r].lambda = piece->lambda ? piece->lambda[r] : NAN;
        piece->record[r].kkt = found[r];
        for (int64_t i = 0; i < coder->dim; i++) piece->dual[r * coder->dim + i] = piece->residual[r * coder->dim + i] * piece->norm[r];
    }
}

void largest_atom_init(atomsi_coder *coder, atoms_context *context, const atoms_dictionary *dictionary, int64_t take, int64_t piece_rows)
{
    ck_assert_int_eq(atomsi_coder_init(coder, context, dictionary, "test coder"), ATOMS_OK);
    coder->piece_rows = piece_rows;
    coder->capacity = take;
    coder->scratch_bytes = piece_rows * (int64_t)sizeof(double);
    coder->has_dual = 1;
    coder->solve = solve;
    coder->judge = judge;
}
