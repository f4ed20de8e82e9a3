#include "evaluation.h"

#include <math.h>
#include <stdio.h>

#include "directed_atoms.h"
#include "failure.h"
#include "figures_json.h"
#include "metric_choice.h"
#include "output.h"
#include "session.h"

static const struct {
    const char *name;
    int32_t control;
    int needs_metric;
} controls[] = {
    {"neurons", ATOMS_CONTROL_NEURONS, 0},
    {"random", ATOMS_CONTROL_RANDOM, 1},
    {"shuffled", ATOMS_CONTROL_SHUFFLED, 0},
    {"memoriser", ATOMS_CONTROL_MEMORISER, 1},
};

static atoms_status find_figures(const evaluation *e, int32_t control, atoms_figures *in_sample, atoms_figures *held_out)
{
    atoms_evaluate_opts opts;
    atoms_status status = atoms_evaluate_opts_init(&opts, sizeof opts);
    if (!status) status = atoms_figures_init(in_sample, sizeof *in_sample);
    if (!status) status = atoms_figures_init(held_out, sizeof *held_out);
    if (status) return status;
    opts.seed = e->seed;
    opts.metric = e->metric;
    opts.features_steps = e->features_steps;
    opts.features_batch = e->features_batch;
    atoms_rows *train = e->train ? e->train->rows : NULL;
    atoms_figures *in = train ? in_sample : NULL;
    return control ? atoms_evaluate_control(e->context, control, e->sae, &opts, train, e->rows->rows, in, held_out)
                   : atoms_evaluate(e->context, e->sae, &opts, train, e->rows->rows, in, held_out);
}

int evaluate(const evaluation *e, atoms_figures *in_sample, atoms_figures *held_out)
{
    return checked(e->context, find_figures(e, 0, in_sample, held_out), e->sae_path);
}

void put_figures(const evaluation *e, json_t *object, json_t *result, const char *about, const atoms_figures *in_sample,
                 const atoms_figures *held_out)
{
    char path[96];
    snprintf(path, sizeof path, "%sheld_out", about);
    put(object, "held_out", figures_json(held_out, result, path, e->no_metric));
    snprintf(path, sizeof path, "%sin_sample", about);
    put(object, "in_sample", e->train ? figures_json(in_sample, result, path, e->no_metric) : json_null());
    if (!e->train) add_note(result, path, "no training rows were given (--train)");
}

/* Coherence under a metric; atoms that have none (a single one) give NaN and the reason. */
static int coherence(const evaluation *e, const atoms_matrix *atoms, const atoms_metric *metric, atoms_coherence_report *r, char *reason, size_t size)
{
    atoms_dictionary *dictionary = NULL;
    reason[0] = '\0';
    int code = checked(NULL, atoms_coherence_report_init(r, sizeof *r), e->sae_path);
    if (code) return code;
    r->mu = r->mu_positive = NAN;
    if (!atoms->rows) {
        snprintf(reason, size, "every atom has length 0");
        return EXIT_DONE;
    }
    atoms_status status = atoms_dictionary_create(e->context, atoms, metric, &dictionary);
    if (!status) status = atoms_dictionary_coherence(dictionary, NULL, r);
    if (status == ATOMS_E_ARGUMENT || status == ATOMS_E_SHAPE) atoms_context_detail(e->context, reason, size);
    else code = checked(e->context, status, e->sae_path);
    atoms_dictionary_destroy(dictionary);
    return code;
}

/* A figure of the dictionary, and why it is null. */
static void put_coherence(json_t *dictionary, const char *key, double value, json_t *result, const char *about, const char *reason)
{
    char path[96];
    snprintf(path, sizeof path, "%sdictionary.%s", about, key);
    put_number(dictionary, key, value);
    if (isnan(value)) add_note(result, path, "%s", reason);
}

