/* Mapped tensors are the bytes of the file, as reading gives them; what cannot be mapped says why. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <atoms/atoms.h>

#include "context/context_internal.h"
#include "counting_memory.h"
#include "failing_io.h"
#include "files.h"
#include "suite.h"
#include "tensorfile_cases.h"

enum { ELEMENTS = 5000 };

/* A file of one tensor, called "x" unless it is an npy. */
static atoms_tensorfile *open_made(atoms_context *context, const char *path, int32_t format)
{
    float data[ELEMENTS];
    atoms_tensorwriter *writer;
    atoms_tensorfile *file;
    for (int i = 0; i < ELEMENTS; i++) data[i] = (float)i / 3;
    ck_assert_ok(atoms_tensorwriter_create(context, path, format, &writer));
    ck_assert_ok(atoms_tensorwriter_add(writer, format == ATOMS_FILE_NPY ? "" : "x", ATOMS_F32, 1, (int64_t[]){ELEMENTS}, data));
    ck_assert_ok(atoms_tensorwriter_commit(writer));
    atoms_tensorwriter_destroy(writer);
    ck_assert_ok(atoms_tensorfile_open(context, path, &file));
    return file;
}

static int64_t find(const atoms_tensorfile *file, const char *name)
{
    int64_t index = 0;
    if (atoms_tensorfile_format(file) != ATOMS_FILE_NPY) ck_assert_ok(atoms_tensorfile_find(file, name, &index));
    return index;
}

/* Loop index: npy or safetensors. The mapping is of the file that was opened, also after another one has taken its name. */
START_TEST(what_is_mapped_is_what_is_read)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    char path[4096];
    snprintf(path, sizeof path, "%s", scratch_path("mapped"));
    int open_files = count_open_files();
    atoms_tensorfile *file = open_made(context, path, _i ? ATOMS_FILE_SAFETENSORS : ATOMS_FILE_NPY);
    float data[ELEMENTS];
    const void *mapped = NULL, *again = NULL;
    int64_t index = find(file, "x"), requests = memory.requests;
    ck_assert_ok(atoms_tensorfile_map(file, index, &mapped));
    ck_assert_int_eq(memory.requests, requests);
    ck_assert_ok(atoms_tensorfile_read(file, index, 0, ELEMENTS, ATOMS_F32, data));
    atoms_tensorfile_close(open_made(context, path, ATOMS_FILE_NPZ));
    ck_assert_ok(atoms_tensorfile_map(file, index, &again));
    ck_assert_ptr_eq(mapped, again);
    ck_assert_int_eq(memcmp(mapped, data, sizeof data), 0);
    ck_assert(data[ELEMENTS - 1] == (float)(ELEMENTS - 1) / 3);
    atoms_tensorfile_close(file);
    ck_assert_int_eq(count_open_files(), open_files);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

START_TEST(what_cannot_be_mapped_says_why)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    const void *mapped = NULL;
    atoms_tensorfile *file = open_made(context, scratch_path("m.npz"), ATOMS_FILE_NPZ);
    ck_assert_status(atoms_tensorfile_map(file, 0, &mapped), ATOMS_E_UNSUPPORTED);
    ck_assert_detail(context, "members of an npz are not mapped");
    ck_assert_status(atoms_tensorfile_map(file, 1, &mapped), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_tensorfile_map(file, 0, NULL), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_tensorfile_map(NULL, 0, &mapped), ATOMS_E_ARGUMENT);
    atoms_tensorfile_close(file);

    static const char odd[] = "\x70\0\0\0\0\0\0\0"
                              "{\"byte\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},\"odd\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[1,5]}} "
                              "b\0\0\x80\x3f";
    write_bytes(scratch_path("odd.safetensors"), odd, sizeof odd - 1);
    ck_assert_ok(atoms_tensorfile_open(context, scratch_path("odd.safetensors"), &file));
    ck_assert_status(atoms_tensorfile_map(file, find(file, "odd"), &mapped), ATOMS_E_UNSUPPORTED);
    ck_assert_detail(context, "does not lie aligned");
    ck_assert_ok(atoms_tensorfile_map(file, find(file, "byte"), &mapped));
    ck_assert_int_eq(*(const char *)mapped, 'b');
    atoms_tensorfile_close(file);

    static const char header[] = "\x93NUMPY\1\0\x46\0{'descr': '>f4', 'fortran_order': False, 'shape': (1,), }            \n\0\0\x80\x3f";
    write_bytes(scratch_path("big.npy"), header, sizeof header - 1);
    mapped = NULL;
    ck_assert_ok(atoms_tensorfile_open(context, scratch_path("big.npy"), &file));
    ck_assert_status(atoms_tensorfile_map(file, 0, &mapped), ATOMS_E_UNSUPPORTED);
    ck_assert_detail(context, "big-endian");
    ck_assert_ptr_null(mapped);
    atoms_tensorfile_close(file);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

START_TEST(a_file_cut_short_or_not_mapped_is_an_error)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    const void *mapped = NULL;
    atoms_tensorfile *file = open_made(context, scratch_path("m.npy"), ATOMS_FILE_NPY);
    for (int64_t k = 1; k <= 2; k++) { /* its size, the mapping */
        failing_io io = {.fail_at = k, .error = EIO};
        failing_io_use(&io, context);
        ck_assert_status(atoms_tensorfile_map(file, 0, &mapped), ATOMS_E_IO);
        ck_assert_int_eq(io.failures, 1);
    }
    context->io = base_io_posix();
    ck_assert_int_eq(truncate(scratch_path("m.npy"), 100), 0);
    ck_assert_status(atoms_tensorfile_map(file, 0, &mapped), ATOMS_E_FORMAT);
    ck_assert_ptr_null(mapped);
    atoms_tensorfile_close(file);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

void add_map_cases(Suite *suite)
{
    add_loop(suite, "mapped", what_is_mapped_is_what_is_read, 2);
    add_case(suite, "not mapped", what_cannot_be_mapped_says_why);
    add_case(suite, "mapping fails", a_file_cut_short_or_not_mapped_is_an_error);
}
