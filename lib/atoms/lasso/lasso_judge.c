/* What a record says of a rounded code: objective, gap, KKT residual, and the dual vector that proves the gap. All in f64; the maxima over all
 * atoms come from one f32 product and a bound on its rounding (maxima.c of the coding room). */
#include <math.h>

#include "../../linalg/cblas_gate.h"
#include "lasso_parts.h"

typedef struct verdict {
    double *level;     /* rows */
    double *violation; /* rows: max over the support of |u_j·r − ρ̂_j γ_j − λ̂ ŵ_j s_j|·‖d_j‖ */
    double *found;     /* 2 × rows */
} verdict;

static verdict lay_out(base_layout *layout, const atoms_lasso *lasso)
{
    int64_t rows = lasso->coder.piece_rows;
    return (verdict){base_layout_take(layout, rows, sizeof(double)), base_layout_take(layout, rows, sizeof(double)),
                     base_layout_take(layout, 2 * rows, sizeof(double))};
}

bool atomsi_lasso_judge_size(const atoms_lasso *lasso, int64_t *bytes)
{
    base_layout layout = {.fits = true};
    (void)lay_out(&layout, lasso);
    *bytes = (int64_t)layout.used;
    return layout.fits;
}

/* Terms but the largest product, and the violation on the support. */
static lasso_terms take_terms(const atoms_lasso *lasso, const atomsi_piece *piece, int64_t row, double level, double *violation)
{
    int64_t dim = lasso->coder.dim, base = row * lasso->coder.capacity;
    const double *residual = piece->residual + row * dim;
    lasso_terms t = {.level = level, .product = linalg_ddot(dim, piece->x + row * dim, residual), .square = linalg_ddot(dim, residual, residual)};
    *violation = 0;
    for (int64_t e = base; e < base + piece->count[row]; e++) {
        int64_t j = piece->index[e];
        double value = piece->value[e], ridge = lasso->ridge ? lasso->ridge[j] * value : 0;
        t.square += ridge * value;
        t.penalty += level * lasso->weight[j] * fabs(value);
        double miss = piece->at_support[e] - ridge - copysign(level * lasso->weight[j], value);
        *violation = fmax(*violation, fabs(miss) * lasso->coder.dictionary->length[j]);
    }
    return t;
}

/* Atoms outside the support that attain the bound too, to f32, which means something where the code meets the conditions as well: the products of r/‖r‖ are still there, NaN on the support. */
static bool others_attain(const atoms_lasso *lasso, const atomsi_piece *piece, int64_t row, double level)
{
    const atomsi_coder *coder = &lasso->coder;
    const double *residual = piece->residual + row * coder->dim;
    double length = sqrt(linalg_ddot(coder->dim, residual, residual));
    int32_t first;
    return length > 0 && coder->context->kernels->beyond(coder->atoms, piece->correlations + row * coder->atoms, lasso->weight32,
                                                         (float)(level / length * (1 - 0x1p-19)), lasso->opts.nonnegative, 1, &first) > 0;
}

static void write_record(const atoms_lasso *lasso, atomsi_piece *piece, int64_t row, const lasso_terms *t, double violation)
{
    atoms_code_record *record = piece->record + row;
    double square = piece->norm[row] * piece->norm[row], gap = atomsi_lasso_gap(lasso, t);
    record->objective = atomsi_lasso_objective(t) * square;
    record->gap = gap * square;
    record->kkt = t->level > 0 ? violation / t->level : 0;
    record->status = gap <= lasso->goal ? ATOMS_CODE_CONVERGED : ATOMS_CODE_STOPPED;
    if (record->lambda < record->lambda_max && violation <= 1e-5 * t->level && others_attain(lasso, piece, row, t->level)) record->flags |= ATOMS_CODE_NOT_UNIQUE;
    if (!piece->dual) return;
    int64_t dim = lasso->coder.dim;
    double scale = atomsi_lasso_scale(lasso, t) * piece->norm[row];
    for (int64_t c = 0; c < dim; c++) piece->dual[row * dim + c] = scale * piece->residual[row * dim + c];
}

void atomsi_lasso_judge(const atomsi_coder *coder, void *scratch, atomsi_piece *piece)
{
    const atoms_lasso *lasso = (const atoms_lasso *)coder;
    base_layout layout = {.memory = scratch, .fits = true};
    verdict v = lay_out(&layout, lasso);
    for (int64_t r = 0; r < piece->rows; r++) v.level[r] = piece->norm[r] > 0 ? piece->record[r].lambda / piece->norm[r] : 0;
    int32_t one_sided = lasso->opts.nonnegative;
    const atomsi_maximum maxima[2] = {
        {.slope = lasso->plain ? NULL : lasso->slope, .ridge = lasso->ridge, .one_sided = one_sided},
        {.slope = coder->dictionary->length, .offset = lasso->offset, .ridge = lasso->ridge, .level = v.level, .one_sided = one_sided}};
    atomsi_find_maxima(coder, piece, lasso->plain ? 1 : 2, maxima, v.found);
    for (int64_t r = 0; r < piece->rows; r++) {
        if (!(piece->norm[r] > 0)) continue;
        lasso_terms t = take_terms(lasso, piece, r, v.level[r], v.violation + r);
        t.largest = v.found[r];
        double outside = lasso->plain ? t.largest - t.level : v.found[piece->rows + r];
        write_record(lasso, piece, r, &t, fmax(v.violation[r], outside));
    }
}
