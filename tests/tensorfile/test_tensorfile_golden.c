/* Files of NumPy, SciPy and safetensors (tests/golden/make_tensorfile.py) are read. */
#include <stdio.h>

#include <atoms/atoms.h>

#include "counting_memory.h"
#include "golden_numbers.h"
#include "suite.h"
#include "tensorfile/tensorfile_internal.h"
#include "tensorfile_cases.h"

/* Loop index: dtype − 1. */
START_TEST(numpy_files_are_read)
{
    int32_t dtype = _i + 1;
    if (dtype == ATOMS_BF16) return;
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    char name[64];
    snprintf(name, sizeof name, "%s.npy", golden_names[dtype]);
    atoms_tensorfile *file = golden_open(context, name);
    golden_check_numbers(file, 0, dtype, 0);
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
        atoms_tensorfile *file = golden_open(context, cases[i].name);
        golden_check_numbers(file, 0, cases[i].dtype, cases[i].column_major);
        atoms_tensorfile_close(file);
    }
    float x[5];
    atoms_tensorfile *file = golden_open(context, "big_f4.npy"); /* as itself: turned round in place */
    ck_assert_ok(atoms_tensorfile_read(file, 0, 4, 3, ATOMS_F32, x));
    ck_assert(x[0] == 0.5f && x[1] == 1.0f && x[2] == 1.5f);
    atoms_tensorfile_close(file);
    file = golden_open(context, "scalar.npy");
    ck_assert(golden_info(file, 0).rank == 0 && golden_info(file, 0).elements == 1);
    ck_assert_ok(atoms_tensorfile_read(file, 0, 0, 1, ATOMS_F32, x));
    ck_assert(x[0] == -1.5f);
    atoms_tensorfile_close(file);
    file = golden_open(context, "empty.npy");
    ck_assert(golden_info(file, 0).rank == 2 && golden_info(file, 0).elements == 0 && golden_info(file, 0).shape[1] == 3);
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
        atoms_tensorfile *file = golden_open(context, cases[i].name);
        ck_assert_int_eq(golden_info(file, 0).dtype, 0);
        ck_assert_str_eq(golden_info(file, 0).dtype_text, cases[i].text);
        ck_assert_ok(atomsi_tensorfile_read_raw(file, 0, raw, sizeof raw, &bytes));
        ck_assert_uint_eq(bytes, cases[i].bytes);
        ck_assert_status(atoms_tensorfile_read(file, 0, 0, 1, ATOMS_F64, raw), ATOMS_E_DTYPE);
        atoms_tensorfile_close(file);
    }
    atoms_tensorfile *file = golden_open(context, "named.safetensors");
    int64_t f8, c64;
    ck_assert_ok(atoms_tensorfile_find(file, "f8", &f8));
    ck_assert_ok(atoms_tensorfile_find(file, "c64", &c64));
    ck_assert_str_eq(golden_info(file, f8).dtype_text, "F8_E4M3");
    ck_assert_str_eq(golden_info(file, c64).dtype_text, "C64");
    ck_assert(golden_info(file, f8).dtype == 0 && golden_info(file, f8).elements == 6 && golden_info(file, c64).elements == 2);
    atoms_tensorfile_close(file);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

START_TEST(archives_are_read)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    atoms_tensorfile *file = golden_open(context, "stored.npz");
    golden_check_all(file, "folder/\xC3\xBC");
    atoms_tensorfile_close(file);
    file = golden_open(context, "numbers.safetensors");
    golden_check_all(file, "\xC3\xBC \"x\"");
    ck_assert_str_eq(atoms_tensorfile_metadata(file, "format"), "pt");
    atoms_tensorfile_close(file);
    file = golden_open(context, "compressed.npz");
    golden_check_all(file, "folder/\xC3\xBC");
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
    file = golden_open(context, "scipy.npz");
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

void add_golden_cases(Suite *suite)
{
    add_loop(suite, "npy from NumPy", numpy_files_are_read, GOLDEN_NUMBERS);
    add_case(suite, "npy variants", numpy_variants_are_read);
    add_case(suite, "named only", what_is_no_number_is_named);
    add_case(suite, "archives read", archives_are_read);
}
