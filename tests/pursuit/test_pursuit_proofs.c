/* What records promise: least squares on the support, residuals and stops, recomputed outside from the code as returned. */
#include <math.h>

#include "pursuit_oracle.h"
#include "pursuit_problem.h"

void add_proofs(Suite *suite);

/* r = x − D a in whitened coordinates; returns Σ|a_j|‖d_j‖. */
static double take_residual(const problem *p, const answer *a, int64_t row, double *r)
{
    double sum = 0;
    memcpy(r, p->white + row * p->dim, (size_t)p->dim * sizeof *r);
    for (int64_t e = a->codes.offset[row]; e < a->codes.offset[row + 1]; e++) {
        int32_t j = a->codes.index[e];
        double value = (double)a->codes.value[e] * p->dictionary->length[j];
        for (int64_t i = 0; i < p->dim; i++) r[i] -= value * p->unit[j * p->dim + i];
        sum += fabs(value);
    }
    return sum;
}

static void check_record(const problem *p, const answer *a, int64_t row)
{
    double r[512], worst = 0, square = 0;
    const atoms_code_record *record = a->records + row;
    double norm = sqrt(dot(p->dim, p->white + row * p->dim, p->white + row * p->dim)), sum = norm + take_residual(p, a, row, r);
    for (int64_t e = a->codes.offset[row]; e < a->codes.offset[row + 1]; e++) {
        double c = fabs(dot(p->dim, p->unit + a->codes.index[e] * p->dim, r));
        worst = fmax(worst, c);
        square += c * c;
    }
    ck_assert_msg(sqrt(square) <= 1e-6 * sum, "row %d: ‖U_Sᵀr‖ is %g of %g", (int)row, sqrt(square), sum);
    double residual = sqrt(dot(p->dim, r, r));
    ck_assert(near(record->norm, norm, 1e-12, 0));
    ck_assert(near(record->residual, residual, 1e-10, norm));
    ck_assert(near(record->objective, residual * residual / 2, 1e-10, norm * norm));
    ck_assert(near(record->kkt, worst / sum, 1e-10, 1));
    ck_assert_int_eq(record->support, a->codes.offset[row + 1] - a->codes.offset[row]);
    ck_assert(isnan(record->gap) && isnan(record->lambda) && isnan(record->lambda_max) && isnan(record->fuchs) && isnan(record->erc));
    ck_assert_int_ge(record->iterations, record->support);
}

/* Every kind of atoms, up to as many as there are dimensions, where factors are at their worst. */
START_TEST(codes_are_least_squares_on_their_support)
{
    enum { ATOMS = 90, DIM = 30, ROWS = 40 };
    int kind = _i / 4;
    static const int64_t counts[] = {1, 8, 24, 30};
    for (int c = 0; c < 4; c++) {
        problem *p = problem_make(kind, ATOMS, DIM, ROWS, 12, .2, 21);
        atoms_pursuit_opts opts = options(_i % 2, counts[c]);
        opts.gram_bytes = way(_i / 2);
        answer a = pursue_all(p, &opts);
        for (int64_t r = 0; r < ROWS; r++) check_record(p, &a, r);
        answer_free(&a);
        problem_free(p);
    }
}

/* Pairs of atoms at a sine of 2^-8, just independent: the factor in f32 has no digit to spare. */
START_TEST(nearly_parallel_atoms_are_solved_for_too)
{
    enum { ATOMS = 80, DIM = 40, ROWS = 30 };
    problem *p = problem_make(GAUSSIAN, ATOMS, DIM, ROWS, 10, .5, 22);
    for (int64_t j = 1; j < ATOMS; j += 2)
        for (int64_t i = 0; i < DIM; i++) p->d[j * DIM + i] = p->d[(j - 1) * DIM + i] + 0x1p-8 * p->d[j * DIM + i];
    problem *q = problem_of(p->d, ATOMS, DIM, p->x, ROWS);
    atoms_pursuit_opts opts = options(_i % 2, 36);
    opts.gram_bytes = way(_i / 2);
    answer a = pursue_all(q, &opts);
    double least = 1;
    for (int64_t r = 0; r < ROWS; r++) {
        check_record(q, &a, r);
        least = fmin(least, a.records[r].min_pivot);
    }
    ck_assert(least > 1e-5 && (_i % 2 == 0 || least < 1e-3)); /* OMP has no use for the twin of what it took */
    answer_free(&a);
    problem_free(q);
    problem_free(p);
}

