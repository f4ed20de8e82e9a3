/* A row-major upper triangle is a column-major lower one, so nothing is transposed on the way in: dpotrf('L') in column-major terms
 * leaves L column-major lower, that is Lᵀ row-major upper; it is then moved below the diagonal. dsyevd returns eigenvectors as
 * columns of a column-major matrix, that is as rows of ours. */
#include "lapacke_gate.h"

#include <lapacke.h>

#include "../base/checked.h"
#include "finite.h"

/* The upper triangle alone is read, so it alone is looked at: what is below may be anything. */
static bool triangle_is_finite(int64_t n, const double *a)
{
    for (int64_t i = 0; i < n; i++)
        if (linalg_first_not_finite_f64(a + i * n + i, n - i) >= 0) return false;
    return true;
}

base_outcome linalg_cholesky(int64_t n, double *a)
{
    if (n > INT32_MAX) return BASE_E_OVERFLOW;
    if (!triangle_is_finite(n, a)) return BASE_E_NOT_FINITE;
    lapack_int info = LAPACKE_dpotrf_work(LAPACK_COL_MAJOR, 'L', (lapack_int)n, a, (lapack_int)n);
    if (info) return info > 0 ? BASE_E_NUMERIC : BASE_E_ARGUMENT;
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = i + 1; j < n; j++) {
            a[j * n + i] = a[i * n + j];
            a[i * n + j] = 0;
        }
    return linalg_first_not_finite_f64(a, n * n) >= 0 ? BASE_E_NUMERIC : BASE_OK;
}

base_outcome linalg_symmetric_eigen(int64_t n, double *a, double *values, int vectors, base_memory *memory)
{
    if (n > INT32_MAX) return BASE_E_OVERFLOW;
    if (!triangle_is_finite(n, a)) return BASE_E_NOT_FINITE;
    char job = vectors ? 'V' : 'N';
    double want = 0;
    lapack_int want_int = 0;
    if (LAPACKE_dsyevd_work(LAPACK_COL_MAJOR, job, 'L', (lapack_int)n, a, (lapack_int)n, values, &want, -1, &want_int, -1))
        return BASE_E_ARGUMENT;
    if (!(want < (double)INT32_MAX)) return BASE_E_OVERFLOW;
    size_t bytes, bytes_int;
    if (!base_bytes((int64_t)want, sizeof(double), &bytes) || !base_bytes(want_int, sizeof(lapack_int), &bytes_int)) return BASE_E_OVERFLOW;
    double *work = base_alloc(memory, bytes);
    lapack_int *work_int = base_alloc(memory, bytes_int);
    base_outcome outcome = BASE_E_MEMORY;
    if (work && work_int) {
        lapack_int info = LAPACKE_dsyevd_work(LAPACK_COL_MAJOR, job, 'L', (lapack_int)n, a, (lapack_int)n, values, work, (lapack_int)want,
                                              work_int, want_int);
        outcome = info || linalg_first_not_finite_f64(values, n) >= 0 ? BASE_E_NUMERIC : BASE_OK;
    }
    base_free(memory, work);
    base_free(memory, work_int);
    return outcome;
}
