/* Files that are no rows, and files that fail. */
#define _DEFAULT_SOURCE
#include <errno.h>
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

START_TEST(what_is_no_matrix_of_floats_is_refused)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    int open_files = count_open_files(), refused = 0;
    atoms_rows_opts opts;
    ck_assert_ok(atoms_rows_opts_init(&opts, sizeof opts));
    atoms_rows *rows;
#define REFUSED(path, status, words)                                         \
    do {                                                                     \
        rows = (atoms_rows *)(uintptr_t)1;                                   \
        ck_assert_status(atoms_rows_open(context, path, &opts, &rows), status); \
        ck_assert_ptr_null(rows);                                            \
        ck_assert_detail(context, words);                                    \
        refused++;                                                           \
    } while (0)
    const char *stored = golden_path("rows_stored.npz"), *path = scratch_path("bad.npy");
    REFUSED(stored, ATOMS_E_ARGUMENT, "which tensor? 2 are two-dimensional and of floats: acts, other");
    opts.tensor = "none";
    REFUSED(stored, ATOMS_E_NOT_FOUND, "none");
    opts.tensor = "ids";
    REFUSED(stored, ATOMS_E_DTYPE, "rows_stored.npz:ids: is of <i8");
    opts.tensor = "cube";
    REFUSED(stored, ATOMS_E_SHAPE, "rows_stored.npz:cube: has 3 dimensions");
    opts.tensor = "bias";
    REFUSED(stored, ATOMS_E_SHAPE, "rows_stored.npz:bias: has 1 dimensions");
    opts.tensor = NULL;
    opts.limit = -1;
    REFUSED(stored, ATOMS_E_ARGUMENT, "limit is -1");
    opts.limit = 0;
    opts.struct_size = 0;
    REFUSED(stored, ATOMS_E_ARGUMENT, "atoms_rows_opts_init");
    opts.struct_size = sizeof opts;
    REFUSED(NULL, ATOMS_E_ARGUMENT, "path is NULL");
    REFUSED(scratch_path("absent.npy"), ATOMS_E_NOT_FOUND, "absent.npy");
    REFUSED(scratch_folder(), ATOMS_E_IO, "directory");
    write_bytes(path, "hello, world", 12);
    REFUSED(path, ATOMS_E_FORMAT, "bad.npy");
    write_npy(path, ATOMS_I32, 0, 1, 1, 0);
    ck_assert_int_eq(truncate(path, 132), 0);
    REFUSED(path, ATOMS_E_DTYPE, "bad.npy: is of <i4");
    write_npy(path, ATOMS_F32, 0, 0, 5, 0);
    REFUSED(path, ATOMS_E_SHAPE, "0 rows of 5 columns");
    write_npy(path, ATOMS_F32, 0, 5, 0, 0);
    REFUSED(path, ATOMS_E_SHAPE, "5 rows of 0 columns");
    write_npy(path, ATOMS_F32, 0, 100, 5, 1);
    ck_assert_int_eq(truncate(path, 128 + 1999), 0);
    REFUSED(path, ATOMS_E_FORMAT, "bad.npy");
    ck_assert_status(atoms_rows_open(NULL, path, NULL, &rows), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_rows_open(context, path, NULL, NULL), ATOMS_E_ARGUMENT);

    ck_assert_int_eq(refused, 15);
    ck_assert_int_eq(count_open_files(), open_files);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

START_TEST(a_file_cut_while_it_is_open_is_no_crash)
{
    atoms_context *context;
    ck_assert_ok(atoms_context_create(NULL, &context));
    const char *path = scratch_path("cut.npy");
    write_npy(path, ATOMS_F32, 0, 100, 5, 1);
    atoms_rows *rows = open_rows(context, path, NULL, 0);
    ck_assert_int_eq(truncate(path, 128 + 1000), 0);
    float space[250];
    atoms_matrix out = atoms_matrix_f32(space, 50, 5);
    ck_assert_ok(atoms_rows_read(rows, 0, &out));
    check_row(&out, 49, 49);
    ck_assert_status(atoms_rows_read(rows, 1, &out), ATOMS_E_FORMAT);
    ck_assert_detail(context, "cut.npy: the file ends early");
    atoms_rows_destroy(rows);
    atoms_context_destroy(context);
}
END_TEST

