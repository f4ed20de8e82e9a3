/* Known answers: closed forms, instances built from their answer, warm starts and paths. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "counting_memory.h"
#include "lasso_case.h"
#include "../golden/lasso_golden.h"
#include "suite.h"

static lasso_case empty_case(atoms_context *context, int64_t dim, int64_t atoms, int64_t rows)
{
    lasso_case c = {.context = context, .atoms = atoms, .dim = dim, .rows = rows};
    c.d = calloc((size_t)(atoms * dim), sizeof *c.d);
    c.x = calloc((size_t)(rows * dim), sizeof *c.x);
    ck_assert(c.d && c.x);
    return c;
}

static double soft(double v, double t)
{
    return fabs(v) > t ? v - copysign(t, v) : 0;
}

/* The rotation by Hadamard's matrix, dim a power of two: a_j = T_λ(d_j·x). */
START_TEST(orthonormal_atoms_are_thresholded)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    lasso_case c = empty_case(context, 16, 16, 5);
    for (int64_t j = 0; j < 16; j++)
        for (int64_t i = 0; i < 16; i++) c.d[j * 16 + i] = __builtin_popcountll((uint64_t)(i & j)) % 2 ? -.25 : .25;
    for (int64_t i = 0; i < 5 * 16; i++) c.x[i] = lasso_normal(5, i);
    atoms_lasso_opts opts = lasso_options();
    opts.solver = _i;
    opts.lambda = .5;
    lasso_answers a = lasso_solve(&c, &opts);
    ck_assert_int_eq(lasso_check(&c, &opts, &a), 5);
    int64_t zeros = 0;
    for (int64_t r = 0; r < 5; r++)
        for (int64_t j = 0; j < 16; j++) {
            double product = 0;
            for (int64_t i = 0; i < 16; i++) product += c.d[j * 16 + i] * c.x[r * 16 + i];
            ck_assert(fabs(a.dense[r * 16 + j] - soft(product, .5)) < 1e-6);
            zeros += a.dense[r * 16 + j] == 0;
        }
    ck_assert(zeros > 10 && zeros < 70);
    lasso_answers_free(&a);
    lasso_case_free(&c);
    atoms_context_destroy(context);
}
END_TEST

/* Two atoms at an angle, both needed with these signs: a = G⁻¹(c − λ s). */
START_TEST(two_atoms_have_a_closed_form)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    lasso_case c = empty_case(context, 3, 2, 1);
    double cosine = .6, lambda = .2;
    memcpy(c.d, (double[]){1, 0, 0, cosine, .8, 0}, 6 * sizeof *c.d);
    memcpy(c.x, (double[]){2, -1.5, .3}, 3 * sizeof *c.x);
    double c0 = 2 - lambda, c1 = 2 * cosine - 1.5 * .8 + lambda, det = 1 - cosine * cosine; /* signs + − */
    atoms_lasso_opts opts = lasso_options();
    opts.solver = _i;
    opts.lambda = lambda;
    lasso_answers a = lasso_solve(&c, &opts);
    ck_assert_int_eq(lasso_check(&c, &opts, &a), 1);
    ck_assert(fabs(a.dense[0] - (c0 - cosine * c1) / det) < 1e-5);
    ck_assert(fabs(a.dense[1] - (c1 - cosine * c0) / det) < 1e-5);
    lasso_answers_free(&a);
    lasso_case_free(&c);
    atoms_context_destroy(context);
}
END_TEST

