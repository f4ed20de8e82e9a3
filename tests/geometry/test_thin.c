/* Thinned dictionaries: below the limit, not one atom more would be, and known ones come out as they should. */
#include <math.h>

#include "counting_memory.h"
#include "geometry_cases.h"
#include "geometry_oracle.h"
#include "suite.h"

/* _i: limits, Euclidean and in a metric; more than one block of atoms. */
START_TEST(what_is_kept_is_incoherent_and_maximal)
{
    static const double limits[] = {.2, .5, .8, .97};
    enum { M = 1100, H = 7 };
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 2);
    atoms_metric *metric = _i % 2 ? some_metric(context, H, 3) : NULL;
    double *d = random_atoms(M, H, 20 + (uint64_t)_i), *c = cosines_of(d, M, H, metric), limit = limits[_i / 2];
    atoms_matrix m = atoms_matrix_f64(d, M, H);
    uint8_t keep[M];
    int64_t kept = -1, counted = 0;
    ck_assert_ok(atoms_geometry_thin(context, &m, metric, limit, keep, &kept));
    for (int64_t i = 0; i < M; i++) {
        int64_t close = 0;
        for (int64_t j = 0; j < M; j++) close += j != i && keep[j] && fabs(c[i * M + j]) >= limit;
        ck_assert(keep[i] ? close == 0 : close > 0);
        counted += keep[i];
    }
    ck_assert(kept == counted && kept > 0 && kept < M);
    free(d);
    free(c);
    atoms_metric_destroy(metric);
    counting_end(&memory, context);
}
END_TEST

START_TEST(known_dictionaries_are_thinned_as_they_should)
{
    enum { H = 64 };
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    double *d = identity_beside_hadamard(H);
    uint8_t keep[2 * H + 1];
    int64_t kept;
    atoms_matrix m = atoms_matrix_f64(d, 2 * H, H);
    ck_assert_ok(atoms_geometry_thin(context, &m, NULL, .126, keep, &kept)); /* μ = 1/8 */
    ck_assert_int_eq(kept, 2 * H);
    ck_assert_ok(atoms_geometry_thin(context, &m, NULL, .125, keep, &kept)); /* the limit itself is not below: one of the bases, which is best */
    ck_assert(kept == H && keep[0] == 1 && keep[H] == 0);
    double star[5 * 3] = {1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 0, 1, 2, 0, 0}; /* the first is near all, the last the second again */
    m = atoms_matrix_f64(star, 5, 3);
    ck_assert_ok(atoms_geometry_thin(context, &m, NULL, .5, keep, &kept));
    ck_assert(kept == 3 && !keep[0] && keep[1] && keep[2] && keep[3] && !keep[4]);
    m = atoms_matrix_f64(star, 1, 3);
    ck_assert_ok(atoms_geometry_thin(context, &m, NULL, .5, keep, &kept));
    ck_assert(kept == 1 && keep[0] == 1);
    free(d);
    counting_end(&memory, context);
}
END_TEST

START_TEST(threads_leave_no_trace_in_thinning)
{
    enum { M = 1300, H = 6 };
    double *d = random_atoms(M, H, 9);
    atoms_matrix m = atoms_matrix_f64(d, M, H);
    uint8_t first[M], keep[M];
    int64_t first_kept = 0, kept;
    for (int32_t threads = 1; threads <= 4; threads *= 2) {
        counting_memory memory = {0};
        atoms_context *context = counting_context(&memory, threads);
        ck_assert_ok(atoms_geometry_thin(context, &m, NULL, .95, keep, &kept));
        if (threads == 1) memcpy(first, keep, M), first_kept = kept;
        ck_assert_mem_eq(first, keep, M);
        ck_assert(kept == first_kept && kept > 512);
        counting_end(&memory, context);
    }
    free(d);
}
END_TEST

void add_thin_cases(Suite *suite)
{
    add_loop(suite, "thinned", what_is_kept_is_incoherent_and_maximal, 8);
    add_case(suite, "thinned known", known_dictionaries_are_thinned_as_they_should);
    add_case(suite, "thinned threads", threads_leave_no_trace_in_thinning);
}
