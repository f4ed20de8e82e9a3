/* Gradient and Adam of each latent in one go, while its rows are in cache: the gradient of the whole model is not stored, except where its length
 * has to be known before the first step of Adam (clip_norm) or other processes have to add theirs (reduce).
 * The gradient of a unit decoder row loses its part along the atom before Adam sees it, and the atom is put back to length 1 after
 * (arXiv 2408.05147, §3). Every latent is visited: Adam's moments decay and move it even where its gradient is zero. */
#include <math.h>

#include "train_internal.h"

typedef struct update_pass {
    atoms_trainer *trainer;
    const train_measure *measure;
    linalg_adam adam, threshold_adam;
    float scale; /* of a clipped gradient */
} update_pass;

static void project(const atoms_trainer *t, int64_t i, float *gradient)
{
    const linalg_kernels *k = t->context->kernels;
    const float *atom = t->parts[PART_DECODER].value + i * t->d;
    if (t->opts.decoder == ATOMS_DECODER_UNIT) k->axpy(t->d, -k->dot(t->d, gradient, atom), atom, gradient);
}

static void normalise(const linalg_kernels *k, int64_t d, float *atom)
{
    float length = sqrtf(k->dot(d, atom, atom));
    if (length > 0)
        for (int64_t j = 0; j < d; j++) atom[j] /= length;
}

static void step_part(atoms_trainer *t, const linalg_adam *adam, int part, int64_t first, int64_t count, const float *gradient)
{
    train_part *p = &t->parts[part];
    t->context->kernels->adam(count, gradient, p->first + first, p->second + first, p->value + first, adam);
}

static void step_latent(atoms_trainer *t, const update_pass *pass, int64_t i, latent_gradient g)
{
    float *threshold = t->parts[PART_THRESHOLD].value + i;
    step_part(t, &pass->adam, PART_ENCODER, i * t->d, t->d, g.encoder);
    step_part(t, &pass->adam, PART_DECODER, i * t->d, t->d, g.decoder);
    step_part(t, &pass->adam, PART_B_ENC, i, 1, g.rest + GRADIENT_B_ENC);
    if (t->opts.decoder == ATOMS_DECODER_UNIT) normalise(t->context->kernels, t->d, t->parts[PART_DECODER].value + i * t->d);
    if (t->opts.activation == ATOMS_ACTIVATION_JUMPRELU) {
        step_part(t, &pass->threshold_adam, PART_THRESHOLD, i, 1, g.rest + GRADIENT_THRESHOLD);
        if (!(*threshold > 0)) *threshold = 0;
    }
    if (g.rest[GRADIENT_FIRED] > 0) t->last_fired[i] = t->step + 1;
}

/* Gradients of latents first … last − 1, one after the other from `gradients` on. */
static void take_gradients(const update_pass *pass, int64_t first, int64_t last, float *gradients, float *work)
{
    const atoms_trainer *t = pass->trainer;
    if (atomsi_dense_gradient(t, first, last - first, pass->measure, work, gradients)) return;
    for (int64_t i = first; i < last; i++)
        atomsi_straight_through(t, i, pass->measure, train_gradient_at(t, gradients + (i - first) * train_gradient_size(t)));
}

static void fused_block(void *arg, int64_t block, int32_t worker)
{
    const update_pass *pass = arg;
    atoms_trainer *t = pass->trainer;
    int64_t first = block * UPDATE_LATENTS, last = base_min_i64(first + UPDATE_LATENTS, t->width), size = train_gradient_size(t);
    float *gradients = t->latent_gradients + worker * train_update_room(t);
    take_gradients(pass, first, last, gradients, gradients + UPDATE_LATENTS * size);
    for (int64_t i = first; i < last; i++) {
        latent_gradient g = train_gradient_at(t, gradients + (i - first) * size);
        project(t, i, g.decoder);
        step_latent(t, pass, i, g);
    }
}

static void gradient_block(void *arg, int64_t block, int32_t worker)
{
    const update_pass *pass = arg;
    atoms_trainer *t = pass->trainer;
    int64_t first = block * UPDATE_LATENTS, last = base_min_i64(first + UPDATE_LATENTS, t->width), size = train_gradient_size(t);
    float *work = t->latent_gradients + worker * train_update_room(t) + UPDATE_LATENTS * size;
    take_gradients(pass, first, last, t->gradient + first * size, work);
}

