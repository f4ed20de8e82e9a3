/* Rows of a matrix, a callback, several parts: what is read is what is there, and what is wrong is named. */
#define _DEFAULT_SOURCE
#include <atoms/atoms.h>
#include <math.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "counting_memory.h"
#include "row_pattern.h"
#include "suite.h"

static void *filled(int32_t dtype, int64_t rows, int64_t cols, int64_t stride, int cut_last_row)
{
    int64_t size = atoms_dtype_size(dtype), elements = cut_last_row ? (rows - 1) * stride + cols : rows * stride;
    char *data = malloc((size_t)(elements * size));
    memset(data, 0xFF, (size_t)(elements * size)); /* NaN between the rows: must not be looked at */
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < cols; j++) put_value(dtype, data + (i * stride + j) * size, value_at(i, j));
    return data;
}

static const int32_t dtypes[] = {ATOMS_F32, ATOMS_F64, ATOMS_F16, ATOMS_BF16};

START_TEST(a_matrix_of_every_dtype_and_stride_reads_exactly)
{
    int32_t dtype = dtypes[_i % 4];
    int64_t stride = _i / 4 ? 9 : 5;
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    void *data = filled(dtype, 13, 5, stride, 1);
    atoms_matrix m = atoms_matrix_view(data, 13, 5, dtype);
    m.stride = stride;
    atoms_rows *rows;
    ck_assert_ok(atoms_rows_from_matrix(context, &m, &rows));
    ck_assert_int_eq(atoms_rows_count(rows), 13);
    ck_assert_int_eq(atoms_rows_width(rows), 5);
    check_all_reads(rows, same_row);
    atoms_rows_destroy(rows);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
    free(data);
}
END_TEST

/* All 63488 finite f16 values: exact in f64, and in f32. */
START_TEST(every_finite_f16_reads_exactly)
{
    atoms_context *context;
    ck_assert_ok(atoms_context_create(NULL, &context));
    uint16_t *half = malloc(65536 * sizeof *half);
    int64_t n = 0;
    for (uint32_t h = 0; h < 65536; h++)
        if ((h & 0x7C00) != 0x7C00) half[n++] = (uint16_t)h;
    ck_assert_int_eq(n, 63488);
    double *wide = malloc((size_t)n * sizeof *wide);
    float *single = malloc((size_t)n * sizeof *single);
    atoms_matrix m = atoms_matrix_view(half, n / 64, 64, ATOMS_F16), w = atoms_matrix_f64(wide, n / 64, 64);
    atoms_matrix s = atoms_matrix_f32(single, n / 64, 64);
    atoms_rows *rows;
    ck_assert_ok(atoms_rows_from_matrix(context, &m, &rows));
    ck_assert_ok(atoms_rows_read(rows, 0, &w));
    ck_assert_ok(atoms_rows_read(rows, 0, &s));
    for (int64_t i = 0; i < n; i++) {
        int e = half[i] >> 10 & 31, f = half[i] & 1023;
        double exact = e ? ldexp(1024 + f, e - 25) : ldexp(f, -24);
        exact = half[i] & 0x8000 ? -exact : exact;
        ck_assert(wide[i] == exact && signbit(wide[i]) == signbit(exact));
        ck_assert((double)single[i] == exact);
    }
    atoms_rows_destroy(rows);
    atoms_context_destroy(context);
    free(half);
    free(wide);
    free(single);
}
END_TEST

