#include "basis_pursuit_case.h"

#include <math.h>

#include "base/random.h"
#include "counting_memory.h"
#include "suite.h"

double bp_normal(uint64_t seed, int64_t i)
{
    return base_random_normal(seed, BASE_STREAM_TEST, (uint64_t)i);
}

double *bp_normals(int64_t n, uint64_t seed)
{
    double *x = malloc((size_t)n * sizeof *x);
    for (int64_t i = 0; i < n; i++) x[i] = bp_normal(seed, i);
    return x;
}

double *bp_sparse(const double *d, int64_t atoms, int64_t dim, int64_t rows, int64_t k, int nonnegative, uint64_t seed)
{
    double *x = calloc((size_t)(rows * dim), sizeof *x);
    for (int64_t e = 0; e < rows * k; e++) {
        int64_t j = base_permute(seed, BASE_STREAM_TEST, (uint64_t)(e / k), e % k, atoms);
        double value = bp_normal(seed + 7, e);
        if (nonnegative) value = fabs(value);
        for (int64_t i = 0; i < dim; i++) x[e / k * dim + i] += value * d[j * dim + i];
    }
    return x;
}

bp_case *bp_make(double *d, int64_t atoms, int64_t dim, double *x, int64_t rows)
{
    bp_case *c = calloc(1, sizeof *c);
    *c = (bp_case){.atoms = atoms, .dim = dim, .rows = rows, .d = d, .x = x};
    ck_assert_ok(atoms_basis_pursuit_opts_init(&c->opts, sizeof c->opts));
    return c;
}

void bp_free(bp_case *c)
{
    free(c->d), free(c->x), free(c->code), free(c->dual), free(c->record), free(c);
}

static float *rounded(double *x, int64_t n)
{
    float *out = malloc((size_t)n * sizeof *out);
    for (int64_t i = 0; i < n; i++) x[i] = (double)(out[i] = (float)x[i]);
    return out;
}

/* The metric whose second moment is diag scale². */
static atoms_metric *metric_of(atoms_context *context, const double *scale, int64_t dim)
{
    double *rows = calloc((size_t)(dim * dim), sizeof *rows);
    for (int64_t i = 0; i < dim; i++) rows[i * dim + i] = scale[i] * sqrt((double)dim);
    atoms_matrix m = atoms_matrix_f64(rows, dim, dim);
    atoms_moments *moments;
    atoms_metric *metric;
    ck_assert_ok(atoms_moments_create(context, dim, &moments));
    ck_assert_ok(atoms_moments_add(moments, &m));
    ck_assert_ok(atoms_metric_from_moments(context, moments, NULL, &metric));
    atoms_moments_destroy(moments);
    free(rows);
    return metric;
}

void bp_solve(bp_case *c, int32_t dtype)
{
    atoms_context *context = counting_context(&(counting_memory){0}, 1);
    int f32 = dtype == ATOMS_F32;
    float *d32 = f32 ? rounded(c->d, c->atoms * c->dim) : NULL, *x32 = f32 ? rounded(c->x, c->rows * c->dim) : NULL;
    atoms_matrix d = f32 ? atoms_matrix_f32(d32, c->atoms, c->dim) : atoms_matrix_f64(c->d, c->atoms, c->dim);
    atoms_matrix x = f32 ? atoms_matrix_f32(x32, c->rows, c->dim) : atoms_matrix_f64(c->x, c->rows, c->dim), dual;
    atoms_metric *metric = c->scale ? metric_of(context, c->scale, c->dim) : NULL;
    atoms_dictionary *dictionary;
    atoms_basis_pursuit *bp;
    atoms_basis_pursuit_work *work;
    atoms_codes_view codes;
    size_t bytes;
    ck_assert_ok(atoms_dictionary_create(context, &d, metric, &dictionary));
    ck_assert_ok(atoms_basis_pursuit_create(context, dictionary, &c->opts, &bp));
    ck_assert_ok(atoms_basis_pursuit_work_size(bp, c->rows, &bytes));
    void *memory = malloc(bytes);
    memset(memory, 0xff, bytes);
    ck_assert_ok(atoms_basis_pursuit_work_init(bp, memory, bytes, &work));
    free(c->code), free(c->dual), free(c->record);
    c->code = calloc((size_t)(c->rows * c->atoms), sizeof *c->code);
    c->dual = malloc((size_t)(c->rows * c->dim) * sizeof *c->dual);
    c->record = malloc((size_t)c->rows * sizeof *c->record);
    ck_assert_ok(atoms_basis_pursuit_batch(bp, work, &x, &codes, c->record));
    ck_assert_ok(atoms_basis_pursuit_dual(bp, work, &dual));
    memcpy(c->dual, dual.data, (size_t)(c->rows * c->dim) * sizeof *c->dual);
    for (int64_t r = 0; r < c->rows; r++)
        for (int64_t e = codes.offset[r]; e < codes.offset[r + 1]; e++) c->code[r * c->atoms + codes.index[e]] = (double)codes.value[e];
    free(memory), free(d32), free(x32);
    atoms_basis_pursuit_destroy(bp);
    atoms_dictionary_destroy(dictionary);
    atoms_metric_destroy(metric);
    atoms_context_destroy(context);
}

