/* sweep: a grid of models, data size × width, both surfaces. Cells finished so far stand in sweep.partial.json, so that an interrupt or an
 * error after hours does not cost them; sweep.json, its script and its picture appear when the grid is complete. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "failure.h"
#include "interrupt.h"
#include "matrix_argument.h"
#include "metric_choice.h"
#include "output.h"
#include "picture.h"
#include "progress.h"
#include "session.h"
#include "sweep_json.h"
#include "sweep_plot.h"
#include "text_file.h"

typedef struct sweeping {
    sweep_settings settings;
    atoms_context *context;
    matrix_argument x, held_out;
    atoms_metric *metric;
    char *partial, *last_words; /* of the finished cells; what an interrupt prints, once it was asked for */
    int made_directory;
    json_t *result;
    progress bar;
    int code; /* of an error inside the callback */
} sweeping;

/* Rows of both kinds are read once before anything is made: an error after hours would be late. */
static int open_data(sweeping *w)
{
    const sweep_settings *s = &w->settings;
    int code = matrix_argument_open(w->context, s->a.words, s->rows.largest, &w->x);
    if (!code && w->x.count < s->rows.largest)
        code = run_error(w->x.what, "%lld rows, --rows asks for %lld", (long long)w->x.count, (long long)s->rows.largest);
    if (!code) code = matrix_argument_open(w->context, s->held_out_files, 0, &w->held_out);
    if (!code) code = matrix_argument_fits(&w->held_out, w->x.width, w->x.what);
    if (!code && s->metric_path) code = metric_of_file(w->context, s->metric_path, w->x.width, &w->metric);
    if (!code) code = matrix_argument_check(w->context, &w->x);
    return code ? code : matrix_argument_check(w->context, &w->held_out);
}

static int32_t on_progress(void *user, const atoms_sweep_progress *p)
{
    sweeping *w = user;
    char words[64];
    snprintf(words, sizeof words, "%s %lld rows", p->cell ? "judging" : "training on", (long long)p->rows);
    progress_show(&w->bar, p->done, words);
    if (p->cell) {
        sweep_json_cell(w->result, p->cell);
        w->code = sweep_json_write(w->result, w->partial);
    } else if (p->done == 1) {
        w->bar.total = p->total;
    }
    return w->code || interrupt_noted();
}

/* What an interrupt prints from here on. */
static const char *last_words(sweeping *w)
{
    size_t cells = json_array_size(json_object_get(w->result, "cells")), size = strlen(w->partial) + 100;
    if (!cells) return "atoms: interrupted\n";
    w->last_words = needed(malloc(size));
    snprintf(w->last_words, size, "atoms: interrupted; the finished cells (%zu) are in %s\n", cells, w->partial);
    return w->last_words;
}

static int interrupted(sweeping *w)
{
    fputs(last_words(w), stderr);
    return EXIT_INTERRUPTED;
}

static int train_cells(sweeping *w)
{
    const sweep_settings *s = &w->settings;
    atoms_sweep_opts opts;
    int code = checked(NULL, atoms_sweep_opts_init(&opts, sizeof opts), "sweep");
    if (code) return code;
    opts.sizes = s->rows.value;
    opts.sizes_count = s->rows.count;
    opts.widths = s->widths.value;
    opts.widths_count = s->widths.count;
    opts.epochs = s->training.epochs;
    opts.aip = s->training.aip;
    opts.metric = w->metric;
    opts.progress = on_progress;
    opts.user = w;
    atoms_sweep_cell *cells = needed(calloc((size_t)(s->rows.count * s->widths.count), sizeof *cells));
    cells->struct_size = sizeof *cells;
    interrupt_is_noted();
    progress_begin(&w->bar, "steps", 0, s->training.opts.steps * s->rows.count, s->a.quiet);
    stopwatch start = stopwatch_start();
    atoms_status status = atoms_sweep(w->context, w->x.rows, w->held_out.rows, &s->training.opts, &opts, cells);
    sweep_json_end(w->result, stopwatch_since(start));
    progress_end(&w->bar);
    free(cells);
    if (w->code) return w->code;
    if (status == ATOMS_E_CANCELLED && interrupt_noted()) return interrupted(w);
    return checked(w->context, status, "sweep");
}

/* The picture of the grid, or a note where there is no gnuplot to draw it. */
static int draw(sweeping *w)
{
    const char *directory = w->settings.directory;
    char *picture = join_path(directory, "sweep.svg"), *script_path = join_path(directory, "sweep.gp"), *script = sweep_plot_script(w->result);
    int missing = 0;
    int code = text_file_write(script_path, script, strlen(script));
    if (!code) code = picture_draw(picture, script, &missing);
    if (missing) {
        print_note("gnuplot", "is not installed; where it is, 'gnuplot %s > sweep.svg' draws the picture", script_path);
        add_note(w->result, "picture", "gnuplot is not installed");
        if (unlink(picture) && errno != ENOENT) code = run_error(picture, "%s", strerror(errno)); /* an older run's */
    }
    put_text(w->result, "picture", missing || code ? NULL : picture);
    free(picture);
    free(script_path);
    free(script);
    return code;
}

static int finish(sweeping *w)
{
    char *path = join_path(w->settings.directory, "sweep.json");
    interrupt_leaves(last_words(w));
    int code = draw(w);
    if (!code) code = sweep_json_write(w->result, path);
    if (!code && unlink(w->partial) && errno != ENOENT) code = run_error(w->partial, "%s", strerror(errno));
    free(path);
    return code ? code : output_result(&w->settings.a, json_incref(w->result), print_sweep);
}

static int sweep(sweeping *w)
{
    const sweep_settings *s = &w->settings;
    w->partial = join_path(s->directory, "sweep.partial.json");
    int code = session_open(&s->a, &w->context);
    if (!code) code = open_data(w);
    if (!code) code = make_directory(s->directory, &w->made_directory);
    if (code) return code;
    w->result = sweep_json_begin(s, w->x.count, w->x.width, w->held_out.count);
    code = train_cells(w);
    return code ? code : finish(w);
}

static int run(const command *self, int count, char **words)
{
    sweeping w = {0};
    int code = sweep_settings_read(self, count, words, &w.settings);
    if (code < 0) code = sweep(&w);
    if (code && w.made_directory) rmdir(w.settings.directory); /* goes only where it is empty: no cell was finished */
    json_decref(w.result);
    atoms_metric_destroy(w.metric);
    matrix_argument_close(&w.held_out);
    matrix_argument_close(&w.x);
    atoms_context_destroy(w.context);
    free(w.partial);
    free(w.last_words);
    sweep_settings_free(&w.settings);
    return code;
}

const command sweep_command = {
    .name = "sweep",
    .summary = "trains a grid, data size x width: R2 and q* in sample and held out",
    .synopsis = "X... --eval X2... --widths A,B,... --rows N1,N2,... -o DIR [--l0 K] [--steps N | --epochs E] ...",
    .example = "atoms sweep acts.npy --eval heldout.npy --widths 576,1152 --rows 2048,8192 --l0 32 -o my-sweep    # four models, both surfaces",
    .words_least = 1,
    .run = run,
};
