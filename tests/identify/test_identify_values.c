/* Values by least squares on given supports, and the values of samples. */
#include <math.h>
#include <string.h>

#include "counting_memory.h"
#include "identify_worlds.h"
#include "known_atoms.h"
#include "suite.h"

/* Residuals are orthogonal, in the metric, to the atoms of the support; empty rows stay empty, dependent ones keep what they have. */
START_TEST(values_are_those_of_least_squares)
{
    enum { H = 9, M = 30, N = 700 };
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 2);
    double d[M * H], x[N * H];
    for (int i = 0; i < M * H; i++) d[i] = sin(i * i + 1.);
    for (int k = 0; k < H; k++) d[7 * H + k] = -3 * d[6 * H + k];
    for (int i = 0; i < N * H; i++) x[i] = cos(i * 1.7 + i * i);
    atoms_matrix m = atoms_matrix_f64(d, M, H), xs = atoms_matrix_f64(x, N, H);
    atoms_metric *metric;
    atoms_dictionary *dictionary;
    atoms_rows *rows;
    ck_assert_ok(atoms_metric_from_dictionary(context, &m, NULL, &metric));
    ck_assert_ok(atoms_dictionary_create(context, &m, metric, &dictionary));
    ck_assert_ok(atoms_rows_from_matrix(context, &xs, &rows));
    atoms_codes *codes = empty_codes(context, M), *out = empty_codes(context, M);
    int64_t offset[N + 1] = {0};
    static int32_t index[N * 10];
    static float value[N * 10];
    for (int r = 0; r < N; r++) { /* row 0: none; row 1: two of one direction; row 2: more than there are dimensions */
        int n = r == 0 ? 0 : r == 1 ? 2 : r == 2 ? 10 : 1 + r % 5;
        offset[r + 1] = offset[r] + n;
        for (int t = 0; t < n; t++) index[offset[r] + t] = r == 1 ? 6 + t : t * 3, value[offset[r] + t] = 7;
    }
    atoms_codes_view view = {.rows = N, .width = M, .nnz = offset[N], .offset = offset, .index = index, .value = value};
    ck_assert_ok(atoms_codes_append(codes, &view));
    int64_t dependent = 0, checked = 0;
    ck_assert_ok(atoms_identify_values(dictionary, rows, codes, out, &dependent));
    ck_assert_int_eq(dependent, 2);
    atoms_codes_view v = look(out);
    ck_assert(v.rows == N && v.nnz == offset[N] && v.value[0] == 7 && v.value[1] == 7 && v.value[2] == 7);
    for (int r = 3; r < N; r++) {
        double residual[H];
        for (int k = 0; k < H; k++) {
            residual[k] = x[r * H + k];
            for (int64_t e = v.offset[r]; e < v.offset[r + 1]; e++) residual[k] -= (double)v.value[e] * d[v.index[e] * H + k];
        }
        for (int64_t e = v.offset[r]; e < v.offset[r + 1]; e++, checked++) {
            double inner;
            ck_assert_ok(atoms_metric_inner(metric, residual, d + v.index[e] * H, &inner));
            ck_assert_double_lt(fabs(inner), 1e-6);
        }
    }
    ck_assert_int_gt(checked, N);
    atoms_codes_destroy(codes);
    atoms_codes_destroy(out);
    atoms_rows_destroy(rows);
    atoms_dictionary_destroy(dictionary);
    atoms_metric_destroy(metric);
    counting_end(&memory, context);
}
END_TEST

/* A row that takes every atom of a wide dictionary is dependent, and costs no Gram matrix of all of them. */
START_TEST(rows_beyond_the_dimension_cost_nothing)
{
    enum { H = 4, M = 3000 };
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 2);
    static double d[M * H];
    static int32_t index[M];
    static float value[M];
    double x[2 * H] = {1, 2, 3, 4, 4, 3, 2, 1};
    for (int i = 0; i < M * H; i++) d[i] = sin(i * i + 1.);
    for (int i = 0; i < M; i++) index[i] = i, value[i] = 7;
    atoms_matrix m = atoms_matrix_f64(d, M, H), xs = atoms_matrix_f64(x, 2, H);
    atoms_dictionary *dictionary;
    atoms_rows *rows;
    ck_assert_ok(atoms_dictionary_create(context, &m, NULL, &dictionary));
    ck_assert_ok(atoms_rows_from_matrix(context, &xs, &rows));
    atoms_codes *codes = empty_codes(context, M), *out = empty_codes(context, M);
    const int64_t all[] = {0, M}, one[] = {0, 1};
    ck_assert_ok(atoms_codes_append(codes, &(atoms_codes_view){.rows = 1, .width = M, .nnz = M, .offset = all, .index = index, .value = value}));
    ck_assert_ok(atoms_codes_append(codes, &(atoms_codes_view){.rows = 1, .width = M, .nnz = 1, .offset = one, .index = index, .value = value}));
    int64_t dependent = 0;
    memory.largest = 0;
    ck_assert_ok(atoms_identify_values(dictionary, rows, codes, out, &dependent));
    ck_assert(dependent == 1 && memory.largest < M * 100);
    atoms_codes_view v = look(out);
    ck_assert(v.nnz == M + 1 && v.value[0] == 7 && v.value[M - 1] == 7 && v.value[M] != 7);
    atoms_codes_destroy(codes);
    atoms_codes_destroy(out);
    atoms_rows_destroy(rows);
    atoms_dictionary_destroy(dictionary);
    counting_end(&memory, context);
}
END_TEST

