/* Hard dictionaries, odd σ, metrics, lengths: whatever is CONVERGED is proved again from x, D, a and y, and all of it is. */
#include <math.h>

#include "basis_pursuit_case.h"
#include "suite.h"

enum { PLAIN, CORRELATED, DUPLICATED, NEARLY_PARALLEL, RANK_DEFICIENT, OF_ALL_LENGTHS, TRIVIAL, KINDS };

static double *atoms_of(int kind, int64_t atoms, int64_t dim, uint64_t seed)
{
    double *d = bp_normals(atoms * dim, seed);
    for (int64_t j = 0; j < atoms; j++)
        for (int64_t i = 0; i < dim; i++) {
            double *v = d + j * dim + i, *before = v - dim;
            if (kind == CORRELATED && j) *v = 0.95 * *before + sqrt(1 - 0.95 * 0.95) * *v;
            if (kind == DUPLICATED && j % 2) *v = (j % 4 == 1 ? 1 : -1) * *before;
            if (kind == NEARLY_PARALLEL && j % 2) *v = *before + 1e-3 * *v;
            if (kind == RANK_DEFICIENT && i >= dim / 2) *v = v[-dim / 2];
            if (kind == OF_ALL_LENGTHS) *v *= pow(10, (double)(j % 4) - 2);
        }
    return d;
}

/* Sparse and dense signals, f32 and f64, BP and BPDN, signed and not. */
START_TEST(hard_dictionaries_are_proved)
{
    enum { N = 96, M = 32, ROWS = 40 };
    int kind = _i % TRIVIAL, options = _i / TRIVIAL, nonnegative = options & 1, noisy = options >> 1 & 1, f32 = options >> 2 & 1, dense = options >> 3 & 1;
    double *d = atoms_of(kind, N, M, 11), *x = bp_sparse(d, N, M, ROWS, dense ? N : 4, nonnegative, 12);
    bp_case *c = bp_make(d, N, M, x, ROWS);
    c->opts.nonnegative = nonnegative;
    c->opts.sigma_rel = noisy ? 0.05 : 0;
    bp_solve(c, f32 ? ATOMS_F32 : ATOMS_F64);
    int64_t converged = bp_check(c);
    ck_assert_msg(converged == ROWS, "%d of %d proved", (int)converged, ROWS);
    if (kind == DUPLICATED && !dense && !nonnegative)
        for (int64_t r = 0; r < ROWS; r++) ck_assert(c->record[r].flags & ATOMS_CODE_NOT_UNIQUE);
    for (int64_t r = 0; r < ROWS; r++) ck_assert(c->record[r].flags & ATOMS_CODE_POLISHED && c->record[r].iterations > 0);
    bp_free(c);
}
END_TEST

/* Alternating directions by name on what they are good for: sparse codes of comparable magnitudes, and dense ones over atoms that are not nearly
 * parallel, where every answer is a full basis. */
START_TEST(alternating_directions_prove_their_codes)
{
    enum { N = 96, M = 32, ROWS = 40 };
    int kind = _i % 3, nonnegative = _i / 3 % 2, noisy = _i / 6 % 2, dense = _i / 12;
    double *d = atoms_of(kind, N, M, 13), *x = bp_sparse(d, N, M, ROWS, dense ? N : 4, nonnegative, 14);
    bp_case *c = bp_make(d, N, M, x, ROWS);
    c->opts.nonnegative = nonnegative;
    c->opts.solver = ATOMS_BASIS_PURSUIT_ADMM;
    c->opts.sigma_rel = noisy ? 0.05 : 0;
    bp_solve(c, ATOMS_F32);
    int64_t converged = bp_check(c);
    double *objective = malloc(ROWS * sizeof *objective);
    for (int r = 0; r < ROWS; r++) objective[r] = c->record[r].status == ATOMS_CODE_CONVERGED ? c->record[r].objective : NAN;
    ck_assert_msg(converged >= (dense && kind == PLAIN ? 0.95 : 0.9) * ROWS, "%d of %d proved", (int)converged, ROWS);
    c->opts.solver = ATOMS_BASIS_PURSUIT_HOMOTOPY;
    bp_solve(c, ATOMS_F32);
    for (int r = 0; r < ROWS; r++)
        if (!isnan(objective[r])) ck_assert_near(objective[r], c->record[r].objective, 3e-6);
    free(objective);
    bp_free(c);
}
END_TEST

