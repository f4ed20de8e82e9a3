/* Every long call tells how far it is, changes no bit by that, and ends where the caller wants it to, as if it had never begun. */
#include <stdio.h>
#include <string.h>

#include <atoms/atoms.h>

#include "base/random.h"
#include "counting_memory.h"
#include "suite.h"

enum { N = 1100, FEW = 600, D = 12, M = 1100 };

/* What the callback has seen. */
typedef struct listener {
    int64_t calls, cancel_at; /* 0 = never */
    int64_t parts, done, total;
    char part[16];
} listener;

static int32_t listen(void *user, const char *part, int64_t done, int64_t total)
{
    listener *l = user;
    ck_assert(strcmp(part, "rows") == 0 || strcmp(part, "pair blocks") == 0 || strcmp(part, "steps") == 0);
    ck_assert(0 < done && done <= total);
    if (l->done == l->total) {
        l->parts++;
        l->total = total;
        snprintf(l->part, sizeof l->part, "%s", part);
    } else {
        ck_assert_str_eq(l->part, part);
        ck_assert_int_eq(l->total, total);
        ck_assert_int_gt(done, l->done);
    }
    l->done = done;
    return ++l->calls == l->cancel_at ? 7 : 0;
}

/* What the calls work on. */
typedef struct world {
    counting_memory memory;
    listener listener;
    atoms_context *context;
    atoms_matrix x;
    atoms_rows *rows, *few;
    atoms_sae *sae;
    atoms_metric *metric;
    atoms_dictionary *dictionary;
} world;

/* What a call leaves behind; every byte is compared. */
typedef struct result {
    atoms_figures in_sample, held_out;
    atoms_angles_report angles;
    atoms_coherence_report coherence;
    atoms_stability_report stability;
    int64_t rows, entries;
    double sums[D + D * D];
} result;

static float x_data[N * D], w_enc[D * M], w_dec[M * D];

static void fill(float *to, int64_t n, uint64_t seed)
{
    for (int64_t i = 0; i < n; i++) to[i] = (float)base_random_normal(seed, BASE_STREAM_TEST, (uint64_t)i);
}

static void open_world(world *w, int32_t threads, int listening)
{
    *w = (world){0};
    atoms_context_opts o;
    ck_assert_ok(atoms_context_opts_init(&o, sizeof o));
    counting_memory_use(&w->memory, &o);
    o.threads = threads;
    o.progress_user = &w->listener;
    o.progress = listening ? listen : NULL;
    ck_assert_ok(atoms_context_create(&o, &w->context));
    fill(x_data, N * D, 1);
    fill(w_enc, D * M, 2);
    fill(w_dec, M * D, 3);
    w->x = atoms_matrix_f32(x_data, N, D);
    ck_assert_ok(atoms_rows_from_matrix(w->context, &w->x, &w->rows));
    ck_assert_ok(atoms_rows_first(w->context, w->rows, FEW, &w->few));
    atoms_sae_weights weights;
    float threshold[M];
    for (int i = 0; i < M; i++) threshold[i] = 6;
    ck_assert_ok(atoms_sae_weights_init(&weights, sizeof weights));
    weights.w_enc = atoms_matrix_f32(w_enc, D, M);
    weights.w_dec = atoms_matrix_f32(w_dec, M, D);
    weights.threshold = threshold;
    ck_assert_ok(atoms_sae_create(w->context, &weights, &w->sae));
    atoms_moments *moments;
    ck_assert_ok(atoms_moments_create(w->context, D, &moments));
    ck_assert_ok(atoms_moments_add(moments, &w->x));
    ck_assert_ok(atoms_metric_from_moments(w->context, moments, NULL, &w->metric));
    atoms_moments_destroy(moments);
    ck_assert_ok(atoms_dictionary_create(w->context, &weights.w_dec, w->metric, &w->dictionary));
}

static void close_world(world *w)
{
    atoms_dictionary_destroy(w->dictionary);
    atoms_metric_destroy(w->metric);
    atoms_sae_destroy(w->sae);
    atoms_rows_destroy(w->few);
    atoms_rows_destroy(w->rows);
    atoms_context_destroy(w->context);
    ck_assert_int_eq(w->memory.held, 0);
}

