/* A file appears complete or not at all, whatever operation fails. */
#define _XOPEN_SOURCE 700
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/atomic_file.h"
#include "context/context_internal.h"
#include "counting_memory.h"
#include "failing_io.h"
#include "files.h"
#include "suite.h"
#include "unsynced_io.h"

void add_atomic_file_cases(Suite *suite);

static int write_whole(atoms_context *context, const char *path, const char *text)
{
    base_atomic_file file;
    int error = base_atomic_open(&file, &context->io, &context->memory, path);
    if (error) return error;
    for (size_t n; (n = strlen(text)) && !error; text += n) {
        if (n > 4) n = 4; /* several writes */
        error = base_atomic_write(&file, text, n);
    }
    if (!error) error = base_atomic_commit(&file);
    base_atomic_abandon(&file);
    return error;
}

static int holds(const char *path, const char *text)
{
    unsigned char *bytes = read_bytes(path, NULL);
    int same = strcmp((char *)bytes, text) == 0;
    free(bytes);
    return same;
}

/* Loop index: which fault. Every operation is hit in turn, once and for ever after. */
START_TEST(every_operation_may_fail)
{
    static const int errors[] = {EIO, ENOSPC, EINTR, EAGAIN, 0};
    int error = errors[_i % 5], sticky = _i / 5;
    if (sticky && (error == EINTR || error == EAGAIN)) return; /* an endless storm is no fault but a hang of the system's */
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    const char *path = scratch_path("file");
    ck_assert_int_eq(write_whole(context, path, "the old text"), 0);
    int open_files = count_open_files(), visited = 0;
    for (int64_t k = 1;; k++) {
        failing_io io = {.fail_at = k, .sticky = sticky, .error = error};
        failing_io_use(&io, context);
        int result = write_whole(context, path, "a new text");
        ck_assert_int_eq(count_open_files(), open_files);
        ck_assert_int_eq(count_entries(scratch_folder()), 1);
        if (!io.failures) {
            ck_assert_int_eq(result, 0);
            break;
        }
        visited++;
        if (result == 0) {
            ck_assert(holds(path, "a new text"));
        } else {
            /* The directory's fsync comes after the rename: then the new file is there, whole. */
            ck_assert(holds(path, "the old text") || holds(path, "a new text"));
            ck_assert_int_eq(result, -error);
        }
        context->io = unsynced_io();
        ck_assert_int_eq(write_whole(context, path, "the old text"), 0);
    }
    ck_assert_int_ge(visited, 5);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

START_TEST(targets_that_are_no_files)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    ck_assert_int_eq(write_whole(context, "/dev/full", "text"), -ENOSPC);
    ck_assert_int_eq(write_whole(context, "/dev/null", "text"), 0);
    ck_assert(file_exists("/dev/full") && access("/dev/full.tmp", F_OK) != 0);
    ck_assert_int_eq(write_whole(context, scratch_folder(), "text"), -EISDIR);
    ck_assert_int_eq(write_whole(context, scratch_path("no/such"), "text"), -ENOENT);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

START_TEST(a_file_being_written_is_left_alone)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    const char *path = scratch_path("file");
    base_atomic_file file;
    ck_assert_int_eq(base_atomic_open(&file, &context->io, &context->memory, path), 0);
    ck_assert_int_eq(base_atomic_write(&file, "first", 5), 0);
    ck_assert_int_eq(write_whole(context, path, "second"), -EBUSY);
    ck_assert_int_eq(base_atomic_commit(&file), 0);
    ck_assert(holds(path, "first"));
    write_bytes(scratch_path("file.tmp"), "stale", 5); /* left by a killed run: taken over */
    ck_assert_int_eq(write_whole(context, path, "third"), 0);
    ck_assert(holds(path, "third"));
    ck_assert_int_eq(count_entries(scratch_folder()), 1);
    atoms_context_destroy(context);
}
END_TEST

/* /dev/stdout is such a link: were it replaced, every process would miss it. */
START_TEST(a_link_stays_a_link)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    const char *real = scratch_path("real"), *link = scratch_path("link"), *second = scratch_path("second");
    write_bytes(real, "the old text", 12);
    ck_assert_int_eq(symlink("real", link), 0); /* relative to its folder, not to the process's */
    ck_assert_int_eq(symlink(link, second), 0);
    struct stat s;
    ck_assert_int_eq(write_whole(context, second, "a new text"), 0);
    ck_assert(lstat(link, &s) == 0 && S_ISLNK(s.st_mode));
    ck_assert(lstat(second, &s) == 0 && S_ISLNK(s.st_mode));
    ck_assert(lstat(real, &s) == 0 && S_ISREG(s.st_mode));
    ck_assert(holds(real, "a new text"));
    ck_assert_int_eq(count_entries(scratch_folder()), 3);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

void add_atomic_file_cases(Suite *suite)
{
    add_case(suite, "atomic file links", a_link_stays_a_link);
    add_loop(suite, "atomic file faults", every_operation_may_fail, 10);
    add_case(suite, "atomic file targets", targets_that_are_no_files);
    add_case(suite, "atomic file lock", a_file_being_written_is_left_alone);
}