static double squared_length(const float *x, int64_t n)
{
    double sum = 0;
    for (int64_t j = 0; j < n; j++) sum += (double)x[j] * x[j];
    return sum;
}

/* Projects, and sums the squares of what Adam will see. */
static void length_block(void *arg, int64_t block, int32_t worker)
{
    (void)worker;
    const update_pass *pass = arg;
    atoms_trainer *t = pass->trainer;
    int64_t last = base_min_i64((block + 1) * UPDATE_LATENTS, t->width);
    t->latent_sums[block] = 0;
    for (int64_t i = block * UPDATE_LATENTS; i < last; i++) {
        latent_gradient g = train_gradient_at(t, t->gradient + i * train_gradient_size(t));
        project(t, i, g.decoder);
        t->latent_sums[block] += squared_length(g.encoder, 2 * t->d + (t->opts.activation == ATOMS_ACTIVATION_JUMPRELU ? 2 : 1));
    }
}

static void step_block(void *arg, int64_t block, int32_t worker)
{
    (void)worker;
    const update_pass *pass = arg;
    atoms_trainer *t = pass->trainer;
    int64_t last = base_min_i64((block + 1) * UPDATE_LATENTS, t->width);
    for (int64_t i = block * UPDATE_LATENTS; i < last; i++) {
        latent_gradient g = train_gradient_at(t, t->gradient + i * train_gradient_size(t));
        for (int64_t j = 0; j < 2 * t->d + GRADIENT_FIRED; j++) g.encoder[j] *= pass->scale;
        step_latent(t, pass, i, g);
    }
}

static linalg_adam adam_constants(const atoms_train_opts *o, double rate, int64_t step)
{
    return (linalg_adam){.beta1 = (float)o->beta1,
                         .rest1 = (float)(1 - o->beta1),
                         .beta2 = (float)o->beta2,
                         .rest2 = (float)(1 - o->beta2),
                         .epsilon = (float)o->epsilon,
                         .rate = (float)(rate / (1 - pow(o->beta1, (double)step))),
                         .correction = (float)(1 / sqrt(1 - pow(o->beta2, (double)step)))};
}

static float clip_scale(const atoms_trainer *t, int64_t blocks, const float *b_dec)
{
    double square = squared_length(b_dec, t->d);
    for (int64_t b = 0; b < blocks; b++) square += t->latent_sums[b];
    return t->opts.clip_norm > 0 && square > t->opts.clip_norm * t->opts.clip_norm ? (float)(t->opts.clip_norm / sqrt(square)) : 1;
}

static atoms_status stored_update(atoms_trainer *t, update_pass *pass, int64_t blocks)
{
    int64_t latents = t->width * train_gradient_size(t);
    float *b_dec = t->gradient + latents;
    atomsi_parallel_for(t->context, blocks, gradient_block, pass);
    atoms_status status = atomsi_train_reduce(t, t->gradient, latents, ATOMS_F32);
    if (status) return status;
    atomsi_parallel_for(t->context, blocks, length_block, pass);
    atomsi_b_dec_gradient(t, b_dec);
    pass->scale = clip_scale(t, blocks, b_dec);
    atomsi_parallel_for(t->context, blocks, step_block, pass);
    for (int64_t j = 0; j < t->d; j++) b_dec[j] *= pass->scale;
    step_part(t, &pass->adam, PART_B_DEC, 0, t->d, b_dec);
    return ATOMS_OK;
}

atoms_status atomsi_train_update(atoms_trainer *t, const train_measure *measure)
{
    double rate = atomsi_learning_rate(&t->opts, t->step + 1);
    update_pass pass = {.trainer = t, .measure = measure, .scale = 1};
    pass.adam = adam_constants(&t->opts, rate, t->step + 1);
    pass.threshold_adam = adam_constants(&t->opts, rate * t->opts.threshold_rate, t->step + 1);
    int64_t blocks = base_blocks(t->width, UPDATE_LATENTS);
    if (t->gradient) return stored_update(t, &pass, blocks);
    atomsi_parallel_for(t->context, blocks, fused_block, &pass);
    atomsi_b_dec_gradient(t, t->latent_gradients);
    step_part(t, &pass.adam, PART_B_DEC, 0, t->d, t->latent_gradients);
    return ATOMS_OK;
}