/* The calls. `only_before`: all but the call itself, which shows what a cancelled one should leave. */

static atoms_status add_moments(world *w, result *r, int only_before)
{
    atoms_moments *moments;
    atoms_matrix first = atoms_matrix_f32(x_data, 100, D);
    ck_assert_ok(atoms_moments_create(w->context, D, &moments));
    ck_assert_ok(atoms_moments_add(moments, &first));
    atoms_status status = only_before ? ATOMS_OK : atoms_moments_add_rows(moments, w->rows);
    ck_assert_ok(atoms_moments_get(moments, r->sums, r->sums + D));
    r->rows = atoms_moments_count(moments);
    atoms_moments_destroy(moments);
    return status;
}

static atoms_status encode(world *w, result *r, int only_before)
{
    atoms_codes *codes;
    atoms_codes_view view;
    ck_assert_ok(atoms_codes_create(w->context, M, &codes));
    ck_assert_ok(atoms_codes_append(codes, &(atoms_codes_view){.rows = 1, .width = M, .nnz = 1, .offset = (int64_t[]){0, 1},
                                                               .index = (int32_t[]){3}, .value = (float[]){2}}));
    atoms_status status = only_before ? ATOMS_OK : atoms_sae_encode_rows(w->sae, w->rows, codes);
    ck_assert_ok(atoms_codes_look(codes, &view));
    r->rows = view.rows;
    r->entries = view.nnz;
    for (int64_t i = 0; i < view.nnz; i++) r->sums[i % D] += (double)view.value[i] * (view.index[i] + 1);
    atoms_codes_destroy(codes);
    return status;
}

static atoms_status angles(world *w, result *r, atoms_rows *rows, int64_t pairs, int only_before)
{
    atoms_angles_opts o;
    ck_assert_ok(atoms_angles_opts_init(&o, sizeof o));
    o.pairs = pairs;
    return only_before ? ATOMS_OK : atoms_angles(w->context, rows, w->metric, &o, &r->angles);
}

static atoms_status angles_all(world *w, result *r, int only_before)
{
    return angles(w, r, w->rows, 0, only_before);
}

static atoms_status angles_resident(world *w, result *r, int only_before)
{
    return angles(w, r, w->few, 100000, only_before);
}

static atoms_status angles_gathered(world *w, result *r, int only_before)
{
    return angles(w, r, w->rows, 520, only_before);
}

static atoms_status coherence(world *w, result *r, int only_before)
{
    return only_before ? ATOMS_OK : atoms_dictionary_coherence(w->dictionary, NULL, &r->coherence);
}

static atoms_status stability(world *w, result *r, int only_before)
{
    const int64_t counts[] = {1, 5, 2};
    return only_before ? ATOMS_OK : atoms_stability_from_counts(w->dictionary, counts, 3, NULL, &r->stability);
}

static atoms_status judge(world *w, result *r, int32_t control, int only_before)
{
    atoms_evaluate_opts o;
    ck_assert_ok(atoms_evaluate_opts_init(&o, sizeof o));
    o.metric = w->metric;
    o.features_steps = 2;
    o.features_batch = 50;
    if (only_before) return ATOMS_OK;
    return control ? atoms_evaluate_control(w->context, control, w->sae, &o, w->rows, w->few, &r->in_sample, &r->held_out)
                   : atoms_evaluate(w->context, w->sae, &o, w->rows, w->few, &r->in_sample, &r->held_out);
}

static atoms_status judge_sae(world *w, result *r, int only_before)
{
    return judge(w, r, 0, only_before);
}

static atoms_status judge_neurons(world *w, result *r, int only_before)
{
    return judge(w, r, ATOMS_CONTROL_NEURONS, only_before);
}

static atoms_status judge_random(world *w, result *r, int only_before)
{
    return judge(w, r, ATOMS_CONTROL_RANDOM, only_before);
}

static atoms_status judge_shuffled(world *w, result *r, int only_before)
{
    return judge(w, r, ATOMS_CONTROL_SHUFFLED, only_before);
}

