#include "evaluate_oracle.h"

#include <math.h>

#include "base/random.h"

static int rising(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The lower empirical quantile of sorted values, percent in whole numbers. */
static double quantile(const double *sorted, int64_t n, int64_t percent)
{
    return sorted[(percent * n + 99) / 100 - 1];
}

static double form(const double *u, const double *v, const double *s, int64_t d)
{
    double sum = 0;
    for (int64_t a = 0; a < d; a++)
        for (int64_t b = 0; b < d; b++) sum += u[a] * (s ? s[a * d + b] : a == b) * v[b];
    return sum;
}

/* Coherence and q* of the atoms in use; k: the number of non-zeros of each row. */
static void stability(const problem *p, const double *s, const uint8_t *use, const double *k, double *mu, double *q_star)
{
    double *c = malloc((size_t)(p->m * p->m + 1) * sizeof *c);
    int64_t pairs = 0;
    *mu = *q_star = NAN;
    for (int64_t i = 0; i < p->m; i++)
        for (int64_t j = i + 1; j < p->m; j++) {
            const double *u = p->atoms + i * p->d, *v = p->atoms + j * p->d;
            double uu = form(u, u, s, p->d), vv = form(v, v, s, p->d);
            if (use[i] && use[j] && uu > 0 && vv > 0) c[pairs++] = fabs(form(u, v, s, p->d) / sqrt(uu) / sqrt(vv));
        }
    if (pairs) {
        *mu = *q_star = 0;
        for (int64_t i = 0; i < pairs; i++) *mu = fmax(*mu, c[i]);
        for (int64_t r = 0; r < p->n; r++) {
            double samples = 0, below = 0;
            for (int64_t t = 0; t < p->n; t++) samples += k[t] <= k[r];
            for (int64_t i = 0; i < pairs; i++) below += c[i] < 1 / (2 * fmax(k[r], 1) - 1);
            *q_star = fmax(*q_star, fmin(samples / (double)p->n, below / (double)pairs));
        }
    }
    free(c);
}

static void density(const problem *p, atoms_figures *f)
{
    for (int64_t i = 0; i < p->m; i++) {
        double fired = 0;
        for (int64_t r = 0; r < p->n; r++) fired += p->code[r * p->m + i] != 0;
        double rate = fired / (double)p->n;
        int bin = fired == 0 ? 0 : rate < 1e-5 ? 1 : rate < 1e-4 ? 2 : rate < 1e-3 ? 3 : rate < 1e-2 ? 4 : rate < .1 ? 5 : rate < .25 ? 6
                  : rate < .5 ? 7 : rate < 1 ? 8 : 9;
        f->density[bin]++;
        f->dead_fraction += (fired == 0) / (double)p->m;
        f->dense_fraction += (rate > .1) / (double)p->m;
    }
}

static void faithfulness(const problem *p, const double *s, atoms_figures *f)
{
    double *mean = calloc((size_t)p->d, sizeof *mean), *e = malloc((size_t)p->d * sizeof *e), *c = malloc((size_t)p->d * sizeof *c);
    double error = 0, spread = 0, aip_error = 0, aip_spread = 0, cosines = 0, ratios = 0;
    for (int64_t i = 0; i < p->n * p->d; i++) mean[i % p->d] += p->x[i] / (double)p->n;
    for (int64_t r = 0; r < p->n; r++) {
        const double *x = p->x + r * p->d, *hat = p->hat + r * p->d;
        for (int64_t j = 0; j < p->d; j++) e[j] = x[j] - hat[j], c[j] = x[j] - mean[j];
        error += form(e, e, NULL, p->d);
        spread += form(c, c, NULL, p->d);
        aip_error += form(e, e, s, p->d);
        aip_spread += form(c, c, s, p->d);
        double xx = form(x, x, NULL, p->d), hh = form(hat, hat, NULL, p->d);
        if (xx > 0) f->norm_ratio += sqrt(hh / xx), ratios++;
        if (xx > 0 && hh > 0) f->cosine += form(x, hat, NULL, p->d) / sqrt(xx * hh), cosines++;
    }
    f->r2 = spread > 0 ? 1 - error / spread : NAN;
    f->aip_r2 = s && aip_spread > 0 ? 1 - aip_error / aip_spread : NAN;
    f->mse = error / (double)p->n;
    f->cosine /= cosines;
    f->norm_ratio /= ratios;
    free(mean);
    free(e);
    free(c);
}

void oracle_fires(const problem *p, uint8_t *fires)
{
    for (int64_t i = 0; i < p->m; i++) {
        fires[i] = 0;
        for (int64_t r = 0; r < p->n; r++) fires[i] |= p->code[r * p->m + i] != 0;
    }
}

atoms_figures oracle_figures(const problem *p, const double *s, const uint8_t *fires)
{
    atoms_figures f = {.struct_size = sizeof f, .rows = p->n};
    double *k = calloc((size_t)p->n, sizeof *k), mu_all;
    uint8_t *use = malloc((size_t)p->m), *all = malloc((size_t)p->m);
    for (int64_t i = 0; i < p->n * p->m; i++) k[i / p->m] += p->code[i] != 0;
    oracle_fires(p, use);
    if (fires) memcpy(use, fires, (size_t)p->m);
    memset(all, 1, (size_t)p->m);
    faithfulness(p, s, &f);
    density(p, &f);
    stability(p, NULL, use, k, &f.mu_euclidean, &f.q_star_euclidean);
    f.q_star = f.q_star_all = f.mu = NAN;
    if (s) stability(p, s, use, k, &f.mu, &f.q_star);
    if (s) stability(p, s, all, k, &mu_all, &f.q_star_all);
    for (int64_t r = 0; r < p->n; r++) f.l0_mean += k[r] / (double)p->n;
    qsort(k, (size_t)p->n, sizeof *k, rising);
    f.l0_p50 = quantile(k, p->n, 50);
    f.l0_p90 = quantile(k, p->n, 90);
    f.l0_p99 = quantile(k, p->n, 99);
    f.l0_max = k[p->n - 1];
    free(k);
    free(use);
    free(all);
    return f;
}

static double *second_moment(const double *x, int64_t n, int64_t d)
{
    double *c = calloc((size_t)(d * d), sizeof *c);
    for (int64_t r = 0; r < n; r++)
        for (int64_t i = 0; i < d * d; i++) c[i] += x[r * d + i / d] * x[r * d + i % d] / (double)n;
    return c;
}

double *oracle_metric(const double *x, int64_t n, int64_t d)
{
    double *c = second_moment(x, n, d), *s = calloc((size_t)(d * d), sizeof *s);
    for (int64_t i = 0; i < d; i++) s[i * d + i] = 1;
    for (int64_t pivot = 0; pivot < d; pivot++) { /* Gauss–Jordan; C is positive definite */
        double by = c[pivot * d + pivot];
        for (int64_t j = 0; j < d; j++) c[pivot * d + j] /= by, s[pivot * d + j] /= by;
        for (int64_t i = 0; i < d; i++) {
            double times = c[i * d + pivot];
            for (int64_t j = 0; j < d && i != pivot; j++) {
                c[i * d + j] -= times * c[pivot * d + j];
                s[i * d + j] -= times * s[pivot * d + j];
            }
        }
    }
    free(c);
    return s;
}

double *oracle_factor(const double *x, int64_t n, int64_t d)
{
    double *c = second_moment(x, n, d), *l = calloc((size_t)(d * d), sizeof *l);
    for (int64_t i = 0; i < d; i++)
        for (int64_t j = 0; j <= i; j++) {
            double sum = c[i * d + j];
            for (int64_t k = 0; k < j; k++) sum -= l[i * d + k] * l[j * d + k];
            l[i * d + j] = i == j ? sqrt(sum) : sum / l[j * d + j];
        }
    free(c);
    return l;
}

double *product(const double *a, const double *b, int64_t rows, int64_t inner, int64_t cols)
{
    double *c = calloc((size_t)(rows * cols), sizeof *c);
    for (int64_t i = 0; i < rows; i++)
        for (int64_t k = 0; k < inner; k++)
            for (int64_t j = 0; j < cols; j++) c[i * cols + j] += a[i * inner + k] * b[k * cols + j];
    return c;
}

double *transposed(const double *a, int64_t rows, int64_t cols)
{
    double *t = malloc((size_t)(rows * cols) * sizeof *t);
    for (int64_t i = 0; i < rows * cols; i++) t[i % cols * rows + i / cols] = a[i];
    return t;
}

static void assert_one(const char *name, double got, double want, double tolerance)
{
    ck_assert_msg(isnan(want) ? isnan(got) : near(got, want, tolerance, 1e-3), "%s = %.17g, not %.17g", name, got, want);
}

void assert_figures_near(const atoms_figures *got, const atoms_figures *want, double tolerance)
{
    ck_assert_int_eq(got->rows, want->rows);
    for (int b = 0; b < ATOMS_DENSITY_BINS; b++) ck_assert_msg(got->density[b] == want->density[b], "density[%d]", b);
#define ONE(field, t) assert_one(#field, got->field, want->field, t)
    ONE(r2, tolerance);
    ONE(aip_r2, tolerance);
    ONE(mse, tolerance);
    ONE(cosine, tolerance);
    ONE(norm_ratio, tolerance);
    ONE(l0_mean, 1e-12);
    ONE(l0_p50, 0);
    ONE(l0_p90, 0);
    ONE(l0_p99, 0);
    ONE(l0_max, 0);
    ONE(dead_fraction, 1e-12);
    ONE(dense_fraction, 1e-12);
    ONE(q_star, 1e-12);
    ONE(q_star_all, 1e-12);
    ONE(q_star_euclidean, 1e-12);
    ONE(mu, tolerance);
    ONE(mu_euclidean, tolerance);
#undef ONE
}

double *some_rows(int64_t n, int64_t d, uint64_t seed)
{
    double *x = malloc((size_t)(n * d) * sizeof *x);
    for (int64_t r = 0; r < n; r++)
        for (int64_t j = 0; j < d; j++) {
            double own = base_random_normal(seed, BASE_STREAM_TEST, (uint64_t)(r * d + j));
            double shared = base_random_normal(seed + 1000, BASE_STREAM_TEST, (uint64_t)r);
            x[r * d + j] = (float)(1.5 + own * (1 + .2 * (double)j) + .7 * shared);
        }
    return x;
}

float *narrowed(const double *x, int64_t count)
{
    float *out = malloc((size_t)count * sizeof *out);
    for (int64_t i = 0; i < count; i++) out[i] = (float)x[i];
    return out;
}

atoms_rows *rows_of(atoms_context *context, const float *x, int64_t n, int64_t d)
{
    atoms_matrix view = atoms_matrix_f32(x, n, d);
    atoms_rows *rows;
    ck_assert_ok(atoms_rows_from_matrix(context, &view, &rows));
    return rows;
}

atoms_metric *metric_of_rows(atoms_context *context, const float *x, int64_t n, int64_t d)
{
    atoms_moments *moments;
    atoms_metric *metric;
    atoms_matrix view = atoms_matrix_f32(x, n, d);
    ck_assert_ok(atoms_moments_create(context, d, &moments));
    ck_assert_ok(atoms_moments_add(moments, &view));
    ck_assert_ok(atoms_metric_from_moments(context, moments, NULL, &metric));
    atoms_moments_destroy(moments);
    return metric;
}

static double *drawn(int64_t count, uint64_t seed, double scale)
{
    double *x = malloc((size_t)count * sizeof *x);
    for (int64_t i = 0; i < count; i++) x[i] = (float)(scale * base_random_normal(seed, BASE_STREAM_TEST, (uint64_t)i));
    return x;
}

toy_sae toy_sae_make(atoms_context *context, int64_t d, int64_t m, double threshold, uint64_t seed)
{
    toy_sae t = {.d = d, .m = m, .w_enc = drawn(d * m, seed, .7), .w_dec = drawn(m * d, seed + 1, .5), .b_enc = drawn(m, seed + 2, .2),
                 .threshold = drawn(m, seed + 3, 0), .b_dec = drawn(d, seed + 4, 1)};
    for (int64_t i = 0; i < m; i++) t.threshold[i] = (float)(threshold * (1 + .1 * (double)(i % 3)));
    t.threshold[m - 1] *= 1000;                            /* one that never fires */
    for (int64_t j = 0; j < d; j++) t.w_dec[d + j] = 0; /* one that has no direction */
    float *w_enc = narrowed(t.w_enc, d * m), *w_dec = narrowed(t.w_dec, m * d), *b_enc = narrowed(t.b_enc, m),
          *theta = narrowed(t.threshold, m), *b_dec = narrowed(t.b_dec, d);
    atoms_sae_weights w;
    ck_assert_ok(atoms_sae_weights_init(&w, sizeof w));
    w.w_enc = atoms_matrix_f32(w_enc, d, m);
    w.w_dec = atoms_matrix_f32(w_dec, m, d);
    w.b_enc = b_enc;
    w.threshold = theta;
    w.b_dec = b_dec;
    ck_assert_ok(atoms_sae_create(context, &w, &t.sae));
    free(w_enc);
    free(w_dec);
    free(b_enc);
    free(theta);
    free(b_dec);
    return t;
}

void toy_sae_free(toy_sae *t)
{
    free(t->w_enc);
    free(t->w_dec);
    free(t->b_enc);
    free(t->threshold);
    free(t->b_dec);
    atoms_sae_destroy(t->sae);
}

void toy_sae_apply(const toy_sae *t, const double *x, int64_t n, double **code, double **hat)
{
    double *z = product(x, t->w_enc, n, t->d, t->m);
    for (int64_t i = 0; i < n * t->m; i++) {
        double limit = t->threshold[i % t->m];
        z[i] += t->b_enc[i % t->m];
        ck_assert_msg(fabs(z[i] - limit) > 1e-6, "choose another seed: row %d is at its threshold", (int)(i / t->m));
        if (!(z[i] > limit)) z[i] = 0;
    }
    *code = z;
    *hat = product(z, t->w_dec, n, t->m, t->d);
    for (int64_t i = 0; i < n * t->d; i++) (*hat)[i] += t->b_dec[i % t->d];
}

atoms_figures new_figures(void)
{
    atoms_figures f;
    ck_assert_ok(atoms_figures_init(&f, sizeof f));
    return f;
}
