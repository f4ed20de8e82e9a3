/* A turn of one signal's working set: descent on the atoms in play, then the test against all atoms, whose products come from one GEMM for all
 * signals of the piece. Atoms in violation join the set, unless the gap-safe rule proves that no solution has them (Fercoq, Gramfort, Salmon
 * 2015): with the dual point y = s r and the gap g, those with |u_j·y| + √(2g) < λ̂ ŵ_j. By the same rule a set that would outgrow its
 * small matrix is cleared first. */
#include <math.h>
#include <string.h>

#include "../../linalg/cblas_gate.h"
#include "lasso_parts.h"

enum { FIRST = 64, LEAST_GROWTH = 32 };

static void join(lasso_rounds *w, lasso_set *set, int64_t j, double z)
{
    const atomsi_coder *coder = &w->lasso->coder;
    set->atom[set->count] = (int32_t)j;
    set->product[set->count] = coder->context->kernels->dot(coder->dim, coder->unit32 + j * coder->dim, w->piece->x32 + set->row * coder->dim);
    set->z[set->count] = (float)z;
    set->made[set->count] = 0;
    set->count++;
}

void atomsi_lasso_set_start(lasso_rounds *w, lasso_set *set, float *products)
{
    const atoms_lasso *lasso = w->lasso;
    int64_t base = set->row * lasso->coder.capacity, start = w->piece->count[set->row];
    set->count = set->sweeps = 0;
    set->exact = lasso->opts.polish && lasso->goal < 0x1p-18; /* the rounding of a gap in f32 is in sight */
    for (int64_t e = base; e < base + start; e++) join(w, set, w->piece->index[e], lasso->opts.nonnegative ? fmax(w->piece->value[e], 0) : w->piece->value[e]);
    if (start) return;
    double largest = lasso->coder.context->kernels->largest(lasso->coder.atoms, products, lasso->slope32, lasso->opts.nonnegative);
    int64_t n = atomsi_lasso_choose(lasso, products, set->level, largest, base_min_i64(FIRST, lasso->widest), w->descent.found);
    for (int64_t i = 0; i < n; i++) join(w, set, w->descent.found[i], 0);
}

static void load(lasso_rounds *w, lasso_set *set)
{
    const atoms_lasso *lasso = w->lasso;
    lasso_descent *d = &w->descent;
    bool small = set->count <= LASSO_SMALL_SET;
    for (int64_t i = 0; i < set->count; i++) {
        w->weight[i] = lasso->weight32[set->atom[i]];
        w->slope[i] = lasso->slope32[set->atom[i]];
        w->shrink[i] = lasso->shrink32[set->atom[i]];
    }
    d->count = set->count;
    d->product = set->product;
    d->slope = w->slope;
    d->atom = set->atom;
    d->made = small ? set->made : w->wide_made;
    if (!small) memset(d->made, 0, (size_t)d->count * sizeof *d->made);
    d->gram = small ? set->gram : w->wide;
    d->sweeps = set->sweeps;
    d->core = (linalg_descent){.n = (d->count + 15) / 16 * 16, .gram = d->gram, .stride = small ? LASSO_SMALL_SET : w->wide_stride, .weight = w->weight,
                               .shrink = w->shrink, .level = (float)set->level, .one_sided = lasso->opts.nonnegative, .q = d->core.q, .z = set->z};
    memset(d->core.q + d->count, 0, (size_t)(d->core.n - d->count) * sizeof *d->core.q);
    d->listed = 0;
    for (int64_t i = 0; i < d->count; i++)
        if (set->z[i] != 0) d->list[d->listed++] = (int32_t)i;
    for (int64_t i = 0; i < d->listed; i++) atomsi_lasso_make_row(d, d->list[i]);
    const double *x = w->piece->x + set->row * lasso->coder.dim;
    d->norm = linalg_ddot(lasso->coder.dim, x, x);
    atomsi_lasso_gradient(d);
}

/* residual32 at `place` from the values of the set. */
static void take_residual(lasso_rounds *w, const lasso_set *set, int64_t place)
{
    const atomsi_coder *coder = &w->lasso->coder;
    lasso_descent *d = &w->descent;
    float *residual = w->piece->residual32 + place * coder->dim;
    int64_t k = 0;
    memcpy(residual, w->piece->x32 + set->row * coder->dim, (size_t)coder->dim * sizeof *residual);
    for (int64_t i = 0; i < set->count; i++) {
        if (set->z[i] == 0) continue;
        d->scale[k] = -set->z[i];
        d->from[k++] = coder->unit32 + set->atom[i] * coder->dim;
    }
    coder->context->kernels->axpys(coder->dim, k, d->scale, d->from, residual);
}

