/* What a record says of a rounded code: objective, gap, KKT residual, and the dual vector that proves the gap. All in f64; the maxima over all
 * atoms come from one f32 product and a bound on its rounding (maxima.c of the coding room). */
#include <math.h>

#include "../../linalg/cblas_gate.h"
#include "lasso_parts.h"

/* Terms but the largest product; and the verdict on the support, whose products become NaN, which no comparison finds. */
static lasso_terms take_terms(const atoms_lasso *lasso, const atomsi_piece *piece, int64_t row, float *products, lasso_verdict *v)
{
    const atoms_dictionary *dictionary = lasso->coder.dictionary;
    int64_t dim = lasso->coder.dim, base = row * lasso->coder.capacity;
    const double *residual = piece->residual + row * dim, level = piece->record[row].lambda / piece->norm[row];
    lasso_terms t = {.level = level, .product = linalg_ddot(dim, piece->x + row * dim, residual), .square = linalg_ddot(dim, residual, residual)};
    for (int64_t e = base; e < base + piece->count[row]; e++) {
        int64_t j = piece->index[e];
        double value = piece->value[e], ridge = lasso->ridge ? lasso->ridge[j] * value : 0;
        double g = linalg_ddot(dim, dictionary->unit + j * dim, residual) - ridge;
        t.square += ridge * value;
        t.penalty += level * lasso->weight[j] * fabs(value);
        v->largest = fmax(v->largest, (lasso->opts.nonnegative ? g : fabs(g)) * lasso->slope[j]);
        v->violation = fmax(v->violation, fabs(g - copysign(level * lasso->weight[j], value)) * dictionary->length[j]);
        products[j] = NAN;
    }
    return t;
}

/* Atoms outside the support that attain the bound too, to f32, which means something where the code meets the conditions as well. */
static bool others_attain(const atoms_lasso *lasso, const float *products, double length, double level)
{
    const atomsi_coder *coder = &lasso->coder;
    int32_t first;
    return length > 0 && coder->context->kernels->beyond(coder->atoms, products, lasso->weight32, (float)(level / length * (1 - 0x1p-19)),
                                                         lasso->opts.nonnegative, 1, &first) > 0;
}

static void write_record(const atoms_lasso *lasso, atomsi_piece *piece, int64_t row, const lasso_terms *t, double violation, const float *products, double length)
{
    atoms_code_record *record = piece->record + row;
    double square = piece->norm[row] * piece->norm[row], gap = atomsi_lasso_gap(lasso, t);
    record->objective = atomsi_lasso_objective(t) * square;
    record->gap = gap * square;
    record->kkt = t->level > 0 ? violation / t->level : 0;
    record->status = gap <= lasso->goal ? ATOMS_CODE_CONVERGED : ATOMS_CODE_STOPPED;
    if (record->lambda < record->lambda_max && violation <= 1e-5 * t->level && others_attain(lasso, products, length, t->level)) record->flags |= ATOMS_CODE_NOT_UNIQUE;
    if (!piece->dual) return;
    int64_t dim = lasso->coder.dim;
    double scale = atomsi_lasso_scale(lasso, t) * piece->norm[row];
    for (int64_t c = 0; c < dim; c++) piece->dual[row * dim + c] = scale * piece->residual[row * dim + c];
}

void atomsi_lasso_judge(const atomsi_coder *coder, void *scratch, atomsi_piece *piece)
{
    (void)scratch;
    const atoms_lasso *lasso = (const atoms_lasso *)coder;
    int64_t dim = coder->dim;
    atomsi_correlate_residuals(coder, piece);
    for (int64_t r = 0; r < piece->rows; r++) {
        if (!(piece->norm[r] > 0)) continue;
        float *products = piece->correlations + r * coder->atoms;
        const double *residual = piece->residual + r * dim;
        double length = sqrt(linalg_ddot(dim, residual, residual));
        lasso_verdict v = {.largest = -INFINITY};
        lasso_terms t = take_terms(lasso, piece, r, products, &v);
        if (length > 0) atomsi_lasso_look(lasso, residual, length, t.level, products, &v);
        t.largest = v.largest;
        write_record(lasso, piece, r, &t, v.violation, products, length);
    }
}
