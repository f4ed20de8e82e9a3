/* ‖D‖², from above. Of D Dᵀ and Dᵀ D, which have the same largest eigenvalue, the smaller is formed in f64. Up to EXACT rows LAPACK gives the
 * eigenvalue. A larger one goes through the power method, whose value θ for a unit vector v is too small; an eigenvalue lies within
 * ‖Bv − θv‖ of it, and one per cent is added on top. */
#include <math.h>

#include "../../base/random.h"
#include "../../linalg/cblas_gate.h"
#include "../../linalg/lapacke_gate.h"
#include "lasso_parts.h"

enum { EXACT = 640, POWERS = 300 };

/* The smaller of the two products, both triangles, n × n. D's row j is length_j u_j. */
static void make_square(const atoms_lasso *lasso, int64_t n, double *atoms, double *square)
{
    const atoms_dictionary *dictionary = lasso->coder.dictionary;
    int64_t count = dictionary->atoms, dim = dictionary->dim;
    for (int64_t j = 0; j < count; j++)
        for (int64_t c = 0; c < dim; c++) atoms[j * dim + c] = dictionary->unit[j * dim + c] * dictionary->length[j];
    if (dim <= count) linalg_dgemm(LINALG_TRANSPOSED, LINALG_PLAIN, n, n, count, 1, atoms, dim, atoms, dim, 0, square, n);
    else linalg_dgemm(LINALG_PLAIN, LINALG_TRANSPOSED, n, n, dim, 1, atoms, dim, atoms, dim, 0, square, n);
}

/* v and next: n each. */
static double power(int64_t n, const double *square, double *v, double *next)
{
    double value = 0, miss = 0;
    for (int64_t i = 0; i < n; i++) v[i] = 1 + 0.5 * sin((double)i); /* no structure that a dictionary would share */
    for (int step = 0; step < POWERS; step++) {
        double length = sqrt(linalg_ddot(n, v, v));
        for (int64_t i = 0; i < n; i++) v[i] /= length;
        for (int64_t i = 0; i < n; i++) next[i] = linalg_ddot(n, square + i * n, v);
        value = linalg_ddot(n, v, next);
        miss = 0;
        for (int64_t i = 0; i < n; i++) miss += (next[i] - value * v[i]) * (next[i] - value * v[i]);
        for (int64_t i = 0; i < n; i++) v[i] = next[i];
        if (sqrt(miss) < 1e-3 * value) break;
    }
    return (value + sqrt(miss)) * 1.01;
}

atoms_status atomsi_lasso_lipschitz(const atoms_lasso *lasso, double *out)
{
    atoms_context *context = lasso->coder.context;
    int64_t count = lasso->coder.atoms, dim = lasso->coder.dim, n = base_min_i64(count, dim), elements;
    if (!base_mul_i64(n, n, &elements)) return atomsi_fail(context, ATOMS_E_OVERFLOW, "the dictionary is too large for FISTA");
    double *atoms = atomsi_alloc(context, count * dim, sizeof *atoms), *square = NULL, *values = NULL;
    atoms_status status = atoms ? ATOMS_OK : ATOMS_E_MEMORY;
    if (!status && !(square = atomsi_alloc(context, elements, sizeof *square))) status = ATOMS_E_MEMORY;
    if (!status && !(values = atomsi_alloc(context, 2 * n, sizeof *values))) status = ATOMS_E_MEMORY;
    if (!status) {
        make_square(lasso, n, atoms, square);
        if (n > EXACT) {
            *out = power(n, square, values, values + n);
        } else {
            base_outcome outcome = linalg_symmetric_eigen(n, square, values, 0, &context->memory);
            if (outcome) status = atomsi_fail_outcome(context, outcome, "the dictionary's spectral norm");
            else *out = values[n - 1] * (1 + 1e-6);
        }
    }
    atomsi_free(context, values);
    atomsi_free(context, square);
    atomsi_free(context, atoms);
    return status;
}
