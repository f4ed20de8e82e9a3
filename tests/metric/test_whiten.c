/* Rows under the roots of S. */
#include <math.h>

#include "metric/metric_internal.h"
#include "metric_support.h"

enum { ROWS = 300, DIM = 70 }; /* several blocks, a ragged last one */

/* _i: root. */
START_TEST(whitened_data_have_unit_moments)
{
    double *x = correlated_rows(ROWS, DIM, 20), *w = malloc(ROWS * DIM * sizeof *w), second[DIM * DIM];
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    atoms_matrix from = atoms_matrix_f64(x, ROWS, DIM), to = atoms_matrix_f64(w, ROWS, DIM);
    atoms_metric *metric = metric_of(context, &from, NULL);
    ck_assert_ok(atoms_metric_whiten(metric, _i, &from, &to));
    atoms_moments *moments = moments_of(context, &to);
    ck_assert_ok(atoms_moments_get(moments, NULL, second));
    for (int i = 0; i < DIM; i++)
        for (int j = 0; j < DIM; j++) ck_assert_double_lt(fabs(second[i * DIM + j] - (i == j)), 1e-10);
    ck_assert_ok(atoms_metric_unwhiten(metric, _i, &to, &to)); /* in place */
    ck_assert_double_lt(relative_difference_f64(w, x, ROWS * DIM), 1e-10);
    atoms_moments_destroy(moments);
    atoms_metric_destroy(metric);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
    free(x); free(w);
}
END_TEST

/* inner, norms, whitened products and S x tell the same; the symmetric root is symmetric. */
START_TEST(all_ways_to_the_product_agree)
{
    double *x = correlated_rows(ROWS, DIM, 21), *w[2], *s = malloc(ROWS * DIM * sizeof *s), *norms = malloc(ROWS * sizeof *norms);
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    atoms_matrix from = atoms_matrix_f64(x, ROWS, DIM), to = atoms_matrix_f64(s, ROWS, DIM);
    atoms_metric *metric = metric_of(context, &from, NULL);
    for (int root = 0; root < 2; root++) {
        w[root] = malloc(ROWS * DIM * sizeof *w[root]);
        atoms_matrix out = atoms_matrix_f64(w[root], ROWS, DIM);
        ck_assert_ok(atoms_metric_whiten(metric, root, &from, &out));
    }
    ck_assert_ok(atoms_metric_apply(metric, &from, &to));
    ck_assert_ok(atoms_metric_norms(metric, &from, norms));
    for (int i = 1; i < ROWS; i++) {
        double want, square, by_apply = 0, by_root[2] = {0, 0};
        const double *u = x + (i - 1) * DIM;
        ck_assert_ok(atoms_metric_inner(metric, u, x + i * DIM, &want));
        ck_assert_ok(atoms_metric_inner(metric, x + i * DIM, x + i * DIM, &square));
        for (int c = 0; c < DIM; c++) {
            by_apply += u[c] * s[i * DIM + c];
            for (int root = 0; root < 2; root++) by_root[root] += w[root][(i - 1) * DIM + c] * w[root][i * DIM + c];
        }
        ck_assert(near(by_apply, want, 1e-10, square) && near(by_root[0], want, 1e-10, square) && near(by_root[1], want, 1e-10, square));
        ck_assert_near(norms[i] * norms[i], square, 1e-12);
    }
    double unit[DIM * DIM] = {0}, half[DIM * DIM];
    for (int i = 0; i < DIM; i++) unit[i * DIM + i] = 1;
    from = atoms_matrix_f64(unit, DIM, DIM), to = atoms_matrix_f64(half, DIM, DIM);
    ck_assert_ok(atoms_metric_whiten(metric, ATOMS_WHITEN_SYMMETRIC, &from, &to));
    for (int i = 0; i < DIM; i++)
        for (int j = 0; j < i; j++) ck_assert(near(half[i * DIM + j], half[j * DIM + i], 1e-11, half[i * DIM + i]));
    atoms_metric_destroy(metric);
    atoms_context_destroy(context);
    free(x); free(w[0]); free(w[1]); free(s); free(norms);
}
END_TEST

/* Strides on both sides, f16 in and f32 out; what lies between the rows stays. */
START_TEST(any_float_in_f32_out)
{
    enum { COUNT = 130, IN = 80, OUT = 90 };
    unsigned char *bytes;
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    atoms_matrix sample = sample_rows("sample.eval.npy", &bytes), from = sample;
    from.rows = COUNT, from.cols = IN - 3; /* the first columns of wide rows */
    atoms_metric_opts opts = metric_opts();
    opts.gamma = 1;
    atoms_metric *metric = metric_of(context, &from, &opts);
    float *narrow = malloc(COUNT * OUT * sizeof *narrow);
    double *wide = malloc(COUNT * OUT * sizeof *wide);
    memset(narrow, 0x7F, COUNT * OUT * sizeof *narrow);
    atoms_matrix to = atoms_matrix_f32(narrow, COUNT, from.cols), exact = atoms_matrix_f64(wide, COUNT, from.cols);
    to.stride = exact.stride = OUT;
    ck_assert_ok(atoms_metric_whiten(metric, ATOMS_WHITEN_SYMMETRIC, &from, &to));
    ck_assert_ok(atoms_metric_whiten(metric, ATOMS_WHITEN_SYMMETRIC, &from, &exact));
    float untouched;
    memset(&untouched, 0x7F, sizeof untouched);
    for (int r = 0; r < COUNT; r++)
        for (int c = 0; c < OUT; c++) ck_assert(c < from.cols ? narrow[r * OUT + c] == (float)wide[r * OUT + c] : narrow[r * OUT + c] == untouched);
    atoms_metric_destroy(metric);
    atoms_context_destroy(context);
    free(narrow); free(wide); free(bytes);
}
END_TEST

