/* Where paths end: at a σ, at λ → 0 with a proof, at a full support, at the step limit. */
#include <math.h>

#include "homotopy_case.h"
#include "suite.h"

START_TEST(sigma_is_met_exactly)
{
    int kind = _i % CASE_KINDS, options = _i / CASE_KINDS & ~WITH_RIDGE, met = 0;
    double tolerance = kind == CASE_NEARLY_PARALLEL ? 1e-6 : 1e-11;
    for (uint64_t seed = 1; seed <= 3; seed++)
        for (double sigma = 0.9; sigma > 1e-5; sigma *= 0.3) {
            homotopy_case *c = case_make(case_atoms(kind, 40, 16, seed), 40, 16, options, seed);
            atomsi_homotopy_goal goal = {.sigma = sigma, .residual = -1};
            double *y = malloc(16 * sizeof *y);
            case_start(c);
            atomsi_homotopy_follow(c->path, &goal);
            if (c->path->end == ATOMSI_HOMOTOPY_SIGMA && c->path->count) {
                met++;
                ck_assert_msg(fabs(case_residual(c) - sigma) < 1e-10, "‖r‖ = %.17g, σ = %g", case_residual(c), sigma);
                ck_assert(case_kkt(c) < tolerance);
                double length = 0, xy = 0, yy = 0; /* ‖γ‖₁ = x·y − σ‖y‖ proves the answer */
                atomsi_homotopy_dual(c->path, y);
                for (int64_t i = 0; i < c->path->count; i++)
                    length += fabs(c->path->value[i]) * (c->weights ? c->weights[c->path->index[i]] : 1);
                for (int64_t i = 0; i < 16; i++) xy += c->x[i] * y[i], yy += y[i] * y[i];
                ck_assert(near(length, xy - sigma * sqrt(yy), 1e-9, 0));
            } else if (c->path->count) { /* σ is out of reach */
                ck_assert_int_eq(c->path->end, ATOMSI_HOMOTOPY_LAMBDA);
                ck_assert(c->path->lambda == 0 && case_residual(c) > sigma && case_kkt(c) < tolerance);
            }
            free(y);
            case_free(c);
        }
    ck_assert_int_gt(met, 0);
}
END_TEST

START_TEST(sparse_combinations_are_found_and_proved)
{
    enum { N = 120, M = 40 };
    int exact = 0;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        homotopy_case *c = case_make(case_atoms(CASE_GAUSSIAN, N, M, seed), N, M, _i & ~WITH_RIDGE, seed);
        double wanted[N] = {0}, code[N], y[M];
        for (int64_t i = 0; i < M; i++) c->x[i] = 0;
        for (int k = 0; k < 6; k++) {
            int64_t j = (int64_t)(seed * 7) % 11 + 17 * k;
            wanted[j] = c->plan.nonnegative ? fabs(case_normal(seed + 50, k)) : case_normal(seed + 50, k);
            for (int64_t i = 0; i < M; i++) c->x[i] += wanted[j] * c->unit[j * M + i];
        }
        for (int64_t i = 0; i < M && seed % 2; i++) c->x[i] = (double)(float)c->x[i]; /* as it would come from a file */
        atomsi_homotopy_goal goal = {.sigma = -1, .residual = 3e-7, .slack = 2e-7};
        case_start(c);
        atomsi_homotopy_follow(c->path, &goal);
        ck_assert_int_eq(c->path->end, ATOMSI_HOMOTOPY_SPAN);
        ck_assert(case_residual(c) < 1e-6);
        atomsi_homotopy_dual(c->path, y);
        double length = 0, xy = 0;
        for (int64_t i = 0; i < M; i++) xy += c->x[i] * y[i];
        for (int64_t j = 0; j < N; j++) {
            double g = 0, w = c->weights ? c->weights[j] : 1;
            for (int64_t i = 0; i < M; i++) g += c->unit[j * M + i] * y[i];
            ck_assert_msg((c->plan.nonnegative ? g : fabs(g)) <= w * (1 + 3e-7), "|u_j·y| = %.17g", g);
        }
        case_code(c, code);
        double away = 0;
        for (int64_t j = 0; j < N; j++) {
            length += fabs(code[j]) * (c->weights ? c->weights[j] : 1);
            away = fmax(away, fabs(code[j] - wanted[j]));
        }
        ck_assert(near(length, xy, 3e-7, 0));
        exact += away < 1e-6;
        case_free(c);
    }
    ck_assert_int_ge(exact, _i & WEIGHTED ? 5 : 16); /* 6 of 40: below the transition; weights may prefer other answers */
}
END_TEST

START_TEST(full_supports_and_long_paths_end)
{
    homotopy_case *c = case_make(case_atoms(CASE_GAUSSIAN, 40, 16, 5), 40, 16, WITH_GRAM, 5);
    c->plan.capacity = 7;
    case_start(c);
    case_to(c, 0);
    ck_assert_int_eq(c->path->end, ATOMSI_HOMOTOPY_CAPACITY);
    ck_assert(c->path->count == 7 && c->path->lambda > 0 && case_kkt(c) < 1e-12);
    c->plan.capacity = 16;
    c->plan.max_steps = 5;
    case_start(c);
    case_to(c, 0);
    ck_assert_int_eq(c->path->end, ATOMSI_HOMOTOPY_STEPS);
    ck_assert(c->path->steps == 5 && c->path->lambda > 0 && case_kkt(c) < 1e-12);
    case_free(c);
}
END_TEST

