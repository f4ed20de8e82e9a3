/* Rows of a matrix, a callback, several parts: what is read is what is there, and what is wrong is named. */
#define _DEFAULT_SOURCE
#include <atoms/atoms.h>
#include <math.h>
#include <sys/mman.h>
#include <unistd.h>

#include "counting_memory.h"
#include "row_pattern.h"
#include "suite.h"

START_TEST(a_matrix_of_every_dtype_and_stride_reads_exactly)
{
    int32_t dtype = float_dtypes[_i % 4];
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
    int32_t dtype = float_dtypes[_i];
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

static void add_cases(Suite *suite)
{
    add_loop(suite, "matrix", a_matrix_of_every_dtype_and_stride_reads_exactly, 8);
    add_case(suite, "f16", every_finite_f16_reads_exactly);
    add_loop(suite, "guard pages", nothing_beyond_the_matrix_or_out_is_touched, 4);
    add_loop(suite, "callback", a_callback_supplies_rows, 3);
    add_case(suite, "parts", parts_are_one_after_another);
    add_edge_cases(suite);
    add_file_cases(suite);
    add_file_fault_cases(suite);
    add_prefetch_cases(suite);
}

SUITE_MAIN("rows", add_cases)