START_TEST(many_names_are_listed_as_far_as_there_is_room)
{
    atoms_context *context;
    ck_assert_ok(atoms_context_create(NULL, &context));
    const char *path = scratch_path("many.safetensors");
    float data[4] = {0};
    static const int64_t shape[2] = {2, 2};
    for (int length = 1; length <= 600; length += 13) { /* one name after another ends the list */
        atoms_tensorwriter *writer;
        ck_assert_ok(atoms_tensorwriter_create(context, path, ATOMS_FILE_SAFETENSORS, &writer));
        for (int i = 0; i < 50; i++) {
            char name[700];
            snprintf(name, sizeof name, "%02d%0*d", i, length, 7);
            ck_assert_ok(atoms_tensorwriter_add(writer, name, ATOMS_F32, 2, shape, data));
        }
        ck_assert_ok(atoms_tensorwriter_commit(writer));
        atoms_tensorwriter_destroy(writer);
        atoms_rows *rows;
        ck_assert_status(atoms_rows_open(context, path, NULL, &rows), ATOMS_E_ARGUMENT);
        char detail[1100];
        atoms_context_detail(context, detail, sizeof detail);
        const char *more = strstr(detail, "...");
        ck_assert_msg(length < 7 ? !more : more && !more[3], "%s", detail); /* all of them, or "..." once and last */
    }
    atoms_context_destroy(context);
}
END_TEST

/* Opens, reads and gathers. `out` has room for 10 rows of 6. */
static atoms_status scenario(atoms_context *context, const char *path, const char *tensor, const atoms_matrix *out)
{
    atoms_rows_opts opts;
    ck_assert_ok(atoms_rows_opts_init(&opts, sizeof opts));
    opts.tensor = tensor;
    atoms_rows *rows = (atoms_rows *)(uintptr_t)1;
    atoms_status status = atoms_rows_open(context, path, &opts, &rows);
    ck_assert(!status == !!rows);
    static const int64_t index[10] = {36, 0, 1, 2, 3, 9, 9, 8, 20, 21};
    if (!status) status = atoms_rows_read(rows, 3, out);
    if (!status) status = atoms_rows_gather(rows, index, out);
    for (int64_t i = 0; i < 10 && !status; i++) check_row(out, i, index[i]);
    atoms_rows_destroy(rows);
    return status;
}

static const struct { const char *file, *tensor; } sources[] = {
    {"rows_big_endian.npy", NULL}, {"rows_fortran_f64.npy", NULL}, {"rows_stored.npz", "acts"}, {"rows_deflated.npz", "other"}};

START_TEST(any_allocation_may_fail)
{
    double space[60];
    atoms_matrix out = atoms_matrix_f64(space, 10, 6);
    int refused = 0;
    for (int64_t k = 1;; k++) {
        counting_memory memory = {0};
        atoms_context *context = counting_context(&memory, 1);
        memory.fail_at = memory.requests + k;
        memory.sticky = _i % 2;
        int open_files = count_open_files();
        atoms_status status = scenario(context, golden_path(sources[_i / 2].file), sources[_i / 2].tensor, &out);
        atoms_context_destroy(context);
        ck_assert_int_eq(memory.held, 0);
        ck_assert_int_eq(count_open_files(), open_files);
        if (!memory.failures) {
            ck_assert_ok(status);
            break;
        }
        ck_assert_status(status, ATOMS_E_MEMORY);
        refused++;
    }
    ck_assert_int_ge(refused, 5);
}
END_TEST

START_TEST(any_file_operation_may_fail)
{
    static const int errors[] = {EIO, EINTR, 0}; /* a failure; interrupted; a short read */
    double space[60];
    atoms_matrix out = atoms_matrix_f64(space, 10, 6);
    for (int e = 0; e < 3; e++) {
        int visited = 0, failed = 0;
        for (int64_t k = 1;; k++) {
            counting_memory memory = {0};
            atoms_context *context = counting_context(&memory, 1);
            failing_io io = {.fail_at = k, .error = errors[e]};
            failing_io_use(&io, context);
            int open_files = count_open_files();
            atoms_status status = scenario(context, golden_path(sources[_i].file), sources[_i].tensor, &out);
            atoms_context_destroy(context);
            ck_assert_int_eq(memory.held, 0);
            ck_assert_int_eq(count_open_files(), open_files);
            if (!io.failures) {
                ck_assert_ok(status);
                break;
            }
            visited++;
            failed += status != ATOMS_OK;
            if (e == 2) ck_assert_ok(status);
            else ck_assert(status == ATOMS_OK || status == ATOMS_E_IO); /* closing a file that was read loses nothing */
        }
        ck_assert_int_ge(visited, 4);
        if (e == 0) ck_assert_int_ge(failed, visited - 2);
    }
}
END_TEST

void add_file_fault_cases(Suite *suite)
{
    add_file_case(suite, "file refused", what_is_no_matrix_of_floats_is_refused);
    add_file_case(suite, "file cut", a_file_cut_while_it_is_open_is_no_crash);
    add_file_case(suite, "names", many_names_are_listed_as_far_as_there_is_room);
    add_file_loop(suite, "file allocation", any_allocation_may_fail, 8);
    add_file_loop(suite, "file faults", any_file_operation_may_fail, 4);
}
