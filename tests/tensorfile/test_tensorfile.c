/* Tensor files: what is written is read back, for every format and dtype; what is asked wrongly is refused. */
#include <atoms/atoms.h>
#include <stdio.h>

#include "counting_memory.h"
#include "files.h"
#include "suite.h"
#include "tensorfile/tensorfile_internal.h"
#include "tensorfile_cases.h"

static const char *const file_names[] = {"", "t.npy", "t.npz", "t.safetensors"};

enum { ROWS = 37, COLS = 401, ELEMENTS = ROWS * COLS }; /* more than one staging block of f64 */

/* Bytes in which every element differs from its neighbours; floats are finite, bools 0 or 1. */
static unsigned char *pattern(int32_t dtype)
{
    int64_t size = atoms_dtype_size(dtype);
    unsigned char *bytes = malloc((size_t)(ELEMENTS * size));
    for (int64_t i = 0; i < ELEMENTS * size; i++) bytes[i] = (unsigned char)(i * 7 + i / 251) & (dtype <= ATOMS_BF16 ? 0x3F : 0xFF);
    if (dtype == ATOMS_BOOL)
        for (int64_t i = 0; i < ELEMENTS; i++) bytes[i] &= 1;
    return bytes;
}

static int32_t stream_block(void *user, int64_t first, int64_t count, void *out)
{
    const unsigned char *data = user;
    memcpy(out, data + first * 4, (size_t)count * 4);
    return 0;
}

static int32_t stream_that_fails(void *user, int64_t first, int64_t count, void *out)
{
    (void)user;
    memset(out, 0, (size_t)count * 4);
    return first > 0;
}

static void save(atoms_context *context, const char *path, int32_t format, int32_t dtype, const void *data)
{
    atoms_tensorwriter *writer;
    ck_assert_ok(atoms_tensorwriter_create(context, path, format, &writer));
    ck_assert_ok(atoms_tensorwriter_add(writer, format == ATOMS_FILE_NPY ? "" : "x", dtype, 2, (int64_t[]){ROWS, COLS}, data));
    ck_assert_ok(atoms_tensorwriter_commit(writer));
    atoms_tensorwriter_destroy(writer);
}

