/* Rows under the roots of S. With C = L Lᵀ = V diag(λ) Vᵀ and rows x as the rows of X:
 *     Cholesky:  L⁻¹x  is  X Lᵀ⁻¹ (a triangular solve),   back  X Lᵀ;
 *     symmetric: S^½ x is  X V diag(λ^−½) Vᵀ (two products), back with λ^½;
 *     S x = L⁻ᵀ L⁻¹ x  is  two solves.
 * Blocks of fixed size are widened, transformed and written out; each worker has a place of its own for them. */
#include <math.h>
#include <string.h>

#include "../../linalg/cblas_gate.h"
#include "../matrix/matrix_internal.h"
#include "metric_internal.h"

enum { BLOCK = 64 };

typedef struct job job;
typedef void transform_fn(const job *j, int64_t rows, double *x, double *spare);

struct job {
    const atoms_metric *metric;
    transform_fn *transform;
    int back; /* unwhiten */
    const atoms_matrix *x;
    const atoms_matrix *out; /* or */
    double *norms;
    int64_t places; /* blocks a worker has: 2 where the transform needs a spare one */
    int64_t height; /* rows of a block */
    double *work;
};

static void solve(const job *j, int64_t rows, double *x, double *spare)
{
    (void)spare;
    int64_t dim = j->x->cols;
    linalg_dtrsm(true, LINALG_TRANSPOSED, rows, dim, j->metric->factor, dim, x, dim);
}

static void solve_twice(const job *j, int64_t rows, double *x, double *spare)
{
    int64_t dim = j->x->cols;
    solve(j, rows, x, spare);
    linalg_dtrsm(true, LINALG_PLAIN, rows, dim, j->metric->factor, dim, x, dim);
}

static void multiply(const job *j, int64_t rows, double *x, double *spare)
{
    (void)spare;
    int64_t dim = j->x->cols;
    linalg_dtrmm(true, LINALG_TRANSPOSED, rows, dim, j->metric->factor, dim, x, dim);
}

static void symmetric(const job *j, int64_t rows, double *x, double *spare)
{
    int64_t dim = j->x->cols;
    const double *v = j->metric->vectors;
    linalg_dgemm(LINALG_PLAIN, LINALG_TRANSPOSED, rows, dim, dim, 1, x, dim, v, dim, 0, spare, dim);
    for (int64_t c = 0; c < dim; c++) {
        double root = sqrt(j->metric->values[c]), scale = j->back ? root : 1 / root;
        for (int64_t r = 0; r < rows; r++) spare[r * dim + c] *= scale;
    }
    linalg_dgemm(LINALG_PLAIN, LINALG_PLAIN, rows, dim, dim, 1, spare, dim, v, dim, 0, x, dim);
}

static void write_row(const atoms_matrix *out, int64_t row, const double *x)
{
    void *to = atomsi_matrix_row(out, row);
    if (out->dtype == ATOMS_F64) {
        memcpy(to, x, (size_t)out->cols * sizeof *x);
        return;
    }
    float *narrow = to;
    for (int64_t c = 0; c < out->cols; c++) narrow[c] = (float)x[c];
}

static double norm_of(int64_t n, const double *x)
{
    double s = 0;
    for (int64_t c = 0; c < n; c++) s += x[c] * x[c];
    return sqrt(s);
}

static void transform_block(void *arg, int64_t index, int32_t worker)
{
    const job *j = arg;
    int64_t dim = j->x->cols, first = index * j->height, rows = base_min_i64(j->height, j->x->rows - first);
    double *x = j->work + worker * j->places * j->height * dim, *spare = x + (j->places - 1) * j->height * dim;
    atomsi_matrix_read_f64(j->x, first, rows, x);
    j->transform(j, rows, x, spare);
    for (int64_t r = 0; r < rows; r++) {
        if (j->out)
            write_row(j->out, first + r, x + r * dim);
        else
            j->norms[first + r] = norm_of(dim, x + r * dim);
    }
}

