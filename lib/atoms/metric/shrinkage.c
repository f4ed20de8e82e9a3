/* Ledoit–Wolf shrinkage ("A well-conditioned estimator for large-dimensional covariance matrices", 2004): the best mix of the
 * sample matrix Ĉ with a multiple of the identity, C* = (1 − ρ) Ĉ + ρ m I, m = tr Ĉ / dim, with
 *     ρ = min(b, d) / d,   d = ‖Ĉ − m I‖²_F,   b = (1/n²) Σ ‖x xᵀ − Ĉ‖²_F = (Σ ‖x‖⁴ / n − ‖Ĉ‖²_F) / n.
 * C* is (1 − ρ) times Ĉ + γ I with γ = ρ m / (1 − ρ). The AIP is normalised, so the factor does not matter to it, and γ is what a
 * metric has. Centred, x = k − μ. */
#include <float.h>
#include <math.h>

#include "metric_internal.h"

/* Σ ‖k − μ‖⁴ = Σ (‖k‖² − 2 μ·k + ‖μ‖²)², multiplied out, with Σ k kᵀ = n (c + μ μᵀ) where c is the covariance:
 *     Σ ‖k‖⁴ − 4 μ·Σ ‖k‖² k + n (4 μᵀcμ + 2 ‖μ‖² tr c + 3 ‖μ‖⁴). */
static double centred_fourth(int64_t dim, double n, double fourth, const double *cubic, const double *mean, const double *c)
{
    double square = 0, along = 0, trace = 0, cross = 0;
    for (int64_t i = 0; i < dim; i++) {
        double row = 0;
        for (int64_t j = 0; j < dim; j++) row += c[i * dim + j] * mean[j];
        along += mean[i] * row;
        square += mean[i] * mean[i];
        cross += mean[i] * cubic[i];
        trace += c[i * dim + i];
    }
    return fourth - 4 * cross + n * (4 * along + 2 * square * trace + 3 * square * square);
}

atoms_status atomsi_ledoit_wolf(const atoms_moments *moments, const double *mean, const double *c, int32_t centred, double *gamma)
{
    int64_t dim = moments->dim;
    double n = (double)moments->count, fourth;
    double *cubic = atomsi_alloc(moments->context, dim, sizeof *cubic);
    if (!cubic) return ATOMS_E_MEMORY;
    atomsi_moments_total(moments, &(moments_sums){.cubic = cubic, .fourth = &fourth});
    if (centred) fourth = centred_fourth(dim, n, fourth, cubic, mean, c);
    atomsi_free(moments->context, cubic);

    double trace = 0, norm = 0, distance = 0;
    for (int64_t i = 0; i < dim; i++) trace += c[i * dim + i];
    double level = trace / (double)dim;
    for (int64_t i = 0; i < dim; i++)
        for (int64_t j = 0; j < dim; j++) {
            double v = c[i * dim + j], off = i == j ? v - level : v;
            norm += v * v;
            distance += off * off;
        }
    double noise = fmax(0, (fourth / n - norm) / n);
    double mix = noise < distance ? noise / distance : distance > 0 ? 1 - DBL_EPSILON : 0; /* all noise: C* is m I, to rounding */
    *gamma = mix * level / (1 - mix);
    return ATOMS_OK;
}
