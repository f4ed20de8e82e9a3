/* The atomic inner product of two vectors. With C = S⁻¹ = L Lᵀ, uᵀ S v is the Euclidean product of L⁻¹u and L⁻¹v: two triangular
 * solves, and S is never formed. */
#include <math.h>
#include <string.h>

#include "../../linalg/cblas_gate.h"
#include "../../linalg/finite.h"
#include "../matrix/matrix_internal.h"
#include "metric_internal.h"

/* uᵀSu, vᵀSv and uᵀSv. */
typedef struct products {
    double uu, vv, uv;
} products;

static atoms_status check(const atoms_metric *metric, const double *u, const double *v, const double *value)
{
    if (!metric) return ATOMS_E_ARGUMENT;
    atoms_context *context = metric->context;
    if (!u || !v || !value) return atomsi_fail(context, ATOMS_E_ARGUMENT, "%s is NULL", !u ? "u" : !v ? "v" : "value");
    int64_t dim = metric->moments->dim, bad_u = linalg_first_not_finite_f64(u, dim), bad_v = linalg_first_not_finite_f64(v, dim);
    if (bad_u >= 0) return atomsi_fail_not_finite(context, "u", 0, bad_u, u[bad_u]);
    if (bad_v >= 0) return atomsi_fail_not_finite(context, "v", 0, bad_v, v[bad_v]);
    return ATOMS_OK;
}

static atoms_status multiply(const atoms_metric *metric, const double *u, const double *v, products *out)
{
    int64_t dim = metric->moments->dim;
    double *pair = atomsi_alloc(metric->context, 2 * dim, sizeof *pair);
    if (!pair) return ATOMS_E_MEMORY;
    memcpy(pair, u, (size_t)dim * sizeof *u);
    memcpy(pair + dim, v, (size_t)dim * sizeof *v);
    linalg_dtrsm(true, LINALG_TRANSPOSED, 2, dim, metric->factor, dim, pair, dim);
    *out = (products){0};
    for (int64_t c = 0; c < dim; c++) {
        out->uu += pair[c] * pair[c];
        out->vv += pair[dim + c] * pair[dim + c];
        out->uv += pair[c] * pair[dim + c];
    }
    atomsi_free(metric->context, pair);
    return ATOMS_OK;
}

atoms_status atoms_metric_inner(const atoms_metric *metric, const double *u, const double *v, double *value)
{
    products p;
    atoms_status status = check(metric, u, v, value);
    if (!status) status = multiply(metric, u, v, &p);
    if (!status) *value = p.uv;
    return status;
}

atoms_status atoms_metric_cosine(const atoms_metric *metric, const double *u, const double *v, double *value)
{
    products p;
    atoms_status status = check(metric, u, v, value);
    if (!status) status = multiply(metric, u, v, &p);
    if (status) return status;
    if (!(p.uu > 0 && p.vv > 0))
        return atomsi_fail(metric->context, ATOMS_E_ARGUMENT, "%s is a vector of zeros: it has no angle", p.uu > 0 ? "v" : "u");
    *value = fmax(-1, fmin(1, p.uv / (sqrt(p.uu) * sqrt(p.vv))));
    return ATOMS_OK;
}
