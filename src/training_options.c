#include "training_options.h"

#include <string.h>

#include "failure.h"
#include "output.h"

static void make_table(training_options *t)
{
    atoms_train_opts *o = &t->opts;
    const option table[TRAINING_OPTIONS] = {
        {.name = "--l0", .value = "K", .help = "target number of active atoms a row",
         .kind = OPTION_POSITIVE, .target = &o->target_l0, .standard = "64, or M/8 where that is less"},
        {.name = "--preset", .value = "P", .help = "loss: target-l0", .kind = OPTION_TEXT, .target = &t->preset},
        {.name = "--arch", .value = "A", .help = "architecture: jumprelu", .kind = OPTION_TEXT, .target = &t->architecture},
        {.name = "--steps", .value = "N", .help = "batches to train on", .kind = OPTION_WHOLE, .target = &o->steps, .low = 1},
        {.name = "--epochs", .value = "E", .help = "passes over X, instead of --steps",
         .kind = OPTION_POSITIVE, .target = &t->epochs, .standard = "none"},
        {.name = "--batch", .value = "B", .help = "rows a step",
         .kind = OPTION_WHOLE, .target = &o->batch, .low = 1, .standard = "1024, or all rows where there are fewer"},
        {.name = "--lr", .value = "R", .help = "learning rate of Adam", .kind = OPTION_POSITIVE, .target = &o->learning_rate},
        {.name = "--bandwidth", .value = "E", .help = "of the straight-through window, where E|x|^2 = 1",
         .kind = OPTION_POSITIVE, .target = &o->bandwidth},
        {.name = "--sparsity-weight", .value = "W", .help = "weight of the L0 term of the loss",
         .kind = OPTION_POSITIVE, .target = &o->sparsity_weight},
        {.name = "--seed", .value = "S", .help = "of the start and the order of rows", .kind = OPTION_WHOLE, .target = &o->seed},
    };
    memcpy(t->table, table, sizeof table);
}

int training_options_begin(training_options *t, option *table)
{
    *t = (training_options){.preset = "target-l0", .architecture = "jumprelu", .table = table};
    int code = checked(NULL, atoms_train_opts_init(&t->opts, sizeof t->opts), "training");
    if (!code) make_table(t);
    return code;
}

int training_options_given(const training_options *t, const char *name)
{
    int i = 0;
    while (strcmp(t->table[i].name, name)) i++;
    return t->table[i].given;
}

int training_options_check(const training_options *t)
{
    if (strcmp(t->preset, "target-l0")) return usage_error("--preset", "'%s' is none; there is: target-l0", t->preset);
    if (strcmp(t->architecture, "jumprelu")) return usage_error("--arch", "'%s' is none; there is: jumprelu", t->architecture);
    if (training_options_given(t, "--epochs") && training_options_given(t, "--steps"))
        return usage_error("--epochs", "give either --epochs or --steps");
    return -1;
}

json_t *training_options_json(const training_options *t)
{
    const atoms_train_opts *o = &t->opts;
    json_t *object = needed(json_object());
    put_text(object, "preset", t->preset);
    put_text(object, "arch", t->architecture);
    put_whole(object, "width", o->width);
    put_whole(object, "steps", o->steps);
    put_whole(object, "batch", o->batch);
    put_whole(object, "init_rows", o->init_rows);
    put_whole(object, "seed", (int64_t)o->seed);
    put_number(object, "target_l0", o->target_l0);
    put_number(object, "sparsity_weight", o->sparsity_weight);
    put_number(object, "bandwidth", o->bandwidth);
    put_number(object, "learning_rate", o->learning_rate);
    put_number(object, "warmup_fraction", o->warmup_fraction);
    put_number(object, "decay_fraction", o->decay_fraction);
    put_number(object, "final_rate", o->final_rate);
    put_number(object, "beta1", o->beta1);
    put_number(object, "beta2", o->beta2);
    put_number(object, "epsilon", o->epsilon);
    return object;
}
