/* Intervals for δ_K: closed forms, brute force, NumPy, every budget, threads, bad input, refused memory. */
#include <math.h>
#include <stdbool.h>

#include "../golden/rip.inc"
#include "counting_memory.h"
#include "rip_support.h"
#include "suite.h"

static void check_exact(const atoms_rip_report *r, double truth)
{
    ck_assert_msg(r->exact && r->upper - r->lower <= 1e-9 && r->lower <= truth + 1e-13 && truth - 1e-13 <= r->upper, "[%.12f, %.12f], not %.12f",
                  r->lower, r->upper, truth);
}

START_TEST(orthonormal_atoms_have_constants_of_zero)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    double d[49] = {0};
    for (int i = 0; i < 7; i++) d[i * 8] = i % 2 ? 3 : -.5;
    atoms_dictionary *dictionary = dictionary_from(context, d, 7, 7);
    for (int64_t k = 1; k <= 7; k++) {
        atoms_rip_report r = estimate(dictionary, k, NULL);
        check_exact(&r, 0);
        ck_assert(r.order == k && r.atoms == 7 && r.stopped == ATOMS_RIP_DONE && r.exact_order == k);
        for (int64_t i = 0; i < ATOMS_RIP_ORDER_MAX; i++) ck_assert(r.plus_witness[i] == (i < k ? i : -1));
    }
    atoms_dictionary *one = dictionary_from(context, d, 1, 7);
    atoms_rip_report alone = estimate(one, 1, NULL);
    check_exact(&alone, 0);
    ck_assert(alone.atoms == 1 && alone.plus_witness[0] == 0 && alone.plus_witness[1] == -1);
    atoms_dictionary_destroy(one);
    atoms_rip_report usual;
    ck_assert_ok(atoms_rip_report_init(&usual, sizeof usual));
    ck_assert_ok(atoms_rip_estimate(dictionary, 3, NULL, &usual));
    check_exact(&usual, 0);
    atoms_dictionary_destroy(dictionary);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