double bp_length(const bp_case *c, int64_t r)
{
    double sum = 0;
    for (int64_t j = 0; j < c->atoms; j++) sum += fabs(c->code[r * c->atoms + j]);
    return sum;
}

static double norm_of(const bp_case *c, const double *v, int dual)
{
    double sum = 0;
    for (int64_t i = 0; i < c->dim; i++) {
        double scale = c->scale ? c->scale[i] : 1, value = dual ? v[i] * scale : v[i] / scale;
        sum += value * value;
    }
    return sqrt(sum);
}

static double product(int64_t n, const double *x, const double *y)
{
    double sum = 0;
    for (int64_t i = 0; i < n; i++) sum += x[i] * y[i];
    return sum;
}

static void check_row(const bp_case *c, int64_t r)
{
    const atoms_code_record *record = c->record + r;
    const double *x = c->x + r * c->dim, *y = c->dual + r * c->dim, *code = c->code + r * c->atoms;
    double *residual = malloc((size_t)c->dim * sizeof *residual), kkt = 0, length = bp_length(c, r), norm = norm_of(c, x, 0), top = 0;
    double sigma = c->opts.sigma > 0 ? c->opts.sigma : c->opts.sigma_rel * norm;
    int32_t support = 0;
    memcpy(residual, x, (size_t)c->dim * sizeof *residual);
    for (int64_t j = 0; j < c->atoms; j++) {
        const double *d = c->d + j * c->dim;
        double lean = product(c->dim, d, y), toward = 0;
        for (int64_t i = 0; i < c->dim; i++) {
            residual[i] -= code[j] * d[i];
            toward += d[i] * x[i] / (c->scale ? c->scale[i] * c->scale[i] : 1);
        }
        top = fmax(top, c->opts.nonnegative ? toward : fabs(toward));
        ck_assert_msg((c->opts.nonnegative ? lean : fabs(lean)) <= 1, "row %d: |y·d_%d| − 1 = %g", (int)r, (int)j, fabs(lean) - 1);
        if (code[j] != 0) kkt = fmax(kkt, fabs((code[j] > 0 ? 1 : -1) - lean));
        support += code[j] != 0;
        if (c->opts.nonnegative) ck_assert(code[j] >= 0);
    }
    double gap = length - (product(c->dim, x, y) - sigma * norm_of(c, y, 1)), away = norm_of(c, residual, 0);
    ck_assert_int_eq(record->support, support);
    ck_assert(near(record->norm, norm, 1e-12, 0) && near(record->objective, length, 1e-12, 0) && near(record->residual, away, 1e-10, norm));
    ck_assert_msg(near(record->gap, gap, 1e-9, length), "row %d: gap %.17g, not %.17g", (int)r, record->gap, gap);
    ck_assert(near(record->kkt, kkt, 1e-9, 1) && near(record->lambda_max, top, 1e-10, 0));
    ck_assert(isnan(record->lambda) || record->lambda > 0);
    if (record->status == ATOMS_CODE_CONVERGED) ck_assert(gap <= c->opts.tol * length + 1e-15 && away <= sigma + 1.0000001e-6 * norm);
    if (record->status == ATOMS_CODE_INFEASIBLE) ck_assert(away > sigma + 1e-6 * norm);
    free(residual);
}

int64_t bp_check(const bp_case *c)
{
    int64_t converged = 0;
    for (int64_t r = 0; r < c->rows; r++) {
        ck_assert(c->record[r].status == ATOMS_CODE_CONVERGED || c->record[r].status == ATOMS_CODE_STOPPED ||
                  c->record[r].status == ATOMS_CODE_INFEASIBLE);
        converged += c->record[r].status == ATOMS_CODE_CONVERGED;
        if (c->record[r].norm > 0) check_row(c, r);
    }
    return converged;
}