/* The fewest greedy atoms that come as close as asked for, from 30 % of the signal down to 1e-6 of it: as many as plain f64 loops need. */
START_TEST(residual_stops_are_true)
{
    enum { ATOMS = 120, DIM = 48, ROWS = 12 };
    static const double goals[] = {.3, 1e-2, 1e-3, 3e-5, 1e-6};
    problem *p = problem_make(_i / 4, ATOMS, DIM, ROWS, 8, 1e-4, 23);
    int reached = 0;
    for (int g = 0; g < 5; g++) {
        atoms_pursuit_opts opts = options(_i % 2, 0);
        opts.gram_bytes = way(_i / 2);
        opts.residual_rel = goals[g];
        answer a = pursue_all(p, &opts);
        for (int64_t r = 0; r < ROWS; r++) {
            const double *x = p->white + r * DIM;
            int64_t n = a.codes.offset[r + 1] - a.codes.offset[r];
            double norm = sqrt(dot(DIM, x, x));
            check_record(p, &a, r);
            if (a.records[r].status != ATOMS_CODE_CONVERGED) {
                ck_assert(a.records[r].residual > goals[g] * norm);
                continue;
            }
            reached++;
            ck_assert(a.records[r].residual <= goals[g] * norm * (1 + 1e-12));
            int32_t index[DIM];
            double margin;
            if (_i % 2 || n < 2) continue;
            oracle_omp(p->unit, ATOMS, DIM, x, n, index, &margin);
            if (margin < 1e-4) continue;
            ck_assert(uses(&a, r, index, n));
            ck_assert(oracle_distance(p->unit, DIM, x, index, n - 1, NULL) > goals[g] * goals[g] * norm * norm); /* one less would not do */
        }
        answer_free(&a);
    }
    ck_assert_int_gt(reached, 50);
    problem_free(p);
}

/* Both stops together: whichever comes first. Of two residuals the larger. */
START_TEST(stops_combine)
{
    enum { ROWS = 30 };
    problem *p = problem_make(GAUSSIAN, 100, 40, ROWS, 6, .01, 24);
    atoms_pursuit_opts opts = options(_i % 2, 4);
    opts.gram_bytes = way(_i / 2);
    opts.residual_rel = .2;
    answer both = pursue_all(p, &opts);
    int by_count = 0, by_residual = 0;
    for (int64_t r = 0; r < ROWS; r++) {
        int32_t support = both.records[r].support;
        ck_assert_int_eq(both.records[r].status, ATOMS_CODE_CONVERGED);
        ck_assert(support == 4 || both.records[r].residual <= .2 * both.records[r].norm);
        by_count += both.records[r].residual > .2 * both.records[r].norm;
        by_residual += support < 4;
    }
    ck_assert(by_count > 0 && by_residual > 0);
    answer_free(&both);
    opts.max_atoms = 0;
    opts.residual = 1e9; /* in units of x: nothing need be done */
    answer none = pursue_all(p, &opts);
    ck_assert_int_le(none.codes.nnz, ROWS); /* one atom at most: a pursuit takes a step before it looks */
    answer_free(&none);
    opts.residual = 0;
    opts.residual_rel = 0;
    answer usual = pursue_all(p, &opts);
    for (int64_t r = 0; r < ROWS; r++) ck_assert_int_eq(usual.records[r].support, 32);
    answer_free(&usual);
    problem_free(p);
}

/* Copies are never chosen beside each other; when nothing independent is left, that is the status. */
START_TEST(dependent_atoms_are_passed_over)
{
    enum { ATOMS = 12, DIM = 10, ROWS = 20 };
    problem *p = problem_make(GAUSSIAN, ATOMS, DIM, ROWS, 8, .5, 25);
    for (int64_t j = 4; j < ATOMS; j++) /* four directions, three times each, in other lengths */
        for (int64_t i = 0; i < DIM; i++) p->d[j * DIM + i] = p->d[(j % 4) * DIM + i] * (j < 8 ? -2 : 1 + 1e-4 * (double)((i + j) % 2));
    problem *q = problem_of(p->d, ATOMS, DIM, p->x, ROWS);
    atoms_pursuit_opts opts = options(_i % 2, 9);
    opts.gram_bytes = way(_i / 2);
    answer a = pursue_all(q, &opts);
    int masked = 0;
    for (int64_t r = 0; r < ROWS; r++) {
        ck_assert_int_eq(a.records[r].support, 4);
        ck_assert_int_eq(a.records[r].status, ATOMS_CODE_DEPENDENT);
        masked += (a.records[r].flags & ATOMS_CODE_MASKED) != 0;
        check_record(q, &a, r);
    }
    ck_assert_int_gt(masked, 0);
    answer_free(&a);
    problem_free(q);
    problem_free(p);
}

START_TEST(certificates_come_with_the_record)
{
    problem *p = problem_make(GAUSSIAN, 60, 40, 10, 2, 0, 26);
    atoms_pursuit_opts opts = options(_i % 2, 2);
    opts.gram_bytes = way(_i / 2);
    opts.certify = ATOMS_CERTIFY_FUCHS | ATOMS_CERTIFY_ERC;
    answer a = pursue_all(p, &opts);
    for (int64_t r = 0; r < 10; r++) {
        ck_assert_msg(a.records[r].fuchs >= 0 && a.records[r].erc >= a.records[r].fuchs - 1e-12, "%g %g %d", a.records[r].fuchs, a.records[r].erc, a.records[r].support);
        ck_assert(a.records[r].min_pivot > 0 && a.records[r].min_pivot <= 1);
    }
    answer_free(&a);
    problem_free(p);
}

void add_proofs(Suite *suite)
{
    add_loop(suite, "least squares", codes_are_least_squares_on_their_support, 4 * KINDS);
    add_loop(suite, "nearly parallel", nearly_parallel_atoms_are_solved_for_too, 4);
    add_loop(suite, "residual stops", residual_stops_are_true, 8);
    add_loop(suite, "stops combine", stops_combine, 4);
    add_loop(suite, "dependent", dependent_atoms_are_passed_over, 4);
    add_loop(suite, "certificates", certificates_come_with_the_record, 4);
}
