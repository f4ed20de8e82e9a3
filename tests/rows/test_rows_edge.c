/* What rows refuse: values that are not finite, arguments that do not fit, memory that is not there. */
#include <math.h>
#include <stdio.h>

#include "counting_memory.h"
#include "row_pattern.h"
#include "suite.h"

START_TEST(values_that_are_not_finite_are_named)
{
    atoms_context *context;
    ck_assert_ok(atoms_context_create(NULL, &context));
    static const struct { double value; const char *words; int f32, f64; } cases[] = {
        {NAN, "is NaN", 1, 1}, {INFINITY, "is infinite", 1, 1},           {-INFINITY, "is infinite", 1, 1},
        {1e39, "is beyond the range of f32", 1, 0}, {-1e300, "is beyond the range of f32", 1, 0}, {3.4028234663852886e38, "", 0, 0},
    };
    int refused = 0;
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++)
        for (int64_t row = 0; row < 7; row += 3)
            for (int64_t col = 0; col < 5; col += 2)
                for (size_t d = 0; d < 4; d++) {
                    int32_t dtype = float_dtypes[d];
                    if (isfinite(cases[c].value) && dtype != ATOMS_F64) continue;
                    char *data = filled(dtype, 7, 5, 5, 0), words[80];
                    put_value(dtype, data + (row * 5 + col) * atoms_dtype_size(dtype), cases[c].value);
                    put_value(dtype, data + (6 * 5 + 4) * atoms_dtype_size(dtype), cases[c].value); /* a later one: the first is told */
                    atoms_matrix m = atoms_matrix_view(data, 7, 5, dtype);
                    double wide[7 * 9];
                    float single[7 * 9];
                    atoms_rows *rows;
                    ck_assert_ok(atoms_rows_from_matrix(context, &m, &rows));
                    snprintf(words, sizeof words, "rows: row %d column %d %s", (int)row, (int)col, cases[c].words);
                    for (int64_t stride = 5; stride <= 9; stride += 4) {
                        atoms_matrix s = {single, 7, 5, stride, ATOMS_F32, 0}, w = {wide, 7, 5, stride, ATOMS_F64, 0};
                        ck_assert_status(atoms_rows_read(rows, 0, &s), cases[c].f32 ? ATOMS_E_NOT_FINITE : ATOMS_OK);
                        if (cases[c].f32) ck_assert_detail(context, words);
                        ck_assert_status(atoms_rows_read(rows, 0, &w), cases[c].f64 ? ATOMS_E_NOT_FINITE : ATOMS_OK);
                        if (cases[c].f64) ck_assert_detail(context, words);
                        if (!cases[c].f64) ck_assert_double_eq(got_value(&w, row, col), cases[c].value);
                        refused += cases[c].f32 + cases[c].f64;
                    }
                    atoms_rows_destroy(rows);
                    free(data);
                }
    ck_assert_int_gt(refused, 300);
    atoms_context_destroy(context);
}
END_TEST

#define REFUSED(call, status, words)        \
    do {                                    \
        out = (atoms_rows *)(uintptr_t)1;   \
        ck_assert_status(call, status);     \
        ck_assert_ptr_null(out);            \
        ck_assert_detail(context, words);   \
    } while (0)

START_TEST(what_makes_no_rows_is_refused)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    float data[12] = {0};
    atoms_matrix m = atoms_matrix_f32(data, 4, 3), empty = atoms_matrix_f32(data, 0, 3), integers = atoms_matrix_view(data, 4, 3, ATOMS_I32);
    atoms_matrix nowhere = atoms_matrix_f32(NULL, 4, 3);
    supplier s = {.width = 3};
    atoms_rows *out;
    REFUSED(atoms_rows_from_matrix(context, NULL, &out), ATOMS_E_ARGUMENT, "rows is NULL");
    REFUSED(atoms_rows_from_matrix(context, &empty, &out), ATOMS_E_SHAPE, "0 rows of 3 columns");
    REFUSED(atoms_rows_from_matrix(context, &integers, &out), ATOMS_E_DTYPE, "i32");
    REFUSED(atoms_rows_from_matrix(context, &nowhere, &out), ATOMS_E_ARGUMENT, "data is NULL");
    REFUSED(atoms_rows_from_callback(context, 0, 3, supply, &s, &out), ATOMS_E_SHAPE, "callback: 0 rows of 3 columns");
    REFUSED(atoms_rows_from_callback(context, 3, -1, supply, &s, &out), ATOMS_E_SHAPE, "3 rows of -1 columns");
    REFUSED(atoms_rows_from_callback(context, 3, 3, NULL, &s, &out), ATOMS_E_ARGUMENT, "read is NULL");
    REFUSED(atoms_rows_from_callback(context, INT64_MAX / 8, 3, supply, &s, &out), ATOMS_E_OVERFLOW, "too large");
    REFUSED(atoms_rows_from_callback(context, 1, (int64_t)INT32_MAX + 1, supply, &s, &out), ATOMS_E_OVERFLOW, "too large");
    ck_assert_status(atoms_rows_from_matrix(NULL, &m, &out), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_rows_from_matrix(context, &m, NULL), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_rows_from_callback(NULL, 1, 1, supply, &s, &out), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_rows_from_callback(context, 1, 1, supply, &s, NULL), ATOMS_E_ARGUMENT);
    ck_assert_int_eq(s.calls, 0);
    atoms_rows_destroy(NULL);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

