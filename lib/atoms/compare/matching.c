/* One-to-one matchings of two dictionaries. Exactly: all cosines in f64, then the assignment. Greedily: the atoms of a in the order of their best
 * cosine, each takes the best atom of b that is left; products are made again a block of rows at a time, so that memory grows with the atoms, not with the
 * pairs. */
#include <string.h>

#include "../../linalg/cblas_gate.h"
#include "compare_internal.h"

enum { EXACT = ATOMSI_EXACT_SIDE, BLOCK = 128, COLUMNS_A_TASK = 512 };

typedef struct filling {
    const atomsi_directions *a, *b;
    int64_t tiles_b;
    double *value;
    double *work; /* a worker: an exact tile and its work */
} filling;

static void fill_tile(void *arg, int64_t index, int32_t worker)
{
    const filling *f = arg;
    int64_t i = index / f->tiles_b * EXACT, j = index % f->tiles_b * EXACT;
    int64_t rows = base_min_i64(EXACT, f->a->atoms - i), cols = base_min_i64(EXACT, f->b->atoms - j);
    double *tile = f->work + worker * (EXACT * EXACT + atomsi_exact_work(f->a->dim));
    atomsi_exact_tile(f->a, i, rows, f->b, j, cols, tile + EXACT * EXACT, tile);
    for (int64_t r = 0; r < rows; r++) memcpy(f->value + (i + r) * f->b->atoms + j, tile + r * EXACT, (size_t)cols * sizeof *tile);
}

atoms_status atomsi_match_exactly(const atomsi_directions *a, const atomsi_directions *b, int64_t *partner)
{
    atoms_context *context = a->context;
    int64_t pairs;
    if (!base_mul_i64(a->atoms, b->atoms, &pairs)) return atomsi_fail(context, ATOMS_E_OVERFLOW, "exact_limit: too many pairs");
    filling f = {.a = a, .b = b, .tiles_b = base_blocks(b->atoms, EXACT)};
    f.value = atomsi_alloc(context, pairs, sizeof *f.value);
    f.work = atomsi_alloc(context, atoms_context_threads(context) * (EXACT * EXACT + atomsi_exact_work(a->dim)), sizeof *f.work);
    atoms_status status = f.value && f.work ? ATOMS_OK : ATOMS_E_MEMORY;
    if (!status) status = atomsi_parallel_for_progress(context, "pair blocks", base_blocks(a->atoms, EXACT) * f.tiles_b, fill_tile, &f);
    if (!status) status = atomsi_assignment(context, a->atoms, b->atoms, f.value, partner);
    atomsi_free(context, f.value);
    atomsi_free(context, f.work);
    return status;
}

typedef struct greedy {
    const atomsi_directions *a, *b;
    const top_entry *order;
    int64_t first, rows; /* the block: order[first …) */
    float *panel;        /* its atoms */
    float *cosine;       /* BLOCK × atoms of b */
    uint8_t *taken;
} greedy;

static void multiply_task(void *arg, int64_t task, int32_t worker)
{
    (void)worker;
    const greedy *g = arg;
    const atomsi_directions *b = g->b;
    int64_t first = task * COLUMNS_A_TASK, cols = base_min_i64(COLUMNS_A_TASK, b->atoms - first);
    linalg_sgemm(LINALG_PLAIN, LINALG_TRANSPOSED, g->rows, cols, b->dim, 1, g->panel, b->dim, b->rows + first * b->stride, b->stride, 0,
                 g->cosine + first, b->atoms);
    for (int64_t r = 0; r < g->rows; r++)
        for (int64_t j = first; j < first + cols; j++) g->cosine[r * b->atoms + j] *= b->scale[j];
}

static atoms_status take_turns(greedy *g, int64_t *partner)
{
    atoms_context *context = g->a->context;
    atoms_status status = ATOMS_OK;
    for (; g->first < g->a->atoms && !status; g->first += BLOCK) {
        g->rows = base_min_i64(BLOCK, g->a->atoms - g->first);
        for (int64_t r = 0; r < g->rows; r++) {
            int64_t i = g->order[g->first + r].number;
            for (int64_t k = 0; k < g->a->dim; k++) g->panel[r * g->a->dim + k] = g->a->rows[i * g->a->stride + k] * g->a->scale[i];
        }
        atomsi_parallel_for(context, base_blocks(g->b->atoms, COLUMNS_A_TASK), multiply_task, g);
        for (int64_t r = 0; r < g->rows; r++) {
            const float *cosine = g->cosine + r * g->b->atoms;
            int64_t best = -1;
            for (int64_t j = 0; j < g->b->atoms; j++)
                if (!g->taken[j] && (best < 0 || cosine[j] > cosine[best])) best = j;
            g->taken[best] = 1;
            partner[g->order[g->first + r].number] = best;
        }
        status = atomsi_progress(context, "atoms", g->first + g->rows, g->a->atoms);
    }
    return status;
}

atoms_status atomsi_match_greedily(const atomsi_directions *a, const atomsi_directions *b, const double *best, int64_t *partner)
{
    atoms_context *context = a->context;
    int64_t panel, cosines, held = 0;
    if (!base_mul_i64(BLOCK, a->dim, &panel) || !base_mul_i64(BLOCK, b->atoms, &cosines)) return atomsi_fail(context, ATOMS_E_OVERFLOW, "too many atoms");
    top_entry *order = atomsi_alloc(context, a->atoms, sizeof *order);
    greedy g = {.a = a, .b = b, .order = order};
    g.panel = atomsi_alloc(context, panel, sizeof *g.panel);
    g.cosine = atomsi_alloc(context, cosines, sizeof *g.cosine);
    g.taken = atomsi_alloc_zero(context, b->atoms, 1);
    atoms_status status = order && g.panel && g.cosine && g.taken ? ATOMS_OK : ATOMS_E_MEMORY;
    for (int64_t i = 0; i < a->atoms && !status; i++) atomsi_top_offer(order, &held, a->atoms, best[i], i);
    if (!status) {
        atomsi_top_sort(order, held);
        status = take_turns(&g, partner);
    }
    atomsi_free(context, order);
    atomsi_free(context, g.panel);
    atomsi_free(context, g.cosine);
    atomsi_free(context, g.taken);
    return status;
}
