#include "train_option.h"

#include "suite.h"

#define SMALL(field) {#field, offsetof(atoms_train_opts, field), OPTION_SMALL}
#define LARGE(field) {#field, offsetof(atoms_train_opts, field), OPTION_LARGE}
#define REAL(field) {#field, offsetof(atoms_train_opts, field), OPTION_REAL}

const train_option train_options[TRAIN_OPTIONS] = {
    SMALL(activation),      SMALL(sparsity),        SMALL(decoder),         SMALL(input_norm),      SMALL(start),
    SMALL(warmup),          SMALL(subtract_b_dec),  SMALL(input_gradient),  SMALL(data_bias),       LARGE(width),
    LARGE(steps),           LARGE(batch),           LARGE(init_rows),       LARGE(seed),            REAL(target_l0),
    REAL(start_l0),         REAL(start_threshold),  REAL(sparsity_weight),  REAL(sparsity_warmup),  LARGE(sparsity_warmup_most),
    REAL(tanh_scale),       REAL(preactivation_weight), REAL(bandwidth),    REAL(learning_rate),    REAL(threshold_rate),
    REAL(warmup_fraction),  LARGE(warmup_most),     REAL(warmup_start),     REAL(decay_fraction),   REAL(final_rate),
    REAL(beta1),            REAL(beta2),            REAL(epsilon),          REAL(clip_norm),        LARGE(dead_steps),
    LARGE(revive_every),    LARGE(checkpoint_every),
};

const train_option *option_named(const char *name)
{
    for (int i = 0; i < TRAIN_OPTIONS; i++)
        if (strcmp(train_options[i].name, name) == 0) return &train_options[i];
    ck_abort_msg("no option %s", name);
    return NULL;
}

double option_value(const atoms_train_opts *o, const train_option *option)
{
    const char *at = (const char *)o + option->offset;
    int32_t small;
    int64_t large;
    double real;
    switch (option->kind) {
    case OPTION_SMALL: memcpy(&small, at, sizeof small); return small;
    case OPTION_LARGE: memcpy(&large, at, sizeof large); return (double)large;
    default: memcpy(&real, at, sizeof real); return real;
    }
}

void option_set(atoms_train_opts *o, const train_option *option, double value)
{
    char *at = (char *)o + option->offset;
    const int32_t small = (int32_t)value;
    const int64_t large = (int64_t)value;
    switch (option->kind) {
    case OPTION_SMALL: memcpy(at, &small, sizeof small); break;
    case OPTION_LARGE: memcpy(at, &large, sizeof large); break;
    default: memcpy(at, &value, sizeof value);
    }
}