START_TEST(a_metric_is_whitening)
{
    enum { N = 40, M = 12, ROWS = 10 };
    double scale[M], *d = bp_normals(N * M, 15), *x = bp_normals(ROWS * M, 16), *d_white = malloc(N * M * sizeof *d), *x_white = malloc(ROWS * M * sizeof *x);
    for (int i = 0; i < M; i++) scale[i] = 0.2 + 0.3 * i;
    for (int i = 0; i < N * M; i++) d_white[i] = d[i] / scale[i % M];
    for (int i = 0; i < ROWS * M; i++) x_white[i] = x[i] / scale[i % M];
    bp_case *c = bp_make(d, N, M, x, ROWS), *white = bp_make(d_white, N, M, x_white, ROWS);
    c->scale = scale;
    c->opts.sigma_rel = white->opts.sigma_rel = _i ? 0.2 : 0;
    bp_solve(c, ATOMS_F64);
    bp_solve(white, ATOMS_F64);
    ck_assert(bp_check(c) == ROWS && bp_check(white) == ROWS);
    for (int i = 0; i < ROWS * N; i++) ck_assert(near(c->code[i], white->code[i], 1e-6, 1));
    bp_free(c);
    bp_free(white);
}
END_TEST

/* Answers scale with signals and against atoms. */
START_TEST(units_do_not_matter)
{
    enum { N = 40, M = 12, ROWS = 10 };
    double *d = bp_normals(N * M, 17), *x = bp_normals(ROWS * M, 18), *large = malloc(N * M * sizeof *large), *tiny = malloc(ROWS * M * sizeof *tiny);
    for (int i = 0; i < N * M; i++) large[i] = d[i] * 0x1p40;
    for (int i = 0; i < ROWS * M; i++) tiny[i] = x[i] * 0x1p-30;
    bp_case *c = bp_make(d, N, M, x, ROWS), *scaled = bp_make(large, N, M, tiny, ROWS);
    c->opts.sigma = 0.25;
    scaled->opts.sigma = 0.25 * 0x1p-30;
    bp_solve(c, ATOMS_F64);
    bp_solve(scaled, ATOMS_F64);
    ck_assert(bp_check(c) == ROWS && bp_check(scaled) == ROWS);
    for (int i = 0; i < ROWS * N; i++) ck_assert(near(c->code[i], scaled->code[i] * 0x1p70, 1e-6, 1));
    bp_free(c);
    bp_free(scaled);
}
END_TEST

/* From σ = 0 to ‖x‖ and beyond: norms fall, the last codes are empty. */
START_TEST(sigma_from_nothing_to_everything)
{
    enum { N = 40, M = 12, ROWS = 10 };
    double sigmas[] = {0, 1e-12, 1e-9, 3e-8, 1e-7, 1e-6, 1e-4, 0.1, 0.5, 0.999, 1, 1.5}, before[ROWS];
    bp_case *c = bp_make(bp_normals(N * M, 19), N, M, bp_normals(ROWS * M, 21), ROWS);
    c->opts.solver = _i;
    for (size_t s = 0; s < sizeof sigmas / sizeof *sigmas; s++) {
        c->opts.sigma_rel = sigmas[s];
        bp_solve(c, ATOMS_F64);
        ck_assert_int_eq(bp_check(c), ROWS);
        for (int r = 0; r < ROWS; r++) {
            ck_assert(!s || c->record[r].objective <= before[r] * (1 + 1e-6));
            before[r] = c->record[r].objective;
            if (sigmas[s] >= 1) ck_assert(c->record[r].support == 0 && c->record[r].gap == 0 && c->record[r].kkt == 0 && isnan(c->record[r].lambda));
        }
    }
    bp_free(c);
}
END_TEST

