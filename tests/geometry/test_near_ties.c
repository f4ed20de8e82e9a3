/* Cosines a hundred times closer to each other than products in f32 can tell: every figure has to be settled in f64. */
#include <math.h>

#include "counting_memory.h"
#include "geometry/geometry_internal.h"
#include "geometry_cases.h"
#include "geometry_oracle.h"
#include "suite.h"

enum { M = 200, OTHERS = M - 1, CENTRE = 100 };

/* c_i = ½ + (rank − 99.5)·10⁻⁹, the ranks 0 … 198 in no order: below rank 100 they are less than a half. */
static int rank_of(int i) { return i * 83 % OTHERS; }
static double cosine_of_rank(int rank) { return .5 + (rank - CENTRE + .5) * 1e-9; }

static double *near_ties(int *nearest)
{
    double cosine[M] = {0};
    for (int i = 1; i < M; i++) {
        cosine[i] = cosine_of_rank(rank_of(i));
        if (rank_of(i) == OTHERS - 1) *nearest = i;
    }
    return fan_of_atoms(M, cosine);
}

START_TEST(figures_are_settled_in_f64)
{
    enum { K = 8 };
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 2);
    int nearest = 0;
    double *d = near_ties(&nearest), sum = 0;
    atoms_matrix m = atoms_matrix_f64(d, M, M);
    atoms_geometry_opts opts;
    atoms_geometry *g;
    ck_assert_ok(atoms_geometry_opts_init(&opts, sizeof opts));
    opts.babel = K;
    opts.duplicate = .5;
    ck_assert_ok(atoms_geometry_create(context, &m, NULL, &opts, &g));
    atoms_geometry_report r = report_of(g);
    const double most = cosine_of_rank(OTHERS - 1);
    ck_assert_near(r.mu, most, 1e-14);
    ck_assert_near(r.mu_positive, most, 1e-14);
    ck_assert(r.pair[0] == 0 && r.pair[1] == nearest && atoms_geometry_partner(g)[0] == nearest);
    for (int k = 0; k < K; k++) {
        sum += cosine_of_rank(OTHERS - 1 - k);
        ck_assert_near(atoms_geometry_babel(g)[k], sum, 1e-14);
    }
    ck_assert_near(atoms_geometry_atom_babel(g)[0], sum, 1e-14);
    ck_assert_near(r.p999, cosine_of_rank(179), 1e-14); /* the 19 881st of 19 900 pairs, of which the last 199 are atom 0's */
    ck_assert_near(r.p99, most * cosine_of_rank(OTHERS - 2), 1e-14);
    ck_assert(r.above[0] == OTHERS && r.above[1] == OTHERS - CENTRE && r.above[2] == 0);
    ck_assert(r.duplicates == OTHERS - CENTRE && r.clusters == 1);
    for (int i = 1; i < M; i++) ck_assert_int_eq(atoms_geometry_cluster(g)[i], rank_of(i) >= CENTRE ? 0 : i);
    atoms_geometry_destroy(g);
    free(d);
    counting_end(&memory, context);
}
END_TEST

START_TEST(thinning_is_decided_in_f64)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 2);
    int nearest = 0;
    double *d = near_ties(&nearest);
    uint8_t keep[M];
    int64_t kept;
    atoms_matrix m = atoms_matrix_f64(d, M, M);
    ck_assert_ok(atoms_geometry_thin(context, &m, NULL, cosine_of_rank(OTHERS), keep, &kept)); /* above every cosine */
    ck_assert_int_eq(kept, M);
    ck_assert_ok(atoms_geometry_thin(context, &m, NULL, cosine_of_rank(OTHERS - 1) - .5e-9, keep, &kept)); /* above all but one */
    ck_assert(kept == M - 1 && !keep[nearest]);
    free(d);
    counting_end(&memory, context);
}
END_TEST

/* _i: the tile in which the largest cosine lies; products in f32 see it in another one. */
START_TEST(the_largest_cosine_is_found_in_its_tile)
{
    enum { MANY = ATOMSI_GRAM_SIDE + 90 };
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 2);
    double cosine[MANY];
    for (int i = 0; i < MANY; i++) cosine[i] = .5 + 1e-11 * (i * 83 % 1000);
    cosine[1 + _i * ATOMSI_GRAM_SIDE] = .5 + 2e-8;
    double *d = fan_of_atoms(MANY, cosine);
    atoms_matrix m = atoms_matrix_f64(d, MANY, MANY);
    atoms_geometry_opts opts;
    atoms_geometry *g;
    ck_assert_ok(atoms_geometry_opts_init(&opts, sizeof opts));
    opts.spectrum = 0;
    opts.babel = 1;
    ck_assert_ok(atoms_geometry_create(context, &m, NULL, &opts, &g));
    ck_assert_near(report_of(g).mu_positive, .5 + 2e-8, 1e-13);
    ck_assert(report_of(g).pair[0] == 0 && report_of(g).pair[1] == 1 + _i * ATOMSI_GRAM_SIDE);
    atoms_geometry_destroy(g);
    free(d);
    counting_end(&memory, context);
}
END_TEST

/* A limit that is attained: (1, 0) and (3, 4) have the cosine 0.6 exactly, as numbers go. */
START_TEST(a_limit_that_is_attained_counts)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    const float pair[] = {1, 0, 3, 4};
    atoms_matrix m = atoms_matrix_f32(pair, 2, 2);
    atoms_geometry_opts opts;
    ck_assert_ok(atoms_geometry_opts_init(&opts, sizeof opts));
    for (int over = 0; over <= 1; over++) {
        atoms_geometry *g;
        opts.duplicate = over ? nextafter(.6, 1) : .6;
        ck_assert_ok(atoms_geometry_create(context, &m, NULL, &opts, &g));
        ck_assert(report_of(g).mu == .6 && report_of(g).duplicates == !over);
        atoms_geometry_destroy(g);
    }
    counting_end(&memory, context);
}
END_TEST

/* Two atoms at right angles in three dimensions: their Gram matrix has only ones, the frame's operator has a zero. */
START_TEST(fewer_atoms_than_dimensions_have_the_lower_bound_zero)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    const double d[] = {1, 0, 0, 0, 2, 0};
    atoms_matrix m = atoms_matrix_f64(d, 2, 3);
    atoms_geometry *g = geometry_of(context, &m, NULL, 1);
    ck_assert(report_of(g).frame_low == 0 && report_of(g).frame_high == 1);
    atoms_geometry_destroy(g);
    counting_end(&memory, context);
}
END_TEST

void add_near_tie_cases(Suite *suite)
{
    add_case(suite, "near ties", figures_are_settled_in_f64);
    add_case(suite, "near ties, thinned", thinning_is_decided_in_f64);
    add_loop(suite, "near ties, tiles", the_largest_cosine_is_found_in_its_tile, 2);
    add_case(suite, "a limit attained", a_limit_that_is_attained_counts);
    add_case(suite, "fewer atoms", fewer_atoms_than_dimensions_have_the_lower_bound_zero);
}
