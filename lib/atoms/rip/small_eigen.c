/* Eigenvalues of the Gram matrices of a few atoms. A search asks for millions of them, a handful of rows each: Jacobi's cyclic method (Golub and
 * Van Loan, 8.5) is as accurate as any, needs no memory, and gives the same bits wherever it runs; LAPACK's calls cost more than its work at this
 * size. What is reported is computed again here from the unit atoms, in f64. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "../../linalg/cblas_gate.h"
#include "rip_internal.h"

enum { SWEEPS = 40 };

double atomsi_rip_slack(int64_t order, int64_t dim)
{
    return order < 2 ? 0 : 2 * (double)order * (double)(dim + order + 8) * DBL_EPSILON;
}

static void rotate_rows(int64_t n, double c, double s, double *restrict x, double *restrict y)
{
    for (int64_t k = 0; k < n; k++) {
        double u = x[k], v = y[k];
        x[k] = c * u - s * v;
        y[k] = s * u + c * v;
    }
}

/* Makes a_pq zero. Rows are rotated as vectors, then columns p and q take over what the rows now hold by symmetry. */
static void annihilate(int64_t n, double *a, double *vectors, int64_t p, int64_t q)
{
    double apq = a[p * n + q], app = a[p * n + p], aqq = a[q * n + q];
    double theta = (aqq - app) / (2 * apq);
    double t = (theta >= 0 ? 1 : -1) / (fabs(theta) + sqrt(theta * theta + 1));
    double c = 1 / sqrt(t * t + 1), s = t * c;
    rotate_rows(n, c, s, a + p * n, a + q * n);
    for (int64_t k = 0; k < n; k++) {
        a[k * n + p] = a[p * n + k];
        a[k * n + q] = a[q * n + k];
    }
    a[p * n + p] = app - t * apq;
    a[q * n + q] = aqq + t * apq;
    a[p * n + q] = a[q * n + p] = 0;
    rotate_rows(n, c, s, vectors + p * n, vectors + q * n);
}

int64_t atomsi_rip_eigen(int64_t n, double *a, double *values, double *vectors)
{
    memset(vectors, 0, (size_t)(n * n) * sizeof *vectors);
    for (int64_t i = 0; i < n; i++) vectors[i * n + i] = 1;
    for (int sweep = 0, rotations = 1; rotations && sweep < SWEEPS; sweep++) {
        rotations = 0;
        for (int64_t p = 0; p < n; p++)
            for (int64_t q = p + 1; q < n; q++) {
                if (!(fabs(a[p * n + q]) > 1e-17)) continue;
                annihilate(n, a, vectors, p, q);
                rotations++;
            }
    }
    int64_t largest = 0;
    for (int64_t i = 0; i < n; i++) {
        values[i] = a[i * n + i];
        if (values[i] > values[largest]) largest = i;
    }
    return largest;
}

double atomsi_rip_value(const rip_gram *gram, int sign, int64_t n, const int32_t *atom, double *work)
{
    int64_t dim = gram->dim;
    double *rows = work, *a = rows + n * dim, *vectors = a + n * n, *values = vectors + n * n;
    if (n < 2) return 0;
    for (int64_t k = 0; k < n; k++) memcpy(rows + k * dim, gram->unit + atom[k] * dim, (size_t)dim * sizeof *rows);
    linalg_dgemm(LINALG_PLAIN, LINALG_TRANSPOSED, n, n, dim, rip_sign(sign), rows, dim, rows, dim, 0, a, n);
    for (int64_t i = 0; i < n; i++) {
        a[i * n + i] = 0;
        for (int64_t j = 0; j < i; j++) a[i * n + j] = a[j * n + i];
    }
    int64_t top = atomsi_rip_eigen(n, a, values, vectors);
    return values[top];
}