/* Two atoms 10⁻⁵·⁵ from each other: the normal equations alone lose eleven digits; refined by the residual they give the coefficients back. */
START_TEST(nearly_dependent_supports_are_refined)
{
    enum { H = 24, PAIRS = 20, M = 2 * PAIRS };
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    double *d = random_atoms(M, H, 9), x[PAIRS * H];
    int32_t index[M];
    float value[M];
    int64_t offset[PAIRS + 1] = {0}, dependent = -1;
    for (int p = 0; p < PAIRS; p++) {
        double *u = d + 2 * p * H, *v = u + H;
        for (int k = 0; k < H; k++) v[k] = u[k] + 3.2e-6 * v[k], x[p * H + k] = 2 * u[k] + 3 * v[k];
        for (int t = 0; t < 2; t++) index[2 * p + t] = 2 * p + t, value[2 * p + t] = 1;
        offset[p + 1] = 2 * p + 2;
    }
    atoms_matrix m = atoms_matrix_f64(d, M, H), xs = atoms_matrix_f64(x, PAIRS, H);
    atoms_dictionary *dictionary;
    atoms_rows *rows;
    ck_assert_ok(atoms_dictionary_create(context, &m, NULL, &dictionary));
    ck_assert_ok(atoms_rows_from_matrix(context, &xs, &rows));
    atoms_codes *codes = empty_codes(context, M), *out = empty_codes(context, M);
    ck_assert_ok(atoms_codes_append(codes, &(atoms_codes_view){.rows = PAIRS, .width = M, .nnz = M, .offset = offset, .index = index, .value = value}));
    ck_assert_ok(atoms_identify_values(dictionary, rows, codes, out, &dependent));
    ck_assert_int_eq(dependent, 0);
    for (int e = 0; e < M; e++) ck_assert_near(look(out).value[e], 2 + e % 2, 1e-6);
    atoms_codes_destroy(codes);
    atoms_codes_destroy(out);
    atoms_rows_destroy(rows);
    atoms_dictionary_destroy(dictionary);
    free(d);
    counting_end(&memory, context);
}
END_TEST

/* Coefficients are spread evenly over their interval, and a row is the same however many are drawn. */
START_TEST(coefficients_of_samples_are_even)
{
    enum { N = 2000, FEW = 10, H = 16 };
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 2);
    double identity[H * H] = {0};
    for (int i = 0; i < H; i++) identity[i * H + i] = 1;
    static double x[N * H], few[FEW * H];
    atoms_matrix m = atoms_matrix_f64(identity, H, H), all = atoms_matrix_f64(x, N, H), some = atoms_matrix_f64(few, FEW, H);
    atoms_dictionary *dictionary;
    ck_assert_ok(atoms_dictionary_create(context, &m, NULL, &dictionary));
    atoms_codes *codes = empty_codes(context, H);
    atoms_identify_model model = model_of(2, 1, 2, 5);
    ck_assert_ok(atoms_identify_samples(dictionary, &model, &all, codes));
    ck_assert_ok(atoms_identify_samples(dictionary, &model, &some, NULL));
    ck_assert(!memcmp(x, few, sizeof few));
    int64_t tenths[10] = {0}, times[H] = {0};
    atoms_codes_view v = look(codes);
    for (int64_t e = 0; e < v.nnz; e++) {
        ck_assert(v.value[e] >= 1 && v.value[e] <= 2);
        tenths[(int)fmin(9, 10 * ((double)v.value[e] - 1))]++;
        times[v.index[e]]++;
    }
    for (int b = 0; b < 10; b++) ck_assert(tenths[b] > 300 && tenths[b] < 500); /* of 4000: five deviations about 400 */
    for (int i = 0; i < H; i++) ck_assert(times[i] > 170 && times[i] < 330);    /* about 250 */
    atoms_codes_destroy(codes);
    atoms_dictionary_destroy(dictionary);
    counting_end(&memory, context);
}
END_TEST

void add_identify_values(Suite *suite)
{
    add_case(suite, "least squares", values_are_those_of_least_squares);
    add_case(suite, "too many for least squares", rows_beyond_the_dimension_cost_nothing);
    add_case(suite, "nearly dependent", nearly_dependent_supports_are_refined);
    add_case(suite, "samples", coefficients_of_samples_are_even);
}