int put_dictionary(const evaluation *e, json_t *object, json_t *result, const char *about)
{
    atoms_coherence_report aip = {.mu = NAN, .mu_positive = NAN}, euclidean;
    char reason[512], euclidean_reason[512], path[96];
    directed_atoms atoms;
    snprintf(reason, sizeof reason, "no metric: %s", e->no_metric ? e->no_metric : "");
    int code = directed_atoms_read(e->context, e->sae, e->sae_path, NULL, &atoms);
    if (!code && e->metric) code = coherence(e, &atoms.matrix, e->metric, &aip, reason, sizeof reason);
    if (!code) code = coherence(e, &atoms.matrix, NULL, &euclidean, euclidean_reason, sizeof euclidean_reason);
    if (!code) {
        json_t *dictionary = json_object();
        put(object, "dictionary", dictionary);
        put_whole(dictionary, "atoms", atoms_sae_d_sae(e->sae));
        put_whole(dictionary, "dim", atoms_sae_d_in(e->sae));
        put_coherence(dictionary, "mu", aip.mu, result, about, reason);
        put_coherence(dictionary, "mu_positive", aip.mu_positive, result, about, reason);
        put_coherence(dictionary, "mu_euclidean", euclidean.mu, result, about, euclidean_reason);
        snprintf(path, sizeof path, "%sdictionary", about);
        note_zeros(result, path, atoms.zeros);
    }
    directed_atoms_free(&atoms);
    return code;
}

/* Null in place of a control, and why. */
static void put_missing(json_t *baselines, const char *name, json_t *result, const char *why)
{
    char about[64];
    snprintf(about, sizeof about, "baselines.%s", name);
    put(baselines, name, json_null());
    add_note(result, about, "%s", why);
}

/* The rows were read for the SAE before: what these rows make no control of, or none whose training gets anywhere, is no error. */
static int cannot_be_made(int32_t control, atoms_status status)
{
    return control && (status == ATOMS_E_ARGUMENT || status == ATOMS_E_NUMERIC);
}

static int put_subject(const evaluation *e, const char *name, int32_t control, json_t *baselines, json_t *result)
{
    atoms_figures in_sample, held_out;
    char about[64], why[METRIC_REASON_BYTES];
    session_doing(name);
    atoms_status status = find_figures(e, control, &in_sample, &held_out);
    session_doing("");
    if (cannot_be_made(control, status)) {
        atoms_context_detail(e->context, why, sizeof why);
        put_missing(baselines, name, result, why);
        return EXIT_DONE;
    }
    if (status) return checked(e->context, status, e->sae_path);
    json_t *subject = json_object();
    put(baselines, name, subject);
    snprintf(about, sizeof about, "baselines.%s.", name);
    put_figures(e, subject, result, about, &in_sample, &held_out);
    return EXIT_DONE;
}

/* The control `features`, trained for this. */
static int put_trained_features(const evaluation *e, json_t *baselines, json_t *result)
{
    int code = put_subject(e, "features", ATOMS_CONTROL_FEATURES, baselines, result);
    if (code) return code;
    json_t *subject = json_object_get(baselines, "features");
    if (!json_is_object(subject)) return EXIT_DONE;
    put_whole(subject, "steps", e->features_steps);
    int64_t rows = e->train ? e->train->count : e->rows->count;
    put_whole(subject, "batch", e->features_batch < rows ? e->features_batch : rows);
    if (!e->budget_known) add_note(result, "baselines.features", "no train.json beside the SAE: trained for the recipe's own budget");
    return EXIT_DONE;
}

int put_baselines(const evaluation *e, json_t *object, json_t *result, int with_controls, const atoms_sae *features,
                  const char *features_path)
{
    int code = EXIT_DONE;
    json_t *baselines = json_object();
    put(object, "baselines", baselines);
    for (size_t i = 0; with_controls && !code && i < sizeof controls / sizeof controls[0]; i++) {
        if (e->metric || !controls[i].needs_metric) {
            code = put_subject(e, controls[i].name, controls[i].control, baselines, result);
            continue;
        }
        char why[METRIC_REASON_BYTES + 32];
        snprintf(why, sizeof why, "needs a metric: %s", e->no_metric);
        put_missing(baselines, controls[i].name, result, why);
    }
    if (code) return code;
    if (!features) return put_trained_features(e, baselines, result);
    evaluation other = *e;
    other.sae = features;
    other.sae_path = features_path;
    return put_subject(&other, "features", 0, baselines, result);
}
