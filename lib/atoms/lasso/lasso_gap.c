/* Duality gap of a code from the best multiple of its residual, and λ_max.
 *
 * Every s with |s|·max_j |d_j·r|/w_j ≤ λ makes s·r dual feasible, with the value s x·r − ½ s² r·r. The best s is x·r/r·r, clipped to that. A ridge
 * is the same problem with √ρ I below D and 0 below x: its residual ends with −√ρ a, whence `square` and `largest`. With a ≥ 0 the bars go, and
 * s ≥ 0 keeps s·r feasible whatever the products below 0 are. */
#include <math.h>

#include "../../linalg/cblas_gate.h"
#include "lasso_parts.h"

double atomsi_lasso_scale(const atoms_lasso *lasso, const lasso_terms *t)
{
    if (!(t->square > 0)) return 0;
    double best = t->product / t->square, most = t->largest > 0 ? t->level / t->largest : INFINITY;
    return fmin(fmax(best, lasso->opts.nonnegative ? 0 : -most), most);
}

double atomsi_lasso_gap(const atoms_lasso *lasso, const lasso_terms *t)
{
    double s = atomsi_lasso_scale(lasso, t);
    return fmax(atomsi_lasso_objective(t) - (s * t->product - 0.5 * s * s * t->square), 0);
}

/* max_j |u_j·x|/ŵ_j in f64: f32 products of unit vectors are off by less than atomsi_product_error, which tells who can
 * attain it. Those are computed again. */
static double largest_product(const atoms_lasso *lasso, const double *x, const float *correlations)
{
    enum { AT_ONCE = 64 };
    const atomsi_coder *coder = &lasso->coder;
    const linalg_kernels *kernels = coder->context->kernels;
    int32_t one_sided = lasso->opts.nonnegative, found[AT_ONCE];
    double slack = atomsi_product_error(coder->dim), best = 0;
    double top = kernels->largest(coder->atoms, correlations, lasso->slope32, one_sided);
    float least = (float)(top - 2 * slack * lasso->steepest - 0x1p-20 * top);
    for (int64_t first = 0, n = AT_ONCE; n == AT_ONCE; first += found[AT_ONCE - 1] + 1) {
        n = kernels->beyond(coder->atoms - first, correlations + first, lasso->weight32 + first, least, one_sided, AT_ONCE, found);
        for (int64_t i = 0; i < n; i++) {
            int64_t j = first + found[i];
            double c = linalg_ddot(coder->dim, coder->dictionary->unit + j * coder->dim, x);
            best = fmax(best, (one_sided ? c : fabs(c)) * lasso->slope[j]);
        }
        if (n < AT_ONCE) break;
    }
    return best;
}

double atomsi_lasso_level(const atoms_lasso *lasso, atomsi_piece *piece, int64_t row, const float *correlations)
{
    double norm = piece->norm[row], largest = norm > 0 ? largest_product(lasso, piece->x + row * lasso->coder.dim, correlations) : 0;
    double lambda = piece->lambda ? piece->lambda[row] : lasso->opts.lambda;
    if (!(lambda > 0)) lambda = lasso->opts.lambda_rel * largest * norm;
    piece->record[row].lambda = lambda;
    piece->record[row].lambda_max = largest * norm;
    double level = norm > 0 ? lambda / norm : INFINITY;
    return level < largest ? level : 0;
}