START_TEST(goals_behind_and_signals_without_a_path)
{
    homotopy_case *c = case_make(case_atoms(CASE_GAUSSIAN, 40, 16, 5), 40, 16, WITH_GRAM, 5);
    case_start(c);
    double top = c->path->lambda_max;
    case_to(c, 2 * top);
    ck_assert(c->path->end == ATOMSI_HOMOTOPY_LAMBDA && c->path->count == 0 && c->path->lambda == top);
    case_to(c, top / 2);
    int64_t count = c->path->count;
    case_to(c, top); /* behind */
    ck_assert(c->path->end == ATOMSI_HOMOTOPY_LAMBDA && c->path->count == count && c->path->lambda == top / 2);
    atomsi_homotopy_goal whole = {.sigma = 1.5, .residual = -1};
    case_start(c);
    atomsi_homotopy_follow(c->path, &whole);
    ck_assert(c->path->end == ATOMSI_HOMOTOPY_SIGMA && c->path->count == 0);
    for (int64_t i = 0; i < 16; i++) c->x[i] = 0;
    case_start(c);
    case_to(c, 0);
    ck_assert(c->path->end == ATOMSI_HOMOTOPY_LAMBDA && c->path->count == 0 && c->path->lambda_max == 0);
    case_free(c);
    c = case_make(case_atoms(CASE_GAUSSIAN, 4, 16, 5), 4, 16, WITH_GRAM | NONNEGATIVE, 5);
    for (int64_t i = 0; i < 16; i++) c->x[i] = -c->unit[i] - c->unit[16 + i] - c->unit[32 + i] - c->unit[48 + i];
    case_start(c); /* no atom points its way */
    case_to(c, 0);
    ck_assert(c->path->end == ATOMSI_HOMOTOPY_LAMBDA && c->path->count == 0 && c->path->lambda_max == 0);
    case_free(c);
}
END_TEST

/* A path's support, given with its signs in another order and with a copy of one atom among it, leads to the path's own answer. */
START_TEST(a_seat_is_where_the_path_ended)
{
    for (uint64_t seed = 1; seed <= 10; seed++) {
        homotopy_case *c = case_make(case_atoms(CASE_DUPLICATED, 40, 16, seed), 40, 16, _i & ~WITH_RIDGE, seed);
        atomsi_homotopy_goal goal = {.sigma = 0.5, .residual = -1};
        double code[40], again[40], sign[20], lambda;
        int32_t index[20];
        int64_t n = 0;
        case_start(c);
        atomsi_homotopy_follow(c->path, &goal);
        case_code(c, code);
        lambda = c->path->lambda;
        if (c->path->end == ATOMSI_HOMOTOPY_SIGMA) {
            for (int64_t i = c->path->count; i-- > 0; n++) {
                index[n] = c->path->index[i];
                sign[n] = c->path->value[i];
            }
            if (!c->weights && !c->plan.nonnegative) {
                index[n] = index[0] ^ 1;
                sign[n++] = 1;
            }
            case_start(c);
            atomsi_homotopy_seat(c->path, n, index, sign, 0.5);
            case_code(c, again);
            ck_assert_int_eq(c->path->end, ATOMSI_HOMOTOPY_SIGMA);
            ck_assert_near(c->path->lambda, lambda, 1e-10);
            for (int j = 0; j < 40; j++) ck_assert(near(again[j], code[j], 1e-10, 1));
            ck_assert_int_eq((c->path->flags & ATOMS_CODE_MASKED) != 0, !c->weights && !c->plan.nonnegative);
        }
        ck_assert(n > 0 || c->plan.nonnegative);
        case_free(c);
    }
}
END_TEST

START_TEST(sizes_that_overflow)
{
    atomsi_homotopy_plan plan = {.atoms = INT64_MAX / 2, .dim = 4, .capacity = 4};
    ck_assert_int_eq(atomsi_homotopy_bytes(&plan), -1);
    plan = (atomsi_homotopy_plan){.atoms = INT64_C(1) << 33, .dim = 4, .capacity = INT64_C(1) << 33};
    ck_assert_int_eq(atomsi_homotopy_bytes(&plan), -1);
}
END_TEST

void add_ends(Suite *suite);
void add_ends(Suite *suite)
{
    add_loop(suite, "sigma", sigma_is_met_exactly, CASE_KINDS * WITH_RIDGE);
    add_loop(suite, "span", sparse_combinations_are_found_and_proved, WITH_RIDGE);
    add_case(suite, "limits", full_supports_and_long_paths_end);
    add_case(suite, "no path", goals_behind_and_signals_without_a_path);
    add_loop(suite, "seat", a_seat_is_where_the_path_ended, WITH_RIDGE);
    add_case(suite, "overflow", sizes_that_overflow);
}