/* x leaves the span (rank 16 of 32), or the cone of atoms with positive entries: σ below the distance cannot be met, σ above can. */
START_TEST(out_of_reach_is_an_outcome)
{
    enum { N = 48, M = 32, ROWS = 10 };
    int cone = _i / 3;
    double *d = atoms_of(cone ? PLAIN : RANK_DEFICIENT, N, M, 23), *x = cone ? bp_normals(ROWS * M, 24) : bp_sparse(d, N, M, ROWS, 3, 0, 24);
    for (int i = 0; i < N * M && cone; i++) d[i] = fabs(d[i]);
    for (int r = 0; r < ROWS; r++) /* (v, v) is in the span, (v, −v) is orthogonal to it */
        for (int i = 0; i < M && !cone; i++) x[r * M + i] += (i < M / 2 ? 0.1 : -0.1) * (i % (M / 2) == r ? 1 : 0);
    bp_case *c = bp_make(d, N, M, x, ROWS);
    c->opts.solver = _i % 3;
    c->opts.nonnegative = cone;
    c->opts.sigma = cone ? 0.1 : (_i == 2 ? 0.9 : 0.99) * 0.1 * sqrt(2);
    bp_solve(c, ATOMS_F64);
    ck_assert_int_eq(bp_check(c), 0);
    for (int r = 0; r < ROWS; r++) {
        ck_assert_int_eq(c->record[r].status, ATOMS_CODE_INFEASIBLE);
        if (!cone) ck_assert_near(c->record[r].residual, 0.1 * sqrt(2), _i % 3 == 2 ? 0.5 : 1e-5);
    }
    c->opts.sigma = cone ? 0 : 1.01 * 0.1 * sqrt(2);
    c->opts.sigma_rel = cone ? 0.99 : 0;
    bp_solve(c, ATOMS_F64);
    ck_assert_int_ge(bp_check(c), cone ? ROWS - 2 : ROWS); /* a row of negative numbers alone has no closer point than 0 */
    bp_free(c);
}
END_TEST

/* Six atoms make a signal, and noise between f32's rounding and the allowance is added: the code is of those six, with the dual vector's signs, and
 * not of the fifty more that would fit the noise. Above what may be left of x, signs are the dual vector's all the same. */
START_TEST(noise_is_not_coded)
{
    enum { N = 256, M = 64, K = 6, ROWS = 40 };
    static const double sizes[] = {0, 1e-7, 2e-7, 3e-7, 1e-6};
    int nonnegative = _i % 2, f32 = _i / 2 % 2, admm = _i / 20;
    double *d = bp_normals(N * M, 41), *x = bp_sparse(d, N, M, ROWS, K, nonnegative, 42), size = sizes[_i / 4 % 5];
    for (int64_t r = 0; r < ROWS; r++) {
        double norm = 0, noise = 0;
        for (int64_t i = r * M; i < (r + 1) * M; i++) norm += x[i] * x[i], noise += bp_normal(43, i) * bp_normal(43, i);
        for (int64_t i = r * M; i < (r + 1) * M; i++) x[i] += size * sqrt(norm / noise) * bp_normal(43, i);
    }
    bp_case *c = bp_make(d, N, M, x, ROWS);
    c->opts.solver = admm ? ATOMS_BASIS_PURSUIT_ADMM : ATOMS_BASIS_PURSUIT_AUTO;
    c->opts.nonnegative = nonnegative;
    bp_solve(c, f32 ? ATOMS_F32 : ATOMS_F64);
    int64_t converged = bp_check(c);
    ck_assert_msg(admm || converged == ROWS, "%d of %d proved", (int)converged, ROWS);
    for (int64_t r = 0; r < ROWS; r++) {
        if (c->record[r].status != ATOMS_CODE_CONVERGED) continue;
        ck_assert_msg(c->record[r].kkt < 1e-5, "row %d: kkt %g", (int)r, c->record[r].kkt);
        if (size < 5e-7 && !admm) ck_assert_msg(c->record[r].support <= K + 1, "row %d: %d atoms", (int)r, (int)c->record[r].support);
    }
    bp_free(c);
}
END_TEST

