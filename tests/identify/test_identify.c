/* The theorem at work: inside its condition the encoder's support is exact on every sample and least squares give the coefficients back; just outside, a
 * counter-example. Figures by hand; threads. */
#include <atoms/atoms.h>
#include <math.h>

#include "counting_memory.h"
#include "identify_worlds.h"
#include "suite.h"

/* Encodes, compares every support, and fits the values; returns the rows whose support is exact. `worst` is the largest error of a value. */
static int64_t exact_rows(atoms_context *context, const atoms_dictionary *d, const atoms_identify_model *model, int64_t n, double tau, double *worst)
{
    int64_t dim = atoms_dictionary_dim(d), width = atoms_dictionary_atoms(d), exact = 0, dependent = -1;
    float *x = malloc((size_t)(n * dim) * sizeof *x);
    atoms_matrix m = atoms_matrix_f32(x, n, dim);
    atoms_codes *truth = empty_codes(context, width), *found = empty_codes(context, width), *fitted = empty_codes(context, width);
    atoms_rows *rows;
    atoms_sae *sae;
    ck_assert_ok(atoms_identify_samples(d, model, &m, truth));
    ck_assert_ok(atoms_rows_from_matrix(context, &m, &rows));
    ck_assert_ok(atoms_identify_sae(d, tau, &sae));
    ck_assert_ok(atoms_sae_encode_rows(sae, rows, found));
    ck_assert_ok(atoms_identify_values(d, rows, found, fitted, &dependent));
    atoms_codes_view t = look(truth), f = look(found), v = look(fitted);
    ck_assert(t.rows == n && f.rows == n && v.rows == n && t.nnz == n * model->k && dependent == 0);
    for (int64_t r = 0; r < n; r++) {
        int64_t k = t.offset[r + 1] - t.offset[r];
        int same = k == f.offset[r + 1] - f.offset[r] && memcmp(t.index + t.offset[r], f.index + f.offset[r], (size_t)k * sizeof *t.index) == 0;
        exact += same;
        for (int64_t e = 0; e < k && same; e++)
            *worst = fmax(*worst, fabs((double)v.value[v.offset[r] + e] / (double)t.value[t.offset[r] + e] - 1));
    }
    atoms_sae_destroy(sae);
    atoms_rows_destroy(rows);
    atoms_codes_destroy(truth);
    atoms_codes_destroy(found);
    atoms_codes_destroy(fitted);
    free(x);
    return exact;
}

static double epsilon_of(const atoms_dictionary *d)
{
    atoms_coherence_report r;
    ck_assert_ok(atoms_coherence_report_init(&r, sizeof r));
    ck_assert_ok(atoms_dictionary_coherence(d, NULL, &r));
    return r.mu;
}

/* _i: [I, Hadamard] with K = 3, where the bounds are attained; random atoms in a metric with K = 1 and 2. 10⁵ samples each. */
START_TEST(inside_the_condition_every_support_is_exact)
{
    enum { N = 100000 };
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 2);
    atoms_dictionary *d = _i ? random_world(context, 96, 200, 5) : hadamard_world(context, 64);
    int64_t k = _i ? _i : 3;
    double epsilon = epsilon_of(d), top = 1 / (epsilon * (double)(2 * k - 1)), worst = 0;
    ck_assert_double_gt(top, 1); /* the condition can be met: δ_max/δ_min < top */
    atoms_identify_model model = model_of(k, 1, 1 + .9 * (top - 1), 11);
    double low = epsilon * (double)k * model.delta_max, high = 1 - epsilon * (double)(k - 1) * model.delta_max;
    ck_assert_double_lt(low, high);
    ck_assert_int_eq(exact_rows(context, d, &model, N, (low + high) / 2, &worst), N);
    ck_assert_double_lt(worst, 1e-5); /* x was rounded to f32 */
    atoms_counterexample_report c;
    ck_assert_ok(atoms_counterexample_report_init(&c, sizeof c));
    ck_assert_ok(atoms_identify_counterexample(d, &model, NULL, &c));
    ck_assert(!c.exists && c.atoms_without == 0);
    ck_assert(c.silent_score <= low * (1 + 1e-12) && c.active_score >= high * (1 - 1e-12));
    atoms_dictionary_destroy(d);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

