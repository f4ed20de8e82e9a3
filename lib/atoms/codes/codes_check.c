#include <math.h>

#include "../../linalg/finite.h"
#include "codes_internal.h"

static atoms_status check_shape(atoms_context *context, const atoms_codes_view *view, const char *name)
{
    if (!view) return atomsi_fail(context, ATOMS_E_ARGUMENT, "%s is NULL", name);
    if (view->width < 1 || view->width > INT32_MAX)
        return atomsi_fail(context, ATOMS_E_ARGUMENT, "%s: width is %lld, not between 1 and %d", name, (long long)view->width, INT32_MAX);
    if (view->rows < 0 || view->nnz < 0)
        return atomsi_fail(context, ATOMS_E_ARGUMENT, "%s: %lld rows and %lld entries make no codes", name, (long long)view->rows,
                           (long long)view->nnz);
    if (!view->offset || (view->nnz && (!view->index || !view->value)))
        return atomsi_fail(context, ATOMS_E_ARGUMENT, "%s: %s is NULL", name, !view->offset ? "offset" : !view->index ? "index" : "value");
    return ATOMS_OK;
}

/* Before any entry is looked at, every offset is known to lie between 0 and nnz. */
static atoms_status check_offsets(atoms_context *context, const atoms_codes_view *view, const char *name)
{
    const int64_t *offset = view->offset;
    if (offset[0] != 0) return atomsi_fail(context, ATOMS_E_ARGUMENT, "%s: offset[0] is %lld, not 0", name, (long long)offset[0]);
    for (int64_t r = 0; r < view->rows; r++)
        if (offset[r + 1] < offset[r] || offset[r + 1] > view->nnz)
            return atomsi_fail(context, ATOMS_E_ARGUMENT, "%s: row %lld ends at %lld, which is not between its start %lld and the %lld entries",
                               name, (long long)r, (long long)offset[r + 1], (long long)offset[r], (long long)view->nnz);
    if (offset[view->rows] != view->nnz)
        return atomsi_fail(context, ATOMS_E_ARGUMENT, "%s: the offsets end at %lld, where there are %lld entries", name,
                           (long long)offset[view->rows], (long long)view->nnz);
    return ATOMS_OK;
}

static atoms_status check_row(atoms_context *context, const atoms_codes_view *view, int64_t row, const char *name)
{
    int64_t begin = view->offset[row], end = view->offset[row + 1], before = -1;
    for (int64_t i = begin; i < end; before = view->index[i++]) {
        int64_t atom = view->index[i];
        if (atom < 0 || atom >= view->width)
            return atomsi_fail(context, ATOMS_E_ARGUMENT, "%s: row %lld names atom %lld, where there are %lld", name, (long long)row,
                               (long long)atom, (long long)view->width);
        if (atom <= before)
            return atomsi_fail(context, ATOMS_E_ARGUMENT, "%s: row %lld: atom %lld comes after atom %lld; indices must rise", name,
                               (long long)row, (long long)atom, (long long)before);
    }
    int64_t bad = linalg_first_not_finite_f32(view->value + begin, end - begin);
    if (bad < 0) return ATOMS_OK;
    return atomsi_fail(context, ATOMS_E_NOT_FINITE, "%s: row %lld: the value of atom %d is %s", name, (long long)row,
                       (int)view->index[begin + bad], isnan(view->value[begin + bad]) ? "NaN" : "infinite");
}

atoms_status atomsi_codes_check(atoms_context *context, const atoms_codes_view *view, const char *name)
{
    atoms_status status = check_shape(context, view, name);
    if (!status) status = check_offsets(context, view, name);
    if (!status && view->nnz) /* without entries, index and value may be NULL */
        for (int64_t r = 0; r < view->rows && !status; r++) status = check_row(context, view, r, name);
    return status;
}