static atoms_status judge_memoriser(world *w, result *r, int only_before)
{
    return judge(w, r, ATOMS_CONTROL_MEMORISER, only_before);
}

static atoms_status judge_features(world *w, result *r, int only_before)
{
    return judge(w, r, ATOMS_CONTROL_FEATURES, only_before);
}

static const struct {
    const char *name;
    atoms_status (*run)(world *, result *, int);
    int64_t parts, calls; /* of one thread: that many parts, at least so many calls */
} cases[] = {
    {"moments", add_moments, 1, 4},           {"encode", encode, 1, 2},
    {"angles of all", angles_all, 1, 3},      {"angles of drawn", angles_resident, 1, 6},
    {"angles gathered", angles_gathered, 1, 2}, {"coherence", coherence, 1, 2},
    {"stability", stability, 1, 2},           {"the SAE", judge_sae, 4, 9},
    {"neurons", judge_neurons, 4, 7},         {"random", judge_random, 8, 20},
    {"shuffled", judge_shuffled, 4, 9},       {"memoriser", judge_memoriser, 4, 9},
    {"features", judge_features, 5, 11},
};
enum { CASES = sizeof cases / sizeof *cases };

static void empty_result(result *r)
{
    memset(r, 0, sizeof *r);
    ck_assert_ok(atoms_figures_init(&r->in_sample, sizeof r->in_sample));
    ck_assert_ok(atoms_figures_init(&r->held_out, sizeof r->held_out));
    ck_assert_ok(atoms_angles_report_init(&r->angles, sizeof r->angles));
    ck_assert_ok(atoms_coherence_report_init(&r->coherence, sizeof r->coherence));
    ck_assert_ok(atoms_stability_report_init(&r->stability, sizeof r->stability));
}

START_TEST(listening_changes_no_bit)
{
    static result silent, told;
    world w;
    empty_result(&silent);
    open_world(&w, 1, 0);
    ck_assert_ok(cases[_i].run(&w, &silent, 0));
    ck_assert_int_eq(w.listener.calls, 0);
    close_world(&w);
    for (int32_t threads = 1; threads <= 4; threads *= 2) {
        empty_result(&told);
        open_world(&w, threads, 1);
        ck_assert_int_eq(w.listener.calls, 0); /* making things is not among the long calls */
        ck_assert_ok(cases[_i].run(&w, &told, 0));
        ck_assert_int_eq(w.listener.done, w.listener.total);
        ck_assert_int_eq(w.listener.parts, cases[_i].parts);
        if (threads == 1) ck_assert_int_ge(w.listener.calls, cases[_i].calls);
        ck_assert_mem_eq(&told, &silent, sizeof told);
        close_world(&w);
    }
}
END_TEST

START_TEST(a_cancelled_call_leaves_nothing)
{
    static result untouched, whole, r;
    world w;
    open_world(&w, 1 + _i % 2, 1);
    empty_result(&untouched);
    empty_result(&whole);
    ck_assert_ok(cases[_i / 2].run(&w, &untouched, 1));
    ck_assert_ok(cases[_i / 2].run(&w, &whole, 0));
    int64_t calls = w.listener.calls, held = w.memory.held;
    for (int64_t k = 1; k <= calls; k++) {
        w.listener = (listener){.cancel_at = k};
        empty_result(&r);
        ck_assert_status(cases[_i / 2].run(&w, &r, 0), ATOMS_E_CANCELLED);
        ck_assert_int_eq(w.listener.calls, k); /* nothing more is told */
        ck_assert_detail(w.context, "cancelled by the progress callback after");
        ck_assert_mem_eq(&r, &untouched, sizeof r);
        ck_assert_int_eq(w.memory.held, held);
    }
    w.listener = (listener){0};
    empty_result(&r);
    ck_assert_ok(cases[_i / 2].run(&w, &r, 0));
    ck_assert_mem_eq(&r, &whole, sizeof r);
    close_world(&w);
}
END_TEST

static void add_cases(Suite *suite)
{
    add_loop(suite, "listening", listening_changes_no_bit, CASES);
    add_loop(suite, "cancelling", a_cancelled_call_leaves_nothing, 2 * CASES);
}

SUITE_MAIN("progress", add_cases)
