/* Constants of given codes, null-space bounds, and what all of it proves: closed forms, exact null vectors, linear programs, plain loops. */
#include <math.h>
#include <stdbool.h>

#include "../golden/rip.inc"
#include "base/random.h"
#include "counting_memory.h"
#include "rip_support.h"
#include "suite.h"

static atoms_null_space_report null_space_of(const atoms_dictionary *dictionary, int32_t iterations)
{
    atoms_null_space_opts o;
    atoms_null_space_report r;
    ck_assert_ok(atoms_null_space_opts_init(&o, sizeof o));
    ck_assert_ok(atoms_null_space_report_init(&r, sizeof r));
    o.iterations = iterations;
    o.seconds = 0;
    ck_assert_ok(atoms_rip_null_space(dictionary, &o, &r));
    ck_assert_int_eq(r.iterations, iterations);
    return r;
}

static atoms_guarantees_report guarantees_of(const atoms_dictionary *dictionary, int64_t order, const atoms_null_space_report *null_space)
{
    atoms_rip_opts o = rip_options();
    atoms_guarantees_report r;
    ck_assert_ok(atoms_guarantees_report_init(&r, sizeof r));
    o.each_sign = 1;
    atoms_rip *rip;
    ck_assert_ok(atoms_rip_create(dictionary, &order, 1, &o, &rip));
    ck_assert_ok(atoms_rip_guarantees(rip, null_space, &r));
    atoms_rip_destroy(rip);
    return r;
}

START_TEST(independent_atoms_have_no_null_space)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    double identity[49] = {0}, *d = normal_rows(31, 5, 9);
    for (int i = 0; i < 7; i++) identity[i * 8] = 2;
    atoms_dictionary *orthonormal = dictionary_from(context, identity, 7, 7), *few = dictionary_from(context, d, 5, 9);
    atoms_null_space_report n = null_space_of(orthonormal, 100), m = null_space_of(few, 200);
    ck_assert(n.alpha[0] < 1e-6 && n.recovers == 7 && n.alpha[63] < 1e-5);
    ck_assert(m.alpha[0] < 1e-3 && m.recovers == 5);
    atoms_guarantees_report g = guarantees_of(orthonormal, 4, &n);
    ck_assert(g.atoms == 7 && g.spark == 8 && g.unique == 7 && g.l1 == 7 && g.omp == 7 && g.unique_proof == ATOMS_PROOF_COHERENCE && g.coherence == 7);
    g = guarantees_of(few, 5, &m);
    ck_assert(g.spark == 6 && g.spark_proof == ATOMS_PROOF_ISOMETRY && g.unique == 5 && g.l1 == 5 && g.l1_proof == ATOMS_PROOF_NULL_SPACE);
    atoms_dictionary_destroy(orthonormal);
    atoms_dictionary_destroy(few);
    free(d);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

