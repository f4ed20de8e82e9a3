#include "golden_numbers.h"

#include <stdio.h>

#include "files.h"
#include "suite.h"

const char *const golden_names[GOLDEN_NUMBERS + 1] = {"",    "f32", "f64", "f16", "bf16", "i8",  "u8",
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

atoms_tensorfile *golden_open(atoms_context *context, const char *name)
{
    char path[256];
    atoms_tensorfile *file;
    snprintf(path, sizeof path, "tensorfile/%s", name);
    ck_assert_ok(atoms_tensorfile_open(context, golden_path(path), &file));
    return file;
}

atoms_tensor_info golden_info(const atoms_tensorfile *file, int64_t index)
{
    atoms_tensor_info info;
    ck_assert_ok(atoms_tensor_info_init(&info, sizeof info));
    ck_assert_ok(atoms_tensorfile_info(file, index, &info));
    return info;
}

/* Tensor `index` is the script's 3 × 4 of `dtype`, as f64 and, for integers, as i64. */
void golden_check_numbers(atoms_tensorfile *file, int64_t index, int32_t dtype, int column_major)
{
    atoms_tensor_info info = golden_info(file, index);
    ck_assert_msg(info.dtype == dtype, "%s is dtype %d, not %d", info.name, (int)info.dtype, (int)dtype);
    ck_assert(info.rank == 2 && info.shape[0] == 3 && info.shape[1] == 4 && info.elements == GOLDEN_ELEMENTS && info.column_major == column_major);
    double x[GOLDEN_ELEMENTS];
    int64_t n[GOLDEN_ELEMENTS];
    ck_assert_ok(atoms_tensorfile_read(file, index, 0, GOLDEN_ELEMENTS, ATOMS_F64, x));
    for (int64_t i = 0; i < GOLDEN_ELEMENTS; i++) ck_assert_double_eq(x[i], element(dtype, column_major ? i % 3 * 4 + i / 3 : i));
    if (dtype <= ATOMS_BF16) return;
    ck_assert_ok(atoms_tensorfile_read(file, index, 0, GOLDEN_ELEMENTS, ATOMS_I64, n));
    for (int64_t i = 0; i < GOLDEN_ELEMENTS; i++) ck_assert(n[i] == (int64_t)x[i]);
}

/* Every number tensor of an archive, and its scalar, empty and oddly named ones. */
void golden_check_all(atoms_tensorfile *file, const char *odd_name)
{
    int checked = 0;
    int64_t index;
    double x;
    for (int32_t dtype = 1; dtype <= GOLDEN_NUMBERS; dtype++) {
        if (dtype == ATOMS_BF16 && atoms_tensorfile_format(file) != ATOMS_FILE_SAFETENSORS) continue;
        ck_assert_ok(atoms_tensorfile_find(file, golden_names[dtype], &index));
        golden_check_numbers(file, index, dtype, 0);
        checked++;
    }
    ck_assert_int_ge(checked, 12);
    ck_assert_ok(atoms_tensorfile_find(file, odd_name, &index));
    golden_check_numbers(file, index, ATOMS_F32, 0);
    ck_assert_ok(atoms_tensorfile_find(file, "scalar", &index));
    ck_assert_ok(atoms_tensorfile_read(file, index, 0, 1, ATOMS_F64, &x));
    ck_assert(x == -1.5 && golden_info(file, index).rank == 0);
    ck_assert_ok(atoms_tensorfile_find(file, "empty", &index));
    ck_assert(golden_info(file, index).elements == 0 && golden_info(file, index).shape[1] == 3);
}
