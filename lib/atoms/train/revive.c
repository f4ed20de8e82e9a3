/* Dead latents started anew (after Bricken et al. 2023, "Towards Monosemanticity", resampling): each takes the direction in which the model fails on
 * a row of the batch at hand, the row drawn with odds in proportion to its squared error; its encoder gets the length, and its threshold
 * the value, that living latents have on average, its Adam moments are forgotten. Draws are functions of seed, step and latent. With a reduce hook
 * each process draws a row of its own, and the direction is that of their sum. */
#include <math.h>
#include <string.h>

#include "../../base/random.h"
#include "train_internal.h"

static int is_dead(const atoms_trainer *t, int64_t i)
{
    return t->last_fired[i] <= t->step - t->opts.dead_steps;
}

int64_t atomsi_train_dead(const atoms_trainer *t)
{
    int64_t dead = 0;
    for (int64_t i = 0; i < t->width; i++) dead += t->last_fired[i] == 0 || is_dead(t, i);
    return t->step ? dead : 0;
}

typedef struct living {
    double count, encoder_length, threshold;
} living;

static living average_of_the_living(const atoms_trainer *t)
{
    living a = {0};
    for (int64_t i = 0; i < t->width; i++) {
        if (is_dead(t, i)) continue;
        const float *encoder = t->parts[PART_ENCODER].value + i * t->d;
        a.count++;
        a.encoder_length += sqrt((double)t->context->kernels->dot(t->d, encoder, encoder));
        a.threshold += t->parts[PART_THRESHOLD].value[i];
    }
    a.encoder_length /= a.count;
    a.threshold /= a.count;
    return a;
}

/* reached[r] = Σ of the squared errors of rows 0 … r. */
static void add_up_errors(const atoms_trainer *t, double *reached)
{
    double sum = 0;
    for (int64_t r = 0; r < t->rows; r++) {
        const float *error = t->error + r * t->d;
        for (int64_t j = 0; j < t->d; j++) sum += (double)error[j] * error[j];
        reached[r] = sum;
    }
}

static int64_t draw_row(const atoms_trainer *t, const double *reached, int64_t latent)
{
    double place = base_random_uniform(t->opts.seed, BASE_STREAM_REVIVE, (uint64_t)(t->step * t->width + latent)) * reached[t->rows - 1];
    int64_t low = 0, high = t->rows - 1;
    while (low < high) {
        int64_t middle = (low + high) / 2;
        if (reached[middle] > place) high = middle;
        else low = middle + 1;
    }
    return low;
}

static void forget_moments(atoms_trainer *t, int64_t i)
{
    for (int p = 0; p < PART_B_DEC; p++) {
        train_part *part = &t->parts[p];
        int64_t each = part->rows * part->cols / t->width;
        memset(part->first + i * each, 0, (size_t)each * sizeof *part->first);
        memset(part->second + i * each, 0, (size_t)each * sizeof *part->second);
    }
}

static void start_anew(atoms_trainer *t, const living *like, int64_t i, const float *direction)
{
    float *decoder = t->parts[PART_DECODER].value + i * t->d, *encoder = t->parts[PART_ENCODER].value + i * t->d;
    double length = sqrt((double)t->context->kernels->dot(t->d, direction, direction)), atom = atomsi_train_atom_length(t, i);
    if (!(length > 0)) return;
    for (int64_t j = 0; j < t->d; j++) {
        decoder[j] = (float)(direction[j] * atom / length);
        encoder[j] = (float)(direction[j] * like->encoder_length / length);
    }
    t->parts[PART_B_ENC].value[i] = 0;
    t->parts[PART_THRESHOLD].value[i] = (float)like->threshold;
    forget_moments(t, i);
    t->last_fired[i] = t->step;
    t->revived++;
}

atoms_status atomsi_train_revive(atoms_trainer *t)
{
    const atoms_train_opts *o = &t->opts;
    if (o->revive_every == 0 || t->step % o->revive_every != 0 || atomsi_rate_decays(o, t->step)) return ATOMS_OK;
    living like = average_of_the_living(t);
    if (like.count == 0 || like.count == (double)t->width) return ATOMS_OK;
    double *reached = t->row_errors;
    add_up_errors(t, reached);
    for (int64_t i = 0; i < t->width; i++) {
        if (!is_dead(t, i)) continue;
        const float *error = t->error + draw_row(t, reached, i) * t->d;
        float *direction = t->latent_gradients;
        for (int64_t j = 0; j < t->d; j++) direction[j] = -error[j];
        atoms_status status = atomsi_train_reduce(t, direction, t->d, ATOMS_F32);
        if (status) return status;
        start_anew(t, &like, i, direction);
    }
    return ATOMS_OK;
}
