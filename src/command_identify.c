/* identify: the identifiability theorem on an SAE's own codes. */
#include "failure.h"
#include "matrix_argument.h"
#include "metric_choice.h"
#include "output.h"
#include "session.h"
#include "text_table.h"

static json_t *describe(const atoms_identify_report *r, const char *metric)
{
    json_t *result = result_new(), *interval = json_object();
    put_number(result, "epsilon", r->epsilon);
    put_number(result, "epsilon_all", r->epsilon_all);
    put_whole(result, "K", r->k);
    put_number(result, "delta_min", r->delta_min);
    put_number(result, "delta_max", r->delta_max);
    put(result, "interval", interval);
    put_number(interval, "low", r->low);
    put_number(interval, "high", r->high);
    put_flag(result, "feasible", r->feasible);
    put_whole(result, "atoms", r->atoms);
    put_whole(result, "atoms_inside", r->atoms_inside);
    put_number(result, "q_star", r->q_star);
    put_number(result, "q_star_all", r->q_star_all);
    if (r->atoms < 2) add_note(result, "q_star", "fewer than two atoms fire");
    put_text(result, "metric", metric);
    return result;
}

/* Outside the theorem's condition: the samples that are hardest to read with these K and coefficients. */
static int put_counterexample(atoms_context *context, const atoms_dictionary *d, const atoms_identify_report *r, const char *what, json_t *result)
{
    if (r->feasible || !(r->delta_min > 0) || atoms_dictionary_atoms(d) < 2) {
        put(result, "counterexample", json_null());
        add_note(result, "counterexample", r->feasible ? "inside the condition there is none" : "coefficients are not all positive, or there is one atom");
        return EXIT_DONE;
    }
    atoms_identify_model model;
    atoms_counterexample_report c;
    int code = checked(context, atoms_identify_model_init(&model, sizeof model), what);
    if (!code) code = checked(context, atoms_counterexample_report_init(&c, sizeof c), what);
    model.k = r->k;
    model.delta_min = r->delta_min;
    model.delta_max = r->delta_max;
    if (!code) code = checked(context, atoms_identify_counterexample(d, &model, NULL, &c), what);
    if (code) return code;
    json_t *found = json_object();
    put(result, "counterexample", found);
    put_flag(found, "exists", c.exists);
    put_whole(found, "silent", c.silent);
    put_number(found, "silent_score", c.silent_score);
    put_whole(found, "active", c.active);
    put_number(found, "active_score", c.active_score);
    put_whole(found, "atoms_without", c.atoms_without);
    return EXIT_DONE;
}

typedef struct subject {
    atoms_context *context;
    atoms_sae *sae;
    atoms_metric *metric;
    atoms_codes *codes;
    atoms_dictionary *dictionary;
    matrix_argument x;
} subject;

static int identify(const subject *s, const char *sae_path, const char *metric, json_t **result)
{
    atoms_identify_report report;
    int code = checked(s->context, atoms_identify_report_init(&report, sizeof report), sae_path);
    if (!code) code = checked(s->context, atoms_identify(s->dictionary, s->codes, atoms_sae_threshold(s->sae), NULL, &report), sae_path);
    if (code) return code;
    *result = describe(&report, metric);
    return put_counterexample(s->context, s->dictionary, &report, sae_path, *result);
}

static int prepare(subject *s, const char *sae_path, word_list files, int64_t limit, const char *metric_path, char *reason)
{
    atoms_matrix decoder;
    int code = checked(s->context, atoms_sae_load(s->context, sae_path, &s->sae), sae_path);
    if (!code) code = matrix_argument_open(s->context, files, limit, &s->x);
    if (!code) code = matrix_argument_fits(&s->x, atoms_sae_d_in(s->sae), sae_path);
    if (!code) code = metric_path ? metric_of_file(s->context, metric_path, s->x.width, &s->metric) : metric_of_rows(s->context, &s->x, &s->metric, reason);
    if (!code) code = checked(s->context, atoms_codes_create(s->context, atoms_sae_d_sae(s->sae), &s->codes), sae_path);
    if (!code) code = checked(s->context, atoms_sae_encode_rows(s->sae, s->x.rows, s->codes), s->x.what);
    if (!code) code = checked(s->context, atoms_sae_decoder(s->sae, &decoder), sae_path);
    return code ? code : checked(s->context, atoms_dictionary_create(s->context, &decoder, s->metric, &s->dictionary), sae_path);
}

static int run(const command *self, int count, char **words)
{
    const char *metric_path = NULL;
    int64_t limit = 0;
    option options[] = {
        {.name = "--metric", .value = "FILE", .help = "the AIP", .kind = OPTION_TEXT, .target = &metric_path, .standard = "that of X"},
        rows_option("--rows", "the first N rows of X", &limit),
    };
    arguments a;
    subject s = {.x = {0}};
    json_t *result = NULL;
    char reason[METRIC_REASON_BYTES] = "";
    int code = arguments_read(self, options, sizeof options / sizeof options[0], count, words, &a);
    if (code >= 0) goto done;
    if ((code = session_open(&a, &s.context))) goto done;
    const char *sae_path = a.words.word[0];
    const word_list files = {a.words.word + 1, a.words.count - 1};
    if ((code = prepare(&s, sae_path, files, limit, metric_path, reason))) goto done;
    if ((code = identify(&s, sae_path, metric_path ? metric_path : s.metric ? "X" : NULL, &result))) goto done;
    if (!s.metric) add_note(result, "metric", "Euclidean: X has no metric of its own (%s)", reason);
    code = output_result(&a, json_incref(result), print_result);
done:
    json_decref(result);
    atoms_dictionary_destroy(s.dictionary);
    atoms_codes_destroy(s.codes);
    atoms_metric_destroy(s.metric);
    matrix_argument_close(&s.x);
    atoms_sae_destroy(s.sae);
    atoms_context_destroy(s.context);
    arguments_free(&a);
    return code;
}

const command identify_command = {
    .name = "identify",
    .summary = "the identifiability theorem on an SAE's codes: its interval, and whether the thresholds lie in it",
    .synopsis = "SAE X... [--metric FILE] [--rows N]",
    .example = "atoms identify my-sae heldout.npy    # feasible or not, and how many thresholds lie in the interval",
    .words_least = 2,
    .run = run,
};