START_TEST(bits_do_not_depend_on_threads)
{
    static const int32_t threads[] = {1, 2, 4};
    double *x = correlated_rows(ROWS, DIM, 22), *w[3][4];
    for (int t = 0; t < 3; t++) {
        counting_memory memory = {0};
        atoms_context *context = counting_context(&memory, threads[t]);
        atoms_matrix from = atoms_matrix_f64(x, ROWS, DIM);
        atoms_metric *metric = metric_of(context, &from, NULL);
        for (int i = 0; i < 4; i++) {
            w[t][i] = malloc(ROWS * DIM * sizeof(double));
            atoms_matrix to = atoms_matrix_f64(w[t][i], ROWS, DIM);
            ck_assert_ok(i < 2    ? atoms_metric_whiten(metric, i, &from, &to)
                         : i == 2 ? atoms_metric_unwhiten(metric, 0, &from, &to)
                                  : atoms_metric_apply(metric, &from, &to));
            ck_assert_int_eq(memcmp(w[t][i], w[0][i], ROWS * DIM * sizeof(double)), 0);
        }
        atoms_metric_destroy(metric);
        atoms_context_destroy(context);
        ck_assert_int_eq(memory.held, 0);
    }
    for (int t = 0; t < 3; t++)
        for (int i = 0; i < 4; i++) free(w[t][i]);
    free(x);
}
END_TEST

START_TEST(bad_matrices_leave_the_output_alone)
{
    enum { N = 6 };
    double *x = normal_numbers(ROWS * N, 23), out[3 * N], norms[3];
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    atoms_matrix rows = atoms_matrix_f64(x, ROWS, N), from = atoms_matrix_f64(x, 3, N), to = atoms_matrix_f64(out, 3, N), bad;
    atoms_metric *metric = metric_of(context, &rows, NULL);
    for (int i = 0; i < 3 * N; i++) out[i] = 7;
    ck_assert_status(atoms_metric_whiten(NULL, 0, &from, &to), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_metric_whiten(metric, 2, &from, &to), ATOMS_E_ARGUMENT);
    ck_assert_detail(context, "root is 2");
    ck_assert_status(atoms_metric_whiten(metric, 0, NULL, &to), ATOMS_E_ARGUMENT);
    ck_assert_detail(context, "x is NULL");
    ck_assert_status(atoms_metric_whiten(metric, 0, &from, NULL), ATOMS_E_ARGUMENT);
    ck_assert_detail(context, "out is NULL");
    bad = to, bad.rows = 2;
    ck_assert_status(atoms_metric_unwhiten(metric, 0, &from, &bad), ATOMS_E_SHAPE);
    ck_assert_detail(context, "out has 2 rows, x has 3");
    bad = to, bad.cols = 5;
    ck_assert_status(atoms_metric_whiten(metric, 0, &from, &bad), ATOMS_E_SHAPE);
    bad = to, bad.dtype = ATOMS_F16;
    ck_assert_status(atoms_metric_whiten(metric, 0, &from, &bad), ATOMS_E_DTYPE);
    ck_assert_detail(context, "out is f16, not f64 or f32");
    bad.dtype = ATOMS_F32;
    ck_assert_status(atoms_metric_apply(metric, &from, &bad), ATOMS_E_DTYPE);
    ck_assert_status(atoms_metric_norms(metric, &from, NULL), ATOMS_E_ARGUMENT);
    bad = from, bad.cols = 4;
    ck_assert_status(atoms_metric_norms(metric, &bad, norms), ATOMS_E_SHAPE);
    x[2 * N + 1] = NAN;
    ck_assert_status(atoms_metric_whiten(metric, 0, &from, &to), ATOMS_E_NOT_FINITE);
    ck_assert_detail(context, "x: row 2 column 1 is NaN");
    for (int i = 0; i < 3 * N; i++) ck_assert(out[i] == 7);
    from.rows = to.rows = 0;
    ck_assert_ok(atoms_metric_whiten(metric, 0, &from, &to));
    atoms_metric_destroy(metric);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
    free(x);
}
END_TEST

void add_whiten_cases(Suite *suite)
{
    add_loop(suite, "unit moments", whitened_data_have_unit_moments, 2);
    add_case(suite, "agreement", all_ways_to_the_product_agree);
    add_case(suite, "number types", any_float_in_f32_out);
    add_case(suite, "whiten same bits", bits_do_not_depend_on_threads);
    add_case(suite, "bad matrices", bad_matrices_leave_the_output_alone);
}
