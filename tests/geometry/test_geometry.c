/* The geometry of dictionaries: plain loops, duplicates, long profiles, many pairs and many ties, threads. */
#include <atoms/atoms.h>
#include <math.h>

#include "counting_memory.h"
#include "geometry/geometry_parts.h"
#include "geometry_cases.h"
#include "geometry_oracle.h"
#include "suite.h"

/* Multiples of one atom, and their negatives, which are no duplicates. */
START_TEST(duplicates_are_found)
{
    enum { M = 1100, H = 9 };
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 2);
    double *d = random_atoms(M, H, 3);
    for (int k = 0; k < H; k++) {
        d[1000 * H + k] = 3 * d[7 * H + k];
        d[600 * H + k] = .1 * d[7 * H + k];
        d[601 * H + k] = -2 * d[8 * H + k];
        d[1099 * H + k] = d[1098 * H + k];
    }
    float *f = narrowed(d, M * H);
    atoms_geometry_opts opts;
    ck_assert_ok(atoms_geometry_opts_init(&opts, sizeof opts));
    opts.duplicate = .999999;
    atoms_matrix m = atoms_matrix_f32(f, M, H);
    atoms_geometry *g;
    ck_assert_ok(atoms_geometry_create(context, &m, NULL, &opts, &g));
    atoms_geometry_report r = report_of(g);
    ck_assert(r.duplicates == 3 && r.clusters == 2);
    ck_assert_near(r.mu, 1, 1e-13);
    for (int64_t i = 0; i < M; i++) ck_assert_int_eq(atoms_geometry_cluster(g)[i], i == 600 || i == 1000 ? 7 : i == 1099 ? 1098 : i);
    ck_assert(atoms_geometry_partner(g)[601] == 8 && atoms_geometry_partner(g)[1098] == 1099);
    ck_assert(atoms_geometry_nearest(g)[1098] == 1);
    atoms_geometry_destroy(g);
    free(d);
    free(f);
    counting_end(&memory, context);
}
END_TEST

/* _i: shapes, Euclidean and in a metric, as f32 and f64, packed and strided, of wild lengths. */
START_TEST(plain_loops_agree)
{
    static const int64_t shapes[][2] = {{2, 1}, {2, 5}, {3, 2}, {40, 6}, {61, 33}, {530, 5}, {700, 24}, {90, 500}};
    int64_t atoms = shapes[_i][0], dim = shapes[_i][1], checked = 0;
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 2);
    for (int variant = 0; variant < 8; variant++) {
        int in_metric = variant & 1, as_f64 = variant & 2, wild = variant & 4;
        if (in_metric && dim > 100) continue;
        double *d = random_atoms(atoms, dim, 10 + (uint64_t)variant);
        for (int64_t i = 0; i < atoms; i++)
            for (int64_t k = 0; k < dim; k++) d[i * dim + k] = (float)(d[i * dim + k] * (wild ? pow(10, (double)(i % 41 - 20)) : 1));
        float *wide = calloc((size_t)(atoms * (dim + 3)), sizeof *wide);
        for (int64_t e = 0; e < atoms * dim; e++) wide[e / dim * (dim + 3) + e % dim] = (float)d[e];
        atoms_metric *metric = in_metric ? some_metric(context, dim, 5) : NULL;
        atoms_matrix m = atoms_matrix_f32(wide, atoms, dim);
        m.stride = dim + 3;
        if (as_f64) m = atoms_matrix_f64(d, atoms, dim);
        atoms_geometry *g = geometry_of(context, &m, metric, variant % 3 ? 7 : 40);
        double *c = cosines_of(d, atoms, dim, metric);
        for (int64_t e = 0; e < atoms * atoms; e++)
            if (fabs(c[e]) > 1 - 1e-13) c[e] = c[e] > 0 ? 1 : -1; /* in one dimension every pair is */
        check_geometry(g, c, atoms, .95, in_metric ? 1e-10 : 1e-13);
        atoms_geometry_destroy(g);
        atoms_metric_destroy(metric);
        free(c);
        free(wide);
        free(d);
        checked++;
    }
    ck_assert_int_ge(checked, 4);
    counting_end(&memory, context);
}
END_TEST

