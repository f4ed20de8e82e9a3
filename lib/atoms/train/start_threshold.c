/* Selection: one threshold for all latents that gives a sample its L0, or one quantile a latent. Pre-activations are numbered by their
 * order-preserving bits, so selection is counting: exact, the same for any number of threads, and sums over processes. */
#include <math.h>
#include <string.h>

#include "../../linalg/cblas_gate.h"
#include "train_internal.h"

enum { COUNT_BINS = 1 << 16 };

/* Bits that rise as the number does. */
static uint32_t ordered_bits(float x)
{
    uint32_t b;
    memcpy(&b, &x, sizeof b);
    return b & 0x80000000u ? ~b : b | 0x80000000u;
}

static float from_ordered_bits(uint32_t b)
{
    float x;
    b = b & 0x80000000u ? b & 0x7FFFFFFFu : ~b;
    memcpy(&x, &b, sizeof x);
    return x;
}

static float *multiply_tile(atoms_trainer *t, int64_t first_row, int64_t rows, int64_t first, int64_t latents, int32_t worker)
{
    float *tile = t->tiles + worker * train_tile_size(&t->events);
    linalg_sgemm(LINALG_PLAIN, LINALG_TRANSPOSED, rows, latents, t->d, 1.0f, t->input + first_row * t->d, t->d,
                 t->parts[PART_ENCODER].value + first * t->d, t->d, 0.0f, tile, latents);
    return tile;
}

/* Counting by the upper half of the bits, then by the lower half inside one upper value. */
typedef struct selection {
    atoms_trainer *trainer;
    int64_t *counts; /* COUNT_BINS per worker */
    double *totals;  /* COUNT_BINS */
    int32_t upper;   /* −1 in the first pass */
} selection;

static void count_tile(void *arg, int64_t block, int32_t worker)
{
    selection *s = arg;
    atoms_trainer *t = s->trainer;
    int64_t first = block * t->events.block, latents = train_block_latents(t, block);
    int64_t *counts = s->counts + (int64_t)worker * COUNT_BINS;
    for (int64_t row = 0; row < t->rows; row += ROW_BLOCK) {
        int64_t rows = base_min_i64(ROW_BLOCK, t->rows - row);
        const float *tile = multiply_tile(t, row, rows, first, latents, worker);
        for (int64_t i = 0; i < rows * latents; i++) {
            uint32_t bits = ordered_bits(tile[i]);
            if (s->upper < 0) counts[bits >> 16]++;
            else if ((int32_t)(bits >> 16) == s->upper) counts[bits & 0xFFFFu]++;
        }
    }
}

/* One pass over the sample; *bin gets the bin that holds the (*above + 1)-th largest, *above how many of the bin's own lie above it. */
static atoms_status select_bin(selection *s, atoms_rows *rows, int64_t sample, double *above, int32_t *bin)
{
    atoms_trainer *t = s->trainer;
    int32_t threads = atoms_context_threads(t->context);
    memset(s->counts, 0, (size_t)threads * COUNT_BINS * sizeof *s->counts);
    for (int64_t first = 0; first < sample; first += t->opts.batch) {
        atoms_status status = atomsi_train_load(t, rows, first, base_min_i64(t->opts.batch, sample - first), TRAIN_LOAD_SHUFFLED);
        if (status) return status;
        atomsi_train_centre(t);
        atomsi_parallel_for(t->context, t->events.latent_blocks, count_tile, s);
    }
    for (int64_t i = 0; i < COUNT_BINS; i++) {
        s->totals[i] = 0;
        for (int32_t w = 0; w < threads; w++) s->totals[i] += (double)s->counts[(int64_t)w * COUNT_BINS + i];
    }
    atoms_status status = atomsi_train_reduce(t, s->totals, COUNT_BINS, ATOMS_F64);
    if (status) return status;
    for (*bin = COUNT_BINS - 1; *bin > 0 && *above >= s->totals[*bin]; --*bin) *above -= s->totals[*bin];
    return ATOMS_OK;
}

atoms_status atomsi_train_select_threshold(atoms_trainer *t, atoms_rows *rows, int64_t sample, double l0, float *threshold)
{
    selection s = {.trainer = t, .upper = -1};
    double all = (double)sample;
    int32_t lower = 0;
    s.counts = atomsi_alloc(t->context, atoms_context_threads(t->context), COUNT_BINS * sizeof *s.counts);
    s.totals = atomsi_alloc(t->context, COUNT_BINS, sizeof *s.totals);
    atoms_status status = s.counts && s.totals ? atomsi_train_reduce(t, &all, 1, ATOMS_F64) : ATOMS_E_MEMORY;
    double above = fmin(floor(l0 * all), all * (double)t->width - 1);
    if (!status) status = select_bin(&s, rows, sample, &above, &s.upper);
    int32_t upper = s.upper;
    if (!status) status = select_bin(&s, rows, sample, &above, &lower);
    atomsi_free(t->context, s.counts);
    atomsi_free(t->context, s.totals);
    if (!status) *threshold = from_ordered_bits((uint32_t)upper << 16 | (uint32_t)lower);
    return status;
}

typedef struct quantiles {
    atoms_trainer *trainer;
    int64_t above;
    float *out;
} quantiles;

/* The largest number that more than `above` of the column's are not below, bit by bit from the top. */
static float select_in_column(const float *column, int64_t rows, int64_t stride, int64_t above)
{
    uint32_t bits = 0;
    for (int k = 31; k >= 0; k--) {
        uint32_t raised = bits | (uint32_t)1 << k;
        int64_t reached = 0;
        for (int64_t r = 0; r < rows; r++) reached += ordered_bits(column[r * stride]) >= raised;
        if (reached > above) bits = raised;
    }
    return from_ordered_bits(bits);
}

static void quantile_tile(void *arg, int64_t block, int32_t worker)
{
    const quantiles *q = arg;
    atoms_trainer *t = q->trainer;
    int64_t first = block * t->events.block, latents = train_block_latents(t, block);
    const float *tile = multiply_tile(t, 0, t->rows, first, latents, worker);
    for (int64_t i = 0; i < latents; i++) q->out[first + i] = select_in_column(tile + i, t->rows, latents, q->above);
}

/* Over one tile's height of rows; several processes take the mean of theirs. */
atoms_status atomsi_train_select_quantiles(atoms_trainer *t, atoms_rows *rows, int64_t sample, double share, float *out)
{
    double processes = 1;
    int64_t count = base_min_i64(base_min_i64(sample, t->opts.batch), ROW_BLOCK);
    atoms_status status = atomsi_train_load(t, rows, 0, count, TRAIN_LOAD_SHUFFLED);
    if (status) return status;
    atomsi_train_centre(t);
    quantiles q = {t, base_min_i64((int64_t)(share * (double)count), count - 1), out};
    atomsi_parallel_for(t->context, t->events.latent_blocks, quantile_tile, &q);
    status = atomsi_train_reduce(t, &processes, 1, ATOMS_F64);
    if (!status) status = atomsi_train_reduce(t, out, t->width, ATOMS_F32);
    for (int64_t i = 0; i < t->width && !status; i++) out[i] /= (float)processes;
    return status;
}
