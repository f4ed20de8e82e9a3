/* Which atoms are chosen: plain f64 loops, brute force, closed forms, scikit-learn. */
#include <math.h>

#include "../golden/pursuit.inc"
#include "pursuit_oracle.h"
#include "pursuit_problem.h"

void add_rules(Suite *suite);

/* Both rules, both ways, on every kind of atoms but duplicates. A choice that leads by less than 1e-5 is rounding's. */
START_TEST(choices_are_those_of_the_definition)
{
    enum { ATOMS = 60, DIM = 24, ROWS = 15, K = 7 };
    int32_t rule = _i % 2;
    int compared = 0;
    for (int kind = 0; kind < KINDS; kind++) {
        if (kind == DUPLICATED) continue;
        problem *p = problem_make(kind, ATOMS, DIM, ROWS, 5, .2, 11);
        atoms_pursuit_opts opts = options(rule, K);
        opts.gram_bytes = way(_i / 2);
        answer a = pursue_all(p, &opts);
        for (int64_t r = 0; r < ROWS; r++) {
            int32_t index[K];
            double margin;
            (rule ? oracle_ols : oracle_omp)(p->unit, ATOMS, DIM, p->white + r * DIM, K, index, &margin);
            if (margin < 1e-5) continue;
            ck_assert_msg(uses(&a, r, index, K), "kind %d, row %d, margin %g", kind, (int)r, margin);
            compared++;
        }
        answer_free(&a);
        problem_free(p);
    }
    ck_assert_int_gt(compared, 50);
}

/* x = −6 (2, 1, 0) + 4 (2, 1, −1). Both rules begin with (2, 1, 0), and r = (0, 0, −4). OMP goes on with (2, −2, 3), which correlates most with r, 12/√17;
 * OLS sees that of (2, 1, −1) only (0, 0, −1) is new, which takes r away. */
START_TEST(omp_and_ols_differ)
{
    const double d[] = {2, -2, 3, 2, 1, 0, 2, 1, -1}, x[] = {-4, -2, -4};
    problem *p = problem_of(d, 3, 3, x, 1);
    for (int32_t rule = 0; rule < 2; rule++) {
        atoms_pursuit_opts opts = options(rule, 2);
        opts.gram_bytes = way(_i);
        answer a = pursue_all(p, &opts);
        ck_assert_near(value_of(&a, 0, 0), rule ? 0 : -12 / 16.2, 1e-6);
        ck_assert_near(value_of(&a, 0, 1), rule ? -6 : -2 + .4 * 12 / 16.2, 1e-6);
        ck_assert_near(value_of(&a, 0, 2), rule ? 4 : 0, 1e-6);
        ck_assert(near(a.records[0].residual, rule ? 0 : sqrt(16 - 144 / 16.2), 1e-6, 6));
        int32_t index[2], other[2];
        double margin;
        oracle_omp(p->unit, 3, 3, x, 2, index, &margin);
        oracle_ols(p->unit, 3, 3, x, 2, other, &margin);
        ck_assert(uses(&a, 0, rule ? other : index, 2));
        answer_free(&a);
    }
    problem_free(p);
}

