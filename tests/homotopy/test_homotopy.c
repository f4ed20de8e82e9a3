/* The lasso's exact path: optimality at every knot and between, brute force over supports, scikit-learn, closed forms. */
#include <math.h>

#include "../golden/lars.inc"
#include "homotopy_case.h"
#include "suite.h"

/* Every kind of dictionary with every choice of options, Gram or not: each knot, and points between, meet the optimality conditions. */
START_TEST(every_point_of_the_path_is_optimal)
{
    int kind = _i % CASE_KINDS, options = _i / CASE_KINDS;
    int64_t knots = 0, drops = 0;
    double tolerance = kind == CASE_NEARLY_PARALLEL ? 1e-6 : 1e-11;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        homotopy_case *c = case_make(case_atoms(kind, 40, 16, seed), 40, 16, options, seed);
        atomsi_homotopy_goal goal = {.lambda = 1e-3, .sigma = -1, .residual = -1, .each_knot = 1};
        case_start(c);
        double before = c->path->lambda_max;
        for (int64_t count = 0; c->path->lambda > goal.lambda; knots++) {
            atomsi_homotopy_follow(c->path, &goal);
            ck_assert_msg(case_kkt(c) < tolerance, "knot %d: KKT %g at λ %g, support %d", (int)knots, case_kkt(c), c->path->lambda, (int)c->path->count);
            ck_assert(c->path->lambda <= before && c->path->min_pivot > 0);
            ck_assert(c->path->end == ATOMSI_HOMOTOPY_KNOT || c->path->end == ATOMSI_HOMOTOPY_LAMBDA);
            drops += c->path->count < count;
            count = c->path->count;
            before = c->path->lambda;
        }
        ck_assert(c->path->end == ATOMSI_HOMOTOPY_LAMBDA && c->path->lambda == goal.lambda);
        case_start(c); /* again, from one λ to the next */
        for (double lambda = c->path->lambda_max * 1.5; lambda > 1e-3; lambda *= 0.7) {
            case_to(c, lambda);
            ck_assert_int_eq(c->path->end, ATOMSI_HOMOTOPY_LAMBDA);
            ck_assert_msg(case_kkt(c) < tolerance, "KKT %g at λ %g", case_kkt(c), lambda);
        }
        case_free(c);
    }
    ck_assert_int_gt(knots, 15);
    if (kind == CASE_GAUSSIAN && !(options & ~WITH_GRAM)) ck_assert_int_gt(drops, 0);
}
END_TEST

/* Solves the k × k system by elimination with pivoting; false: singular. */
static int solve(int k, double a[4][4], double *b)
{
    for (int i = 0; i < k; i++) {
        int p = i;
        for (int r = i; r < k; r++)
            if (fabs(a[r][i]) > fabs(a[p][i])) p = r;
        if (fabs(a[p][i]) < 1e-12) return 0;
        for (int j = 0; j < k; j++) {
            double t = a[i][j];
            a[i][j] = a[p][j];
            a[p][j] = t;
        }
        double t = b[i];
        b[i] = b[p];
        b[p] = t;
        for (int r = 0; r < k; r++)
            for (double f = r == i ? 0 : a[r][i] / a[i][i]; f != 0; f = 0) {
                for (int j = i; j < k; j++) a[r][j] -= f * a[i][j];
                b[r] -= f * b[i];
            }
    }
    for (int i = 0; i < k; i++) b[i] /= a[i][i];
    return 1;
}

/* The smallest objective over all supports of at most 3 and all signs, each solved for. */
static double brute_force(const homotopy_case *c, double lambda)
{
    double best = INFINITY;
    for (int set = 0; set < 1 << c->atoms; set++) {
        int member[8], k = 0;
        for (int j = 0; j < c->atoms; j++)
            if (set >> j & 1) member[k++] = j;
        for (int signs = 0; k <= 3 && signs < 1 << k; signs++) {
            double a[4][4], b[4], code[8] = {0};
            int agrees = 1;
            for (int i = 0; i < k; i++) {
                for (int j = 0; j < k; j++) a[i][j] = c->gram[member[i] * c->atoms + member[j]] + (i == j && c->ridge ? c->ridge[member[i]] : 0);
                b[i] = (signs >> i & 1 ? 1 : -1) * lambda * (c->weights ? c->weights[member[i]] : 1);
                for (int64_t d = 0; d < c->dim; d++) b[i] += c->unit[member[i] * c->dim + d] * c->x[d];
            }
            if (!solve(k, a, b)) continue;
            for (int i = 0; i < k; i++) {
                code[member[i]] = b[i];
                if ((b[i] > 0) == (signs >> i & 1) || (c->plan.nonnegative && b[i] < 0)) agrees = 0;
            }
            if (agrees) best = fmin(best, case_objective(c, code, lambda));
        }
    }
    return best;
}