/* [I, Hadamard]: just inside the condition there is no counter-example, at its edge and outside there is one, which no common threshold reads. */
START_TEST(just_outside_there_is_a_counterexample)
{
    enum { H = 64, K = 3 };
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    atoms_dictionary *d = hadamard_world(context, H);
    const double edge = (2 * K - 1) / 8.; /* ε (2K − 1) δ_max */
    for (int side = -1; side <= 1; side++) {
        atoms_identify_model model = model_of(K, edge + side * 0x1p-20, 1, 0);
        atoms_codes *codes = empty_codes(context, 2 * H);
        atoms_counterexample_report c;
        ck_assert_ok(atoms_counterexample_report_init(&c, sizeof c));
        ck_assert_ok(atoms_identify_counterexample(d, &model, codes, &c));
        ck_assert(c.silent_score == K / 8. && c.active_score == model.delta_min - (K - 1) / 8.);
        ck_assert(c.exists == (side <= 0) && c.atoms_without == (side <= 0 ? 2 * H - 2 : 0)); /* e₁ and Hadamard's first: all their cosines are positive */
        atoms_codes_view v = look(codes);
        ck_assert(v.rows == 2 && v.offset[1] == K && v.nnz == 2 * K);
        /* Scores from the codes, by the definition. */
        double x[2][H] = {{0}};
        for (int r = 0; r < 2; r++)
            for (int64_t e = v.offset[r]; e < v.offset[r + 1]; e++)
                for (int j = 0; j < H; j++) {
                    int64_t a = v.index[e];
                    double atom = a < H ? (a == j) * (double)(1 << a % 3) : __builtin_parity((unsigned)((a - H) & j)) ? -1 : 1;
                    x[r][j] += (double)v.value[e] * atom;
                }
        double scores[2];
        const int64_t who[] = {c.silent, c.active};
        for (int r = 0; r < 2; r++) {
            scores[r] = 0;
            for (int j = 0; j < H; j++)
                scores[r] += x[r][j] * (who[r] < H ? (who[r] == j) : (__builtin_parity((unsigned)((who[r] - H) & j)) ? -1 : 1) / 8.);
        }
        ck_assert_near(scores[0], c.silent_score, 1e-6);
        ck_assert_near(scores[1], c.active_score, 1e-6);
        int active = 0, silent = 1;
        for (int64_t e = 0; e < K; e++) silent &= v.index[e] != c.silent, active |= v.index[K + e] == c.active;
        ck_assert(active && silent);
        atoms_codes_destroy(codes);
    }
    atoms_dictionary_destroy(d);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

/* By hand: four atoms of lengths 1, 2, 1, 4 in the plane-and-a-half; cosines 0, .6, 0, .8, 0, 0. */
START_TEST(figures_are_those_of_the_theorem)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    const double d[] = {1, 0, 0, 0, 2, 0, .6, .8, 0, 0, 0, 4};
    atoms_matrix m = atoms_matrix_f64(d, 4, 3);
    atoms_dictionary *dictionary;
    ck_assert_ok(atoms_dictionary_create(context, &m, NULL, &dictionary));
    const int64_t offset[] = {0, 2, 2, 3};
    const int32_t index[] = {0, 2, 3};
    const float value[] = {3, 2, .5f}; /* δ: 3, 2, 2 */
    atoms_codes_view view = {.rows = 3, .width = 4, .nnz = 3, .offset = offset, .index = index, .value = value};
    atoms_codes *codes = empty_codes(context, 4);
    ck_assert_ok(atoms_codes_append(codes, &view));
    atoms_identify_report r = figures_of(dictionary, codes, NULL, NULL);
    ck_assert(r.atoms == 3 && r.k == 2 && r.atoms_inside == -1 && !r.feasible);
    ck_assert_near(r.epsilon, .6, 1e-15);
    ck_assert_near(r.epsilon_all, .8, 1e-15);
    ck_assert(r.delta_min == 2 && r.delta_max == 3);
    ck_assert_near(r.low, 3.6, 1e-15);
    ck_assert_near(r.high, .2, 1e-13);
    ck_assert(r.q_star == 2 / 3.); /* K ≤ 1 for two of three samples; 2 of 3 pairs are below 1/3 */
    atoms_codes_clear(codes) ? abort() : (void)0;
    const int32_t others[] = {0, 3, 3}; /* atoms 0 and 3 are orthogonal: 0 < τ < 2 */
    view.index = others;
    ck_assert_ok(atoms_codes_append(codes, &view));
    const float threshold[] = {1.5f, 1, 1, .5f}; /* τ: 1.5, 2, 1, 2 */
    uint8_t inside[4];
    r = figures_of(dictionary, codes, threshold, inside);
    ck_assert(r.atoms == 2 && r.epsilon == 0 && r.feasible && r.low == 0 && r.high == 2 && r.delta_max == 8 && r.atoms_inside == 1);
    ck_assert(inside[0] == 1 && !inside[1] && !inside[2] && !inside[3]); /* not strictly below 2 */
    atoms_codes_clear(codes) ? abort() : (void)0;
    const float negative[] = {3, -2, .5f};
    view.value = negative;
    ck_assert_ok(atoms_codes_append(codes, &view));
    r = figures_of(dictionary, codes, threshold, inside);
    ck_assert(!r.feasible && r.delta_min == -8 && r.atoms_inside == 0 && !inside[0]);
    atoms_codes_destroy(codes);
    atoms_dictionary_destroy(dictionary);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

/* Samples, values and counter-examples for 1, 2 and 4 threads; a row does not depend on how many there are. */
START_TEST(threads_leave_no_trace)
{
    enum { H = 24, M = 80, N = 300 };
    static float first[N * H], x[N * H];
    float values[N * 3], fewer[H];
    atoms_counterexample_report first_report = {0}, c;
    for (int32_t threads = 1; threads <= 4; threads *= 2) {
        counting_memory memory = {0};
        atoms_context *context = counting_context(&memory, threads);
        atoms_dictionary *d = random_world(context, M, H, 3);
        atoms_identify_model model = model_of(3, .5, 2, 9);
        atoms_matrix m = atoms_matrix_f32(x, N, H), one = atoms_matrix_f32(fewer, 1, H);
        atoms_codes *codes = empty_codes(context, M), *out = empty_codes(context, M);
        atoms_rows *rows;
        ck_assert_ok(atoms_identify_samples(d, &model, &m, codes));
        ck_assert_ok(atoms_identify_samples(d, &model, &one, NULL));
        ck_assert_mem_eq(fewer, x, sizeof fewer);
        ck_assert_ok(atoms_rows_from_matrix(context, &m, &rows));
        ck_assert_ok(atoms_identify_values(d, rows, codes, out, NULL));
        ck_assert_ok(atoms_counterexample_report_init(&c, sizeof c));
        ck_assert_ok(atoms_identify_counterexample(d, &model, NULL, &c));
        if (threads == 1) {
            memcpy(first, x, sizeof first);
            memcpy(values, look(out).value, sizeof values);
            first_report = c;
        }
        ck_assert_mem_eq(first, x, sizeof first);
        ck_assert_mem_eq(values, look(out).value, sizeof values);
        ck_assert_mem_eq(&first_report, &c, sizeof c);
        atoms_codes_destroy(codes);
        atoms_codes_destroy(out);
        atoms_rows_destroy(rows);
        atoms_dictionary_destroy(d);
        atoms_context_destroy(context);
        ck_assert_int_eq(memory.held, 0);
    }
}
END_TEST

static void add_cases(Suite *suite)
{
    add_loop(suite, "inside the condition", inside_the_condition_every_support_is_exact, 3);
    add_case(suite, "just outside", just_outside_there_is_a_counterexample);
    add_case(suite, "figures", figures_are_those_of_the_theorem);
    add_identify_values(suite);
    add_case(suite, "threads", threads_leave_no_trace);
    add_identify_refusals(suite);
}

SUITE_MAIN("identify", add_cases)
