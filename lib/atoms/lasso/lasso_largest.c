/* Largest values over all atoms, true in f64 at the price of f32. One f32 product, whose rounding has a bound (atomsi_product_error), says which
 * atoms can attain the largest, or exceed a level; they are few, and are computed again. */
#include <math.h>

#include "../../linalg/cblas_gate.h"
#include "lasso_parts.h"

void atomsi_lasso_look(const atoms_lasso *lasso, const double *vector, double length, double level, const float *products, lasso_verdict *v)
{
    enum { AT_ONCE = 64 };
    const atomsi_coder *coder = &lasso->coder;
    const linalg_kernels *kernels = coder->context->kernels;
    int32_t one_sided = lasso->opts.nonnegative, found[AT_ONCE];
    double slack = length * atomsi_product_error(coder->dim) * lasso->steepest;
    double top = (double)kernels->largest(coder->atoms, products, lasso->slope32, one_sided) * length * (1 - 0x1p-20) - slack;
    double least = fmin(level, fmax(top, v->largest)) - slack;
    float factor = (float)(least / length - fabs(least / length) * 0x1p-20);
    for (int64_t first = 0, n = AT_ONCE; n == AT_ONCE; first += found[AT_ONCE - 1] + 1) {
        n = kernels->beyond(coder->atoms - first, products + first, lasso->weight32 + first, factor, one_sided, AT_ONCE, found);
        for (int64_t i = 0; i < n; i++) {
            int64_t j = first + found[i];
            double g = linalg_ddot(coder->dim, coder->dictionary->unit + j * coder->dim, vector), size = one_sided ? g : fabs(g);
            v->largest = fmax(v->largest, size * lasso->slope[j]);
            v->violation = fmax(v->violation, (size - level * lasso->weight[j]) * coder->dictionary->length[j]);
        }
        if (n < AT_ONCE) break;
    }
}

double atomsi_lasso_level(const atoms_lasso *lasso, atomsi_piece *piece, int64_t row, const float *correlations)
{
    double norm = piece->norm[row], lambda = piece->lambda ? piece->lambda[row] : lasso->opts.lambda;
    lasso_verdict v = {.largest = 0};
    if (norm > 0) atomsi_lasso_look(lasso, piece->x + row * lasso->coder.dim, 1, INFINITY, correlations, &v);
    if (!(lambda > 0)) lambda = lasso->opts.lambda_rel * v.largest * norm;
    piece->record[row].lambda = lambda;
    piece->record[row].lambda_max = v.largest * norm;
    double level = norm > 0 ? lambda / norm : INFINITY;
    return level < v.largest ? level : 0;
}
