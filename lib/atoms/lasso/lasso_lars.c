/* LARS: each signal's exact path from λ_max down to its λ, by the homotopy room. */
#include <string.h>

#include "../../linalg/cblas_gate.h"
#include "../homotopy/homotopy_internal.h"
#include "lasso_parts.h"

typedef struct lars {
    double *products; /* piece_rows × atoms */
    void *path;
} lars;

static atomsi_homotopy_plan plan_of(const atoms_lasso *lasso)
{
    const atomsi_coder *coder = &lasso->coder;
    return (atomsi_homotopy_plan){.kernels = coder->context->kernels, .atoms = coder->atoms, .dim = coder->dim, .unit = coder->dictionary->unit,
                                  .gram = lasso->gram64, .weights = lasso->weight, .ridge = lasso->ridge,
                                  .nonnegative = lasso->opts.nonnegative, .capacity = coder->capacity, .max_steps = lasso->opts.max_iterations};
}

static void lay_out(base_layout *layout, const atoms_lasso *lasso, lars *l)
{
    const atomsi_homotopy_plan plan = plan_of(lasso);
    int64_t products = 0, bytes = atomsi_homotopy_bytes(&plan);
    layout->fits = layout->fits && bytes >= 0 && base_mul_i64(lasso->coder.piece_rows, lasso->coder.atoms, &products);
    l->products = base_layout_take(layout, products, sizeof *l->products);
    l->path = base_layout_take(layout, base_max_i64(bytes, 0), 1);
}

bool atomsi_lasso_lars_size(const atoms_lasso *lasso, int64_t *bytes)
{
    base_layout layout = {.fits = true};
    lars l;
    lay_out(&layout, lasso, &l);
    *bytes = (int64_t)layout.used;
    return layout.fits;
}

void atomsi_lasso_solve_lars(const atomsi_coder *coder, void *scratch, atomsi_piece *piece)
{
    const atoms_lasso *lasso = (const atoms_lasso *)coder;
    const atomsi_homotopy_plan plan = plan_of(lasso);
    base_layout layout = {.memory = scratch, .fits = true};
    lars l;
    lay_out(&layout, lasso, &l);
    atomsi_correlate(coder, piece->rows, piece->x32, piece->correlations);
    linalg_dgemm(LINALG_PLAIN, LINALG_TRANSPOSED, piece->rows, coder->atoms, coder->dim, 1, piece->x, coder->dim, coder->dictionary->unit, coder->dim, 0,
                 l.products, coder->atoms);
    for (int64_t r = 0; r < piece->rows; r++) {
        double level = atomsi_lasso_level(lasso, piece, r, piece->correlations + r * coder->atoms);
        piece->count[r] = 0;
        if (!(level > 0)) continue;
        atomsi_homotopy *path = atomsi_homotopy_start(&plan, l.path, piece->x + r * coder->dim, l.products + r * coder->atoms);
        atomsi_homotopy_follow(path, &(atomsi_homotopy_goal){.lambda = level, .sigma = -1, .residual = -1});
        piece->count[r] = path->count;
        memcpy(piece->index + r * coder->capacity, path->index, (size_t)path->count * sizeof *path->index);
        memcpy(piece->value + r * coder->capacity, path->value, (size_t)path->count * sizeof *path->value);
        piece->record[r].iterations = (int32_t)base_min_i64(path->steps, INT32_MAX);
        piece->record[r].flags |= path->flags;
        piece->record[r].min_pivot = path->min_pivot;
    }
}
