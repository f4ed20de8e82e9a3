/* Figures of an SAE against plain loops, and what has no value, bad input, refused memory, threads. */
#include <math.h>

#include "evaluate_oracle.h"

void add_control_cases(Suite *suite);

static atoms_evaluate_opts opts_with(const atoms_metric *metric, uint64_t seed)
{
    atoms_evaluate_opts o;
    ck_assert_ok(atoms_evaluate_opts_init(&o, sizeof o));
    o.metric = metric;
    o.seed = seed;
    return o;
}

/* _i: bit 0 a metric, bit 1 train. Rows of three blocks, the last one partly filled. */
START_TEST(figures_are_the_dense_loops)
{
    enum { N = 600, TRAIN = 300, D = 5, M = 9 };
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 2);
    double *x = some_rows(N, D, 1), *x0 = some_rows(TRAIN, D, 2), *s = oracle_metric(x0, TRAIN, D), *code, *hat, *code0, *hat0;
    float *xf = narrowed(x, N * D), *x0f = narrowed(x0, TRAIN * D);
    toy_sae toy = toy_sae_make(context, D, M, 1.2, 40);
    atoms_metric *metric = _i & 1 ? metric_of_rows(context, x0f, TRAIN, D) : NULL;
    atoms_rows *rows = rows_of(context, xf, N, D), *train = _i & 2 ? rows_of(context, x0f, TRAIN, D) : NULL;
    atoms_evaluate_opts opts = opts_with(metric, 0);
    atoms_figures in = new_figures(), out = new_figures();
    ck_assert_ok(atoms_evaluate(context, toy.sae, &opts, train, rows, train ? &in : NULL, &out));

    toy_sae_apply(&toy, x, N, &code, &hat);
    toy_sae_apply(&toy, x0, TRAIN, &code0, &hat0);
    problem outside = {N, D, M, x, hat, code, toy.w_dec}, inside = {TRAIN, D, M, x0, hat0, code0, toy.w_dec};
    uint8_t fires[M];
    oracle_fires(train ? &inside : &outside, fires);
    atoms_figures want_out = oracle_figures(&outside, metric ? s : NULL, fires), want_in = oracle_figures(&inside, metric ? s : NULL, fires);
    assert_figures_near(&out, &want_out, 1e-5);
    if (train) assert_figures_near(&in, &want_in, 1e-5);
    ck_assert(isnan(out.q_star) == !metric && isnan(out.aip_r2) == !metric && !isnan(out.q_star_euclidean));
    ck_assert(want_out.dead_fraction > 0 && want_out.l0_mean > 1); /* the case says something */

    free(x), free(x0), free(s), free(code), free(hat), free(code0), free(hat0), free(xf), free(x0f);
    toy_sae_free(&toy);
    atoms_metric_destroy(metric);
    atoms_rows_destroy(rows);
    atoms_rows_destroy(train);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

