/* The Gram matrix that the searches read: products in f64, kept in f32, so that an entry is off by half a unit in its last place at most (how
 * much is measured: often not at all, where atoms are plain numbers), not by the sum of a product's roundings; the largest magnitudes of each
 * row are taken from the f64 products on the way. Where all of it does not fit the budget, the atoms whose row sums are largest are kept: what is
 * found among them is found in the dictionary too. A cancelled pass leaves every row that it has not reached with the sums that no row can exceed. */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../base/clock.h"
#include "../../linalg/cblas_gate.h"
#include "rip_internal.h"

enum { PANEL = 64, MIRROR = 64 };

typedef struct panel_pass {
    const double *unit;
    int64_t atoms, dim, depth;
    double *top, *panels; /* panels: PANEL × atoms a worker */
    float *entries;       /* NULL: not kept */
    double *rounded;      /* of each worker: the largest difference between an entry and its product */
    double *seconds;      /* of each worker: in products */
} panel_pass;

/* The `depth` largest magnitudes of a row, falling, by insertion; `skip` is left out. */
static void take_largest(const double *row, int64_t n, int64_t skip, int64_t depth, double *top)
{
    for (int64_t k = 0; k < depth; k++) top[k] = 0;
    for (int64_t j = 0; j < n; j++) {
        double x = fabs(row[j]);
        if (!(x > top[depth - 1]) || j == skip) continue;
        int64_t k = depth - 1;
        for (; k > 0 && top[k - 1] < x; k--) top[k] = top[k - 1];
        top[k] = x;
    }
}

static void make_panel(void *arg, int64_t index, int32_t worker)
{
    const panel_pass *p = arg;
    int64_t first = index * PANEL, rows = base_min_i64(PANEL, p->atoms - first), n = p->atoms;
    double *panel = p->panels + worker * PANEL * n, rounded = 0, began = base_clock_seconds();
    linalg_dgemm(LINALG_PLAIN, LINALG_TRANSPOSED, rows, n, p->dim, 1, p->unit + first * p->dim, p->dim, p->unit, p->dim, 0, panel, n);
    p->seconds[worker] += base_clock_seconds() - began;
    for (int64_t i = 0; i < rows; i++) {
        double *row = panel + i * n;
        for (int64_t j = 0; j < n; j++) row[j] = row[j] > 1 ? 1 : row[j] < -1 ? -1 : row[j];
        row[first + i] = 0;
        if (p->top) take_largest(row, n, first + i, p->depth, p->top + (first + i) * p->depth);
        if (!p->entries) continue;
        for (int64_t j = 0; j < n; j++) {
            float kept = (float)row[j];
            double off = fabs(row[j] - (double)kept);
            p->entries[(first + i) * n + j] = kept;
            if (off > rounded) rounded = off;
        }
    }
    if (rounded > p->rounded[worker]) p->rounded[worker] = rounded;
}

/* Two products of the same atoms may differ in their last bit: the upper triangle decides. */
static void mirror_rows(void *arg, int64_t index, int32_t worker)
{
    const panel_pass *p = arg;
    (void)worker;
    int64_t n = p->atoms, end = base_min_i64((index + 1) * MIRROR, n);
    for (int64_t first = 0; first < end; first += MIRROR)
        for (int64_t i = index * MIRROR; i < end; i++)
            for (int64_t j = first; j < base_min_i64(first + MIRROR, i); j++) p->entries[i * n + j] = p->entries[j * n + i];
}

/* *error: how far an entry is from the truth, the products' own roundings included; *speed: multiplications a second of all workers. */
static atoms_status run_pass(atoms_context *context, panel_pass *p, double *error, double *speed)
{
    int32_t workers = atoms_context_threads(context);
    int64_t elements;
    p->panels = base_mul_i64(workers, PANEL * p->atoms, &elements) ? atomsi_alloc(context, elements, sizeof(double)) : NULL;
    p->rounded = atomsi_alloc_zero(context, 2 * (int64_t)workers, sizeof(double));
    atoms_status status = ATOMS_E_MEMORY;
    if (p->panels && p->rounded) {
        double seconds = 0;
        p->seconds = p->rounded + workers;
        status = atomsi_parallel_for_progress(context, "pair blocks", base_blocks(p->atoms, PANEL), make_panel, p);
        *error = 0;
        for (int32_t w = 0; w < workers; w++) {
            *error = fmax(*error, p->rounded[w]);
            seconds += p->seconds[w];
        }
        *speed = (double)workers * (double)p->atoms * (double)p->atoms * (double)p->dim / fmax(seconds, 1e-6);
        *error += (double)(p->dim + 8) * DBL_EPSILON;
    }
    atomsi_free(context, p->panels);
    atomsi_free(context, p->rounded);
    if (!status && p->entries) atomsi_parallel_for(context, base_blocks(p->atoms, MIRROR), mirror_rows, p);
    return status;
}

