/* Files of NumPy, SciPy and safetensors (tests/golden/make_tensorfile.py) are read; and what is written here is the same bytes as what
 * they write, or, for npz, as what was written before. */
#include <math.h>
#include <stdio.h>
#include <zip.h>

#include <atoms/atoms.h>

#include "counting_memory.h"
#include "files.h"
#include "suite.h"
#include "tensorfile/tensorfile_internal.h"
#include "tensorfile_cases.h"

enum { NUMBERS = 13, ELEMENTS = 12 };

static const char *const number_names[NUMBERS + 1] = {"",    "f32", "f64", "f16", "bf16", "i8",  "u8",
                                                      "i16", "u16", "i32", "u32", "i64",  "u64", "bool"};

/* Element i, as the script has it. */
static double element(int32_t dtype, int64_t i)
{
    switch (dtype) {
    case ATOMS_F32: case ATOMS_F64: case ATOMS_F16: case ATOMS_BF16: return ((double)i - 3) / 2;
    case ATOMS_BOOL: return (double)(i % 2);
    case ATOMS_U8: case ATOMS_U16: case ATOMS_U32: case ATOMS_U64: return 3 * (double)i;
    default: return (double)i - 3;
    }
}

static atoms_tensorfile *open_golden(atoms_context *context, const char *name)
{
    char path[256];
    atoms_tensorfile *file;
    snprintf(path, sizeof path, "tensorfile/%s", name);
    ck_assert_ok(atoms_tensorfile_open(context, golden_path(path), &file));
    return file;
}

static atoms_tensor_info info_of(const atoms_tensorfile *file, int64_t index)
{
    atoms_tensor_info info;
    ck_assert_ok(atoms_tensor_info_init(&info, sizeof info));
    ck_assert_ok(atoms_tensorfile_info(file, index, &info));
    return info;
}

/* Tensor `index` is the script's 3 × 4 of `dtype`, as f64 and, for integers, as i64. */
static void check_numbers(atoms_tensorfile *file, int64_t index, int32_t dtype, int column_major)
{
    atoms_tensor_info info = info_of(file, index);
    ck_assert_msg(info.dtype == dtype, "%s is dtype %d, not %d", info.name, (int)info.dtype, (int)dtype);
    ck_assert(info.rank == 2 && info.shape[0] == 3 && info.shape[1] == 4 && info.elements == ELEMENTS && info.column_major == column_major);
    double x[ELEMENTS];
    int64_t n[ELEMENTS];
    ck_assert_ok(atoms_tensorfile_read(file, index, 0, ELEMENTS, ATOMS_F64, x));
    for (int64_t i = 0; i < ELEMENTS; i++) ck_assert_double_eq(x[i], element(dtype, column_major ? i % 3 * 4 + i / 3 : i));
    if (dtype <= ATOMS_BF16) return;
    ck_assert_ok(atoms_tensorfile_read(file, index, 0, ELEMENTS, ATOMS_I64, n));
    for (int64_t i = 0; i < ELEMENTS; i++) ck_assert(n[i] == (int64_t)x[i]);
}

