/* Non-negative pursuit: its answers are non-negative least squares on their support, and over the whole dictionary where the record says so. */
#include <math.h>

#include "pursuit/support.h"
#include "pursuit_oracle.h"
#include "pursuit_problem.h"

void add_nonnegative(Suite *suite);

static atoms_pursuit_opts nonnegative(int64_t max_atoms)
{
    atoms_pursuit_opts opts = options(ATOMS_PURSUIT_OMP, max_atoms);
    opts.nonnegative = 1;
    return opts;
}

/* Run to the end, it is the minimum over the whole dictionary: the distance is that of coordinate descent, and kkt proves it without. */
START_TEST(run_to_its_end_it_is_nonnegative_least_squares)
{
    enum { ATOMS = 60, DIM = 30, ROWS = 25 };
    static const int kinds[] = {GAUSSIAN, DUPLICATED, NON_UNIT, WITH_METRIC};
    problem *p = problem_make(kinds[_i], ATOMS, DIM, ROWS, 10, .5, 31);
    atoms_pursuit_opts opts = nonnegative(DIM);
    answer a = pursue_all(p, &opts);
    double gamma[ATOMS];
    int proved = 0;
    for (int64_t r = 0; r < ROWS; r++) {
        double norm = a.records[r].norm, best = oracle_nonnegative(p->unit, ATOMS, DIM, p->white + r * DIM, gamma);
        for (int64_t e = a.codes.offset[r]; e < a.codes.offset[r + 1]; e++) ck_assert(a.codes.value[e] > 0);
        ck_assert(a.records[r].residual >= best - 1e-9 * norm);
        if (a.records[r].kkt > 1e-6) continue;
        proved++;
        ck_assert_int_eq(a.records[r].status, ATOMS_CODE_CONVERGED);
        ck_assert_msg(a.records[r].residual <= best + 1e-6 * norm, "row %d: %.12g, not %.12g", (int)r, a.records[r].residual, best);
    }
    ck_assert_int_ge(proved, ROWS - 2);
    answer_free(&a);
    problem_free(p);
}

/* Stopped early: least squares on the support (which is interior, as every coefficient is positive), and no more than max_atoms. */
START_TEST(stopped_early_it_is_least_squares_on_its_support)
{
    enum { ATOMS = 200, DIM = 50, ROWS = 30 };
    problem *p = problem_make(CORRELATED, ATOMS, DIM, ROWS, 10, .3, 32);
    int dropped = 0;
    for (int64_t k = 1; k <= 16; k += 5) {
        atoms_pursuit_opts opts = nonnegative(k);
        answer a = pursue_all(p, &opts);
        for (int64_t r = 0; r < ROWS; r++) {
            int64_t n = a.codes.offset[r + 1] - a.codes.offset[r];
            ck_assert_int_le(n, k);
            const int32_t *index = a.codes.index + a.codes.offset[r];
            ck_assert(near(a.records[r].residual, sqrt(oracle_distance(p->unit, DIM, p->x + r * DIM, index, n, NULL)), 1e-6, a.records[r].norm));
            dropped += a.records[r].iterations > n;
        }
        answer_free(&a);
    }
    ck_assert_int_gt(dropped, 0); /* atoms did fall out, or this tests half of it */
    problem_free(p);
}

/* Nothing correlates positively: the empty code, which is the optimum. */
START_TEST(a_signal_on_the_other_side_has_the_empty_code)
{
    const double d[] = {1, 0, .6, .8}, x[] = {-1, -1, 0, -2};
    problem *p = problem_of(d, 2, 2, x, 2);
    atoms_pursuit_opts opts = nonnegative(2);
    answer a = pursue_all(p, &opts);
    ck_assert_int_eq(a.codes.nnz, 0);
    for (int r = 0; r < 2; r++) {
        ck_assert_int_eq(a.records[r].status, ATOMS_CODE_CONVERGED);
        ck_assert(a.records[r].kkt == 0 && near(a.records[r].residual, a.records[r].norm, 1e-15, 0));
    }
    answer_free(&a);
    problem_free(p);
}

/* Factors after drops are those of the atoms that stayed. */
START_TEST(a_factor_survives_drops)
{
    enum { ATOMS = 20, DIM = 16 };
    problem *p = problem_make(GAUSSIAN, ATOMS, DIM, 1, 3, 1, 33);
    int32_t index[DIM];
    double value[DIM], target[DIM], spare[DIM], factor[DIM * (DIM + 1) / 2], r[DIM];
    const double *unit[DIM];
    atomsi_coder coder = {.context = p->context, .dictionary = p->dictionary, .atoms = ATOMS, .dim = DIM};
    atomsi_support s = {.coder = &coder, .x = p->white, .index = index, .value = value, .factor = factor, .target = target, .spare = spare, .unit = unit};
    for (int64_t j = 0; j < 14; j++) atomsi_support_add(&s, j, atomsi_support_try(&s, j));
    static const int64_t drops[] = {13, 0, 5, 5, 9};
    for (int d = 0; d < 5; d++) {
        atomsi_support_drop(&s, drops[d]);
        ck_assert_int_eq(s.count, 13 - d);
        for (int64_t i = 0; i < s.count; i++)
            for (int64_t k = 0; k <= i; k++)
                ck_assert(near(dot(k + 1, atomsi_support_row(&s, i), atomsi_support_row(&s, k)),
                               dot(DIM, p->unit + index[i] * DIM, p->unit + index[k] * DIM), 1e-12, 1));
        atomsi_support_solve(&s, value);
        (void)atomsi_support_residual(&s, value, r);
        for (int64_t i = 0; i < s.count; i++) ck_assert(fabs(dot(DIM, p->unit + index[i] * DIM, r)) < 1e-10 * sqrt(dot(DIM, p->white, p->white)));
    }
    problem_free(p);
}

void add_nonnegative(Suite *suite)
{
    add_loop(suite, "non-negative least squares", run_to_its_end_it_is_nonnegative_least_squares, 4);
    add_case(suite, "non-negative, early", stopped_early_it_is_least_squares_on_its_support);
    add_case(suite, "non-negative, empty", a_signal_on_the_other_side_has_the_empty_code);
    add_case(suite, "drops", a_factor_survives_drops);
}