START_TEST(tiny_cases_are_what_brute_force_finds)
{
    int64_t checked = 0;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        homotopy_case *c = case_make(case_atoms(CASE_GAUSSIAN, 6, 3, seed), 6, 3, (_i & ~WITH_RIDGE) | WITH_GRAM, seed);
        double code[8];
        case_start(c);
        for (double share = 0.9; share > 0.01; share *= 0.6, checked++) {
            case_to(c, share * c->path->lambda_max);
            case_code(c, code);
            ck_assert_near(case_objective(c, code, c->path->lambda), brute_force(c, c->path->lambda), 1e-12);
        }
        case_free(c);
    }
    ck_assert_int_gt(checked, 100);
}
END_TEST

START_TEST(scikit_learn_has_the_same_knots)
{
    int positive = _i;
    double *unit = malloc(sizeof lars_atoms), code[LARS_ATOMS];
    memcpy(unit, lars_atoms, sizeof lars_atoms);
    homotopy_case *c = case_make(unit, LARS_ATOMS, LARS_DIM, WITH_GRAM | (positive ? NONNEGATIVE : 0), 1);
    memcpy(c->x, lars_x, sizeof lars_x);
    atomsi_homotopy_goal goal = {.lambda = 0, .sigma = -1, .residual = -1, .each_knot = 1};
    case_start(c);
    const double *lambda = positive ? lars_positive_lambda : lars_lambda, *wanted = positive ? lars_positive_code : lars_code;
    for (int k = 0; k < (positive ? lars_positive_knots : lars_knots); k++) {
        atomsi_homotopy_follow(c->path, &goal);
        ck_assert_near(c->path->lambda, lambda[k], 1e-9);
        case_code(c, code);
        for (int j = 0; j < LARS_ATOMS; j++) ck_assert(near(code[j], wanted[k * LARS_ATOMS + j], 1e-9, 1));
    }
    case_free(c);
}
END_TEST

/* Orthonormal atoms: the path is soft thresholding, divided by 1 + ρ, and its knots are the correlations. */
START_TEST(orthonormal_atoms_are_thresholded)
{
    enum { N = 12 };
    double *unit = calloc(N * N, sizeof *unit), code[N];
    for (int j = 0; j < N; j++) unit[j * N + (j * 5 + 3) % N] = j % 2 ? 1 : -1;
    homotopy_case *c = case_make(unit, N, N, _i, 7);
    case_start(c);
    for (double lambda = 0.9; lambda > 1e-6; lambda *= 0.8) {
        case_to(c, lambda);
        case_code(c, code);
        for (int j = 0; j < N; j++) {
            double q = (j % 2 ? 1 : -1) * c->x[(j * 5 + 3) % N], w = lambda * (c->weights ? c->weights[j] : 1), rho = c->ridge ? c->ridge[j] : 0;
            double wanted = q > w ? q - w : q < -w && !c->plan.nonnegative ? q + w : 0;
            ck_assert(near(code[j], wanted / (1 + rho), 1e-14, 1));
        }
    }
    case_free(c);
}
END_TEST

/* Two atoms at an angle with cosine g: the second joins at λ = (c₂ − g c₁)/(1 − g) and then both grow at the rate 1/(1 + g). */
START_TEST(two_atoms_by_hand)
{
    double g = 0.6, *unit = malloc(4 * sizeof *unit);
    memcpy(unit, (double[]){1, 0, 0.6, 0.8}, 4 * sizeof *unit);
    homotopy_case *c = case_make(unit, 2, 2, WITH_GRAM, 1);
    c->x[0] = 1;
    c->x[1] = 0.5; /* c₁ = 1, c₂ = 1 */
    c->x[1] = 0.25; /* c₂ = 0.8 */
    double join = (0.8 - g) / (1 - g);
    case_start(c);
    atomsi_homotopy_goal goal = {.sigma = -1, .residual = -1, .each_knot = 1};
    atomsi_homotopy_follow(c->path, &goal);
    ck_assert_near(c->path->lambda, 1, 1e-15);
    atomsi_homotopy_follow(c->path, &goal);
    ck_assert_near(c->path->lambda, join, 1e-14);
    ck_assert_near(c->path->value[0], 1 - join, 1e-14);
    case_to(c, 0.1);
    ck_assert_near(c->path->value[0], 1 - join + (join - 0.1) / (1 + g), 1e-14);
    ck_assert_near(c->path->value[1], (join - 0.1) / (1 + g), 1e-14);
    case_free(c);
}
END_TEST

