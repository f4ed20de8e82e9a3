/* compare: how much of one dictionary is found in another. */
#include "dictionary_argument.h"
#include "failure.h"
#include "matrix_argument.h"
#include "metric_choice.h"
#include "output.h"
#include "session.h"
#include "text_table.h"

static json_t *describe(const atoms_compare_report *r, const dictionary_matrix d[2])
{
    static const char *const levels[ATOMS_COMPARE_LEVELS] = {"0.7", "0.9", "0.99"};
    json_t *result = result_new(), *over = json_object();
    put_whole(result, "atoms_1", r->atoms_a);
    put_whole(result, "atoms_2", r->atoms_b);
    note_zeros(result, "atoms_1", d[0].directed.zeros);
    note_zeros(result, "atoms_2", d[1].directed.zeros);
    put_whole(result, "dim", r->dim);
    put_number(result, "mmcs", r->mmcs);
    put_number(result, "mmcs_reverse", r->mmcs_reverse);
    put_whole(result, "matched", r->matched);
    put_number(result, "matched_mean", r->matched_mean);
    put_number(result, "matched_bound", r->matched_bound);
    put(result, "matched_over", over);
    for (int l = 0; l < ATOMS_COMPARE_LEVELS; l++) put_number(over, levels[l], r->matched_over[l]);
    put_flag(result, "exact", r->exact);
    if (!r->exact) add_note(result, "matched_mean", "greedy; no matching's mean is above matched_bound (--exact N for the best one)");
    return result;
}

/* A refusal is about one of the two: each is tried alone, so that the words can name its file. */
static int explain(atoms_context *context, atoms_status status, const dictionary_matrix d[2], const atoms_metric *metric, char **words)
{
    for (int k = 0; k < 2 && (status == ATOMS_E_ARGUMENT || status == ATOMS_E_OVERFLOW); k++) {
        atoms_dictionary *alone = NULL;
        atoms_status own = atoms_dictionary_create(context, &d[k].atoms, metric, &alone);
        atoms_dictionary_destroy(alone);
        if (own) return checked(context, own, words[k]);
    }
    return checked(context, status, NULL);
}

static int run(const command *self, int count, char **words)
{
    const char *metric_path = NULL;
    atoms_compare_opts opts;
    int code = checked(NULL, atoms_compare_opts_init(&opts, sizeof opts), self->name);
    if (code) return code;
    option options[] = {
        {.name = "--metric", .value = "FILE", .help = "cosines in this metric (of `atoms metric -o`)", .kind = OPTION_TEXT, .target = &metric_path,
         .standard = "Euclidean"},
        {.name = "--exact", .value = "N", .help = "the best matching up to N atoms, 8 bytes a pair; greedy above", .kind = OPTION_WHOLE,
         .target = &opts.exact_limit, .low = 0, .high = INT32_MAX},
    };
    arguments a;
    atoms_context *context = NULL;
    atoms_metric *metric = NULL;
    dictionary_matrix d[2] = {{.sae = NULL}, {.sae = NULL}};
    atoms_compare_report report;
    code = arguments_read(self, options, sizeof options / sizeof options[0], count, words, &a);
    if (code >= 0) goto done;
    if ((code = session_open(&a, &context))) goto done;
    for (int k = 0; k < 2; k++)
        if ((code = dictionary_matrix_open(context, a.words.word[k], &d[k]))) goto done;
    if (d[0].atoms.cols != d[1].atoms.cols) {
        code = run_error(a.words.word[1], "%lld columns, %s has %lld", (long long)d[1].atoms.cols, a.words.word[0], (long long)d[0].atoms.cols);
        goto done;
    }
    if (metric_path && (code = metric_of_file(context, metric_path, d[0].atoms.cols, &metric))) goto done;
    session_doing("matching atoms");
    if ((code = checked(context, atoms_compare_report_init(&report, sizeof report), self->name))) goto done;
    atoms_status status = atoms_compare(context, &d[0].atoms, &d[1].atoms, metric, &opts, NULL, &report);
    if (status && (code = explain(context, status, d, metric, a.words.word))) goto done;
    code = output_result(&a, describe(&report, d), print_result);
done:
    atoms_metric_destroy(metric);
    for (int k = 0; k < 2; k++) dictionary_matrix_close(&d[k]);
    atoms_context_destroy(context);
    arguments_free(&a);
    return code;
}

const command compare_command = {
    .name = "compare",
    .summary = "two dictionaries: mean max cosine both ways, one-to-one matching",
    .synopsis = "D1 D2 [--metric FILE] [--exact N]",
    .example = "atoms compare sae-seed-0 sae-seed-1    # which share of the atoms a second training finds again",
    .words_least = 2,
    .words_most = 2,
    .run = run,
};
