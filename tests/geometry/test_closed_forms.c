/* Dictionaries of which every figure is known by hand: bases, beside others and twice, and the simplex. */
#include <math.h>

#include "counting_memory.h"
#include "geometry_cases.h"
#include "geometry_oracle.h"
#include "suite.h"

/* _i: in f32 where it lies, in f64 by a copy, and as a dictionary's handle: a basis with signs and lengths. */
START_TEST(orthonormal_atoms_have_nothing_in_common)
{
    enum { M = 700 };
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 2);
    double *d = calloc(M * M, sizeof *d);
    for (int64_t i = 0; i < M; i++) d[i * M + i] = i % 3 ? 2 : -.5;
    float *f = narrowed(d, M * M);
    atoms_matrix m = _i ? atoms_matrix_f64(d, M, M) : atoms_matrix_f32(f, M, M);
    atoms_dictionary *dictionary = NULL;
    atoms_geometry *g;
    if (_i == 2) {
        ck_assert_ok(atoms_dictionary_create(context, &m, NULL, &dictionary));
        ck_assert_ok(atoms_geometry_of_dictionary(dictionary, NULL, &g));
    } else {
        g = geometry_of(context, &m, NULL, 32);
    }
    atoms_geometry_report r = report_of(g);
    ck_assert(r.mu == 0 && r.mu_positive == 0 && r.p50 == 0 && r.p999 == 0 && r.pair[0] == 0 && r.pair[1] == 1);
    ck_assert(r.above[0] == 0 && r.duplicates == 0 && r.clusters == 0 && r.welch == 0 && isnan(r.welch_ratio));
    ck_assert(r.babel == 32 && atoms_geometry_babel(g)[0] == 0 && atoms_geometry_babel(g)[31] == 0);
    ck_assert(r.frame_low == 1 && r.frame_high == 1 && r.mean_square == 0);
    ck_assert_near(r.effective_rank, M, 1e-12);
    atoms_geometry_destroy(g);
    atoms_geometry_destroy(NULL);
    atoms_dictionary_destroy(dictionary);
    free(d);
    free(f);
    counting_end(&memory, context);
}
END_TEST

/* Rows of I − 11ᵀ/M span M − 1 dimensions: written in a basis of these they are M atoms in M − 1. Here they stay in M, and Welch's bound
 * with H = M − 1 is checked by hand. */
START_TEST(simplex_has_its_closed_form)
{
    enum { M = 24 };
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    double d[M * (M - 1)]; /* Helmert's basis of the hyperplane: vertex i of the regular simplex in M − 1 dimensions */
    for (int i = 0; i < M; i++)
        for (int k = 1; k < M; k++) d[i * (M - 1) + k - 1] = i < k ? 1 / sqrt(k * (k + 1.)) : i == k ? -k / sqrt(k * (k + 1.)) : 0;
    atoms_matrix m = atoms_matrix_f64(d, M, M - 1);
    atoms_geometry *g = geometry_of(context, &m, NULL, M + 3);
    atoms_geometry_report r = report_of(g);
    const double mu = 1. / (M - 1);
    ck_assert_near(r.mu, mu, 1e-14);
    ck_assert_near(r.mu_positive, -mu, 1e-14);
    ck_assert_near(r.p50, mu, 1e-14);
    ck_assert_near(r.p999, mu, 1e-14);
    ck_assert_near(r.welch, mu, 1e-14);
    ck_assert_near(r.welch_ratio, 1, 1e-14);
    ck_assert_near(r.frame_low, M / (M - 1.), 1e-14);
    ck_assert_near(r.frame_high, M / (M - 1.), 1e-14);
    ck_assert_near(r.effective_rank, M - 1, 1e-13);
    ck_assert_near(r.mean_square, mu * mu, 1e-12);
    ck_assert_int_eq(r.babel, M - 1); /* more was asked for than there are others */
    for (int k = 1; k < M; k++) ck_assert_near(atoms_geometry_babel(g)[k - 1], mu * k, 1e-13);
    atoms_geometry_destroy(g);
    counting_end(&memory, context);
}
END_TEST

/* _i: f32 in place, and f64. */
START_TEST(identity_beside_hadamard_has_its_closed_form)
{
    enum { H = 256 };
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 2);
    double *d = identity_beside_hadamard(H);
    float *f = narrowed(d, 2 * H * H);
    atoms_matrix m = _i ? atoms_matrix_f64(d, 2 * H, H) : atoms_matrix_f32(f, 2 * H, H);
    atoms_geometry *g = geometry_of(context, &m, NULL, 300);
    atoms_geometry_report r = report_of(g);
    ck_assert(r.mu == .0625 && r.mu_positive == .0625 && r.pair[0] == 0 && r.pair[1] == H);
    ck_assert(r.p50 == .0625 && r.p999 == .0625); /* H² of 2H(2H − 1)/2 pairs: just over a half */
    ck_assert(r.frame_low == 2 && r.frame_high == 2);
    for (int k = 1; k <= 300; k++) ck_assert(atoms_geometry_babel(g)[k - 1] == .0625 * (k < H ? k : H));
    for (int i = 0; i < 2 * H; i++) ck_assert(atoms_geometry_partner(g)[i] == (i < H ? H : 0) && atoms_geometry_nearest(g)[i] == .0625);
    ck_assert_near(r.welch, sqrt(1. / (2 * H - 1)), 1e-15);
    ck_assert_near(r.mean_square, 1. / (2 * H - 1), 1e-12);
    atoms_geometry_destroy(g);
    free(d);
    free(f);
    counting_end(&memory, context);
}
END_TEST

