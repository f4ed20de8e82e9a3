/* Signals on their way into a solver: widened to f64, whitened where the dictionary has a metric, brought to length 1. The length is taken
 * after scaling by the largest magnitude, so that no square over- or underflows. */
#include <math.h>

#include "../../linalg/cblas_gate.h"
#include "../matrix/matrix_internal.h"
#include "coding_work.h"

static double to_unit_length(int64_t n, double *x)
{
    double largest = 0, sum = 0;
    for (int64_t i = 0; i < n; i++) largest = fabs(x[i]) > largest ? fabs(x[i]) : largest; /* fmax would be a call each */
    if (!(largest > 0)) return 0;
    for (int64_t i = 0; i < n; i++) {
        x[i] /= largest;
        sum += x[i] * x[i];
    }
    double length = sqrt(sum);
    for (int64_t i = 0; i < n; i++) x[i] /= length;
    return largest * length;
}

atoms_status atomsi_coding_read(const atomsi_coder *coder, atomsi_coding_work *work, const atoms_matrix *x, int64_t first, int64_t rows,
                                int64_t first_row)
{
    int64_t dim = coder->dim;
    const double *factor = coder->dictionary->factor;
    atomsi_matrix_read_f64(x, first, rows, work->x);
    if (factor) linalg_dtrsm(true, LINALG_TRANSPOSED, rows, dim, factor, dim, work->x, dim);
    for (int64_t r = 0; r < rows; r++) {
        double *signal = work->x + r * dim;
        work->norm[r] = to_unit_length(dim, signal);
        if (!isfinite(work->norm[r]))
            return atomsi_fail(coder->context, ATOMS_E_NOT_FINITE, "x: row %lld is too long to be measured", (long long)(first_row + first + r));
        for (int64_t i = 0; i < dim; i++) work->x32[r * dim + i] = (float)signal[i];
    }
    return ATOMS_OK;
}