START_TEST(small_shapes)
{
    for (int atoms = 1; atoms <= 3; atoms++)
        for (int dim = 1; dim <= 3; dim++)
            for (int solver = 0; solver < 3; solver++) {
                double *d = bp_normals(atoms * dim, 25), *x = bp_sparse(d, atoms, dim, 4, 1, 0, 26);
                for (int i = 0; i < dim; i++) x[i] = 0; /* a signal of zeros */
                bp_case *c = bp_make(d, atoms, dim, x, 4);
                c->opts.solver = solver;
                c->opts.certify = ATOMS_CERTIFY_FUCHS | ATOMS_CERTIFY_ERC;
                bp_solve(c, ATOMS_F64);
                ck_assert_int_eq(bp_check(c), 4);
                ck_assert(c->record->flags == ATOMS_CODE_ZERO_SIGNAL && c->record->support == 0);
                bp_free(c);
            }
}
END_TEST

START_TEST(limits_stop_with_an_honest_record)
{
    enum { N = 96, M = 32, ROWS = 40 };
    double *d = bp_normals(N * M, 27);
    bp_case *c = bp_make(d, N, M, bp_normals(ROWS * M, 28), ROWS);
    c->opts.solver = _i;
    c->opts.max_iterations = 3;
    bp_solve(c, ATOMS_F64);
    ck_assert_int_eq(bp_check(c), 0);
    for (int r = 0; r < ROWS; r++) ck_assert(c->record[r].status == ATOMS_CODE_STOPPED && c->record[r].iterations <= 6);
    bp_free(c);
}
END_TEST

/* Lengths 16 powers of ten apart: products with the dual vector are rounding for the most part, and it must not pass for a proof. */
START_TEST(lengths_far_apart_prove_nothing_false)
{
    enum { N = 3, M = 5 };
    static const double atoms[N * M] = {0, -10862.5498, 8.27e-14, -.000684868894, 6.37e-8, 0, -10862.5498, 8.27e-14, -.000684868894, 6.37e-8,
                                        0, -10862.5498, -4.83616096e11, 0, 6.87401783e19};
    static const double signal[M] = {-3.75, -4.6875, -5.5625, -6.4375, -7.3125};
    double *d = malloc(sizeof atoms), *x = malloc(sizeof signal);
    memcpy(d, atoms, sizeof atoms);
    memcpy(x, signal, sizeof signal);
    bp_case *c = bp_make(d, N, M, x, 1);
    c->opts.sigma_rel = .25;
    bp_solve(c, ATOMS_F64);
    for (int j = 0; j < N; j++) {
        double product = 0;
        for (int k = 0; k < M; k++) product += atoms[j * M + k] * c->dual[k];
        ck_assert(fabs(product) <= 1);
    }
    ck_assert(c->record->gap >= 0 && c->record->gap <= c->record->objective);
    bp_free(c);
}
END_TEST

void add_hard(Suite *suite);
void add_hard(Suite *suite)
{
    add_loop(suite, "hard", hard_dictionaries_are_proved, TRIVIAL * 16);
    add_loop(suite, "ADMM", alternating_directions_prove_their_codes, 24);
    add_loop(suite, "metric", a_metric_is_whitening, 2);
    add_case(suite, "units", units_do_not_matter);
    add_loop(suite, "sigma", sigma_from_nothing_to_everything, 3);
    add_loop(suite, "out of reach", out_of_reach_is_an_outcome, 6);
    add_loop(suite, "noise", noise_is_not_coded, 36); /* ADMM up to 3e-7: beyond it, it has no end */
    add_case(suite, "small", small_shapes);
    add_case(suite, "far apart", lengths_far_apart_prove_nothing_false);
    add_loop(suite, "limits", limits_stop_with_an_honest_record, 3);
}