/* Loop index: dtype − 1. */
START_TEST(numpy_files_are_read)
{
    int32_t dtype = _i + 1;
    if (dtype == ATOMS_BF16) return;
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    char name[64];
    snprintf(name, sizeof name, "%s.npy", number_names[dtype]);
    atoms_tensorfile *file = open_golden(context, name);
    check_numbers(file, 0, dtype, 0);
    atoms_tensorfile_close(file);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

START_TEST(numpy_variants_are_read)
{
    static const struct {
        const char *name;
        int32_t dtype, column_major;
    } cases[] = {{"fortran.npy", ATOMS_F32, 1}, {"version2.npy", ATOMS_F32, 0}, {"version3.npy", ATOMS_F32, 0}, {"big_f2.npy", ATOMS_F16, 0},
                 {"big_f4.npy", ATOMS_F32, 0},  {"big_f8.npy", ATOMS_F64, 0},   {"big_i2.npy", ATOMS_I16, 0},   {"big_u4.npy", ATOMS_U32, 0},
                 {"big_i8.npy", ATOMS_I64, 0}};
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        atoms_tensorfile *file = open_golden(context, cases[i].name);
        check_numbers(file, 0, cases[i].dtype, cases[i].column_major);
        atoms_tensorfile_close(file);
    }
    float x[5];
    atoms_tensorfile *file = open_golden(context, "big_f4.npy"); /* as itself: turned round in place */
    ck_assert_ok(atoms_tensorfile_read(file, 0, 4, 3, ATOMS_F32, x));
    ck_assert(x[0] == 0.5f && x[1] == 1.0f && x[2] == 1.5f);
    atoms_tensorfile_close(file);
    file = open_golden(context, "scalar.npy");
    ck_assert(info_of(file, 0).rank == 0 && info_of(file, 0).elements == 1);
    ck_assert_ok(atoms_tensorfile_read(file, 0, 0, 1, ATOMS_F32, x));
    ck_assert(x[0] == -1.5f);
    atoms_tensorfile_close(file);
    file = open_golden(context, "empty.npy");
    ck_assert(info_of(file, 0).rank == 2 && info_of(file, 0).elements == 0 && info_of(file, 0).shape[1] == 3);
    ck_assert_ok(atoms_tensorfile_read(file, 0, 0, 0, ATOMS_F32, x));
    atoms_tensorfile_close(file);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

START_TEST(what_is_no_number_is_named)
{
    static const struct {
        const char *name, *text;
        size_t bytes;
    } cases[] = {{"text.npy", "|S3", 3}, {"unicode.npy", "<U3", 12}, {"complex.npy", "<c8", 16}};
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char raw[16];
        size_t bytes;
        atoms_tensorfile *file = open_golden(context, cases[i].name);
        ck_assert_int_eq(info_of(file, 0).dtype, 0);
        ck_assert_str_eq(info_of(file, 0).dtype_text, cases[i].text);
        ck_assert_ok(atomsi_tensorfile_read_raw(file, 0, raw, sizeof raw, &bytes));
        ck_assert_uint_eq(bytes, cases[i].bytes);
        ck_assert_status(atoms_tensorfile_read(file, 0, 0, 1, ATOMS_F64, raw), ATOMS_E_DTYPE);
        atoms_tensorfile_close(file);
    }
    atoms_tensorfile *file = open_golden(context, "named.safetensors");
    int64_t f8, c64;
    ck_assert_ok(atoms_tensorfile_find(file, "f8", &f8));
    ck_assert_ok(atoms_tensorfile_find(file, "c64", &c64));
    ck_assert_str_eq(info_of(file, f8).dtype_text, "F8_E4M3");
    ck_assert_str_eq(info_of(file, c64).dtype_text, "C64");
    ck_assert(info_of(file, f8).dtype == 0 && info_of(file, f8).elements == 6 && info_of(file, c64).elements == 2);
    atoms_tensorfile_close(file);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

/* Every number tensor of an archive, and its scalar, empty and oddly named ones. */
static void check_all(atoms_tensorfile *file, const char *odd_name)
{
    int checked = 0;
    int64_t index;
    double x;
    for (int32_t dtype = 1; dtype <= NUMBERS; dtype++) {
        if (dtype == ATOMS_BF16 && atoms_tensorfile_format(file) != ATOMS_FILE_SAFETENSORS) continue;
        ck_assert_ok(atoms_tensorfile_find(file, number_names[dtype], &index));
        check_numbers(file, index, dtype, 0);
        checked++;
    }
    ck_assert_int_ge(checked, 12);
    ck_assert_ok(atoms_tensorfile_find(file, odd_name, &index));
    check_numbers(file, index, ATOMS_F32, 0);
    ck_assert_ok(atoms_tensorfile_find(file, "scalar", &index));
    ck_assert_ok(atoms_tensorfile_read(file, index, 0, 1, ATOMS_F64, &x));
    ck_assert(x == -1.5 && info_of(file, index).rank == 0);
    ck_assert_ok(atoms_tensorfile_find(file, "empty", &index));
    ck_assert(info_of(file, index).elements == 0 && info_of(file, index).shape[1] == 3);
}

START_TEST(archives_are_read)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    atoms_tensorfile *file = open_golden(context, "stored.npz");
    check_all(file, "folder/\xC3\xBC");
    atoms_tensorfile_close(file);
    file = open_golden(context, "numbers.safetensors");
    check_all(file, "\xC3\xBC \"x\"");
    ck_assert_str_eq(atoms_tensorfile_metadata(file, "format"), "pt");
    atoms_tensorfile_close(file);
    file = open_golden(context, "compressed.npz");
    check_all(file, "folder/\xC3\xBC");
    int64_t index, n;
    ck_assert_ok(atoms_tensorfile_find(file, "long", &index));
    for (int64_t i = 8799; i >= 0; i -= 733) { /* backwards through a deflated member */
        ck_assert_ok(atoms_tensorfile_read(file, index, i, 1, ATOMS_I64, &n));
        ck_assert_int_eq(n, i - 3);
    }
    for (int64_t i = 0; i < 8800; i += 733) {
        ck_assert_ok(atoms_tensorfile_read(file, index, i, 1, ATOMS_I64, &n));
        ck_assert_int_eq(n, i - 3);
    }
    atoms_tensorfile_close(file);
    file = open_golden(context, "scipy.npz");
    char format[8];
    size_t bytes;
    int32_t indices[3];
    ck_assert_ok(atoms_tensorfile_find(file, "format", &index));
    ck_assert_ok(atomsi_tensorfile_read_raw(file, index, format, sizeof format, &bytes));
    ck_assert(bytes == 3 && memcmp(format, "csr", 3) == 0);
    ck_assert_ok(atoms_tensorfile_find(file, "indices", &index));
    ck_assert_ok(atoms_tensorfile_read(file, index, 0, 3, ATOMS_I32, indices));
    ck_assert(indices[0] == 0 && indices[1] == 1 && indices[2] == 2);
    atoms_tensorfile_close(file);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

/* The script's tensors again, written here. The caller frees each data[dtype]. */
static void add_numbers(atoms_tensorwriter *writer, int32_t first, int32_t last, unsigned char *data[NUMBERS + 1], const char *name)
{
    for (int32_t dtype = first; dtype <= last; dtype++) {
        char source[64];
        if (dtype == ATOMS_BF16 && !name[0]) continue;
        snprintf(source, sizeof source, "tensorfile/%s.npy", dtype == ATOMS_BF16 ? "f32" : number_names[dtype]);
        size_t size, data_size = ELEMENTS * (size_t)atoms_dtype_size(dtype);
        unsigned char *bytes = read_bytes(golden_path(source), &size);
        data[dtype] = malloc(data_size);
        if (dtype == ATOMS_BF16)
            for (int i = 0; i < ELEMENTS; i++) memcpy(data[dtype] + 2 * i, bytes + size - 4 * ELEMENTS + 4 * i + 2, 2); /* exact: few bits */
        else memcpy(data[dtype], bytes + size - data_size, data_size);
        free(bytes);
        ck_assert_ok(atoms_tensorwriter_add(writer, first == last ? "" : number_names[dtype], dtype, 2, (int64_t[]){3, 4}, data[dtype]));
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
    unsigned char *data[NUMBERS + 1] = {0};
    char path[4096];
    snprintf(path, sizeof path, "%s", scratch_path("ours.npy"));
    for (int32_t dtype = 1; dtype <= NUMBERS; dtype++) {
        char golden[64];
        if (dtype == ATOMS_BF16) continue;
        ck_assert_ok(atoms_tensorwriter_create(context, path, ATOMS_FILE_NPY, &writer));
        add_numbers(writer, dtype, dtype, data, "");
        ck_assert_ok(atoms_tensorwriter_commit(writer));
        atoms_tensorwriter_destroy(writer);
        snprintf(golden, sizeof golden, "%s.npy", number_names[dtype]);
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
        unsigned char *data[NUMBERS + 1] = {0};
        const double scalar = -1.5;
        char path[4096];
        snprintf(path, sizeof path, "%s", scratch_path(safetensors ? "ours.safetensors" : "ours.npz"));
        ck_assert_ok(atoms_tensorwriter_create(context, path, format, &writer));
        add_numbers(writer, 1, NUMBERS, data, safetensors ? "bf16" : "");
        ck_assert_ok(atoms_tensorwriter_add(writer, "empty", ATOMS_F32, 2, (int64_t[]){0, 3}, NULL));
        ck_assert_ok(atoms_tensorwriter_add(writer, "scalar", ATOMS_F64, 0, NULL, &scalar));
        ck_assert_ok(atoms_tensorwriter_add(writer, safetensors ? "\xC3\xBC \"x\"" : "folder/\xC3\xBC", ATOMS_F32, 2, (int64_t[]){3, 4}, data[1]));
        if (safetensors) ck_assert_ok(atoms_tensorwriter_metadata(writer, "format", "pt"));
        else ck_assert_ok(atomsi_tensorwriter_add_text(writer, "text", "csr"));
        ck_assert_ok(atoms_tensorwriter_commit(writer));
        atoms_tensorwriter_destroy(writer);
        for (int32_t dtype = 1; dtype <= NUMBERS; dtype++) free(data[dtype]);
        atoms_tensorfile *file;
        ck_assert_ok(atoms_tensorfile_open(context, path, &file));
        check_all(file, safetensors ? "\xC3\xBC \"x\"" : "folder/\xC3\xBC");
        atoms_tensorfile_close(file);
        /* libzip chooses some fields of a zip itself, so its bytes are pinned for the version that made the golden file. */
        if (safetensors) check_same(path, "numbers.safetensors");
        else if (strcmp(zip_libzip_version(), "1.7.3") == 0) check_same(path, "written.npz");
    }
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

void add_golden_cases(Suite *suite)
{
    add_loop(suite, "npy from NumPy", numpy_files_are_read, NUMBERS);
    add_case(suite, "npy variants", numpy_variants_are_read);
    add_case(suite, "named only", what_is_no_number_is_named);
    add_case(suite, "archives read", archives_are_read);
    add_case(suite, "npy bytes", npy_is_written_as_numpy_does);
    add_case(suite, "archive bytes", archives_are_written_with_the_same_bytes);
}