/* A pass that a caller ends is no failure. */
static atoms_status run_pass_of(rip_gram *g, panel_pass *p)
{
    atoms_status status = run_pass(g->context, p, &g->error, &g->speed);
    if (status != ATOMS_E_CANCELLED) return status;
    g->call->cancelled = true;
    return ATOMS_OK;
}

static double sum_of(const rip_gram *g, int64_t row, int64_t terms)
{
    double sum = 0;
    for (int64_t k = 0; k < terms; k++) sum += g->top[row * g->depth + k];
    return sum;
}

typedef struct ranked {
    double sum;
    int64_t row;
} ranked;

static int larger_sum_first(const void *a, const void *b)
{
    const ranked *x = a, *y = b;
    if (x->sum != y->sum) return x->sum < y->sum ? 1 : -1;
    return x->row < y->row ? -1 : 1;
}

static int rising(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Unit atoms of the `atoms` rows with the largest sums of `terms`, in the dictionary's order. */
static atoms_status choose_atoms(rip_gram *g, int64_t terms)
{
    ranked *all = atomsi_alloc(g->context, g->rows, sizeof *all);
    g->name = atomsi_alloc(g->context, g->atoms, sizeof *g->name);
    g->own_unit = atomsi_alloc(g->context, g->atoms * g->dim, sizeof(double));
    if (all && g->name && g->own_unit) {
        for (int64_t i = 0; i < g->rows; i++) all[i] = (ranked){sum_of(g, i, terms), i};
        qsort(all, (size_t)g->rows, sizeof *all, larger_sum_first);
        for (int64_t i = 0; i < g->atoms; i++) g->name[i] = all[i].row;
        qsort(g->name, (size_t)g->atoms, sizeof *g->name, rising);
        for (int64_t i = 0; i < g->atoms; i++)
            memcpy(g->own_unit + i * g->dim, g->unit + g->name[i] * g->dim, (size_t)g->dim * sizeof(double));
        g->unit = g->own_unit;
    }
    atomsi_free(g->context, all);
    return all && g->name && g->own_unit ? ATOMS_OK : ATOMS_E_MEMORY;
}

static atoms_status fill(rip_gram *g, int64_t order)
{
    panel_pass all = {.unit = g->unit, .atoms = g->rows, .dim = g->dim, .depth = g->depth};
    bool fits = g->atoms == g->rows;
    int64_t elements;
    if (!base_mul_i64(g->rows, g->depth, &elements) || !(g->top = atomsi_alloc(g->context, elements, sizeof(double)))) return ATOMS_E_MEMORY;
    for (int64_t i = 0; i < elements; i++) g->top[i] = 1;
    all.top = g->top;
    g->atoms = base_max_i64(g->atoms, order);
    if (!(g->entries = atomsi_alloc(g->context, g->atoms * g->atoms, sizeof(float)))) return ATOMS_E_MEMORY;
    all.entries = fits ? g->entries : NULL;
    atoms_status status = run_pass_of(g, &all);
    if (!status && !fits && !g->call->cancelled && !(status = choose_atoms(g, base_min_i64(base_max_i64(order - 1, 1), g->depth)))) {
        panel_pass chosen = {.unit = g->unit, .atoms = g->atoms, .dim = g->dim, .entries = g->entries};
        status = run_pass_of(g, &chosen);
    }
    return status;
}

atoms_status atomsi_rip_gram_make(const atoms_dictionary *dictionary, rip_call *call, int64_t depth, int64_t order, rip_gram *out)
{
    int64_t side = (int64_t)sqrt((double)call->bytes / sizeof(float));
    rip_gram g = {.context = dictionary->context, .call = call, .dim = dictionary->dim, .unit = dictionary->unit, .depth = depth, .rows = dictionary->atoms};
    g.atoms = base_min_i64(g.rows, side);
    atoms_status status = fill(&g, order);
    if (status) atomsi_rip_gram_free(&g);
    else *out = g;
    return status;
}

void atomsi_rip_gram_free(rip_gram *gram)
{
    atomsi_free(gram->context, gram->entries);
    atomsi_free(gram->context, gram->top);
    atomsi_free(gram->context, gram->own_unit);
    atomsi_free(gram->context, gram->name);
}
