/* Row by row: the error û − u = Σ f W_dec + (b_dec − p) − c, as sums of decoder rows. Sums go into one slot per piece of rows and are added in
 * order afterwards. */
#include <string.h>

#include "train_internal.h"

/* Active latents of a row, gathered before the decoder rows are summed; a row of more is summed in several goes. */
enum { GATHER = 256 };

typedef struct row_sum {
    int64_t count;
    float value[GATHER];
    const float *atom[GATHER];
} row_sum;

static void add_up(const atoms_trainer *t, row_sum *s, float *error)
{
    if (s->count) t->context->kernels->axpys(t->d, s->count, s->value, s->atom, error);
    s->count = 0;
}

/* b_dec − p − c, from which the error grows. */
static void begin_row(const atoms_trainer *t, int64_t row)
{
    const float *b_dec = t->parts[PART_B_DEC].value, *c = t->input + row * t->d;
    const float share = (float)(1 - t->opts.subtract_b_dec);
    float *error = t->error + row * t->d;
    for (int64_t j = 0; j < t->d; j++) error[j] = share * b_dec[j] - c[j];
}

static void add_atoms(const atoms_trainer *t, int64_t row)
{
    const train_events *e = &t->events;
    const float *decoder = t->parts[PART_DECODER].value, *threshold = t->parts[PART_THRESHOLD].value;
    float *error = t->error + row * t->d;
    row_sum s = {.count = 0};
    for (int64_t b = 0; b < e->latent_blocks; b++) {
        int64_t region = train_region(e, row / ROW_BLOCK, b), base = region * e->capacity;
        const int32_t *start = e->row_start + region * (ROW_BLOCK + 1) + row % ROW_BLOCK;
        for (int64_t i = base + start[0]; i < base + start[1]; i++) {
            if (!(e->z[i] > threshold[e->latent[i]])) continue;
            s.value[s.count] = e->z[i];
            s.atom[s.count] = decoder + e->latent[i] * t->d;
            if (++s.count == GATHER) add_up(t, &s, error);
        }
    }
    add_up(t, &s, error);
}

static void add_row_sums(const atoms_trainer *t, int64_t row, double *sums)
{
    const float *error = t->error + row * t->d, *c = t->input + row * t->d;
    double *error_sum = sums + SUM_COLUMNS, *input_sum = error_sum + t->d, squared_error = 0, squared_input = 0;
    for (int64_t j = 0; j < t->d; j++) {
        squared_error += (double)error[j] * error[j];
        squared_input += (double)c[j] * c[j];
    }
    for (int64_t j = 0; j < t->d; j++) {
        error_sum[j] += error[j];
        input_sum[j] += c[j];
    }
    sums[SUM_SQUARED_ERROR] += squared_error;
    sums[SUM_SQUARED_INPUT] += squared_input;
}

static void error_block(void *arg, int64_t block, int32_t worker)
{
    atoms_trainer *t = arg;
    int64_t size = train_sum_count(t), first = block * ERROR_ROWS, rows = base_min_i64(ERROR_ROWS, t->rows - first);
    double *sums = t->row_sums + block * size;
    memset(sums, 0, (size_t)size * sizeof *sums);
    for (int64_t r = first; r < first + rows; r++) begin_row(t, r);
    if (!atomsi_dense_errors(t, first, rows, t->tiles + worker * train_tile_size(&t->events)))
        for (int64_t r = first; r < first + rows; r++) add_atoms(t, r);
    for (int64_t r = first; r < first + rows; r++) add_row_sums(t, r, sums);
}

void atomsi_train_errors(atoms_trainer *t)
{
    int64_t blocks = base_blocks(t->rows, ERROR_ROWS), size = train_sum_count(t), active = 0;
    atomsi_parallel_for(t->context, blocks, error_block, t);
    memset(t->sums, 0, (size_t)size * sizeof *t->sums);
    for (int64_t b = 0; b < blocks; b++)
        for (int64_t j = 0; j < size; j++) t->sums[j] += t->row_sums[b * size + j];
    for (int64_t i = 0; i < train_row_blocks(t) * t->events.latent_blocks; i++) active += t->events.active[i];
    t->sums[SUM_ROWS] = (double)t->rows;
    t->sums[SUM_ACTIVE] = (double)active;
    for (int64_t j = 0; j < t->d; j++) t->input_total[j] = (float)t->sums[SUM_COLUMNS + t->d + j];
}

void atomsi_b_dec_gradient(const atoms_trainer *t, float *out)
{
    for (int64_t j = 0; j < t->d; j++) out[j] = (float)(2 / t->sums[SUM_ROWS] * t->sums[SUM_COLUMNS + j]);
}