/* Rows of I − 11ᵀ/M: every cosine is −1/(M − 1), so 1 − L_K = (K − 1)/(M − 1) and U_K − 1 = 1/(M − 1). */
START_TEST(simplex_has_its_closed_form)
{
    enum { M = 9 };
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    double d[M * M];
    for (int64_t i = 0; i < M * M; i++) d[i] = (i % (M + 1) == 0) - 1.0 / M;
    atoms_dictionary *dictionary = dictionary_from(context, d, M, M);
    atoms_rip_opts each = rip_options();
    each.each_sign = 1;
    for (int64_t k = 2; k <= M; k++) {
        atoms_rip_report r = estimate(dictionary, k, &each);
        check_exact(&r, (double)(k - 1) / (M - 1));
        ck_assert_near(r.minus_lower, (double)(k - 1) / (M - 1), 1e-9);
        ck_assert_near(r.plus_lower, 1.0 / (M - 1), 1e-9);
        ck_assert_near(r.plus_upper, 1.0 / (M - 1), 1e-8);
        ck_assert_near(r.babel, (double)(k - 1) / (M - 1), 1e-9);
        double ratio = (double)k / (2 * (M - 1) + 2 - k);
        ck_assert(r.ratio_lower <= ratio && ratio <= r.ratio_upper && r.ratio_upper - r.ratio_lower < 1e-8);
    }
    atoms_dictionary_destroy(dictionary);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

/* δ_K of [I, Hadamard/√m] is √(⌊K/2⌋⌈K/2⌉/m) for K ≤ 2√m, m a power of 4: all ties, the worst a search can meet. */
START_TEST(identity_beside_hadamard_has_its_closed_form)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    for (int64_t m = 4; m <= 64; m *= 4) {
        double *d = identity_and_hadamard(m);
        atoms_dictionary *dictionary = dictionary_from(context, d, 2 * m, m);
        for (int64_t k = 2; k <= (m == 4 ? 4 : m == 16 ? 6 : 4); k++) {
            atoms_rip_report r = estimate(dictionary, k, NULL);
            check_exact(&r, sqrt((double)(k / 2 * (k - k / 2)) / (double)m));
        }
        atoms_dictionary_destroy(dictionary);
        free(d);
    }
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

START_TEST(a_duplicate_has_constant_one)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    double *d = normal_rows(3, 30, 8);
    for (int j = 0; j < 8; j++) d[17 * 8 + j] = -2 * d[4 * 8 + j];
    atoms_dictionary *dictionary = dictionary_from(context, d, 30, 8);
    atoms_rip_report r = estimate(dictionary, 2, NULL);
    check_exact(&r, 1);
    ck_assert(r.plus_witness[0] == 4 && r.plus_witness[1] == 17 && r.minus_witness[0] == 4 && r.minus_witness[1] == 17);
    for (int64_t k = 3; k <= 6; k++) {
        r = estimate(dictionary, k, NULL);
        ck_assert(r.exact && r.minus_upper <= 1 && r.minus_lower > 1 - 1e-9 && r.lower >= 1);
    }
    atoms_dictionary_destroy(dictionary);
    free(d);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

/* Tiny dictionaries, also with atoms that repeat, are sums of others, or are orthogonal; every kind of budget. */
START_TEST(the_interval_always_holds_the_truth)
{
    enum { BUDGETS = 9 };
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    int64_t asked = 0, exact = 0, cut = 0;
    for (uint64_t seed = 0; seed < 300; seed++) {
        int64_t atoms = 3 + (int64_t)(seed * 7 % 8), dim = 2 + (int64_t)(seed * 5 % 7), order = 2 + (int64_t)(seed % 4);
        if (order > atoms) order = atoms;
        double *d = normal_rows(seed + 1, atoms, dim);
        for (int64_t j = 0; j < dim; j++) {
            if (seed % 5 == 1) d[j] = 3 * d[dim + j];
            if (seed % 5 == 2) d[j] = d[dim + j] + d[2 * dim + j];
            if (seed % 5 == 3) for (int64_t i = 0; i < atoms; i++) d[i * dim + j] = round(d[i * dim + j]) + (j == i % dim) * 3;
        }
        atoms_dictionary *dictionary = dictionary_from(context, d, atoms, dim);
        extremes truth = brute_force(d, atoms, dim, order);
        for (int b = 0; b < BUDGETS; b++) {
            atoms_rip_opts o = rip_options();
            o.each_sign = b % 2;
            o.nodes = (const int64_t[BUDGETS]){0, 0, 1, 2, 5, 0, 0, 1, 0}[b];
            o.seconds = b == 5 ? 1e-9 : 0;
            o.beam = b == 6 || b == 7 ? 1 : 300;
            o.gram_bytes = b < 8 ? (int64_t)1 << 31 : seed % 2 ? 4 * 4 * 4 : 0;
            atoms_rip_report r = estimate(dictionary, order, &o);
            check_interval(&r, truth, d, dim);
            if (!o.nodes && o.seconds == 0 && b != 8) {
                ck_assert(r.exact && r.stopped == ATOMS_RIP_DONE);
                if (o.each_sign) ck_assert(r.plus_upper - r.plus_lower <= 1e-9 && r.minus_upper - r.minus_lower <= 1e-9);
            }
            asked++;
            exact += r.exact;
            cut += r.stopped != ATOMS_RIP_DONE;
        }
        atoms_dictionary_destroy(dictionary);
        free(d);
    }
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
    ck_assert_int_eq(asked, 300 * BUDGETS);
    ck_assert_int_gt(cut, 300);
    ck_assert_int_gt(exact, 1200);
}
END_TEST

/* Bounds that look at the whole matrix, where the search may not even begin: they hold, and beat the row sums where K is large. */
START_TEST(whole_matrix_bounds_beat_row_sums)
{
    enum { ATOMS = 36, DIM = 16, ORDER = 10 };
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    double *d = normal_rows(21, ATOMS, DIM);
    atoms_dictionary *dictionary = dictionary_from(context, d, ATOMS, DIM);
    atoms_rip_opts o = rip_options();
    o.nodes = 1;
    atoms_rip_report r = estimate(dictionary, ORDER, &o);
    ck_assert(!r.exact && r.stopped == ATOMS_RIP_OUT_OF_NODES && r.bound == ATOMS_RIP_BOUND_SEMIDEFINITE && r.minus_upper <= 1);
    ck_assert(r.lower <= r.semidefinite && r.semidefinite <= r.soft * (1 + 1e-3) && r.soft < r.cassini && r.cassini <= r.babel && r.babel <= r.coherence);
    ck_assert(r.lower > 0.8 * r.upper);
    atoms_rip_report all = estimate(dictionary, ATOMS, &o); /* K = M: U_K − 1 is the whole matrix's norm */
    ck_assert_near(all.plus_upper, all.plus_lower, 1e-3);
    atoms_dictionary_destroy(dictionary);
    free(d);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

START_TEST(numpy_agrees)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    double *d = byte_sum_rows(GOLDEN_M, GOLDEN_H);
    atoms_rip_opts each = rip_options();
    size_t orders = sizeof golden / sizeof *golden;
    for (size_t i = 0; i < orders; i++) {
        atoms_dictionary *dictionary = dictionary_from(context, d, golden[i].atoms, GOLDEN_H);
        each.each_sign = golden[i].order <= 6; /* beyond, nearly every support has a smallest eigenvalue near 0 */
        atoms_rip_report r = estimate(dictionary, golden[i].order, &each);
        check_exact(&r, fmax(golden[i].plus, golden[i].minus));
        ck_assert_near(r.plus_lower, golden[i].plus, 1e-9);
        ck_assert(golden[i].atoms <= GOLDEN_M && r.minus_lower <= golden[i].minus && golden[i].minus <= r.minus_upper);
        for (int k = 0; k < golden[i].order; k++) {
            ck_assert_int_eq(r.plus_witness[k], golden[i].plus_atoms[k]);
            if (each.each_sign) ck_assert_int_eq(r.minus_witness[k], golden[i].minus_atoms[k]);
        }
        if (each.each_sign) ck_assert(r.plus_upper - r.plus_lower <= 1e-9 && r.minus_upper - r.minus_lower <= 1e-9);
        atoms_dictionary_destroy(dictionary);
    }
    ck_assert_int_ge(orders, 7);
    free(d);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

/* Cut off by nodes or not: the same bits. */
START_TEST(threads_leave_no_trace)
{
    double *d = normal_rows(11, 120, 20);
    int64_t cut = 0;
    for (int64_t nodes = 0; nodes <= 60; nodes += 20) {
        atoms_rip_report first, r;
        for (int32_t threads = 1; threads <= 4; threads *= 2) {
            counting_memory memory = {0};
            atoms_context *context = counting_context(&memory, threads);
            atoms_dictionary *dictionary = dictionary_from(context, d, 120, 20);
            atoms_rip_opts o = rip_options();
            o.nodes = nodes;
            o.beam = 20;
            r = estimate(dictionary, 5, &o);
            if (threads == 1) first = r;
            ck_assert_mem_eq(&r, &first, sizeof r);
            cut += r.stopped == ATOMS_RIP_OUT_OF_NODES;
            atoms_dictionary_destroy(dictionary);
            atoms_context_destroy(context);
            ck_assert_int_eq(memory.held, 0);
        }
    }
    ck_assert_int_ge(cut, 3);
    free(d);
}
END_TEST

/* Larger than any brute force: more nodes never widen the interval, the beam's width changes nothing that is exact. */
START_TEST(more_work_gives_a_narrower_interval)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    double *d = normal_rows(12, 90, 20), last = INFINITY;
    atoms_dictionary *dictionary = dictionary_from(context, d, 90, 20);
    for (int64_t nodes = 1; nodes <= 1000000; nodes *= 100) {
        atoms_rip_opts o = rip_options();
        o.nodes = nodes;
        atoms_rip_report r = estimate(dictionary, 5, &o);
        ck_assert(r.upper <= last && r.upper - r.lower <= last && r.lower > 0);
        last = r.upper;
    }
    atoms_rip_opts narrow = rip_options();
    narrow.beam = 1;
    atoms_rip_report wide = estimate(dictionary, 4, NULL), thin = estimate(dictionary, 4, &narrow);
    ck_assert(wide.exact && thin.exact && thin.lower == wide.lower && thin.nodes >= wide.nodes);
    atoms_dictionary_destroy(dictionary);
    free(d);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

/* Without limits: what each question alone finds. */
START_TEST(one_handle_knows_every_order)
{
    enum { ATOMS = 60, DIM = 12 };
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 2);
    double *d = normal_rows(19, ATOMS, DIM);
    atoms_dictionary *dictionary = dictionary_from(context, d, ATOMS, DIM);
    atoms_rip_opts each = rip_options();
    each.each_sign = 1;
    int64_t orders[] = {4, 2, 4, 5};
    atoms_rip *rip;
    ck_assert_ok(atoms_rip_create(dictionary, orders, 4, &each, &rip));
    for (int64_t k = 1; k <= 5; k++) {
        atoms_rip_report r, alone = estimate(dictionary, k, &each);
        ck_assert_ok(atoms_rip_report_init(&r, sizeof r));
        ck_assert_ok(atoms_rip_describe(rip, k, &r));
        ck_assert(r.exact && alone.exact && r.order == k && r.exact_order == k && r.nodes >= alone.nodes && r.stopped == ATOMS_RIP_DONE);
        ck_assert(r.lower == alone.lower && r.upper == alone.upper && r.plus_upper == alone.plus_upper && r.minus_lower == alone.minus_lower);
        ck_assert(r.babel == alone.babel && r.cassini == alone.cassini);
        ck_assert_mem_eq(r.plus_witness, alone.plus_witness, sizeof r.plus_witness);
        ck_assert_mem_eq(r.minus_witness, alone.minus_witness, sizeof r.minus_witness);
    }
    atoms_dictionary_destroy(dictionary); /* the handle does without */
    atoms_rip_report last;
    ck_assert_ok(atoms_rip_report_init(&last, sizeof last));
    ck_assert_ok(atoms_rip_describe(rip, 3, &last));
    atoms_rip_destroy(rip);
    free(d);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

/* Room for the Gram matrix alone: the bounds that would double it are left out. */
START_TEST(bounds_that_do_not_fit_are_left_out)
{
    enum { ATOMS = 128, DIM = 16, ORDER = 12 };
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    double *d = normal_rows(20, ATOMS, DIM);
    atoms_dictionary *dictionary = dictionary_from(context, d, ATOMS, DIM);
    atoms_rip_opts o = rip_options();
    o.nodes = 1;
    atoms_rip_report r[3];
    for (int i = 0; i < 3; i++) {
        o.gram_bytes = (const int64_t[]){4 * ATOMS * ATOMS, 24 * ATOMS * ATOMS, 60 * ATOMS * ATOMS}[i];
        r[i] = estimate(dictionary, ORDER, &o);
        ck_assert(isnan(r[i].soft) == (i == 0) && isnan(r[i].semidefinite) == (i < 2) && r[i].atoms == ATOMS);
    }
    ck_assert(r[2].upper <= r[1].upper && r[1].upper < r[0].upper && r[0].lower > 0 && r[2].lower <= r[2].upper);
    atoms_dictionary_destroy(dictionary);
    free(d);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

START_TEST(a_gram_matrix_that_does_not_fit_costs_accuracy_only)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 2);
    double *d = normal_rows(13, 200, 30);
    atoms_dictionary *dictionary = dictionary_from(context, d, 200, 30);
    atoms_rip_opts o = rip_options();
    o.gram_bytes = 100 * 100 * 4;
    for (int64_t k = 2; k <= 5; k++) {
        atoms_rip_report whole = estimate(dictionary, k, NULL), part = estimate(dictionary, k, &o);
        ck_assert(whole.exact && part.lower <= whole.lower && whole.upper <= part.upper + 1e-9 && part.lower > whole.lower / 2);
        extremes e = extremes_of(d, 30, part.plus_witness, k);
        ck_assert(fabs(e.plus - part.plus_lower) < 1e-9);
        ck_assert(part.coherence == whole.coherence && part.babel == whole.babel && part.cassini == whole.cassini);
    }
    atoms_dictionary_destroy(dictionary);
    free(d);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

/* A dictionary in a metric is the whitened dictionary. */
START_TEST(the_metric_decides_who_is_close)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    double *rows = normal_rows(14, 60, 6), *d = normal_rows(15, 20, 6), white[20 * 6];
    for (int i = 0; i < 60 * 6; i++) rows[i] *= 1 + i % 6;
    atoms_moments *moments;
    atoms_metric *metric;
    atoms_matrix x = atoms_matrix_f64(rows, 60, 6), m = atoms_matrix_f64(d, 20, 6), w = atoms_matrix_f64(white, 20, 6);
    ck_assert_ok(atoms_moments_create(context, 6, &moments));
    ck_assert_ok(atoms_moments_add(moments, &x));
    ck_assert_ok(atoms_metric_from_moments(context, moments, NULL, &metric));
    ck_assert_ok(atoms_metric_whiten(metric, ATOMS_WHITEN_CHOLESKY, &m, &w));
    atoms_dictionary *in_metric, *whitened = dictionary_from(context, white, 20, 6);
    ck_assert_ok(atoms_dictionary_create(context, &m, metric, &in_metric));
    atoms_rip_report a = estimate(in_metric, 4, NULL), b = estimate(whitened, 4, NULL);
    extremes truth = brute_force(white, 20, 6, 4);
    check_exact(&a, fmax(truth.plus, truth.minus));
    ck_assert_mem_eq(&a, &b, sizeof a);
    atoms_dictionary_destroy(in_metric);
    atoms_dictionary_destroy(whitened);
    atoms_metric_destroy(metric);
    atoms_moments_destroy(moments);
    free(rows);
    free(d);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

START_TEST(bad_questions_are_refused)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    double *d = normal_rows(17, 70, 5);
    atoms_dictionary *dictionary = dictionary_from(context, d, 70, 5), *small = dictionary_from(context, d, 3, 5);
    atoms_rip_report r, before;
    ck_assert_ok(atoms_rip_report_init(&r, sizeof r));
    before = r;
    ck_assert_status(atoms_rip_estimate(NULL, 2, NULL, &r), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_rip_estimate(dictionary, 2, NULL, NULL), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_rip_estimate(dictionary, 0, NULL, &r), ATOMS_E_ARGUMENT);
    ck_assert_detail(context, "order is 0");
    ck_assert_status(atoms_rip_estimate(small, 4, NULL, &r), ATOMS_E_ARGUMENT);
    ck_assert_detail(context, "order is 4, the dictionary has 3 atoms");
    ck_assert_status(atoms_rip_estimate(dictionary, 65, NULL, &r), ATOMS_E_LIMIT);
    ck_assert_detail(context, "at most 64");
    struct {
        double seconds;
        int64_t nodes, bytes;
        int32_t beam, each;
        const char *words;
    } bad[] = {{-1, 0, 0, 1, 0, "seconds"},  {NAN, 0, 0, 1, 0, "seconds"}, {INFINITY, 0, 0, 1, 0, "seconds"}, {1, -2, 0, 1, 0, "nodes is -2"},
               {1, 0, -1, 1, 0, "gram_bytes"}, {1, 0, 0, 0, 0, "beam is 0"},   {1, 0, 0, 4097, 0, "beam is 4097"},  {1, 0, 0, 1, 2, "each_sign is 2"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        atoms_rip_opts o = rip_options();
        o.seconds = bad[i].seconds, o.nodes = bad[i].nodes, o.gram_bytes = bad[i].bytes, o.beam = bad[i].beam, o.each_sign = bad[i].each;
        ck_assert_status(atoms_rip_estimate(dictionary, 2, &o, &r), ATOMS_E_ARGUMENT);
        ck_assert_detail(context, bad[i].words);
    }
    int64_t orders[] = {2, 3, 65};
    atoms_rip *rip = (atoms_rip *)&r;
    ck_assert_status(atoms_rip_create(NULL, orders, 2, NULL, &rip), ATOMS_E_ARGUMENT);
    ck_assert_ptr_null(rip);
    ck_assert_status(atoms_rip_create(dictionary, NULL, 2, NULL, &rip), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_rip_create(dictionary, orders, 2, NULL, NULL), ATOMS_E_ARGUMENT);
    ck_assert_detail(context, "dictionary, orders or out is NULL");
    ck_assert_status(atoms_rip_create(dictionary, orders, 0, NULL, &rip), ATOMS_E_ARGUMENT);
    ck_assert_detail(context, "count is 0");
    ck_assert_status(atoms_rip_create(dictionary, orders, 3, NULL, &rip), ATOMS_E_LIMIT);
    ck_assert_ok(atoms_rip_create(dictionary, orders, 2, NULL, &rip));
    ck_assert_status(atoms_rip_describe(NULL, 2, &r), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_rip_describe(rip, 2, NULL), ATOMS_E_ARGUMENT);
    ck_assert_detail(context, "rip or report is NULL");
    for (int64_t k = 0; k <= 4; k += 4) ck_assert_status(atoms_rip_describe(rip, k, &r), ATOMS_E_ARGUMENT);
    ck_assert_detail(context, "order is 4, 1 to 3 are known");
    ck_assert_mem_eq(&r, &before, sizeof r);
    atoms_rip_destroy(rip);
    atoms_rip_destroy(NULL);
    r.struct_size = 0;
    ck_assert_status(atoms_rip_estimate(small, 2, NULL, &r), ATOMS_E_ARGUMENT);
    ck_assert_detail(context, "atoms_rip_report_init");
    atoms_dictionary_destroy(dictionary);
    atoms_dictionary_destroy(small);
    free(d);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

/* The whole matrix; a part of it; a search that does not end, so that the bounds that look at everything come in. */
START_TEST(refused_memory_leaves_nothing_behind)
{
    double *d = normal_rows(18, 40, 6);
    int64_t refused = 0;
    atoms_rip_opts o = rip_options();
    o.gram_bytes = (const int64_t[]){1 << 20, 30 * 30 * 4, 1 << 20}[_i];
    o.nodes = _i == 2 ? 5 : 0;
    for (int64_t k = 1;; k += k < 60 ? 1 : 61) { /* an iteration's requests are all alike */
        counting_memory memory = {0};
        atoms_context *context = counting_context(&memory, 2);
        atoms_dictionary *dictionary = dictionary_from(context, d, 40, 6);
        atoms_rip_report r;
        ck_assert_ok(atoms_rip_report_init(&r, sizeof r));
        int64_t held = memory.held;
        memory.fail_at = memory.requests + k;
        atoms_status status = atoms_rip_estimate(dictionary, 4, &o, &r);
        ck_assert_int_eq(memory.held, held);
        bool ended = memory.failures == 0;
        atoms_dictionary_destroy(dictionary);
        atoms_context_destroy(context);
        ck_assert_int_eq(memory.held, 0);
        if (ended) break;
        ck_assert_status(status, ATOMS_E_MEMORY);
        refused++;
    }
    ck_assert_int_ge(refused, 15);
    free(d);
}
END_TEST

START_TEST(bounds_have_names)
{
    ck_assert_str_eq(atoms_rip_bound_name(ATOMS_RIP_BOUND_SEARCH), "search");
    ck_assert_str_eq(atoms_rip_bound_name(ATOMS_RIP_BOUND_BABEL), "Babel");
    ck_assert_str_eq(atoms_rip_bound_name(ATOMS_RIP_BOUND_NORM), "norm");
    ck_assert_str_eq(atoms_rip_bound_name(0), "none");
    ck_assert_str_eq(atoms_rip_bound_name(-3), "none");
    ck_assert_str_eq(atoms_rip_bound_name(1000), "none");
}
END_TEST

static void add_cases(Suite *suite)
{
    add_case(suite, "orthonormal", orthonormal_atoms_have_constants_of_zero);
    add_case(suite, "simplex", simplex_has_its_closed_form);
    add_case(suite, "hadamard", identity_beside_hadamard_has_its_closed_form);
    add_case(suite, "duplicate", a_duplicate_has_constant_one);
    add_case(suite, "brute force", the_interval_always_holds_the_truth);
    add_case(suite, "whole matrix", whole_matrix_bounds_beat_row_sums);
    add_case(suite, "numpy", numpy_agrees);
    add_case(suite, "threads", threads_leave_no_trace);
    add_case(suite, "budgets", more_work_gives_a_narrower_interval);
    add_case(suite, "handle", one_handle_knows_every_order);
    add_case(suite, "no room for bounds", bounds_that_do_not_fit_are_left_out);
    add_case(suite, "no room", a_gram_matrix_that_does_not_fit_costs_accuracy_only);
    add_case(suite, "metric", the_metric_decides_who_is_close);
    add_case(suite, "bad questions", bad_questions_are_refused);
    add_loop(suite, "memory", refused_memory_leaves_nothing_behind, 3);
    add_case(suite, "names", bounds_have_names);
}

SUITE_MAIN("rip", add_cases)
