/* rip: an interval for the restricted isometry constant of a dictionary, and what is proved about recovery. */
#include <math.h>
#include <stdio.h>

#include "dictionary_argument.h"
#include "failure.h"
#include "interrupt.h"
#include "output.h"
#include "session.h"
#include "text_table.h"

typedef struct rip_result {
    atoms_rip_report interval;
    atoms_null_space_report null_space;
    atoms_guarantees_report guarantees;
    int has_null_space;
    int32_t iterations; /* that it was asked for */
} rip_result;

static json_t *numbers_of(const int32_t *witness, int64_t n, const dictionary_matrix *d)
{
    json_t *list = needed(json_array());
    for (int64_t i = 0; i < n; i++) append(list, json_integer(dictionary_matrix_number(d, witness[i])));
    return list;
}

static json_t *proved(int64_t k, int32_t proof)
{
    json_t *object = needed(json_object());
    put_whole(object, "K", k);
    put_text(object, "by", atoms_proof_name(proof));
    return object;
}

static json_t *describe_recovery(const rip_result *r)
{
    const atoms_guarantees_report *g = &r->guarantees;
    json_t *recovery = needed(json_object());
    put_whole(recovery, "spark", g->spark);
    put(recovery, "unique", proved(g->unique, g->unique_proof));
    put(recovery, "l1", proved(g->l1, g->l1_proof));
    put(recovery, "omp", proved(g->omp, g->omp_proof));
    put_number(recovery, "mu", g->mu);
    put_number(recovery, "alpha_1", r->has_null_space ? r->null_space.alpha[0] : NAN);
    return recovery;
}

/* What the clock or an interrupt left out of the null-space proof: without it K of l1 says less than it could. */
static void note_null_space(const rip_result *r, json_t *result)
{
    if (!r->has_null_space) add_note(result, "recovery.alpha_1", "interrupted before the null-space bound");
    else if (r->null_space.iterations < r->iterations)
        add_note(result, "recovery.l1", "time cut the null-space bound short, at %d of %d iterations: more --seconds may prove a larger K",
                 (int)r->null_space.iterations, (int)r->iterations);
}

static json_t *describe(const rip_result *r, const dictionary_matrix *d)
{
    static const char *const stops[] = {"done", "out of time", "out of nodes", "interrupted"};
    const atoms_rip_report *i = &r->interval;
    int plus = i->plus_lower >= i->minus_lower;
    json_t *result = result_new(), *signs = needed(json_object());
    put_whole(result, "atoms", i->atoms);
    note_zeros(result, "atoms", d->directed.zeros);
    put_whole(result, "K", i->order);
    put_number(result, "lower", i->lower);
    put_number(result, "upper", i->upper);
    put_flag(result, "exact", i->exact);
    put_text(result, "upper_bound_by", atoms_rip_bound_name(i->bound));
    put(result, "witness", numbers_of(plus ? i->plus_witness : i->minus_witness, i->order, d));
    put_text(result, "search", stops[i->stopped]);
    put_whole(result, "exact_order", i->exact_order);
    put(result, "signs", signs);
    put_number(signs, "plus_lower", i->plus_lower);
    put_number(signs, "plus_upper", i->plus_upper);
    put_number(signs, "minus_lower", i->minus_lower);
    put_number(signs, "minus_upper", i->minus_upper);
    put_number(result, "ratio_lower", i->ratio_lower);
    put_number(result, "ratio_upper", i->ratio_upper);
    put(result, "recovery", describe_recovery(r));
    note_null_space(r, result);
    if (interrupt_noted()) add_note(result, "search", "interrupted: everything here holds, and more time may narrow it");
    return result;
}

/* The null-space bound gets a quarter of `seconds`; where it was interrupted there is none. */
static int bound_null_space(atoms_context *context, const atoms_dictionary *dictionary, double seconds, const char *word, rip_result *r)
{
    atoms_null_space_opts opts;
    int code = checked(NULL, atoms_null_space_opts_init(&opts, sizeof opts), word);
    if (code) return code;
    opts.seconds = seconds / 4;
    r->iterations = opts.iterations;
    atoms_status status = interrupt_noted() ? ATOMS_E_CANCELLED : atoms_rip_null_space(dictionary, &opts, &r->null_space);
    r->has_null_space = !status;
    return status == ATOMS_E_CANCELLED && interrupt_noted() ? EXIT_DONE : checked(context, status, word);
}

