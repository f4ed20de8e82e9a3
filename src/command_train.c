/* train: an SAE from activations, into a directory: SAELens files, the metric of the data, a checkpoint, and train.json.
 *
 * The data's metric comes first: --aip trains in it, and it reads every row once, so bad data are refused before anything is made. An interrupt is noted while
 * the trainer runs, which stops at its next step, and everything is saved; afterwards it ends the program at once. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "evaluation.h"
#include "failure.h"
#include "interrupt.h"
#include "metric_choice.h"
#include "output.h"
#include "progress.h"
#include "session.h"
#include "shell_words.h"
#include "text_file.h"
#include "text_table.h"
#include "train_record.h"

typedef struct training {
    train_settings settings;
    atoms_context *context;
    matrix_argument x, held_out;
    atoms_metric *metric;
    char no_metric[METRIC_REASON_BYTES];
    char *checkpoint, *metric_path; /* of the directory */
    char *recorded_metric; /* of a run that is resumed */
    char *last_words; /* what an interrupt prints: the command that goes on */
    int made_directory;
    atoms_trainer *trainer;
    train_record record;
    progress bar;
    atoms_sae *sae;
    int code; /* of an error inside the callback */
} training;

static int open_data(training *t)
{
    int code = matrix_argument_open(t->context, t->settings.a.words, t->settings.rows, &t->x);
    if (code || !t->settings.held_out_path) return code;
    char *path = (char *)(uintptr_t)t->settings.held_out_path;
    code = matrix_argument_open(t->context, (word_list){&path, 1}, 0, &t->held_out);
    if (!code) code = matrix_argument_fits(&t->held_out, t->x.width, t->x.what);
    return code ? code : matrix_argument_check(t->context, &t->held_out); /* before the training, not hours later */
}

/* Reads every row once in either case. */
static int find_metric(training *t)
{
    const char *path = t->settings.metric_path;
    if (!path) return metric_of_rows(t->context, &t->x, &t->metric, t->no_metric);
    int code = metric_of_file(t->context, path, t->x.width, &t->metric);
    return code ? code : matrix_argument_check(t->context, &t->x);
}

static int load_trainer(training *t)
{
    atoms_train_opts saved;
    int code = checked(NULL, atoms_train_opts_init(&saved, sizeof saved), t->checkpoint);
    if (!code) code = checked(t->context, atoms_trainer_load(t->context, t->checkpoint, &t->trainer), t->checkpoint);
    if (!code) code = checked(t->context, atoms_trainer_opts(t->trainer, &saved), t->checkpoint);
    return code ? code : train_settings_resume(&t->settings, &saved, atoms_trainer_whitens(t->trainer), t->checkpoint);
}

static int make_trainer(training *t)
{
    train_settings *s = &t->settings;
    int code;
    s->training.opts.checkpoint_path = t->checkpoint;
    if (s->training.aip && !t->metric) return run_error(t->x.what, "--aip: %s", t->no_metric);
    if (s->training.aip) s->training.opts.metric = t->metric;
    if (s->resume) code = load_trainer(t);
    else code = checked(t->context, atoms_trainer_create(t->context, t->x.width, &s->training.opts, &t->trainer), "train");
    if (code) return code;
    code = checked(t->context, atoms_trainer_checkpoint(t->trainer, t->checkpoint, s->training.opts.checkpoint_every), t->checkpoint);
    if (!code) code = checked(t->context, atoms_trainer_opts(t->trainer, &s->training.opts), "train"); /* zeros have become what they stand for */
    train_record_begin(&t->record, s, t->x.count, t->x.width);
    return !code && s->resume ? train_record_resume(&t->record, atoms_trainer_steps_done(t->trainer)) : code;
}

static int32_t on_step(void *user, const atoms_train_stats *stats)
{
    training *t = user;
    int64_t every = t->settings.training.opts.checkpoint_every;
    char words[64];
    train_record_step(&t->record, stats);
    if (every && stats->step % every == 0) t->code = train_record_write(&t->record, train_record_seconds(&t->record));
    snprintf(words, sizeof words, "R2 %.4f  L0 %.1f", stats->r2, stats->l0);
    progress_show(&t->bar, stats->step, words);
    return t->code || interrupt_noted();
}

static int run_trainer(training *t, stopwatch *spent)
{
    interrupt_is_noted();
    progress_begin(&t->bar, "steps", t->record.done, t->settings.training.opts.steps, t->settings.a.quiet);
    train_record_start(&t->record);
    atoms_status status = atoms_trainer_run(t->trainer, t->x.rows, on_step, t, NULL);
    *spent = train_record_seconds(&t->record);
    progress_end(&t->bar);
    return t->code ? t->code : checked(t->context, status, t->x.what);
}

static int save_checkpoint(training *t, stopwatch spent)
{
    int code = checked(t->context, atoms_trainer_save(t->trainer, t->checkpoint), t->checkpoint);
    return code ? code : train_record_write(&t->record, spent);
}

static int save_model(training *t)
{
    const char *directory = t->settings.directory;
    int code = checked(t->context, atoms_trainer_snapshot(t->trainer, &t->sae), directory);
    if (code) return code;
    if (t->metric) code = checked(t->context, atoms_metric_save(t->metric, t->metric_path), t->metric_path);
    else if (unlink(t->metric_path) && errno != ENOENT) code = run_error(t->metric_path, "%s", strerror(errno)); /* an older run's */
    return code ? code : checked(t->context, atoms_sae_save(t->sae, directory, ATOMS_FORMAT_SAELENS), directory);
}

