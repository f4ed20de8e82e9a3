#include "lasso_case.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "near.h"

double lasso_normal(uint64_t seed, int64_t i)
{
    return base_random_normal(seed, BASE_STREAM_TEST, (uint64_t)i);
}

static double length_of(const double *v, int64_t n)
{
    double sum = 0;
    for (int64_t i = 0; i < n; i++) sum += v[i] * v[i];
    return sqrt(sum);
}

static void fill_atom(const lasso_case *c, int kind, uint64_t seed, int64_t j)
{
    static const double cosines[4] = {0, .999, .99, .9};
    double *d = c->d + j * c->dim;
    for (int64_t i = 0; i < c->dim; i++) d[i] = lasso_normal(seed, j * c->dim + i) / sqrt((double)c->dim);
    if (kind == LASSO_AR && j)
        for (int64_t i = 0; i < c->dim; i++) d[i] = .95 * d[i - c->dim] + sqrt(1 - .95 * .95) * d[i];
    if (kind == LASSO_DUPLICATES && j % 4 == 3) memcpy(d, d - c->dim, (size_t)c->dim * sizeof *d);
    if (kind == LASSO_CLUSTERS && j % 4) {
        const double *centre = c->d + (j - j % 4) * c->dim;
        double cosine = cosines[j % 4], size = length_of(centre, c->dim) / length_of(d, c->dim);
        for (int64_t i = 0; i < c->dim; i++) d[i] = cosine * centre[i] + sqrt(1 - cosine * cosine) * size * d[i];
    }
    double wanted = kind == LASSO_LENGTHS ? pow(10, base_random_uniform(seed + 1, BASE_STREAM_TEST, (uint64_t)j) * 2 - 1) : 1;
    double length = length_of(d, c->dim);
    for (int64_t i = 0; i < c->dim; i++) d[i] *= wanted / length;
}

lasso_case lasso_case_make(atoms_context *context, int kind, uint64_t seed, int64_t dim, int64_t atoms, int64_t rows)
{
    lasso_case c = {.context = context, .atoms = atoms, .dim = dim, .rows = rows};
    c.d = calloc((size_t)(atoms * dim), sizeof *c.d);
    c.x = calloc((size_t)(rows * dim), sizeof *c.x);
    ck_assert(c.d && c.x);
    for (int64_t j = 0; j < atoms; j++) fill_atom(&c, kind, seed, j);
    for (int64_t r = 0; r < rows; r++) {
        double *x = c.x + r * dim;
        for (int64_t k = 0; k < 1 + dim / 8; k++) {
            int64_t j = base_random_below(seed + 2, BASE_STREAM_TEST, (uint64_t)(r * dim + k), atoms);
            double a = lasso_normal(seed + 3, r * dim + k) / length_of(c.d + j * dim, dim);
            for (int64_t i = 0; i < dim; i++) x[i] += a * c.d[j * dim + i];
        }
        for (int64_t i = 0; i < dim; i++) x[i] += .02 * lasso_normal(seed + 4, r * dim + i);
    }
    return c;
}

void lasso_case_free(lasso_case *c)
{
    atoms_dictionary_destroy(c->dictionary);
    free(c->d);
    free(c->x);
}

atoms_lasso_opts lasso_options(void)
{
    atoms_lasso_opts opts;
    ck_assert_ok(atoms_lasso_opts_init(&opts, sizeof opts));
    return opts;
}

lasso_answers lasso_solve_from(lasso_case *c, const atoms_lasso_opts *opts, const atoms_codes_view *start)
{
    lasso_answers a = {0};
    atoms_matrix d = atoms_matrix_f64(c->d, c->atoms, c->dim), x = atoms_matrix_f64(c->x, c->rows, c->dim);
    size_t bytes;
    if (!c->dictionary) ck_assert_ok(atoms_dictionary_create(c->context, &d, c->metric, &c->dictionary));
    ck_assert_ok(atoms_lasso_create(c->context, c->dictionary, opts, &a.lasso));
    ck_assert_ok(atoms_lasso_work_size(a.lasso, c->rows, &bytes));
    a.memory = malloc(bytes);
    a.records = calloc((size_t)c->rows, sizeof *a.records);
    a.dense = calloc((size_t)(c->rows * c->atoms), sizeof *a.dense);
    ck_assert(a.memory && a.records && a.dense);
    memset(a.memory, 0xFF, bytes);
    ck_assert_ok(atoms_lasso_work_init(a.lasso, a.memory, bytes, &a.work));
    ck_assert_ok(atoms_lasso_batch_from(a.lasso, a.work, &x, start, &a.codes, a.records));
    atoms_matrix dense = atoms_matrix_f32(malloc((size_t)(c->rows * c->atoms) * sizeof(float)), c->rows, c->atoms);
    ck_assert(dense.data != NULL);
    ck_assert_ok(atoms_codes_dense(c->context, &a.codes, &dense));
    for (int64_t i = 0; i < c->rows * c->atoms; i++) a.dense[i] = (double)((const float *)dense.data)[i];
    free(dense.data);
    return a;
}

lasso_answers lasso_solve(lasso_case *c, const atoms_lasso_opts *opts)
{
    return lasso_solve_from(c, opts, NULL);
}

void lasso_answers_free(lasso_answers *a)
{
    atoms_lasso_destroy(a->lasso);
    free(a->memory);
    free(a->records);
    free(a->dense);
}

