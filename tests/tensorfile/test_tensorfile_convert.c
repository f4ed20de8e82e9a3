/* Values as they are converted in reading, at the ends of each type's range; and readings that are refused. */
#include <math.h>

#include <atoms/atoms.h>

#include "counting_memory.h"
#include "files.h"
#include "suite.h"
#include "tensorfile_cases.h"

START_TEST(values_convert)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    atoms_tensorwriter *writer;
    atoms_tensorfile *file;
    int64_t shape[] = {3}, index, i64[3];
    double f64[3];
    float f32[3];
    static const int8_t v_i8[] = {-128, 0, 127};
    static const uint8_t v_u8[] = {0, 1, 255};
    static const int16_t v_i16[] = {-32768, 0, 32767};
    static const uint16_t v_u16[] = {0, 1, 65535};
    static const int32_t v_i32[] = {INT32_MIN, 0, INT32_MAX};
    static const uint32_t v_u32[] = {0, 1, UINT32_MAX};
    static const int64_t v_i64[] = {INT64_MIN, 0, INT64_MAX};
    static const uint64_t v_u64[] = {0, INT64_MAX, UINT64_MAX};
    static const uint8_t v_bool[] = {0, 1, 1};
    static const uint16_t v_f16[] = {0x3C00, 0xFC00, 0x0001};
    static const uint16_t v_bf16[] = {0x3F80, 0xFF80, 0x0001};
    static const double v_f64[] = {0.1, 1e300, -0.0};
    ck_assert_ok(atoms_tensorwriter_create(context, scratch_path("c.safetensors"), ATOMS_FILE_SAFETENSORS, &writer));
    ck_assert_ok(atoms_tensorwriter_add(writer, "i8", ATOMS_I8, 1, shape, v_i8));
    ck_assert_ok(atoms_tensorwriter_add(writer, "u8", ATOMS_U8, 1, shape, v_u8));
    ck_assert_ok(atoms_tensorwriter_add(writer, "i16", ATOMS_I16, 1, shape, v_i16));
    ck_assert_ok(atoms_tensorwriter_add(writer, "u16", ATOMS_U16, 1, shape, v_u16));
    ck_assert_ok(atoms_tensorwriter_add(writer, "i32", ATOMS_I32, 1, shape, v_i32));
    ck_assert_ok(atoms_tensorwriter_add(writer, "u32", ATOMS_U32, 1, shape, v_u32));
    ck_assert_ok(atoms_tensorwriter_add(writer, "i64", ATOMS_I64, 1, shape, v_i64));
    ck_assert_ok(atoms_tensorwriter_add(writer, "u64", ATOMS_U64, 1, shape, v_u64));
    ck_assert_ok(atoms_tensorwriter_add(writer, "bool", ATOMS_BOOL, 1, shape, v_bool));
    ck_assert_ok(atoms_tensorwriter_add(writer, "f16", ATOMS_F16, 1, shape, v_f16));
    ck_assert_ok(atoms_tensorwriter_add(writer, "bf16", ATOMS_BF16, 1, shape, v_bf16));
    ck_assert_ok(atoms_tensorwriter_add(writer, "f64", ATOMS_F64, 1, shape, v_f64));
    ck_assert_ok(atoms_tensorwriter_commit(writer));
    atoms_tensorwriter_destroy(writer);
    ck_assert_ok(atoms_tensorfile_open(context, scratch_path("c.safetensors"), &file));
    static const struct {
        const char *name;
        int64_t low, middle, high;
    } integers[] = {{"i8", -128, 0, 127},         {"u8", 0, 1, 255},          {"i16", -32768, 0, 32767},        {"u16", 0, 1, 65535},
                    {"i32", INT32_MIN, 0, INT32_MAX}, {"u32", 0, 1, UINT32_MAX}, {"i64", INT64_MIN, 0, INT64_MAX}, {"bool", 0, 1, 1}};
    for (size_t i = 0; i < sizeof integers / sizeof *integers; i++) {
        ck_assert_ok(atoms_tensorfile_find(file, integers[i].name, &index));
        ck_assert_ok(atoms_tensorfile_read(file, index, 0, 3, ATOMS_I64, i64));
        ck_assert_ok(atoms_tensorfile_read(file, index, 0, 3, ATOMS_F64, f64));
        ck_assert(i64[0] == integers[i].low && i64[1] == integers[i].middle && i64[2] == integers[i].high);
        ck_assert(f64[0] == (double)integers[i].low && f64[2] == (double)integers[i].high);
        ck_assert_status(atoms_tensorfile_read(file, index, 0, 3, ATOMS_F32, f32), ATOMS_E_DTYPE);
    }
    ck_assert_ok(atoms_tensorfile_find(file, "u64", &index));
    ck_assert_ok(atoms_tensorfile_read(file, index, 0, 2, ATOMS_I64, i64));
    ck_assert(i64[1] == INT64_MAX);
    ck_assert_status(atoms_tensorfile_read(file, index, 0, 3, ATOMS_I64, i64), ATOMS_E_OVERFLOW);
    ck_assert_detail(context, "element 2 is beyond i64");
    ck_assert_ok(atoms_tensorfile_find(file, "f16", &index));
    ck_assert_ok(atoms_tensorfile_read(file, index, 0, 3, ATOMS_F32, f32));
    ck_assert(f32[0] == 1.0f && f32[1] == -INFINITY && f32[2] == 0x1p-24f);
    ck_assert_ok(atoms_tensorfile_find(file, "bf16", &index));
    ck_assert_ok(atoms_tensorfile_read(file, index, 0, 3, ATOMS_F64, f64));
    ck_assert(f64[0] == 1.0 && f64[1] == -INFINITY && f64[2] == 0x1p-133);
    ck_assert_ok(atoms_tensorfile_find(file, "f64", &index));
    ck_assert_ok(atoms_tensorfile_read(file, index, 0, 3, ATOMS_F32, f32));
    ck_assert(f32[0] == 0.1f && f32[1] == INFINITY && f32[2] == 0 && signbit(f32[2]));
    ck_assert_status(atoms_tensorfile_read(file, index, 0, 3, ATOMS_I64, i64), ATOMS_E_DTYPE);
    ck_assert_status(atoms_tensorfile_read(file, index, 0, 3, ATOMS_F16, i64), ATOMS_E_DTYPE);
    ck_assert_detail(context, "\"f64\" is F64, which is not read as f16");
    ck_assert_status(atoms_tensorfile_read(file, index, 1, 3, ATOMS_F64, f64), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_tensorfile_read(file, index, INT64_MAX, 1, ATOMS_F64, f64), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_tensorfile_read(file, index, -1, 1, ATOMS_F64, f64), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_tensorfile_read(file, index, 0, 1, ATOMS_F64, NULL), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_tensorfile_read(file, 99, 0, 1, ATOMS_F64, f64), ATOMS_E_ARGUMENT);
    ck_assert_ok(atoms_tensorfile_read(file, index, 3, 0, ATOMS_F64, NULL));
    atoms_tensorfile_close(file);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST


void add_convert_cases(Suite *suite)
{
    add_case(suite, "conversions", values_convert);
}
