/* Dictionaries whose coherence and q* are known by hand. */
#include <math.h>

#include "counting_memory.h"
#include "dictionary_questions.h"
#include "suite.h"

START_TEST(orthonormal_atoms_are_perfectly_stable)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    double identity[49] = {0};
    for (int i = 0; i < 7; i++) identity[i * 8] = i % 2 ? 3 : -.5;
    atoms_dictionary *d = dictionary_of(context, identity, 7, 7, NULL);
    ck_assert_int_eq(atoms_dictionary_atoms(d), 7);
    ck_assert_int_eq(atoms_dictionary_dim(d), 7);
    atoms_coherence_report c = coherence_of(d, NULL);
    ck_assert(c.mu == 0 && c.mu_positive == 0 && c.atoms == 7 && c.pair[0] == 0 && c.pair[1] == 1);
    for (int64_t k = 0; k <= 7; k++) ck_assert(q_star_at(d, k) == 1);
    atoms_dictionary_destroy(d);
    atoms_dictionary_destroy(NULL);
    counting_end(&memory, context);
}
END_TEST

/* Rows of I − 11ᵀ/M: every cosine is −1/(M − 1). _i + 3 atoms. */
START_TEST(simplex_has_its_closed_form)
{
    enum { MOST = 12 };
    int64_t m = _i + 3;
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    double d[MOST * MOST];
    for (int64_t i = 0; i < m * m; i++) d[i] = (i % (m + 1) == 0) - 1.0 / (double)m;
    atoms_dictionary *simplex = dictionary_of(context, d, m, m, NULL);
    atoms_coherence_report c = coherence_of(simplex, NULL);
    ck_assert_near(c.mu, 1.0 / (double)(m - 1), 1e-14);
    ck_assert_near(c.mu_positive, -1.0 / (double)(m - 1), 1e-14);
    for (int64_t k = 1; k <= m; k++)
        if (2 * k - 1 != m - 1) ck_assert(q_star_at(simplex, k) == (2 * k - 1 < m - 1)); /* at equality rounding decides */
    atoms_dictionary_destroy(simplex);
    counting_end(&memory, context);
}
END_TEST

START_TEST(identity_beside_hadamard_has_its_closed_form)
{
    enum { H = 16 };
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    double *d = identity_beside_hadamard(H);
    atoms_dictionary *pair = dictionary_of(context, d, 2 * H, H, NULL);
    atoms_coherence_report c = coherence_of(pair, NULL);
    ck_assert(c.mu == .25 && c.mu_positive == .25 && c.pair[0] == 0 && c.pair[1] == H);
    const double pairs = 2 * H * (2 * H - 1) / 2.0, orthogonal = (pairs - H * H) / pairs;
    ck_assert(q_star_at(pair, 1) == 1 && q_star_at(pair, 2) == 1); /* 1/4 < 1/3 */
    ck_assert(q_star_at(pair, 3) == orthogonal && q_star_at(pair, 32) == orthogonal);
    const int64_t counts[] = {0, 5, 80, 15}; /* F(2) = .85 beats C(3)/P */
    ck_assert(stability_of(pair, counts, 4, NULL).q_star == .85);
    atoms_dictionary_destroy(pair);
    free(d);
    counting_end(&memory, context);
}
END_TEST

/* Cosines that are a limit 1/(2k − 1) to the last bit are not below it. */
START_TEST(the_limit_itself_is_not_below_the_limit)
{
    static const double sides[][4] = {{1, 2, 2, 0}, {1, 2, 2, 4}, {1, 4, 8, 0}}; /* lengths 3, 5, 9 */
    static const int64_t k[] = {2, 3, 5};
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    for (int i = 0; i < 3; i++) {
        double d[8] = {1};
        memcpy(d + 4, sides[i], sizeof sides[i]);
        atoms_dictionary *pair = dictionary_of(context, d, 2, 4, NULL);
        ck_assert(coherence_of(pair, NULL).mu == 1.0 / (double)(2 * k[i] - 1));
        /* Two atoms cannot have k[i] > 2 non-zeros each, so more of them, far apart, make room. */
        double many[8 * 16] = {0};
        for (int a = 0; a < 6; a++) many[a * 16 + 8 + a] = 1;
        memcpy(many + 6 * 16, d, 4 * sizeof *d);
        memcpy(many + 7 * 16, d + 4, 4 * sizeof *d);
        atoms_dictionary *wide = dictionary_of(context, many, 8, 16, NULL);
        ck_assert(q_star_at(wide, k[i]) == 27 / 28.0 && q_star_at(wide, k[i] - 1) == 1);
        atoms_dictionary_destroy(pair);
        atoms_dictionary_destroy(wide);
    }
    counting_end(&memory, context);
}
END_TEST

/* Atoms that are multiples of each other count as one direction, whatever rounding makes of their product. */
START_TEST(duplicates_have_coherence_one)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    enum { DIM = 57 };
    double d[3 * DIM];
    int64_t exact = 0;
    for (int round = 0; round < 50; round++) {
        for (int j = 0; j < DIM; j++) {
            d[j] = normal(90, round * 1000 + j);
            d[DIM + j] = normal(91, round * 1000 + j);
            d[2 * DIM + j] = (round % 2 ? -3 : 1.7) * d[j];
        }
        atoms_dictionary *twins = dictionary_of(context, d, 3, DIM, NULL);
        atoms_coherence_report c = coherence_of(twins, NULL);
        exact += c.mu == 1 && c.pair[0] == 0 && c.pair[1] == 2 && (round % 2 ? c.mu_positive < 1 : c.mu_positive == 1);
        ck_assert(q_star_at(twins, 1) == 2 / 3.0);
        atoms_dictionary_destroy(twins);
    }
    ck_assert_int_eq(exact, 50);
    counting_end(&memory, context);
}
END_TEST

