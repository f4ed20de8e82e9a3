#include <atoms/matrix.h>

int64_t atoms_dtype_size(int32_t dtype)
{
    switch (dtype) {
    case ATOMS_F64: case ATOMS_I64: case ATOMS_U64: return 8;
    case ATOMS_F32: case ATOMS_I32: case ATOMS_U32: return 4;
    case ATOMS_F16: case ATOMS_BF16: case ATOMS_I16: case ATOMS_U16: return 2;
    case ATOMS_I8: case ATOMS_U8: case ATOMS_BOOL: return 1;
    default: return 0;
    }
}

const char *atoms_dtype_name(int32_t dtype)
{
    switch (dtype) {
    case ATOMS_F32: return "f32";
    case ATOMS_F64: return "f64";
    case ATOMS_F16: return "f16";
    case ATOMS_BF16: return "bf16";
    case ATOMS_I8: return "i8";
    case ATOMS_U8: return "u8";
    case ATOMS_I16: return "i16";
    case ATOMS_U16: return "u16";
    case ATOMS_I32: return "i32";
    case ATOMS_U32: return "u32";
    case ATOMS_I64: return "i64";
    case ATOMS_U64: return "u64";
    case ATOMS_BOOL: return "bool";
    default: return "?";
    }
}