/* Figures of the finished model: in sample always, held out with --eval. */
static int judge(training *t, json_t *result)
{
    evaluation e = {.context = t->context, .sae = t->sae, .sae_path = t->settings.directory, .rows = &t->x, .metric = t->metric,
                    .no_metric = t->metric ? NULL : t->no_metric, .seed = t->settings.training.opts.seed};
    atoms_figures in_sample, held_out;
    json_t *eval = t->settings.held_out_path ? json_object() : NULL;
    if (eval) {
        e.rows = &t->held_out;
        e.train = &t->x;
    }
    int code = evaluate(&e, &in_sample, &held_out);
    const atoms_figures *f = eval ? &in_sample : &held_out;
    if (!code) {
        put_number(result, "l0", f->l0_mean);
        put_number(result, "r2", f->r2);
        put_number(result, "dead_fraction", f->dead_fraction);
        if (f->r2 != f->r2) add_note(result, "r2", "the rows do not vary");
    }
    if (!code && eval) {
        put(result, "eval", json_incref(eval));
        put_figures(&e, eval, result, "eval.", &in_sample, &held_out);
        code = put_dictionary(&e, eval, result, "eval.");
    }
    json_decref(eval);
    return code;
}

static void print_training(const json_t *result)
{
    static const char *const keys[] = {"steps", "tokens", "seconds", "cpu_seconds", "tokens_per_s", "l0", "r2", "dead_fraction", "path"};
    json_t *own = json_object();
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) put(own, keys[i], json_incref(json_object_get(result, keys[i])));
    const json_t *columns = own, *eval = json_object_get(result, "eval");
    print_columns(NULL, &columns, 1);
    json_decref(own);
    if (!eval) return;
    printf("\n");
    print_evaluation(eval);
}

static int finish(training *t, stopwatch spent)
{
    int code = save_checkpoint(t, spent);
    if (code) return code;
    if (t->record.done >= t->settings.training.opts.steps) code = save_model(t);
    if (code) return code;
    interrupt_leaves(t->last_words);
    json_t *result = result_new();
    train_record_totals(&t->record, spent, result);
    code = judge(t, result);
    if (!code) {
        put_text(result, "path", t->settings.directory);
        put(t->record.root, "l0", json_incref(json_object_get(result, "l0")));
        put(t->record.root, "r2", json_incref(json_object_get(result, "r2")));
        put(t->record.root, "dead_fraction", json_incref(json_object_get(result, "dead_fraction")));
        code = train_record_write(&t->record, spent);
    }
    if (!code) return output_result(&t->settings.a, result, print_training);
    json_decref(result);
    return code;
}

static int train(training *t, int count, char **words)
{
    train_settings *s = &t->settings;
    stopwatch spent;
    char *command_line = shell_words(count, words, s->resume ? NULL : "--resume");
    size_t size = strlen(command_line) + 100;
    t->last_words = needed(malloc(size));
    snprintf(t->last_words, size, "atoms: interrupted; the checkpoint is saved, this command goes on from it:\n%s\n", command_line);
    free(command_line);
    t->checkpoint = join_path(s->directory, "checkpoint.safetensors");
    t->metric_path = join_path(s->directory, "metric.safetensors");
    int code = session_open(&s->a, &t->context);
    if (!code) code = open_data(t);
    if (code) return code;
    train_settings_fit(s, t->x.count);
    if (s->resume && (code = train_record_metric(s->directory, &s->metric_path, &t->recorded_metric))) return code;
    if ((code = find_metric(t))) return code;
    if ((code = make_trainer(t))) return code;
    if (!t->metric) print_note(t->x.what, "no metric is saved: %s", t->no_metric);
    if ((code = make_directory(s->directory, &t->made_directory))) return code;
    if ((code = run_trainer(t, &spent))) return code;
    return finish(t, spent);
}

static int run(const command *self, int count, char **words)
{
    training t = {0};
    int code = train_settings_read(self, count, words, &t.settings);
    if (code < 0) code = train(&t, count, words);
    if (code && t.made_directory) rmdir(t.settings.directory); /* goes only where it is empty: nothing was saved */
    atoms_sae_destroy(t.sae);
    train_record_end(&t.record);
    atoms_trainer_destroy(t.trainer);
    atoms_metric_destroy(t.metric);
    matrix_argument_close(&t.held_out);
    matrix_argument_close(&t.x);
    free(t.checkpoint);
    free(t.metric_path);
    free(t.recorded_metric);
    atoms_context_destroy(t.context);
    arguments_free(&t.settings.a);
    free(t.last_words);
    return code;
}

const command train_command = {
    .name = "train",
    .summary = "trains a threshold-activated sparse autoencoder",
    .synopsis = "X... -o DIR --width M [--preset P] [--l0 K] [--aip] [--steps N | --epochs E] [--eval X2] [--resume] ...",
    .example = "atoms train acts.npy -o my-sae --width 4608 --l0 64 --steps 1000 --eval heldout.npy    # an SAE of 4608 atoms in my-sae/",
    .words_least = 1,
    .run = run,
};
