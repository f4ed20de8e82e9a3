/* Where training starts: input scale and b_dec from the rows' moments; atoms from random directions or from rows, the encoder their transpose;
 * one threshold such that L0 is start_l0 on a sample; then one least-squares factor on encoder and threshold puts the reconstruction at the
 * right size (without it a tied encoder starts far too large). A threshold becomes a bias where the recipe has none, or fixes it.
 * With a reduce hook every sum runs over all processes, so that all start alike. */
#include <math.h>
#include <string.h>

#include "../../base/random.h"
#include "train_internal.h"

enum { SAMPLE_ROWS = 1024 };

/* Length of a free decoder row: that of one drawn from U(±1/√d), as the recipe that frees it has it. */
static const double FREE_LENGTH = 0.57735026918962576;

/* Of E‖u‖²: where a row's residual from the mean is smaller, squared, it is rounding, and the same for all such rows. */
static const double NO_DIRECTION = 1e-10;

atoms_status atomsi_train_load(atoms_trainer *t, atoms_rows *rows, int64_t first, int64_t count, train_load how)
{
    int64_t total = atoms_rows_count(rows);
    atoms_matrix input = atoms_matrix_f32(t->input, count, t->d);
    atoms_status status;
    t->rows = count;
    if (how == TRAIN_LOAD_ANY && total <= t->opts.init_rows) {
        status = atoms_rows_read(rows, first, &input);
    } else {
        uint32_t stream = how == TRAIN_LOAD_ATOMS ? BASE_STREAM_DECODER : BASE_STREAM_SHUFFLE;
        for (int64_t i = 0; i < count; i++) t->order[i] = base_permute(t->opts.seed, stream, 0, first + i, total);
        status = atoms_rows_gather(rows, t->order, &input);
    }
    if (!status) atomsi_train_whiten(t);
    return status;
}

static atoms_status set_scale_and_mean(atoms_trainer *t, atoms_rows *rows)
{
    int64_t n = base_min_i64(atoms_rows_count(rows), t->opts.init_rows);
    double *count = t->sums, *square = t->sums + 1, *mean = t->sums + 2;
    memset(t->sums, 0, (size_t)(t->d + 2) * sizeof *t->sums);
    *count = (double)n;
    for (int64_t first = 0; first < n; first += t->opts.batch) {
        atoms_status status = atomsi_train_load(t, rows, first, base_min_i64(t->opts.batch, n - first), TRAIN_LOAD_ANY);
        if (status) return status;
        for (int64_t i = 0; i < t->rows; i++)
            for (int64_t j = 0; j < t->d; j++) {
                double x = t->input[i * t->d + j];
                mean[j] += x;
                *square += x * x;
            }
    }
    atoms_status status = atomsi_train_reduce(t, t->sums, t->d + 2, ATOMS_F64);
    if (status) return status;
    if (!(*square > 0)) return atomsi_fail(t->context, ATOMS_E_ARGUMENT, "all rows are zero: there is nothing to train on");
    double norm = t->opts.input_norm == ATOMS_INPUT_NORM_ONE ? 1 : sqrt((double)t->d);
    t->input_scale = norm * sqrt(*count / *square);
    if (!isnormal((float)t->input_scale)) {
        char length[BASE_NUMBER_TEXT_MAX];
        return atomsi_fail(t->context, ATOMS_E_ARGUMENT, "rows have length %s on average, too far from 1 to be scaled to it in f32",
                           base_number_text(length, 1 / t->input_scale, 6));
    }
    for (int64_t j = 0; j < t->d; j++) t->parts[PART_B_DEC].value[j] = (float)(t->input_scale * mean[j] / *count);
    return ATOMS_OK;
}

static void draw_atom(const atoms_trainer *t, int64_t i)
{
    float *atom = t->parts[PART_DECODER].value + i * t->d;
    for (int64_t j = 0; j < t->d; j++) atom[j] = (float)base_random_normal(t->opts.seed, BASE_STREAM_DECODER, (uint64_t)(i * t->d + j));
}

/* As many atoms as there are rows, in a seeded order; the rest is drawn. */
static atoms_status take_rows_as_atoms(atoms_trainer *t, atoms_rows *rows)
{
    int64_t taken = base_min_i64(t->width, atoms_rows_count(rows));
    const float *b_dec = t->parts[PART_B_DEC].value, scale = (float)t->input_scale;
    for (int64_t first = 0; first < taken; first += t->opts.batch) {
        int64_t count = base_min_i64(t->opts.batch, taken - first);
        atoms_status status = atomsi_train_load(t, rows, first, count, TRAIN_LOAD_ATOMS);
        if (status) return status;
        float *atom = t->parts[PART_DECODER].value + first * t->d;
        for (int64_t i = 0; i < count * t->d; i++) atom[i] = scale * t->input[i] - b_dec[i % t->d];
    }
    return atomsi_train_reduce(t, t->parts[PART_DECODER].value, t->width * t->d, ATOMS_F32);
}

