/* Records against plain f64 loops, over dictionaries, solvers and options; all of them converge; solvers agree. */
#include <math.h>
#include <stdlib.h>

#include "counting_memory.h"
#include "lasso_case.h"
#include "suite.h"

static const int32_t solvers[4] = {ATOMS_LASSO_CD, ATOMS_LASSO_LARS, ATOMS_LASSO_FISTA, ATOMS_LASSO_ISTA};

/* Objectives of two answers differ by no more than their gaps. */
static void check_agreement(const lasso_answers *a, const lasso_answers *b, int64_t rows)
{
    for (int64_t r = 0; r < rows; r++) {
        double slack = fmax(a->records[r].gap, b->records[r].gap) + 1e-12 * a->records[r].norm * a->records[r].norm;
        ck_assert(fabs(a->records[r].objective - b->records[r].objective) <= slack);
    }
}

/* Each kind of dictionary and each variant of the problem, by all solvers. */
enum { PLAIN = 0, NONNEGATIVE = 1, RIDGE = 2, WEIGHTS = 3, ALL_OF_THEM = 4, VARIANTS = 5 };

START_TEST(records_are_true_and_solvers_agree)
{
    int kind = _i % LASSO_KINDS, variant = _i / LASSO_KINDS;
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    lasso_case c = lasso_case_make(context, kind, 40 + (uint64_t)_i, 24, 90, 7);
    atoms_lasso_opts opts = lasso_options();
    double *weights = malloc((size_t)c.atoms * sizeof *weights);
    ck_assert_ptr_nonnull(weights);
    for (int64_t j = 0; j < c.atoms; j++) weights[j] = exp(.5 * lasso_normal(77, j));
    if (variant == NONNEGATIVE || variant == ALL_OF_THEM) opts.nonnegative = 1;
    if (variant == RIDGE || variant == ALL_OF_THEM) opts.ridge = .05;
    if (variant == WEIGHTS || variant == ALL_OF_THEM) opts.weights = weights;
    lasso_answers first = lasso_solve(&c, &opts);
    int64_t checked = lasso_check(&c, &opts, &first);
    for (int64_t r = 0; r < c.rows; r++) ck_assert_msg(first.records[r].status == ATOMS_CODE_CONVERGED, "gap %g", first.records[r].gap);
    for (int s = 1; s < 4; s++) {
        opts.solver = solvers[s];
        lasso_answers other = lasso_solve(&c, &opts);
        checked += lasso_check(&c, &opts, &other);
        check_agreement(&first, &other, c.rows);
        for (int64_t r = 0; r < c.rows && s < 3; r++)
            ck_assert_msg(other.records[r].status == ATOMS_CODE_CONVERGED, "solver %d: gap %g", s, other.records[r].gap);
        lasso_answers_free(&other);
    }
    opts.solver = ATOMS_LASSO_CD;
    opts.gram_bytes = -1; /* on working sets */
    lasso_answers sets = lasso_solve(&c, &opts);
    checked += lasso_check(&c, &opts, &sets);
    check_agreement(&first, &sets, c.rows);
    for (int64_t r = 0; r < c.rows; r++) ck_assert_int_eq(sets.records[r].status, ATOMS_CODE_CONVERGED);
    ck_assert_int_eq(checked, 5 * c.rows);
    lasso_answers_free(&sets);
    lasso_answers_free(&first);
    lasso_case_free(&c);
    free(weights);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

/* Larger, so that working sets are a part of the dictionary, sets outgrow their small matrix, and there are several pieces. */
START_TEST(working_sets_reach_the_same_answer_at_any_tolerance)
{
    static const double tolerances[3] = {1e-2, 1e-4, 1e-6}, levels[3] = {.3, .05, .01};
    double tol = tolerances[_i % 3], rel = levels[_i / 3];
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    for (int kind = 0; kind < LASSO_KINDS; kind++) {
        lasso_case c = lasso_case_make(context, kind, 400 + (uint64_t)kind, 96, 800, 20);
        atoms_lasso_opts opts = lasso_options();
        opts.tol = tol;
        opts.lambda_rel = rel;
        lasso_answers sets = lasso_solve(&c, &opts);
        ck_assert_int_eq(lasso_check(&c, &opts, &sets), c.rows);
        opts.gram_bytes = 1 << 30;
        lasso_answers gram = lasso_solve(&c, &opts);
        ck_assert_int_eq(lasso_check(&c, &opts, &gram), c.rows);
        check_agreement(&sets, &gram, c.rows);
        for (int64_t r = 0; r < c.rows; r++) {
            ck_assert_msg(sets.records[r].status == ATOMS_CODE_CONVERGED, "kind %d row %d: gap %g", kind, (int)r, sets.records[r].gap);
            ck_assert_msg(gram.records[r].status == ATOMS_CODE_CONVERGED, "kind %d row %d: gap %g", kind, (int)r, gram.records[r].gap);
        }
        lasso_answers_free(&gram);
        lasso_answers_free(&sets);
        lasso_case_free(&c);
    }
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

/* Dense signals at a small λ: descent crawls along nearly dependent supports, on all atoms and on sets, and the path takes over. */
START_TEST(rows_that_descent_does_not_finish_walk_the_path)
{
    static const struct { int64_t dim, atoms; double rel, ridge; int32_t nonnegative; int64_t gram; } sizes[6] =
        {{64, 256, .01, 0, 1, 0}, {64, 256, .01, 0, 0, 0}, {100, 200, .001, 0, 0, 0}, {64, 256, .005, 0, 0, -1}, {60, 540, .005, 0, 0, 0}, {60, 120, .001, 1e-6, 0, 0}};
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    lasso_case c = lasso_case_make(context, LASSO_GAUSSIAN, 70, sizes[_i].dim, sizes[_i].atoms, 60);
    for (int64_t i = 0; i < c.rows * c.dim; i++) c.x[i] = lasso_normal(71, i);
    atoms_lasso_opts opts = lasso_options();
    opts.lambda_rel = sizes[_i].rel;
    opts.ridge = sizes[_i].ridge;
    opts.nonnegative = sizes[_i].nonnegative;
    opts.gram_bytes = sizes[_i].gram;
    lasso_answers a = lasso_solve(&c, &opts);
    ck_assert_int_eq(lasso_check(&c, &opts, &a), c.rows);
    int64_t walked = 0;
    for (int64_t r = 0; r < c.rows; r++) {
        ck_assert_msg(a.records[r].status == ATOMS_CODE_CONVERGED, "row %d: gap %g", (int)r, a.records[r].gap / (.5 * a.records[r].norm * a.records[r].norm));
        walked += !isnan(a.records[r].min_pivot);
    }
    ck_assert_int_gt(walked, 0);
    opts.solver = ATOMS_LASSO_LARS;
    lasso_answers exact = lasso_solve(&c, &opts);
    check_agreement(&a, &exact, c.rows);
    lasso_answers_free(&exact);
    lasso_answers_free(&a);
    opts.solver = ATOMS_LASSO_CD;
    opts.max_iterations = 3; /* what the caller says holds */
    a = lasso_solve(&c, &opts);
    for (int64_t r = 0; r < c.rows; r++) ck_assert(a.records[r].iterations <= 3 && isnan(a.records[r].min_pivot));
    lasso_answers_free(&a);
    lasso_case_free(&c);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

/* With a metric every product is taken in it. */
START_TEST(a_metric_is_honoured)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    lasso_case c = lasso_case_make(context, LASSO_LENGTHS, 91, 20, 64, 9);
    atoms_matrix d = atoms_matrix_f64(c.d, c.atoms, c.dim);
    atoms_metric *metric;
    ck_assert_ok(atoms_metric_from_dictionary(context, &d, NULL, &metric));
    c.metric = metric;
    for (int s = 0; s < 4; s++) {
        atoms_lasso_opts opts = lasso_options();
        opts.solver = solvers[s];
        opts.nonnegative = s & 1;
        lasso_answers a = lasso_solve(&c, &opts);
        ck_assert_int_eq(lasso_check(&c, &opts, &a), c.rows);
        for (int64_t r = 0; r < c.rows; r++) ck_assert_int_eq(a.records[r].status, ATOMS_CODE_CONVERGED);
        lasso_answers_free(&a);
    }
    lasso_case_free(&c);
    atoms_metric_destroy(metric);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

void add_record_cases(Suite *suite);
void add_record_cases(Suite *suite)
{
    add_loop(suite, "records", records_are_true_and_solvers_agree, LASSO_KINDS * VARIANTS);
    add_loop(suite, "working sets", working_sets_reach_the_same_answer_at_any_tolerance, 9);
    add_loop(suite, "hand-over", rows_that_descent_does_not_finish_walk_the_path, 6);
    add_case(suite, "metric", a_metric_is_honoured);
}