/* Null vectors of the simplex are constant: α_K = K/M, spark M; of a duplicate: α_1 = 1/2, spark 2. */
START_TEST(simplex_and_duplicate_have_their_closed_forms)
{
    enum { M = 9 };
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    double d[M * M], *twice = normal_rows(32, 12, 6);
    for (int64_t i = 0; i < M * M; i++) d[i] = (i % (M + 1) == 0) - 1.0 / M;
    for (int j = 0; j < 6; j++) twice[7 * 6 + j] = -3 * twice[2 * 6 + j];
    atoms_dictionary *simplex = dictionary_from(context, d, M, M), *duplicate = dictionary_from(context, twice, 12, 6);
    atoms_null_space_report n = null_space_of(simplex, 300);
    for (int k = 1; k < M; k++) ck_assert(n.alpha[k - 1] >= (double)k / M && n.alpha[k - 1] < (double)k / M * 1.001);
    ck_assert_int_eq(n.recovers, 4); /* 4/9 < 1/2 < 5/9 */
    atoms_guarantees_report g = guarantees_of(simplex, 8, &n);
    ck_assert(g.spark == M && g.spark_proof == ATOMS_PROOF_COHERENCE && g.coherence == 4 && g.babel == 4 && g.null_space == 4);
    ck_assert(g.unique == 4 && g.l1 == 4 && g.omp == 4 && g.l1_proof == ATOMS_PROOF_COHERENCE && g.unique_proof == ATOMS_PROOF_COHERENCE);
    ck_assert_near(g.mu, 1.0 / (M - 1), 1e-12);
    n = null_space_of(duplicate, 300);
    ck_assert(n.alpha[0] >= .5 && n.alpha[0] < .5 + 1e-12 && n.recovers == 0);
    g = guarantees_of(duplicate, 4, &n);
    ck_assert(g.spark == 2 && g.unique == 0 && g.l1 == 0 && g.omp == 0 && g.unique_proof == ATOMS_PROOF_NONE);
    atoms_dictionary_destroy(simplex);
    atoms_dictionary_destroy(duplicate);
    free(twice);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

/* [I, Hadamard/4]: μ = 1/4, μ₁(K) = K/4, δ_K = √(⌊K/2⌋⌈K/2⌉)/4, spark 8. */
START_TEST(identity_beside_hadamard_is_judged_as_by_hand)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    double *d = identity_and_hadamard(16);
    atoms_dictionary *dictionary = dictionary_from(context, d, 32, 16);
    atoms_guarantees_report g = guarantees_of(dictionary, 2, NULL);
    ck_assert(g.coherence == 2 && g.babel == 2 && g.spark == 5 && g.spark_proof == ATOMS_PROOF_COHERENCE && g.isometry_l1 == 2 && g.isometry_omp == 1);
    ck_assert(g.unique == 2 && g.l1 == 2 && g.omp == 2 && g.null_space == 0);
    g = guarantees_of(dictionary, 6, NULL);
    ck_assert(g.spark == 7 && g.spark_proof == ATOMS_PROOF_ISOMETRY); /* δ_6 = 3/4, and δ_7 is not asked for */
    ck_assert(g.isometry_l1 == 3 && g.isometry_omp == 2);             /* δ_5 = √6/4 < √(2/5); δ_3 < 1/√3, δ_4 = 1/√4 */
    ck_assert(g.unique == 3 && g.unique_proof == ATOMS_PROOF_ISOMETRY && g.l1 == 3 && g.l1_proof == ATOMS_PROOF_ISOMETRY);
    ck_assert(g.omp == 2 && g.omp_proof == ATOMS_PROOF_COHERENCE);
    atoms_dictionary_destroy(dictionary);
    free(d);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

/* The null vector of dim + 1 atoms of length 1, by elimination. */
static void null_vector(const double *rows, int64_t dim, double *x)
{
    enum { MOST = 9 };
    double a[MOST][MOST + 1];
    for (int64_t j = 0; j < dim; j++)
        for (int64_t i = 0; i <= dim; i++) {
            double squares = 0;
            for (int64_t k = 0; k < dim; k++) squares += rows[i * dim + k] * rows[i * dim + k];
            a[j][i] = rows[i * dim + j] / sqrt(squares);
        }
    for (int64_t p = 0; p < dim; p++) {
        int64_t best = p;
        for (int64_t i = p; i < dim; i++)
            if (fabs(a[i][p]) > fabs(a[best][p])) best = i;
        for (int64_t k = 0; k <= dim; k++) {
            double t = a[p][k];
            a[p][k] = a[best][k], a[best][k] = t;
        }
        for (int64_t i = 0; i < dim; i++)
            for (int64_t k = dim; i != p && k >= p; k--) a[i][k] -= a[i][p] * a[p][k] / a[p][p];
    }
    for (int64_t p = 0; p < dim; p++) x[p] = -a[p][dim] / a[p][p];
    x[dim] = 1;
}

/* One atom more than coordinates: α_K is the share of the K largest entries of the one null vector. */
START_TEST(bounds_hold_for_the_one_null_vector)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 2);
    int64_t compared = 0;
    for (uint64_t seed = 0; seed < 60; seed++) {
        int64_t dim = 2 + (int64_t)(seed % 6), n = dim + 1;
        double *d = normal_rows(100 + seed, n, dim), x[10], sum = 0, top = 0;
        atoms_dictionary *dictionary = dictionary_from(context, d, n, dim);
        null_vector(d, dim, x);
        for (int64_t i = 0; i < n; i++) sum += x[i] = fabs(x[i]);
        atoms_null_space_report none = null_space_of(dictionary, 0), many = null_space_of(dictionary, 400);
        for (int64_t k = 1; k <= n; k++) {
            int64_t largest = 0;
            for (int64_t i = 0; i < n; i++)
                if (x[i] > x[largest]) largest = i;
            top += x[largest] / sum;
            x[largest] = 0;
            ck_assert(top <= none.alpha[k - 1] + 1e-12 && top <= many.alpha[k - 1] + 1e-12 && many.alpha[k - 1] <= none.alpha[k - 1] + 1e-6);
            if (k == 1) ck_assert(many.alpha[0] < top * 1.05 + 0.01);
            compared++;
        }
        atoms_dictionary_destroy(dictionary);
        free(d);
    }
    ck_assert_int_ge(compared, 300);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