/* Eigenvalues: D = diag(√λ)·Q has D Dᵀ with any trace-M spectrum only after scaling, so take two blocks: p copies of e₁ and one each of the rest. */
START_TEST(the_spectrum_is_that_of_the_frame)
{
    enum { H = 5, P = 4, M = P + H - 1 };
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    double d[M * H] = {0};
    for (int i = 0; i < M; i++) d[i * H + (i < P ? 0 : i - P + 1)] = 1 + i;
    double entropy = -(P / (double)M) * log(P / (double)M) - (H - 1) * (1. / M) * log(1. / M);
    for (int fewer = 0; fewer <= 1; fewer++) { /* fewer atoms than dimensions: the other product is formed, and A is 0 */
        atoms_matrix m = atoms_matrix_f64(d, fewer ? P : M, H);
        atoms_geometry *g = geometry_of(context, &m, NULL, 3);
        atoms_geometry_report r = report_of(g);
        ck_assert_near(r.frame_high, P, 1e-14);
        ck_assert_near(r.frame_low + 1, fewer ? 1 : 2, 1e-14);
        ck_assert_near(r.effective_rank, fewer ? 1 : exp(entropy), 1e-13);
        ck_assert_near(r.mean_square, fewer ? 1 : (double)P * (P - 1) / (M * (M - 1.)), 1e-13);
        atoms_geometry_destroy(g);
    }
    counting_end(&memory, context);
}
END_TEST

/* Atoms in a hyperplane have the lower bound 0, not what rounding makes of it; tilted out of it by a little they have what the tilt gives. */
START_TEST(atoms_that_do_not_span_have_the_lower_bound_zero)
{
    enum { H = 12, M = 40 };
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    for (uint64_t seed = 1; seed <= 20; seed++) {
        double *d = random_atoms(M, H, seed), squares = H * (H + 1) * (2 * H + 1) / 6;
        for (int i = 0; i < M; i++) {
            double along = 0;
            for (int k = 0; k < H; k++) along += d[i * H + k] * (k + 1) / squares;
            for (int k = 0; k < H; k++) d[i * H + k] -= along * (k + 1);
        }
        atoms_matrix m = atoms_matrix_f64(d, M, H);
        atoms_geometry *flat = geometry_of(context, &m, NULL, 3);
        ck_assert(report_of(flat).frame_low == 0 && report_of(flat).frame_high > 1);
        for (int k = 0; k < H; k++) d[k] += 1e-5 * (k + 1);
        atoms_geometry *tilted = geometry_of(context, &m, NULL, 3);
        ck_assert(report_of(tilted).frame_low > 1e-11 && report_of(tilted).frame_low < 1e-6);
        atoms_geometry_destroy(flat);
        atoms_geometry_destroy(tilted);
        free(d);
    }
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

/* Each atom of a basis twice: μ = μ₁(k) = 1, a frame of bounds 2, and as many clusters as atoms. _i: the second time negated, which is no duplicate. */
START_TEST(a_basis_twice_has_its_closed_form)
{
    enum { H = 90, M = 2 * H };
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 2);
    double *d = calloc(M * H, sizeof *d);
    for (int i = 0; i < M; i++) d[i * H + i % H] = i < H ? .5 : _i ? -3 : 3;
    atoms_matrix m = atoms_matrix_f64(d, M, H);
    atoms_geometry *g = geometry_of(context, &m, NULL, 10);
    atoms_geometry_report r = report_of(g);
    ck_assert(r.mu == 1 && r.mu_positive == (_i ? 0 : 1) && r.pair[0] == 0 && r.pair[1] == H && r.p50 == 0 && r.p99 == 0 && r.p999 == 1);
    for (int l = 0; l < ATOMS_GEOMETRY_LEVELS; l++) ck_assert_int_eq(r.above[l], H);
    for (int k = 0; k < 10; k++) ck_assert(atoms_geometry_babel(g)[k] == 1);
    for (int i = 0; i < M; i++) {
        ck_assert_int_eq(atoms_geometry_partner(g)[i], (i + H) % M);
        ck_assert_int_eq(atoms_geometry_cluster(g)[i], _i ? i : i % H);
    }
    ck_assert(r.duplicates == (_i ? 0 : H) && r.clusters == (_i ? 0 : H));
    ck_assert_near(r.frame_low, 2, 1e-14);
    ck_assert_near(r.frame_high, 2, 1e-14);
    ck_assert_near(r.effective_rank, H, 1e-13);
    ck_assert_near(r.mean_square, 1. / (M - 1), 1e-13);
    atoms_geometry_destroy(g);
    free(d);
    counting_end(&memory, context);
}
END_TEST

void add_closed_cases(Suite *suite)
{
    add_loop(suite, "orthonormal", orthonormal_atoms_have_nothing_in_common, 3);
    add_case(suite, "simplex", simplex_has_its_closed_form);
    add_loop(suite, "identity beside Hadamard", identity_beside_hadamard_has_its_closed_form, 2);
    add_case(suite, "spectrum", the_spectrum_is_that_of_the_frame);
    add_case(suite, "no frame", atoms_that_do_not_span_have_the_lower_bound_zero);
    add_loop(suite, "twice", a_basis_twice_has_its_closed_form, 2);
}
