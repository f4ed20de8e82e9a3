/* Rows of files: every way they can be stored reads the same, in bounded memory, and what is wrong is named. */
#define _DEFAULT_SOURCE
#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include <atoms/tensorfile.h>

#include "context/context_internal.h"
#include "counting_memory.h"
#include "failing_io.h"
#include "files.h"
#include "row_files.h"
#include "row_pattern.h"
#include "suite.h"

static void patch(const char *path, long offset, int32_t dtype, double value)
{
    char item[8];
    put_value(dtype, item, value);
    FILE *f = fopen(path, "r+b");
    ck_assert(f && fseek(f, offset, SEEK_SET) == 0 && fwrite(item, (size_t)atoms_dtype_size(dtype), 1, f) == 1 && fclose(f) == 0);
}

START_TEST(however_it_is_stored_it_reads_the_same)
{
    static const struct { const char *file, *tensor; } cases[] = {
        {"rows_fortran_f64.npy", NULL}, {"rows_fortran_f16.npy", ""}, {"rows_big_endian.npy", NULL},   {"rows_big_fortran.npy", NULL},
        {"rows_stored.npz", "acts"},    {"rows_stored.npz", "other"}, {"rows_deflated.npz", "acts"},   {"rows_deflated.npz", "other"},
        {"rows_deflated_fortran.npz", NULL},
    };
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    int open_files = count_open_files();
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++)
        for (int64_t limit = 0; limit <= 40; limit += 20) { /* all; some; more than there are */
            atoms_rows *rows = open_rows(context, golden_path(cases[c].file), cases[c].tensor, limit);
            ck_assert_int_eq(atoms_rows_count(rows), limit == 20 ? 20 : 37);
            ck_assert_int_eq(atoms_rows_width(rows), 6);
            int64_t requests = memory.requests;
            check_all_reads(rows, same_row);
            ck_assert_int_eq(memory.requests, requests); /* reading never allocates */
            atoms_rows_destroy(rows);
        }
    ck_assert_int_eq(count_open_files(), open_files);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

