/* Gradient and Adam of each latent in one go, while its rows are in cache: gradients of the whole model are never stored.
 * The decoder's gradient loses its part along the atom before Adam sees it, and the atom is put back to length 1 after
 * (arXiv 2408.05147, §3). Every latent is visited: Adam's moments decay and move it even where its gradient is zero. */
#include <math.h>

#include "train_internal.h"

typedef struct update_pass {
    atoms_trainer *trainer;
    double l0_slope;
    linalg_adam adam;
} update_pass;

static void project(const linalg_kernels *k, int64_t d, const float *atom, float *gradient)
{
    k->axpy(d, -k->dot(d, gradient, atom), atom, gradient);
}

static void normalise(const linalg_kernels *k, int64_t d, float *atom)
{
    float length = sqrtf(k->dot(d, atom, atom));
    if (length > 0)
        for (int64_t j = 0; j < d; j++) atom[j] /= length;
}

static void step_part(atoms_trainer *t, const update_pass *pass, int part, int64_t first, int64_t count, const float *gradient)
{
    train_part *p = &t->parts[part];
    t->context->kernels->adam(count, gradient, p->first + first, p->second + first, p->value + first, &pass->adam);
}

static void update_latent(atoms_trainer *t, const update_pass *pass, int64_t i, float *scratch)
{
    const linalg_kernels *k = t->context->kernels;
    latent_gradient g = {.encoder = scratch, .decoder = scratch + t->d};
    atomsi_straight_through(t, i, pass->l0_slope, &g);
    float *atom = t->parts[PART_DECODER].value + i * t->d, *threshold = t->parts[PART_THRESHOLD].value + i;
    float b_enc = (float)g.b_enc, threshold_gradient = (float)g.threshold;
    project(k, t->d, atom, g.decoder);
    step_part(t, pass, PART_ENCODER, i * t->d, t->d, g.encoder);
    step_part(t, pass, PART_DECODER, i * t->d, t->d, g.decoder);
    step_part(t, pass, PART_B_ENC, i, 1, &b_enc);
    step_part(t, pass, PART_THRESHOLD, i, 1, &threshold_gradient);
    normalise(k, t->d, atom);
    if (!(*threshold > 0)) *threshold = 0;
    if (g.fired) t->last_fired[i] = t->step + 1;
}

static void update_block(void *arg, int64_t block, int32_t worker)
{
    const update_pass *pass = arg;
    atoms_trainer *t = pass->trainer;
    int64_t last = base_min_i64((block + 1) * UPDATE_LATENTS, t->width);
    for (int64_t i = block * UPDATE_LATENTS; i < last; i++) update_latent(t, pass, i, t->latent_gradients + (int64_t)worker * 2 * t->d);
}

static linalg_adam adam_constants(const atoms_train_opts *o, int64_t step)
{
    return (linalg_adam){.beta1 = (float)o->beta1,
                         .rest1 = (float)(1 - o->beta1),
                         .beta2 = (float)o->beta2,
                         .rest2 = (float)(1 - o->beta2),
                         .epsilon = (float)o->epsilon,
                         .rate = (float)(atomsi_learning_rate(o, step) / (1 - pow(o->beta1, (double)step))),
                         .correction = (float)(1 / sqrt(1 - pow(o->beta2, (double)step)))};
}

void atomsi_train_update(atoms_trainer *t, double l0_slope)
{
    update_pass pass = {.trainer = t, .l0_slope = l0_slope, .adam = adam_constants(&t->opts, t->step + 1)};
    atomsi_parallel_for(t->context, base_blocks(t->width, UPDATE_LATENTS), update_block, &pass);
    atomsi_b_dec_gradient(t, t->latent_gradients);
    step_part(t, &pass, PART_B_DEC, 0, t->d, t->latent_gradients);
}
