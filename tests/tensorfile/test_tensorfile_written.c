/* What is written is the same bytes as what NumPy and safetensors write (tests/golden/make_tensorfile.py), or, for npz, as what was
 * written before. */
#include <stdio.h>
#include <zip.h>

#include <atoms/atoms.h>

#include "counting_memory.h"
#include "files.h"
#include "golden_numbers.h"
#include "suite.h"
#include "tensorfile/tensorfile_internal.h"
#include "tensorfile_cases.h"

/* The script's tensors again, written here. The caller frees each data[dtype]. */
static void add_numbers(atoms_tensorwriter *writer, int32_t first, int32_t last, unsigned char *data[GOLDEN_NUMBERS + 1], const char *name)
{
    for (int32_t dtype = first; dtype <= last; dtype++) {
        char source[64];
        if (dtype == ATOMS_BF16 && !name[0]) continue;
        snprintf(source, sizeof source, "tensorfile/%s.npy", dtype == ATOMS_BF16 ? "f32" : golden_names[dtype]);
        size_t size, data_size = GOLDEN_ELEMENTS * (size_t)atoms_dtype_size(dtype);
        unsigned char *bytes = read_bytes(golden_path(source), &size);
        data[dtype] = malloc(data_size);
        if (dtype == ATOMS_BF16)
            for (int i = 0; i < GOLDEN_ELEMENTS; i++) memcpy(data[dtype] + 2 * i, bytes + size - 4 * GOLDEN_ELEMENTS + 4 * i + 2, 2); /* exact: few bits */
        else memcpy(data[dtype], bytes + size - data_size, data_size);
        free(bytes);
        ck_assert_ok(atoms_tensorwriter_add(writer, first == last ? "" : golden_names[dtype], dtype, 2, (int64_t[]){3, 4}, data[dtype]));
    }
}

static void check_same(const char *ours, const char *golden)
{
    size_t a, b;
    char path[128];
    snprintf(path, sizeof path, "tensorfile/%s", golden);
    unsigned char *x = read_bytes(ours, &a), *y = read_bytes(golden_path(path), &b);
    ck_assert_msg(a == b && memcmp(x, y, a) == 0, "%s was written with other bytes (%zu, not %zu)", golden, a, b);
    free(x);
    free(y);
}

START_TEST(npy_is_written_as_numpy_does)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    atoms_tensorwriter *writer;
    unsigned char *data[GOLDEN_NUMBERS + 1] = {0};
    char path[4096];
    snprintf(path, sizeof path, "%s", scratch_path("ours.npy"));
    for (int32_t dtype = 1; dtype <= GOLDEN_NUMBERS; dtype++) {
        char golden[64];
        if (dtype == ATOMS_BF16) continue;
        ck_assert_ok(atoms_tensorwriter_create(context, path, ATOMS_FILE_NPY, &writer));
        add_numbers(writer, dtype, dtype, data, "");
        ck_assert_ok(atoms_tensorwriter_commit(writer));
        atoms_tensorwriter_destroy(writer);
        snprintf(golden, sizeof golden, "%s.npy", golden_names[dtype]);
        check_same(path, golden);
        free(data[dtype]);
    }
    const struct {
        const char *golden;
        int32_t dtype, rank;
        int64_t shape[2];
    } cases[] = {{"scalar.npy", ATOMS_F64, 0, {0}}, {"empty.npy", ATOMS_F32, 2, {0, 3}}, {"vector.npy", ATOMS_F32, 1, {5}}};
    const double scalar = -1.5;
    const float vector[] = {-1.5f, -1.0f, -0.5f, 0.0f, 0.5f};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ck_assert_ok(atoms_tensorwriter_create(context, path, ATOMS_FILE_NPY, &writer));
        ck_assert_ok(atoms_tensorwriter_add(writer, "", cases[i].dtype, cases[i].rank, cases[i].shape, i == 2 ? (const void *)vector : &scalar));
        ck_assert_ok(atoms_tensorwriter_commit(writer));
        atoms_tensorwriter_destroy(writer);
        check_same(path, cases[i].golden);
    }
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

START_TEST(archives_are_written_with_the_same_bytes)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    for (int32_t format = ATOMS_FILE_NPZ; format <= ATOMS_FILE_SAFETENSORS; format++) {
        int safetensors = format == ATOMS_FILE_SAFETENSORS;
        atoms_tensorwriter *writer;
        unsigned char *data[GOLDEN_NUMBERS + 1] = {0};
        const double scalar = -1.5;
        char path[4096];
        snprintf(path, sizeof path, "%s", scratch_path(safetensors ? "ours.safetensors" : "ours.npz"));
        ck_assert_ok(atoms_tensorwriter_create(context, path, format, &writer));
        add_numbers(writer, 1, GOLDEN_NUMBERS, data, safetensors ? "bf16" : "");
        ck_assert_ok(atoms_tensorwriter_add(writer, "empty", ATOMS_F32, 2, (int64_t[]){0, 3}, NULL));
        ck_assert_ok(atoms_tensorwriter_add(writer, "scalar", ATOMS_F64, 0, NULL, &scalar));
        ck_assert_ok(atoms_tensorwriter_add(writer, safetensors ? "\xC3\xBC \"x\"" : "folder/\xC3\xBC", ATOMS_F32, 2, (int64_t[]){3, 4}, data[1]));
        if (safetensors) ck_assert_ok(atoms_tensorwriter_metadata(writer, "format", "pt"));
        else ck_assert_ok(atomsi_tensorwriter_add_text(writer, "text", "csr"));
        ck_assert_ok(atoms_tensorwriter_commit(writer));
        atoms_tensorwriter_destroy(writer);
        for (int32_t dtype = 1; dtype <= GOLDEN_NUMBERS; dtype++) free(data[dtype]);
        atoms_tensorfile *file;
        ck_assert_ok(atoms_tensorfile_open(context, path, &file));
        golden_check_all(file, safetensors ? "\xC3\xBC \"x\"" : "folder/\xC3\xBC");
        atoms_tensorfile_close(file);
        /* libzip chooses some fields of a zip itself, so its bytes are pinned for the version that made the golden file. */
        if (safetensors) check_same(path, "numbers.safetensors");
        else if (strcmp(zip_libzip_version(), "1.7.3") == 0) check_same(path, "written.npz");
    }
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

void add_written_cases(Suite *suite)
{
    add_case(suite, "npy bytes", npy_is_written_as_numpy_does);
    add_case(suite, "archive bytes", archives_are_written_with_the_same_bytes);
}
