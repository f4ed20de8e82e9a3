#include "pursuit_problem.h"

#include <math.h>

#include "base/random.h"

double dot(int64_t n, const double *x, const double *y)
{
    double sum = 0;
    for (int64_t i = 0; i < n; i++) sum += x[i] * y[i];
    return sum;
}

static void make_atoms(int kind, problem *p, uint64_t seed)
{
    for (int64_t i = 0; i < p->atoms * p->dim; i++) p->d[i] = base_random_normal(seed, BASE_STREAM_TEST, (uint64_t)i);
    for (int64_t j = 1; j < p->atoms; j++) {
        double *d = p->d + j * p->dim, *before = d - p->dim;
        if (kind == CORRELATED)
            for (int64_t i = 0; i < p->dim; i++) d[i] = .9 * before[i] + sqrt(1 - .81) * d[i];
        if (kind == DUPLICATED && j % 3 == 2) memcpy(d, before, (size_t)p->dim * sizeof *d);
        if (kind == NON_UNIT)
            for (int64_t i = 0; i < p->dim; i++) d[i] *= pow(10, (double)(j % 7) - 3);
    }
}

/* The unit atoms' sums, so in plain coordinates, whatever the metric. */
static void make_signals(problem *p, int64_t sparsity, double noise, uint64_t seed)
{
    uint64_t counter = 0;
    for (int64_t r = 0; r < p->rows; r++) {
        double *x = p->x + r * p->dim;
        memset(x, 0, (size_t)p->dim * sizeof *x);
        for (int64_t k = 0; k < sparsity; k++) {
            int64_t j = base_random_below(seed + 1, BASE_STREAM_TEST, counter, p->atoms);
            double a = base_random_normal(seed + 2, BASE_STREAM_TEST, counter++) / sqrt(dot(p->dim, p->d + j * p->dim, p->d + j * p->dim));
            for (int64_t i = 0; i < p->dim; i++) x[i] += a * p->d[j * p->dim + i];
        }
        double scale = noise * sqrt(dot(p->dim, x, x) / (double)p->dim);
        for (int64_t i = 0; i < p->dim; i++) x[i] += scale * base_random_normal(seed + 3, BASE_STREAM_TEST, (uint64_t)(r * p->dim + i));
    }
}

static atoms_metric *make_metric(problem *p, uint64_t seed)
{
    int64_t rows = 4 * p->dim;
    double *sample = malloc((size_t)(rows * p->dim) * sizeof *sample);
    atoms_moments *moments;
    atoms_metric *metric;
    for (int64_t i = 0; i < rows * p->dim; i++) sample[i] = base_random_normal(seed + 4, BASE_STREAM_TEST, (uint64_t)i) * (1 + (double)(i % p->dim) / 8);
    atoms_matrix m = atoms_matrix_f64(sample, rows, p->dim);
    ck_assert_ok(atoms_moments_create(p->context, p->dim, &moments));
    ck_assert_ok(atoms_moments_add(moments, &m));
    ck_assert_ok(atoms_metric_from_moments(p->context, moments, NULL, &metric));
    atoms_moments_destroy(moments);
    free(sample);
    return metric;
}

static problem *empty(int64_t atoms, int64_t dim, int64_t rows)
{
    problem *p = calloc(1, sizeof *p);
    p->atoms = atoms, p->dim = dim, p->rows = rows;
    p->context = counting_context(&p->counting, 1);
    p->d = malloc((size_t)(atoms * dim) * sizeof(double));
    p->x = malloc((size_t)(rows * dim) * sizeof(double));
    p->white = malloc((size_t)(rows * dim) * sizeof(double));
    return p;
}

static problem *finish(problem *p)
{
    atoms_matrix d = atoms_matrix_f64(p->d, p->atoms, p->dim), x = atoms_matrix_f64(p->x, p->rows, p->dim);
    atoms_matrix white = atoms_matrix_f64(p->white, p->rows, p->dim);
    ck_assert_ok(atoms_dictionary_create(p->context, &d, p->metric, &p->dictionary));
    p->unit = p->dictionary->unit;
    if (p->metric) ck_assert_ok(atoms_metric_whiten(p->metric, ATOMS_WHITEN_CHOLESKY, &x, &white));
    else memcpy(p->white, p->x, (size_t)(p->rows * p->dim) * sizeof(double));
    return p;
}

problem *problem_make(int kind, int64_t atoms, int64_t dim, int64_t rows, int64_t sparsity, double noise, uint64_t seed)
{
    problem *p = empty(atoms, dim, rows);
    make_atoms(kind, p, 10 * seed);
    make_signals(p, sparsity, noise, 10 * seed);
    if (kind == WITH_METRIC) p->metric = make_metric(p, 10 * seed);
    return finish(p);
}

problem *problem_of(const double *d, int64_t atoms, int64_t dim, const double *x, int64_t rows)
{
    problem *p = empty(atoms, dim, rows);
    memcpy(p->d, d, (size_t)(atoms * dim) * sizeof *d);
    memcpy(p->x, x, (size_t)(rows * dim) * sizeof *x);
    return finish(p);
}

void problem_free(problem *p)
{
    atoms_dictionary_destroy(p->dictionary);
    atoms_metric_destroy(p->metric);
    atoms_context_destroy(p->context);
    ck_assert_int_eq(p->counting.held, 0);
    free(p->d);
    free(p->x);
    free(p->white);
    free(p);
}

atoms_pursuit_opts options(int32_t rule, int64_t max_atoms)
{
    atoms_pursuit_opts opts;
    ck_assert_ok(atoms_pursuit_opts_init(&opts, sizeof opts));
    opts.rule = rule;
    opts.max_atoms = max_atoms;
    return opts;
}

answer pursue_all(problem *p, const atoms_pursuit_opts *opts)
{
    answer a = {0};
    size_t bytes;
    atoms_pursuit_work *work;
    atoms_matrix x = atoms_matrix_f64(p->x, p->rows, p->dim);
    ck_assert_ok(atoms_pursuit_create(p->context, p->dictionary, opts, &a.pursuit));
    ck_assert_ok(atoms_pursuit_work_size(a.pursuit, p->rows, &bytes));
    a.memory = malloc(bytes);
    a.records = malloc((size_t)p->rows * sizeof *a.records);
    ck_assert_ok(atoms_pursuit_work_init(a.pursuit, a.memory, bytes, &work));
    ck_assert_ok(atoms_pursuit_batch(a.pursuit, work, &x, &a.codes, a.records));
    ck_assert_int_eq(a.codes.rows, p->rows);
    return a;
}

void answer_free(answer *a)
{
    atoms_pursuit_destroy(a->pursuit);
    free(a->memory);
    free(a->records);
}

double value_of(const answer *a, int64_t r, int32_t j)
{
    for (int64_t e = a->codes.offset[r]; e < a->codes.offset[r + 1]; e++)
        if (a->codes.index[e] == j) return (double)a->codes.value[e];
    return 0;
}

int uses(const answer *a, int64_t r, const int32_t *index, int64_t n)
{
    if (a->codes.offset[r + 1] - a->codes.offset[r] != n) return 0;
    for (int64_t i = 0; i < n; i++)
        if (value_of(a, r, index[i]) == 0) return 0;
    return 1;
}