START_TEST(parts_that_do_not_fit_are_refused)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1), *other = counting_context(&memory, 1);
    float data[12] = {0};
    atoms_matrix m = atoms_matrix_f32(data, 4, 3), narrow = atoms_matrix_f32(data, 4, 2);
    supplier s = {.width = 1};
    atoms_rows *rows, *thin, *far, *long_one, *out;
    ck_assert_ok(atoms_rows_from_matrix(context, &m, &rows));
    ck_assert_ok(atoms_rows_from_matrix(context, &narrow, &thin));
    ck_assert_ok(atoms_rows_from_matrix(other, &m, &far));
    ck_assert_ok(atoms_rows_from_callback(context, INT64_MAX / 8, 1, supply, &s, &long_one));
    REFUSED(atoms_rows_concat(context, NULL, 1, &out), ATOMS_E_ARGUMENT, "parts is NULL");
    REFUSED(atoms_rows_concat(context, &rows, 0, &out), ATOMS_E_ARGUMENT, "n is 0");
    REFUSED(atoms_rows_concat(context, (atoms_rows *[]){rows, NULL}, 2, &out), ATOMS_E_ARGUMENT, "parts[1] is NULL");
    REFUSED(atoms_rows_concat(context, (atoms_rows *[]){rows, rows, thin}, 3, &out), ATOMS_E_SHAPE,
            "parts[2] (rows) has 2 columns where parts[0] (rows) has 3");
    REFUSED(atoms_rows_concat(context, (atoms_rows *[]){rows, far}, 2, &out), ATOMS_E_ARGUMENT, "parts[1] (rows) was made from another");
    REFUSED(atoms_rows_concat(context, (atoms_rows *[]){long_one, long_one}, 2, &out), ATOMS_E_OVERFLOW, "too large");
    atoms_rows *nine[9] = {long_one, long_one, long_one, long_one, long_one, long_one, long_one, long_one, long_one};
    REFUSED(atoms_rows_concat(context, nine, 9, &out), ATOMS_E_OVERFLOW, "up to parts[8] there are too many rows");
    REFUSED(atoms_rows_first(context, NULL, 1, &out), ATOMS_E_ARGUMENT, "rows is NULL");
    REFUSED(atoms_rows_first(context, rows, 0, &out), ATOMS_E_ARGUMENT, "count is 0");
    REFUSED(atoms_rows_first(context, rows, 5, &out), ATOMS_E_ARGUMENT, "count is 5, where rows has 4");
    REFUSED(atoms_rows_first(context, far, 1, &out), ATOMS_E_ARGUMENT, "another context");
    ck_assert_status(atoms_rows_concat(NULL, &rows, 1, &out), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_rows_concat(context, &rows, 1, NULL), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_rows_first(NULL, rows, 1, &out), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_rows_first(context, rows, 1, NULL), ATOMS_E_ARGUMENT);
    atoms_rows *made[] = {rows, thin, far, long_one};
    for (size_t i = 0; i < 4; i++) atoms_rows_destroy(made[i]);
    atoms_context_destroy(context);
    atoms_context_destroy(other);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