/* K without end: the profile is as long as there are other atoms, and what is held grows with K, not with the pairs. _i: K as large as lists go,
 * beyond, and any. */
START_TEST(a_profile_of_all_other_atoms)
{
    static const int64_t babel[] = {1024, 1025, INT64_MAX};
    enum { M = 1100, H = 6 };
    double *d = random_atoms(M, H, 12), *c = cosines_of(d, M, H, NULL);
    atoms_matrix m = atoms_matrix_f64(d, M, H);
    atoms_memory_report memory;
    atoms_context *context;
    ck_assert_ok(atoms_context_create(NULL, &context));
    ck_assert_ok(atoms_memory_report_init(&memory, sizeof memory));
    atoms_geometry *g = geometry_of(context, &m, NULL, babel[_i]);
    ck_assert_int_eq(report_of(g).babel, base_min_i64(babel[_i], M - 1));
    check_geometry(g, c, M, .95, 1e-12);
    ck_assert_ok(atoms_context_memory(context, &memory));
    if (_i) ck_assert_uint_lt(memory.peak, 19u << 20); /* 7 of them pairs near quantiles; lists would be 10 more */
    atoms_geometry_destroy(g);
    atoms_context_destroy(context);
    free(c);
    free(d);
}
END_TEST

enum { MANY = 3000, FEW_DIMENSIONS = 6 };

static int rising(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* More pairs than are kept without a sample. _i: 0 random; 1 nearly all pairs alike, which brackets cannot hold. Quantiles by sorting. */
START_TEST(many_pairs_have_exact_quantiles)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 2);
    double *d = random_atoms(MANY, FEW_DIMENSIONS, 77);
    for (int64_t i = 0; i < MANY && _i; i++)
        for (int64_t k = 0; k < FEW_DIMENSIONS; k++)
            if (i % 50) d[i * FEW_DIMENSIONS + k] = k == i % FEW_DIMENSIONS;
    float *f = narrowed(d, MANY * FEW_DIMENSIONS);
    atoms_matrix m = atoms_matrix_f32(f, MANY, FEW_DIMENSIONS);
    atoms_geometry_report r = {0};
    atoms_geometry *g = geometry_of(context, &m, NULL, 4);
    r = report_of(g);
    atoms_geometry_destroy(g);
    double *unit = malloc(MANY * FEW_DIMENSIONS * sizeof *unit), *all = malloc((size_t)MANY * MANY / 2 * sizeof *all);
    for (int64_t i = 0; i < MANY; i++) {
        double s = 0;
        for (int k = 0; k < FEW_DIMENSIONS; k++) s += (double)f[i * FEW_DIMENSIONS + k] * f[i * FEW_DIMENSIONS + k];
        for (int k = 0; k < FEW_DIMENSIONS; k++) unit[i * FEW_DIMENSIONS + k] = f[i * FEW_DIMENSIONS + k] / sqrt(s);
    }
    int64_t n = 0;
    for (int64_t i = 0; i < MANY; i++)
        for (int64_t j = i + 1; j < MANY; j++, n++) {
            all[n] = 0;
            for (int k = 0; k < FEW_DIMENSIONS; k++) all[n] += unit[i * FEW_DIMENSIONS + k] * unit[j * FEW_DIMENSIONS + k];
            all[n] = fabs(all[n]);
        }
    qsort(all, (size_t)n, sizeof *all, rising);
    const double q[] = {r.p50, r.p90, r.p99, r.p999};
    const int64_t mille[] = {500, 900, 990, 999};
    for (int k = 0; k < 4; k++) ck_assert_near(q[k] + 1, all[(n * mille[k] + 999) / 1000 - 1] + 1, 1e-14);
    free(all);
    free(unit);
    free(d);
    free(f);
    counting_end(&memory, context);
}
END_TEST

