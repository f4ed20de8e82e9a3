/* The loss of a batch, and its sparsity term. Terms that look at L0 alone need the count of active latents; the others are sums over active
 * values of h(f‖d‖): tanh(c·f‖d‖), or f‖d‖ for L1. The pre-activation term λ_P Σ max(θ − z, 0)‖d‖ runs over all that are *not* active; its sum is
 * that over all rows less the active ones, with Σ z over all rows = W_enc·Σc + n·b_enc, so it is exact without visiting them. */
#include <math.h>
#include <string.h>

#include "train_internal.h"

double atomsi_sparsity_value(const atoms_train_opts *o, double scaled)
{
    switch (o->sparsity) {
    case ATOMS_SPARSITY_TANH: return tanh(o->tanh_scale * scaled);
    case ATOMS_SPARSITY_L1: return scaled;
    default: return 0;
    }
}

double atomsi_sparsity_slope(const atoms_train_opts *o, double scaled)
{
    double level;
    switch (o->sparsity) {
    case ATOMS_SPARSITY_TANH: level = tanh(o->tanh_scale * scaled); return o->tanh_scale * (1 - level * level);
    case ATOMS_SPARSITY_L1: return 1;
    default: return 0;
    }
}

double atomsi_train_atom_length(const atoms_trainer *t, int64_t latent)
{
    const float *atom = t->parts[PART_DECODER].value + latent * t->d;
    return t->opts.decoder == ATOMS_DECODER_UNIT ? 1 : sqrt((double)t->context->kernels->dot(t->d, atom, atom));
}

typedef struct sparsity_pass {
    atoms_trainer *trainer;
    double weight;
} sparsity_pass;

/* λ Σ h + λ_P Σ max(θ − z, 0)‖d‖ of one latent. */
static double latent_sparsity(const atoms_trainer *t, double weight, int64_t i)
{
    latent_events events = train_latent_events(&t->events, i);
    double threshold = t->parts[PART_THRESHOLD].value[i], length = atomsi_train_atom_length(t, i), sum = 0, silent = (double)t->rows, silent_z = 0;
    const float *z = t->events.column_z + events.first, *encoder = t->parts[PART_ENCODER].value + i * t->d;
    for (int64_t k = 0; k < events.count; k++) {
        if (!(z[k] > threshold)) continue;
        sum += atomsi_sparsity_value(&t->opts, z[k] * length);
        silent -= 1;
        silent_z -= z[k];
    }
    sum *= weight;
    if (!(t->opts.sparsity == ATOMS_SPARSITY_TANH && t->opts.preactivation_weight > 0)) return sum;
    for (int64_t j = 0; j < t->d; j++) silent_z += (double)encoder[j] * t->input_total[j];
    silent_z += (double)t->rows * t->parts[PART_B_ENC].value[i];
    return sum + t->opts.preactivation_weight * length * (silent * threshold - silent_z);
}

static void sparsity_block(void *arg, int64_t block, int32_t worker)
{
    (void)worker;
    const sparsity_pass *pass = arg;
    atoms_trainer *t = pass->trainer;
    int64_t last = base_min_i64((block + 1) * UPDATE_LATENTS, t->width);
    double sum = 0;
    for (int64_t i = block * UPDATE_LATENTS; i < last; i++) sum += latent_sparsity(t, pass->weight, i);
    t->latent_sums[block] = sum;
}

atoms_status atomsi_train_measure(atoms_trainer *t, train_measure *out)
{
    const atoms_train_opts *o = &t->opts;
    int sees_values = o->sparsity == ATOMS_SPARSITY_TANH || o->sparsity == ATOMS_SPARSITY_L1;
    train_measure m = {.weight = atomsi_sparsity_weight(o, t->step + 1)};
    if (sees_values) {
        sparsity_pass pass = {t, m.weight};
        int64_t blocks = base_blocks(t->width, UPDATE_LATENTS);
        atomsi_parallel_for(t->context, blocks, sparsity_block, &pass);
        for (int64_t b = 0; b < blocks; b++) t->sums[SUM_SPARSITY] += t->latent_sums[b];
    }
    atoms_status status = atomsi_train_reduce(t, t->sums, train_sum_count(t), ATOMS_F64);
    if (status) return status;
    const double n = m.rows = t->sums[SUM_ROWS], *input_sum = t->sums + SUM_COLUMNS + t->d, squared_input = t->sums[SUM_SQUARED_INPUT];
    double spread = squared_input, excess;
    for (int64_t j = 0; j < t->d; j++) spread -= input_sum[j] * input_sum[j] / n;
    m.mse = t->sums[SUM_SQUARED_ERROR] / n;
    m.l0 = t->sums[SUM_ACTIVE] / n;
    m.loss = m.mse + t->sums[SUM_SPARSITY] / n;
    m.r2 = spread > 1e-12 * squared_input ? 1 - t->sums[SUM_SQUARED_ERROR] / spread : NAN; /* less is rounding: the rows do not vary */
    if (o->sparsity == ATOMS_SPARSITY_TARGET_L0) {
        excess = m.l0 / o->target_l0 - 1;
        m.loss += m.weight * excess * excess;
        m.l0_slope = 2 * m.weight * excess / o->target_l0;
    } else if (o->sparsity == ATOMS_SPARSITY_STEP) {
        m.loss += m.weight * m.l0;
        m.l0_slope = m.weight;
    }
    *out = m;
    return ATOMS_OK;
}
