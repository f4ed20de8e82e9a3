/* The default solver. Signals of a piece go together as far as all atoms are concerned: one GEMM gives the products of all signals with all atoms,
 * and again those of all residuals that are still in work. Between, each signal descends on its own working set. Where the plan keeps the
 * whole Gram matrix of a small dictionary, a signal descends on all atoms and needs no second look. */
#include <math.h>
#include <string.h>

#include "../../linalg/cblas_gate.h"
#include "lasso_parts.h"

static void lay_out(base_layout *layout, const atoms_lasso *lasso, lasso_rounds *w)
{
    int64_t rows = lasso->coder.piece_rows, widest = lasso->widest, wide = 0;
    *w = (lasso_rounds){.lasso = lasso, .wide_stride = (widest + 15) / 16 * 16};
    atomsi_lasso_descent_take(layout, lasso, &w->descent);
    if (lasso->whole) return;
    w->set = base_layout_take(layout, rows, sizeof *w->set);
    w->live = base_layout_take(layout, rows, sizeof *w->live);
    w->weight = base_layout_take(layout, widest, sizeof *w->weight);
    w->slope = base_layout_take(layout, widest, sizeof *w->slope);
    w->shrink = base_layout_take(layout, widest, sizeof *w->shrink);
    if (widest > LASSO_SMALL_SET) layout->fits = layout->fits && base_mul_i64(widest, w->wide_stride, &wide);
    w->wide = base_layout_take(layout, wide, sizeof *w->wide);
    w->wide_made = base_layout_take(layout, widest, sizeof *w->wide_made);
    for (int64_t r = 0; r < rows; r++) {
        lasso_set set = {0};
        set.atom = base_layout_take(layout, widest, sizeof *set.atom);
        set.product = base_layout_take(layout, widest, sizeof *set.product);
        set.z = base_layout_take(layout, widest, sizeof *set.z);
        set.made = base_layout_take(layout, widest, sizeof *set.made);
        set.gram = base_layout_take(layout, LASSO_SMALL_SET * LASSO_SMALL_SET, sizeof *set.gram);
        if (layout->memory) w->set[r] = set;
    }
}

bool atomsi_lasso_descent_size(const atoms_lasso *lasso, int64_t *bytes)
{
    base_layout layout = {.fits = true};
    lasso_rounds w;
    int64_t path = 0;
    lay_out(&layout, lasso, &w);
    if (lasso->hands_over && !atomsi_lasso_lars_size(lasso, 1, &path)) return false;
    *bytes = base_max_i64((int64_t)layout.used, path); /* descent is over when paths begin */
    return layout.fits;
}

bool atomsi_lasso_write_code(lasso_rounds *w, int64_t row)
{
    const atomsi_coder *coder = &w->lasso->coder;
    lasso_descent *d = &w->descent;
    lasso_support *s = &d->support;
    int32_t *index = w->piece->index + row * coder->capacity;
    double *value = w->piece->value + row * coder->capacity;
    atoms_code_record *record = w->piece->record + row;
    record->iterations = (int32_t)d->sweeps;
    record->flags &= ~(ATOMS_CODE_POLISHED | ATOMS_CODE_NOT_UNIQUE);
    if (d->solved) {
        for (int64_t i = 0; i < s->k; i++) index[i] = d->atom ? d->atom[s->place[i]] : s->place[i];
        if (atomsi_lasso_refine(w->lasso, s, index, w->piece->x + row * coder->dim, (double)d->core.level, w->piece->residual + row * coder->dim)) {
            memcpy(value, s->value, (size_t)s->k * sizeof *value);
            w->piece->count[row] = s->k;
            record->flags |= ATOMS_CODE_POLISHED | (s->dependent ? ATOMS_CODE_NOT_UNIQUE : 0);
            return true;
        }
    }
    int64_t n = 0;
    for (int64_t i = 0; i < d->listed; i++) {
        int32_t j = d->list[i];
        if (d->core.z[j] == 0) continue;
        index[n] = d->atom ? d->atom[j] : j;
        value[n++] = (double)d->core.z[j];
    }
    w->piece->count[row] = n;
    return false;
}

/* A signal on all atoms: its row of X Uᵀ is all there is to know of it. */
static void solve_on_all(lasso_rounds *w, int64_t row, double level, const float *products)
{
    const atoms_lasso *lasso = w->lasso;
    lasso_descent *d = &w->descent;
    int64_t atoms = lasso->coder.atoms, base = row * lasso->coder.capacity;
    const double *x = w->piece->x + row * lasso->coder.dim;
    d->count = atoms;
    d->product = products;
    d->slope = lasso->slope32;
    d->gram = lasso->gram;
    d->core = (linalg_descent){.n = lasso->gram_stride, .gram = lasso->gram, .stride = lasso->gram_stride, .weight = lasso->weight32,
                               .shrink = lasso->shrink32, .level = (float)level, .one_sided = lasso->opts.nonnegative, .q = d->core.q, .z = d->core.z};
    memset(d->core.z, 0, (size_t)atoms * sizeof *d->core.z);
    memset(d->core.q + atoms, 0, (size_t)(d->core.n - atoms) * sizeof *d->core.q);
    d->listed = d->sweeps = 0;
    for (int64_t e = base; e < base + w->piece->count[row]; e++) {
        if (lasso->opts.nonnegative && w->piece->value[e] < 0) continue;
        d->core.z[w->piece->index[e]] = (float)w->piece->value[e];
        d->list[d->listed++] = w->piece->index[e];
    }
    d->norm = linalg_ddot(lasso->coder.dim, x, x);
    atomsi_lasso_gradient(d);
    atomsi_lasso_descend(d, 0.9 * lasso->goal, lasso->goal < 0x1p-18);
    bool refined = atomsi_lasso_write_code(w, row);
    if (!refined && !d->reached) w->piece->record[row].status = ATOMS_CODE_STOPPED;
}

static void solve_on_sets(lasso_rounds *w, int64_t live)
{
    const atomsi_coder *coder = &w->lasso->coder;
    while (live) {
        int64_t left = 0;
        for (int64_t i = 0; i < live; i++) atomsi_lasso_set_turn(w, w->set + w->live[i], i);
        atomsi_correlate(coder, live, w->piece->residual32, w->piece->correlations);
        for (int64_t i = 0; i < live; i++)
            if (!atomsi_lasso_set_check(w, w->set + w->live[i], i, w->piece->correlations + i * coder->atoms)) w->live[left++] = w->live[i];
        live = left;
    }
}

void atomsi_lasso_solve_descent(const atomsi_coder *coder, void *scratch, atomsi_piece *piece)
{
    const atoms_lasso *lasso = (const atoms_lasso *)coder;
    base_layout layout = {.memory = scratch, .fits = true};
    lasso_rounds w;
    int64_t live = 0;
    lay_out(&layout, lasso, &w);
    w.piece = piece;
    atomsi_correlate(coder, piece->rows, piece->x32, piece->correlations);
    for (int64_t r = 0; r < piece->rows; r++) {
        float *products = piece->correlations + r * coder->atoms;
        double level = atomsi_lasso_level(lasso, piece, r, products);
        if (!(level > 0)) {
            piece->count[r] = 0;
        } else if (lasso->whole) {
            solve_on_all(&w, r, level, products);
        } else {
            lasso_set *set = w.set + live;
            set->row = r, set->level = level;
            atomsi_lasso_set_start(&w, set, products);
            w.live[live] = (int32_t)live;
            live++;
        }
    }
    if (!lasso->whole) solve_on_sets(&w, live);
    if (lasso->hands_over) atomsi_lasso_hand_over(lasso, scratch, piece);
}
