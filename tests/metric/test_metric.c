/* Metrics: closed forms, the figures of NumPy and scikit-learn on the sample, the paper's invariance, what is refused. */
#include <math.h>

#include "../golden/metric_golden.h"
#include "metric/metric_internal.h"
#include "metric_support.h"

/* Rows ±√dim·s_i e_i: E[k kᵀ] = diag(s_i²), mean zero. _i: with γ or without; centred makes no difference. */
START_TEST(orthogonal_rows_have_a_closed_form)
{
    enum { DIM = 5 };
    static const double s[DIM] = {1, 2, 0.5, 3, 1.5};
    double rows[2 * DIM * DIM] = {0}, gamma = _i & 1 ? 0.25 : 0, trace = 0, entropy = 0;
    for (int i = 0; i < DIM; i++) {
        rows[2 * i * DIM + i] = sqrt(DIM) * s[i];
        rows[(2 * i + 1) * DIM + i] = -sqrt(DIM) * s[i];
        trace += s[i] * s[i] + gamma;
    }
    for (int i = 0; i < DIM; i++) entropy -= (s[i] * s[i] + gamma) / trace * log((s[i] * s[i] + gamma) / trace);
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    atoms_matrix m = atoms_matrix_f64(rows, 2 * DIM, DIM);
    atoms_metric_opts opts = metric_opts();
    opts.gamma = gamma;
    opts.centred = _i >> 1;
    atoms_metric *metric = metric_of(context, &m, &opts);
    atoms_metric_report r = describe(metric);
    ck_assert_int_eq(r.rows, 2 * DIM);
    ck_assert_int_eq(r.dim, DIM);
    ck_assert_int_eq(r.rank, DIM);
    ck_assert_int_eq(r.centred, opts.centred);
    ck_assert(r.gamma == gamma);
    ck_assert_near(r.largest, 9 + gamma, 1e-14);
    ck_assert_near(r.smallest, 0.25 + gamma, 1e-14);
    ck_assert_near(r.condition, (9 + gamma) / (0.25 + gamma), 1e-13);
    ck_assert_near(r.effective_rank, exp(entropy), 1e-13);
    static const double u[DIM] = {1, -1, 2, 0, 3}, v[DIM] = {2, 1, 1, 5, -1};
    double want = 0, value;
    for (int i = 0; i < DIM; i++) want += u[i] * v[i] / (s[i] * s[i] + gamma);
    ck_assert_ok(atoms_metric_inner(metric, u, v, &value));
    ck_assert_near(value, want, 1e-13);
    double uu = 0, vv = 0, cosine;
    static const double zero[DIM] = {0};
    for (int i = 0; i < DIM; i++) uu += u[i] * u[i] / (s[i] * s[i] + gamma), vv += v[i] * v[i] / (s[i] * s[i] + gamma);
    ck_assert_ok(atoms_metric_cosine(metric, u, v, &cosine));
    ck_assert_near(cosine, want / sqrt(uu * vv), 1e-13);
    ck_assert_ok(atoms_metric_cosine(metric, u, u, &cosine));
    ck_assert(cosine <= 1);
    ck_assert_near(cosine, 1, 1e-15);
    ck_assert_status(atoms_metric_cosine(metric, u, zero, &cosine), ATOMS_E_ARGUMENT);
    ck_assert_detail(context, "v is a vector of zeros");
    atoms_metric_destroy(metric);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

/* _i: centred. */
START_TEST(the_sample_gives_numpys_figures)
{
    const double *want = _i ? golden_figures_centred : golden_figures;
    unsigned char *bytes;
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    atoms_matrix rows = sample_rows("sample.train.npy", &bytes);
    atoms_moments *moments = moments_of(context, &rows);
    atoms_metric_opts opts = metric_opts();
    opts.centred = _i;
    atoms_metric *metric;
    ck_assert_ok(atoms_metric_from_moments(context, moments, &opts, &metric));
    atoms_metric_report r = describe(metric);
    ck_assert_int_eq(r.rank, SAMPLE_WIDTH);
    ck_assert_near(r.condition, want[0], 1e-9);
    ck_assert_near(r.effective_rank, want[1], 1e-9);
    ck_assert_near(r.largest, want[2], 1e-9);
    ck_assert_near(r.smallest, want[3], 1e-9);
    atoms_metric_destroy(metric);
    opts.gamma_rule = ATOMS_GAMMA_LEDOIT_WOLF;
    ck_assert_ok(atoms_metric_from_moments(context, moments, &opts, &metric));
    ck_assert_near(describe(metric).gamma, golden_gamma[_i], 1e-9);
    atoms_metric_destroy(metric);
    atoms_moments_destroy(moments);
    atoms_context_destroy(context);
    free(bytes);
}
END_TEST

/* 200 rows of 576 coordinates. _i: centred. */
START_TEST(rank_deficiency_is_named_and_mended)
{
    unsigned char *bytes;
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    atoms_matrix rows = sample_rows("sample.train.npy", &bytes);
    rows.rows = 200;
    atoms_moments *moments = moments_of(context, &rows);
    atoms_metric_opts opts = metric_opts();
    opts.centred = _i;
    atoms_metric *metric = (atoms_metric *)&opts;
    ck_assert_status(atoms_metric_from_moments(context, moments, &opts, &metric), ATOMS_E_RANK);
    ck_assert_ptr_null(metric);
    ck_assert_detail(context, _i ? "rank 199 of 576: use gamma > 0" : "rank 200 of 576: use gamma > 0");
    opts.gamma = 1e-14;
    ck_assert_status(atoms_metric_from_moments(context, moments, &opts, &metric), ATOMS_E_NUMERIC);
    ck_assert_detail(context, "gamma = 1e-14 is lost in rounding");
    opts.gamma = 0.5;
    ck_assert_ok(atoms_metric_from_moments(context, moments, &opts, &metric));
    atoms_metric_report r = describe(metric);
    ck_assert_int_eq(r.rank, 200 - _i);
    ck_assert(r.gamma == 0.5);
    ck_assert_near(r.smallest, 0.5, 1e-9);
    atoms_metric_destroy(metric);
    opts.gamma = 0;
    opts.gamma_rule = ATOMS_GAMMA_LEDOIT_WOLF;
    ck_assert_ok(atoms_metric_from_moments(context, moments, &opts, &metric));
    ck_assert_near(describe(metric).gamma, golden_gamma_200[_i], 1e-9);
    atoms_metric_destroy(metric);
    atoms_moments_destroy(moments);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
    free(bytes);
}
END_TEST

/* What has no variance has no rank either, however far from zero it lies. _i: how far, so that rounding errs in both directions. */
START_TEST(a_constant_column_is_found_when_centred)
{
    enum { ROWS = 50, DIM = 4 };
    double *x = normal_numbers(ROWS * DIM, 8);
    for (int r = 0; r < ROWS; r++) x[r * DIM + 2] = 1e4 / (3 + _i);
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    atoms_matrix m = atoms_matrix_f64(x, ROWS, DIM);
    atoms_moments *moments = moments_of(context, &m);
    atoms_metric_opts opts = metric_opts();
    opts.centred = 1;
    atoms_metric *metric;
    ck_assert_status(atoms_metric_from_moments(context, moments, &opts, &metric), ATOMS_E_RANK);
    ck_assert_detail(context, "rank 3 of 4");
    ck_assert_ptr_null(metric);
    atoms_moments_destroy(moments);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
    free(x);
}
END_TEST

/* Shrinkage at its two ends: nothing to shrink, and nothing but noise. */
START_TEST(ledoit_wolf_at_its_ends)
{
    static const double axes[] = {2, 0, 0, 2}, opposite[] = {1, 0, 0, 1.0001};
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    atoms_metric_opts opts = metric_opts();
    opts.gamma_rule = ATOMS_GAMMA_LEDOIT_WOLF;
    atoms_matrix m = atoms_matrix_f64(axes, 2, 2);
    atoms_metric *metric = metric_of(context, &m, &opts);
    ck_assert(describe(metric).gamma == 0 && describe(metric).condition == 1);
    atoms_metric_destroy(metric);
    m = atoms_matrix_f64(opposite, 2, 2);
    metric = metric_of(context, &m, &opts);
    ck_assert(isfinite(describe(metric).gamma) && describe(metric).gamma > 1e15);
    ck_assert_near(describe(metric).condition, 1, 1e-14);
    atoms_metric_destroy(metric);
    atoms_context_destroy(context);
}
END_TEST

/* The point of the paper: with data k' = A k the cosines of u' = A u and v' = A v are those of u and v. */
START_TEST(cosines_survive_an_invertible_map)
{
    enum { ROWS = 400, DIM = 12 };
    double *x = correlated_rows(ROWS, DIM, 10), *a = normal_numbers(DIM * DIM, 11), *y = malloc(ROWS * DIM * sizeof *y);
    for (int i = 0; i < ROWS; i++)
        for (int j = 0; j < DIM; j++) {
            y[i * DIM + j] = 2 * x[i * DIM + j];
            for (int p = 0; p < DIM; p++) y[i * DIM + j] += x[i * DIM + p] * a[p * DIM + j];
        }
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    atoms_matrix mx = atoms_matrix_f64(x, ROWS, DIM), my = atoms_matrix_f64(y, ROWS, DIM);
    atoms_metric *of_x = metric_of(context, &mx, NULL), *of_y = metric_of(context, &my, NULL);
    double *norms_x = malloc(ROWS * sizeof *norms_x), *norms_y = malloc(ROWS * sizeof *norms_y), euclidean = 0;
    ck_assert_ok(atoms_metric_norms(of_x, &mx, norms_x));
    ck_assert_ok(atoms_metric_norms(of_y, &my, norms_y));
    for (int i = 1; i < ROWS; i++) {
        double in_x, in_y, dot = 0, dot_y = 0, u = 0, v = 0, u_y = 0, v_y = 0;
        const double *p = x + (i - 1) * DIM, *q = x + i * DIM, *py = y + (i - 1) * DIM, *qy = y + i * DIM;
        ck_assert_ok(atoms_metric_inner(of_x, p, q, &in_x));
        ck_assert_ok(atoms_metric_inner(of_y, py, qy, &in_y));
        ck_assert(near(in_x / (norms_x[i - 1] * norms_x[i]), in_y / (norms_y[i - 1] * norms_y[i]), 1e-10, 1));
        for (int c = 0; c < DIM; c++) {
            dot += p[c] * q[c], u += p[c] * p[c], v += q[c] * q[c];
            dot_y += py[c] * qy[c], u_y += py[c] * py[c], v_y += qy[c] * qy[c];
        }
        euclidean = fmax(euclidean, fabs(dot / sqrt(u * v) - dot_y / sqrt(u_y * v_y)));
    }
    ck_assert_double_gt(euclidean, 0.1); /* which the Euclidean ones do not */
    atoms_metric_destroy(of_x);
    atoms_metric_destroy(of_y);
    atoms_context_destroy(context);
    free(x); free(y); free(a); free(norms_x); free(norms_y);
}
END_TEST

/* S (Σ d dᵀ + γ I) x = x. _i: with γ, from fewer atoms than coordinates. */
START_TEST(a_dictionary_is_its_own_moments)
{
    enum { DIM = 9 };
    int atoms = _i ? 5 : 30;
    double *d = normal_numbers(atoms * DIM, 12), x[DIM], cx[DIM], back[DIM];
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    atoms_matrix m = atoms_matrix_f64(d, atoms, DIM);
    atoms_metric_opts opts = metric_opts();
    atoms_metric *metric;
    if (_i) {
        ck_assert_status(atoms_metric_from_dictionary(context, &m, NULL, &metric), ATOMS_E_RANK);
        ck_assert_detail(context, "rank 5 of 9");
        opts.gamma = 0.125;
    }
    ck_assert_ok(atoms_metric_from_dictionary(context, &m, &opts, &metric));
    ck_assert_int_eq(describe(metric).rows, atoms);
    for (int i = 0; i < DIM; i++) x[i] = i - 3.5;
    for (int i = 0; i < DIM; i++) {
        cx[i] = opts.gamma * x[i];
        for (int a = 0; a < atoms; a++)
            for (int j = 0; j < DIM; j++) cx[i] += d[a * DIM + i] * d[a * DIM + j] * x[j];
    }
    atoms_matrix from = atoms_matrix_f64(cx, 1, DIM), to = atoms_matrix_f64(back, 1, DIM);
    ck_assert_ok(atoms_metric_apply(metric, &from, &to));
    ck_assert_double_lt(relative_difference_f64(back, x, DIM), 1e-10);
    atoms_metric_destroy(metric);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
    free(d);
}
END_TEST

START_TEST(bad_input_is_refused)
{
    enum { ROWS = 40, DIM = 4 };
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    double *x = normal_numbers(ROWS * DIM, 13), value = 7, u[DIM] = {1, 2, 3, 4}, bad[DIM] = {1, NAN, 3, 4};
    atoms_matrix m = atoms_matrix_f64(x, ROWS, DIM), none = atoms_matrix_f64(x, 0, DIM);
    atoms_moments *moments = moments_of(context, &m), *empty;
    ck_assert_ok(atoms_moments_create(context, DIM, &empty));
    atoms_metric *metric;
    struct { double gamma; int32_t centred, rule, reserved; const char *detail; } cases[] = {
        {-1, 0, 0, 0, "opts.gamma is negative"}, {NAN, 0, 0, 0, "opts.gamma is negative or not finite"}, {INFINITY, 0, 0, 0, "not finite"},
        {0, 2, 0, 0, "opts.centred is 2"},       {0, 0, 2, 0, "opts.gamma_rule is 2"},                   {0, 0, 0, 1, "reserved"},
        {1, 0, 1, 0, "leave it 0"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        atoms_metric_opts opts = metric_opts();
        opts.gamma = cases[i].gamma, opts.centred = cases[i].centred, opts.gamma_rule = cases[i].rule, opts.reserved = cases[i].reserved;
        ck_assert_status(atoms_metric_from_moments(context, moments, &opts, &metric), ATOMS_E_ARGUMENT);
        ck_assert_ptr_null(metric);
        ck_assert_detail(context, cases[i].detail);
        ck_assert_status(atoms_metric_from_dictionary(context, &m, &opts, &metric), ATOMS_E_ARGUMENT);
    }
    atoms_metric_opts opts = metric_opts();
    opts.centred = 1;
    ck_assert_status(atoms_metric_from_dictionary(context, &m, &opts, &metric), ATOMS_E_ARGUMENT);
    ck_assert_detail(context, "neither centred nor shrunk");
    ck_assert_status(atoms_metric_from_moments(context, empty, NULL, &metric), ATOMS_E_STATE);
    ck_assert_status(atoms_metric_from_moments(context, NULL, NULL, &metric), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_metric_from_moments(NULL, moments, NULL, &metric), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_metric_from_moments(context, moments, NULL, NULL), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_metric_from_dictionary(context, &none, NULL, &metric), ATOMS_E_SHAPE);
    ck_assert_detail(context, "no rows");
    ck_assert_status(atoms_metric_from_dictionary(context, NULL, NULL, &metric), ATOMS_E_ARGUMENT);
    ck_assert_ok(atoms_metric_from_moments(context, moments, NULL, &metric));
    ck_assert_status(atoms_metric_inner(metric, u, bad, &value), ATOMS_E_NOT_FINITE);
    ck_assert_detail(context, "v: row 0 column 1 is NaN");
    ck_assert_status(atoms_metric_inner(metric, u, NULL, &value), ATOMS_E_ARGUMENT);
    ck_assert_detail(context, "v is NULL");
    ck_assert_status(atoms_metric_inner(metric, u, u, NULL), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_metric_inner(NULL, u, u, &value), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_metric_cosine(NULL, u, u, &value), ATOMS_E_ARGUMENT);
    ck_assert(value == 7);
    ck_assert_status(atoms_metric_describe(metric, NULL), ATOMS_E_ARGUMENT);
    ck_assert_int_eq(atoms_metric_dim(metric), DIM);
    ck_assert_int_eq(atoms_metric_dim(NULL), 0);
    x[13] = INFINITY;
    atoms_metric *second;
    ck_assert_status(atoms_metric_from_dictionary(context, &m, NULL, &second), ATOMS_E_NOT_FINITE);
    ck_assert_detail(context, "atoms_by_row: row 3 column 1 is infinite");
    atoms_metric_destroy(metric);
    atoms_metric_destroy(NULL);
    atoms_moments_destroy(moments);
    atoms_moments_destroy(empty);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
    free(x);
}
END_TEST

/* All that a metric is good for, as far as it comes. */
static atoms_status whole_life(atoms_context *context, const atoms_matrix *rows, int32_t rule)
{
    atoms_moments *moments = NULL;
    atoms_metric *metric = NULL, *of_dictionary = NULL;
    atoms_metric_opts opts = metric_opts();
    opts.gamma_rule = rule;
    opts.centred = 1;
    double *out = malloc((size_t)(rows->rows * rows->cols) * sizeof *out), value;
    atoms_matrix to = atoms_matrix_f64(out, rows->rows, rows->cols);
    atoms_status status = atoms_moments_create(context, rows->cols, &moments);
    if (!status) status = atoms_moments_add(moments, rows);
    if (!status) status = atoms_metric_from_moments(context, moments, &opts, &metric);
    if (!status) status = atoms_metric_from_dictionary(context, rows, NULL, &of_dictionary);
    if (!status) status = atoms_metric_whiten(metric, ATOMS_WHITEN_SYMMETRIC, rows, &to);
    if (!status) status = atoms_metric_apply(metric, rows, &to);
    if (!status) status = atoms_metric_norms(metric, rows, out);
    if (!status) status = atoms_metric_inner(metric, rows->data, rows->data, &value);
    atoms_metric_destroy(of_dictionary);
    atoms_metric_destroy(metric);
    atoms_moments_destroy(moments);
    free(out);
    return status;
}

/* Every request for memory refused in turn: MEMORY each time, nothing lost. */
START_TEST(any_allocation_may_fail)
{
    enum { ROWS = 600, DIM = 6 };
    double *x = normal_numbers(ROWS * DIM, 14);
    atoms_matrix rows = atoms_matrix_f64(x, ROWS, DIM);
    int failed = 0;
    for (int64_t at = 1;; at++) {
        counting_memory memory = {0};
        atoms_context *context = counting_context(&memory, 1);
        memory.fail_at = memory.requests + at;
        atoms_status status = whole_life(context, &rows, ATOMS_GAMMA_LEDOIT_WOLF);
        int64_t failures = memory.failures;
        atoms_context_destroy(context);
        ck_assert_int_eq(memory.held, 0);
        if (!failures) {
            ck_assert_ok(status);
            break;
        }
        ck_assert_status(status, ATOMS_E_MEMORY);
        failed++;
    }
    ck_assert_int_ge(failed, 20);
    free(x);
}
END_TEST

void add_metric_cases(Suite *suite)
{
    add_loop(suite, "orthogonal rows", orthogonal_rows_have_a_closed_form, 4);
    add_loop(suite, "sample figures", the_sample_gives_numpys_figures, 2);
    add_loop(suite, "rank", rank_deficiency_is_named_and_mended, 2);
    add_loop(suite, "constant column", a_constant_column_is_found_when_centred, 20);
    add_case(suite, "shrinkage ends", ledoit_wolf_at_its_ends);
    add_case(suite, "invariance", cosines_survive_an_invertible_map);
    add_loop(suite, "dictionary", a_dictionary_is_its_own_moments, 2);
    add_case(suite, "bad input", bad_input_is_refused);
    add_case(suite, "allocations", any_allocation_may_fail);
}
