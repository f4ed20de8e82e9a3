/* Dead latents started anew (after Bricken et al. 2023, "Towards Monosemanticity", resampling): each takes the direction in which the model fails on
 * a row of the batch at hand. Rows are drawn with odds in proportion to the share of the row that is missing, ‖û − u‖²/‖c‖², so that a few
 * rows of huge norm do not take all, and stratified, so that no row is drawn twice while there are enough. Bias and threshold are those of the
 * living on average; the encoder is the same direction, just long enough for the row to fire (where the living fire without being asked, as a
 * ReLU's may, for its value to be what the row misses), and never longer than those of the living: a row that the model misses across rather
 * than along would make it fire everywhere. Adam's first moments are forgotten; the second become those of the living on average: forgotten too
 * they would make its first steps many times too long. Draws are functions of seed and step. They are made before the step changes anything, for
 * latents that will be dead unless they fire in this very step: with a reduce hook each process draws a row of its own and the direction is their
 * sum, and a sum that fails leaves the model as it was. */
#include <math.h>
#include <string.h>

#include "../../base/random.h"
#include "train_internal.h"

/* How far above its threshold a revived latent starts on its row. */
static const double REACH = 1.5;

static int is_dead(const atoms_trainer *t, int64_t i, int64_t step)
{
    return t->last_fired[i] <= step - t->opts.dead_steps;
}

static int is_due(const atoms_train_opts *o, int64_t step)
{
    return o->revive_every > 0 && step % o->revive_every == 0 && !atomsi_rate_decays(o, step);
}

int64_t atomsi_train_dead(const atoms_trainer *t)
{
    int64_t dead = 0;
    for (int64_t i = 0; i < t->width; i++) dead += t->last_fired[i] == 0 || is_dead(t, i, t->step);
    return t->step ? dead : 0;
}

typedef struct living {
    int64_t count;
    double threshold, b_enc, encoder_length, second[PART_COUNT]; /* averages */
} living;

static living average_of_the_living(const atoms_trainer *t)
{
    living a = {0};
    for (int64_t i = 0; i < t->width; i++) {
        if (is_dead(t, i, t->step)) continue;
        const float *encoder = t->parts[PART_ENCODER].value + i * t->d;
        a.count++;
        a.threshold += t->parts[PART_THRESHOLD].value[i];
        a.b_enc += t->parts[PART_B_ENC].value[i];
        a.encoder_length += sqrt((double)t->context->kernels->dot(t->d, encoder, encoder));
        for (int p = 0; p < PART_B_DEC; p++)
            for (int64_t each = t->parts[p].rows * t->parts[p].cols / t->width, j = 0; j < each; j++) a.second[p] += t->parts[p].second[i * each + j];
    }
    double count = (double)base_max_i64(a.count, 1);
    a.threshold /= count;
    a.b_enc /= count;
    a.encoder_length /= count;
    for (int p = 0; p < PART_B_DEC; p++) a.second[p] *= (double)t->width / (count * (double)(t->parts[p].rows * t->parts[p].cols));
    return a;
}

/* missing[r] = Σ over rows 0 … r of what share of the row is missing. */
static void add_up_errors(const atoms_trainer *t, double *missing)
{
    double sum = 0;
    for (int64_t r = 0; r < t->rows; r++) {
        const float *error = t->error + r * t->d, *c = t->input + r * t->d;
        double error_square = 0, input_square = 0;
        for (int64_t j = 0; j < t->d; j++) {
            error_square += (double)error[j] * error[j];
            input_square += (double)c[j] * c[j];
        }
        sum += input_square > 0 ? error_square / input_square : 0;
        missing[r] = sum;
    }
}

/* The row at `place` of the whole sum, 0 ≤ place < 1. */
static int64_t row_at(const atoms_trainer *t, const double *missing, double place)
{
    int64_t low = 0, high = t->rows - 1;
    place *= missing[high];
    while (low < high) {
        int64_t middle = (low + high) / 2;
        if (missing[middle] > place) high = middle;
        else low = middle + 1;
    }
    return low;
}

static void reset_moments(atoms_trainer *t, const living *like, int64_t i)
{
    for (int p = 0; p < PART_B_DEC; p++) {
        train_part *part = &t->parts[p];
        int64_t each = part->rows * part->cols / t->width;
        memset(part->first + i * each, 0, (size_t)each * sizeof *part->first);
        for (int64_t j = 0; j < each; j++) part->second[i * each + j] = (float)like->second[p];
    }
}

/* place[0 … d) is the direction, place[d … 2d) the row it was taken from, both of all processes. */
static void start_anew(atoms_trainer *t, const living *like, int64_t i, const float *place)
{
    const linalg_kernels *k = t->context->kernels;
    const float *direction = place, *c = place + t->d;
    float *decoder = t->parts[PART_DECODER].value + i * t->d, *encoder = t->parts[PART_ENCODER].value + i * t->d;
    double length = sqrt((double)k->dot(t->d, direction, direction)), along = k->dot(t->d, direction, c), atom = atomsi_train_atom_length(t, i);
    if (!(length > 0 && along > 0)) return;
    double level = like->threshold - like->b_enc, reach = level > 0 ? REACH * level : length;
    double multiple = fmin(reach / along, like->encoder_length / length);
    for (int64_t j = 0; j < t->d; j++) {
        decoder[j] = (float)(direction[j] * atom / length);
        encoder[j] = (float)(direction[j] * multiple);
    }
    t->parts[PART_B_ENC].value[i] = (float)like->b_enc;
    t->parts[PART_THRESHOLD].value[i] = (float)like->threshold;
    reset_moments(t, like, i);
    t->last_fired[i] = t->step;
    t->revived++;
}

static void write_place(const atoms_trainer *t, int64_t row, float *place)
{
    for (int64_t j = 0; j < t->d; j++) place[j] = -t->error[row * t->d + j];
    memcpy(place + t->d, t->input + row * t->d, (size_t)t->d * sizeof *place);
}

atoms_status atomsi_train_draw(atoms_trainer *t)
{
    int64_t step = t->step + 1, dead = 0, done = 0;
    if (!is_due(&t->opts, step)) return ATOMS_OK;
    for (int64_t i = 0; i < t->width; i++) dead += is_dead(t, i, step);
    double shift = base_random_uniform(t->opts.seed, BASE_STREAM_REVIVE, (uint64_t)step);
    add_up_errors(t, t->row_errors);
    for (int64_t i = 0; i < t->width; i++)
        t->drawn[i] = is_dead(t, i, step) ? row_at(t, t->row_errors, ((double)done++ + shift) / (double)dead) : 0;
    if (!t->reduce || dead == 0) return ATOMS_OK;
    memset(t->places, 0, (size_t)(t->width * 2 * t->d) * sizeof *t->places);
    for (int64_t i = 0; i < t->width; i++)
        if (is_dead(t, i, step)) write_place(t, t->drawn[i], t->places + i * 2 * t->d);
    return atomsi_train_reduce(t, t->places, t->width * 2 * t->d, ATOMS_F32);
}

void atomsi_train_revive(atoms_trainer *t)
{
    if (!is_due(&t->opts, t->step)) return;
    living like = average_of_the_living(t);
    if (like.count == 0) return;
    for (int64_t i = 0; i < t->width; i++) {
        if (!is_dead(t, i, t->step)) continue;
        float *place = t->reduce ? t->places + i * 2 * t->d : t->latent_gradients;
        if (!t->reduce) write_place(t, t->drawn[i], place);
        start_anew(t, &like, i, place);
    }
}
