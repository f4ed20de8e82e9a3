/* Duality gap of a code from the best multiple of its residual.
 *
 * Every s with |s|·max_j |d_j·r|/w_j ≤ λ makes s·r dual feasible, with the value s x·r − ½ s² r·r. The best s is x·r/r·r, clipped to that. A ridge
 * is the same problem with √ρ I below D and 0 below x: its residual ends with −√ρ a, whence `square` and `largest`. With a ≥ 0 the bars go, and
 * s ≥ 0 keeps s·r feasible whatever the products below 0 are. */
#include <math.h>

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