/* No time at all: what the starting points prove, and the report says that nothing was added. */
START_TEST(the_clock_is_owned_up_to)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    double *d = byte_sum_rows(GOLDEN_M, GOLDEN_H);
    atoms_dictionary *dictionary = dictionary_from(context, d, GOLDEN_M, GOLDEN_H);
    atoms_null_space_report none = null_space_of(dictionary, 0), cut;
    atoms_null_space_opts o;
    ck_assert_ok(atoms_null_space_opts_init(&o, sizeof o));
    ck_assert_ok(atoms_null_space_report_init(&cut, sizeof cut));
    o.seconds = 1e-9;
    ck_assert_ok(atoms_rip_null_space(dictionary, &o, &cut));
    ck_assert_mem_eq(&cut, &none, sizeof cut);
    atoms_dictionary_destroy(dictionary);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
    free(d);
}
END_TEST

START_TEST(linear_programs_agree)
{
    double *d = byte_sum_rows(GOLDEN_M, GOLDEN_H);
    atoms_null_space_report first, r;
    for (int32_t threads = 1; threads <= 4; threads *= 2) {
        counting_memory memory = {0};
        atoms_context *context = counting_context(&memory, threads);
        atoms_dictionary *dictionary = dictionary_from(context, d, GOLDEN_M, GOLDEN_H);
        r = null_space_of(dictionary, 1000);
        ck_assert(r.alpha[0] >= golden_alpha - 1e-12 && r.alpha[0] <= golden_alpha * 1.005);
        if (threads == 1) first = r;
        ck_assert_mem_eq(&r, &first, sizeof r);
        atoms_dictionary_destroy(dictionary);
        atoms_context_destroy(context);
        ck_assert_int_eq(memory.held, 0);
    }
    free(d);
}
END_TEST

/* 200 rows of 0 … 6 of 30 atoms, of which atom 9 is atom 4 again; row 77 uses both. */
static atoms_codes *random_codes(atoms_context *context)
{
    enum { ROWS = 200 };
    int64_t offset[ROWS + 1] = {0};
    int32_t index[ROWS * 30];
    float value[ROWS * 30];
    int64_t nnz = 0;
    for (int64_t r = 0; r < ROWS; r++) {
        for (int32_t i = 0; i < 30; i++) {
            bool uses = r == 77 ? i == 4 || i == 9 : i != 9 && base_random_uniform(5, BASE_STREAM_TEST, (uint64_t)(r * 30 + i)) < 0.1;
            if (!uses || nnz - offset[r] == 6) continue;
            index[nnz] = i;
            value[nnz++] = 1;
        }
        offset[r + 1] = nnz;
    }
    atoms_codes *codes;
    atoms_codes_view view = {.rows = ROWS, .width = 30, .nnz = nnz, .offset = offset, .index = index, .value = value};
    ck_assert_ok(atoms_codes_create(context, 30, &codes));
    ck_assert_ok(atoms_codes_append(codes, &view));
    return codes;
}

