/* The types of safetensors in the order of its reference implementation: its writer puts the last of them first. */
#include <string.h>

#include "safetensors_header.h"

static const safetensors_type types[] = {
    {"BOOL", ATOMS_BOOL, 8}, {"F4", 0, 4},           {"F6_E2M3", 0, 6},      {"F6_E3M2", 0, 6},  {"U8", ATOMS_U8, 8},     {"I8", ATOMS_I8, 8},
    {"F8_E5M2", 0, 8},       {"F8_E4M3", 0, 8},      {"F8_E8M0", 0, 8},      {"F8_E4M3FNUZ", 0, 8}, {"F8_E5M2FNUZ", 0, 8}, {"I16", ATOMS_I16, 16},
    {"U16", ATOMS_U16, 16},  {"F16", ATOMS_F16, 16}, {"BF16", ATOMS_BF16, 16}, {"I32", ATOMS_I32, 32}, {"U32", ATOMS_U32, 32}, {"F32", ATOMS_F32, 32},
    {"C64", 0, 64},          {"F64", ATOMS_F64, 64}, {"I64", ATOMS_I64, 64}, {"U64", ATOMS_U64, 64}};

enum { TYPES = sizeof types / sizeof *types };

const safetensors_type *atomsi_safetensors_type(const char *text)
{
    for (int i = 0; i < TYPES; i++)
        if (strcmp(types[i].text, text) == 0) return &types[i];
    return NULL;
}

const safetensors_type *atomsi_safetensors_type_of(int32_t dtype)
{
    for (int i = 0; i < TYPES; i++)
        if (types[i].dtype == dtype) return &types[i];
    return NULL;
}
