/* dict: the geometry of a dictionary. */
#include <math.h>
#include <stdlib.h>

#include "dictionary_argument.h"
#include "failure.h"
#include "matrix_argument.h"
#include "metric_choice.h"
#include "output.h"
#include "session.h"
#include "stopwatch.h"
#include "text_table.h"

static void put_counts(json_t *result, const atoms_geometry_report *r)
{
    static const char *const levels[ATOMS_GEOMETRY_LEVELS] = {"0.3", "0.5", "0.7", "0.9"};
    json_t *above = json_object();
    put(result, "above", above);
    for (int l = 0; l < ATOMS_GEOMETRY_LEVELS; l++) put_whole(above, levels[l], r->above[l]);
}

static void put_quantiles(json_t *result, const atoms_geometry_report *r)
{
    json_t *quantiles = json_object();
    put(result, "quantiles", quantiles);
    put_number(quantiles, "0.5", r->p50);
    put_number(quantiles, "0.9", r->p90);
    put_number(quantiles, "0.99", r->p99);
    put_number(quantiles, "0.999", r->p999);
    put_number(quantiles, "1", r->mu);
}

/* Clusters of two or more, each as the numbers of its atoms. */
static void put_clusters(json_t *result, const atoms_geometry *g, const dictionary_matrix *d)
{
    const int64_t *cluster = atoms_geometry_cluster(g);
    json_t *clusters = json_array(), **of_root = needed(calloc((size_t)d->atoms.rows, sizeof *of_root));
    put(result, "clusters", clusters);
    for (int64_t i = 0; i < d->atoms.rows; i++) {
        int64_t root = cluster[i];
        if (root == i) continue;
        if (!of_root[root]) {
            of_root[root] = needed(json_array());
            append(of_root[root], json_integer(dictionary_matrix_number(d, root)));
            append(clusters, of_root[root]);
        }
        append(of_root[root], json_integer(dictionary_matrix_number(d, i)));
    }
    free(of_root);
}

static json_t *describe(const atoms_geometry *g, const atoms_geometry_report *r, const dictionary_matrix *d, double duplicate)
{
    json_t *result = result_new(), *babel = json_array(), *bounds = json_object(), *pair = json_array();
    put_whole(result, "atoms", r->atoms);
    note_zeros(result, "atoms", d->directed.zeros);
    put_whole(result, "dim", r->dim);
    put_whole(result, "pairs", r->pairs);
    put_number(result, "mu", r->mu);
    put(result, "pair", pair);
    for (int k = 0; k < 2; k++) append(pair, json_integer(dictionary_matrix_number(d, r->pair[k])));
    put_number(result, "mu_positive", r->mu_positive);
    put_quantiles(result, r);
    put_counts(result, r);
    put(result, "babel", babel);
    for (int64_t k = 0; k < r->babel; k++) append(babel, json_real(atoms_geometry_babel(g)[k]));
    put_number(result, "welch", r->welch_ratio);
    put_number(result, "welch_bound", r->welch);
    if (isnan(r->welch_ratio)) add_note(result, "welch", "there are no more atoms than dimensions: they can be orthogonal");
    put(result, "frame_bounds", bounds);
    put_number(bounds, "low", r->frame_low);
    put_number(bounds, "high", r->frame_high);
    put_number(result, "effective_rank", r->effective_rank);
    put_number(result, "mean_square", r->mean_square);
    put_whole(result, "duplicates", r->duplicates);
    put_number(result, "duplicate_cosine", duplicate);
    put_clusters(result, g, d);
    return result;
}

static int put_thinned(atoms_context *context, const char *word, const dictionary_matrix *d, const atoms_metric *metric, double limit, json_t *result)
{
    uint8_t *keep = needed(malloc((size_t)d->atoms.rows));
    int64_t kept;
    int code = checked(context, atoms_geometry_thin(context, &d->atoms, metric, limit, keep, &kept), word);
    if (!code) {
        json_t *below = json_object(), *numbers = json_array();
        put(result, "below", below);
        put_number(below, "limit", limit);
        put_whole(below, "kept", kept);
        put(below, "atoms", numbers);
        for (int64_t i = 0; i < d->atoms.rows; i++)
            if (keep[i]) append(numbers, json_integer(dictionary_matrix_number(d, i)));
        if (kept < d->atoms.rows) add_note(result, "below", "greedy: no atom could be added, but a larger set may exist");
    }
    free(keep);
    return code;
}