START_TEST(every_dtype_reads_from_npy_and_safetensors)
{
    int32_t dtype = float_dtypes[_i];
    float bias = 0;
    int64_t one = 1, shape[2] = {700, 33}, size = atoms_dtype_size(dtype); /* more than one staging block */
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    char *data = malloc((size_t)(700 * 33 * size));
    for (int64_t i = 0; i < 700 * 33; i++) put_value(dtype, data + i * size, value_at(i / 33, i % 33));
    const char *path = scratch_path("rows.safetensors");
    atoms_tensorwriter *writer;
    ck_assert_ok(atoms_tensorwriter_create(context, path, ATOMS_FILE_SAFETENSORS, &writer));
    ck_assert_ok(atoms_tensorwriter_add(writer, "bias", ATOMS_F32, 1, &one, &bias));
    ck_assert_ok(atoms_tensorwriter_add(writer, "acts", dtype, 2, shape, data));
    ck_assert_ok(atoms_tensorwriter_commit(writer));
    atoms_tensorwriter_destroy(writer);
    atoms_rows *rows = open_rows(context, path, NULL, 0); /* the only two-dimensional one */
    check_all_reads(rows, same_row);
    atoms_rows_destroy(rows);
    if (dtype != ATOMS_BF16) {
        path = scratch_path("rows.npy");
        write_npy(path, dtype, 0, 700, 33, 1);
        rows = open_rows(context, path, NULL, 0);
        check_all_reads(rows, same_row);
        atoms_rows_destroy(rows);
    }
    free(data);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

/* 8 MiB under a cap of 1 MiB, in order and in any order, from a file and from two in a row. */
START_TEST(a_file_larger_than_the_cap_is_streamed)
{
    const int64_t n = 16384, w = 128;
    const char *path = scratch_path("large.npy");
    write_npy(path, ATOMS_F32, 0, n, w, 1);
    atoms_context_opts opts;
    ck_assert_ok(atoms_context_opts_init(&opts, sizeof opts));
    opts.memory_cap = 1 << 20;
    atoms_context *context;
    ck_assert_ok(atoms_context_create(&opts, &context));
    atoms_rows *a = open_rows(context, path, NULL, 0), *b = open_rows(context, path, NULL, 5), *both;
    ck_assert_ok(atoms_rows_concat(context, (atoms_rows *[]){b, a}, 2, &both));
    float *space = malloc((size_t)(512 * w) * sizeof *space);
    int64_t read = 0, index[512];
    for (int64_t first = 0; first < n + 5; first += 512) {
        atoms_matrix out = atoms_matrix_f32(space, base_min_i64(512, n + 5 - first), w);
        ck_assert_ok(atoms_rows_read(both, first, &out));
        for (int64_t i = 0; i < out.rows; i++, read++) check_row(&out, i, first + i < 5 ? first + i : first + i - 5);
        for (int64_t i = 0; i < out.rows; i++) index[i] = (first + i) * 7919 % n;
        ck_assert_ok(atoms_rows_gather(a, index, &out));
        for (int64_t i = 0; i < out.rows; i++, read++) check_row(&out, i, index[i]);
    }
    ck_assert_int_eq(read, 2 * (n + 5));
    atoms_memory_report report;
    ck_assert_ok(atoms_memory_report_init(&report, sizeof report));
    ck_assert_ok(atoms_context_memory(context, &report));
    ck_assert_uint_le(report.peak, 1 << 20);
    free(space);
    atoms_rows_destroy(both);
    atoms_rows_destroy(a);
    atoms_rows_destroy(b);
    atoms_context_destroy(context);
}
END_TEST

START_TEST(what_must_be_decoded_is_bounded)
{
    atoms_context_opts opts;
    ck_assert_ok(atoms_context_opts_init(&opts, sizeof opts));
    opts.memory_cap = 1 << 20;
    atoms_context *context;
    ck_assert_ok(atoms_context_create(&opts, &context));
    const char *path = scratch_path("columns.npy");
    write_npy(path, ATOMS_F64, 1, 20000, 8, 1); /* 1.28 MB, three pieces a column */
    atoms_rows *rows = (atoms_rows *)(uintptr_t)1;
    ck_assert_status(atoms_rows_open(context, path, NULL, &rows), ATOMS_E_MEMORY);
    ck_assert_ptr_null(rows);
    ck_assert_detail(context, "columns.npy: is column-major, so it is read into memory whole, and 1280000 bytes are not to be had");
    rows = open_rows(context, path, NULL, 10000);
    float space[80];
    atoms_matrix out = atoms_matrix_f32(space, 10, 8);
    for (int64_t first = 0; first < 10000; first += 370) {
        ck_assert_ok(atoms_rows_read(rows, first, &out));
        for (int64_t i = 0; i < 10; i++) check_row(&out, i, first + i);
    }
    atoms_rows_destroy(rows);
    write_npy(path, ATOMS_F16, 1, 1 << 20, 513, 0);
    ck_assert_int_eq(truncate(path, 128 + ((off_t)1 << 21) * 513), 0); /* sparse */
    ck_assert_status(atoms_rows_open(context, path, NULL, &rows), ATOMS_E_LIMIT);
    ck_assert_detail(context, "1075838976 bytes are more than is done for one file");
    rows = open_rows(context, path, NULL, 100);
    ck_assert_int_eq(atoms_rows_count(rows), 100);
    atoms_rows_destroy(rows);
    atoms_context_destroy(context);
}
END_TEST

START_TEST(consecutive_rows_are_read_at_once)
{
    atoms_context *context;
    ck_assert_ok(atoms_context_create(NULL, &context));
    failing_io io = {0};
    failing_io_use(&io, context);
    const char *path = scratch_path("runs.npy");
    write_npy(path, ATOMS_F32, 0, 1000, 16, 1);
    atoms_rows *rows = open_rows(context, path, NULL, 0);
    float space[256 * 16];
    int64_t index[256];
    for (int64_t i = 0; i < 256; i++) index[i] = i < 200 ? 500 + i : i < 250 ? i : 999 - i; /* two runs, then six rows */
    atoms_matrix out = atoms_matrix_f32(space, 256, 16);
    io.operations = 0;
    ck_assert_ok(atoms_rows_gather(rows, index, &out));
    ck_assert_int_eq(io.operations, 8);
    for (int64_t i = 0; i < 256; i++) check_row(&out, i, index[i]);
    io.operations = 0;
    ck_assert_ok(atoms_rows_read(rows, 300, &out));
    ck_assert_int_eq(io.operations, 1);
    atoms_rows_destroy(rows);

    rows = open_rows(context, golden_path("rows_deflated.npz"), "other", 0); /* decoded: no more of the file is needed */
    io.operations = 0;
    out = atoms_matrix_f32(space, 3, 6);
    ck_assert_ok(atoms_rows_gather(rows, (int64_t[]){36, 3, 20}, &out));
    check_row(&out, 1, 3);
    ck_assert_int_eq(io.operations, 0);
    atoms_rows_destroy(rows);
    atoms_context_destroy(context);
}
END_TEST

START_TEST(values_that_are_not_finite_are_named_with_their_file)
{
    atoms_context *context;
    ck_assert_ok(atoms_context_create(NULL, &context));
    const char *path = scratch_path("acts.npy"), *first = scratch_path("first.npy"), *columns = scratch_path("columns.npy");
    write_npy(path, ATOMS_F64, 0, 40, 7, 1);
    write_npy(first, ATOMS_F16, 0, 30, 7, 1);
    write_npy(columns, ATOMS_F64, 1, 40, 7, 1);
    float single[70 * 7];
    double wide[70 * 7];
    char words[300];
    static const struct { double value; const char *words; int in_f64; } cases[] = {
        {NAN, "NaN", 1}, {-INFINITY, "infinite", 1}, {1e39, "beyond the range of f32", 0}};
    for (int c = 0; c < 3; c++) {
        patch(path, 128 + 8 * (17 * 7 + 3), ATOMS_F64, cases[c].value);
        patch(columns, 128 + 8 * (3 * 40 + 17), ATOMS_F64, cases[c].value);
        atoms_rows *a = open_rows(context, first, NULL, 0), *b = open_rows(context, path, "", 0), *both;
        atoms_rows *decoded = open_rows(context, columns, NULL, 0);
        ck_assert_ok(atoms_rows_concat(context, (atoms_rows *[]){a, b}, 2, &both));
        atoms_matrix s = atoms_matrix_f32(single, 40, 7), w = atoms_matrix_f64(wide, 40, 7);
        snprintf(words, sizeof words, "%s: row 17 column 3 is %s", path, cases[c].words);
        ck_assert_status(atoms_rows_read(b, 0, &s), ATOMS_E_NOT_FINITE);
        ck_assert_detail(context, words);
        ck_assert_status(atoms_rows_read(b, 0, &w), cases[c].in_f64 ? ATOMS_E_NOT_FINITE : ATOMS_OK);
        s.rows = w.rows = 70;
        ck_assert_status(atoms_rows_read(both, 0, &s), ATOMS_E_NOT_FINITE);
        ck_assert_detail(context, words); /* its own row, not number 47 of both */
        s.rows = 2;
        ck_assert_status(atoms_rows_gather(both, (int64_t[]){3, 47}, &s), ATOMS_E_NOT_FINITE);
        ck_assert_detail(context, words);
        ck_assert_ok(atoms_rows_gather(both, (int64_t[]){46, 48}, &s)); /* only what is read is judged */
        snprintf(words, sizeof words, "%s: row 17 column 3 is %s", columns, cases[c].words);
        ck_assert_status(atoms_rows_gather(decoded, (int64_t[]){16, 17}, &s), ATOMS_E_NOT_FINITE);
        ck_assert_detail(context, words);
        atoms_rows_destroy(both);
        atoms_rows_destroy(a);
        atoms_rows_destroy(b);
        atoms_rows_destroy(decoded);
    }
    atoms_context_destroy(context);
}
END_TEST

START_TEST(the_sample_is_what_it_says)
{
    atoms_context *context;
    ck_assert_ok(atoms_context_create(NULL, &context));
    atoms_rows *rows;
    ck_assert_ok(atoms_rows_open(context, sample_path("sample.eval.npy"), NULL, &rows));
    ck_assert_int_eq(atoms_rows_count(rows), 2048);
    ck_assert_int_eq(atoms_rows_width(rows), 576);
    double *space = malloc(2048 * 576 * sizeof *space), energy = 0, two = 0;
    atoms_matrix out = atoms_matrix_f64(space, 2048, 576);
    ck_assert_ok(atoms_rows_read(rows, 0, &out));
    for (int64_t i = 0; i < 2048 * 576; i++) {
        energy += space[i] * space[i];
        if (i % 576 == 247 || i % 576 == 507) two += space[i] * space[i];
    }
    ck_assert_near(sqrt(energy / 2048), 171, .05);
    ck_assert_near(two / energy, .49, .05);
    free(space);
    atoms_rows_destroy(rows);
    atoms_context_destroy(context);
}
END_TEST

void add_file_cases(Suite *suite)
{
    add_file_case(suite, "storage", however_it_is_stored_it_reads_the_same);
    add_file_loop(suite, "file dtypes", every_dtype_reads_from_npy_and_safetensors, 4);
    add_file_case(suite, "streaming", a_file_larger_than_the_cap_is_streamed);
    add_file_case(suite, "decoding", what_must_be_decoded_is_bounded);
    add_file_case(suite, "runs", consecutive_rows_are_read_at_once);
    add_file_case(suite, "file not finite", values_that_are_not_finite_are_named_with_their_file);
    add_file_case(suite, "sample", the_sample_is_what_it_says);
}
