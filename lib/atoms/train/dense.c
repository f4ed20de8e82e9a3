/* The same sums as GEMMs, for batches in which much fires: a recipe that starts with low thresholds, a ReLU. A piece of rows or latents of which more
 * than DENSE_SHARE are events is scattered into a small dense matrix, and CBLAS does the rest; which way a piece goes depends on its own
 * events alone. */
#include <string.h>

#include "../../linalg/cblas_gate.h"
#include "straight_through.h"

/* Where one takes over from the other, measured at 576 × 4608, batch 1024, AVX2, OpenBLAS 0.3.21: errors and update took 75 ms sparse and 364 ms
 * dense with 6 % of the pairs events, 275 and 364 ms with 24 %; dense does not grow. */
static const double DENSE_SHARE = 0.3;

static int is_dense(int64_t events, int64_t rows, int64_t latents)
{
    return (double)events > DENSE_SHARE * (double)rows * (double)latents;
}

/* Where row r of the batch keeps its events of a latent block. */
static const int32_t *row_start(const atoms_trainer *t, int64_t row, int64_t block)
{
    return t->events.row_start + train_region(&t->events, row / ROW_BLOCK, block) * (ROW_BLOCK + 1) + row % ROW_BLOCK;
}

static void scatter_active(const atoms_trainer *t, int64_t first, int64_t rows, int64_t block, int64_t latents, float *tile)
{
    const train_events *e = &t->events;
    const float *threshold = t->parts[PART_THRESHOLD].value;
    int64_t base = train_region(e, first / ROW_BLOCK, block) * e->capacity;
    memset(tile, 0, (size_t)(rows * latents) * sizeof *tile);
    for (int64_t r = 0; r < rows; r++) {
        const int32_t *start = row_start(t, first + r, block);
        for (int64_t i = base + start[0]; i < base + start[1]; i++)
            if (e->z[i] > threshold[e->latent[i]]) tile[r * latents + e->latent[i] - block * e->block] = e->z[i];
    }
}

int atomsi_dense_errors(const atoms_trainer *t, int64_t first, int64_t rows, float *tile)
{
    int64_t events = 0;
    for (int64_t b = 0; b < t->events.latent_blocks; b++)
        for (int64_t r = first; r < first + rows; r++) events += row_start(t, r, b)[1] - row_start(t, r, b)[0];
    if (!is_dense(events, rows, t->width)) return 0;
    for (int64_t b = 0; b < t->events.latent_blocks; b++) {
        int64_t latents = train_block_latents(t, b);
        scatter_active(t, first, rows, b, latents, tile);
        linalg_sgemm(LINALG_PLAIN, LINALG_PLAIN, rows, t->d, latents, 1.0f, tile, latents, t->parts[PART_DECODER].value + b * t->events.block * t->d,
                     t->d, 1.0f, t->error + first * t->d, t->d);
    }
    return 1;
}

/* Latents first … first + count − 1: products of errors with atoms, then multiples per event in their place and beside it. */
int atomsi_dense_gradient(const atoms_trainer *t, int64_t first, int64_t count, const train_measure *m, float *work, float *gradients)
{
    int64_t events = 0, size = train_gradient_size(t), rows = t->rows;
    for (int64_t l = 0; l < count; l++) events += train_latent_events(&t->events, first + l).count;
    if (!is_dense(events, rows, count)) return 0;
    float *product = work, *along_input = product + UPDATE_LATENTS * t->opts.batch, *along_error = along_input + UPDATE_LATENTS * t->opts.batch;
    latent_constants constants[UPDATE_LATENTS];
    latent_totals sums[UPDATE_LATENTS];
    linalg_sgemm(LINALG_PLAIN, LINALG_TRANSPOSED, rows, count, t->d, 1.0f, t->error, t->d, t->parts[PART_DECODER].value + first * t->d, t->d, 0.0f,
                 product, count);
    memset(along_input, 0, (size_t)(rows * count) * sizeof *along_input);
    memset(along_error, 0, (size_t)(rows * count) * sizeof *along_error);
    for (int64_t l = 0; l < count; l++) {
        latent_events own = train_latent_events(&t->events, first + l);
        constants[l] = atomsi_latent_constants(t, first + l, m);
        sums[l] = (latent_totals){0};
        for (int64_t i = own.first; i < own.first + own.count; i++) {
            int64_t at = t->events.column_row[i] * count + l;
            event_gradient e = train_event(t, &constants[l], m, t->events.column_z[i], product[at], &sums[l]);
            along_input[at] = e.along_input;
            along_error[at] = e.along_error;
        }
    }
    linalg_sgemm(LINALG_TRANSPOSED, LINALG_PLAIN, count, t->d, rows, 1.0f, along_input, count, t->input, t->d, 0.0f, gradients, size);
    linalg_sgemm(LINALG_TRANSPOSED, LINALG_PLAIN, count, t->d, rows, 1.0f, along_error, count, t->error, t->d, 0.0f, gradients + t->d, size);
    for (int64_t l = 0; l < count; l++)
        atomsi_finish_latent(t, first + l, &constants[l], m, &sums[l], train_gradient_at(t, gradients + l * size));
    return 1;
}
