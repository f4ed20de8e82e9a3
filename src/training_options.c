/* A recipe names every option of the trainer; what is given on the command line is put over it. Defaults in --help are read from the recipes, so
 * that they cannot differ from what is done. */
#include "training_options.h"

#include <stdio.h>
#include <string.h>

#include "failure.h"
#include "output.h"
#include "recipe_names.h"

static void make_table(training_options *t)
{
    atoms_train_opts *o = &t->opts;
    const option table[TRAINING_OPTIONS] = {
        {.name = "--preset", .value = "P", .help = "recipe: target-l0, gemma, anthropic or features",
         .kind = OPTION_TEXT, .target = &t->preset, .standard = "target-l0; features with --arch relu"},
        {.name = "--arch", .value = "A", .help = "jumprelu, or relu: the recipe features",
         .kind = OPTION_TEXT, .target = &t->architecture, .standard = "the recipe's"},
        {.name = "--l0", .value = "K", .help = "active atoms a row: the target of target-l0; training starts at 2 K",
         .kind = OPTION_POSITIVE, .target = &o->target_l0, .standard = "64, or M/8 where that is less"},
        {.name = "--aip", .help = "train on rows whitened by the AIP, which is folded in: the SAE takes rows as they are", .kind = OPTION_FLAG, .target = &t->aip},
        {.name = "--start", .value = "S", .help = "atoms start as random directions, or as rows of X: random or rows",
         .kind = OPTION_TEXT, .target = &t->start, .standard = "random"},
        {.name = "--steps", .value = "N", .help = "batches to train on", .kind = OPTION_WHOLE, .target = &o->steps, .low = 1},
        {.name = "--epochs", .value = "E", .help = "passes over X, instead of --steps",
         .kind = OPTION_POSITIVE, .target = &t->epochs, .standard = "none"},
        {.name = "--batch", .value = "B", .help = "rows a step; all of X where it has fewer than the default",
         .kind = OPTION_WHOLE, .target = &o->batch, .low = 1},
        {.name = "--lr", .value = "R", .help = "learning rate of Adam", .kind = OPTION_POSITIVE, .target = &o->learning_rate},
        {.name = "--bandwidth", .value = "E", .help = "of the straight-through window, where E|x|^2 = 1 (anthropic: d)",
         .kind = OPTION_POSITIVE, .target = &o->bandwidth},
        {.name = "--sparsity-weight", .value = "W", .help = "weight of the sparsity term of the loss",
         .kind = OPTION_POSITIVE, .target = &o->sparsity_weight},
        {.name = "--revive-every", .value = "N", .help = "steps between revivals of dead atoms; -1: never",
         .kind = OPTION_WHOLE, .target = &o->revive_every, .low = -1, .standard = "a sixteenth of the steps, from 12 to 500"},
        {.name = "--seed", .value = "S", .help = "of the start and the order of rows", .kind = OPTION_WHOLE, .target = &o->seed},
    };
    memcpy(t->table, table, sizeof table);
}

/* Where in the library's struct the option lies, or NULL. Such fields have eight bytes. */
static const char *field_of(const training_options *t, const option *o, const atoms_train_opts *in)
{
    const char *base = (const char *)&t->opts, *target = o->target;
    return target >= base && target < base + sizeof t->opts ? (const char *)in + (target - base) : NULL;
}

static int print_value(const option *o, const char *field, char *buffer, size_t size)
{
    if (o->kind == OPTION_WHOLE) return snprintf(buffer, size, "%lld", (long long)*(const int64_t *)(const void *)field);
    return snprintf(buffer, size, "%g", *(const double *)(const void *)field);
}

/* "0.002; gemma 7e-05, anthropic 0.0002": the default recipe's value, and that of each recipe that has another. */
static int describe_default(training_options *t, int i)
{
    option *o = &t->table[i];
    const char *field = field_of(t, o, &t->opts), *between = "; ";
    if (!field || o->standard) return EXIT_DONE;
    char *text = t->standard[i];
    int used = print_value(o, field, text, STANDARD_BYTES);
    for (int r = 1; r < RECIPES; r++) {
        atoms_train_opts recipe;
        int code = recipe_take(recipe_names[r], &recipe);
        if (code) return code;
        const char *other = field_of(t, o, &recipe);
        if (!memcmp(field, other, 8)) continue;
        used += snprintf(text + used, (size_t)(STANDARD_BYTES - used), "%s%s ", between, recipe_names[r]);
        used += print_value(o, other, text + used, (size_t)(STANDARD_BYTES - used));
        between = ", ";
    }
    o->standard = text;
    return EXIT_DONE;
}

int training_options_begin(training_options *t, option *table)
{
    *t = (training_options){.table = table};
    int code = recipe_take(recipe_names[0], &t->opts);
    if (code) return code;
    make_table(t);
    for (int i = 0; i < TRAINING_OPTIONS && !code; i++) code = describe_default(t, i);
    return code;
}

int training_options_given(const training_options *t, const char *name)
{
    int i = 0;
    while (strcmp(t->table[i].name, name)) i++;
    return t->table[i].given;
}

/* The recipe's options, under those given. */
static int take_recipe(training_options *t, const char *name)
{
    atoms_train_opts recipe;
    int code = recipe_take(name, &recipe);
    if (code) return code;
    recipe.width = t->opts.width; /* no recipe's */
    recipe.checkpoint_every = t->opts.checkpoint_every;
    for (int i = 0; i < TRAINING_OPTIONS; i++) {
        const char *field = field_of(t, &t->table[i], &t->opts);
        if (field && t->table[i].given) memcpy((char *)&recipe + (field - (const char *)&t->opts), field, 8);
    }
    t->opts = recipe;
    return EXIT_DONE;
}

static int choose_start(training_options *t)
{
    if (!t->start) return -1;
    if (strcmp(t->start, "random") && strcmp(t->start, "rows")) return usage_error("--start", "'%s' is none; there is: random rows", t->start);
    t->opts.start = strcmp(t->start, "rows") ? ATOMS_START_RANDOM : ATOMS_START_ROWS;
    return -1;
}

int training_options_choose(training_options *t)
{
    int relu = t->architecture && !strcmp(t->architecture, "relu");
    const char *recipe = t->preset ? t->preset : relu ? "features" : recipe_names[0];
    if (t->architecture && !relu && strcmp(t->architecture, "jumprelu"))
        return usage_error("--arch", "'%s' is none; there is: jumprelu relu", t->architecture);
    if (!recipe_exists(recipe)) return usage_error("--preset", "'%s' is none; there is: target-l0 gemma anthropic features", recipe);
    int code = take_recipe(t, recipe);
    if (code) return code;
    const char *trains = recipe_architecture(&t->opts);
    if (t->architecture && strcmp(t->architecture, trains))
        return usage_error("--arch", "'%s' contradicts --preset %s, which is a %s", t->architecture, recipe, trains);
    if (t->opts.activation == ATOMS_ACTIVATION_RELU && training_options_given(t, "--bandwidth"))
        return usage_error("--bandwidth", "a relu has no threshold to train, so no window");
    if (t->opts.sparsity != ATOMS_SPARSITY_TARGET_L0 && training_options_given(t, "--l0"))
        print_note("--l0", "%s has no target; K says where it starts, and --sparsity-weight how sparse it becomes", recipe);
    if (training_options_given(t, "--epochs") && training_options_given(t, "--steps"))
        return usage_error("--epochs", "give either --epochs or --steps");
    return choose_start(t);
}
