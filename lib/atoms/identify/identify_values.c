/* Values by least squares on given supports: in the whitened space, with the unit atoms U of a row's support, (UᵀU) δ = Uᵀx̃ by Cholesky, then one
 * step of refinement with the residual itself (corrected semi-normal equations; Björck 1987), all in f64. a_j = δ_j/‖d_j‖_S. */
#include <math.h>
#include <string.h>

#include "../../linalg/cblas_gate.h"
#include "../../linalg/lapacke_gate.h"
#include "../codes/codes_internal.h"
#include "identify_internal.h"

enum { BLOCK = 256 };

typedef struct fitting {
    const atoms_dictionary *d;
    const atoms_codes_view *codes;
    int64_t first, k;        /* the block's first row; the most entries of a row that can be fitted */
    double *rows;            /* BLOCK × dim, whitened */
    float *value;            /* of the block's entries */
    double *work;            /* a worker: k² + 2 k + dim */
    int64_t *dependent;      /* a worker */
} fitting;

static int64_t work_size(const fitting *f)
{
    return f->k * f->k + 2 * f->k + f->d->dim;
}

/* b replaced by the solution of L Lᵀ y = b. */
static void solve(int64_t n, const double *l, double *b)
{
    for (int64_t i = 0; i < n; i++) {
        for (int64_t j = 0; j < i; j++) b[i] -= l[i * n + j] * b[j];
        b[i] /= l[i * n + i];
    }
    for (int64_t i = n - 1; i >= 0; i--) {
        for (int64_t j = i + 1; j < n; j++) b[i] -= l[j * n + i] * b[j];
        b[i] /= l[i * n + i];
    }
}

/* A pivot below this is rounding: the square of the sine between an atom and those before it. */
static const double least_pivot = 1e-12;

static bool factor(const atoms_dictionary *d, const int32_t *index, int64_t n, double *gram)
{
    if (n > d->dim) return false;
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = i; j < n; j++) gram[i * n + j] = linalg_ddot(d->dim, d->unit + index[i] * d->dim, d->unit + index[j] * d->dim);
    if (linalg_cholesky(n, gram)) return false;
    for (int64_t i = 0; i < n; i++)
        if (gram[i * n + i] * gram[i * n + i] < least_pivot) return false;
    return true;
}

static void fit_row(void *arg, int64_t r, int32_t worker)
{
    fitting *f = arg;
    const atoms_dictionary *d = f->d;
    int64_t start = f->codes->offset[f->first + r], n = f->codes->offset[f->first + r + 1] - start, dim = d->dim;
    const int32_t *index = f->codes->index + start;
    float *value = f->value + start - f->codes->offset[f->first];
    double *gram = f->work + worker * work_size(f), *delta = gram + f->k * f->k, *step = delta + f->k, *residual = step + f->k;
    if (!n) return;
    if (!factor(d, index, n, gram)) {
        f->dependent[worker]++;
        memcpy(value, f->codes->value + start, (size_t)n * sizeof *value);
        return;
    }
    memset(delta, 0, (size_t)n * sizeof *delta);
    memcpy(residual, f->rows + r * dim, (size_t)dim * sizeof *residual);
    for (int pass = 0; pass < 2; pass++) {
        for (int64_t i = 0; i < n; i++) step[i] = linalg_ddot(dim, d->unit + index[i] * dim, residual);
        solve(n, gram, step);
        for (int64_t i = 0; i < n; i++) {
            delta[i] += step[i];
            for (int64_t k = 0; k < dim; k++) residual[k] -= step[i] * d->unit[index[i] * dim + k];
        }
    }
    for (int64_t i = 0; i < n; i++) value[i] = (float)(delta[i] / d->length[index[i]]);
}

static atoms_status fit_block(fitting *f, atoms_rows *rows, int64_t *offset, atoms_codes *out)
{
    const atoms_dictionary *d = f->d;
    int64_t n = base_min_i64(BLOCK, f->codes->rows - f->first), start = f->codes->offset[f->first];
    atoms_matrix block = atoms_matrix_f64(f->rows, n, d->dim);
    atoms_status status = atoms_rows_read(rows, f->first, &block);
    if (status) return status;
    if (d->factor) linalg_dtrsm(true, LINALG_TRANSPOSED, n, d->dim, d->factor, d->dim, f->rows, d->dim); /* x L⁻ᵀ, a row each */
    atomsi_parallel_for(d->context, n, fit_row, f);
    for (int64_t r = 0; r <= n; r++) offset[r] = f->codes->offset[f->first + r] - start;
    atoms_codes_view view = {.rows = n, .width = d->atoms, .nnz = offset[n], .offset = offset, .index = f->codes->index + start, .value = f->value};
    return atoms_codes_append(out, &view);
}

