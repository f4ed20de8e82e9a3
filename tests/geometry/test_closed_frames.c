/* Dictionaries of which every figure is known by hand: equiangular and other frames, and one whose cosines all differ. */
#include <math.h>

#include "counting_memory.h"
#include "geometry_cases.h"
#include "geometry_oracle.h"
#include "suite.h"

/* What the geometry of M equiangular atoms that are a tight frame of H dimensions is. */
static void check_equiangular(const atoms_geometry *g, int64_t atoms, int64_t dim, double mu, double tolerance)
{
    atoms_geometry_report r = report_of(g);
    ck_assert(r.atoms == atoms && r.dim == dim && r.babel == atoms - 1);
    const double all_the_same[] = {r.mu, r.mu_positive, r.p50, r.p90, r.p99, r.p999, r.welch, sqrt(r.mean_square)};
    for (size_t k = 0; k < sizeof all_the_same / sizeof *all_the_same; k++) ck_assert_near(all_the_same[k], mu, tolerance);
    ck_assert_near(r.welch_ratio, 1, tolerance);
    ck_assert_near(r.frame_low, (double)atoms / (double)dim, tolerance);
    ck_assert_near(r.frame_high, (double)atoms / (double)dim, tolerance);
    ck_assert_near(r.effective_rank, (double)dim, tolerance);
    ck_assert(r.above[0] == (mu > .3 ? r.pairs : 0) && r.above[1] == 0 && r.duplicates == 0 && r.clusters == 0);
    for (int64_t k = 1; k < atoms; k++) ck_assert_near(atoms_geometry_babel(g)[k - 1], (double)k * mu, tolerance);
    for (int64_t i = 0; i < atoms; i++) ck_assert_near(atoms_geometry_nearest(g)[i], mu, tolerance);
}

/* 16 lines in 6 dimensions, 64 in 28, 256 in 120: μ = 1/3, 1/7, 1/15, Welch's bound. _i & 1: in f32 where they lie. */
START_TEST(equiangular_lines_attain_welchs_bound)
{
    int m = 2 + _i / 2;
    int64_t atoms = (int64_t)1 << 2 * m, dim = equiangular_dim(m);
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 2);
    double *d = equiangular_atoms(m);
    float *f = narrowed(d, atoms * dim);
    atoms_matrix rows = _i & 1 ? atoms_matrix_f32(f, atoms, dim) : atoms_matrix_f64(d, atoms, dim);
    atoms_geometry *g = geometry_of(context, &rows, NULL, atoms);
    check_equiangular(g, atoms, dim, 1 / (double)((1 << m) - 1), 1e-13);
    atoms_geometry_destroy(g);
    free(d);
    free(f);
    counting_end(&memory, context);
}
END_TEST

/* D A in the metric of D A itself, S = (Aᵀ DᵀD A)⁻¹, is D in S = (DᵀD)⁻¹, which for a tight frame is Euclidean: the closed form comes back
 * through any linear map, which is what the AIP is for. */
START_TEST(a_metric_undoes_a_linear_map)
{
    enum { M = 64, H = 28 };
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 2);
    double *d = equiangular_atoms(3), *a = random_atoms(H, H, 8), *mapped = calloc(M * H, sizeof *mapped);
    for (int i = 0; i < M; i++)
        for (int k = 0; k < H; k++)
            for (int j = 0; j < H; j++) mapped[i * H + j] += d[i * H + k] * a[k * H + j];
    atoms_matrix rows = atoms_matrix_f64(mapped, M, H);
    atoms_metric *metric = metric_from_rows(context, mapped, M, H);
    atoms_geometry *g = geometry_of(context, &rows, metric, M);
    check_equiangular(g, M, H, 1 / 7., 1e-10);
    atoms_geometry_destroy(g);
    g = geometry_of(context, &rows, NULL, M);
    ck_assert(report_of(g).mu > .3 && report_of(g).frame_low < 1);
    atoms_geometry_destroy(g);
    atoms_metric_destroy(metric);
    free(d);
    free(a);
    free(mapped);
    counting_end(&memory, context);
}
END_TEST

/* The lowest distance at which (M − distance)(M − distance + 1)/2, the number of pairs so far apart, is still at least `rank`. */
static int farthest_with(int64_t atoms, int64_t rank)
{
    int64_t distance = 1;
    while ((atoms - distance - 1) * (atoms - distance) / 2 >= rank) distance++;
    return (int)distance;
}

/* Cosines ρ^|i − j|: quantiles, levels and a Babel profile in which no two numbers are alike; eigenvalues of Kac, Murdock and Szegő (1953) lie
 * between (1 − ρ)/(1 + ρ) and its inverse. Duplicates go by chains: all atoms are one cluster while its ends are nearly orthogonal. */
