/* The published recipes, as options. Constants: Gemma Scope (arXiv 2408.05147, §3 and appendix); Transformer Circuits, January 2025;
 * docs/training.md says where a constant had to be chosen here, and why. */
#include <string.h>

#include "train_internal.h"

static const atoms_train_opts target_l0 = {
    .struct_size = sizeof(atoms_train_opts),
    .subtract_b_dec = 1,
    .steps = 1000,
    .batch = 1024,
    .init_rows = 65536,
    .sparsity_weight = 1,
    .tanh_scale = 4,
    .bandwidth = 0.01,
    .learning_rate = 2e-3,
    .threshold_rate = 1,
    .decay_fraction = 0.3,
    .final_rate = 0.02,
    .beta1 = 0.9,
    .beta2 = 0.95,
    .epsilon = 1e-8,
};

static void gemma(atoms_train_opts *o)
{
    o->sparsity = ATOMS_SPARSITY_STEP;
    o->batch = 4096;
    o->start_threshold = 1e-3;
    o->sparsity_weight = 6e-4;
    o->sparsity_warmup = 0.5;
    o->sparsity_warmup_most = 10000;
    o->bandwidth = 1e-3;
    o->learning_rate = 7e-5;
    o->warmup = ATOMS_WARMUP_COSINE;
    o->warmup_fraction = 0.1;
    o->warmup_most = 1000;
    o->warmup_start = 0.1;
    o->decay_fraction = 0;
    o->beta1 = 0;
    o->beta2 = 0.999;
    o->revive_every = -1;
}

static void anthropic(atoms_train_opts *o)
{
    o->sparsity = ATOMS_SPARSITY_TANH;
    o->decoder = ATOMS_DECODER_FREE;
    o->input_norm = ATOMS_INPUT_NORM_ROOT_DIM;
    o->subtract_b_dec = 0;
    o->input_gradient = 1;
    o->data_bias = 1;
    o->batch = 4096;
    o->start_threshold = 0.1;
    o->sparsity_weight = 10;
    o->sparsity_warmup = 1;
    o->preactivation_weight = 3e-6;
    o->bandwidth = 2;
    o->learning_rate = 2e-4;
    o->decay_fraction = 0.2;
    o->final_rate = 0;
    o->beta2 = 0.999;
    o->clip_norm = 1;
    o->revive_every = -1;
}

static void features(atoms_train_opts *o)
{
    o->activation = ATOMS_ACTIVATION_RELU;
    o->sparsity = ATOMS_SPARSITY_L1;
    o->sparsity_weight = 0.03;
    o->sparsity_warmup = 0.05;
    o->learning_rate = 1e-3;
    o->beta2 = 0.999;
    o->revive_every = -1;
}

static void nothing(atoms_train_opts *o)
{
    (void)o;
}

static const struct {
    const char *name;
    void (*change)(atoms_train_opts *);
} recipes[] = {{"target-l0", nothing}, {"gemma", gemma}, {"anthropic", anthropic}, {"features", features}};

const atoms_train_opts *atomsi_train_defaults(void)
{
    return &target_l0;
}

atoms_status atoms_train_opts_init(atoms_train_opts *opts, size_t size)
{
    return atomsi_struct_init(opts, size, &target_l0, sizeof target_l0);
}

atoms_status atoms_train_opts_recipe(atoms_train_opts *opts, size_t size, const char *name)
{
    for (size_t i = 0; name && i < sizeof recipes / sizeof *recipes; i++)
        if (strcmp(name, recipes[i].name) == 0) {
            atoms_train_opts o = target_l0;
            recipes[i].change(&o);
            return atomsi_struct_init(opts, size, &o, sizeof o);
        }
    return ATOMS_E_ARGUMENT;
}
