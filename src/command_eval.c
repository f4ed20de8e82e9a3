/* eval: all figures of an SAE, held out and in sample, beside its controls. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "evaluation.h"
#include "failure.h"
#include "metric_choice.h"
#include "output.h"
#include "session.h"
#include "text_file.h"

/* Where `train` saves a file of this name: in the SAE's directory, or beside its file. */
static char *path_beside(const char *sae_path, const char *name)
{
    struct stat s;
    if (stat(sae_path, &s) == 0 && S_ISDIR(s.st_mode)) return join_path(sae_path, name);
    const char *slash = strrchr(sae_path, '/');
    char *directory = needed(slash ? strndup(sae_path, (size_t)(slash - sae_path)) : strdup("."));
    char *path = join_path(directory, name);
    free(directory);
    return path;
}

/* Metric and where it comes from: given, else saved beside the SAE, else of the training rows, else of X. */
static int choose_metric(evaluation *e, const char *given, atoms_metric **metric, char *reason, json_t *result)
{
    char *beside = path_beside(e->sae_path, "metric.safetensors");
    const char *path = given ? given : access(beside, F_OK) == 0 ? beside : NULL;
    const matrix_argument *rows = e->train ? e->train : e->rows;
    int code = path ? metric_of_file(e->context, path, rows->width, metric) : metric_of_rows(e->context, rows, metric, reason);
    if (!code) put_text(result, "metric", path ? path : !*metric ? NULL : e->train ? "--train" : "X");
    if (!code && !path && !*metric) add_note(result, "metric", "%s: %s", rows->what, reason);
    else if (!code && !path && !e->train) {
        add_note(result, "metric", "computed from X itself: no --metric, none saved beside the SAE, no --train");
        print_note(e->sae_path, "no metric beside it and no --train: the AIP is computed from X itself");
    }
    e->metric = *metric;
    e->no_metric = *metric ? NULL : reason;
    free(beside);
    return code;
}

static int open_features(const evaluation *e, const char *path, atoms_sae **out)
{
    if (!path) return EXIT_DONE;
    int code = checked(e->context, atoms_sae_load(e->context, path, out), path);
    return code ? code : matrix_argument_fits(e->rows, atoms_sae_d_in(*out), path);
}

/* What the control `features` is trained for: as much as the SAE was, by train.json beside it, else as its recipe says. */
static int choose_budget(evaluation *e)
{
    atoms_train_opts recipe;
    int code = checked(NULL, atoms_train_opts_recipe(&recipe, sizeof recipe, "features"), "features");
    if (code) return code;
    char *path = path_beside(e->sae_path, "train.json");
    json_t *record = json_load_file(path, 0, NULL);
    const json_t *settings = json_object_get(record, "settings");
    int64_t steps = json_integer_value(json_object_get(settings, "steps")), batch = json_integer_value(json_object_get(settings, "batch"));
    e->budget_known = steps > 0 && batch > 0;
    e->features_steps = e->budget_known ? steps : recipe.steps;
    e->features_batch = e->budget_known ? batch : recipe.batch;
    json_decref(record);
    free(path);
    return EXIT_DONE;
}

static int evaluate_all(const evaluation *e, int baselines, const atoms_sae *features, const char *features_path, json_t *result)
{
    atoms_figures in_sample, held_out;
    int code = evaluate(e, &in_sample, &held_out);
    if (code) return code;
    put_figures(e, result, result, "", &in_sample, &held_out);
    if ((code = put_dictionary(e, result, result, ""))) return code;
    if (baselines || features) return put_baselines(e, result, result, baselines, features, features_path);
    put(result, "baselines", json_null());
    add_note(result, "baselines", "not asked for (--baselines)");
    return EXIT_DONE;
}

static int run(const command *self, int count, char **words)
{
    word_list train_files = {0};
    const char *metric_path = NULL, *features_path = NULL;
    int baselines = 0;
    int64_t limit = 0, train_limit = 0, seed = 0;
    option options[] = {
        {.name = "--train", .value = "X0...", .help = "in-sample rows: all files up to the next option", .kind = OPTION_LIST, .target = &train_files},
        {.name = "--baselines", .help = "the controls too; trains the one called features", .kind = OPTION_FLAG, .target = &baselines},
        {.name = "--features", .value = "SAE2", .help = "this SAE as the control features, instead of training it", .kind = OPTION_TEXT, .target = &features_path},
        {.name = "--metric", .value = "FILE", .help = "the AIP", .kind = OPTION_TEXT, .target = &metric_path,
         .standard = "metric.safetensors beside the SAE, else of --train, else of X"},
        rows_option("--rows", "the first N rows of X", &limit),
        rows_option("--train-rows", "the first N rows of X0", &train_limit),
        {.name = "--seed", .value = "S", .help = "of the controls", .kind = OPTION_WHOLE, .target = &seed},
    };
    arguments a;
    atoms_context *context = NULL;
    atoms_sae *sae = NULL, *features = NULL;
    atoms_metric *metric = NULL;
    matrix_argument x = {0}, train = {0};
    char reason[METRIC_REASON_BYTES] = "";
    json_t *result = result_new();
    int code = arguments_read(self, options, sizeof options / sizeof options[0], count, words, &a);
    if (code >= 0) goto done;
    if ((code = session_open(&a, &context))) goto done;
    const char *sae_path = a.words.word[0];
    const word_list files = {a.words.word + 1, a.words.count - 1};
    if ((code = checked(context, atoms_sae_load(context, sae_path, &sae), sae_path))) goto done;
    if ((code = matrix_argument_open(context, files, limit, &x))) goto done;
    if ((code = matrix_argument_fits(&x, atoms_sae_d_in(sae), sae_path))) goto done;
    if (train_files.count) {
        if ((code = matrix_argument_open(context, train_files, train_limit, &train))) goto done;
        if ((code = matrix_argument_fits(&train, atoms_sae_d_in(sae), sae_path))) goto done;
    }
    evaluation e = {.context = context, .sae = sae, .sae_path = sae_path, .rows = &x, .train = train_files.count ? &train : NULL,
                    .seed = (uint64_t)seed};
    if ((code = open_features(&e, features_path, &features))) goto done;
    if ((code = choose_budget(&e))) goto done;
    if ((code = choose_metric(&e, metric_path, &metric, reason, result))) goto done;
    if ((code = evaluate_all(&e, baselines, features, features_path, result))) goto done;
    code = output_result(&a, json_incref(result), print_evaluation);
done:
    json_decref(result);
    atoms_metric_destroy(metric);
    matrix_argument_close(&x);
    matrix_argument_close(&train);
    atoms_sae_destroy(features);
    atoms_sae_destroy(sae);
    atoms_context_destroy(context);
    arguments_free(&a);
    return code;
}

const command eval_command = {
    .name = "eval",
    .summary = "faithfulness, sparsity and stability of an SAE, held out and in sample, beside its controls",
    .synopsis = "SAE X... [--train X0...] [--baselines] [--features SAE2] [--metric FILE]",
    .example = "atoms eval my-sae heldout.npy --train acts.npy --baselines    # every figure twice: held out, and on the training rows",
    .words_least = 2,
    .run = run,
};
