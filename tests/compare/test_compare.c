/* Two dictionaries: planted matchings, closed forms, every permutation of tiny ones, near ties, threads. */
#include <atoms/atoms.h>
#include <math.h>

#include "../golden/compare.inc"
#include "base/random.h"
#include "compare/compare_internal.h"
#include "compare_cases.h"
#include "counting_memory.h"
#include "known_atoms.h"
#include "suite.h"

static double cosine(const double *x, const double *y, int64_t dim)
{
    double xy = 0, xx = 0, yy = 0;
    for (int64_t k = 0; k < dim; k++) xy += x[k] * y[k], xx += x[k] * x[k], yy += y[k] * y[k];
    return xy / sqrt(xx * yy);
}

static atoms_compare_report compare(atoms_context *context, const double *a, int64_t na, const double *b, int64_t nb, int64_t dim, int64_t limit, int64_t *match)
{
    atoms_compare_opts opts;
    atoms_compare_report r;
    ck_assert_ok(atoms_compare_opts_init(&opts, sizeof opts));
    ck_assert_ok(atoms_compare_report_init(&r, sizeof r));
    opts.exact_limit = limit;
    atoms_matrix x = atoms_matrix_f64(a, na, dim), y = atoms_matrix_f64(b, nb, dim);
    ck_assert_ok(atoms_compare(context, &x, &y, NULL, &opts, match, &r));
    return r;
}

/* The largest sum over all injections of the rows into the columns. */
static double best_of_all(const double *value, int64_t rows, int64_t cols, int64_t row, unsigned taken)
{
    if (row == rows) return 0;
    double best = -1e300;
    for (int64_t j = 0; j < cols; j++)
        if (!(taken >> j & 1)) best = fmax(best, value[row * cols + j] + best_of_all(value, rows, cols, row + 1, taken | 1u << j));
    return best;
}

/* _i: seeds; many equal values in every third. */
START_TEST(assignment_is_the_best_of_all)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    int64_t checked = 0;
    for (int64_t rows = 1; rows <= 6; rows++)
        for (int64_t cols = rows; cols <= 8; cols++, checked++) {
            double value[48], sum = 0;
            int64_t column[6];
            unsigned taken = 0;
            for (int64_t e = 0; e < rows * cols; e++) {
                value[e] = normal((uint64_t)_i, rows * 1000 + cols * 100 + e);
                if (_i % 3 == 0) value[e] = floor(value[e] * 2) / 4;
            }
            ck_assert_ok(atomsi_assignment(context, rows, cols, value, column));
            for (int64_t i = 0; i < rows; i++) {
                ck_assert(!(taken >> column[i] & 1));
                taken |= 1u << column[i];
                sum += value[i * cols + column[i]];
            }
            ck_assert_near(sum + 10, best_of_all(value, rows, cols, 0, 0) + 10, 1e-14);
        }
    ck_assert_int_eq(checked, 33);
    counting_end(&memory, context);
}
END_TEST

/* _i: sizes and kinds of golden/make_compare.py. Sums of whole numbers, so equal to the last bit. */
START_TEST(assignment_is_as_good_as_scipys)
{
    const int64_t *golden = golden_assignment[_i], rows = golden[0], cols = golden[1], kind = golden[2];
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    double *value = malloc((size_t)(rows * cols) * sizeof *value), sum = 0;
    int64_t *column = malloc((size_t)rows * sizeof *column), *taken = calloc((size_t)cols, sizeof *taken);
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < cols; j++)
            value[i * cols + j] = (double)(kind ? (i * 7919 + j * 104729 + i * j * 31 + i * i * j) % kind : -(i + 1) * (j + 1));
    ck_assert_ok(atomsi_assignment(context, rows, cols, value, column));
    for (int64_t i = 0; i < rows; i++) {
        ck_assert_int_eq(taken[column[i]]++, 0);
        sum += value[i * cols + column[i]];
    }
    ck_assert(sum == (double)golden[3]);
    free(value);
    free(column);
    free(taken);
    counting_end(&memory, context);
}
END_TEST

