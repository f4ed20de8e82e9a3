/* Every file operation and every allocation may fail while a file is read or written: the status says so, the old file stays, nothing
 * leaks; a short read or write, and an interrupted one, make no difference. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include <atoms/atoms.h>

#include "context/context_internal.h"
#include "counting_memory.h"
#include "failing_io.h"
#include "files.h"
#include "suite.h"
#include "tensorfile/tensorfile_internal.h"
#include "tensorfile_cases.h"

enum { ELEMENTS = 9000 }; /* more than one block of the streams */

static int elements = ELEMENTS;

static const int errors[] = {EIO, ENOSPC, EINTR, EAGAIN, 0};

/* The system's operations, but for waiting until the disk has it all: a sweep writes thousands of files. */
static int no_sync(void *user, int file)
{
    (void)user;
    (void)file;
    return 0;
}

static int no_sync_directory(void *user, const char *path)
{
    (void)user;
    (void)path;
    return 0;
}

static base_io hasty_io(void)
{
    base_io io = base_io_posix();
    io.sync = no_sync;
    io.sync_directory = no_sync_directory;
    return io;
}

static void use_failing_io(failing_io *io, atoms_context *context)
{
    failing_io_use(io, context);
    io->real = hasty_io();
}

static int is_retried(int error)
{
    return error == EINTR || error == EAGAIN || error == 0;
}

static atoms_status write_tensors(atoms_context *context, const char *path, int32_t format, float value)
{
    atoms_tensorwriter *writer;
    float *data = malloc((size_t)elements * sizeof *data);
    for (int i = 0; i < elements; i++) data[i] = value + (float)i;
    atoms_status status = atoms_tensorwriter_create(context, path, format, &writer);
    if (!status)
        status = atoms_tensorwriter_add(writer, format == ATOMS_FILE_NPY ? "" : "x", ATOMS_F32, 1, (int64_t[]){elements}, data);
    if (!status && format != ATOMS_FILE_NPY) status = atoms_tensorwriter_add(writer, "y", ATOMS_F32, 1, (int64_t[]){3}, data);
    if (!status && format == ATOMS_FILE_SAFETENSORS) status = atoms_tensorwriter_metadata(writer, "key", "value");
    if (!status) status = atoms_tensorwriter_commit(writer);
    atoms_tensorwriter_destroy(writer);
    free(data);
    return status;
}

/* Reads all, through a conversion. *value receives the first element. */
static atoms_status read_tensors(atoms_context *context, const char *path, double *value)
{
    atoms_tensorfile *file;
    double *data = malloc((size_t)elements * sizeof *data);
    int64_t index = 0;
    atoms_status status = atoms_tensorfile_open(context, path, &file);
    if (!status && atoms_tensorfile_format(file) != ATOMS_FILE_NPY) status = atoms_tensorfile_find(file, "x", &index);
    if (!status) status = atoms_tensorfile_read(file, index, 0, elements, ATOMS_F64, data);
    if (!status) status = atoms_tensorfile_read(file, index, 20, 20, ATOMS_F64, data + 20);
    if (!status) {
        *value = data[0];
        int same = 0;
        for (int i = 0; i < elements; i++) same += data[i] == data[0] + i;
        ck_assert_int_eq(same, elements);
    }
    atoms_tensorfile_close(file);
    free(data);
    return status;
}

