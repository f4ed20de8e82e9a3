#include "geometry_oracle.h"

#include <math.h>

#include "suite.h"

float *narrowed(const double *x, int64_t n)
{
    float *out = malloc((size_t)n * sizeof *out);
    for (int64_t i = 0; i < n; i++) out[i] = (float)x[i];
    return out;
}

atoms_metric *some_metric(atoms_context *context, int64_t dim, uint64_t seed)
{
    int64_t n = 3 * dim + 5;
    double *rows = random_atoms(n, dim, seed);
    for (int64_t i = 0; i < n * dim; i++) rows[i] = rows[i] * (double)(i % dim + 1) + 1;
    atoms_metric *metric = metric_from_rows(context, rows, n, dim);
    free(rows);
    return metric;
}

double *cosines_of(const double *atoms_by_row, int64_t atoms, int64_t dim, const atoms_metric *metric)
{
    double *g = malloc((size_t)(atoms * atoms) * sizeof *g), *s = malloc((size_t)(atoms * dim) * sizeof *s);
    if (metric) {
        atoms_matrix x = atoms_matrix_f64(atoms_by_row, atoms, dim), out = atoms_matrix_f64(s, atoms, dim);
        ck_assert_ok(atoms_metric_apply(metric, &x, &out)); /* S d_i, the other way than by whitening */
    } else {
        memcpy(s, atoms_by_row, (size_t)(atoms * dim) * sizeof *s);
    }
    for (int64_t i = 0; i < atoms; i++)
        for (int64_t j = 0; j < atoms; j++) {
            double sum = 0;
            for (int64_t k = 0; k < dim; k++) sum += atoms_by_row[i * dim + k] * s[j * dim + k];
            g[i * atoms + j] = sum;
        }
    for (int64_t i = 0; i < atoms; i++)
        for (int64_t j = 0; j < atoms; j++)
            if (i != j) g[i * atoms + j] /= sqrt(g[i * atoms + i] * g[j * atoms + j]);
    for (int64_t i = 0; i < atoms; i++) g[i * atoms + i] = 1;
    free(s);
    return g;
}

static int rising(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

atoms_geometry *geometry_of(atoms_context *context, const atoms_matrix *m, const atoms_metric *metric, int64_t babel)
{
    atoms_geometry_opts opts;
    atoms_geometry *g;
    ck_assert_ok(atoms_geometry_opts_init(&opts, sizeof opts));
    opts.babel = babel;
    ck_assert_ok(atoms_geometry_create(context, m, metric, &opts, &g));
    return g;
}

atoms_geometry_report report_of(const atoms_geometry *g)
{
    atoms_geometry_report r;
    ck_assert_ok(atoms_geometry_report_init(&r, sizeof r));
    ck_assert_ok(atoms_geometry_describe(g, &r));
    return r;
}

static int64_t lowest_of_cluster(const double *c, int64_t atoms, double duplicate, int64_t of, int64_t *lowest)
{
    for (int64_t i = 0; i < atoms; i++) lowest[i] = i;
    for (int changed = 1; changed;) { /* spreads the lowest number along duplicates until nothing moves */
        changed = 0;
        for (int64_t i = 0; i < atoms; i++)
            for (int64_t j = 0; j < atoms; j++)
                if (c[i * atoms + j] >= duplicate && lowest[j] < lowest[i]) lowest[i] = lowest[j], changed = 1;
    }
    return lowest[of];
}

static void check_rows(const atoms_geometry *g, const double *c, int64_t atoms, double tolerance)
{
    int64_t k_most = report_of(g).babel;
    double *row = malloc((size_t)atoms * sizeof *row), *profile = calloc((size_t)k_most, sizeof *profile);
    for (int64_t i = 0; i < atoms; i++) {
        int64_t n = 0;
        for (int64_t j = 0; j < atoms; j++)
            if (j != i) row[n++] = fabs(c[i * atoms + j]);
        qsort(row, (size_t)n, sizeof *row, rising);
        double sum = 0;
        for (int64_t k = 0; k < k_most; k++) {
            if (k < n) sum += row[n - 1 - k];
            profile[k] = fmax(profile[k], sum);
        }
        ck_assert_near(atoms_geometry_nearest(g)[i] + 1, row[n - 1] + 1, tolerance);
        ck_assert_near(fabs(c[i * atoms + atoms_geometry_partner(g)[i]]) + 1, row[n - 1] + 1, tolerance);
        ck_assert(atoms_geometry_partner(g)[i] != i);
        ck_assert_near(atoms_geometry_atom_babel(g)[i] + 1, sum + 1, tolerance);
    }
    for (int64_t k = 0; k < k_most; k++) ck_assert_near(atoms_geometry_babel(g)[k] + 1, profile[k] + 1, tolerance);
    free(row);
    free(profile);
}

void check_geometry(const atoms_geometry *g, const double *c, int64_t atoms, double duplicate, double tolerance)
{
    static const double level[] = {.3, .5, .7, .9};
    atoms_geometry_report r = report_of(g);
    int64_t pairs = 0, above[4] = {0}, duplicates = 0, *lowest = malloc((size_t)atoms * sizeof *lowest);
    double positive = -2, *m = malloc((size_t)(atoms * atoms) * sizeof *m);
    for (int64_t i = 0; i < atoms; i++)
        for (int64_t j = i + 1; j < atoms; j++) {
            double cosine = c[i * atoms + j];
            m[pairs++] = fabs(cosine);
            positive = fmax(positive, cosine);
            for (int l = 0; l < 4; l++) above[l] += fabs(cosine) > level[l];
        }
    qsort(m, (size_t)pairs, sizeof *m, rising);
    ck_assert(r.pairs == pairs && r.atoms == atoms);
    ck_assert_near(r.mu + 1, m[pairs - 1] + 1, tolerance);
    ck_assert_near(fabs(c[r.pair[0] * atoms + r.pair[1]]) + 1, r.mu + 1, tolerance);
    ck_assert(r.pair[0] < r.pair[1]);
    ck_assert_near(r.mu_positive + 2, positive + 2, tolerance);
    const double q[] = {r.p50, r.p90, r.p99, r.p999};
    const int64_t mille[] = {500, 900, 990, 999};
    for (int k = 0; k < 4; k++) ck_assert_near(q[k] + 1, m[(pairs * mille[k] + 999) / 1000 - 1] + 1, tolerance);
    for (int l = 0; l < 4; l++) ck_assert_int_eq(r.above[l], above[l]);
    lowest_of_cluster(c, atoms, duplicate, 0, lowest);
    for (int64_t i = 0; i < atoms; i++) {
        ck_assert_int_eq(atoms_geometry_cluster(g)[i], lowest[i]);
        duplicates += lowest[i] != i;
    }
    ck_assert_int_eq(r.duplicates, duplicates);
    check_rows(g, c, atoms, tolerance);
    free(m);
    free(lowest);
}