static atoms_status fit(fitting *f, atoms_rows *rows, atoms_codes *out)
{
    atoms_context *context = f->d->context;
    int64_t workers = atoms_context_threads(context), entries = 0;
    for (int64_t r = 0; r < f->codes->rows; r++) f->k = base_max_i64(f->k, f->codes->offset[r + 1] - f->codes->offset[r]);
    f->k = base_min_i64(f->k, f->d->dim); /* more atoms than dimensions are dependent */
    for (int64_t r = 0; r < f->codes->rows; r += BLOCK)
        entries = base_max_i64(entries, f->codes->offset[base_min_i64(r + BLOCK, f->codes->rows)] - f->codes->offset[r]);
    int64_t offset[BLOCK + 1];
    f->rows = atomsi_alloc(context, BLOCK * f->d->dim, sizeof *f->rows);
    f->value = atomsi_alloc(context, entries, sizeof *f->value);
    f->work = atomsi_alloc(context, workers * work_size(f), sizeof *f->work);
    f->dependent = atomsi_alloc_zero(context, workers, sizeof *f->dependent);
    if (!f->rows || !f->value || !f->work || !f->dependent) return ATOMS_E_MEMORY;
    atoms_codes_view before;
    atoms_status status = atoms_codes_look(out, &before);
    if (status) return status;
    int64_t held = before.rows;
    for (; f->first < f->codes->rows && !status; f->first += BLOCK) {
        status = fit_block(f, rows, offset, out);
        if (!status) status = atomsi_progress(context, "rows", base_min_i64(f->first + BLOCK, f->codes->rows), f->codes->rows);
    }
    if (status) atomsi_codes_truncate(out, held);
    return status;
}

static atoms_status check(const atoms_dictionary *d, atoms_rows *rows, const atoms_codes *codes, const atoms_codes *out, atoms_codes_view *view)
{
    atoms_codes_view target;
    atoms_status status = atoms_codes_look(codes, view);
    if (!status) status = atoms_codes_look(out, &target);
    if (status) return status;
    if (codes == out) return atomsi_fail(d->context, ATOMS_E_ARGUMENT, "codes and out are the same handle");
    if (view->width != d->atoms || target.width != d->atoms)
        return atomsi_fail(d->context, ATOMS_E_SHAPE, "codes are over %lld atoms, out over %lld, the dictionary has %lld", (long long)view->width,
                           (long long)target.width, (long long)d->atoms);
    if (view->rows != atoms_rows_count(rows) || atoms_rows_width(rows) != d->dim)
        return atomsi_fail(d->context, ATOMS_E_SHAPE, "rows are %lld × %lld, codes have %lld rows and atoms %lld dimensions",
                           (long long)atoms_rows_count(rows), (long long)atoms_rows_width(rows), (long long)view->rows, (long long)d->dim);
    return ATOMS_OK;
}

atoms_status atoms_identify_values(const atoms_dictionary *dictionary, atoms_rows *rows, const atoms_codes *codes, atoms_codes *out,
                                   int64_t *dependent)
{
    if (!dictionary || !rows || !codes || !out)
        return atomsi_fail(dictionary ? dictionary->context : NULL, ATOMS_E_ARGUMENT, "dictionary, rows, codes or out is NULL");
    atoms_codes_view view;
    atoms_status status = check(dictionary, rows, codes, out, &view);
    if (status) return status;
    fitting f = {.d = dictionary, .codes = &view};
    status = fit(&f, rows, out);
    int64_t sum = 0;
    for (int32_t w = 0; !status && w < atoms_context_threads(dictionary->context); w++) sum += f.dependent[w];
    if (!status && dependent) *dependent = sum;
    atomsi_free(dictionary->context, f.rows);
    atomsi_free(dictionary->context, f.value);
    atomsi_free(dictionary->context, f.work);
    atomsi_free(dictionary->context, f.dependent);
    return status;
}