/* A chosen code and a y with |u_j·y| ≤ ŵ_j, equality with its sign on the support: x = Uγ + λ y has exactly this code at λ. */
START_TEST(instances_made_from_a_source_element)
{
    for (uint64_t seed = 1; seed <= 10; seed++) {
        enum { N = 60, M = 24 };
        homotopy_case *c = case_make(case_atoms(CASE_GAUSSIAN, N, M, seed), N, M, WITH_GRAM, seed), *made;
        double code[N], y[M], range = _i ? 1e5 : 1;
        case_start(c);
        case_to(c, 0.3 * c->path->lambda_max); /* r/λ is such a y, for any magnitudes on the support */
        atomsi_homotopy_dual(c->path, y);
        made = case_make(case_atoms(CASE_GAUSSIAN, N, M, seed), N, M, WITH_GRAM, seed);
        double lambda = 0.05;
        case_code(c, code);
        for (int64_t i = 0; i < M; i++) made->x[i] = lambda * y[i];
        for (int64_t j = 0, k = 0; j < N; j++) {
            if (code[j] == 0) continue;
            code[j] = (code[j] > 0 ? 1 : -1) * pow(range, (double)(k++) / 8) * 0.1;
            for (int64_t i = 0; i < M; i++) made->x[i] += code[j] * made->unit[j * M + i];
        }
        case_start(made);
        case_to(made, lambda);
        double got[N];
        case_code(made, got);
        for (int64_t j = 0; j < N; j++) ck_assert_msg(near(got[j], code[j], 1e-10, range), "%g, not %g", got[j], code[j]);
        ck_assert_int_eq(made->path->count, c->path->count);
        case_free(made);
        case_free(c);
    }
}
END_TEST

/* What the vector units compute is what plain loops compute. */
START_TEST(kernels_are_plain_loops)
{
    const linalg_kernels *sets[3] = {&linalg_kernels_portable, linalg_kernels_pick(), NULL};
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) sets[2] = &linalg_kernels_avx2;
#endif
    for (int64_t n = 0; n < 70; n++) {
        double x[3][70], y[70], g[70], bound[70], a[3] = {0.5, -2, 3};
        for (int64_t i = 0; i < n; i++) {
            for (int k = 0; k < 3; k++) x[k][i] = case_normal(1, 3 * i + k);
            bound[i] = i % 7 == 3 ? INFINITY : 1 + 0.1 * (double)(i % 3);
            y[i] = 0.9 * tanh(case_normal(2, i));
            g[i] = case_normal(3, i);
        }
        for (int s = 0; s < 3 && sets[s]; s++) {
            double out[70];
            sets[s]->combine(n, 3, a, (const double *const[]){x[0], x[1], x[2]}, out);
            for (int64_t i = 0; i < n; i++) ck_assert(near(out[i], 0.5 * x[0][i] - 2 * x[1][i] + 3 * x[2][i], 1e-15, 5));
            sets[s]->retreat(n, 2, x[1], out);
            for (int64_t i = 0; i < n; i++) ck_assert(near(out[i], 0.5 * x[0][i] - 4 * x[1][i] + 3 * x[2][i], 1e-15, 5));
            for (int one_sided = 0; one_sided < 2; one_sided++) {
                double wanted = 0.4, sign = 0, wanted_sign = 0;
                int64_t which = -1, wanted_which = -1;
                for (int64_t i = 0; i < n; i++)
                    for (double side = 1; side >= (one_sided ? 1 : -1); side -= 2) {
                        double t = (bound[i] - side * y[i]) / (bound[i] - side * g[i]);
                        if (bound[i] < 10 && bound[i] - side * g[i] > 0 && t < wanted) wanted = t, wanted_which = i, wanted_sign = side;
                    }
                double t = sets[s]->first_crossing(n, 1, 0.4, one_sided, y, g, bound, &which, &sign);
                ck_assert(near(t, wanted, 1e-14, 1) && which == wanted_which && sign == wanted_sign);
            }
        }
    }
}
END_TEST

extern void add_ends(Suite *suite);
extern void add_ties(Suite *suite);

static void add_cases(Suite *suite)
{
    add_loop(suite, "path", every_point_of_the_path_is_optimal, CASE_KINDS * ALL_OPTIONS);
    add_loop(suite, "brute force", tiny_cases_are_what_brute_force_finds, ALL_OPTIONS);
    add_loop(suite, "scikit-learn", scikit_learn_has_the_same_knots, 2);
    add_loop(suite, "orthonormal", orthonormal_atoms_are_thresholded, ALL_OPTIONS);
    add_case(suite, "two atoms", two_atoms_by_hand);
    add_loop(suite, "source element", instances_made_from_a_source_element, 2);
    add_case(suite, "kernels", kernels_are_plain_loops);
    add_ends(suite);
    add_ties(suite);
}

SUITE_MAIN("homotopy", add_cases)
