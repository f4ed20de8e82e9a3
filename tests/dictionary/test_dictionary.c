/* Coherence and stability: brute force by the definition, NumPy, threads; dictionaries known by hand and bad input in files of their own. */
#include <atoms/atoms.h>
#include <math.h>

#include "../golden/dictionary.inc"
#include "base/random.h"
#include "counting_memory.h"
#include "dictionary_questions.h"
#include "suite.h"

static int rising_f64(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int rising_i64(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

typedef struct oracle {
    double q_star, mu, mu_positive;
    int64_t pairs;
} oracle;

/* By the definition: q = a/(pairs·samples) runs over the places where a quantile function steps. gram is atoms × atoms. */
static oracle by_definition(const double *gram, int64_t atoms, const uint8_t *use, const int64_t *counts, int64_t bins)
{
    oracle o = {.mu = -1, .mu_positive = -2};
    double *c = malloc((size_t)(atoms * atoms) * sizeof *c);
    int64_t p = 0, n = 0, *k = malloc(1000 * sizeof *k);
    for (int64_t i = 0; i < atoms; i++)
        for (int64_t j = i + 1; j < atoms; j++) {
            if (use && (!use[i] || !use[j])) continue;
            double cosine = gram[i * atoms + j] / sqrt(gram[i * atoms + i]) / sqrt(gram[j * atoms + j]);
            if (fabs(cosine) > 1 - 1e-14) cosine = cosine > 0 ? 1 : -1; /* in one dimension every pair is */
            c[p++] = fabs(cosine);
            o.mu = fmax(o.mu, fabs(cosine));
            o.mu_positive = fmax(o.mu_positive, cosine);
        }
    for (int64_t b = 0; b < bins; b++)
        for (int64_t s = 0; s < counts[b]; s++) k[n++] = b ? b : 1;
    qsort(c, (size_t)p, sizeof *c, rising_f64);
    qsort(k, (size_t)n, sizeof *k, rising_i64);
    for (int64_t step = 1; step <= p + n; step++) {
        int64_t a = step <= p ? step * n : (step - p) * p;
        if (c[(a + n - 1) / n - 1] < 1.0 / (double)(2 * k[(a + p - 1) / p - 1] - 1)) o.q_star = fmax(o.q_star, (double)a / (double)(p * n));
    }
    o.pairs = p;
    free(c);
    free(k);
    return o;
}

/* Gram matrix in S = (XᵀX/n)⁻¹ by Gauss–Jordan, or Euclidean without rows. */
static double *gram_of(const double *d, int64_t atoms, int64_t dim, const double *rows, int64_t n)
{
    double *s = calloc((size_t)(dim * dim), sizeof *s), *c = calloc((size_t)(dim * dim), sizeof *c), *g = calloc((size_t)(atoms * atoms), sizeof *g);
    for (int64_t i = 0; i < dim; i++) {
        s[i * dim + i] = 1;
        for (int64_t j = 0; j < dim; j++) {
            c[i * dim + j] = rows ? 0 : i == j;
            for (int64_t r = 0; rows && r < n; r++) c[i * dim + j] += rows[r * dim + i] * rows[r * dim + j] / (double)n;
        }
    }
    for (int64_t pivot = 0; pivot < dim; pivot++) {
        double by = c[pivot * dim + pivot];
        for (int64_t j = 0; j < dim; j++) c[pivot * dim + j] /= by, s[pivot * dim + j] /= by;
        for (int64_t i = 0; i < dim; i++) {
            double times = c[i * dim + pivot];
            for (int64_t j = 0; j < dim && i != pivot; j++) {
                c[i * dim + j] -= times * c[pivot * dim + j];
                s[i * dim + j] -= times * s[pivot * dim + j];
            }
        }
    }
    for (int64_t i = 0; i < atoms; i++)
        for (int64_t j = 0; j < atoms; j++)
            for (int64_t a = 0; a < dim; a++)
                for (int64_t b = 0; b < dim; b++) g[i * atoms + j] += d[i * dim + a] * s[a * dim + b] * d[j * dim + b];
    free(s);
    free(c);
    return g;
}

/* _i: dictionaries of many shapes, with and without metric and mask. */
START_TEST(brute_force_agrees)
{
    static const int64_t shapes[][2] = {{2, 1}, {2, 3}, {9, 2}, {24, 5}, {31, 8}, {60, 3}};
    int64_t checked = 0, atoms = shapes[_i][0], dim = shapes[_i][1];
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 2);
    for (uint64_t seed = 1; seed <= 24; seed++) {
        double *d = random_atoms(atoms, dim, seed), *rows = random_atoms(dim + 20, dim, seed + 1000);
        int with_metric = seed % 2, masked = seed % 3 == 0 && atoms > 2;
        atoms_metric *metric = with_metric ? metric_from_rows(context, rows, dim + 20, dim) : NULL;
        atoms_dictionary *dictionary = dictionary_of(context, d, atoms, dim, metric);
        uint8_t use[64];
        for (int64_t i = 0; i < atoms; i++) use[i] = (uint8_t)((i < 2 || normal(seed + 2000, i) > 0) * 3);
        int64_t counts[6], bins = base_random_below(seed, BASE_STREAM_TEST, 1, atoms < 5 ? atoms : 5) + 1;
        for (int64_t k = 0; k < bins; k++) counts[k] = base_random_below(seed, BASE_STREAM_TEST, (uint64_t)k + 2, 20);
        counts[bins - 1]++;
        double *gram = gram_of(d, atoms, dim, with_metric ? rows : NULL, dim + 20);
        oracle part = by_definition(gram, atoms, masked ? use : NULL, counts, bins), whole = by_definition(gram, atoms, NULL, counts, bins);
        atoms_stability_report s = stability_of(dictionary, counts, bins, masked ? use : NULL);
        ck_assert_near(s.q_star, part.q_star, 1e-14);
        ck_assert_near(s.q_star_all, whole.q_star, 1e-14);
        ck_assert_near(s.mu, part.mu, 1e-9);
        ck_assert_near(s.mu_all, whole.mu, 1e-9);
        ck_assert_int_eq(s.pairs, part.pairs);
        atoms_coherence_report c = coherence_of(dictionary, masked ? use : NULL);
        ck_assert(c.mu == s.mu && c.atoms == s.atoms);
        ck_assert_near(c.mu_positive, part.mu_positive, 1e-9);
        checked++;
        free(gram);
        free(d);
        free(rows);
        atoms_dictionary_destroy(dictionary);
        atoms_metric_destroy(metric);
    }
    atoms_context_destroy(context);
    ck_assert_int_eq(checked, 24);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

/* Several tiles, the last one partly filled, against a plain triple loop; and the same bits for 1, 2 and 4 threads. */
START_TEST(tiles_and_threads_leave_no_trace)
{
    enum { ATOMS = 601, DIM = 9, BINS = 40 };
    double *d = random_atoms(ATOMS, DIM, 5);
    uint8_t use[ATOMS];
    int64_t counts[BINS];
    for (int i = 0; i < ATOMS; i++) use[i] = i % 5 != 2;
    for (int k = 0; k < BINS; k++) counts[k] = k % 7;
    double mu = -1, positive = -2;
    int64_t pair[2] = {0, 0}, below[BINS] = {0}; /* pairs under 1/(2k − 1) */
    for (int i = 0; i < ATOMS; i++)
        for (int j = i + 1; j < ATOMS; j++) {
            double xy = 0, xx = 0, yy = 0;
            for (int a = 0; a < DIM; a++) {
                xy += d[i * DIM + a] * d[j * DIM + a];
                xx += d[i * DIM + a] * d[i * DIM + a];
                yy += d[j * DIM + a] * d[j * DIM + a];
            }
            double cosine = xy / sqrt(xx * yy);
            if (!use[i] || !use[j]) continue;
            if (fabs(cosine) > mu) mu = fabs(cosine), pair[0] = i, pair[1] = j;
            positive = fmax(positive, cosine);
            for (int k = 1; k < BINS; k++) below[k] += fabs(cosine) < 1.0 / (2 * k - 1);
        }
    atoms_stability_report first = {0};
    for (int32_t threads = 1; threads <= 4; threads *= 2) {
        counting_memory memory = {0};
        atoms_context *context = counting_context(&memory, threads);
        atoms_dictionary *dictionary = dictionary_of(context, d, ATOMS, DIM, NULL);
        atoms_coherence_report c = coherence_of(dictionary, use);
        ck_assert_near(c.mu, mu, 1e-13);
        ck_assert_near(c.mu_positive, positive, 1e-13);
        ck_assert(c.pair[0] == pair[0] && c.pair[1] == pair[1]);
        for (int k = 1; k < BINS; k++) {
            int64_t all_at_k[BINS] = {0};
            all_at_k[k] = 3;
            atoms_stability_report at = stability_of(dictionary, all_at_k, BINS, use);
            ck_assert(at.q_star == (double)below[k] / (double)at.pairs);
        }
        atoms_stability_report s = stability_of(dictionary, counts, BINS, use);
        if (threads == 1) first = s;
        ck_assert_mem_eq(&s, &first, sizeof s);
        atoms_dictionary_destroy(dictionary);
        counting_end(&memory, context);
    }
    free(d);
}
END_TEST

/* 600 atoms, each there twice: of 300 pairs that attain μ the one with the lowest numbers is named, whoever finds it first. */
START_TEST(of_equal_pairs_the_lowest_is_named)
{
    enum { HALF = 300, DIM = 9 };
    double *d = random_atoms(2 * HALF, DIM, 6);
    memcpy(d + HALF * DIM, d, HALF * DIM * sizeof *d);
    uint8_t use[2 * HALF];
    for (int i = 0; i < 2 * HALF; i++) use[i] = i >= 5;
    for (int32_t threads = 1; threads <= 4; threads *= 2) {
        counting_memory memory = {0};
        atoms_context *context = counting_context(&memory, threads);
        atoms_dictionary *dictionary = dictionary_of(context, d, 2 * HALF, DIM, NULL);
        atoms_coherence_report all = coherence_of(dictionary, NULL), part = coherence_of(dictionary, use);
        ck_assert(all.mu == 1 && all.pair[0] == 0 && all.pair[1] == HALF);
        ck_assert(part.mu == 1 && part.pair[0] == 5 && part.pair[1] == HALF + 5);
        atoms_dictionary_destroy(dictionary);
        counting_end(&memory, context);
    }
    free(d);
}
END_TEST

START_TEST(numpy_agrees)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    double rows[GOLDEN_N * GOLDEN_H];
    for (int i = 0; i < GOLDEN_N * GOLDEN_H; i++) rows[i] = golden_rows[i];
    atoms_metric *metric = metric_from_rows(context, rows, GOLDEN_N, GOLDEN_H);
    atoms_matrix atoms = atoms_matrix_f32(golden_atoms, GOLDEN_M, GOLDEN_H);
    atoms_dictionary *aip, *plain;
    ck_assert_ok(atoms_dictionary_create(context, &atoms, metric, &aip));
    ck_assert_ok(atoms_dictionary_create(context, &atoms, NULL, &plain));
    atoms_stability_report s = stability_of(aip, golden_l0_counts, GOLDEN_BINS, golden_fires);
    ck_assert_near(s.q_star, golden_q_star, 1e-14);
    ck_assert_near(s.q_star_all, golden_q_star_all, 1e-14);
    ck_assert_near(s.mu, golden_mu, 1e-11);
    ck_assert_near(s.mu_all, golden_mu_all, 1e-11);
    ck_assert_near(coherence_of(aip, golden_fires).mu_positive, golden_mu_positive, 1e-11);
    ck_assert_near(coherence_of(plain, NULL).mu, golden_mu_euclidean, 1e-13);
    ck_assert_near(stability_of(plain, golden_l0_counts, GOLDEN_BINS, NULL).q_star, golden_q_star_euclidean, 1e-14);
    atoms_dictionary_destroy(aip);
    atoms_dictionary_destroy(plain);
    atoms_metric_destroy(metric);
    counting_end(&memory, context);
}
END_TEST

START_TEST(codes_give_the_same_as_their_counts)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    double *d = random_atoms(6, 4, 8);
    atoms_dictionary *dictionary = dictionary_of(context, d, 6, 4, NULL);
    atoms_codes *codes = some_codes(context);
    atoms_stability_report from_codes, from_counts = stability_of(dictionary, (int64_t[]){1, 1, 2, 1}, 4, (uint8_t[]){1, 1, 1, 0, 1, 1});
    ck_assert_ok(atoms_stability_report_init(&from_codes, sizeof from_codes));
    ck_assert_ok(atoms_stability(dictionary, codes, &from_codes));
    ck_assert_mem_eq(&from_codes, &from_counts, sizeof from_codes);
    ck_assert(from_codes.atoms == 5 && from_codes.pairs == 10);
    atoms_stability_report one = stability_of(dictionary, (int64_t[]){0, 4}, 2, (uint8_t[]){0, 0, 1, 0, 0, 0});
    ck_assert(isnan(one.q_star) && isnan(one.mu) && one.atoms == 1 && one.pairs == 0 && one.q_star_all == 1);
    atoms_codes_destroy(codes);
    atoms_dictionary_destroy(dictionary);
    free(d);
    counting_end(&memory, context);
}
END_TEST

static void add_cases(Suite *suite)
{
    add_known_cases(suite);
    add_loop(suite, "brute force", brute_force_agrees, 6);
    add_case(suite, "tiles", tiles_and_threads_leave_no_trace);
    add_case(suite, "equal pairs", of_equal_pairs_the_lowest_is_named);
    add_case(suite, "numpy", numpy_agrees);
    add_case(suite, "codes", codes_give_the_same_as_their_counts);
    add_guard_cases(suite);
}

SUITE_MAIN("dictionary", add_cases)