/* A dictionary against itself, shuffled, scaled and with a little noise; _i & 1: greedy, _i & 2: the larger one first. */
START_TEST(a_planted_matching_is_found)
{
    enum { M = 900, EXTRA = 150, H = 48 };
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 2);
    double *a = random_atoms(M, H, 1), *b = random_atoms(M + EXTRA, H, 2);
    int64_t where[M], match[M + EXTRA], found = 0;
    for (int64_t i = 0; i < M; i++) {
        where[i] = base_permute(3, BASE_STREAM_TEST, 0, i, M + EXTRA);
        for (int64_t k = 0; k < H; k++) b[where[i] * H + k] = (2 + (double)(i % 3)) * (a[i * H + k] + .02 * normal(9, i * H + k));
    }
    int64_t limit = _i & 1 ? M : M + EXTRA;
    atoms_compare_report r = _i & 2 ? compare(context, b, M + EXTRA, a, M, H, limit, match) : compare(context, a, M, b, M + EXTRA, H, limit, match);
    ck_assert(r.exact == !(_i & 1) && r.matched == M && r.dim == H);
    double sum = 0, mmcs = _i & 2 ? r.mmcs_reverse : r.mmcs;
    for (int64_t i = 0; i < M; i++) {
        sum += cosine(a + i * H, b + where[i] * H, H);
        found += _i & 2 ? match[where[i]] == i : match[i] == where[i];
    }
    ck_assert_int_eq(found, M);
    int64_t unmatched = 0;
    for (int64_t j = 0; j < M + EXTRA && _i & 2; j++) unmatched += match[j] < 0;
    ck_assert_int_eq(unmatched, _i & 2 ? EXTRA : 0);
    ck_assert_near(r.matched_mean, sum / M, 1e-13);
    ck_assert_near(mmcs, sum / M, 1e-13);
    ck_assert_near(r.matched_bound, r.matched_mean, 1e-13);
    ck_assert(r.matched_over[0] == 1 && r.matched_over[1] == 1 && r.matched_over[2] == 1);
    free(a);
    free(b);
    counting_end(&memory, context);
}
END_TEST

/* An orthonormal basis beside one turned by 45° in pairs, by hand; beside Hadamard's, where every partner is as good as any; and beside its negative. */
START_TEST(bases_have_closed_forms)
{
    enum { H = 256 };
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 2);
    double *identity = identity_beside_hadamard(H), *hadamard = identity + H * H, *turned = calloc(H * H, sizeof *turned);
    for (int i = 0; i < H; i++) {
        turned[i * H + i] = 1;
        turned[i * H + (i ^ 1)] = i & 1 ? 1 : -1;
    }
    for (int64_t limit = 0; limit <= H; limit += H) {
        atoms_compare_report r = compare(context, identity, H, identity, H, H, limit, NULL);
        ck_assert(r.mmcs == 1 && r.mmcs_reverse == 1 && r.matched_mean == 1 && r.matched_over[2] == 1 && r.exact == (limit == H));
        r = compare(context, identity, H, turned, H, H, limit, NULL);
        ck_assert_near(r.mmcs, sqrt(.5), 1e-14);
        ck_assert_near(r.mmcs_reverse, sqrt(.5), 1e-14);
        ck_assert_near(r.matched_mean, sqrt(.5), 1e-14);
        ck_assert(r.matched_over[0] == 1 && r.matched_over[1] == 0);
        r = compare(context, identity, H, hadamard, H, H, limit, NULL);
        ck_assert(r.mmcs == .0625 && r.mmcs_reverse == .0625 && r.matched_bound == .0625);
        ck_assert(limit ? r.matched_mean == .0625 : r.matched_mean <= .0625);
    }
    for (int e = 0; e < H * H; e++) hadamard[e] = -identity[e];
    atoms_compare_report r = compare(context, identity, H, hadamard, H, H, H, NULL);
    ck_assert(r.mmcs == 0 && r.matched_mean == 0); /* the sign counts: a partner's negative is no match */
    free(identity);
    free(turned);
    counting_end(&memory, context);
}
END_TEST