/* The simplex: n + 1 unit atoms in n dimensions with products −1/n (here as n + 1 dimensions minus their mean). x = t·d_0: a_0 = t − λ. */
START_TEST(the_simplex_has_a_closed_form)
{
    enum { N = 12 };
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    lasso_case c = empty_case(context, N, N, 1);
    for (int64_t j = 0; j < N; j++)
        for (int64_t i = 0; i < N; i++) c.d[j * N + i] = ((i == j) - 1. / N) / sqrt(1 - 1. / N);
    for (int64_t i = 0; i < N; i++) c.x[i] = 3 * c.d[4 * N + i];
    atoms_lasso_opts opts = lasso_options();
    opts.solver = _i;
    opts.lambda = .5;
    lasso_answers a = lasso_solve(&c, &opts);
    ck_assert_int_eq(lasso_check(&c, &opts, &a), 1);
    for (int64_t j = 0; j < N; j++) ck_assert(fabs(a.dense[j] - (j == 4 ? 2.5 : 0)) < 1e-5);
    lasso_answers_free(&a);
    lasso_case_free(&c);
    atoms_context_destroy(context);
}
END_TEST

/* Instances with a known answer (Lorenz, Pfetsch, Tillmann 2015): choose a support S with signs s, and y with d_j·y = s_j on S and |d_j·y| < 1
 * elsewhere; then x = D a + λ y has the answer a for every a with those signs. On [I, Hadamard/√m], with S one atom of each half, y = G⁻¹ does.
 * Where `gaussian`, y = D_S G⁻¹ s is tried for random S until it fits. */
static int source(const lasso_case *c, const int64_t *support, const double *sign, int64_t k, double *y)
{
    double g[16], w[4], product;
    for (int64_t a = 0; a < k; a++) {
        w[a] = sign[a];
        for (int64_t b = 0; b < k; b++) {
            g[a * k + b] = 0;
            for (int64_t i = 0; i < c->dim; i++) g[a * k + b] += c->d[support[a] * c->dim + i] * c->d[support[b] * c->dim + i];
        }
    }
    for (int64_t a = 0; a < k; a++) /* Gauss, no pivots: nearly the identity */
        for (int64_t b = a + 1; b < k; b++) {
            double f = g[b * k + a] / g[a * k + a];
            for (int64_t i = a; i < k; i++) g[b * k + i] -= f * g[a * k + i];
            w[b] -= f * w[a];
        }
    for (int64_t a = k; a-- > 0;) {
        for (int64_t b = a + 1; b < k; b++) w[a] -= g[a * k + b] * w[b];
        w[a] /= g[a * k + a];
    }
    memset(y, 0, (size_t)c->dim * sizeof *y);
    for (int64_t a = 0; a < k; a++)
        for (int64_t i = 0; i < c->dim; i++) y[i] += w[a] * c->d[support[a] * c->dim + i];
    for (int64_t j = 0; j < c->atoms; j++) {
        product = 0;
        for (int64_t i = 0; i < c->dim; i++) product += c->d[j * c->dim + i] * y[i];
        int inside = 0;
        for (int64_t a = 0; a < k; a++) inside |= support[a] == j;
        if (!inside && fabs(product) > .95) return 0;
    }
    return 1;
}

START_TEST(instances_built_from_their_answer_are_solved)
{
    enum { K = 4, DIM = 64 };
    int solver = _i % 4, hadamard = _i / 4;
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    lasso_case c = lasso_case_make(context, LASSO_GAUSSIAN, 60, DIM, 2 * DIM, 1);
    for (int64_t j = 0; hadamard && j < 2 * DIM; j++)
        for (int64_t i = 0; i < DIM; i++)
            c.d[j * DIM + i] = j < DIM ? i == j : __builtin_popcountll((uint64_t)(i & (j - DIM))) % 2 ? -.125 : .125;
    atoms_lasso_opts opts = lasso_options();
    opts.solver = solver;
    int64_t solved = 0;
    for (int64_t trial = 0; trial < 20; trial++) {
        int64_t support[K];
        double sign[K], value[K], y[DIM];
        for (int64_t k = 0; k < K; k++) {
            support[k] = (trial * 37 + k * 29 + 5) % (2 * DIM);
            value[k] = lasso_normal(61, trial * K + k);
            value[k] += copysign(.2, value[k]);
            sign[k] = copysign(1, value[k]);
        }
        if (!source(&c, support, sign, K, y)) continue;
        opts.lambda = .01 * (double)(1 + trial);
        for (int64_t i = 0; i < DIM; i++) {
            c.x[i] = opts.lambda * y[i];
            for (int64_t k = 0; k < K; k++) c.x[i] += value[k] * c.d[support[k] * DIM + i];
        }
        lasso_answers a = lasso_solve(&c, &opts);
        ck_assert_int_eq(lasso_check(&c, &opts, &a), 1);
        ck_assert_int_eq(a.codes.nnz, K); /* screening takes no atom of the support, and nothing else is in it */
        for (int64_t k = 0; k < K; k++) ck_assert(fabs(a.dense[support[k]] - value[k]) < 1e-5);
        lasso_answers_free(&a);
        solved++;
    }
    ck_assert_int_ge(solved, 8);
    lasso_case_free(&c);
    atoms_context_destroy(context);
}
END_TEST