START_TEST(reads_that_do_not_fit_are_refused)
{
    atoms_context *context;
    ck_assert_ok(atoms_context_create(NULL, &context));
    float data[12] = {0}, space[12], untouched[12];
    atoms_matrix m = atoms_matrix_f32(data, 4, 3), none = atoms_matrix_f32(NULL, 0, 3);
    atoms_rows *rows;
    ck_assert_ok(atoms_rows_from_matrix(context, &m, &rows));
    memset(space, 0x11, sizeof space);
    memset(untouched, 0x11, sizeof untouched);
    atoms_matrix o = atoms_matrix_f32(space, 4, 3), two = atoms_matrix_f32(space, 4, 2), half = atoms_matrix_view(space, 4, 3, ATOMS_F16);
#define READ_REFUSED(call, status, words)                        \
    do {                                                         \
        ck_assert_status(call, status);                          \
        ck_assert_detail(context, words);                        \
        ck_assert_mem_eq(space, untouched, sizeof space);        \
    } while (0)
    READ_REFUSED(atoms_rows_read(rows, 0, NULL), ATOMS_E_ARGUMENT, "out is NULL");
    READ_REFUSED(atoms_rows_read(rows, 0, &two), ATOMS_E_SHAPE, "2 columns where 3");
    READ_REFUSED(atoms_rows_read(rows, 0, &half), ATOMS_E_DTYPE, "not as f16");
    READ_REFUSED(atoms_rows_read(rows, 1, &o), ATOMS_E_ARGUMENT, "rows from 1, 4 of them, are not all among its 4");
    READ_REFUSED(atoms_rows_read(rows, -1, &o), ATOMS_E_ARGUMENT, "rows from -1");
    READ_REFUSED(atoms_rows_read(rows, INT64_MAX, &o), ATOMS_E_ARGUMENT, "rows from");
    READ_REFUSED(atoms_rows_gather(rows, NULL, &o), ATOMS_E_ARGUMENT, "index is NULL");
    READ_REFUSED(atoms_rows_gather(rows, (int64_t[]){0, 1, 4, 0}, &o), ATOMS_E_ARGUMENT, "index[2] is 4");
    READ_REFUSED(atoms_rows_gather(rows, (int64_t[]){0, 1, 2, INT64_MIN}, &o), ATOMS_E_ARGUMENT, "index[3] is -9223372036854775808");
    ck_assert_status(atoms_rows_read(NULL, 0, &o), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_rows_gather(NULL, NULL, &o), ATOMS_E_ARGUMENT);
    ck_assert_ok(atoms_rows_read(rows, 4, &none)); /* nothing asked for is not an error */
    ck_assert_ok(atoms_rows_gather(rows, NULL, &none));
    ck_assert(atoms_rows_count(NULL) == 0 && atoms_rows_width(NULL) == 0);
    atoms_rows_destroy(rows);
    atoms_context_destroy(context);
}
END_TEST

/* Makes, reads and takes down one of each kind; every allocation may fail. */
static atoms_status scenario(atoms_context *context, const atoms_matrix *m, supplier *s, const atoms_matrix *out)
{
    atoms_rows *matrix = NULL, *called = NULL, *all = NULL, *shown = NULL;
    atoms_status status = atoms_rows_from_matrix(context, m, &matrix);
    if (!status) status = atoms_rows_from_callback(context, 9, 5, supply, s, &called);
    if (!status) status = atoms_rows_concat(context, (atoms_rows *[]){called, matrix}, 2, &all);
    if (!status) status = atoms_rows_first(context, all, 20, &shown);
    if (!status) status = atoms_rows_read(shown, 0, out);
    ck_assert(status || (matrix && called && all && shown));
    atoms_rows_destroy(shown);
    atoms_rows_destroy(all);
    atoms_rows_destroy(called);
    atoms_rows_destroy(matrix);
    return status;
}

START_TEST(any_allocation_may_fail)
{
    float *data = filled(ATOMS_F32, 13, 5, 5, 0);
    double space[100];
    atoms_matrix m = atoms_matrix_f32(data, 13, 5), out = atoms_matrix_f64(space, 20, 5);
    int refused = 0;
    for (int64_t k = 1;; k++) {
        counting_memory memory = {0};
        atoms_context *context = counting_context(&memory, 1);
        supplier s = {.width = 5};
        memory.fail_at = memory.requests + k;
        memory.sticky = _i;
        atoms_status status = scenario(context, &m, &s, &out);
        atoms_context_destroy(context);
        ck_assert_int_eq(memory.held, 0);
        if (!memory.failures) {
            ck_assert_ok(status);
            break;
        }
        ck_assert_status(status, ATOMS_E_MEMORY);
        refused++;
    }
    ck_assert_int_ge(refused, 9);
    free(data);
}
END_TEST

void add_edge_cases(Suite *suite)
{
    add_case(suite, "not finite", values_that_are_not_finite_are_named);
    add_case(suite, "no rows", what_makes_no_rows_is_refused);
    add_case(suite, "bad parts", parts_that_do_not_fit_are_refused);
    add_case(suite, "bad reads", reads_that_do_not_fit_are_refused);
    add_loop(suite, "allocation", any_allocation_may_fail, 2);
}