static double inner(const double *u, const double *v, int64_t n)
{
    double sum = 0;
    for (int64_t i = 0; i < n; i++) sum += u[i] * v[i];
    return sum;
}

/* S v, or v. */
static void apply(const lasso_case *c, const double *v, double *out)
{
    memcpy(out, v, (size_t)c->dim * sizeof *out);
    if (!c->metric) return;
    atoms_matrix from = atoms_matrix_f64((double *)(uintptr_t)v, 1, c->dim), to = atoms_matrix_f64(out, 1, c->dim);
    ck_assert_ok(atoms_metric_apply(c->metric, &from, &to));
}

lasso_figures lasso_figures_of(const lasso_case *c, const atoms_lasso_opts *opts, int64_t row, const double *a, double lambda)
{
    int64_t n = c->dim;
    const double *x = c->x + row * n;
    double *r = malloc((size_t)n * sizeof *r), *sr = malloc((size_t)n * sizeof *sr), *sx = malloc((size_t)n * sizeof *sx);
    ck_assert(r && sr && sx);
    memcpy(r, x, (size_t)n * sizeof *r);
    for (int64_t j = 0; j < c->atoms; j++)
        for (int64_t i = 0; i < n; i++) r[i] -= a[j] * c->d[j * n + i];
    apply(c, r, sr);
    apply(c, x, sx);
    double l1 = 0, l2 = 0, most = 0;
    lasso_figures f = {.norm = sqrt(inner(x, sx, n)), .residual = sqrt(inner(r, sr, n))};
    for (int64_t j = 0; j < c->atoms; j++) {
        double w = opts->weights ? opts->weights[j] : 1, g = inner(c->d + j * n, sr, n) - opts->ridge * a[j], cx = inner(c->d + j * n, sx, n);
        double size = opts->nonnegative ? g : fabs(g);
        l1 += w * fabs(a[j]);
        l2 += a[j] * a[j];
        most = fmax(most, size / w);
        f.lambda_max = fmax(f.lambda_max, (opts->nonnegative ? cx : fabs(cx)) / w);
        f.kkt = fmax(f.kkt, (a[j] != 0 ? fabs(g - copysign(lambda * w, a[j])) : size - lambda * w) / lambda);
    }
    double square = f.residual * f.residual + opts->ridge * l2, product = inner(x, sr, n);
    double s = fmin(fmax(product / square, opts->nonnegative ? 0 : -lambda / most), lambda / most);
    f.objective = .5 * square + lambda * l1;
    f.gap = f.objective - (s * product - .5 * s * s * square);
    free(r);
    free(sr);
    free(sx);
    return f;
}

static void check_dual(const lasso_case *c, const atoms_lasso_opts *opts, int64_t row, const double *y, const atoms_code_record *record)
{
    int64_t n = c->dim;
    double *sx = malloc((size_t)n * sizeof *sx), *cy = malloc((size_t)n * sizeof *cy), square = record->norm * record->norm;
    ck_assert(sx && cy);
    for (int64_t j = 0; j < c->atoms; j++) {
        double product = inner(y, c->d + j * n, n), bound = record->lambda * (opts->weights ? opts->weights[j] : 1) * (1 + 1e-9);
        if (opts->ridge == 0) ck_assert((opts->nonnegative ? product : fabs(product)) <= bound);
    }
    if (!c->metric && opts->ridge == 0) { /* the dual value ½‖x‖² − ½‖x − y‖² proves the gap */
        double value = inner(c->x + row * n, y, n) - .5 * inner(y, y, n);
        ck_assert(fabs(record->objective - value - record->gap) <= 1e-10 * .5 * square);
    }
    free(sx);
    free(cy);
}

int64_t lasso_check(const lasso_case *c, const atoms_lasso_opts *opts, const lasso_answers *a)
{
    atoms_matrix dual;
    ck_assert_ok(atoms_lasso_dual(a->lasso, a->work, &dual));
    ck_assert_int_eq(dual.rows, c->rows);
    for (int64_t r = 0; r < c->rows; r++) {
        const atoms_code_record *record = a->records + r;
        lasso_figures f = lasso_figures_of(c, opts, r, a->dense + r * c->atoms, record->lambda);
        double half = .5 * f.norm * f.norm;
        ck_assert_int_eq(record->support, a->codes.offset[r + 1] - a->codes.offset[r]);
        ck_assert_near(record->norm, f.norm, 1e-12);
        ck_assert_near(record->lambda_max, f.lambda_max, 1e-10);
        ck_assert_near(record->lambda, opts->lambda > 0 ? opts->lambda : opts->lambda_rel * f.lambda_max, 1e-10);
        ck_assert(fabs(record->residual - f.residual) <= 1e-10 * f.norm);
        ck_assert(fabs(record->objective - f.objective) <= 1e-10 * half);
        ck_assert_msg(fabs(record->gap - f.gap) <= 1e-10 * half, "row %d: gap %.12g, not %.12g", (int)r, record->gap, f.gap);
        ck_assert_msg(fabs(record->kkt - f.kkt) <= 1e-9 + 1e-10 * f.kkt, "row %d: kkt %.12g, not %.12g", (int)r, record->kkt, f.kkt);
        ck_assert_int_eq(record->status == ATOMS_CODE_CONVERGED, record->gap <= opts->tol * half);
        check_dual(c, opts, r, (const double *)dual.data + r * c->dim, record);
        for (int64_t j = 0; opts->nonnegative && j < c->atoms; j++) ck_assert(a->dense[r * c->atoms + j] >= 0);
    }
    return c->rows;
}