static atoms_status run(job *j)
{
    atoms_context *context = j->metric->context;
    if (!j->x->rows) return ATOMS_OK;
    j->height = base_min_i64(BLOCK, j->x->rows);
    int64_t elements, blocks = base_blocks(j->x->rows, j->height), workers = blocks > 1 ? atoms_context_threads(context) : 1;
    if (!base_mul_i64(workers * j->places * j->height, j->x->cols, &elements))
        return atomsi_fail(context, ATOMS_E_OVERFLOW, "x: %lld columns are too many", (long long)j->x->cols);
    j->work = atomsi_alloc(context, elements, sizeof(double));
    if (!j->work) return ATOMS_E_MEMORY;
    atomsi_parallel_for(context, blocks, transform_block, j);
    atomsi_free(context, j->work);
    return ATOMS_OK;
}

static atoms_status check_input(const atoms_metric *metric, const atoms_matrix *x)
{
    if (!metric) return ATOMS_E_ARGUMENT;
    atoms_status status = atomsi_matrix_check_cols(metric->context, x, metric->moments->dim, "x");
    return status ? status : atomsi_matrix_check_finite(metric->context, x, 0, 0, "x");
}

/* What `narrow_too` allows: f32 beside f64. */
static atoms_status check_output(const atoms_metric *metric, const atoms_matrix *x, const atoms_matrix *out, int narrow_too)
{
    atoms_status status = atomsi_matrix_check_cols(metric->context, out, metric->moments->dim, "out");
    if (status) return status;
    if (out->rows != x->rows)
        return atomsi_fail(metric->context, ATOMS_E_SHAPE, "out has %lld rows, x has %lld", (long long)out->rows, (long long)x->rows);
    if (out->dtype != ATOMS_F64 && !(narrow_too && out->dtype == ATOMS_F32))
        return atomsi_fail(metric->context, ATOMS_E_DTYPE, "out is %s, not f64%s", atoms_dtype_name(out->dtype), narrow_too ? " or f32" : "");
    return ATOMS_OK;
}

static atoms_status change(const atoms_metric *metric, int32_t root, const atoms_matrix *x, const atoms_matrix *out, transform_fn *triangular,
                           int back)
{
    atoms_status status = check_input(metric, x);
    if (!status) status = check_output(metric, x, out, 1);
    if (status) return status;
    if (root != ATOMS_WHITEN_CHOLESKY && root != ATOMS_WHITEN_SYMMETRIC)
        return atomsi_fail(metric->context, ATOMS_E_ARGUMENT, "root is %d, which is no root", (int)root);
    int by_vectors = root == ATOMS_WHITEN_SYMMETRIC;
    return run(&(job){.metric = metric, .transform = by_vectors ? symmetric : triangular, .back = back, .x = x, .out = out,
                      .places = 1 + by_vectors});
}

atoms_status atoms_metric_whiten(const atoms_metric *metric, int32_t root, const atoms_matrix *x, const atoms_matrix *out)
{
    return change(metric, root, x, out, solve, 0);
}

atoms_status atoms_metric_unwhiten(const atoms_metric *metric, int32_t root, const atoms_matrix *x, const atoms_matrix *out)
{
    return change(metric, root, x, out, multiply, 1);
}

atoms_status atoms_metric_apply(const atoms_metric *metric, const atoms_matrix *x, const atoms_matrix *out)
{
    atoms_status status = check_input(metric, x);
    if (!status) status = check_output(metric, x, out, 0);
    return status ? status : run(&(job){.metric = metric, .transform = solve_twice, .x = x, .out = out, .places = 1});
}

atoms_status atoms_metric_norms(const atoms_metric *metric, const atoms_matrix *x, double *norms)
{
    atoms_status status = check_input(metric, x);
    if (status) return status;
    if (!norms) return atomsi_fail(metric->context, ATOMS_E_ARGUMENT, "norms is NULL");
    return run(&(job){.metric = metric, .transform = solve, .x = x, .norms = norms, .places = 1});
}
