/* Where training starts: input scale and b_dec from the rows' moments, random unit atoms, the encoder their transpose. Thresholds
 * are one number, chosen by selection such that L0 is twice the target on a sample; then one least-squares factor on encoder and
 * thresholds puts the reconstruction at the right size (without it a tied encoder starts far too large). */
#include <math.h>
#include <string.h>

#include "../../base/random.h"
#include "../../linalg/cblas_gate.h"
#include "train_internal.h"

enum { SAMPLE_ROWS = 1024, COUNT_BINS = 1 << 16 };

/* Rows first … first + count − 1 (count ≤ batch) of what initialisation looks at, into input: all rows in their order where there are
 * no more than init_rows, else the first init_rows of epoch 0's order. `shuffled` asks for the latter in any case. */
static atoms_status load(atoms_trainer *t, atoms_rows *rows, int64_t first, int64_t count, int shuffled)
{
    int64_t total = atoms_rows_count(rows);
    atoms_matrix input = atoms_matrix_f32(t->input, count, t->d);
    t->rows = count;
    if (!shuffled && total <= t->opts.init_rows) return atoms_rows_read(rows, first, &input);
    for (int64_t i = 0; i < count; i++) t->order[i] = base_permute(t->opts.seed, BASE_STREAM_SHUFFLE, 0, first + i, total);
    return atoms_rows_gather(rows, t->order, &input);
}

static atoms_status set_scale_and_mean(atoms_trainer *t, atoms_rows *rows)
{
    int64_t n = base_min_i64(atoms_rows_count(rows), t->opts.init_rows);
    double square = 0, *mean = t->sums;
    memset(mean, 0, (size_t)t->d * sizeof *mean);
    for (int64_t first = 0; first < n; first += t->opts.batch) {
        atoms_status status = load(t, rows, first, base_min_i64(t->opts.batch, n - first), 0);
        if (status) return status;
        for (int64_t i = 0; i < t->rows; i++)
            for (int64_t j = 0; j < t->d; j++) {
                double x = t->input[i * t->d + j];
                mean[j] += x;
                square += x * x;
            }
    }
    if (!(square > 0)) return atomsi_fail(t->context, ATOMS_E_ARGUMENT, "all rows are zero: there is nothing to train on");
    t->input_scale = sqrt((double)n / square);
    if (!isnormal((float)t->input_scale)) {
        char length[BASE_NUMBER_TEXT_MAX];
        return atomsi_fail(t->context, ATOMS_E_ARGUMENT, "rows have length %s on average, too far from 1 to be scaled to it in f32",
                           base_number_text(length, 1 / t->input_scale, 6));
    }
    for (int64_t j = 0; j < t->d; j++) t->parts[PART_B_DEC].value[j] = (float)(t->input_scale * mean[j] / (double)n);
    return ATOMS_OK;
}

static void random_atoms(void *arg, int64_t block, int32_t worker)
{
    (void)worker;
    atoms_trainer *t = arg;
    int64_t last = base_min_i64((block + 1) * UPDATE_LATENTS, t->width);
    for (int64_t i = block * UPDATE_LATENTS; i < last; i++) {
        float *atom = t->parts[PART_DECODER].value + i * t->d, *encoder = t->parts[PART_ENCODER].value + i * t->d;
        double square = 0;
        for (int64_t j = 0; j < t->d; j++) {
            atom[j] = (float)base_random_normal(t->opts.seed, BASE_STREAM_DECODER, (uint64_t)(i * t->d + j));
            square += (double)atom[j] * atom[j];
        }
        float factor = (float)(1 / sqrt(square));
        for (int64_t j = 0; j < t->d; j++) encoder[j] = atom[j] *= factor;
    }
}

/* Counting pre-activations by the upper half of their order-preserving bits, then by the lower half inside one upper value. */
typedef struct selection {
    atoms_trainer *trainer;
    int64_t *counts; /* COUNT_BINS per worker */
    int32_t upper;   /* −1 in the first pass */
} selection;

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

static void count_tile(void *arg, int64_t block, int32_t worker)
{
    selection *s = arg;
    atoms_trainer *t = s->trainer;
    int64_t first = block * LATENT_BLOCK, latents = base_min_i64(LATENT_BLOCK, t->width - first);
    float *tile = t->tiles + (int64_t)worker * ROW_BLOCK * LATENT_BLOCK;
    int64_t *counts = s->counts + (int64_t)worker * COUNT_BINS;
    for (int64_t row = 0; row < t->rows; row += ROW_BLOCK) {
        int64_t rows = base_min_i64(ROW_BLOCK, t->rows - row);
        linalg_sgemm(LINALG_PLAIN, LINALG_TRANSPOSED, rows, latents, t->d, 1.0f, t->input + row * t->d, t->d,
                     t->parts[PART_ENCODER].value + first * t->d, t->d, 0.0f, tile, latents);
        for (int64_t i = 0; i < rows * latents; i++) {
            uint32_t bits = ordered_bits(tile[i]);
            if (s->upper < 0) counts[bits >> 16]++;
            else if ((int32_t)(bits >> 16) == s->upper) counts[bits & 0xFFFFu]++;
        }
    }
}