/* More codes than a work holds: blocks are halved until they fit. */
START_TEST(a_dense_code_is_still_judged)
{
    enum { N = 300, D = 3, M = 1300 };
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    toy_sae toy = toy_sae_make(context, D, M, 0, 50);
    atoms_sae_destroy(toy.sae);
    for (int i = 0; i < M; i++) toy.b_enc[i] = 64;
    float *w_enc = narrowed(toy.w_enc, D * M), *w_dec = narrowed(toy.w_dec, M * D), *b_enc = narrowed(toy.b_enc, M);
    atoms_sae_weights w;
    ck_assert_ok(atoms_sae_weights_init(&w, sizeof w));
    w.w_enc = atoms_matrix_f32(w_enc, D, M);
    w.w_dec = atoms_matrix_f32(w_dec, M, D);
    w.b_enc = b_enc;
    ck_assert_ok(atoms_sae_create(context, &w, &toy.sae));
    double *x = some_rows(N, D, 3);
    float *xf = narrowed(x, N * D);
    atoms_rows *rows = rows_of(context, xf, N, D);
    atoms_figures f = new_figures();
    ck_assert_ok(atoms_evaluate(context, toy.sae, NULL, NULL, rows, NULL, &f));
    ck_assert(f.l0_mean == M && f.l0_p50 == M && f.l0_max == M && f.dead_fraction == 0 && f.density[9] == M);
    free(w_enc), free(w_dec), free(b_enc), free(x), free(xf);
    atoms_rows_destroy(rows);
    toy_sae_free(&toy);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

/* A mean 10⁴ times the spread must not swallow it. */
START_TEST(a_large_mean_costs_no_digits)
{
    enum { N = 700, D = 4, M = 2 };
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    double *x = some_rows(N, D, 4), spread = 0, mean[D] = {0};
    for (int i = 0; i < N * D; i++) x[i] = (float)(x[i] + 16384), mean[i % D] += x[i] / N;
    for (int i = 0; i < N * D; i++) spread += (x[i] - mean[i % D]) * (x[i] - mean[i % D]);
    float *xf = narrowed(x, N * D), zeros[M * D] = {0}, b_dec[D], never[M] = {1e30f, 1e30f};
    for (int j = 0; j < D; j++) b_dec[j] = (float)mean[j];
    double error = 0;
    for (int i = 0; i < N * D; i++) error += (x[i] - b_dec[i % D]) * (x[i] - b_dec[i % D]);
    atoms_sae_weights w;
    atoms_sae *sae;
    ck_assert_ok(atoms_sae_weights_init(&w, sizeof w));
    w.w_enc = atoms_matrix_f32(zeros, D, M);
    w.w_dec = atoms_matrix_f32(zeros, M, D);
    w.b_dec = b_dec;
    w.threshold = never;
    ck_assert_ok(atoms_sae_create(context, &w, &sae));
    atoms_rows *rows = rows_of(context, xf, N, D);
    atoms_figures f = new_figures();
    ck_assert_ok(atoms_evaluate(context, sae, NULL, NULL, rows, NULL, &f));
    ck_assert_double_eq_tol(f.r2, 1 - error / spread, 1e-11);
    ck_assert(isnan(f.q_star_euclidean) && isnan(f.mu_euclidean)); /* decoder rows of zeros make no pair */
    free(x), free(xf);
    atoms_sae_destroy(sae);
    atoms_rows_destroy(rows);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

START_TEST(what_has_no_value_is_nan)
{
    enum { D = 2, M = 3 };
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    const float same[] = {1, 2, 1, 2, 1, 2}, zeros[6] = {0}, spread[] = {1, 2, 3, -1, 0, 2};
    const float w_enc[D * M] = {1, 0, 1, 0, 1, 1}, w_dec[M * D] = {1, 0, 0, 1, 0, 0}, never[M] = {1e30f, 1e30f, 1e30f};
    atoms_sae_weights w;
    atoms_sae *sae, *silent;
    ck_assert_ok(atoms_sae_weights_init(&w, sizeof w));
    w.w_enc = atoms_matrix_f32(w_enc, D, M);
    w.w_dec = atoms_matrix_f32(w_dec, M, D);
    ck_assert_ok(atoms_sae_create(context, &w, &sae));
    w.threshold = never;
    ck_assert_ok(atoms_sae_create(context, &w, &silent));
    atoms_metric *metric = metric_of_rows(context, spread, 3, D);
    atoms_evaluate_opts opts = opts_with(metric, 0);
    atoms_figures f = new_figures();

    atoms_rows *rows = rows_of(context, same, 3, D); /* no spread: R² has no denominator */
    ck_assert_ok(atoms_evaluate(context, sae, &opts, NULL, rows, NULL, &f));
    ck_assert(isnan(f.r2) && isnan(f.aip_r2) && f.mse == 0 && f.cosine > .999 && f.norm_ratio == 1 && f.rows == 3);
    ck_assert(f.l0_mean == 3 && f.mu_euclidean == 0); /* the third atom fires and is zero: no pair with it */
    ck_assert(f.q_star_euclidean == 1 && !isnan(f.q_star));
    atoms_rows_destroy(rows);

    float many[600 * D]; /* whitened, the mean of so many equal rows is not one of them */
    for (int i = 0; i < 600 * D; i++) many[i] = i % D ? .3f : .7f;
    rows = rows_of(context, many, 600, D);
    ck_assert_ok(atoms_evaluate(context, sae, &opts, NULL, rows, NULL, &f));
    ck_assert(isnan(f.r2) && isnan(f.aip_r2));
    atoms_rows_destroy(rows);

    rows = rows_of(context, zeros, 3, D); /* no direction to compare */
    ck_assert_ok(atoms_evaluate(context, sae, &opts, NULL, rows, NULL, &f));
    ck_assert(isnan(f.cosine) && isnan(f.norm_ratio) && isnan(f.r2) && f.mse == 0 && f.dead_fraction == 1 && f.density[0] == M);
    ck_assert(isnan(f.q_star) && isnan(f.mu) && isnan(f.mu_euclidean) && !isnan(f.q_star_all)); /* nothing fires */
    atoms_rows_destroy(rows);

    rows = rows_of(context, spread, 3, D);
    ck_assert_ok(atoms_evaluate(context, silent, &opts, NULL, rows, NULL, &f));
    ck_assert(isnan(f.cosine) && f.norm_ratio == 0 && f.r2 < 0 && f.l0_max == 0 && isnan(f.q_star) && f.q_star_all > 0);
    atoms_rows_destroy(rows);

    const float large[M * D] = {3e38f, 3e38f, 3e38f, 3e38f, 0, 0};
    w.w_dec = atoms_matrix_f32(large, M, D);
    w.threshold = NULL;
    atoms_sae_destroy(sae);
    ck_assert_ok(atoms_sae_create(context, &w, &sae));
    rows = rows_of(context, spread, 3, D); /* reconstructions overflow f32 */
    ck_assert_ok(atoms_evaluate(context, sae, &opts, NULL, rows, NULL, &f));
    ck_assert(isnan(f.r2) && isnan(f.aip_r2) && isnan(f.mse) && isnan(f.norm_ratio) && f.l0_mean > 0 && f.mu_euclidean == 1);
    atoms_rows_destroy(rows);

    atoms_metric_destroy(metric);
    atoms_sae_destroy(sae);
    atoms_sae_destroy(silent);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

static int32_t callback_rows(void *user, int64_t first, int64_t count, float *out)
{
    const float *x = user;
    for (int64_t i = 0; i < count * 3; i++) out[i] = x[first * 3 + i];
    return 0;
}

START_TEST(bad_input_is_refused)
{
    enum { N = 1200, D = 3 };
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    toy_sae toy = toy_sae_make(context, D, 4, .5, 60);
    double *x = some_rows(N, 4, 5);
    float *xf = narrowed(x, N * 4);
    atoms_rows *rows = rows_of(context, xf, N, D), *wide = rows_of(context, xf, N, 4), *broken;
    atoms_metric *metric = metric_of_rows(context, xf, N, 4);
    atoms_figures in = new_figures(), out = new_figures(), before = out;
    atoms_evaluate_opts opts = opts_with(NULL, 0), with_metric = opts_with(metric, 0);
    ck_assert_status(atoms_evaluate(NULL, toy.sae, NULL, NULL, rows, NULL, &out), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_evaluate(context, NULL, NULL, NULL, rows, NULL, &out), ATOMS_E_ARGUMENT);
    ck_assert_detail(context, "sae is NULL");
    ck_assert_status(atoms_evaluate(context, toy.sae, NULL, NULL, NULL, NULL, &out), ATOMS_E_ARGUMENT);
    ck_assert_detail(context, "rows is NULL");
    ck_assert_status(atoms_evaluate(context, toy.sae, NULL, NULL, rows, NULL, NULL), ATOMS_E_ARGUMENT);
    ck_assert_detail(context, "held_out is NULL");
    ck_assert_status(atoms_evaluate(context, toy.sae, NULL, rows, rows, NULL, &out), ATOMS_E_ARGUMENT);
    ck_assert_detail(context, "train and in_sample go together");
    ck_assert_status(atoms_evaluate(context, toy.sae, NULL, NULL, rows, &in, &out), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_evaluate(context, toy.sae, NULL, NULL, wide, NULL, &out), ATOMS_E_SHAPE);
    ck_assert_detail(context, "rows: rows of 4 columns, the sae takes 3");
    ck_assert_status(atoms_evaluate(context, toy.sae, NULL, wide, rows, &in, &out), ATOMS_E_SHAPE);
    ck_assert_detail(context, "train:");
    ck_assert_status(atoms_evaluate(context, toy.sae, &with_metric, NULL, rows, NULL, &out), ATOMS_E_SHAPE);
    ck_assert_detail(context, "the metric has 4 dimensions");
    opts.features_steps = -1;
    ck_assert_status(atoms_evaluate_control(context, ATOMS_CONTROL_FEATURES, toy.sae, &opts, NULL, rows, NULL, &out), ATOMS_E_ARGUMENT);
    ck_assert_detail(context, "features_steps is less than 0");
    opts.features_steps = 0;
    opts.features_batch = -1;
    ck_assert_status(atoms_evaluate_control(context, ATOMS_CONTROL_FEATURES, toy.sae, &opts, NULL, rows, NULL, &out), ATOMS_E_ARGUMENT);
    ck_assert_detail(context, "features_batch is less than 0");
    opts.reserved = 1;
    ck_assert_status(atoms_evaluate(context, toy.sae, &opts, NULL, rows, NULL, &out), ATOMS_E_ARGUMENT);
    ck_assert_detail(context, "opts.reserved is not 0");
    opts.struct_size = 0;
    ck_assert_status(atoms_evaluate(context, toy.sae, &opts, NULL, rows, NULL, &out), ATOMS_E_ARGUMENT);
    ck_assert_detail(context, "atoms_evaluate_opts_init");
    in.struct_size = 0;
    ck_assert_status(atoms_evaluate(context, toy.sae, NULL, rows, rows, &in, &out), ATOMS_E_ARGUMENT);
    ck_assert_detail(context, "in_sample: struct_size");
    xf[1100 * D + 2] = NAN;
    ck_assert_ok(atoms_rows_from_callback(context, N, D, callback_rows, xf, &broken));
    ck_assert_status(atoms_evaluate(context, toy.sae, NULL, NULL, broken, NULL, &out), ATOMS_E_NOT_FINITE);
    ck_assert_detail(context, "row 1100 column 2 is NaN");
    ck_assert_mem_eq(&out, &before, sizeof out);
    free(x), free(xf);
    atoms_metric_destroy(metric);
    atoms_rows_destroy(rows);
    atoms_rows_destroy(wide);
    atoms_rows_destroy(broken);
    toy_sae_free(&toy);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

START_TEST(an_older_callers_struct_is_not_overrun)
{
    enum { N = 20, D = 3 };
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    toy_sae toy = toy_sae_make(context, D, 4, .5, 60);
    double *x = some_rows(N, D, 5);
    float *xf = narrowed(x, N * D);
    atoms_rows *rows = rows_of(context, xf, N, D);
    atoms_figures whole = new_figures(), part;
    memset(&part, 0x77, sizeof part);
    ck_assert_ok(atoms_figures_init(&part, offsetof(atoms_figures, aip_r2)));
    ck_assert_ok(atoms_evaluate(context, toy.sae, NULL, NULL, rows, NULL, &whole));
    ck_assert_ok(atoms_evaluate(context, toy.sae, NULL, NULL, rows, NULL, &part));
    ck_assert(part.rows == N && part.r2 == whole.r2);
    for (size_t i = offsetof(atoms_figures, aip_r2); i < sizeof part; i++) ck_assert_int_eq(((unsigned char *)&part)[i], 0x77);
    free(x), free(xf);
    atoms_rows_destroy(rows);
    toy_sae_free(&toy);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

/* _i: 0 the SAE, else the control of that number. */
static atoms_status judge(atoms_context *context, int i, const toy_sae *toy, const atoms_metric *metric, atoms_rows *train, atoms_rows *rows,
                          atoms_figures *in, atoms_figures *out)
{
    atoms_evaluate_opts opts = opts_with(metric, 7);
    opts.features_steps = 3;
    return i ? atoms_evaluate_control(context, i, toy->sae, &opts, train, rows, in, out)
             : atoms_evaluate(context, toy->sae, &opts, train, rows, in, out);
}

START_TEST(threads_leave_no_trace)
{
    enum { N = 1500, D = 6, M = 21 };
    double *x = some_rows(N, D, 6);
    float *xf = narrowed(x, N * D);
    atoms_figures first[2];
    for (int32_t threads = 1; threads <= 4; threads *= 2) {
        counting_memory memory = {0};
        atoms_context *context = counting_context(&memory, threads);
        toy_sae toy = toy_sae_make(context, D, M, 1.2, 40);
        atoms_metric *metric = metric_of_rows(context, xf, N, D);
        atoms_rows *train = rows_of(context, xf, 1000, D), *rows = rows_of(context, xf + 500 * D, 1000, D);
        atoms_figures got[2] = {new_figures(), new_figures()};
        ck_assert_ok(judge(context, _i, &toy, metric, train, rows, &got[0], &got[1]));
        if (threads == 1) memcpy(first, got, sizeof got);
        ck_assert_mem_eq(first, got, sizeof got);
        atoms_rows_destroy(train);
        atoms_rows_destroy(rows);
        atoms_metric_destroy(metric);
        toy_sae_free(&toy);
        atoms_context_destroy(context);
        ck_assert_int_eq(memory.held, 0);
    }
    free(x), free(xf);
}
END_TEST

static int32_t counted_rows(void *user, int64_t first, int64_t count, float *out)
{
    (void)user;
    for (int64_t i = 0; i < count * 3; i++) out[i] = (float)((first * 3 + i) % 17) - (float)(i % 3);
    return 0;
}

/* Rows that are streamed: thirty times as many take the same memory. */
START_TEST(memory_does_not_grow_with_rows)
{
    uint64_t peak[2];
    for (int large = 0; large < 2; large++) {
        counting_memory memory = {0};
        atoms_context *context = counting_context(&memory, 2);
        toy_sae toy = toy_sae_make(context, 3, 7, .5, 60);
        atoms_rows *rows;
        ck_assert_ok(atoms_rows_from_callback(context, large ? 300000 : 10000, 3, counted_rows, NULL, &rows));
        float first[150];
        ck_assert_int_eq(counted_rows(NULL, 0, 50, first), 0);
        atoms_metric *metric = metric_of_rows(context, first, 50, 3);
        for (int i = 0; i <= ATOMS_CONTROL_FEATURES; i++) {
            atoms_figures f = new_figures();
            ck_assert_ok(judge(context, i, &toy, metric, NULL, rows, NULL, &f));
        }
        atoms_memory_report report;
        ck_assert_ok(atoms_memory_report_init(&report, sizeof report));
        ck_assert_ok(atoms_context_memory(context, &report));
        peak[large] = report.peak;
        atoms_metric_destroy(metric);
        atoms_rows_destroy(rows);
        toy_sae_free(&toy);
        atoms_context_destroy(context);
        ck_assert_int_eq(memory.held, 0);
    }
    ck_assert_uint_eq(peak[0], peak[1]);
}
END_TEST

/* Each request for memory refused in turn: a clean status, nothing held, outputs untouched. */
START_TEST(refused_memory_leaves_nothing_behind)
{
    enum { N = 40, D = 4, M = 6 };
    double *x = some_rows(N, D, 6);
    float *xf = narrowed(x, N * D);
    int64_t refused = 0;
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 2);
    toy_sae toy = toy_sae_make(context, D, M, 1, 40);
    atoms_metric *metric = metric_of_rows(context, xf, N, D);
    atoms_rows *train = rows_of(context, xf, 30, D), *rows = rows_of(context, xf + 20 * D, 20, D);
    int64_t held = memory.held;
    for (int64_t k = 1;; k++) {
        atoms_figures in = new_figures(), out = new_figures(), before = out;
        memory.fail_at = memory.requests + k;
        atoms_status status = judge(context, _i, &toy, metric, train, rows, &in, &out);
        memory.fail_at = 0;
        ck_assert_int_eq(memory.held, held);
        if (status == ATOMS_OK) break;
        ck_assert_status(status, ATOMS_E_MEMORY);
        ck_assert_mem_eq(&in, &before, sizeof in);
        ck_assert_mem_eq(&out, &before, sizeof out);
        refused++;
    }
    ck_assert_int_ge(refused, 30);
    atoms_rows_destroy(train);
    atoms_rows_destroy(rows);
    atoms_metric_destroy(metric);
    toy_sae_free(&toy);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
    free(x), free(xf);
}
END_TEST

static void add_cases(Suite *suite)
{
    add_loop(suite, "dense loops", figures_are_the_dense_loops, 4);
    add_case(suite, "dense code", a_dense_code_is_still_judged);
    add_case(suite, "large mean", a_large_mean_costs_no_digits);
    add_case(suite, "nan", what_has_no_value_is_nan);
    add_case(suite, "bad input", bad_input_is_refused);
    add_case(suite, "older struct", an_older_callers_struct_is_not_overrun);
    add_loop(suite, "threads", threads_leave_no_trace, 6);
    add_case(suite, "streamed", memory_does_not_grow_with_rows);
    add_loop(suite, "memory", refused_memory_leaves_nothing_behind, 6);
    add_control_cases(suite);
}

SUITE_MAIN("evaluate", add_cases)