/* The script makes the same numbers. */
static double wave(int64_t i)
{
    return (double)((i * 7919 + 104729) % 2003) / 1001.5 - 1;
}

START_TEST(codes_are_those_of_scikit_learn)
{
    int solver = _i % 4, variant = _i / 4;
    const double *golden[3] = {golden_plain, golden_positive, golden_ridge};
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    lasso_case c = empty_case(context, 8, 14, 1);
    for (int64_t i = 0; i < 14 * 8; i++) c.d[i] = wave(i);
    for (int64_t i = 0; i < 8; i++) c.x[i] = wave(5000 + i);
    atoms_lasso_opts opts = lasso_options();
    opts.solver = solver;
    opts.lambda = .3;
    opts.nonnegative = variant == 1;
    opts.ridge = variant == 2 ? .2 : 0;
    lasso_answers a = lasso_solve(&c, &opts);
    ck_assert_int_eq(lasso_check(&c, &opts, &a), 1);
    ck_assert_int_ge(a.codes.nnz, 2);
    for (int64_t j = 0; j < 14; j++) ck_assert(fabs(a.dense[j] - golden[variant][j]) < 1e-5);
    lasso_answers_free(&a);
    lasso_case_free(&c);
    atoms_context_destroy(context);
}
END_TEST

START_TEST(the_code_is_empty_from_lambda_max_on)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    lasso_case c = lasso_case_make(context, LASSO_GAUSSIAN, 7, 20, 50, 6);
    memset(c.x + 2 * 20, 0, 20 * sizeof *c.x); /* and a signal of zeros */
    atoms_lasso_opts opts = lasso_options();
    opts.solver = _i;
    opts.lambda_rel = 1.0000001;
    lasso_answers a = lasso_solve(&c, &opts);
    ck_assert_int_eq(a.codes.nnz, 0);
    for (int64_t r = 0; r < 6; r++) {
        ck_assert_int_eq(a.records[r].status, ATOMS_CODE_CONVERGED);
        ck_assert(a.records[r].gap <= 1e-15 * a.records[r].norm * a.records[r].norm);
        ck_assert_int_eq(a.records[r].flags, r == 2 ? ATOMS_CODE_ZERO_SIGNAL : 0);
    }
    ck_assert(a.records[2].norm == 0 && a.records[2].objective == 0 && a.records[2].gap == 0 && a.records[2].kkt == 0 && a.records[2].lambda_max == 0);
    lasso_answers_free(&a);
    opts.lambda_rel = .999;
    a = lasso_solve(&c, &opts);
    for (int64_t r = 0; r < 6; r++) ck_assert_int_eq(a.records[r].support, r == 2 ? 0 : 1);
    lasso_answers_free(&a);
    lasso_case_free(&c);
    atoms_context_destroy(context);
}
END_TEST