START_TEST(an_autoregressive_dictionary_has_its_closed_form)
{
    enum { M = 120, K = 40 };
    const double rho = .8;
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 2);
    double *d = autoregressive_atoms(M, rho), square = 0, profile = 0;
    atoms_matrix m = atoms_matrix_f64(d, M, M);
    atoms_geometry_opts opts;
    atoms_geometry *g;
    ck_assert_ok(atoms_geometry_opts_init(&opts, sizeof opts));
    opts.babel = K;
    opts.duplicate = .75;
    ck_assert_ok(atoms_geometry_create(context, &m, NULL, &opts, &g));
    atoms_geometry_report r = report_of(g);
    const double quantile[] = {r.p50, r.p90, r.p99, r.p999};
    const int64_t mille[] = {500, 900, 990, 999};
    for (int q = 0; q < 4; q++) ck_assert_near(quantile[q], pow(rho, farthest_with(M, (r.pairs * mille[q] + 999) / 1000)), 1e-13);
    ck_assert(r.above[0] == 5 * M - 15 && r.above[1] == 3 * M - 6 && r.above[2] == M - 1 && r.above[3] == 0); /* .8⁵ = .328, .8³ = .512 */
    ck_assert_near(r.mu, rho, 1e-14);
    ck_assert_near(r.mu_positive, rho, 1e-14);
    for (int k = 1; k <= K; k++) {
        profile += pow(rho, (k + 1) / 2); /* one on either side, by turns */
        ck_assert_near(atoms_geometry_babel(g)[k - 1], profile, 1e-13);
    }
    for (int k = 1; k < M; k++) square += 2 * (M - k) * pow(rho, 2 * k) / (M * (M - 1.));
    ck_assert_near(r.mean_square, square, 1e-13);
    ck_assert(r.frame_low > (1 - rho) / (1 + rho) && r.frame_low < 1.01 * (1 - rho) / (1 + rho));
    ck_assert(r.frame_high < (1 + rho) / (1 - rho) && r.frame_high > .9 * (1 + rho) / (1 - rho));
    ck_assert(r.duplicates == M - 1 && r.clusters == 1 && atoms_geometry_cluster(g)[M - 1] == 0);
    atoms_geometry_destroy(g);
    free(d);
    counting_end(&memory, context);
}
END_TEST

/* M lines in the plane, π/M apart: every |cos(πj/M)|, 1 ≤ j ≤ (M − 1)/2, for M pairs; a tight frame. */
START_TEST(lines_in_the_plane_have_their_closed_form)
{
    enum { M = 101, HALF = (M - 1) / 2 };
    const double pi = acos(-1);
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 2);
    double d[2 * M], profile = 0;
    for (int i = 0; i < M; i++) d[2 * i] = cos(pi * i / M), d[2 * i + 1] = sin(pi * i / M);
    atoms_matrix m = atoms_matrix_f64(d, M, 2);
    atoms_geometry *g = geometry_of(context, &m, NULL, M);
    atoms_geometry_report r = report_of(g);
    const double quantile[] = {r.p50, r.p90, r.p99, r.p999};
    const int64_t mille[] = {500, 900, 990, 999};
    for (int q = 0; q < 4; q++) { /* of the HALF values, each there M times */
        int64_t rank = (r.pairs * mille[q] + 999) / 1000, of_values = (rank + M - 1) / M;
        ck_assert_near(quantile[q], cos(pi * (double)(HALF + 1 - of_values) / M), 1e-13);
    }
    ck_assert_near(r.mu, cos(pi / M), 1e-14);
    for (int k = 1; k < M; k++) {
        profile += cos(pi * ((k + 1) / 2) / M);
        ck_assert_near(atoms_geometry_babel(g)[k - 1], profile, 1e-13);
    }
    ck_assert_near(r.welch, sqrt((M - 2.) / (2 * (M - 1.))), 1e-15);
    ck_assert_near(r.frame_low, M / 2., 1e-13);
    ck_assert_near(r.frame_high, M / 2., 1e-13);
    ck_assert_near(r.effective_rank, 2, 1e-13);
    atoms_geometry_destroy(g);
    counting_end(&memory, context);
}
END_TEST

/* [I, DCT]: μ = √(2/H) cos(π/2H), which both ends of the first wave attain, so μ₁(2) = 2μ. */
START_TEST(identity_beside_cosines_has_its_closed_form)
{
    enum { H = 64 };
    const double pi = acos(-1), mu = sqrt(2. / H) * cos(pi / (2 * H));
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 2);
    double *d = calloc(2 * H * H, sizeof *d);
    for (int i = 0; i < H; i++) {
        d[i * H + i] = 1;
        for (int j = 0; j < H; j++) d[(H + i) * H + j] = cos(pi * (2 * j + 1) * i / (2 * H));
    }
    atoms_matrix m = atoms_matrix_f64(d, 2 * H, H);
    atoms_geometry *g = geometry_of(context, &m, NULL, 2);
    atoms_geometry_report r = report_of(g);
    ck_assert_near(r.mu, mu, 1e-14);
    ck_assert_near(atoms_geometry_babel(g)[1], 2 * mu, 1e-14);
    ck_assert_near(r.frame_low, 2, 1e-13);
    ck_assert_near(r.frame_high, 2, 1e-13);
    ck_assert_near(r.mean_square, 1. / (2 * H - 1), 1e-12);
    atoms_geometry_destroy(g);
    free(d);
    counting_end(&memory, context);
}
END_TEST

void add_frame_cases(Suite *suite)
{
    add_loop(suite, "equiangular", equiangular_lines_attain_welchs_bound, 6);
    add_case(suite, "mapped", a_metric_undoes_a_linear_map);
    add_case(suite, "autoregressive", an_autoregressive_dictionary_has_its_closed_form);
    add_case(suite, "plane", lines_in_the_plane_have_their_closed_form);
    add_case(suite, "identity beside cosines", identity_beside_cosines_has_its_closed_form);
}