static int compute(atoms_context *context, const atoms_dictionary *dictionary, int64_t order, double seconds, int each_sign, const char *word,
                   rip_result *r)
{
    atoms_rip *rip = NULL;
    atoms_rip_opts opts;
    int code = checked(NULL, atoms_rip_opts_init(&opts, sizeof opts), word);
    if (!code) code = checked(NULL, atoms_rip_report_init(&r->interval, sizeof r->interval), word);
    if (!code) code = checked(NULL, atoms_null_space_report_init(&r->null_space, sizeof r->null_space), word);
    if (!code) code = checked(NULL, atoms_guarantees_report_init(&r->guarantees, sizeof r->guarantees), word);
    if (code) return code;
    opts.seconds = seconds;
    opts.each_sign = each_sign;
    interrupt_is_noted();
    code = checked(context, atoms_rip_create(dictionary, &order, 1, &opts, &rip), word);
    if (!code) code = checked(context, atoms_rip_describe(rip, order, &r->interval), word);
    if (!code) code = bound_null_space(context, dictionary, seconds, word, r);
    if (!code) code = checked(context, atoms_rip_guarantees(rip, r->has_null_space ? &r->null_space : NULL, &r->guarantees), word);
    atoms_rip_destroy(rip);
    return code;
}

static int run(const command *self, int count, char **words)
{
    const char *metric_path = NULL;
    int64_t order = 0;
    double seconds = 10;
    int each_sign = 0;
    option options[] = {
        {.name = "-K", .value = "K", .help = "number of atoms, at most 64", .kind = OPTION_WHOLE, .target = &order, .low = 1, .high = ATOMS_RIP_ORDER_MAX, .standard = "required"},
        {.name = "--seconds", .value = "T", .help = "about how long the search for the interval may take; recovery takes a quarter as much again", .kind = OPTION_POSITIVE, .target = &seconds},
        {.name = "--each-sign", .help = "search on until both signs are known, not their maximum alone", .kind = OPTION_FLAG, .target = &each_sign},
        {.name = "--metric", .value = "FILE", .help = "atoms are compared in this metric (of `atoms metric -o`)", .kind = OPTION_TEXT, .target = &metric_path, .standard = "Euclidean"},
    };
    arguments a;
    atoms_context *context = NULL;
    atoms_dictionary *dictionary = NULL;
    dictionary_matrix d = {.sae = NULL};
    rip_result r;
    int code = arguments_read(self, options, sizeof options / sizeof options[0], count, words, &a);
    if (code >= 0) goto done;
    if (!order && (code = usage_error("-K", "is missing: of how many atoms"))) goto done;
    if ((code = session_open(&a, &context))) goto done;
    const char *word = a.words.word[0];
    if ((code = dictionary_argument_open(context, word, metric_path, &d, &dictionary))) goto done;
    if (order > d.atoms.rows) {
        code = run_error(word, "-K is %lld, of %lld atoms", (long long)order, (long long)d.atoms.rows);
        goto done;
    }
    if ((code = compute(context, dictionary, order, seconds, each_sign, word, &r))) goto done;
    code = output_result(&a, describe(&r, &d), print_result);
    if (!code && interrupt_noted()) {
        fputs("atoms: interrupted; the interval is as wide as it was by then\n", stderr);
        code = EXIT_INTERRUPTED;
    }
done:
    atoms_dictionary_destroy(dictionary);
    dictionary_matrix_close(&d);
    atoms_context_destroy(context);
    arguments_free(&a);
    return code;
}

const command rip_command = {
    .name = "rip",
    .summary = "an interval for the restricted isometry constant, and what it proves",
    .synopsis = "D -K K [--seconds T] [--each-sign] [--metric FILE]",
    .example = "atoms rip dictionary.npy -K 6 --seconds 60    # lower <= delta_6 <= upper, with six atoms that attain lower",
    .words_least = 1,
    .words_most = 1,
    .run = run,
};
