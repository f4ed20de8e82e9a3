/* Basis pursuit: closed forms, instances with a known answer, SciPy, recovery below and above the phase transition. */
#include <math.h>

#include "../golden/basis_pursuit.inc"
#include "basis_pursuit_case.h"
#include "suite.h"

START_TEST(scipy_finds_the_same_norms)
{
    int solver = _i % 3, nonnegative = _i / 3;
    double *d = malloc(BP_ATOMS * BP_DIM * sizeof *d), *x = malloc(BP_SIGNALS * BP_DIM * sizeof *x);
    for (int i = 0; i < BP_ATOMS * BP_DIM; i++) d[i] = (double)bp_atoms[i];
    for (int i = 0; i < BP_SIGNALS * BP_DIM; i++) x[i] = (double)bp_signals[i];
    bp_case *c = bp_make(d, BP_ATOMS, BP_DIM, x, BP_SIGNALS);
    c->opts.solver = solver;
    c->opts.nonnegative = nonnegative;
    bp_solve(c, ATOMS_F32);
    ck_assert_int_eq(bp_check(c), BP_SIGNALS);
    for (int r = 0; r < BP_SIGNALS; r++) ck_assert_near(c->record[r].objective, nonnegative ? bp_norms_positive[r] : bp_norms[r], 2e-6);
    bp_free(c);
}
END_TEST

/* D = I: BP's answer is x; BPDN's is x thresholded softly at the λ for which Σ min(|x_i|, λ)² = σ². */
START_TEST(identity_is_soft_thresholding)
{
    enum { N = 12, ROWS = 5 };
    int solver = _i % 3;
    double *d = calloc(N * N, sizeof *d), sigma = _i / 3 ? 0.7 : 0;
    for (int i = 0; i < N; i++) d[i * N + i] = 1;
    bp_case *c = bp_make(d, N, N, bp_normals(ROWS * N, 3), ROWS);
    c->opts.solver = solver;
    c->opts.sigma = sigma;
    bp_solve(c, ATOMS_F64);
    ck_assert_int_eq(bp_check(c), ROWS);
    for (int r = 0; r < ROWS; r++) {
        double low = 0, high = 10;
        for (int k = 0; k < 100 && sigma > 0; k++) {
            double lambda = (low + high) / 2, sum = 0;
            for (int i = 0; i < N; i++) sum += pow(fmin(fabs(c->x[r * N + i]), lambda), 2);
            *(sum > sigma * sigma ? &high : &low) = lambda;
        }
        if (sigma > 0) ck_assert_near(c->record[r].lambda, low, 1e-7);
        else ck_assert(isnan(c->record[r].lambda));
        for (int i = 0; i < N; i++) {
            double x = c->x[r * N + i], wanted = fabs(x) > low ? x - copysign(low, x) : 0;
            ck_assert(near(c->code[r * N + i], wanted, 2e-7, 1));
        }
    }
    bp_free(c);
}
END_TEST

/* Simplex of dim + 1 atoms, Σ u_j = 0: for x = −u_0 BP takes −1 of u_0 (norm 1); with a ≥ 0 all the others once (norm dim). */
START_TEST(simplex_by_hand)
{
    enum { M = 5 };
    double *u = malloc((M + 1) * M * sizeof *u), *x = malloc(M * sizeof *x);
    for (int j = 0; j <= M; j++)
        for (int i = 0; i < M; i++) {
            double sum = j == i ? 1 : -1.0 / M;
            for (int k = 0; k < i && i <= j; k++) sum -= u[j * M + k] * u[i * M + k];
            u[j * M + i] = i < j ? sum / u[i * M + i] : i == j ? sqrt(sum) : 0;
        }
    for (int i = 0; i < M; i++) x[i] = -u[i];
    bp_case *c = bp_make(u, M + 1, M, x, 1);
    c->opts.solver = _i;
    bp_solve(c, ATOMS_F64);
    ck_assert_int_eq(bp_check(c), 1);
    ck_assert(c->record->support == 1 && near(c->code[0], -1, 1e-7, 0));
    c->opts.nonnegative = 1;
    bp_solve(c, ATOMS_F64);
    ck_assert_int_eq(bp_check(c), 1);
    ck_assert_near(c->record->objective, M, 1e-6);
    bp_free(c);
}
END_TEST

/* [I, H/√m], coherence 1/√m: every code of at most (√m + 1)/2 atoms is the only BP answer for its signal (Donoho and Huo 2001). */
START_TEST(identity_and_hadamard_recover_what_coherence_promises)
{
    enum { M = 64, ROWS = 50, K = 4 };
    double *d = calloc(2 * M * M, sizeof *d);
    for (int j = 0; j < M; j++) {
        d[j * M + j] = 1;
        for (int i = 0; i < M; i++) d[(M + j) * M + i] = (__builtin_popcount((unsigned)(i & j)) % 2 ? -1 : 1) / 8.0;
    }
    double *x = calloc(ROWS * M, sizeof *x), *wanted = calloc(ROWS * 2 * M, sizeof *wanted);
    for (int r = 0; r < ROWS; r++)
        for (int k = 0; k < K; k++) {
            int j = (r * 37 + k * 29 + r * k) % (2 * M), value = _i / 3 ? 1 + r % 3 : (k % 2 ? -1 : 1) * (1 + (r + k) % 4);
            wanted[r * 2 * M + j] += value;
            for (int i = 0; i < M; i++) x[r * M + i] += value * d[j * M + i];
        }
    bp_case *c = bp_make(d, 2 * M, M, x, ROWS);
    c->opts.solver = _i % 3;
    c->opts.nonnegative = _i / 3;
    bp_solve(c, ATOMS_F64);
    ck_assert_int_eq(bp_check(c), ROWS);
    for (int i = 0; i < ROWS * 2 * M; i++) ck_assert(near(c->code[i], wanted[i], 1e-6, 4));
    free(wanted);
    bp_free(c);
}
END_TEST

