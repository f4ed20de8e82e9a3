/* Figures from sums and counts. What has no value (a quotient by 0, an overflow) is NaN. */
#include <math.h>

#include "../codes/codes_internal.h"
#include "judge.h"

static double finite_or_nan(double x)
{
    return isfinite(x) ? x : NAN;
}

static double explained(double error, double about_mean)
{
    return about_mean > 0 ? finite_or_nan(1 - error / about_mean) : NAN;
}

static int density_bin(int64_t firing, int64_t rows)
{
    static const double below[] = {1e-5, 1e-4, 1e-3, 1e-2, 0.1, 0.25, 0.5};
    if (firing == 0) return 0;
    if (firing == rows) return ATOMS_DENSITY_BINS - 1;
    double rate = (double)firing / (double)rows;
    int bin = 0;
    while (bin < ATOMS_DENSITY_BINS - 3 && rate >= below[bin]) bin++;
    return 1 + bin;
}

static void density_figures(const tally *t, atoms_figures *f)
{
    int64_t dead = 0, dense = 0;
    for (int64_t i = 0; i < t->latents; i++) {
        f->density[density_bin(t->firing[i], t->rows)]++;
        dead += t->firing[i] == 0;
        dense += (double)t->firing[i] > 0.1 * (double)t->rows;
    }
    f->dead_fraction = (double)dead / (double)t->latents;
    f->dense_fraction = (double)dense / (double)t->latents;
}

static void l0_figures(const tally *t, atoms_figures *f)
{
    double sum = 0;
    for (int64_t k = 0; k <= t->latents; k++) {
        sum += (double)k * (double)t->l0_counts[k];
        if (t->l0_counts[k]) f->l0_max = (double)k;
    }
    f->l0_mean = sum / (double)t->rows;
    f->l0_p50 = (double)atomsi_l0_quantile(t->l0_counts, t->latents + 1, t->rows, 0.5);
    f->l0_p90 = (double)atomsi_l0_quantile(t->l0_counts, t->latents + 1, t->rows, 0.9);
    f->l0_p99 = (double)atomsi_l0_quantile(t->l0_counts, t->latents + 1, t->rows, 0.99);
}

atoms_figures atomsi_figures_of(const tally *t, bool with_metric)
{
    const row_sums *s = &t->sums;
    atoms_figures f = {.struct_size = sizeof f, .rows = t->rows};
    f.r2 = explained(s->error, s->plain.about_mean);
    /* Equal rows have no spread in any metric, but whitened they are equal only to rounding. */
    f.aip_r2 = with_metric && s->plain.about_mean > 0 ? explained(s->aip_error, s->aip.about_mean) : NAN;
    f.mse = finite_or_nan(s->error / (double)t->rows);
    f.cosine = s->cosine_rows ? finite_or_nan(s->cosine / (double)s->cosine_rows) : NAN;
    f.norm_ratio = s->ratio_rows ? finite_or_nan(s->ratio / (double)s->ratio_rows) : NAN;
    f.q_star = f.q_star_all = f.q_star_euclidean = f.mu = f.mu_euclidean = NAN;
    l0_figures(t, &f);
    density_figures(t, &f);
    return f;
}