/* From the answer itself, from another λ's answer, and from nonsense; and a path. */
START_TEST(warm_starts_and_paths_agree_with_cold_ones)
{
    enum { N = 12 };
    int solver = _i % 4;
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    lasso_case c = lasso_case_make(context, LASSO_CLUSTERS, 70, 32, 120, N);
    atoms_lasso_opts opts = lasso_options();
    opts.solver = solver;
    opts.gram_bytes = _i < 4 ? 0 : -1;
    opts.lambda_rel = .2;
    lasso_answers coarse = lasso_solve(&c, &opts);
    opts.lambda_rel = .1;
    lasso_answers cold = lasso_solve(&c, &opts), warm = lasso_solve_from(&c, &opts, &coarse.codes), same = lasso_solve_from(&c, &opts, &cold.codes);
    int64_t iterations[2] = {0};
    for (int64_t r = 0; r < N; r++) {
        double slack = cold.records[r].gap + warm.records[r].gap + same.records[r].gap + 1e-13;
        ck_assert_int_eq(warm.records[r].status, ATOMS_CODE_CONVERGED);
        ck_assert(fabs(cold.records[r].objective - warm.records[r].objective) <= slack);
        ck_assert(fabs(cold.records[r].objective - same.records[r].objective) <= slack);
        iterations[0] += cold.records[r].iterations;
        iterations[1] += same.records[r].iterations;
    }
    if (solver != ATOMS_LASSO_LARS) ck_assert_int_lt(iterations[1], iterations[0]);
    double lambdas[N];
    atoms_matrix x = atoms_matrix_f64(c.x, 1, c.dim);
    atoms_codes_view path;
    atoms_code_record records[N];
    for (int64_t i = 0; i < N; i++) lambdas[i] = cold.records[0].lambda_max * pow(.75, (double)i);
    ck_assert_ok(atoms_lasso_path(cold.lasso, cold.work, &x, lambdas, N, &path, records));
    ck_assert_int_eq(path.rows, N);
    ck_assert_int_eq(path.offset[1], 0);
    for (int64_t i = 1; i < N; i++) {
        lasso_case one = {.context = context, .atoms = c.atoms, .dim = c.dim, .rows = 1, .d = c.d, .x = c.x, .dictionary = c.dictionary};
        opts.lambda = lambdas[i];
        lasso_answers alone = lasso_solve(&one, &opts);
        ck_assert(records[i].lambda == lambdas[i]);
        ck_assert_int_eq(records[i].status, ATOMS_CODE_CONVERGED);
        ck_assert(fabs(records[i].objective - alone.records[0].objective) <= records[i].gap + alone.records[0].gap + 1e-13);
        lasso_answers_free(&alone);
    }
    lasso_answers_free(&same);
    lasso_answers_free(&warm);
    lasso_answers_free(&cold);
    lasso_answers_free(&coarse);
    lasso_case_free(&c);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

/* Two equal atoms: the answer is not unique, and its record says so. */
START_TEST(a_copy_of_an_atom_in_use_is_told)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    lasso_case c = lasso_case_make(context, LASSO_GAUSSIAN, 9, 16, 20, 1);
    memcpy(c.d + 3 * 16, c.d + 8 * 16, 16 * sizeof *c.d);
    for (int64_t i = 0; i < 16; i++) c.x[i] = c.d[8 * 16 + i];
    atoms_lasso_opts opts = lasso_options();
    lasso_answers a = lasso_solve(&c, &opts);
    ck_assert_int_eq(lasso_check(&c, &opts, &a), 1);
    ck_assert(a.records[0].flags & ATOMS_CODE_NOT_UNIQUE);
    ck_assert(fabs(a.dense[3] + a.dense[8] - .9) < 1e-6);
    lasso_answers_free(&a);
    memcpy(c.d + 3 * 16, c.d + 4 * 16, 16 * sizeof *c.d);
    atoms_dictionary_destroy(c.dictionary);
    c.dictionary = NULL;
    a = lasso_solve(&c, &opts);
    ck_assert(!(a.records[0].flags & ATOMS_CODE_NOT_UNIQUE));
    lasso_answers_free(&a);
    lasso_case_free(&c);
    atoms_context_destroy(context);
}
END_TEST

