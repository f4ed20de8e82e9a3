/* Everything the trainer was told, by the names of the library's options. */
#include <stddef.h>

#include "failure.h"
#include "output.h"
#include "recipe_names.h"
#include "training_options.h"

#define OPTION_AT(field) {#field, offsetof(atoms_train_opts, field)}

static const struct {
    const char *key;
    size_t offset;
} wholes[] = {OPTION_AT(width), OPTION_AT(steps), OPTION_AT(batch), OPTION_AT(init_rows), OPTION_AT(seed), OPTION_AT(sparsity_warmup_most),
              OPTION_AT(warmup_most), OPTION_AT(dead_steps), OPTION_AT(revive_every)},
  numbers[] = {OPTION_AT(target_l0), OPTION_AT(start_l0), OPTION_AT(start_threshold), OPTION_AT(sparsity_weight), OPTION_AT(sparsity_warmup),
               OPTION_AT(tanh_scale), OPTION_AT(preactivation_weight), OPTION_AT(bandwidth), OPTION_AT(learning_rate), OPTION_AT(threshold_rate),
               OPTION_AT(warmup_fraction), OPTION_AT(warmup_start), OPTION_AT(decay_fraction), OPTION_AT(final_rate), OPTION_AT(beta1),
               OPTION_AT(beta2), OPTION_AT(epsilon), OPTION_AT(clip_norm)};

json_t *training_options_json(const training_options *t)
{
    const atoms_train_opts *o = &t->opts;
    const char *base = (const char *)o;
    json_t *object = needed(json_object());
    put_text(object, "preset", recipe_of(o));
    put_text(object, "arch", recipe_architecture(o));
    put_flag(object, "aip", t->aip);
    put_text(object, "start", o->start == ATOMS_START_ROWS ? "rows" : "random");
    put_text(object, "decoder", o->decoder == ATOMS_DECODER_UNIT ? "unit" : "free");
    put_text(object, "input_norm", o->input_norm == ATOMS_INPUT_NORM_ONE ? "one" : "root_dim");
    put_text(object, "warmup", o->warmup == ATOMS_WARMUP_LINEAR ? "linear" : "cosine");
    put_flag(object, "subtract_b_dec", o->subtract_b_dec);
    put_flag(object, "input_gradient", o->input_gradient);
    put_flag(object, "data_bias", o->data_bias);
    for (size_t i = 0; i < sizeof wholes / sizeof *wholes; i++)
        put_whole(object, wholes[i].key, *(const int64_t *)(const void *)(base + wholes[i].offset));
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        put_number(object, numbers[i].key, *(const double *)(const void *)(base + numbers[i].offset));
    return object;
}