/* The matrix ends where a page that cannot be read begins, and another such page ends where it begins; the same for out. */
START_TEST(nothing_beyond_the_matrix_or_out_is_touched)
{
    int32_t dtype = dtypes[_i];
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *from = mmap(NULL, 3 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *to = mmap(NULL, 3 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ck_assert(from != MAP_FAILED && to != MAP_FAILED);
    ck_assert_int_eq(mprotect(from + page, page, PROT_READ | PROT_WRITE), 0);
    ck_assert_int_eq(mprotect(to + page, page, PROT_READ | PROT_WRITE), 0);
    atoms_context *context;
    ck_assert_ok(atoms_context_create(NULL, &context));
    int64_t read = 0;
    for (int64_t cols = 1; cols <= 33; cols += 4)
        for (int at_end = 0; at_end < 2; at_end++)
            for (int wide = 0; wide < 2; wide++) {
                int64_t stride = cols + 2, size = atoms_dtype_size(dtype), out_size = wide ? 8 : 4;
                size_t bytes = (size_t)((4 * stride + cols) * size), out_bytes = (size_t)((4 * stride + cols) * out_size);
                void *data = filled(dtype, 5, cols, stride, 1);
                atoms_matrix m = {at_end ? from + 2 * page - bytes : from + page, 5, cols, stride, dtype, 0};
                memcpy(m.data, data, bytes);
                atoms_matrix out = {at_end ? to + 2 * page - out_bytes : to + page, 5, cols, stride, wide ? ATOMS_F64 : ATOMS_F32, 0};
                static const int64_t index[5] = {4, 0, 1, 2, 4};
                atoms_rows *rows;
                ck_assert_ok(atoms_rows_from_matrix(context, &m, &rows));
                ck_assert_ok(atoms_rows_read(rows, 0, &out));
                ck_assert_ok(atoms_rows_gather(rows, index, &out));
                for (int64_t i = 0; i < 5; i++, read++) check_row(&out, i, index[i]);
                atoms_rows_destroy(rows);
                free(data);
            }
    ck_assert_int_eq(read, 9 * 4 * 5);
    atoms_context_destroy(context);
    munmap(from, 3 * page);
    munmap(to, 3 * page);
}
END_TEST

typedef struct supplier {
    int64_t width, calls, fail_at, bad_row;
} supplier;

static int32_t supply(void *user, int64_t first, int64_t count, float *out)
{
    supplier *s = user;
    if (++s->calls == s->fail_at) return 42;
    for (int64_t i = 0; i < count; i++)
        for (int64_t j = 0; j < s->width; j++)
            out[i * s->width + j] = s->bad_row == first + i + 1 && j == 2 ? NAN : (float)value_at(first + i, j);
    return 0;
}

START_TEST(a_callback_supplies_rows)
{
    static const int64_t widths[] = {3, 700, 20000}; /* many rows, a few, less than one to its buffer */
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    supplier s = {.width = widths[_i]};
    atoms_rows *rows;
    ck_assert_ok(atoms_rows_from_callback(context, 27, s.width, supply, &s, &rows));
    int64_t requests = memory.requests;
    check_all_reads(rows, same_row);
    ck_assert_int_eq(memory.requests, requests); /* reading never allocates */

    float *out = malloc((size_t)(27 * s.width) * sizeof *out);
    atoms_matrix m = atoms_matrix_f32(out, 10, s.width);
    static const int64_t index[10] = {3, 4, 5, 6, 20, 21, 22, 2, 1, 1};
    s.calls = 0;
    ck_assert_ok(atoms_rows_gather(rows, index, &m));
    ck_assert_int_eq(s.calls, 5); /* runs of consecutive numbers are asked for at once */

    s.fail_at = s.calls + 2;
    ck_assert_status(atoms_rows_gather(rows, index, &m), ATOMS_E_CANCELLED);
    ck_assert_detail(context, "callback: answered 42 when asked for rows 20 to 22");
    s.bad_row = 22;
    ck_assert_status(atoms_rows_gather(rows, index, &m), ATOMS_E_NOT_FINITE);
    ck_assert_detail(context, "callback: row 21 column 2 is NaN");
    free(out);
    double *wide = malloc((size_t)(27 * s.width) * sizeof *wide);
    atoms_matrix w = atoms_matrix_f64(wide, 27, s.width);
    ck_assert_status(atoms_rows_read(rows, 0, &w), ATOMS_E_NOT_FINITE);
    ck_assert_detail(context, "callback: row 21 column 2 is NaN");
    s.fail_at = s.calls + 1;
    ck_assert_status(atoms_rows_read(rows, 0, &w), ATOMS_E_CANCELLED);
    free(wide);
    atoms_rows_destroy(rows);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

/* first 11 of: 4 of the callback, 3 of the matrix, the matrix whole (13), the callback. */
static int64_t mixed_row(int64_t row) { return row < 4 ? row : row < 7 ? row - 4 : row - 7; }

START_TEST(parts_are_one_after_another)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    supplier s = {.width = 5};
    uint16_t *data = filled(ATOMS_F16, 13, 5, 6, 0);
    atoms_matrix m = atoms_matrix_view(data, 13, 5, ATOMS_F16);
    m.stride = 6;
    atoms_rows *called, *matrix, *four, *three, *inner, *all, *shown;
    ck_assert_ok(atoms_rows_from_callback(context, 9, 5, supply, &s, &called));
    ck_assert_ok(atoms_rows_from_matrix(context, &m, &matrix));
    ck_assert_ok(atoms_rows_first(context, called, 4, &four));
    ck_assert_ok(atoms_rows_first(context, matrix, 3, &three));
    ck_assert_ok(atoms_rows_concat(context, (atoms_rows *[]){three, matrix}, 2, &inner));
    ck_assert_ok(atoms_rows_concat(context, (atoms_rows *[]){four, inner, called}, 3, &all));
    ck_assert_int_eq(atoms_rows_count(all), 29);
    ck_assert_int_eq(atoms_rows_width(all), 5);
    ck_assert_ok(atoms_rows_first(context, all, 20, &shown));
    check_all_reads(shown, mixed_row);

    /* A bad value is told by the part it is in and its number there. */
    float out[29 * 5];
    atoms_matrix o = atoms_matrix_f32(out, 29, 5);
    data[2 * 6 + 4] = 0x7C00;
    ck_assert_status(atoms_rows_read(all, 0, &o), ATOMS_E_NOT_FINITE);
    ck_assert_detail(context, "rows: row 2 column 4 is infinite");
    data[2 * 6 + 4] = 0;
    s.bad_row = 9;
    ck_assert_status(atoms_rows_read(all, 0, &o), ATOMS_E_NOT_FINITE);
    ck_assert_detail(context, "callback: row 8 column 2 is NaN");
    o.rows = 1;
    ck_assert_status(atoms_rows_gather(all, (int64_t[]){28}, &o), ATOMS_E_NOT_FINITE);
    ck_assert_detail(context, "callback: row 8 column 2 is NaN");
    s.fail_at = s.calls + 1;
    ck_assert_status(atoms_rows_read(all, 0, &o), ATOMS_E_CANCELLED);

    atoms_rows *made[] = {shown, all, inner, three, four, matrix, called};
    for (size_t i = 0; i < 7; i++) atoms_rows_destroy(made[i]);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
    free(data);
}
END_TEST

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
                    int32_t dtype = dtypes[d];
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

START_TEST(bad_arguments_are_refused)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1), *other = counting_context(&memory, 1);
    float data[12] = {0}, space[12];
    atoms_matrix m = atoms_matrix_f32(data, 4, 3), empty = atoms_matrix_f32(data, 0, 3), integers = atoms_matrix_view(data, 4, 3, ATOMS_I32);
    atoms_matrix narrow = atoms_matrix_f32(data, 4, 2), nowhere = atoms_matrix_f32(NULL, 4, 3);
    supplier s = {.width = 3};
    atoms_rows *rows = NULL, *thin, *far, *out = (atoms_rows *)(uintptr_t)1;
#define REFUSED(call, status, words)        \
    do {                                    \
        out = (atoms_rows *)(uintptr_t)1;   \
        ck_assert_status(call, status);     \
        ck_assert_ptr_null(out);            \
        ck_assert_detail(context, words);   \
    } while (0)
    REFUSED(atoms_rows_from_matrix(context, NULL, &out), ATOMS_E_ARGUMENT, "rows is NULL");
    REFUSED(atoms_rows_from_matrix(context, &empty, &out), ATOMS_E_SHAPE, "0 rows of 3 columns");
    REFUSED(atoms_rows_from_matrix(context, &integers, &out), ATOMS_E_DTYPE, "i32");
    REFUSED(atoms_rows_from_matrix(context, &nowhere, &out), ATOMS_E_ARGUMENT, "data is NULL");
    REFUSED(atoms_rows_from_callback(context, 0, 3, supply, &s, &out), ATOMS_E_SHAPE, "callback: 0 rows of 3 columns");
    REFUSED(atoms_rows_from_callback(context, 3, -1, supply, &s, &out), ATOMS_E_SHAPE, "3 rows of -1 columns");
    REFUSED(atoms_rows_from_callback(context, 3, 3, NULL, &s, &out), ATOMS_E_ARGUMENT, "read is NULL");
    REFUSED(atoms_rows_from_callback(context, INT64_MAX / 8, 3, supply, &s, &out), ATOMS_E_OVERFLOW, "too large");
    REFUSED(atoms_rows_from_callback(context, 1, (int64_t)INT32_MAX + 1, supply, &s, &out), ATOMS_E_OVERFLOW, "too large");
    ck_assert_ok(atoms_rows_from_matrix(context, &m, &rows));
    ck_assert_ok(atoms_rows_from_matrix(context, &narrow, &thin));
    ck_assert_ok(atoms_rows_from_matrix(other, &m, &far));
    REFUSED(atoms_rows_concat(context, NULL, 1, &out), ATOMS_E_ARGUMENT, "parts is NULL");
    REFUSED(atoms_rows_concat(context, &rows, 0, &out), ATOMS_E_ARGUMENT, "n is 0");
    REFUSED(atoms_rows_concat(context, (atoms_rows *[]){rows, NULL}, 2, &out), ATOMS_E_ARGUMENT, "parts[1] is NULL");
    REFUSED(atoms_rows_concat(context, (atoms_rows *[]){rows, rows, thin}, 3, &out), ATOMS_E_SHAPE,
            "parts[2] (rows) has 2 columns where parts[0] (rows) has 3");
    REFUSED(atoms_rows_concat(context, (atoms_rows *[]){rows, far}, 2, &out), ATOMS_E_ARGUMENT, "parts[1] (rows) was made from another");
    REFUSED(atoms_rows_first(context, NULL, 1, &out), ATOMS_E_ARGUMENT, "rows is NULL");
    REFUSED(atoms_rows_first(context, rows, 0, &out), ATOMS_E_ARGUMENT, "count is 0");
    REFUSED(atoms_rows_first(context, rows, 5, &out), ATOMS_E_ARGUMENT, "count is 5, where rows has 4");
    REFUSED(atoms_rows_first(context, far, 1, &out), ATOMS_E_ARGUMENT, "another context");
    ck_assert_status(atoms_rows_from_matrix(NULL, &m, &out), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_rows_from_matrix(context, &m, NULL), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_rows_from_callback(NULL, 1, 1, supply, &s, &out), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_rows_from_callback(context, 1, 1, supply, &s, NULL), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_rows_concat(NULL, &rows, 1, &out), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_rows_concat(context, &rows, 1, NULL), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_rows_first(NULL, rows, 1, &out), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_rows_first(context, rows, 1, NULL), ATOMS_E_ARGUMENT);
    ck_assert_int_eq(s.calls, 0);

    memset(space, 0x11, sizeof space);
    float untouched[12];
    memcpy(untouched, space, sizeof space);
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
    atoms_matrix none = atoms_matrix_f32(NULL, 0, 3);
    ck_assert_ok(atoms_rows_read(rows, 4, &none)); /* nothing asked for is not an error */
    ck_assert_ok(atoms_rows_gather(rows, NULL, &none));
    ck_assert(atoms_rows_count(NULL) == 0 && atoms_rows_width(NULL) == 0);
    atoms_rows_destroy(NULL);
    atoms_rows_destroy(rows);
    atoms_rows_destroy(thin);
    atoms_rows_destroy(far);
    atoms_context_destroy(context);
    atoms_context_destroy(other);
    ck_assert_int_eq(memory.held, 0);
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

static void add_cases(Suite *suite)
{
    add_loop(suite, "matrix", a_matrix_of_every_dtype_and_stride_reads_exactly, 8);
    add_case(suite, "f16", every_finite_f16_reads_exactly);
    add_loop(suite, "guard pages", nothing_beyond_the_matrix_or_out_is_touched, 4);
    add_loop(suite, "callback", a_callback_supplies_rows, 3);
    add_case(suite, "parts", parts_are_one_after_another);
    add_case(suite, "not finite", values_that_are_not_finite_are_named);
    add_case(suite, "arguments", bad_arguments_are_refused);
    add_loop(suite, "allocation", any_allocation_may_fail, 2);
    add_file_cases(suite);
}

SUITE_MAIN("rows", add_cases)
