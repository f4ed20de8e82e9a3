/* LARS: each signal's exact path from λ_max down to its λ, by the homotopy room. And the resort of coordinate descent: signals that it has not brought
 * to the goal go the same way, whose length is that of the path, however slowly descent crawls where atoms are nearly dependent. */
#include <math.h>
#include <string.h>

#include "../../linalg/cblas_gate.h"
#include "../homotopy/homotopy_internal.h"
#include "lasso_parts.h"

typedef struct lars {
    double *products; /* rows × atoms */
    void *path;
} lars;

static atomsi_homotopy_plan plan_of(const atoms_lasso *lasso)
{
    const atomsi_coder *coder = &lasso->coder;
    return (atomsi_homotopy_plan){.kernels = coder->context->kernels, .atoms = coder->atoms, .dim = coder->dim, .unit = coder->dictionary->unit,
                                  .gram = lasso->gram64, .weights = lasso->weight, .ridge = lasso->ridge,
                                  .nonnegative = lasso->opts.nonnegative, .max_steps = lasso->opts.max_iterations,
                                  .capacity = lasso->ridge ? coder->capacity : base_min_i64(coder->capacity, coder->dim)};
}

static void lay_out(base_layout *layout, const atoms_lasso *lasso, int64_t rows, lars *l)
{
    const atomsi_homotopy_plan plan = plan_of(lasso);
    int64_t products = 0, bytes = atomsi_homotopy_bytes(&plan);
    layout->fits = layout->fits && bytes >= 0 && base_mul_i64(rows, lasso->coder.atoms, &products);
    l->products = base_layout_take(layout, products, sizeof *l->products);
    l->path = base_layout_take(layout, base_max_i64(bytes, 0), 1);
}

bool atomsi_lasso_lars_size(const atoms_lasso *lasso, int64_t rows, int64_t *bytes)
{
    base_layout layout = {.fits = true};
    lars l;
    lay_out(&layout, lasso, rows, &l);
    *bytes = (int64_t)layout.used;
    return layout.fits;
}

/* The path of a row, from its products with all atoms, which it consumes. */
static atomsi_homotopy *walk(const atomsi_homotopy_plan *plan, void *scratch, const double *x, double *products, double level)
{
    atomsi_homotopy *path = atomsi_homotopy_start(plan, scratch, x, products);
    atomsi_homotopy_follow(path, &(atomsi_homotopy_goal){.lambda = level, .sigma = -1, .residual = -1});
    return path;
}

static void keep(const atomsi_coder *coder, atomsi_piece *piece, int64_t row, const atomsi_homotopy *path)
{
    atoms_code_record *record = piece->record + row;
    piece->count[row] = path->count;
    memcpy(piece->index + row * coder->capacity, path->index, (size_t)path->count * sizeof *path->index);
    memcpy(piece->value + row * coder->capacity, path->value, (size_t)path->count * sizeof *path->value);
    record->flags |= path->flags;
    record->min_pivot = path->min_pivot;
}

void atomsi_lasso_solve_lars(const atomsi_coder *coder, void *scratch, atomsi_piece *piece)
{
    const atoms_lasso *lasso = (const atoms_lasso *)coder;
    const atomsi_homotopy_plan plan = plan_of(lasso);
    base_layout layout = {.memory = scratch, .fits = true};
    lars l;
    lay_out(&layout, lasso, coder->piece_rows, &l);
    atomsi_correlate(coder, piece->rows, piece->x32, piece->correlations);
    linalg_dgemm(LINALG_PLAIN, LINALG_TRANSPOSED, piece->rows, coder->atoms, coder->dim, 1, piece->x, coder->dim, coder->dictionary->unit, coder->dim, 0,
                 l.products, coder->atoms);
    for (int64_t r = 0; r < piece->rows; r++) {
        double level = atomsi_lasso_level(lasso, piece, r, piece->correlations + r * coder->atoms);
        piece->count[r] = 0;
        if (!(level > 0)) continue;
        const atomsi_homotopy *path = walk(&plan, l.path, piece->x + r * coder->dim, l.products + r * coder->atoms, level);
        keep(coder, piece, r, path);
        piece->record[r].iterations = (int32_t)base_min_i64(path->steps, INT32_MAX);
    }
}

/* The gap of a code of a row; its residual goes into the piece, `products` (atoms) is scratch. */
static double gap_of(const atoms_lasso *lasso, const atomsi_piece *piece, int64_t row, double level, int64_t count, const int32_t *index,
                     const double *value, double *products)
{
    const atomsi_coder *coder = &lasso->coder;
    const double *x = piece->x + row * coder->dim;
    double *residual = piece->residual + row * coder->dim;
    memcpy(residual, x, (size_t)coder->dim * sizeof *residual);
    for (int64_t e = 0; e < count; e++)
        coder->context->kernels->retreat(coder->dim, value[e], coder->dictionary->unit + index[e] * coder->dim, residual);
    linalg_dgemv(coder->atoms, coder->dim, coder->dictionary->unit, coder->dim, residual, products);
    lasso_terms t = {.level = level, .product = linalg_ddot(coder->dim, x, residual), .square = linalg_ddot(coder->dim, residual, residual),
                     .largest = -INFINITY};
    for (int64_t e = 0; e < count; e++) {
        double ridge = lasso->ridge ? lasso->ridge[index[e]] * value[e] : 0;
        products[index[e]] -= ridge;
        t.square += ridge * value[e];
        t.penalty += level * lasso->weight[index[e]] * fabs(value[e]);
    }
    for (int64_t j = 0; j < coder->atoms; j++)
        t.largest = fmax(t.largest, (lasso->opts.nonnegative ? products[j] : fabs(products[j])) * lasso->slope[j]);
    return atomsi_lasso_gap(lasso, &t);
}

/* The path is walked from its beginning: descent's support, being wrong somewhere, is no point on it. */
void atomsi_lasso_hand_over(const atoms_lasso *lasso, void *scratch, atomsi_piece *piece)
{
    const atomsi_coder *coder = &lasso->coder;
    const atomsi_homotopy_plan plan = plan_of(lasso);
    base_layout layout = {.memory = scratch, .fits = true};
    lars l;
    lay_out(&layout, lasso, 1, &l);
    for (int64_t r = 0; r < piece->rows; r++) {
        atoms_code_record *record = piece->record + r;
        if (record->status != ATOMS_CODE_STOPPED) continue;
        const double *x = piece->x + r * coder->dim;
        double level = record->lambda / piece->norm[r];
        double gap = gap_of(lasso, piece, r, level, piece->count[r], piece->index + r * coder->capacity, piece->value + r * coder->capacity, l.products);
        if (gap <= 0.9 * lasso->goal) continue;
        linalg_dgemv(coder->atoms, coder->dim, coder->dictionary->unit, coder->dim, x, l.products);
        const atomsi_homotopy *path = walk(&plan, l.path, x, l.products, level);
        record->iterations = (int32_t)base_min_i64(record->iterations + path->steps, INT32_MAX);
        if (!(gap_of(lasso, piece, r, level, path->count, path->index, path->value, l.products) < gap)) continue;
        record->flags &= ~(ATOMS_CODE_POLISHED | ATOMS_CODE_NOT_UNIQUE);
        keep(coder, piece, r, path);
    }
}
