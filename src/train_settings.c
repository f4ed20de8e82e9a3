#include "train_settings.h"

#include <math.h>
#include <string.h>

#include "failure.h"
#include "matrix_argument.h"

static void make_table(train_settings *s)
{
    atoms_train_opts *o = &s->training.opts;
    const option first[] = {
        {.name = "-o", .value = "DIR", .help = "directory of the SAE, its checkpoint and train.json",
         .kind = OPTION_DIRECTORY, .target = &s->directory, .standard = "required"},
        {.name = "--width", .value = "M", .help = "number of atoms",
         .kind = OPTION_WHOLE, .target = &o->width, .low = 1, .high = INT32_MAX, .standard = "required"},
    }, last[] = {
        {.name = "--eval", .value = "X2", .help = "held-out rows to evaluate on at the end", .kind = OPTION_TEXT, .target = &s->held_out_path},
        {.name = "--metric", .value = "FILE", .help = "the AIP, of --aip and of the figures", .kind = OPTION_TEXT, .target = &s->metric_path,
         .standard = "that of X"},
        {.name = "--checkpoint-every", .value = "N", .help = "steps between checkpoints",
         .kind = OPTION_WHOLE, .target = &o->checkpoint_every, .standard = "at the end only"},
        {.name = "--resume", .help = "go on from DIR/checkpoint.safetensors", .kind = OPTION_FLAG, .target = &s->resume},
        rows_option("--rows", "the first N rows of X", &s->rows),
    };
    _Static_assert(sizeof first + sizeof last == (TRAIN_OPTIONS - TRAINING_OPTIONS) * sizeof *first, "every option has its place");
    memcpy(s->options, first, sizeof first);
    memcpy(s->options + TRAIN_OPTIONS - sizeof last / sizeof *last, last, sizeof last);
}

static int given(const train_settings *s, const char *name)
{
    int i = 0;
    while (strcmp(s->options[i].name, name)) i++;
    return s->options[i].given;
}

static int check(train_settings *s)
{
    int code = training_options_choose(&s->training);
    if (code >= 0) return code;
    if (!s->directory) return usage_error("-o", "is missing: the directory to write to");
    if (!given(s, "--width") && !s->resume) return usage_error("--width", "is missing: the number of atoms");
    return -1;
}

int train_settings_read(const command *self, int count, char **words, train_settings *s)
{
    *s = (train_settings){0};
    int code = training_options_begin(&s->training, s->options + 2);
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
    atoms_train_opts *o = &s->training.opts;
    if (!given(s, "--batch") && o->batch > rows) o->batch = rows;
    if (s->training.epochs > 0) o->steps = steps_of(s->training.epochs, rows, o->batch > rows ? rows : o->batch);
    s->data_rows = rows;
}

/* Those that do not point into the library's struct. */
static const char *other_option_that_differs(const train_settings *s, const atoms_train_opts *saved, int whitened)
{
    const training_options *t = &s->training;
    const char *recipe = given(s, "--preset") ? "--preset" : "--arch";
    if (given(s, recipe) && t->opts.sparsity != saved->sparsity) return recipe;
    if (given(s, "--start") && t->opts.start != saved->start) return "--start";
    if (t->aip && !whitened) return "--aip";
    if (t->epochs > 0 && steps_of(t->epochs, s->data_rows, saved->batch) != saved->steps) return "--epochs";
    return NULL;
}

/* Options that are fields of the library's struct are found by where their target lies. All such fields have eight bytes. */
int train_settings_resume(train_settings *s, const atoms_train_opts *saved, int whitened, const char *checkpoint)
{
    atoms_train_opts *opts = &s->training.opts;
    for (int i = 0; i < TRAIN_OPTIONS; i++) {
        const option *o = &s->options[i];
        const char *base = (const char *)opts, *target = o->target;
        if (!o->given || target < base || target >= base + sizeof *opts || target == (const char *)&opts->checkpoint_every) continue;
        if (memcmp(target, (const char *)saved + (target - base), 8))
            return usage_error(o->name, "differs from what %s was made with", checkpoint);
    }
    const char *other = other_option_that_differs(s, saved, whitened);
    if (other) return usage_error(other, "differs from what %s was made with", checkpoint);
    int64_t every = given(s, "--checkpoint-every") ? opts->checkpoint_every : saved->checkpoint_every;
    *opts = *saved;
    opts->checkpoint_every = every;
    s->training.aip = whitened;
    return EXIT_DONE;
}