/* A dual vector r/λ of one BPDN answer is a source element: any magnitudes on its support, with its signs, are BP's answer for their signal, and
 * with σ y/‖y‖ added BPDN's. */
START_TEST(instances_made_from_a_source_element)
{
    enum { N = 60, M = 24, ROWS = 20 };
    int solver = _i % 3, noisy = _i / 3 % 2, wide = _i / 6;
    double sigma = 0.3;
    bp_case *source = bp_make(bp_normals(N * M, 5), N, M, bp_normals(ROWS * M, 6), ROWS);
    source->opts.sigma_rel = 0.5;
    bp_solve(source, ATOMS_F64);
    ck_assert_int_eq(bp_check(source), ROWS);
    double *d = malloc(N * M * sizeof *d), *x = calloc(ROWS * M, sizeof *x);
    memcpy(d, source->d, N * M * sizeof *d);
    bp_case *c = bp_make(d, N, M, x, ROWS);
    double *wanted = source->code, lengths[ROWS] = {0};
    for (int r = 0; r < ROWS; r++) {
        double *y = source->dual + r * M, size = 0;
        for (int i = 0; i < M; i++) size += y[i] * y[i];
        for (int i = 0; i < M && noisy; i++) x[r * M + i] = sigma * y[i] / sqrt(size);
        for (int j = 0, k = 0; j < N; j++) {
            if (wanted[r * N + j] == 0) continue;
            double magnitude = wide ? pow(10, -4 + k++ % 5) : 1 + fabs(bp_normal(9, r * N + j));
            wanted[r * N + j] = copysign(magnitude, wanted[r * N + j]);
            lengths[r] += magnitude;
            for (int i = 0; i < M; i++) x[r * M + i] += wanted[r * N + j] * d[j * M + i];
        }
    }
    c->opts.solver = solver;
    c->opts.sigma = noisy ? sigma : 0;
    bp_solve(c, ATOMS_F64);
    ck_assert_int_eq(bp_check(c), ROWS);
    for (int r = 0; r < ROWS; r++) {
        ck_assert_near(c->record[r].objective, lengths[r], 3e-6);
        for (int j = 0; j < N && solver != ATOMS_BASIS_PURSUIT_ADMM; j++) ck_assert(near(c->code[r * N + j], wanted[r * N + j], 1e-5, 1));
    }
    bp_free(source);
    bp_free(c);
}
END_TEST

/* Donoho and Tanner's weak transition for m/N = 1/4: ρ = k/m is .2674 for signed codes and .3651 for a ≥ 0. */
START_TEST(recovery_below_and_above_the_transition)
{
    enum { N = 400, M = 100, ROWS = 30 };
    int nonnegative = _i % 2, above = _i / 2 % 2;
    double rho = nonnegative ? 0.3651 : 0.2674;
    int64_t k = (int64_t)(rho * (above ? 1.35 : 0.7) * M), recovered = 0;
    double *d = bp_normals(N * M, (uint64_t)_i + 20), *x = bp_sparse(d, N, M, ROWS, k, nonnegative, 77), *sparse = bp_normals(1, 1);
    bp_case *c = bp_make(d, N, M, x, ROWS);
    c->opts.solver = _i / 4 ? ATOMS_BASIS_PURSUIT_ADMM : ATOMS_BASIS_PURSUIT_AUTO;
    c->opts.nonnegative = nonnegative;
    bp_solve(c, ATOMS_F32);
    int64_t converged = bp_check(c);
    for (int64_t r = 0; r < ROWS; r++) { /* recovered: k atoms make up the whole code */
        double in_k = 0;
        for (int64_t e = 0; e < k; e++) { /* by falling magnitude */
            int64_t best = 0;
            for (int64_t j = 0; j < N; j++)
                if (fabs(c->code[r * N + j]) > fabs(c->code[r * N + best])) best = j;
            in_k += fabs(c->code[r * N + best]);
            c->code[r * N + best] = 0;
        }
        recovered += in_k > (1 - 1e-4) * c->record[r].objective;
    }
    free(sparse);
    if (!above) ck_assert_msg(recovered >= 0.9 * ROWS && converged == ROWS, "%d of %d recovered, %d proved", (int)recovered, ROWS, (int)converged);
    else ck_assert_msg(recovered <= 0.1 * ROWS && converged >= (_i / 4 ? 0.8 : 1) * ROWS, "%d of %d recovered, %d proved", (int)recovered, ROWS, (int)converged);
    bp_free(c);
}
END_TEST

extern void add_hard(Suite *suite);
extern void add_guards(Suite *suite);

static void add_cases(Suite *suite)
{
    add_loop(suite, "SciPy", scipy_finds_the_same_norms, 6);
    add_loop(suite, "identity", identity_is_soft_thresholding, 6);
    add_loop(suite, "simplex", simplex_by_hand, 3);
    add_loop(suite, "Hadamard", identity_and_hadamard_recover_what_coherence_promises, 6);
    add_loop(suite, "source element", instances_made_from_a_source_element, 12);
    add_loop(suite, "transition", recovery_below_and_above_the_transition, 8);
    add_hard(suite);
    add_guards(suite);
}

SUITE_MAIN("basis_pursuit", add_cases)
