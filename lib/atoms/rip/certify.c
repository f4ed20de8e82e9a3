/* A proof that λ_max(B) < t: the Cholesky factorisation of tI − B runs to its end. Done in f64 it proves λ_max(B) < t + γ·tr(tI − B),
 * γ = (n + 2)·2⁻⁵³ (Rump, BIT 46, 2006), whatever was rounded on the way. An estimate from below, as Lanczos gives, is not a bound; with t a little above
 * it this is one, for the price of n³/3 multiplications in BLAS. */
#include <float.h>
#include <math.h>

#include "../../linalg/lapacke_gate.h"
#include "rip_internal.h"

enum { TRIES = 8 };

double atomsi_rip_certify(int64_t n, double estimate, rip_shifted_fn fill, const void *arg, double *matrix)
{
    double above = 1e-7 * fabs(estimate) + 1e-9;
    for (int i = 0; i < TRIES; i++, above *= 6) {
        double t = estimate + above;
        fill(arg, t, matrix);
        if (linalg_cholesky(n, matrix)) continue;
        return t + (double)(n + 2) * DBL_EPSILON * (double)n * fabs(t); /* B has a zero diagonal, twice γ for the rounding of its fill */
    }
    return INFINITY;
}
