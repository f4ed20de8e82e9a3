#include "train_settings.h"

#include <math.h>
#include <string.h>

#include "failure.h"
#include "matrix_argument.h"

static void make_table(train_settings *s)
{
    atoms_train_opts *o = &s->opts;
    const option table[TRAIN_OPTIONS] = {
        {.name = "-o", .value = "DIR", .help = "directory of the SAE, its checkpoint and train.json",
         .kind = OPTION_TEXT, .target = &s->directory, .standard = "required"},
        {.name = "--width", .value = "M", .help = "number of atoms",
         .kind = OPTION_WHOLE, .target = &o->width, .low = 1, .high = INT32_MAX, .standard = "required"},
        {.name = "--l0", .value = "K", .help = "target number of active atoms a row",
         .kind = OPTION_POSITIVE, .target = &o->target_l0, .standard = "64, or M/8 where that is less"},
        {.name = "--preset", .value = "P", .help = "loss: target-l0", .kind = OPTION_TEXT, .target = &s->preset},
        {.name = "--arch", .value = "A", .help = "architecture: jumprelu", .kind = OPTION_TEXT, .target = &s->architecture},
        {.name = "--steps", .value = "N", .help = "batches to train on", .kind = OPTION_WHOLE, .target = &o->steps, .low = 1},
        {.name = "--epochs", .value = "E", .help = "passes over X, instead of --steps",
         .kind = OPTION_POSITIVE, .target = &s->epochs, .standard = "none"},
        {.name = "--batch", .value = "B", .help = "rows a step",
         .kind = OPTION_WHOLE, .target = &o->batch, .low = 1, .standard = "1024, or all rows where there are fewer"},
        {.name = "--lr", .value = "R", .help = "learning rate of Adam", .kind = OPTION_POSITIVE, .target = &o->learning_rate},
        {.name = "--bandwidth", .value = "E", .help = "of the straight-through window, where E|x|^2 = 1",
         .kind = OPTION_POSITIVE, .target = &o->bandwidth},
        {.name = "--sparsity-weight", .value = "W", .help = "weight of the L0 term of the loss",
         .kind = OPTION_POSITIVE, .target = &o->sparsity_weight},
        {.name = "--eval", .value = "X2", .help = "held-out rows to evaluate on at the end", .kind = OPTION_TEXT, .target = &s->held_out_path},
        {.name = "--checkpoint-every", .value = "N", .help = "steps between checkpoints",
         .kind = OPTION_WHOLE, .target = &o->checkpoint_every, .standard = "at the end only"},
        {.name = "--resume", .help = "go on from DIR/checkpoint.safetensors", .kind = OPTION_FLAG, .target = &s->resume},
        {.name = "--seed", .value = "S", .help = "of the start and the order of rows", .kind = OPTION_WHOLE, .target = &o->seed},
        rows_option("--rows", "the first N rows of X", &s->rows),
    };
    memcpy(s->options, table, sizeof table);
}

static const option *find(const train_settings *s, const char *name)
{
    for (int i = 0; i < TRAIN_OPTIONS; i++)
        if (strcmp(s->options[i].name, name) == 0) return &s->options[i];
    return NULL;
}

static int given(const train_settings *s, const char *name)
{
    return find(s, name)->given;
}

static int check(const train_settings *s)
{
    if (strcmp(s->preset, "target-l0")) return usage_error("--preset", "'%s' is none; there is: target-l0", s->preset);
    if (strcmp(s->architecture, "jumprelu")) return usage_error("--arch", "'%s' is none; there is: jumprelu", s->architecture);
    if (!s->directory) return usage_error("-o", "is missing: the directory to write to");
    if (!given(s, "--width") && !s->resume) return usage_error("--width", "is missing: the number of atoms");
    if (given(s, "--epochs") && given(s, "--steps")) return usage_error("--epochs", "give either --epochs or --steps");
    return -1;
}

int train_settings_read(const command *self, int count, char **words, train_settings *s)
{
    *s = (train_settings){.preset = "target-l0", .architecture = "jumprelu"};
    int code = checked(NULL, atoms_train_opts_init(&s->opts, sizeof s->opts), self->name);
    if (code) return code;
    make_table(s);
    code = arguments_read(self, s->options, TRAIN_OPTIONS, count, words, &s->a);
    return code >= 0 ? code : check(s);
}

static int64_t steps_of(double epochs, int64_t rows, int64_t batch)
{
    double steps = round(epochs * (double)(rows / batch)); /* the rest of an epoch smaller than a batch is left out */
    return steps < 1 ? 1 : steps > 9e15 ? (int64_t)9e15 : (int64_t)steps;
}

void train_settings_fit(train_settings *s, int64_t rows)
{
    atoms_train_opts *o = &s->opts;
    if (!given(s, "--batch") && o->batch > rows) o->batch = rows;
    if (s->epochs > 0) o->steps = steps_of(s->epochs, rows, o->batch > rows ? rows : o->batch);
    s->data_rows = rows;
}

/* Options that are fields of the library's struct are found by where their target lies. All such fields have eight bytes. */
int train_settings_resume(train_settings *s, const atoms_train_opts *saved, const char *checkpoint)
{
    for (int i = 0; i < TRAIN_OPTIONS; i++) {
        const option *o = &s->options[i];
        const char *base = (const char *)&s->opts, *target = o->target;
        if (!o->given || target < base || target >= base + sizeof s->opts || target == (const char *)&s->opts.checkpoint_every) continue;
        if (memcmp(target, (const char *)saved + (target - base), 8))
            return usage_error(o->name, "differs from what %s was made with", checkpoint);
    }
    if (s->epochs > 0 && steps_of(s->epochs, s->data_rows, saved->batch) != saved->steps)
        return usage_error("--epochs", "differs from what %s was made with", checkpoint);
    int64_t every = given(s, "--checkpoint-every") ? s->opts.checkpoint_every : saved->checkpoint_every;
    s->opts = *saved;
    s->opts.checkpoint_every = every;
    return EXIT_DONE;
}