START_TEST(given_supports_are_judged_one_by_one)
{
    double *d = normal_rows(41, 30, 12);
    for (int j = 0; j < 12; j++) d[9 * 12 + j] = d[4 * 12 + j];
    atoms_supports_report first, r;
    for (int32_t threads = 1; threads <= 4; threads *= 2) {
        counting_memory memory = {0};
        atoms_context *context = counting_context(&memory, threads);
        atoms_dictionary *dictionary = dictionary_from(context, d, 30, 12);
        atoms_codes *codes = random_codes(context);
        atoms_codes_view view;
        ck_assert_ok(atoms_codes_look(codes, &view));
        ck_assert_ok(atoms_supports_report_init(&r, sizeof r));
        ck_assert_ok(atoms_rip_supports(dictionary, codes, &r));
        double plus = -1, minus = -1, plus_sum = 0, minus_sum = 0;
        int64_t rows = 0, most = 0, plus_row = -1, minus_row = -1;
        for (int64_t i = 0; i < view.rows; i++) {
            int64_t n = view.offset[i + 1] - view.offset[i];
            if (!n) continue;
            extremes e = n == 1 ? (extremes){0, 0} : extremes_of(d, 12, view.index + view.offset[i], n);
            rows++;
            if (n > most) most = n;
            plus_sum += e.plus, minus_sum += e.minus;
            if (e.plus > plus + 1e-12) plus = e.plus, plus_row = i;
            if (e.minus > minus + 1e-12) minus = e.minus, minus_row = i;
        }
        ck_assert(r.rows == rows && rows < 200 && r.most == most && r.dependent == 1 && r.plus_row == plus_row && r.minus_row == minus_row && minus_row == 77);
        ck_assert(plus <= r.plus && r.plus < plus + 1e-12 && minus <= r.minus + 1e-15 && r.minus <= 1);
        ck_assert_near(r.plus_mean, plus_sum / (double)rows, 1e-10);
        ck_assert_near(r.minus_mean, minus_sum / (double)rows, 1e-10);
        if (threads == 1) first = r;
        ck_assert_mem_eq(&r, &first, sizeof r);
        atoms_codes_destroy(codes);
        atoms_dictionary_destroy(dictionary);
        atoms_context_destroy(context);
        ck_assert_int_eq(memory.held, 0);
    }
    free(d);
}
END_TEST

START_TEST(bad_questions_are_refused)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    double *d = normal_rows(42, 30, 12);
    atoms_dictionary *dictionary = dictionary_from(context, d, 30, 12), *other = dictionary_from(context, d, 29, 12);
    atoms_codes *codes = random_codes(context), *empty;
    ck_assert_ok(atoms_codes_create(context, 30, &empty));
    atoms_supports_report s;
    atoms_null_space_report n, of_other = null_space_of(other, 1);
    atoms_guarantees_report g;
    atoms_null_space_opts o;
    ck_assert_ok(atoms_supports_report_init(&s, sizeof s));
    ck_assert_ok(atoms_null_space_report_init(&n, sizeof n));
    ck_assert_ok(atoms_guarantees_report_init(&g, sizeof g));
    atoms_supports_report s_before = s;
    atoms_null_space_report n_before = n;
    atoms_guarantees_report g_before = g;
    ck_assert_status(atoms_rip_supports(NULL, codes, &s), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_rip_supports(dictionary, NULL, &s), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_rip_supports(dictionary, codes, NULL), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_rip_supports(other, codes, &s), ATOMS_E_SHAPE);
    ck_assert_detail(context, "over 30 atoms, the dictionary has 29");
    ck_assert_status(atoms_rip_supports(dictionary, empty, &s), ATOMS_E_SHAPE);
    ck_assert_detail(context, "no row that uses an atom");
    ck_assert_status(atoms_rip_null_space(NULL, NULL, &n), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_rip_null_space(dictionary, NULL, NULL), ATOMS_E_ARGUMENT);
    for (int i = 0; i < 4; i++) {
        ck_assert_ok(atoms_null_space_opts_init(&o, sizeof o));
        o.iterations = i == 0 ? -1 : i == 1 ? 100001 : 10;
        o.seconds = i == 2 ? -1 : i == 3 ? NAN : 0;
        ck_assert_status(atoms_rip_null_space(dictionary, &o, &n), ATOMS_E_ARGUMENT);
        ck_assert_detail(context, i == 0 ? "iterations is -1" : i == 1 ? "iterations is 100001" : "seconds");
    }
    int64_t two = 2;
    atoms_rip *rip;
    ck_assert_ok(atoms_rip_create(dictionary, &two, 1, NULL, &rip));
    ck_assert_status(atoms_rip_guarantees(NULL, NULL, &g), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_rip_guarantees(rip, NULL, NULL), ATOMS_E_ARGUMENT);
    ck_assert_detail(context, "rip or report is NULL");
    ck_assert_status(atoms_rip_guarantees(rip, &of_other, &g), ATOMS_E_SHAPE);
    ck_assert_detail(context, "null_space is of 29 atoms, the dictionary has 30");
    atoms_rip_destroy(rip);
    ck_assert_mem_eq(&s, &s_before, sizeof s);
    ck_assert_mem_eq(&n, &n_before, sizeof n);
    ck_assert_mem_eq(&g, &g_before, sizeof g);
    atoms_codes_destroy(codes);
    atoms_codes_destroy(empty);
    atoms_dictionary_destroy(dictionary);
    atoms_dictionary_destroy(other);
    free(d);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