/* Equiangular lines, μ = 1/(2ᵐ − 1) for every pair: K with 2K − 1 < 2ᵐ − 1 are stable throughout, larger ones not at all. _i + 2 = m. */
START_TEST(equiangular_lines_are_stable_up_to_their_k)
{
    int m = _i + 2;
    int64_t atoms = (int64_t)1 << 2 * m, limit = (int64_t)1 << (m - 1); /* K = limit: 1/(2K − 1) = μ, and rounding decides */
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    double *d = equiangular_atoms(m);
    atoms_dictionary *lines = dictionary_of(context, d, atoms, equiangular_dim(m), NULL);
    atoms_coherence_report c = coherence_of(lines, NULL);
    ck_assert_near(c.mu, 1 / (double)(2 * limit - 1), 1e-15);
    ck_assert_near(c.mu_positive, c.mu, 1e-15);
    for (int64_t k = 1; k <= 2 * limit; k++)
        if (k != limit) ck_assert(q_star_at(lines, k) == (k < limit));
    atoms_dictionary_destroy(lines);
    free(d);
    counting_end(&memory, context);
}
END_TEST

/* Cosines ρ^|i − j|: below 1/(2K − 1) are the pairs from some distance on, of which there are (M − distance)(M − distance + 1)/2. */
START_TEST(an_autoregressive_dictionary_has_its_closed_form)
{
    enum { M = 60 };
    const double rho = .8, pairs = M * (M - 1) / 2.;
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    double *d = autoregressive_atoms(M, rho);
    atoms_dictionary *dictionary = dictionary_of(context, d, M, M, NULL);
    ck_assert_near(coherence_of(dictionary, NULL).mu, rho, 1e-14);
    for (int64_t k = 1; k <= M; k++) {
        int distance = 1;
        while (pow(rho, distance) >= 1. / (double)(2 * k - 1)) distance++;
        ck_assert(q_star_at(dictionary, k) == (M - distance) * (M - distance + 1) / 2. / pairs);
    }
    atoms_dictionary_destroy(dictionary);
    free(d);
    counting_end(&memory, context);
}
END_TEST

/* Neurons: the identity in the AIP of data with the second moment ρ^|i − j|, whose S is tridiagonal. With dense codes, or any K from 2 to H, the
 * H − 1 pairs of neighbours are too close, and q* = 1 − 2/H. */
START_TEST(neurons_are_unstable_where_they_are_neighbours)
{
    enum { H = 20 };
    const double rho = .5;
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    double *l = autoregressive_atoms(H, rho), rows[H * H], identity[H * H] = {0};
    for (int i = 0; i < H; i++) {
        identity[i * H + i] = 1;
        for (int j = 0; j < H; j++) rows[i * H + j] = sqrt(H) * l[j * H + i]; /* XᵀX/H = L Lᵀ */
    }
    atoms_metric *metric = metric_from_rows(context, rows, H, H);
    atoms_dictionary *neurons = dictionary_of(context, identity, H, H, metric);
    atoms_coherence_report c = coherence_of(neurons, NULL);
    ck_assert_near(c.mu, rho / sqrt(1 + rho * rho), 1e-13); /* of the two ends; ρ/(1 + ρ²) within */
    ck_assert(c.mu_positive < 1e-13);
    ck_assert(q_star_at(neurons, 1) == 1);
    for (int64_t k = 2; k <= H; k++) ck_assert_near(q_star_at(neurons, k), 1 - 2. / H, 1e-15);
    atoms_metric_destroy(metric);
    atoms_dictionary_destroy(neurons);
    free(l);
    counting_end(&memory, context);
}
END_TEST

/* Random directions: |cos| is below t for a share t of pairs in three dimensions (Archimedes), (2/π) asin t in two. Pairs are pairwise
 * independent, so the share found is within a few √(t(1 − t)/P). _i + 2 dimensions. */
START_TEST(random_atoms_have_the_q_star_of_chance)
{
    enum { M = 700 };
    const double pairs = M * (M - 1) / 2., five_deviations = 5 * .5 / sqrt(pairs), pi = acos(-1);
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 2);
    double *d = random_atoms(M, _i + 2, 3);
    atoms_dictionary *dictionary = dictionary_of(context, d, M, _i + 2, NULL);
    for (int64_t k = 1; k <= 12; k++) {
        double t = 1 / (double)(2 * k - 1), share = _i ? t : 2 / pi * asin(t);
        ck_assert(fabs(q_star_at(dictionary, k) - share) <= five_deviations);
    }
    const int64_t half[] = {0, 7, 0, 0, 0, 7}; /* K = 1 for half of the samples: that half is stable, whatever the rest is */
    ck_assert(stability_of(dictionary, half, 6, NULL).q_star == .5);
    atoms_dictionary_destroy(dictionary);
    free(d);
    counting_end(&memory, context);
}
END_TEST

void add_known_cases(Suite *suite)
{
    add_case(suite, "orthonormal", orthonormal_atoms_are_perfectly_stable);
    add_loop(suite, "simplex", simplex_has_its_closed_form, 10);
    add_case(suite, "hadamard", identity_beside_hadamard_has_its_closed_form);
    add_case(suite, "limits", the_limit_itself_is_not_below_the_limit);
    add_case(suite, "duplicates", duplicates_have_coherence_one);
    add_loop(suite, "equiangular", equiangular_lines_are_stable_up_to_their_k, 3);
    add_case(suite, "autoregressive", an_autoregressive_dictionary_has_its_closed_form);
    add_case(suite, "neurons", neurons_are_unstable_where_they_are_neighbours);
    add_loop(suite, "random", random_atoms_have_the_q_star_of_chance, 2);
}
