/* Moments of streamed rows: the same bits as of a matrix, and all or nothing. */
#include <math.h>

#include "metric/metric_internal.h"
#include "metric_support.h"

enum { ROWS = 1700, DIM = 11 };

/* _i: rows that were added before. */
START_TEST(streamed_rows_are_a_batch)
{
    static const int64_t before[] = {0, 1, MOMENTS_BLOCK - 1, MOMENTS_BLOCK, 700};
    double *x = normal_numbers(ROWS * DIM, 30);
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 2);
    atoms_matrix all = atoms_matrix_f64(x, ROWS, DIM), head = atoms_matrix_f64(x, before[_i], DIM),
                 tail = atoms_matrix_f64(x + before[_i] * DIM, ROWS - before[_i], DIM);
    atoms_moments *want = moments_of(context, &all), *got = moments_of(context, &head);
    atoms_rows *rows;
    ck_assert_ok(atoms_rows_from_matrix(context, &tail, &rows));
    ck_assert_ok(atoms_moments_add_rows(got, rows));
    ck_assert(same_moments(got, want));
    atoms_rows_destroy(rows);
    atoms_moments_destroy(got);
    atoms_moments_destroy(want);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
    free(x);
}
END_TEST

START_TEST(an_error_in_the_middle_changes_nothing)
{
    double *x = normal_numbers(ROWS * DIM, 31);
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    atoms_matrix all = atoms_matrix_f64(x, ROWS, DIM), narrow = atoms_matrix_f64(x, ROWS, DIM - 1);
    atoms_moments *want = moments_of(context, &all), *got = moments_of(context, &all);
    x[1500 * DIM + 3] = NAN;
    atoms_rows *rows, *wrong;
    ck_assert_ok(atoms_rows_from_matrix(context, &all, &rows));
    ck_assert_ok(atoms_rows_from_matrix(context, &narrow, &wrong));
    ck_assert_status(atoms_moments_add_rows(got, rows), ATOMS_E_NOT_FINITE);
    ck_assert_detail(context, "row 1500 column 3 is NaN");
    x[1500 * DIM + 3] = 1e39; /* as a batch */
    ck_assert_status(atoms_moments_add_rows(got, rows), ATOMS_E_NOT_FINITE);
    ck_assert_detail(context, "row 1500 column 3 is beyond the range of f32");
    ck_assert_status(atoms_moments_add_rows(got, wrong), ATOMS_E_SHAPE);
    ck_assert_detail(context, "rows have 10 columns where 11 are needed");
    ck_assert_status(atoms_moments_add_rows(got, NULL), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_moments_add_rows(NULL, rows), ATOMS_E_ARGUMENT);
    ck_assert(same_moments(got, want));
    x[1500 * DIM + 3] = NAN;
    int failed = 0;
    for (int64_t at = 1;; at++) {
        int64_t failures = memory.failures;
        memory.fail_at = memory.requests + at;
        atoms_status status = atoms_moments_add_rows(got, rows);
        memory.fail_at = 0;
        ck_assert(same_moments(got, want));
        if (memory.failures == failures) break;
        ck_assert_status(status, ATOMS_E_MEMORY);
        failed++;
    }
    ck_assert_int_ge(failed, 2);
    atoms_rows_destroy(rows);
    atoms_rows_destroy(wrong);
    atoms_moments_destroy(got);
    atoms_moments_destroy(want);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
    free(x);
}
END_TEST

void add_moments_rows_cases(Suite *suite)
{
    add_loop(suite, "streamed rows", streamed_rows_are_a_batch, 5);
    add_case(suite, "all or nothing", an_error_in_the_middle_changes_nothing);
}