/* Plain loops for the means; greedy below exact below bound; 1, 2 and 4 threads. */
START_TEST(plain_loops_agree_for_any_threads)
{
    enum { A = 700, B = 560, H = 12 };
    double *a = random_atoms(A, H, 5), *b = random_atoms(B, H, 6), mmcs = 0, reverse = 0;
    for (int64_t i = 0; i < A; i++) {
        double best = -2;
        for (int64_t j = 0; j < B; j++) best = fmax(best, cosine(a + i * H, b + j * H, H));
        mmcs += best / A;
    }
    for (int64_t j = 0; j < B; j++) {
        double best = -2;
        for (int64_t i = 0; i < A; i++) best = fmax(best, cosine(a + i * H, b + j * H, H));
        reverse += best / B;
    }
    atoms_compare_report first[2] = {{0}, {0}};
    int64_t first_match[2][A];
    for (int32_t threads = 1; threads <= 4; threads *= 2)
        for (int exact = 0; exact < 2; exact++) {
            counting_memory memory = {0};
            atoms_context *context = counting_context(&memory, threads);
            int64_t match[A], seen[B] = {0}, matched = 0;
            atoms_compare_report r = compare(context, a, A, b, B, H, exact ? 1000 : 0, match);
            ck_assert_near(r.mmcs, mmcs, 1e-13);
            ck_assert_near(r.mmcs_reverse, reverse, 1e-13);
            double sum = 0;
            for (int64_t i = 0; i < A; i++)
                if (match[i] >= 0) {
                    ck_assert_int_eq(seen[match[i]]++, 0);
                    sum += cosine(a + i * H, b + match[i] * H, H);
                    matched++;
                }
            ck_assert_int_eq(matched, B);
            ck_assert_near(r.matched_mean, sum / B, 1e-13);
            ck_assert(r.matched_mean <= r.matched_bound);
            if (threads == 1) first[exact] = r, memcpy(first_match[exact], match, sizeof match);
            ck_assert_mem_eq(&r, &first[exact], sizeof r);
            ck_assert_mem_eq(match, first_match[exact], sizeof match);
            counting_end(&memory, context);
        }
    ck_assert(first[0].matched_mean < first[1].matched_mean && first[1].matched_mean < first[0].matched_bound);
    free(a);
    free(b);
}
END_TEST

/* Partners closer to each other than products in f32 can tell: the best one is that of f64. */
START_TEST(near_ties_are_settled_in_f64)
{
    enum { M = 120 };
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 2);
    double c[M] = {0}, most = 0, sum = 0;
    for (int i = 1; i < M; i++) c[i] = .5 + 1e-9 * (i * 43 % (M - 1)), most = fmax(most, c[i]), sum += c[i];
    double *d = fan_of_atoms(M, c);
    atoms_compare_report r = compare(context, d, 1, d + M, M - 1, M, 0, NULL);
    ck_assert_near(r.mmcs, most, 1e-14);
    ck_assert_near(r.mmcs_reverse, sum / (M - 1), 1e-14);
    r = compare(context, d + M, M - 1, d, 1, M, 0, NULL);
    ck_assert_near(r.mmcs_reverse, most, 1e-14);
    free(d);
    counting_end(&memory, context);
}
END_TEST

/* One direction three times against a basis: each of the three has a partner at 1, but it is the same one. The bound knows it from the other side. */
START_TEST(the_bound_looks_from_both_sides)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    const double same[12] = {1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0}, basis[16] = {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1};
    for (int swapped = 0; swapped <= 1; swapped++) {
        atoms_compare_report r = swapped ? compare(context, basis, 4, same, 3, 4, 0, NULL) : compare(context, same, 3, basis, 4, 4, 0, NULL);
        ck_assert(!r.exact && (swapped ? r.mmcs_reverse : r.mmcs) == 1);
        ck_assert_near(r.matched_mean, 1. / 3, 1e-15);
        ck_assert_near(r.matched_bound, 1. / 3, 1e-15);
    }
    counting_end(&memory, context);
}
END_TEST

static void add_cases(Suite *suite)
{
    add_loop(suite, "assignment", assignment_is_the_best_of_all, 12);
    add_loop(suite, "SciPy's assignments", assignment_is_as_good_as_scipys, sizeof golden_assignment / sizeof golden_assignment[0]);
    add_loop(suite, "planted", a_planted_matching_is_found, 4);
    add_case(suite, "bases", bases_have_closed_forms);
    add_case(suite, "plain loops, threads", plain_loops_agree_for_any_threads);
    add_case(suite, "near ties", near_ties_are_settled_in_f64);
    add_case(suite, "bound", the_bound_looks_from_both_sides);
    add_compare_refusals(suite);
}

SUITE_MAIN("compare", add_cases)
