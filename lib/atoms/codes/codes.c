/* Codes that own their memory. Appending checks first, then makes room, then copies: only the copy changes what is held, and it
 * cannot fail. */
#include "codes_handle.h"

#include <string.h>

atoms_status atomsi_codes_reserve(atoms_codes *codes, int64_t rows, int64_t nnz)
{
    int64_t offsets;
    void *offset = codes->offset, *index = codes->index, *value = codes->value;
    if (!base_add_i64(rows, 1, &offsets)) return atomsi_fail(codes->context, ATOMS_E_OVERFLOW, "codes: %lld rows are too many", (long long)rows);
    atoms_status status = atomsi_grow(codes->context, &offset, &codes->offset_capacity, offsets, sizeof *codes->offset);
    if (!status) status = atomsi_grow(codes->context, &index, &codes->index_capacity, nnz, sizeof *codes->index);
    if (!status) status = atomsi_grow(codes->context, &value, &codes->value_capacity, nnz, sizeof *codes->value);
    codes->view.offset = codes->offset = offset; /* those that grew before a failure did so for good */
    codes->view.index = codes->index = index;
    codes->view.value = codes->value = value;
    return status;
}

atoms_status atoms_codes_create(atoms_context *context, int64_t width, atoms_codes **out)
{
    if (!out) return atomsi_fail(context, ATOMS_E_ARGUMENT, "out is NULL");
    *out = NULL;
    if (!context) return ATOMS_E_ARGUMENT;
    if (width < 1 || width > INT32_MAX)
        return atomsi_fail(context, ATOMS_E_ARGUMENT, "width is %lld, not between 1 and %d", (long long)width, INT32_MAX);
    atoms_codes *codes = atomsi_alloc_zero(context, 1, sizeof *codes);
    if (!codes) return ATOMS_E_MEMORY;
    codes->context = context;
    codes->view.width = width;
    atoms_status status = atomsi_codes_reserve(codes, 0, 0);
    if (status) {
        atoms_codes_destroy(codes);
        return status;
    }
    codes->offset[0] = 0;
    *out = codes;
    return ATOMS_OK;
}

void atoms_codes_destroy(atoms_codes *codes)
{
    if (!codes) return;
    atomsi_free(codes->context, codes->offset);
    atomsi_free(codes->context, codes->index);
    atomsi_free(codes->context, codes->value);
    atomsi_free(codes->context, codes);
}

static bool lies_in(const void *at, const void *block, int64_t count, size_t size)
{
    return (uintptr_t)at - (uintptr_t)block < (uintptr_t)count * size;
}

static atoms_status check_rows(const atoms_codes *codes, const atoms_codes_view *rows)
{
    atoms_status status = atomsi_codes_check(codes->context, rows, "rows");
    if (status) return status;
    if (rows->width != codes->view.width)
        return atomsi_fail(codes->context, ATOMS_E_SHAPE, "rows: width is %lld, where the codes have %lld", (long long)rows->width,
                           (long long)codes->view.width);
    if (lies_in(rows->offset, codes->offset, codes->offset_capacity, sizeof *codes->offset) ||
        lies_in(rows->index, codes->index, codes->index_capacity, sizeof *codes->index) ||
        lies_in(rows->value, codes->value, codes->value_capacity, sizeof *codes->value)) /* growing would free what is copied */
        return atomsi_fail(codes->context, ATOMS_E_ARGUMENT, "rows: is a view of the codes they are appended to");
    return ATOMS_OK;
}

atoms_status atoms_codes_append(atoms_codes *codes, const atoms_codes_view *rows)
{
    if (!codes) return ATOMS_E_ARGUMENT;
    atoms_status status = check_rows(codes, rows);
    if (status) return status;
    atoms_codes_view *view = &codes->view;
    int64_t total_rows, total_nnz;
    if (!base_add_i64(view->rows, rows->rows, &total_rows) || !base_add_i64(view->nnz, rows->nnz, &total_nnz))
        return atomsi_fail(codes->context, ATOMS_E_OVERFLOW, "codes: %lld rows more are too many", (long long)rows->rows);
    if ((status = atomsi_codes_reserve(codes, total_rows, total_nnz))) return status;
    for (int64_t r = 1; r <= rows->rows; r++) codes->offset[view->rows + r] = view->nnz + rows->offset[r];
    if (rows->nnz) {
        memcpy(codes->index + view->nnz, rows->index, (size_t)rows->nnz * sizeof *codes->index);
        memcpy(codes->value + view->nnz, rows->value, (size_t)rows->nnz * sizeof *codes->value);
    }
    view->rows = total_rows;
    view->nnz = total_nnz;
    return ATOMS_OK;
}

void atomsi_codes_truncate(atoms_codes *codes, int64_t rows)
{
    codes->view.rows = rows;
    codes->view.nnz = codes->offset[rows];
}

atoms_status atoms_codes_clear(atoms_codes *codes)
{
    if (!codes) return ATOMS_E_ARGUMENT;
    atomsi_codes_truncate(codes, 0);
    return ATOMS_OK;
}

atoms_status atoms_codes_look(const atoms_codes *codes, atoms_codes_view *out)
{
    if (!codes) return ATOMS_E_ARGUMENT;
    if (!out) return atomsi_fail(codes->context, ATOMS_E_ARGUMENT, "out is NULL");
    *out = codes->view;
    return ATOMS_OK;
}