/* The figures, timed. */
static int look(atoms_context *context, const char *word, const dictionary_matrix *d, const atoms_metric *metric, const atoms_geometry_opts *opts,
                json_t **result)
{
    atoms_geometry *geometry = NULL;
    atoms_geometry_report report;
    session_doing("comparing atoms");
    stopwatch start = stopwatch_start();
    int code = checked(context, atoms_geometry_create(context, &d->atoms, metric, opts, &geometry), word);
    stopwatch spent = stopwatch_since(start);
    if (!code) code = checked(context, atoms_geometry_report_init(&report, sizeof report), word);
    if (!code) code = checked(context, atoms_geometry_describe(geometry, &report), word);
    if (!code) {
        *result = describe(geometry, &report, d, opts->duplicate);
        put_number(*result, "seconds", spent.wall);
        put_number(*result, "cpu_seconds", spent.cpu);
    }
    atoms_geometry_destroy(geometry);
    return code;
}

static int run(const command *self, int count, char **words)
{
    const char *metric_path = NULL;
    double below = 0;
    atoms_geometry_opts opts;
    int code = checked(NULL, atoms_geometry_opts_init(&opts, sizeof opts), self->name);
    if (code) return code;
    option options[] = {
        {.name = "--metric", .value = "FILE", .help = "cosines in this metric (of `atoms metric -o`)", .kind = OPTION_TEXT, .target = &metric_path,
         .standard = "Euclidean"},
        {.name = "--babel", .value = "K", .help = "length of the Babel profile (no longer than there are other atoms)", .kind = OPTION_WHOLE,
         .target = &opts.babel, .low = 1, .high = INT32_MAX},
        {.name = "--duplicate", .value = "T", .help = "atoms with a cosine of at least T are duplicates", .kind = OPTION_POSITIVE, .target = &opts.duplicate},
        {.name = "--below", .value = "C", .help = "also a sub-dictionary of coherence below C (greedy)", .kind = OPTION_POSITIVE, .target = &below,
         .standard = "none"},
    };
    arguments a;
    atoms_context *context = NULL;
    atoms_metric *metric = NULL;
    dictionary_matrix d = {0};
    json_t *result = NULL;
    code = arguments_read(self, options, sizeof options / sizeof options[0], count, words, &a);
    if (code >= 0) goto done;
    if (opts.duplicate > 1 && (code = usage_error("--duplicate", "is a cosine, at most 1"))) goto done;
    if (below > 1 && (code = usage_error("--below", "is a cosine, at most 1"))) goto done;
    if ((code = session_open(&a, &context))) goto done;
    const char *word = a.words.word[0];
    if ((code = dictionary_matrix_open(context, word, &d))) goto done;
    if (metric_path && (code = metric_of_file(context, metric_path, d.atoms.cols, &metric))) goto done;
    if ((code = look(context, word, &d, metric, &opts, &result))) goto done;
    if (below > 0 && (code = put_thinned(context, word, &d, metric, below, result))) goto done;
    code = output_result(&a, json_incref(result), print_result);
done:
    json_decref(result);
    atoms_metric_destroy(metric);
    dictionary_matrix_close(&d);
    atoms_context_destroy(context);
    arguments_free(&a);
    return code;
}

const command dict_command = {
    .name = "dict",
    .summary = "geometry of a dictionary: coherence, quantiles, Babel profile, frame bounds, duplicates",
    .synopsis = "D [--metric FILE] [--babel K] [--duplicate T] [--below C]",
    .example = "atoms dict my-sae --metric my-sae/metric.safetensors    # the decoder's atoms in the AIP of the training rows",
    .words_least = 1,
    .words_most = 1,
    .run = run,
};