/* Both ways to the quantiles, on the same pairs. */
START_TEST(brackets_and_radix_agree)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 2);
    double *d = random_atoms(MANY, 31, 5);
    float *f = narrowed(d, MANY * 31);
    atoms_matrix m = atoms_matrix_f32(f, MANY, 31);
    atomsi_directions directions;
    ck_assert_ok(atomsi_directions_of_matrix(context, &m, NULL, "m", &directions));
    atoms_geometry_opts opts;
    ck_assert_ok(atoms_geometry_opts_init(&opts, sizeof opts));
    pair_scan scan;
    double by_brackets[QUANTILES], by_radix[QUANTILES];
    bool settled;
    ck_assert_ok(atomsi_pair_scan_make(&directions, &opts, &scan));
    ck_assert_ok(atomsi_pair_scan_run(&scan));
    ck_assert(scan.quantiles.low[0] > 0); /* a sample was drawn */
    ck_assert_ok(atomsi_brackets_settle(&directions, &scan.quantiles, by_brackets, &settled));
    ck_assert(settled);
    ck_assert_ok(atomsi_quantiles_by_radix(&directions, by_radix));
    for (int q = 0; q < QUANTILES; q++) ck_assert_near(by_brackets[q], by_radix[q], 1e-14);
    scan.quantiles.low[1] = scan.quantiles.high[1] = .99; /* a bracket that misses says so */
    ck_assert_ok(atomsi_brackets_settle(&directions, &scan.quantiles, by_brackets, &settled));
    ck_assert(!settled);
    atomsi_pair_scan_free(&scan);
    atomsi_directions_free(&directions);
    free(d);
    free(f);
    counting_end(&memory, context);
}
END_TEST

/* _i: random, and all ties. */
START_TEST(threads_leave_no_trace)
{
    enum { H = 512, M = 2 * H };
    double *d = _i ? identity_beside_hadamard(H) : random_atoms(M, H, 4);
    float *f = narrowed(d, (int64_t)M * H);
    atoms_matrix m = atoms_matrix_f32(f, M, _i ? H : 40);
    atoms_geometry_report first = {0};
    double babel[32], nearest[M];
    int64_t partner[M];
    for (int32_t threads = 1; threads <= 4; threads *= 2) {
        counting_memory memory = {0};
        atoms_context *context = counting_context(&memory, threads);
        atoms_geometry *g = geometry_of(context, &m, NULL, 32);
        atoms_geometry_report r = report_of(g);
        if (threads == 1) {
            first = r;
            memcpy(babel, atoms_geometry_babel(g), sizeof babel);
            memcpy(nearest, atoms_geometry_nearest(g), sizeof nearest);
            memcpy(partner, atoms_geometry_partner(g), sizeof partner);
        }
        ck_assert_mem_eq(&r, &first, sizeof r);
        ck_assert_mem_eq(babel, atoms_geometry_babel(g), sizeof babel);
        ck_assert_mem_eq(nearest, atoms_geometry_nearest(g), sizeof nearest);
        ck_assert_mem_eq(partner, atoms_geometry_partner(g), sizeof partner);
        atoms_geometry_destroy(g);
        counting_end(&memory, context);
    }
    free(d);
    free(f);
}
END_TEST

static void add_cases(Suite *suite)
{
    add_closed_cases(suite);
    add_frame_cases(suite);
    add_case(suite, "duplicates", duplicates_are_found);
    add_loop(suite, "plain loops", plain_loops_agree, 8);
    add_loop(suite, "all other atoms", a_profile_of_all_other_atoms, 3);
    add_loop(suite, "many pairs", many_pairs_have_exact_quantiles, 2);
    add_case(suite, "brackets and radix", brackets_and_radix_agree);
    add_loop(suite, "threads", threads_leave_no_trace, 2);
    add_bound_cases(suite);
    add_near_tie_cases(suite);
    add_thin_cases(suite);
    add_refusal_cases(suite);
}

SUITE_MAIN("geometry", add_cases)