/* Loop index: format·16 + dtype. */
START_TEST(every_dtype_comes_back)
{
    int32_t format = _i / 16 + 1, dtype = _i % 16;
    int64_t size = atoms_dtype_size(dtype);
    if (!size) return;
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    const char *path = scratch_path(file_names[format]);
    unsigned char *data = pattern(dtype), *back = malloc((size_t)(ELEMENTS * size));
    if (dtype == ATOMS_BF16 && format != ATOMS_FILE_SAFETENSORS) {
        atoms_tensorwriter *writer;
        ck_assert_ok(atoms_tensorwriter_create(context, path, format, &writer));
        ck_assert_status(atoms_tensorwriter_add(writer, format == ATOMS_FILE_NPY ? "" : "x", dtype, 0, NULL, data), ATOMS_E_DTYPE);
        ck_assert_detail(context, "have no bf16");
        atoms_tensorwriter_destroy(writer);
    } else {
        save(context, path, format, dtype, data);
        atoms_tensorfile *file;
        atoms_tensor_info info;
        ck_assert_ok(atoms_tensorfile_open(context, path, &file));
        ck_assert_int_eq(atoms_tensorfile_format(file), format);
        ck_assert_int_eq(atoms_tensorfile_count(file), 1);
        ck_assert_ok(atoms_tensor_info_init(&info, sizeof info));
        ck_assert_ok(atoms_tensorfile_info(file, 0, &info));
        ck_assert(info.dtype == dtype && info.rank == 2 && info.shape[0] == ROWS && info.shape[1] == COLS && info.elements == ELEMENTS);
        ck_assert_str_eq(info.name, format == ATOMS_FILE_NPY ? "" : "x");
        ck_assert(!info.column_major);
        ck_assert_ok(atoms_tensorfile_read(file, 0, 0, ELEMENTS, dtype, back));
        ck_assert(memcmp(back, data, (size_t)(ELEMENTS * size)) == 0);
        for (int64_t first = ELEMENTS - 5; first >= 0; first -= 997) { /* backwards: any part, in any order */
            ck_assert_ok(atoms_tensorfile_read(file, 0, first, 5, dtype, back));
            ck_assert(memcmp(back, data + first * size, (size_t)(5 * size)) == 0);
        }
        atoms_tensorfile_close(file);
    }
    free(data);
    free(back);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

START_TEST(a_stream_is_the_same_file)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    unsigned char *data = pattern(ATOMS_F32);
    for (int32_t format = 1; format <= 3; format++) {
        size_t a, b;
        save(context, scratch_path("memory"), format, ATOMS_F32, data);
        for (int fails = 0; fails < 2; fails++) {
            atoms_tensorwriter *writer;
            ck_assert_ok(atoms_tensorwriter_create(context, scratch_path("stream"), format, &writer));
            ck_assert_ok(atoms_tensorwriter_add_stream(writer, format == ATOMS_FILE_NPY ? "" : "x", ATOMS_F32, 2, (int64_t[]){ROWS, COLS},
                                                       fails ? stream_that_fails : stream_block, data));
            ck_assert_status(atoms_tensorwriter_commit(writer), fails ? ATOMS_E_CANCELLED : ATOMS_OK);
            if (fails) ck_assert_detail(context, "failed at element 8192");
            ck_assert_status(atoms_tensorwriter_commit(writer), ATOMS_E_STATE);
            atoms_tensorwriter_destroy(writer);
            unsigned char *x = read_bytes(scratch_path("memory"), &a), *y = read_bytes(scratch_path("stream"), &b);
            ck_assert(a == b && memcmp(x, y, a) == 0); /* the failed one left the first */
            free(x);
            free(y);
            ck_assert_int_eq(count_entries(scratch_folder()), 2);
        }
    }
    free(data);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

START_TEST(text_members_for_scipy)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    atoms_tensorwriter *writer;
    atoms_tensorfile *file;
    char text[8];
    size_t bytes = 0;
    int64_t index, shape[] = {3, 4};
    ck_assert_ok(atoms_tensorwriter_create(context, scratch_path("csr.npz"), ATOMS_FILE_NPZ, &writer));
    ck_assert_ok(atomsi_tensorwriter_add_text(writer, "format", "csr"));
    ck_assert_status(atomsi_tensorwriter_add_text(writer, "empty", ""), ATOMS_E_ARGUMENT);
    ck_assert_ok(atoms_tensorwriter_add(writer, "shape", ATOMS_I64, 1, (int64_t[]){2}, shape));
    ck_assert_ok(atoms_tensorwriter_commit(writer));
    atoms_tensorwriter_destroy(writer);
    ck_assert_ok(atoms_tensorfile_open(context, scratch_path("csr.npz"), &file));
    ck_assert_ok(atoms_tensorfile_find(file, "format", &index));
    atoms_tensor_info info;
    ck_assert_ok(atoms_tensor_info_init(&info, sizeof info));
    ck_assert_ok(atoms_tensorfile_info(file, index, &info));
    ck_assert(info.dtype == 0 && info.rank == 0 && info.elements == 1);
    ck_assert_str_eq(info.dtype_text, "|S3");
    ck_assert_status(atomsi_tensorfile_read_raw(file, index, text, 2, &bytes), ATOMS_E_CAPACITY);
    ck_assert_ok(atomsi_tensorfile_read_raw(file, index, text, sizeof text, &bytes));
    ck_assert(bytes == 3 && memcmp(text, "csr", 3) == 0);
    ck_assert_status(atoms_tensorfile_read(file, index, 0, 1, ATOMS_F32, text), ATOMS_E_DTYPE);
    ck_assert_status(atoms_tensorfile_find(file, "data", &index), ATOMS_E_NOT_FOUND);
    ck_assert_detail(context, "there are 2: format, shape");
    atoms_tensorfile_close(file);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

START_TEST(safetensors_metadata)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    atoms_tensorwriter *writer;
    atoms_tensorfile *file;
    ck_assert_ok(atoms_tensorwriter_create(context, scratch_path("m"), ATOMS_FILE_SAFETENSORS, &writer));
    ck_assert_ok(atoms_tensorwriter_metadata(writer, "kind", "a \"quoted\" \xC3\xBC\n"));
    ck_assert_ok(atoms_tensorwriter_metadata(writer, "a", ""));
    ck_assert_status(atoms_tensorwriter_metadata(writer, "a", "again"), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_tensorwriter_metadata(writer, "b", "\xC0\x80"), ATOMS_E_ARGUMENT);
    ck_assert_ok(atoms_tensorwriter_commit(writer)); /* no tensors: a legal file */
    atoms_tensorwriter_destroy(writer);
    ck_assert_ok(atoms_tensorfile_open(context, scratch_path("m"), &file));
    ck_assert_int_eq(atoms_tensorfile_count(file), 0);
    ck_assert_str_eq(atoms_tensorfile_metadata(file, "kind"), "a \"quoted\" \xC3\xBC\n");
    ck_assert_str_eq(atoms_tensorfile_metadata(file, "a"), "");
    ck_assert_ptr_null(atoms_tensorfile_metadata(file, "none"));
    atoms_tensorfile_close(file);
    for (int32_t format = ATOMS_FILE_NPY; format <= ATOMS_FILE_NPZ; format++) {
        ck_assert_ok(atoms_tensorwriter_create(context, scratch_path("m"), format, &writer));
        ck_assert_status(atoms_tensorwriter_metadata(writer, "a", "b"), ATOMS_E_UNSUPPORTED);
        ck_assert_status(atoms_tensorwriter_commit(writer), ATOMS_E_STATE);
        ck_assert_detail(context, "no tensor to write");
        atoms_tensorwriter_destroy(writer);
    }
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

START_TEST(a_writer_refuses_what_it_cannot_write)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    atoms_tensorwriter *writer = (atoms_tensorwriter *)(uintptr_t)1;
    int64_t huge[] = {0, INT64_MAX, 2}, negative[] = {-1}, one[] = {1};
    float x = 0;
    ck_assert_status(atoms_tensorwriter_create(context, NULL, ATOMS_FILE_NPY, &writer), ATOMS_E_ARGUMENT);
    ck_assert_ptr_null(writer);
    ck_assert_status(atoms_tensorwriter_create(context, "x", 4, &writer), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_tensorwriter_create(context, "x", ATOMS_FILE_NPY, NULL), ATOMS_E_ARGUMENT);
    ck_assert_ok(atoms_tensorwriter_create(context, scratch_path("t.npz"), ATOMS_FILE_NPZ, &writer));
    ck_assert_status(atoms_tensorwriter_add(writer, NULL, ATOMS_F32, 0, NULL, &x), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_tensorwriter_add(writer, "", ATOMS_F32, 0, NULL, &x), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_tensorwriter_add(writer, "\xED\xA0\x80", ATOMS_F32, 0, NULL, &x), ATOMS_E_ARGUMENT); /* a surrogate */
    ck_assert_status(atoms_tensorwriter_add(writer, "a", 14, 0, NULL, &x), ATOMS_E_DTYPE);
    ck_assert_status(atoms_tensorwriter_add(writer, "a", ATOMS_F32, 9, huge, &x), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_tensorwriter_add(writer, "a", ATOMS_F32, 1, NULL, &x), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_tensorwriter_add(writer, "a", ATOMS_F32, 3, huge, &x), ATOMS_E_OVERFLOW);
    ck_assert_status(atoms_tensorwriter_add(writer, "a", ATOMS_F32, 1, negative, &x), ATOMS_E_SHAPE);
    ck_assert_status(atoms_tensorwriter_add(writer, "a", ATOMS_F32, 1, one, NULL), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_tensorwriter_add_stream(writer, "a", ATOMS_F32, 1, one, NULL, NULL), ATOMS_E_ARGUMENT);
    ck_assert_ok(atoms_tensorwriter_add(writer, "a", ATOMS_F32, 1, one, &x));
    ck_assert_status(atoms_tensorwriter_add(writer, "a", ATOMS_F32, 1, one, &x), ATOMS_E_ARGUMENT);
    ck_assert_detail(context, "given to two tensors");
    ck_assert_int_eq(count_entries(scratch_folder()), 0); /* nothing is touched before commit */
    ck_assert_ok(atoms_tensorwriter_commit(writer));
    ck_assert_status(atoms_tensorwriter_add(writer, "b", ATOMS_F32, 1, one, &x), ATOMS_E_STATE);
    atoms_tensorwriter_destroy(writer);
    ck_assert_ok(atoms_tensorwriter_create(context, scratch_path("t.npy"), ATOMS_FILE_NPY, &writer));
    ck_assert_status(atoms_tensorwriter_add(writer, "a", ATOMS_F32, 1, one, &x), ATOMS_E_ARGUMENT);
    ck_assert_ok(atoms_tensorwriter_add(writer, "", ATOMS_F32, 1, one, &x));
    ck_assert_status(atoms_tensorwriter_add(writer, "", ATOMS_F32, 1, one, &x), ATOMS_E_ARGUMENT);
    atoms_tensorwriter_destroy(writer);
    ck_assert_ok(atoms_tensorwriter_create(context, scratch_path("t"), ATOMS_FILE_SAFETENSORS, &writer));
    ck_assert_status(atoms_tensorwriter_add(writer, "__metadata__", ATOMS_F32, 1, one, &x), ATOMS_E_ARGUMENT);
    ck_assert_status(atomsi_tensorwriter_add_text(writer, "t", "text"), ATOMS_E_UNSUPPORTED);
    atoms_tensorwriter_destroy(writer);
    atoms_tensorwriter_destroy(NULL);
    atoms_tensorfile_close(NULL);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

/* As many members as a reader takes, and one more. */
START_TEST(an_npz_has_a_limit_of_members)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    atoms_tensorwriter *writer;
    atoms_tensorfile *file;
    char name[8], x = 0;
    ck_assert_ok(atoms_tensorwriter_create(context, scratch_path("many.npz"), ATOMS_FILE_NPZ, &writer));
    for (int i = 0; i < 4096; i++) {
        snprintf(name, sizeof name, "%d", i);
        ck_assert_ok(atoms_tensorwriter_add(writer, name, ATOMS_I8, 0, NULL, &x));
    }
    ck_assert_status(atoms_tensorwriter_add(writer, "more", ATOMS_I8, 0, NULL, &x), ATOMS_E_LIMIT);
    ck_assert_detail(context, "4096");
    ck_assert_ok(atoms_tensorwriter_commit(writer));
    atoms_tensorwriter_destroy(writer);
    ck_assert_ok(atoms_tensorfile_open(context, scratch_path("many.npz"), &file));
    ck_assert_int_eq(atoms_tensorfile_count(file), 4096);
    atoms_tensorfile_close(file);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

START_TEST(a_file_that_is_none_is_refused)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    atoms_tensorfile *file = (atoms_tensorfile *)(uintptr_t)1;
    atoms_tensor_info info = {0};
    ck_assert_status(atoms_tensorfile_open(context, scratch_path("none"), &file), ATOMS_E_NOT_FOUND);
    ck_assert_ptr_null(file);
    ck_assert_status(atoms_tensorfile_open(context, scratch_folder(), &file), ATOMS_E_IO);
    ck_assert_status(atoms_tensorfile_open(context, NULL, &file), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_tensorfile_open(context, "x", NULL), ATOMS_E_ARGUMENT);
    write_bytes(scratch_path("text"), "no tensors in here", 18);
    ck_assert_status(atoms_tensorfile_open(context, scratch_path("text"), &file), ATOMS_E_FORMAT);
    ck_assert_detail(context, "it is no npy, npz or safetensors file");
    ck_assert_status(atoms_tensorfile_open(context, "/dev/null", &file), ATOMS_E_FORMAT);
    ck_assert_int_eq(atoms_tensorfile_count(NULL) + atoms_tensorfile_format(NULL), 0);
    ck_assert_ptr_null(atoms_tensorfile_metadata(NULL, "a"));
    float x = 0;
    unsigned char *data = pattern(ATOMS_I8);
    save(context, scratch_path("t.npy"), ATOMS_FILE_NPY, ATOMS_I8, data);
    free(data);
    ck_assert_ok(atoms_tensorfile_open(context, scratch_path("t.npy"), &file));
    ck_assert_status(atoms_tensorfile_info(file, 0, &info), ATOMS_E_ARGUMENT);
    ck_assert_detail(context, "struct_size is not set");
    ck_assert_status(atoms_tensorfile_info(file, 1, &info), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_tensorfile_read(file, -1, 0, 1, ATOMS_I8, &x), ATOMS_E_ARGUMENT);
    atoms_tensorfile_close(file);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

static void add_cases(Suite *suite)
{
    add_loop(suite, "round trips", every_dtype_comes_back, 48);
    add_case(suite, "streams", a_stream_is_the_same_file);
    add_case(suite, "text", text_members_for_scipy);
    add_case(suite, "metadata", safetensors_metadata);
    add_case(suite, "writer", a_writer_refuses_what_it_cannot_write);
    add_case(suite, "npz members", an_npz_has_a_limit_of_members);
    add_case(suite, "no tensor file", a_file_that_is_none_is_refused);
    add_convert_cases(suite);
    add_golden_cases(suite);
    add_written_cases(suite);
    add_fault_cases(suite);
    add_map_cases(suite);
    add_corrupt_npy_cases(suite);
    add_corrupt_npz_cases(suite);
    add_corrupt_safetensors_cases(suite);
}

SUITE_MAIN("tensorfile", add_cases)