/* Orthonormal atoms: the k largest coefficients, as they are. */
START_TEST(orthonormal_atoms_keep_the_largest_coefficients)
{
    enum { DIM = 16 };
    double d[DIM * DIM], x[DIM];
    for (int i = 0; i < DIM; i++)
        for (int j = 0; j < DIM; j++) d[i * DIM + j] = (__builtin_popcount((unsigned)(i & j)) % 2 ? -1 : 1) * .25; /* Hadamard */
    for (int j = 0; j < DIM; j++) x[j] = sin(3 * j + 1) * (1 + j);
    problem *p = problem_of(d, DIM, DIM, x, 1);
    double c[DIM];
    for (int i = 0; i < DIM; i++) c[i] = dot(DIM, d + i * DIM, x);
    for (int64_t k = 1; k <= DIM; k += 3) {
        atoms_pursuit_opts opts = options(_i % 2, k);
        opts.gram_bytes = way(_i / 2);
        answer a = pursue_all(p, &opts);
        double smallest_in = INFINITY, largest_out = 0;
        for (int j = 0; j < DIM; j++) {
            double value = value_of(&a, 0, j);
            if (value != 0) {
                ck_assert_near(value, c[j], 1e-6);
                smallest_in = fmin(smallest_in, fabs(c[j]));
            } else {
                largest_out = fmax(largest_out, fabs(c[j]));
            }
        }
        ck_assert(smallest_in >= largest_out - 1e-5);
        ck_assert_int_eq(a.codes.nnz, k);
        ck_assert_near(a.records[0].min_pivot, 1, 1e-6);
        answer_free(&a);
    }
    problem_free(p);
}

/* [I, Hadamard]: mu = 1/√64, so every code of at most 4 atoms (k < (1 + 1/mu)/2) is found. */
START_TEST(identity_and_hadamard_give_back_sparse_codes)
{
    enum { DIM = 64, ROWS = 50 };
    static double d[2 * DIM * DIM], x[ROWS * DIM];
    for (int i = 0; i < DIM; i++)
        for (int j = 0; j < DIM; j++) {
            d[i * DIM + j] = i == j;
            d[(DIM + i) * DIM + j] = __builtin_popcount((unsigned)(i & j)) % 2 ? -.125 : .125;
        }
    int32_t index[ROWS][4];
    memset(x, 0, sizeof x); /* the loop's runs may share a process */
    for (int r = 0; r < ROWS; r++)
        for (int k = 0; k < 4; k++) {
            index[r][k] = (37 * r + 31 * k * k + 11 * k) % (2 * DIM);
            for (int e = 0; e < k; e++)
                if (index[r][e] == index[r][k]) index[r][k] = (index[r][k] + 1) % (2 * DIM), e = -1;
            for (int j = 0; j < DIM; j++) x[r * DIM + j] += (k + 1) * (k % 2 ? -1 : 1) * d[index[r][k] * DIM + j];
        }
    problem *p = problem_of(d, 2 * DIM, DIM, x, ROWS);
    atoms_pursuit_opts opts = options(_i % 2, 20);
    opts.gram_bytes = way(_i / 2);
    answer a = pursue_all(p, &opts);
    for (int r = 0; r < ROWS; r++) {
        ck_assert(uses(&a, r, index[r], 4)); /* and it ends there: nothing is left */
        for (int k = 0; k < 4; k++) ck_assert_near(value_of(&a, r, index[r][k]), (k + 1) * (k % 2 ? -1 : 1), 1e-6);
        ck_assert_int_eq(a.records[r].status, ATOMS_CODE_CONVERGED);
        ck_assert(a.records[r].residual < 1e-5);
    }
    answer_free(&a);
    problem_free(p);
}

/* One atom: c_p/G_pp for the p of largest |c_p|/√G_pp. Of equals the first: exactly representable ties. */
START_TEST(one_atom_and_ties)
{
    const double d[] = {0, 4, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 0, 0, 8, 0}, x[] = {3, 3, 3, 0, -1, 0, 0, -5, 0, 2, 2, 0};
    problem *p = problem_of(d, 4, 4, x, 3);
    for (int64_t k = 1; k <= 2; k++) {
        atoms_pursuit_opts opts = options(_i % 2, k);
        opts.gram_bytes = way(_i / 2);
        answer a = pursue_all(p, &opts);
        ck_assert_near(value_of(&a, 0, 0), .75, 0);
        ck_assert_near(value_of(&a, 0, 1), k == 2 ? 1.5 : 0, 0);
        ck_assert_near(value_of(&a, 1, 1), -.5, 0); /* the last coordinate is out of reach */
        ck_assert_near(value_of(&a, 2, 0), .5, 0);
        ck_assert_int_eq(a.records[1].status, k == 1 ? ATOMS_CODE_CONVERGED : ATOMS_CODE_DEPENDENT);
        ck_assert_near(a.records[1].residual, 5, 1e-12);
        answer_free(&a);
    }
    problem_free(p);
}

