#include "metric_support.h"

#include "metric/metric_internal.h"

double *normal_numbers(int64_t n, uint64_t seed)
{
    double *x = malloc((size_t)n * sizeof *x);
    ck_assert_ptr_nonnull(x);
    for (int64_t i = 0; i < n; i++) x[i] = base_random_normal(seed, BASE_STREAM_TEST, (uint64_t)i);
    return x;
}

double *correlated_rows(int64_t rows, int64_t dim, uint64_t seed)
{
    double *z = normal_numbers(rows * dim, seed), *a = normal_numbers(dim * dim, seed + 1), *x = malloc((size_t)(rows * dim) * sizeof *x);
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < dim; j++) {
            double s = 1.5;
            for (int64_t p = 0; p < dim; p++) s += z[i * dim + p] * (a[p * dim + j] / 2 + (p == j) * 3);
            x[i * dim + j] = s;
        }
    free(z);
    free(a);
    return x;
}

atoms_matrix sample_rows(const char *name, unsigned char **bytes)
{
    size_t size;
    *bytes = read_bytes(sample_path(name), &size);
    size_t header = 10 + (*bytes)[8] + 256u * (*bytes)[9]; /* npy version 1 */
    ck_assert_uint_eq((size - header) % (2 * SAMPLE_WIDTH), 0);
    return atoms_matrix_view(*bytes + header, (int64_t)((size - header) / (2 * SAMPLE_WIDTH)), SAMPLE_WIDTH, ATOMS_F16);
}

atoms_moments *moments_of(atoms_context *context, const atoms_matrix *rows)
{
    atoms_moments *moments;
    ck_assert_ok(atoms_moments_create(context, rows->cols, &moments));
    ck_assert_ok(atoms_moments_add(moments, rows));
    return moments;
}

atoms_metric *metric_of(atoms_context *context, const atoms_matrix *rows, const atoms_metric_opts *opts)
{
    atoms_moments *moments = moments_of(context, rows);
    atoms_metric *metric;
    ck_assert_ok(atoms_metric_from_moments(context, moments, opts, &metric));
    atoms_moments_destroy(moments);
    return metric;
}

int same_moments(const atoms_moments *a, const atoms_moments *b)
{
    size_t sums = (size_t)((a->dim + 2) * a->dim + 1) * sizeof(double), waiting = (size_t)(a->pending * a->dim) * sizeof(double);
    return a->dim == b->dim && a->count == b->count && a->pending == b->pending && !memcmp(a->sums.outer, b->sums.outer, sums) &&
           !memcmp(a->block, b->block, waiting);
}

atoms_metric_opts metric_opts(void)
{
    atoms_metric_opts opts;
    ck_assert_ok(atoms_metric_opts_init(&opts, sizeof opts));
    return opts;
}

atoms_metric_report describe(const atoms_metric *metric)
{
    atoms_metric_report report;
    ck_assert_ok(atoms_metric_report_init(&report, sizeof report));
    ck_assert_ok(atoms_metric_describe(metric, &report));
    return report;
}

static void add_cases(Suite *suite)
{
    add_moments_cases(suite);
    add_metric_cases(suite);
    add_whiten_cases(suite);
    add_moments_rows_cases(suite);
    add_angles_cases(suite);
    add_metric_files_cases(suite);
}

SUITE_MAIN("metric", add_cases)
