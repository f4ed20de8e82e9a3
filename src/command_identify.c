/* identify: the identifiability theorem on an SAE's own codes. */
#include <stdio.h>

#include "failure.h"
#include "identify_json.h"
#include "matrix_argument.h"
#include "metric_choice.h"
#include "output.h"
#include "session.h"
#include "text_table.h"

typedef struct subject {
    atoms_context *context;
    atoms_sae *sae;
    atoms_metric *metric;
    atoms_codes *codes;
    matrix_argument x;
} subject;

static int prepare(subject *s, const char *sae_path, word_list files, int64_t limit, const char *metric_path, json_t *result)
{
    char reason[METRIC_REASON_BYTES] = "";
    int code = checked(s->context, atoms_sae_load(s->context, sae_path, &s->sae), sae_path);
    if (!code) code = matrix_argument_open(s->context, files, limit, &s->x);
    if (!code) code = matrix_argument_fits(&s->x, atoms_sae_d_in(s->sae), sae_path);
    if (code) return code;
    const metric_wish wish = {.given = metric_path, .sae_path = sae_path, .x = &s->x};
    code = metric_choose(s->context, &wish, &s->metric, reason, result);
    if (!code && !s->metric) add_note(result, "metric", "Euclidean: X has no metric of its own (%s)", reason);
    if (!code) code = checked(s->context, atoms_codes_create(s->context, atoms_sae_d_sae(s->sae), &s->codes), sae_path);
    return code ? code : checked(s->context, atoms_sae_encode_rows(s->sae, s->x.rows, s->codes), s->x.what);
}

/* A support for people: its first atoms. */
static void print_support(const json_t *counterexample, const char *key, const char *title)
{
    enum { SHOWN = 16 };
    const json_t *support = json_object_get(counterexample, key);
    size_t n = json_array_size(support);
    if (!json_is_array(support)) return;
    printf("%-22s", title);
    for (size_t i = 0; i < n && i < SHOWN; i++) printf(" %lld", (long long)json_integer_value(json_array_get(support, i)));
    if (n > SHOWN) printf(" ... (%zu atoms)", n);
    printf(n ? "\n" : " none\n");
}

static void print_identify(const json_t *result)
{
    const json_t *counterexample = json_object_get(result, "counterexample");
    print_result(result);
    print_support(counterexample, "silent_support", "silent's sample");
    print_support(counterexample, "active_support", "active's sample");
}

static int run(const command *self, int count, char **words)
{
    const char *metric_path = NULL;
    int64_t limit = 0, supports = 512;
    option options[] = {
        {.name = "--metric", .value = "FILE", .help = "the AIP", .kind = OPTION_TEXT, .target = &metric_path,
         .standard = "metric.safetensors beside the SAE, else that of X"},
        rows_option("--rows", "the first N rows of X", &limit),
        {.name = "--supports", .value = "K", .help = "eigenvalues of the Gram matrix over each row's atoms, where no row has more than K of them; 0: without",
         .kind = OPTION_WHOLE, .target = &supports, .low = 0, .high = INT32_MAX},
    };
    arguments a;
    subject s = {.x = {0}};
    json_t *result = result_new();
    int code = arguments_read(self, options, sizeof options / sizeof options[0], count, words, &a);
    if (code >= 0) goto done;
    if ((code = session_open(&a, &s.context))) goto done;
    const char *sae_path = a.words.word[0];
    const word_list files = {a.words.word + 1, a.words.count - 1};
    if ((code = prepare(&s, sae_path, files, limit, metric_path, result))) goto done;
    const identify_subject who = {.context = s.context, .sae = s.sae, .sae_path = sae_path, .metric = s.metric, .codes = s.codes, .has_supports = 1,
                                  .supports_limit = supports};
    if ((code = put_identify(&who, result, result, "", NULL))) goto done;
    code = output_result(&a, json_incref(result), print_identify);
done:
    json_decref(result);
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
    .synopsis = "SAE X... [--metric FILE] [--rows N] [--supports K]",
    .example = "atoms identify my-sae heldout.npy    # feasible or not, and how many thresholds lie in the interval",
    .words_least = 2,
    .run = run,
};