/* One pass over the sample; *bin gets the bin that holds the (*above + 1)-th largest, *above how many of the bin's own lie above it. */
static atoms_status select_bin(selection *s, atoms_rows *rows, int64_t sample, int64_t *above, int32_t *bin)
{
    atoms_trainer *t = s->trainer;
    int32_t threads = atoms_context_threads(t->context);
    memset(s->counts, 0, (size_t)threads * COUNT_BINS * sizeof *s->counts);
    for (int64_t first = 0; first < sample; first += t->opts.batch) {
        atoms_status status = load(t, rows, first, base_min_i64(t->opts.batch, sample - first), 1);
        if (status) return status;
        atomsi_train_centre(t);
        atomsi_parallel_for(t->context, t->events.latent_blocks, count_tile, s);
    }
    for (*bin = COUNT_BINS - 1; *bin > 0; --*bin) {
        int64_t here = 0;
        for (int32_t w = 0; w < threads; w++) here += s->counts[(int64_t)w * COUNT_BINS + *bin];
        if (*above < here) break;
        *above -= here;
    }
    return ATOMS_OK;
}

static atoms_status set_thresholds(atoms_trainer *t, atoms_rows *rows, int64_t sample)
{
    selection s = {.trainer = t, .upper = -1};
    s.counts = atomsi_alloc(t->context, atoms_context_threads(t->context), COUNT_BINS * sizeof *s.counts);
    if (!s.counts) return ATOMS_E_MEMORY;
    double keep = fmin(2 * t->opts.target_l0, (double)t->width) * (double)sample;
    int64_t above = base_min_i64((int64_t)keep, sample * t->width - 1);
    int32_t lower = 0;
    atoms_status status = select_bin(&s, rows, sample, &above, &s.upper);
    int32_t upper = s.upper;
    if (!status) status = select_bin(&s, rows, sample, &above, &lower);
    atomsi_free(t->context, s.counts);
    if (status) return status;
    float threshold = fmaxf(from_ordered_bits((uint32_t)upper << 16 | (uint32_t)lower), 0);
    for (int64_t i = 0; i < t->width; i++) t->parts[PART_THRESHOLD].value[i] = threshold;
    return ATOMS_OK;
}

/* The factor a that minimises Σ‖c − a·f W_dec‖². */
static atoms_status scale_to_fit(atoms_trainer *t, atoms_rows *rows, int64_t sample)
{
    double product = 0, square = 0;
    for (int64_t first = 0; first < sample; first += t->opts.batch) {
        atoms_status status = load(t, rows, first, base_min_i64(t->opts.batch, sample - first), 1);
        if (status) return status;
        atomsi_train_centre(t);
        if ((status = atomsi_train_forward(t, 0))) return status;
        atomsi_train_errors(t);
        for (int64_t i = 0; i < t->rows * t->d; i++) {
            double c = t->input[i], reconstruction = (double)t->error[i] + c;
            product += reconstruction * c;
            square += reconstruction * reconstruction;
        }
    }
    float factor = product > 0 && square > 0 ? (float)(product / square) : 1;
    for (int64_t i = 0; i < t->width * t->d; i++) t->parts[PART_ENCODER].value[i] *= factor;
    for (int64_t i = 0; i < t->width; i++) t->parts[PART_THRESHOLD].value[i] *= factor;
    return ATOMS_OK;
}

atoms_status atoms_trainer_initialize(atoms_trainer *t, atoms_rows *rows)
{
    if (!t) return ATOMS_E_ARGUMENT;
    if (!rows) return atomsi_fail(t->context, ATOMS_E_ARGUMENT, "rows is NULL");
    if (t->initialised) return atomsi_fail(t->context, ATOMS_E_STATE, "the trainer is initialised already");
    if (atoms_rows_width(rows) != t->d)
        return atomsi_fail(t->context, ATOMS_E_SHAPE, "rows have %lld columns, the trainer expects %lld", (long long)atoms_rows_width(rows),
                           (long long)t->d);
    int64_t sample = base_min_i64(base_min_i64(atoms_rows_count(rows), t->opts.init_rows), SAMPLE_ROWS);
    memset(t->parts[PART_B_ENC].value, 0, (size_t)t->width * sizeof(float));
    atoms_status status = set_scale_and_mean(t, rows);
    if (status) return status;
    atomsi_parallel_for(t->context, base_blocks(t->width, UPDATE_LATENTS), random_atoms, t);
    status = set_thresholds(t, rows, sample);
    if (!status) status = scale_to_fit(t, rows, sample);
    if (!status) t->initialised = 1;
    return status;
}
