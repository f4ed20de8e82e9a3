/* Exact quantiles of |cos| whatever the pairs are: selection digit by digit on the bits of f64 numbers, which order as the numbers do where none
 * is negative. Four passes over the Gram matrix in f64, 16 bits each, and no memory for pairs: a million equal cosines cost what any million
 * does. Slower than the brackets by eight products in f32; for dictionaries that they cannot do. */
#include <math.h>
#include <string.h>

#include "geometry_parts.h"

enum { EXACT = ATOMSI_EXACT_SIDE, DIGIT = 16, BINS = 1 << DIGIT };

typedef struct digit_pass {
    const atomsi_directions *d;
    int64_t blocks, work_size;
    int shift;
    uint64_t prefix[QUANTILES]; /* the bits above this digit */
    double *work;               /* a worker: an exact tile and its work */
    int64_t *counts;            /* a worker: QUANTILES × BINS */
} digit_pass;

static void count_tile(void *arg, int64_t index, int32_t worker)
{
    const digit_pass *pass = arg;
    int64_t i = index / pass->blocks, j = index % pass->blocks, atoms = pass->d->atoms;
    if (j < i) return;
    double *tile = pass->work + worker * pass->work_size;
    int64_t *counts = pass->counts + (int64_t)worker * QUANTILES * BINS;
    int64_t rows = base_min_i64(EXACT, atoms - i * EXACT), cols = base_min_i64(EXACT, atoms - j * EXACT);
    atomsi_exact_tile(pass->d, i * EXACT, rows, pass->d, j * EXACT, cols, tile + EXACT * EXACT, tile);
    for (int64_t r = 0; r < rows; r++)
        for (int64_t c = i == j ? r + 1 : 0; c < cols; c++) {
            double magnitude = fabs(tile[r * EXACT + c]);
            uint64_t bits;
            memcpy(&bits, &magnitude, sizeof bits);
            uint64_t upper = pass->shift + DIGIT < 64 ? bits >> (pass->shift + DIGIT) : 0;
            for (int q = 0; q < QUANTILES; q++)
                if (upper == pass->prefix[q]) counts[q * BINS + (int64_t)(bits >> pass->shift & (BINS - 1))]++;
        }
}

/* The digit in which rank[q] lies; rank becomes the one within it. */
static void next_digit(digit_pass *pass, int32_t workers, int64_t *rank)
{
    for (int q = 0; q < QUANTILES; q++) {
        int64_t digit = 0;
        for (;; digit++) {
            int64_t n = 0;
            for (int32_t w = 0; w < workers; w++) n += pass->counts[((int64_t)w * QUANTILES + q) * BINS + digit];
            if (rank[q] < n) break;
            rank[q] -= n;
        }
        pass->prefix[q] = pass->prefix[q] << DIGIT | (uint64_t)digit;
    }
}

static atoms_status run(digit_pass *pass, int32_t workers, double *quantiles)
{
    atoms_context *context = pass->d->context;
    int64_t atoms = pass->d->atoms, rank[QUANTILES];
    pass->work = atomsi_alloc(context, workers * pass->work_size, sizeof *pass->work);
    pass->counts = atomsi_alloc(context, (int64_t)workers * QUANTILES * BINS, sizeof *pass->counts);
    if (!pass->work || !pass->counts) return ATOMS_E_MEMORY;
    for (int q = 0; q < QUANTILES; q++) rank[q] = atomsi_quantile_rank(q, atoms * (atoms - 1) / 2);
    atoms_status status = ATOMS_OK;
    for (pass->shift = 64 - DIGIT; pass->shift >= 0 && !status; pass->shift -= DIGIT) {
        memset(pass->counts, 0, (size_t)workers * QUANTILES * BINS * sizeof *pass->counts);
        status = atomsi_parallel_for_progress(context, "pair blocks", pass->blocks * pass->blocks, count_tile, pass);
        if (!status) next_digit(pass, workers, rank);
    }
    for (int q = 0; q < QUANTILES && !status; q++) memcpy(&quantiles[q], &pass->prefix[q], sizeof quantiles[q]);
    return status;
}

atoms_status atomsi_quantiles_by_radix(const atomsi_directions *d, double *quantiles)
{
    digit_pass pass = {.d = d, .blocks = base_blocks(d->atoms, EXACT), .work_size = EXACT * EXACT + atomsi_exact_work(d->dim)};
    atoms_status status = run(&pass, atoms_context_threads(d->context), quantiles);
    atomsi_free(d->context, pass.work);
    atomsi_free(d->context, pass.counts);
    return status;
}