/* One of the two calls; a limit of time so short that it is over, too. */
static atoms_status ask(int which, const atoms_dictionary *dictionary, const atoms_codes *codes)
{
    atoms_supports_report s;
    atoms_null_space_report n;
    atoms_null_space_opts o;
    ck_assert_ok(atoms_supports_report_init(&s, sizeof s));
    ck_assert_ok(atoms_null_space_report_init(&n, sizeof n));
    ck_assert_ok(atoms_null_space_opts_init(&o, sizeof o));
    o.seconds = 1e-9;
    return which ? atoms_rip_null_space(dictionary, &o, &n) : atoms_rip_supports(dictionary, codes, &s);
}

START_TEST(refused_memory_leaves_nothing_behind)
{
    double *d = normal_rows(43, 30, 12);
    int64_t refused = 0;
    for (int64_t k = 1;; k += k < 60 ? 1 : 17) {
        counting_memory memory = {0};
        atoms_context *context = counting_context(&memory, 2);
        atoms_dictionary *dictionary = dictionary_from(context, d, 30, 12);
        atoms_codes *codes = random_codes(context);
        int64_t held = memory.held;
        memory.fail_at = memory.requests + k;
        atoms_status status = ask(_i, dictionary, codes);
        ck_assert_int_eq(memory.held, held);
        bool ended = memory.failures == 0;
        atoms_codes_destroy(codes);
        atoms_dictionary_destroy(dictionary);
        atoms_context_destroy(context);
        ck_assert_int_eq(memory.held, 0);
        if (ended) break;
        ck_assert_status(status, ATOMS_E_MEMORY);
        refused++;
    }
    ck_assert_int_ge(refused, 5);
    free(d);
}
END_TEST

static int32_t refuse(void *user, const char *part, int64_t done, int64_t total)
{
    (void)part, (void)done, (void)total;
    return ++*(int *)user;
}

START_TEST(they_end_where_the_caller_wants_them_to)
{
    double *d = normal_rows(43, 30, 12);
    counting_memory memory = {0};
    int calls = 0;
    atoms_context_opts opts;
    atoms_context *context;
    ck_assert_ok(atoms_context_opts_init(&opts, sizeof opts));
    counting_memory_use(&memory, &opts);
    opts.progress = refuse;
    opts.progress_user = &calls;
    ck_assert_ok(atoms_context_create(&opts, &context));
    atoms_dictionary *dictionary = dictionary_from(context, d, 30, 12);
    atoms_codes *codes = random_codes(context);
    ck_assert_status(ask(_i, dictionary, codes), ATOMS_E_CANCELLED);
    ck_assert_int_eq(calls, 1);
    atoms_codes_destroy(codes);
    atoms_dictionary_destroy(dictionary);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
    free(d);
}
END_TEST

START_TEST(proofs_have_names)
{
    ck_assert_str_eq(atoms_proof_name(ATOMS_PROOF_NULL_SPACE), "null space");
    ck_assert_str_eq(atoms_proof_name(ATOMS_PROOF_COHERENCE), "coherence");
    ck_assert_str_eq(atoms_proof_name(-1), "none");
    ck_assert_str_eq(atoms_proof_name(5), "none");
}
END_TEST

static void add_cases(Suite *suite)
{
    add_case(suite, "independent", independent_atoms_have_no_null_space);
    add_case(suite, "closed forms", simplex_and_duplicate_have_their_closed_forms);
    add_case(suite, "hadamard", identity_beside_hadamard_is_judged_as_by_hand);
    add_case(suite, "null vectors", bounds_hold_for_the_one_null_vector);
    add_case(suite, "the clock is owned up to", the_clock_is_owned_up_to);
    add_case(suite, "linear programs", linear_programs_agree);
    add_case(suite, "supports", given_supports_are_judged_one_by_one);
    add_case(suite, "bad questions", bad_questions_are_refused);
    add_loop(suite, "memory", refused_memory_leaves_nothing_behind, 2);
    add_loop(suite, "cancel", they_end_where_the_caller_wants_them_to, 2);
    add_case(suite, "names", proofs_have_names);
}

SUITE_MAIN("rip guarantees", add_cases)
