#include "evaluation_run.h"

#include <stdlib.h>
#include <string.h>

#include "failure.h"
#include "output.h"
#include "session.h"
#include "text_file.h"

void evaluation_options(evaluation_run *r, option out[EVALUATION_OPTIONS])
{
    const option table[EVALUATION_OPTIONS] = {
        {.name = "--train", .value = "X0...", .help = "in-sample rows: all files up to the next "
                                                      "option", .kind = OPTION_LIST, .target = &r->train_files},
        {.name = "--baselines", .help = "the controls too; trains the one called features", .kind = OPTION_FLAG, .target = &r->baselines},
        {.name = "--features", .value = "SAE2", .help = "this SAE as the control features, instead of training it", .kind = OPTION_TEXT,
         .target = &r->features_path},
        {.name = "--metric", .value = "FILE", .help = "the AIP", .kind = OPTION_TEXT, .target = &r->metric_path,
         .standard = "metric.safetensors beside the SAE, else of --train, else of X"},
        rows_option("--rows", "the first N rows of X", &r->limit),
        rows_option("--train-rows", "the first N rows of X0", &r->train_limit),
        {.name = "--seed", .value = "S", .help = "of the controls", .kind = OPTION_WHOLE, .target = &r->seed},
    };
    memcpy(out, table, sizeof table);
}

static int open_features(evaluation_run *r)
{
    const char *path = r->features_path;
    if (!path) return EXIT_DONE;
    int code = checked(r->context, atoms_sae_load(r->context, path, &r->features), path);
    return code ? code : matrix_argument_fits(&r->x, atoms_sae_d_in(r->features), path);
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

static int open_rows(evaluation_run *r, const char *sae_path, word_list files)
{
    int64_t width = atoms_sae_d_in(r->sae);
    int code = matrix_argument_open(r->context, files, r->limit, &r->x);
    if (!code) code = matrix_argument_fits(&r->x, width, sae_path);
    if (code || !r->train_files.count) return code;
    code = matrix_argument_open(r->context, r->train_files, r->train_limit, &r->train);
    return code ? code : matrix_argument_fits(&r->train, width, sae_path);
}

int evaluation_open(evaluation_run *r, const arguments *a, json_t *result)
{
    const char *sae_path = a->words.word[0];
    int code = session_open(a, &r->context);
    if (!code) code = checked(r->context, atoms_sae_load(r->context, sae_path, &r->sae), sae_path);
    if (!code) code = open_rows(r, sae_path, (word_list){a->words.word + 1, a->words.count - 1});
    if (code) return code;
    r->e = (evaluation){.context = r->context, .sae = r->sae, .sae_path = sae_path, .rows = &r->x,
                        .train = r->train_files.count ? &r->train : NULL, .seed = (uint64_t)r->seed};
    code = open_features(r);
    if (!code) code = choose_budget(&r->e);
    if (code) return code;
    const metric_wish wish = {.given = r->metric_path, .sae_path = sae_path, .x = &r->x, .train = r->e.train, .train_option = 1};
    code = metric_choose(r->context, &wish, &r->metric, r->reason, result);
    r->e.metric = r->metric;
    r->e.no_metric = r->metric ? NULL : r->reason;
    return code;
}

int evaluation_put(const evaluation_run *r, json_t *result)
{
    const evaluation *e = &r->e;
    atoms_figures in_sample, held_out;
    int code = evaluate(e, &in_sample, &held_out);
    if (code) return code;
    put_figures(e, result, result, "", &in_sample, &held_out);
    if ((code = put_dictionary(e, result, result, ""))) return code;
    if (r->baselines || r->features) return put_baselines(e, result, result, r->baselines, r->features, r->features_path);
    put(result, "baselines", json_null());
    add_note(result, "baselines", "not asked for (--baselines)");
    return EXIT_DONE;
}

void evaluation_close(evaluation_run *r)
{
    atoms_metric_destroy(r->metric);
    matrix_argument_close(&r->x);
    matrix_argument_close(&r->train);
    atoms_sae_destroy(r->features);
    atoms_sae_destroy(r->sae);
    atoms_context_destroy(r->context);
}