static void tie_encoder(void *arg, int64_t block, int32_t worker)
{
    (void)worker;
    atoms_trainer *t = arg;
    double length = t->opts.decoder == ATOMS_DECODER_UNIT ? 1 : FREE_LENGTH;
    double least = NO_DIRECTION * (t->opts.input_norm == ATOMS_INPUT_NORM_ONE ? 1 : (double)t->d);
    int64_t last = base_min_i64((block + 1) * UPDATE_LATENTS, t->width);
    for (int64_t i = block * UPDATE_LATENTS; i < last; i++) {
        float *atom = t->parts[PART_DECODER].value + i * t->d, *encoder = t->parts[PART_ENCODER].value + i * t->d;
        double square = 0;
        for (int64_t j = 0; j < t->d; j++) square += (double)atom[j] * atom[j];
        if (square <= least) { /* not a row's: it was not reached, or is the mean itself */
            draw_atom(t, i);
            square = 0;
            for (int64_t j = 0; j < t->d; j++) square += (double)atom[j] * atom[j];
        }
        float factor = (float)(1 / sqrt(square));
        for (int64_t j = 0; j < t->d; j++) {
            encoder[j] = atom[j] * factor;
            atom[j] = encoder[j] * (float)length;
        }
    }
}

static atoms_status set_atoms(atoms_trainer *t, atoms_rows *rows)
{
    memset(t->parts[PART_DECODER].value, 0, (size_t)(t->width * t->d) * sizeof(float));
    atoms_status status = t->opts.start == ATOMS_START_ROWS ? take_rows_as_atoms(t, rows) : ATOMS_OK;
    if (!status) atomsi_parallel_for(t->context, base_blocks(t->width, UPDATE_LATENTS), tie_encoder, t);
    return status;
}

static void fill(atoms_trainer *t, int part, float value)
{
    for (int64_t i = 0; i < t->width; i++) t->parts[part].value[i] = value;
}

/* The factor that minimises Σ‖u − b_dec − a·f W_dec‖². */
static atoms_status scale_to_fit(atoms_trainer *t, atoms_rows *rows, int64_t sample, float *factor)
{
    double sums[2] = {0, 0}, share = t->opts.subtract_b_dec ? 0 : 1;
    const float *b_dec = t->parts[PART_B_DEC].value;
    for (int64_t first = 0; first < sample; first += t->opts.batch) {
        atoms_status status = atomsi_train_load(t, rows, first, base_min_i64(t->opts.batch, sample - first), TRAIN_LOAD_SHUFFLED);
        if (status) return status;
        atomsi_train_centre(t);
        if ((status = atomsi_train_forward(t, 0))) return status;
        atomsi_train_errors(t);
        for (int64_t i = 0; i < t->rows * t->d; i++) {
            double c = t->input[i] - share * b_dec[i % t->d], reconstruction = (double)t->error[i] + c;
            sums[0] += reconstruction * c;
            sums[1] += reconstruction * reconstruction;
        }
    }
    atoms_status status = atomsi_train_reduce(t, sums, 2, ATOMS_F64);
    *factor = sums[0] > 0 && sums[1] > 0 ? (float)(sums[0] / sums[1]) : 1;
    return status;
}

/* From one threshold for all latents to what the recipe starts with. */
static atoms_status set_biases(atoms_trainer *t, atoms_rows *rows, int64_t sample, double l0, float threshold)
{
    const atoms_train_opts *o = &t->opts;
    float *b_enc = t->parts[PART_B_ENC].value;
    float start = o->activation == ATOMS_ACTIVATION_RELU ? 0 : o->start_threshold > 0 ? (float)o->start_threshold : threshold;
    if (o->data_bias) {
        atoms_status status = atomsi_train_select_quantiles(t, rows, sample, l0 / (double)t->width, b_enc);
        if (status) return status;
        for (int64_t i = 0; i < t->width; i++) b_enc[i] = start - b_enc[i];
    } else if (o->activation == ATOMS_ACTIVATION_RELU) {
        fill(t, PART_B_ENC, -threshold);
    }
    fill(t, PART_THRESHOLD, start);
    return ATOMS_OK;
}

static atoms_status set_encoder(atoms_trainer *t, atoms_rows *rows)
{
    int64_t sample = base_min_i64(base_min_i64(atoms_rows_count(rows), t->opts.init_rows), SAMPLE_ROWS);
    double l0 = fmin(t->opts.start_l0 > 0 ? t->opts.start_l0 : 2 * t->opts.target_l0, (double)t->width);
    float threshold, factor;
    fill(t, PART_B_ENC, 0);
    atoms_status status = atomsi_train_select_threshold(t, rows, sample, l0, &threshold);
    if (status) return status;
    threshold = fmaxf(threshold, 0);
    fill(t, PART_THRESHOLD, threshold);
    if ((status = scale_to_fit(t, rows, sample, &factor))) return status;
    for (int64_t i = 0; i < t->width * t->d; i++) t->parts[PART_ENCODER].value[i] *= factor;
    return set_biases(t, rows, sample, l0, factor * threshold);
}

atoms_status atoms_trainer_initialize(atoms_trainer *t, atoms_rows *rows)
{
    if (!t) return ATOMS_E_ARGUMENT;
    if (!rows) return atomsi_fail(t->context, ATOMS_E_ARGUMENT, "rows is NULL");
    if (t->initialised) return atomsi_fail(t->context, ATOMS_E_STATE, "the trainer is initialised already");
    if (atoms_rows_width(rows) != t->d)
        return atomsi_fail(t->context, ATOMS_E_SHAPE, "rows have %lld columns, the trainer expects %lld", (long long)atoms_rows_width(rows),
                           (long long)t->d);
    atoms_status status = set_scale_and_mean(t, rows);
    if (!status) status = set_atoms(t, rows);
    if (!status) status = set_encoder(t, rows);
    if (!status) t->initialised = 1;
    return status;
}