void atomsi_lasso_set_turn(lasso_rounds *w, lasso_set *set, int64_t place)
{
    int64_t dim = w->lasso->coder.dim;
    load(w, set);
    atomsi_lasso_descend(&w->descent, 0.3 * w->lasso->goal, set->exact);
    set->sweeps = w->descent.sweeps;
    if (atomsi_lasso_write_code(w, set->row)) {
        const double *residual = w->piece->residual + set->row * dim;
        for (int64_t c = 0; c < dim; c++) w->piece->residual32[place * dim + c] = (float)residual[c];
    } else {
        take_residual(w, set, place);
    }
}

/* The terms of the gap; takes the ridge's part off the products of the atoms in play. */
static lasso_terms take_terms(lasso_rounds *w, const lasso_set *set, int64_t place, float *products)
{
    const atoms_lasso *lasso = w->lasso;
    const linalg_kernels *kernels = lasso->coder.context->kernels;
    int64_t dim = lasso->coder.dim, base = set->row * lasso->coder.capacity;
    const float *residual = w->piece->residual32 + place * dim;
    lasso_terms t = {.level = set->level};
    t.product = kernels->dot(dim, w->piece->x32 + set->row * dim, residual);
    t.square = kernels->dot(dim, residual, residual);
    for (int64_t e = base; e < base + w->piece->count[set->row]; e++) {
        int64_t j = w->piece->index[e];
        double z = w->piece->value[e];
        t.penalty += t.level * lasso->weight[j] * fabs(z);
        if (!lasso->ridge) continue;
        t.square += lasso->ridge[j] * z * z;
        products[j] -= (float)(lasso->ridge[j] * z);
    }
    t.largest = kernels->largest(lasso->coder.atoms, products, lasso->slope32, lasso->opts.nonnegative);
    return t;
}

/* Whether the gap-safe rule keeps atom j. `reach` is √(2g) and what f32 may have taken off. */
static bool may_be_needed(const lasso_rounds *w, const lasso_set *set, int64_t j, double product, double scale, double reach)
{
    return (w->lasso->opts.nonnegative ? scale * product : fabs(scale * product)) + reach >= set->level * w->lasso->weight[j];
}

/* Leaves in the set what has a value, and where `safe` also what may be needed. */
static void clear(lasso_rounds *w, lasso_set *set, const float *products, double scale, double reach, bool safe)
{
    int64_t n = 0;
    for (int64_t i = 0; i < set->count; i++) {
        int64_t j = set->atom[i];
        if (set->z[i] == 0 && !(safe && may_be_needed(w, set, j, (double)products[j], scale, reach))) continue;
        set->atom[n] = set->atom[i];
        set->product[n] = set->product[i];
        set->z[n] = set->z[i];
        set->made[n++] = 0;
    }
    set->count = n;
}

bool atomsi_lasso_set_check(lasso_rounds *w, lasso_set *set, int64_t place, float *products)
{
    const atoms_lasso *lasso = w->lasso;
    lasso_terms t = take_terms(w, set, place, products);
    double gap = atomsi_lasso_gap(lasso, &t), scale = atomsi_lasso_scale(lasso, &t);
    bool reached = gap <= 0.9 * lasso->goal;
    w->piece->record[set->row].status = reached ? ATOMS_CODE_CONVERGED : ATOMS_CODE_STOPPED;
    if (reached || set->sweeps >= lasso->limit) return true;
    double reach = sqrt(2 * gap) + 0x1p-22 * (double)(lasso->coder.dim + 8);
    int64_t most = base_max_i64(LEAST_GROWTH, set->count);
    if (set->count <= LASSO_SMALL_SET && set->count + LEAST_GROWTH > LASSO_SMALL_SET) clear(w, set, products, scale, reach, true);
    if (set->count + LEAST_GROWTH > lasso->widest) clear(w, set, products, scale, reach, false);
    for (int64_t i = 0; i < set->count; i++) products[set->atom[i]] = 0;
    most = base_min_i64(most, lasso->widest - set->count);
    double largest = lasso->coder.context->kernels->largest(lasso->coder.atoms, products, lasso->slope32, lasso->opts.nonnegative);
    int64_t before = set->count, n = 0;
    if (most > 0 && largest > set->level * (1 + 0x1p-21))
        n = atomsi_lasso_choose(lasso, products, set->level * (1 + 0x1p-21), largest, most, w->descent.found);
    for (int64_t i = 0; i < n; i++) {
        int64_t j = w->descent.found[i];
        if (may_be_needed(w, set, j, (double)products[j], scale, reach)) join(w, set, j, 0);
    }
    if (set->count > before) return false;
    bool done = set->exact || !lasso->opts.polish;
    set->exact = true;
    return done;
}
