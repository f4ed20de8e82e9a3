/* Codes in files: what SciPy writes is read, what is written is the same bytes every time, and bad files are refused. */
#include <errno.h>
#include <math.h>

#include <atoms/tensorfile.h>

#include "base/random.h"
#include "context/context_internal.h"
#include "counting_memory.h"
#include "failing_io.h"
#include "files.h"
#include "five_rows.h"
#include "suite.h"
#include "tensorfile/tensorfile_internal.h"

START_TEST(files_of_scipy_are_read)
{
    static const char *files[] = {"codes_scipy_f32.npz", "codes_scipy_f64.npz", "codes_scipy_array.npz", "codes_written.npz"};
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    for (int i = 0; i < 4; i++) {
        atoms_codes *codes;
        ck_assert_ok(atoms_codes_load(context, golden_path(files[i]), &codes));
        check_repeated(codes, 1);
        ck_assert_ok(atoms_codes_append(codes, &five)); /* what was loaded can grow */
        check_repeated(codes, 2);
        atoms_codes_destroy(codes);
    }
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

START_TEST(the_same_codes_are_written_as_the_same_bytes)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    atoms_codes *codes;
    ck_assert_ok(atoms_codes_create(context, WIDTH, &codes));
    ck_assert_ok(atoms_codes_append(codes, &five));
    const char *path = scratch_path("codes.npz");
    ck_assert_ok(atoms_codes_save(codes, path));
    size_t size, want;
    unsigned char *bytes = read_bytes(path, &size), *golden = read_bytes(golden_path("codes_written.npz"), &want);
    ck_assert_uint_eq(size, want);
    ck_assert_mem_eq(bytes, golden, size);
    free(bytes);
    free(golden);
    atoms_codes_destroy(codes);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

/* Loop index: 0: no rows; 1: rows without entries; 2: more entries than pass through the stack at a time. */
START_TEST(what_was_saved_is_loaded)
{
    static const int64_t sizes[] = {0, 4, 3000};
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    atoms_codes *codes, *loaded;
    ck_assert_ok(atoms_codes_create(context, INT32_MAX, &codes));
    for (int64_t r = 0, n; r < sizes[_i]; r++) {
        int32_t index[5];
        float value[5];
        n = _i == 2 ? base_random_below(1, BASE_STREAM_TEST, (uint64_t)r, 6) : 0;
        for (int32_t k = 0; k < n; k++) {
            index[k] = INT32_MAX - 5 * (int32_t)(n - k);
            value[k] = (float)base_random_normal(2, BASE_STREAM_TEST, (uint64_t)(5 * r + k));
        }
        ck_assert_ok(atoms_codes_append(codes, &(atoms_codes_view){1, INT32_MAX, n, (int64_t[]){0, n}, index, value}));
    }
    ck_assert_ok(atoms_codes_save(codes, scratch_path("codes.npz")));
    ck_assert_ok(atoms_codes_load(context, scratch_path("codes.npz"), &loaded));
    atoms_codes_view a, b;
    ck_assert_ok(atoms_codes_look(codes, &a));
    ck_assert_ok(atoms_codes_look(loaded, &b));
    ck_assert(a.rows == sizes[_i] && b.rows == a.rows && b.width == a.width && b.nnz == a.nnz && (_i < 2 || a.nnz > 5000));
    ck_assert_mem_eq(a.offset, b.offset, (size_t)(a.rows + 1) * sizeof *a.offset);
    if (a.nnz) ck_assert_mem_eq(a.index, b.index, (size_t)a.nnz * sizeof *a.index);
    if (a.nnz) ck_assert_mem_eq(a.value, b.value, (size_t)a.nnz * sizeof *a.value);
    atoms_codes_destroy(codes);
    atoms_codes_destroy(loaded);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

/* The five members, of which a test bends one. */
typedef struct members {
    const char *format;
    int64_t shape[2], shapes, offsets, entries, values;
    int64_t indptr[6], indices[6];
    double data[6];
} members;

static void write_members(atoms_context *context, const char *path, const members *m, const char *left_out)
{
    int64_t matrix[2] = {m->offsets, 1};
    int flat = strcmp(left_out, "flat") != 0;
    atoms_tensorwriter *w;
    ck_assert_ok(atoms_tensorwriter_create(context, path, ATOMS_FILE_NPZ, &w));
    if (strcmp(left_out, "indices")) ck_assert_ok(atoms_tensorwriter_add(w, "indices", ATOMS_I64, 1, &m->entries, m->indices));
    if (strcmp(left_out, "indptr")) ck_assert_ok(atoms_tensorwriter_add(w, "indptr", ATOMS_I64, flat ? 1 : 2, matrix, m->indptr));
    if (strcmp(left_out, "format")) ck_assert_ok(atomsi_tensorwriter_add_text(w, "format", m->format));
    if (strcmp(left_out, "shape")) ck_assert_ok(atoms_tensorwriter_add(w, "shape", ATOMS_I64, 1, &m->shapes, m->shape));
    if (strcmp(left_out, "data")) ck_assert_ok(atoms_tensorwriter_add(w, "data", ATOMS_F64, 1, &m->values, m->data));
    ck_assert_ok(atoms_tensorwriter_commit(w));
    atoms_tensorwriter_destroy(w);
}

START_TEST(bad_files_are_refused)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    const char *path = scratch_path("bad.npz");
    const members good = {.format = "csr", .shape = {5, WIDTH}, .shapes = 2, .offsets = 6, .entries = 6, .values = 6,
                          .indptr = {0, 0, 3, 4, 4, 6}, .indices = {0, 4, 8, 7, 2, 3}, .data = {1.5, -2, 3, 0, 1e-30f, 7}};
    members m = good;
    atoms_codes *codes;
    write_members(context, path, &m, "");
    ck_assert_ok(atoms_codes_load(context, path, &codes));
    check_repeated(codes, 1);
    atoms_codes_destroy(codes);
    m.entries = m.values = 5; /* longer than what indptr uses is fine with SciPy */
    m.indptr[5] = 4;
    write_members(context, path, &m, "");
    ck_assert_ok(atoms_codes_load(context, path, &codes));
    atoms_codes_destroy(codes);

    int refused = 0;
#define BAD(change, left_out, status, words)                              \
    do {                                                                  \
        m = good;                                                         \
        change;                                                           \
        write_members(context, path, &m, left_out);                       \
        codes = (atoms_codes *)(uintptr_t)1;                              \
        ck_assert_status(atoms_codes_load(context, path, &codes), status); \
        ck_assert_ptr_null(codes);                                        \
        ck_assert_detail(context, "bad.npz");                             \
        ck_assert_detail(context, words);                                 \
        refused++;                                                        \
    } while (0)
    BAD(, "format", ATOMS_E_NOT_FOUND, "format");
    BAD(, "shape", ATOMS_E_NOT_FOUND, "shape");
    BAD(, "indptr", ATOMS_E_NOT_FOUND, "indptr");
    BAD(, "indices", ATOMS_E_NOT_FOUND, "indices");
    BAD(, "data", ATOMS_E_NOT_FOUND, "data");
    BAD(, "flat", ATOMS_E_FORMAT, "indptr has 2 dimensions");
    BAD(m.format = "csc", "", ATOMS_E_FORMAT, "format is \"csc\"");
    BAD(m.format = "this is longer than the name of any format that there is, or will be", "", ATOMS_E_FORMAT, "something long");
    BAD(m.shapes = 1, "", ATOMS_E_FORMAT, "shape has 1 elements");
    BAD(m.shape[0] = -1, "", ATOMS_E_FORMAT, "shape is (-1, 9)");
    BAD(m.shape[1] = 0, "", ATOMS_E_FORMAT, "shape is (5, 0)");
    BAD(m.shape[1] = (int64_t)INT32_MAX + 1, "", ATOMS_E_FORMAT, "shape is (5, 2147483648)");
    BAD(m.shape[0] = 4, "", ATOMS_E_FORMAT, "indptr has 6 elements, where shape says 4 rows");
    BAD(m.shape[0] = INT64_MAX, "", ATOMS_E_FORMAT, "indptr has 6 elements");
    BAD(m.indptr[5] = 7, "", ATOMS_E_FORMAT, "indices has 6 elements, where indptr ends at 7");
    BAD(m.indptr[5] = -1, "", ATOMS_E_FORMAT, "indptr ends at -1");
    BAD(m.values = 5, "", ATOMS_E_FORMAT, "data has 5 elements, where indptr ends at 6");
    BAD(m.indptr[0] = 1, "", ATOMS_E_FORMAT, "offset[0] is 1");
    BAD(m.indptr[2] = 5, "", ATOMS_E_FORMAT, "row 2 ends at 4");
    BAD(m.indices[1] = 9, "", ATOMS_E_FORMAT, "row 1 names atom 9, where there are 9");
    BAD(m.indices[3] = (int64_t)1 << 32, "", ATOMS_E_FORMAT, "element 3 of indices is 4294967296");
    BAD(m.indices[5] = 2, "", ATOMS_E_FORMAT, "row 4: atom 2 comes after atom 2");
    BAD(m.data[2] = NAN, "", ATOMS_E_FORMAT, "row 1: the value of atom 8 is NaN");
    BAD(m.data[5] = -1e39, "", ATOMS_E_FORMAT, "element 5 of data is beyond the range of f32");
    ck_assert_int_eq(refused, 24);

    ck_assert_status(atoms_codes_load(context, golden_path("codes_scipy_csc.npz"), &codes), ATOMS_E_FORMAT);
    ck_assert_detail(context, "format is \"csc\", not \"csr\"");
    ck_assert_status(atoms_codes_load(context, scratch_path("absent.npz"), &codes), ATOMS_E_NOT_FOUND);
    ck_assert_status(atoms_codes_load(context, NULL, &codes), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_codes_load(NULL, path, &codes), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_codes_load(context, path, NULL), ATOMS_E_ARGUMENT);
    ck_assert_ok(atoms_codes_create(context, WIDTH, &codes));
    ck_assert_status(atoms_codes_save(codes, NULL), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_codes_save(NULL, path), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_codes_save(codes, "/dev/full"), ATOMS_E_IO);
    atoms_codes_destroy(codes);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

/* Saves over an old file and loads it again. */
static atoms_status save_and_load(atoms_context *context, const atoms_codes *codes, const char *path)
{
    atoms_codes *loaded = NULL;
    atoms_status status = atoms_codes_save(codes, path);
    if (!status) status = atoms_codes_load(context, path, &loaded);
    ck_assert(status || loaded);
    if (loaded) check_repeated(loaded, 1);
    atoms_codes_destroy(loaded);
    return status;
}

/* Loop index: once, for ever after. */
START_TEST(any_allocation_may_fail)
{
    int refused = 0;
    for (int64_t k = 1;; k++) {
        counting_memory memory = {0};
        atoms_context *context = counting_context(&memory, 1);
        atoms_codes *codes;
        ck_assert_ok(atoms_codes_create(context, WIDTH, &codes));
        ck_assert_ok(atoms_codes_append(codes, &five));
        memory.fail_at = memory.requests + k;
        memory.sticky = _i;
        int open_files = count_open_files();
        atoms_status status = save_and_load(context, codes, scratch_path("codes.npz"));
        ck_assert_int_eq(count_open_files(), open_files);
        ck_assert(!file_exists(scratch_path("codes.npz.tmp")));
        atoms_codes_destroy(codes);
        atoms_context_destroy(context);
        ck_assert_int_eq(memory.held, 0);
        if (!memory.failures) {
            ck_assert_ok(status);
            break;
        }
        ck_assert_status(status, ATOMS_E_MEMORY);
        refused++;
    }
    ck_assert_int_ge(refused, 10);
}
END_TEST

/* Loop index: which fault. A save that failed leaves the old file, or the new one, whole. */
START_TEST(any_file_operation_may_fail)
{
    static const int errors[] = {EIO, ENOSPC, EINTR, 0};
    const char *path = scratch_path("codes.npz");
    size_t size;
    unsigned char *old = read_bytes(golden_path("codes_written.npz"), &size);
    write_bytes(path, old, size);
    free(old);
    int visited = 0, failed = 0;
    for (int64_t k = 1;; k++) {
        counting_memory memory = {0};
        atoms_context *context = counting_context(&memory, 1);
        atoms_codes *codes;
        ck_assert_ok(atoms_codes_create(context, WIDTH, &codes));
        ck_assert_ok(atoms_codes_append(codes, &five));
        failing_io io = {.fail_at = k, .error = errors[_i]};
        base_io real = context->io;
        failing_io_use(&io, context);
        int open_files = count_open_files();
        atoms_status status = save_and_load(context, codes, path);
        ck_assert_int_eq(count_open_files(), open_files);
        ck_assert_int_eq(count_entries(scratch_folder()), 1);
        context->io = real;
        atoms_codes *whole;
        ck_assert_ok(atoms_codes_load(context, path, &whole));
        check_repeated(whole, 1);
        atoms_codes_destroy(whole);
        atoms_codes_destroy(codes);
        atoms_context_destroy(context);
        ck_assert_int_eq(memory.held, 0);
        if (!io.failures) {
            ck_assert_ok(status);
            break;
        }
        visited++;
        failed += status != ATOMS_OK;
        if (_i == 3) ck_assert_ok(status);
        else ck_assert(status == ATOMS_OK || status == ATOMS_E_IO);
    }
    ck_assert_int_ge(visited, 10);
    if (_i < 2) ck_assert_int_ge(failed, visited / 2);
}
END_TEST

void add_codes_file_cases(Suite *suite)
{
    add_file_case(suite, "scipy", files_of_scipy_are_read);
    add_file_case(suite, "bytes", the_same_codes_are_written_as_the_same_bytes);
    add_file_loop(suite, "round trip", what_was_saved_is_loaded, 3);
    add_file_case(suite, "bad files", bad_files_are_refused);
    add_file_loop(suite, "file allocation", any_allocation_may_fail, 2);
    add_file_loop(suite, "file faults", any_file_operation_may_fail, 4);
}