void add_record_cases(Suite *suite);
void add_refusal_cases(Suite *suite);
void add_promise_cases(Suite *suite);

/* What an atom's length is makes no difference: answers are polished and converge in any unit. */
START_TEST(the_unit_of_atoms_does_not_matter)
{
    static const double units[] = {1e-6, 1, 1e6};
    for (int u = 0; u < 3; u++) {
        atoms_context *context = counting_context(&(counting_memory){0}, 1);
        lasso_case c = lasso_case_make(context, LASSO_GAUSSIAN, 31, 64, 256, 40);
        for (int64_t i = 0; i < c.atoms * c.dim; i++) c.d[i] *= units[u];
        atoms_lasso_opts opts = lasso_options();
        opts.lambda_rel = .05;
        for (opts.solver = ATOMS_LASSO_CD; opts.solver <= ATOMS_LASSO_FISTA; opts.solver += 2) {
            lasso_answers a = lasso_solve(&c, &opts);
            for (int64_t r = 0; r < c.rows; r++)
                ck_assert_msg(a.records[r].status == ATOMS_CODE_CONVERGED &&
                                  (opts.solver != ATOMS_LASSO_CD || (a.records[r].flags & ATOMS_CODE_POLISHED)),
                              "unit %g solver %d row %d", units[u], (int)opts.solver, (int)r);
            lasso_answers_free(&a);
        }
        lasso_case_free(&c);
        atoms_context_destroy(context);
    }
}
END_TEST

/* Plain iteration reaches what f32 allows, and does not sweep on for ever beyond it. */
START_TEST(descent_converges_without_a_polish)
{
    atoms_context *context = counting_context(&(counting_memory){0}, 1);
    for (int64_t atoms = 300; atoms <= 700; atoms += 400) {
        lasso_case c = lasso_case_make(context, LASSO_GAUSSIAN, 32, 60, atoms, 40);
        atoms_lasso_opts opts = lasso_options();
        opts.polish = 0;
        opts.tol = 1e-5;
        lasso_answers a = lasso_solve(&c, &opts);
        for (int64_t r = 0; r < c.rows; r++) ck_assert(a.records[r].status == ATOMS_CODE_CONVERGED && a.records[r].iterations < 1000);
        lasso_answers_free(&a);
        opts.tol = 1e-6;
        a = lasso_solve(&c, &opts);
        for (int64_t r = 0; r < c.rows; r++) ck_assert(a.records[r].gap <= 1e-5 * .5 * a.records[r].norm * a.records[r].norm && a.records[r].iterations < 5000);
        lasso_answers_free(&a);
        lasso_case_free(&c);
    }
    atoms_context_destroy(context);
}
END_TEST

static void add_cases(Suite *suite)
{
    add_loop(suite, "orthonormal", orthonormal_atoms_are_thresholded, 4);
    add_loop(suite, "two atoms", two_atoms_have_a_closed_form, 4);
    add_loop(suite, "simplex", the_simplex_has_a_closed_form, 4);
    add_loop(suite, "known answers", instances_built_from_their_answer_are_solved, 8);
    add_loop(suite, "scikit-learn", codes_are_those_of_scikit_learn, 12);
    add_loop(suite, "lambda max", the_code_is_empty_from_lambda_max_on, 4);
    add_loop(suite, "warm starts", warm_starts_and_paths_agree_with_cold_ones, 5);
    add_case(suite, "copies", a_copy_of_an_atom_in_use_is_told);
    add_record_cases(suite);
    add_refusal_cases(suite);
    add_promise_cases(suite);
    add_case(suite, "units", the_unit_of_atoms_does_not_matter);
    add_case(suite, "no polish", descent_converges_without_a_polish);
}

SUITE_MAIN("lasso", add_cases)
