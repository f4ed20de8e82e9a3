/* Choosing the tensor whose rows are meant. */
#include <stdio.h>
#include <string.h>

#include "rows_file.h"
#include "rows_kind.h"

static const atoms_tensor_info empty_info = {.struct_size = sizeof(atoms_tensor_info)};

static int is_float(int32_t dtype)
{
    return dtype >= ATOMS_F32 && dtype <= ATOMS_BF16;
}

/* Appends NAME to a list, or "..." and false where there is no room: what was accepted always leaves enough for that. */
static bool list_name(char *list, size_t room, const char *name)
{
    static const char more[] = ", ...";
    size_t length = strlen(list), left = room - length;
    int n = snprintf(list + length, left, "%s%s", length ? ", " : "", name);
    if (n >= 0 && (size_t)n < left - sizeof more) return true;
    strcpy(list + length, length ? more : more + 2);
    return false;
}

/* The only two-dimensional float tensor; in a file of one tensor that one, so that what is wrong with it is said. */
static atoms_status find_only(atoms_context *context, const atoms_tensorfile *file, const char *path, int64_t *index)
{
    char list[512] = "";
    bool room = true;
    int64_t found = 0, count = atoms_tensorfile_count(file);
    *index = 0;
    if (count == 1) return ATOMS_OK;
    for (int64_t i = 0; i < count; i++) {
        atoms_tensor_info info = empty_info;
        atoms_status status = atoms_tensorfile_info(file, i, &info);
        if (status) return status;
        if (info.rank != 2 || !is_float(info.dtype)) continue;
        if (found++ == 0) *index = i;
        room = room && list_name(list, sizeof list, info.name);
    }
    if (found == 1) return ATOMS_OK;
    if (!found)
        return atomsi_fail(context, ATOMS_E_NOT_FOUND, "%s: none of its %lld tensors is two-dimensional and of floats", path, (long long)count);
    return atomsi_fail(context, ATOMS_E_ARGUMENT, "%s: which tensor? %lld are two-dimensional and of floats: %s", path, (long long)found, list);
}

atoms_status atomsi_rows_pick_tensor(atoms_context *context, const atoms_tensorfile *file, const char *path, const char *wanted,
                                     rows_tensor *out)
{
    int64_t index = 0;
    atoms_tensor_info info = empty_info;
    atoms_status status = wanted ? atoms_tensorfile_find(file, wanted, &index) : find_only(context, file, path, &index);
    if (!status) status = atoms_tensorfile_info(file, index, &info);
    if (status) return status;
    const char *between = *info.name ? ":" : "";
    if (!is_float(info.dtype))
        return atomsi_fail(context, ATOMS_E_DTYPE, "%s%s%s: is of %s, not of f16, bf16, f32 or f64", path, between, info.name, info.dtype_text);
    if (info.rank != 2)
        return atomsi_fail(context, ATOMS_E_SHAPE, "%s%s%s: has %d dimensions, not the two of rows and columns", path, between, info.name,
                           (int)info.rank);
    if ((status = atomsi_rows_check_size(context, path, info.shape[0], info.shape[1]))) return status;
    *out = (rows_tensor){.index = index,
                         .rows = info.shape[0],
                         .cols = info.shape[1],
                         .rows_in_file = info.shape[0],
                         .dtype = info.dtype,
                         .column_major = info.column_major,
                         .name = info.name};
    return ATOMS_OK;
}