/* Loop index: ((format − 1)·2 + sticky)·5 + error. */
START_TEST(every_file_operation_may_fail)
{
    int error = errors[_i % 5], sticky = _i / 5 % 2;
    int32_t format = _i / 10 + 1;
    if (sticky && (error == EINTR || error == EAGAIN)) return; /* an endless storm is no fault but a hang of the system's */
    if (sticky && error == 0) elements = 50; /* a system call for every byte */
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    context->io = hasty_io();
    char path[4096];
    snprintf(path, sizeof path, "%s", scratch_path("file"));
    ck_assert_ok(write_tensors(context, path, format, 1));
    int open_files = count_open_files(), visited = 0;
    for (int reading = 0; reading < 2; reading++)
        for (int64_t k = 1;; k++) {
            double value = 0;
            failing_io io = {.fail_at = k, .sticky = sticky, .error = error};
            use_failing_io(&io, context);
            atoms_status status = reading ? read_tensors(context, path, &value) : write_tensors(context, path, format, 2);
            context->io = hasty_io();
            ck_assert_int_eq(count_open_files(), open_files);
            ck_assert_int_eq(count_entries(scratch_folder()), 1);
            if (!io.failures) {
                ck_assert_ok(status);
                break;
            }
            visited++;
            ck_assert(status == ATOMS_OK || status == ATOMS_E_IO);
            if (status == ATOMS_E_IO && error) ck_assert_detail(context, base_io_error_text(-error));
            if (status && !reading) { /* the directory's fsync comes after the rename: then the new file is there, whole */
                ck_assert_ok(read_tensors(context, path, &value));
                ck_assert(value == 1 || value == 2);
            }
            if (is_retried(error) && reading && k > 2) ck_assert_ok(status);
            if (!reading) ck_assert_ok(write_tensors(context, path, format, 1));
        }
    ck_assert_int_ge(visited, 12);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

/* Loop index: (format − 1)·2 + sticky. */
START_TEST(every_allocation_may_fail)
{
    int32_t format = _i / 2 + 1;
    int sticky = _i % 2, visited = 0;
    char path[4096];
    snprintf(path, sizeof path, "%s", scratch_path("file"));
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    context->io = hasty_io();
    ck_assert_ok(write_tensors(context, path, format, 1));
    for (int reading = 0; reading < 2; reading++)
        for (int64_t k = 1;; k++) {
            double value;
            int64_t held = memory.held, before = memory.failures;
            memory.requests = 0;
            memory.fail_at = k;
            memory.sticky = sticky;
            atoms_status status = reading ? read_tensors(context, path, &value) : write_tensors(context, path, format, 2);
            memory.fail_at = 0;
            ck_assert_int_eq(memory.held, held);
            ck_assert_int_eq(count_entries(scratch_folder()), 1);
            if (memory.failures == before) {
                ck_assert_ok(status);
                ck_assert_ok(write_tensors(context, path, format, 1));
                break;
            }
            visited++;
            ck_assert_status(status, ATOMS_E_MEMORY);
            ck_assert_ok(read_tensors(context, path, &value));
            ck_assert(value == 1);
        }
    ck_assert_int_ge(visited, 10);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

/* A failed read of one member must not spoil the next one, nor another member that was half read. */
START_TEST(reading_goes_on_after_a_fault)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    atoms_tensorfile *file;
    int64_t x, y;
    float value[3];
    ck_assert_ok(write_tensors(context, scratch_path("t.npz"), ATOMS_FILE_NPZ, 1));
    ck_assert_ok(atoms_tensorfile_open(context, scratch_path("t.npz"), &file));
    ck_assert_ok(atoms_tensorfile_find(file, "x", &x));
    ck_assert_ok(atoms_tensorfile_find(file, "y", &y));
    ck_assert_ok(atoms_tensorfile_read(file, x, 0, 3, ATOMS_F32, value));
    failing_io io = {.fail_at = 1, .error = EIO};
    use_failing_io(&io, context);
    ck_assert_status(atoms_tensorfile_read(file, y, 0, 2, ATOMS_F32, value), ATOMS_E_IO);
    ck_assert_detail(context, "input/output error");
    context->io = hasty_io();
    ck_assert_ok(atoms_tensorfile_read(file, x, 3, 3, ATOMS_F32, value));
    ck_assert(value[0] == 4 && value[2] == 6);
    ck_assert_ok(atoms_tensorfile_read(file, y, 0, 3, ATOMS_F32, value));
    ck_assert(value[0] == 1 && value[2] == 3);
    atoms_tensorfile_close(file);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

START_TEST(targets_that_are_no_files)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    for (int32_t format = 1; format <= 3; format++) {
        ck_assert_status(write_tensors(context, "/dev/full", format, 1), ATOMS_E_IO);
        ck_assert_detail(context, "/dev/full: no space left");
        ck_assert_status(write_tensors(context, scratch_folder(), format, 1), ATOMS_E_IO);
        ck_assert_status(write_tensors(context, scratch_path("no/such"), format, 1), ATOMS_E_NOT_FOUND);
        ck_assert_status(write_tensors(context, "/dev/null", format, 1), format == ATOMS_FILE_NPZ ? ATOMS_E_UNSUPPORTED : ATOMS_OK);
    }
    ck_assert(access("/dev/full.tmp", F_OK) != 0);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

/* A member's header holds no trace of when or where it was written. */
START_TEST(bytes_do_not_depend_on_the_time_zone)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    static const char *const zones[] = {"UTC0", "XXX-14", "YYY+12", "EST5EDT"};
    size_t a, b;
    for (size_t i = 0; i < 4; i++) {
        setenv("TZ", zones[i], 1);
        ck_assert_ok(write_tensors(context, scratch_path(i ? "b" : "a"), ATOMS_FILE_NPZ, 1));
        unsigned char *x = read_bytes(scratch_path("a"), &a), *y = read_bytes(scratch_path(i ? "b" : "a"), &b);
        ck_assert(a == b && memcmp(x, y, a) == 0);
        free(x);
        free(y);
    }
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

void add_fault_cases(Suite *suite)
{
    add_loop(suite, "file faults", every_file_operation_may_fail, 30);
    add_loop(suite, "memory faults", every_allocation_may_fail, 6);
    add_case(suite, "after a fault", reading_goes_on_after_a_fault);
    add_case(suite, "targets", targets_that_are_no_files);
    add_case(suite, "time zones", bytes_do_not_depend_on_the_time_zone);
}
