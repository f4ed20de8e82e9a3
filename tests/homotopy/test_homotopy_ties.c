/* Ties: symmetric dictionaries and signals in which many atoms meet their bounds at once. The path ends, and says when it is not exact. */
#include <math.h>

#include "homotopy_case.h"
#include "suite.h"

/* [I, Hadamard/√m] and a sparse signal of small integers. */
static homotopy_case *hadamard(int64_t m, int options)
{
    double *unit = calloc((size_t)(2 * m * m), sizeof *unit);
    for (int64_t j = 0; j < m; j++) {
        unit[j * m + j] = 1;
        for (int64_t i = 0; i < m; i++) unit[(m + j) * m + i] = (__builtin_popcountll((unsigned long long)(i & j)) % 2 ? -1 : 1) / sqrt((double)m);
    }
    return case_make(unit, 2 * m, m, options, 1);
}

START_TEST(symmetric_dictionaries_end)
{
    int exact = 0, all = 0;
    for (int trial = 0; trial < 200; trial++, all++) {
        homotopy_case *c = hadamard(16, _i & ~WITH_RIDGE);
        for (int64_t i = 0; i < 16; i++) c->x[i] = 0;
        for (int k = 0; k < 1 + trial % 5; k++) {
            int64_t j = (int64_t)(fabs(case_normal((uint64_t)trial, k)) * 1000) % 32;
            for (int64_t i = 0; i < 16; i++) c->x[i] += (k % 2 ? -1 : 1) * c->unit[j * 16 + i];
        }
        case_start(c);
        case_to(c, 0.01);
        ck_assert(isfinite(c->path->lambda));
        exact += case_kkt(c) < 1e-11;
        case_free(c);
    }
    ck_assert_msg(exact >= 0.98 * all, "%d of %d exact", exact, all);
}
END_TEST

/* The simplex: dim + 1 vectors with equal angles, Σ u_j = 0. x = u_0: the code is 1 − λ on it. */
START_TEST(simplex_by_hand)
{
    enum { M = 5 };
    double *unit = malloc((M + 1) * M * sizeof *unit);
    for (int j = 0; j <= M; j++) /* rows of a Cholesky factor of the Gram matrix (1 + 1/M) I − 1/M */
        for (int i = 0; i < M; i++) {
            double sum = j == i ? 1 : -1.0 / M;
            for (int k = 0; k < i && i <= j; k++) sum -= unit[j * M + k] * unit[i * M + k];
            unit[j * M + i] = i < j ? sum / unit[i * M + i] : i == j ? sqrt(sum) : 0;
        }
    homotopy_case *c = case_make(unit, M + 1, M, WITH_GRAM, 1);
    for (int i = 0; i < M; i++) c->x[i] = unit[i];
    case_start(c);
    case_to(c, 0.25);
    ck_assert_int_eq(c->path->count, 1);
    ck_assert_near(c->path->value[0], 0.75, 1e-15);
    for (int i = 0; i < M; i++) c->x[i] = -unit[i]; /* = Σ_{j>0} u_j; but −u_0 is shorter */
    case_start(c);
    case_to(c, 0.25);
    ck_assert(c->path->count == 1 && c->path->index[0] == 0);
    ck_assert_near(c->path->value[0], -0.75, 1e-15);
    c->plan.nonnegative = 1; /* −u_0 = Σ_{j>0} u_j, five atoms tied at every λ: G_SS 1 = (1/M) 1 */
    case_start(c);
    case_to(c, 0.5 / M);
    ck_assert_int_eq(c->path->count, M);
    for (int k = 0; k < M; k++) ck_assert_near(c->path->value[k], 0.5, 1e-13);
    case_free(c);
}
END_TEST

/* Identical atoms share their part in any proportion: one of them is used, the flags say that it is not the only answer. */
START_TEST(duplicates_are_passed_over)
{
    int flagged = 0;
    for (uint64_t seed = 1; seed <= 10; seed++) {
        homotopy_case *c = case_make(case_atoms(CASE_DUPLICATED, 40, 16, seed), 40, 16, _i, seed);
        case_start(c);
        case_to(c, 0.1 * c->path->lambda_max);
        ck_assert(case_kkt(c) < 1e-11);
        flagged += (c->path->flags & ATOMS_CODE_NOT_UNIQUE) != 0;
        if (!(_i & (WEIGHTED | WITH_RIDGE)))
            for (int64_t i = 0; i < c->path->count; i++)
                for (int64_t k = 0; k < i; k++) ck_assert_int_ne(c->path->index[i] / 2, c->path->index[k] / 2);
        case_free(c);
    }
    if (!(_i & (WEIGHTED | WITH_RIDGE | NONNEGATIVE))) ck_assert_int_ge(flagged, 8);
}
END_TEST

void add_ties(Suite *suite);
void add_ties(Suite *suite)
{
    add_loop(suite, "symmetric", symmetric_dictionaries_end, WITH_RIDGE);
    add_case(suite, "simplex", simplex_by_hand);
    add_loop(suite, "duplicates", duplicates_are_passed_over, ALL_OPTIONS);
}
