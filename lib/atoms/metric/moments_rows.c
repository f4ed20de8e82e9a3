/* Moments of streamed rows. They are read straight into the waiting block of a copy, which takes the place of the old sums when all rows
 * are there: so an error in the middle changes nothing, at the price of a second dim² while it runs. */
#include "../rows/rows_internal.h"
#include "metric_internal.h"

atoms_status atoms_moments_add_rows(atoms_moments *moments, atoms_rows *rows)
{
    if (!moments) return ATOMS_E_ARGUMENT;
    if (!rows) return atomsi_fail(moments->context, ATOMS_E_ARGUMENT, "rows is NULL");
    int64_t count = atoms_rows_count(rows), width = atoms_rows_width(rows);
    if (width != moments->dim)
        return atomsi_fail(moments->context, ATOMS_E_SHAPE, "rows have %lld columns where %lld are needed", (long long)width,
                           (long long)moments->dim);
    atoms_moments *copy = NULL;
    atoms_status status = atomsi_moments_check_count(moments, count);
    if (!status) status = atomsi_moments_copy(moments->context, moments, &copy);
    for (int64_t first = 0; !status && first < count;) {
        int64_t n = base_min_i64(count - first, MOMENTS_BLOCK - copy->pending);
        atoms_matrix place = atoms_matrix_f64(copy->block + copy->pending * copy->dim, n, copy->dim);
        if ((status = atomsi_rows_read_in_f32_range(rows, first, &place))) break;
        atomsi_moments_take(copy, n);
        first += n;
        status = atomsi_progress(moments->context, "rows", first, count);
    }
    if (!status) {
        atoms_moments old = *moments;
        *moments = *copy;
        *copy = old;
    }
    atoms_moments_destroy(copy);
    return status;
}
