/* Row by row: the error û − u = Σ f W_dec − c (c carries −b_dec, so b_dec cancels), and for each event its dot product with a decoder
 * row, ∂mse/∂f = (2/n)(û − u)·W_dec. Sums go into one slot per piece of rows and are added in order afterwards. */
#include <math.h>
#include <string.h>

#include "train_internal.h"

enum { SQUARED_ERROR, SQUARED_INPUT, COLUMN_SUMS };

static int64_t row_sum_size(const atoms_trainer *t)
{
    return COLUMN_SUMS + 2 * t->d;
}

/* The events of a row in one latent block: first … last − 1. */
typedef struct row_events {
    int64_t first, last;
} row_events;

static row_events events_of(const atoms_trainer *t, int64_t row, int64_t latent_block)
{
    const train_events *e = &t->events;
    int64_t region = train_region(e, row / ROW_BLOCK, latent_block);
    const int32_t *start = e->row_start + region * (ROW_BLOCK + 1) + row % ROW_BLOCK;
    return (row_events){region * e->capacity + start[0], region * e->capacity + start[1]};
}

static void one_row(atoms_trainer *t, int64_t row)
{
    const linalg_kernels *k = t->context->kernels;
    const train_events *e = &t->events;
    const float *decoder = t->parts[PART_DECODER].value, *threshold = t->parts[PART_THRESHOLD].value, *c = t->input + row * t->d;
    float *error = t->error + row * t->d, scale = 2.0f / (float)t->rows;
    for (int64_t j = 0; j < t->d; j++) error[j] = -c[j];
    for (int64_t b = 0; b < e->latent_blocks; b++) {
        row_events r = events_of(t, row, b);
        for (int64_t i = r.first; i < r.last; i++)
            if (e->z[i] > threshold[e->latent[i]]) k->axpy(t->d, e->z[i], decoder + e->latent[i] * t->d, error);
    }
    for (int64_t b = 0; b < e->latent_blocks; b++) {
        row_events r = events_of(t, row, b);
        for (int64_t i = r.first; i < r.last; i++) e->gradient[i] = scale * k->dot(t->d, error, decoder + e->latent[i] * t->d);
    }
}

static void error_block(void *arg, int64_t block, int32_t worker)
{
    (void)worker;
    atoms_trainer *t = arg;
    double *sums = t->row_sums + block * row_sum_size(t);
    memset(sums, 0, (size_t)row_sum_size(t) * sizeof *sums);
    int64_t last = base_min_i64((block + 1) * ERROR_ROWS, t->rows);
    for (int64_t row = block * ERROR_ROWS; row < last; row++) {
        one_row(t, row);
        const float *error = t->error + row * t->d, *c = t->input + row * t->d;
        double *error_sum = sums + COLUMN_SUMS, *input_sum = error_sum + t->d;
        for (int64_t j = 0; j < t->d; j++) {
            sums[SQUARED_ERROR] += (double)error[j] * error[j];
            sums[SQUARED_INPUT] += (double)c[j] * c[j];
            error_sum[j] += error[j];
            input_sum[j] += c[j];
        }
    }
}

void atomsi_train_errors(atoms_trainer *t)
{
    int64_t blocks = base_blocks(t->rows, ERROR_ROWS), size = row_sum_size(t);
    atomsi_parallel_for(t->context, blocks, error_block, t);
    memset(t->sums, 0, (size_t)size * sizeof *t->sums);
    for (int64_t b = 0; b < blocks; b++)
        for (int64_t j = 0; j < size; j++) t->sums[j] += t->row_sums[b * size + j];
}

void atomsi_b_dec_gradient(const atoms_trainer *t, float *out)
{
    for (int64_t j = 0; j < t->d; j++) out[j] = (float)(2 / (double)t->rows * t->sums[COLUMN_SUMS + j]);
}

train_measure atomsi_train_measure(const atoms_trainer *t)
{
    const double n = (double)t->rows, *input_sum = t->sums + COLUMN_SUMS + t->d;
    int64_t active = 0;
    for (int64_t i = 0; i < train_row_blocks(t) * t->events.latent_blocks; i++) active += t->events.active[i];
    double spread = t->sums[SQUARED_INPUT];
    for (int64_t j = 0; j < t->d; j++) spread -= input_sum[j] * input_sum[j] / n;
    train_measure m = {.mse = t->sums[SQUARED_ERROR] / n, .l0 = (double)active / n};
    double excess = m.l0 / t->opts.target_l0 - 1;
    m.loss = m.mse + t->opts.sparsity_weight * excess * excess;
    m.l0_slope = 2 * t->opts.sparsity_weight * excess / t->opts.target_l0;
    m.r2 = spread > 1e-12 * t->sums[SQUARED_INPUT] ? 1 - t->sums[SQUARED_ERROR] / spread : NAN; /* less is rounding: the rows do not vary */
    return m;
}
