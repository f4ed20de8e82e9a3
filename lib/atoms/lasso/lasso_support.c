/* The optimality conditions on a support with its signs are a linear system: one Newton step solves them. Its matrix may be a rounded one, since
 * steps are taken again with gradients in f64 until these vanish (iterative refinement). */
#include <math.h>
#include <string.h>

#include "../../linalg/cblas_gate.h"
#include "../../linalg/lapacke_gate.h"
#include "lasso_parts.h"

void atomsi_lasso_support_take(base_layout *layout, int64_t room, lasso_support *out)
{
    int64_t elements = 0;
    layout->fits = layout->fits && base_mul_i64(room, room, &elements);
    *out = (lasso_support){.room = room};
    out->place = base_layout_take(layout, room, sizeof *out->place);
    out->square = base_layout_take(layout, elements, sizeof *out->square);
    out->step = base_layout_take(layout, room, sizeof *out->step);
    out->value = base_layout_take(layout, room, sizeof *out->value);
}

static bool factor(lasso_support *s)
{
    if (linalg_cholesky(s->k, s->square)) return false;
    for (int64_t i = 0; i < s->k; i++)
        if (!(s->square[i * s->k + i] * s->square[i * s->k + i] > 0x1p-20)) return false; /* less is rounding of f32 products */
    return true;
}

bool atomsi_lasso_factor(lasso_support *s, void (*fill)(const void *user, double shift), const void *user)
{
    fill(user, 0);
    s->dependent = !factor(s);
    if (!s->dependent) return true;
    fill(user, 0x1p-14);
    return factor(s);
}

void atomsi_lasso_solve(lasso_support *s)
{
    linalg_dtrsm(true, LINALG_TRANSPOSED, 1, s->k, s->square, s->k, s->step, s->k);
    linalg_dtrsm(true, LINALG_PLAIN, 1, s->k, s->square, s->k, s->step, s->k);
}

static void take_residual(const atoms_lasso *lasso, const lasso_support *s, const int32_t *atom, const double *x, double *residual)
{
    int64_t dim = lasso->coder.dim;
    memcpy(residual, x, (size_t)dim * sizeof *residual);
    for (int64_t i = 0; i < s->k; i++) {
        const double *unit = lasso->coder.dictionary->unit + atom[i] * dim, value = s->value[i];
        for (int64_t c = 0; c < dim; c++) residual[c] -= value * unit[c];
    }
}

/* The gradient into step. Returns its largest magnitude, each in units of its atom's weight: what the length of an atom does not change. */
static double take_gradient(const atoms_lasso *lasso, lasso_support *s, const int32_t *atom, double level, const double *residual)
{
    double largest = 0;
    for (int64_t i = 0; i < s->k; i++) {
        int64_t j = atom[i];
        double g = linalg_ddot(lasso->coder.dim, lasso->coder.dictionary->unit + j * lasso->coder.dim, residual);
        g -= copysign(level * lasso->weight[j], s->value[i]) + (lasso->ridge ? lasso->ridge[j] * s->value[i] : 0);
        s->step[i] = g;
        largest = fmax(largest, fabs(g) / lasso->weight[j]);
    }
    return largest;
}

bool atomsi_lasso_refine(const atoms_lasso *lasso, lasso_support *s, const int32_t *atom, const double *x, double level, double *residual)
{
    enum { STEPS = 8 };
    for (int step = 0; step < STEPS; step++) {
        take_residual(lasso, s, atom, x, residual);
        if (take_gradient(lasso, s, atom, level, residual) <= 1e-9 * level) return true;
        atomsi_lasso_solve(s);
        for (int64_t i = 0; i < s->k; i++)
            if (!(s->value[i] * (s->value[i] + s->step[i]) > 0)) return false;
        for (int64_t i = 0; i < s->k; i++) s->value[i] += s->step[i];
    }
    return false;
}