/* Many exact ties in a wide dictionary: three copies of an orthonormal basis, 96 atoms and more than a tile apart. The first copy is chosen. */
START_TEST(ties_go_to_the_lowest_number)
{
    enum { DIM = 48, COPIES = 3 };
    static double d[COPIES * DIM * DIM], x[DIM];
    for (int c = 0; c < COPIES; c++)
        for (int i = 0; i < DIM; i++) d[(c * DIM + i) * DIM + i] = 1 << c;
    for (int i = 0; i < DIM; i++) x[i] = 1 + i / 4;
    problem *p = problem_of(d, COPIES * DIM, DIM, x, 1);
    atoms_pursuit_opts opts = options(_i % 2, 24);
    opts.gram_bytes = way(_i / 2);
    answer a = pursue_all(p, &opts);
    for (int32_t j = 0; j < COPIES * DIM; j++) ck_assert_near(value_of(&a, 0, j), j < DIM && j >= 24 ? 1 + j / 4 : 0, 1e-6);
    answer_free(&a);
    problem_free(p);
}

START_TEST(scikit_learn_agrees)
{
    problem *p = problem_of(golden_atoms, GOLDEN_ATOMS, GOLDEN_DIM, golden_signals, GOLDEN_ROWS);
    atoms_pursuit_opts opts = options(ATOMS_PURSUIT_OMP, GOLDEN_K);
    opts.gram_bytes = way(_i);
    answer a = pursue_all(p, &opts);
    for (int64_t r = 0; r < GOLDEN_ROWS; r++)
        for (int32_t j = 0; j < GOLDEN_ATOMS; j++)
            ck_assert(near(value_of(&a, r, j), golden_codes[r * GOLDEN_ATOMS + j], 1e-5, .1));
    answer_free(&a);
    problem_free(p);
}

/* Gaussian 64 × 256, normal coefficients: 6 of them are nearly always found, 40 hardly ever. */
START_TEST(recovery_has_its_two_ends)
{
    enum { ATOMS = 256, DIM = 64, ROWS = 200 };
    for (int hard = 0; hard < 2; hard++) {
        int64_t k = hard ? 40 : 6;
        problem *p = problem_make(GAUSSIAN, ATOMS, DIM, ROWS, k, 0, 12 + (uint64_t)hard);
        atoms_pursuit_opts opts = options(_i % 2, k);
        answer a = pursue_all(p, &opts);
        int found = 0;
        for (int64_t r = 0; r < ROWS; r++) found += a.records[r].residual < 1e-5 * a.records[r].norm;
        ck_assert_msg(hard ? found <= ROWS / 10 : found >= ROWS * 95 / 100, "k = %d: %d of %d", (int)k, found, ROWS);
        answer_free(&a);
        problem_free(p);
    }
}

void add_rules(Suite *suite)
{
    add_loop(suite, "definition", choices_are_those_of_the_definition, 4);
    add_loop(suite, "OMP is not OLS", omp_and_ols_differ, 2);
    add_loop(suite, "orthonormal", orthonormal_atoms_keep_the_largest_coefficients, 4);
    add_loop(suite, "identity and Hadamard", identity_and_hadamard_give_back_sparse_codes, 4);
    add_loop(suite, "one atom", one_atom_and_ties, 4);
    add_loop(suite, "ties", ties_go_to_the_lowest_number, 4);
    add_loop(suite, "scikit-learn", scikit_learn_agrees, 2);
    add_loop(suite, "recovery", recovery_has_its_two_ends, 2);
}
