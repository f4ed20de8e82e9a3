/* The largest cosine of every atom with one of the other dictionary. An f32 pass keeps the few largest of each atom; where the last of these is more than
 * twice the error bound below the first, the largest in f64 is among them, else (many partners equally near) the atom is done in f64 against all. */
#include <math.h>

#include "compare_internal.h"

enum { KEPT = 4, EXACT = ATOMSI_EXACT_SIDE, ATOMS_A_TASK = 64 };

typedef struct matching {
    const atomsi_directions *a, *b;
    neighbours near_a, near_b;
} matching;

static void see_tile(void *arg, const atomsi_gram_tile *tile, int32_t worker)
{
    (void)worker;
    matching *m = arg;
    for (int64_t i = 0; i < tile->rows; i++) {
        const float *cosine = tile->cosine + i * tile->stride, *least = m->near_b.least + tile->first_j;
        for (int64_t j = 0; j < tile->cols; j++) {
            if (cosine[j] > m->near_a.least[tile->first_i + i]) atomsi_neighbours_offer(&m->near_a, tile->first_i + i, cosine[j], tile->first_j + j);
            if (cosine[j] > least[j]) atomsi_neighbours_offer(&m->near_b, tile->first_j + j, cosine[j], tile->first_i + i);
        }
    }
}

typedef struct settling {
    const atomsi_directions *a, *b;
    const neighbours *near;
    double *best;
    int64_t *doubtful, doubtful_count;
    double *work; /* a worker: an exact tile and its work */
} settling;

static void settle_task(void *arg, int64_t task, int32_t worker)
{
    (void)worker;
    const settling *s = arg;
    const neighbours *near = s->near;
    int64_t end = base_min_i64((task + 1) * ATOMS_A_TASK, s->a->atoms);
    for (int64_t i = task * ATOMS_A_TASK; i < end; i++) {
        const float *value = near->value + i * near->length;
        float most = value[0];
        for (int64_t k = 1; k < near->length; k++) most = fmaxf(most, value[k]);
        double from = most - 2 * s->a->error;
        s->best[i] = -2;
        if (near->length < s->b->atoms && near->least[i] >= from) continue;
        for (int64_t k = 0; k < near->length; k++)
            if (value[k] >= from) s->best[i] = fmax(s->best[i], atomsi_directions_cosine(s->a, i, s->b, near->index[i * near->length + k]));
    }
}

static void exact_task(void *arg, int64_t task, int32_t worker)
{
    const settling *s = arg;
    double *tile = s->work + worker * (EXACT * EXACT + atomsi_exact_work(s->a->dim));
    const int64_t *atom = s->doubtful + task * EXACT;
    int64_t rows = base_min_i64(EXACT, s->doubtful_count - task * EXACT);
    for (int64_t first = 0; first < s->b->atoms; first += EXACT) {
        int64_t cols = base_min_i64(EXACT, s->b->atoms - first);
        atomsi_exact_rows(s->a, atom, rows, s->b, first, cols, tile + EXACT * EXACT, tile);
        for (int64_t r = 0; r < rows; r++)
            for (int64_t c = 0; c < cols; c++) s->best[atom[r]] = fmax(s->best[atom[r]], tile[r * EXACT + c]);
    }
}

static atoms_status settle(const atomsi_directions *a, const atomsi_directions *b, const neighbours *near, double *best)
{
    atoms_context *context = a->context;
    settling s = {.a = a, .b = b, .near = near, .best = best};
    s.doubtful = atomsi_alloc(context, a->atoms, sizeof *s.doubtful);
    s.work = atomsi_alloc(context, atoms_context_threads(context) * (EXACT * EXACT + atomsi_exact_work(a->dim)), sizeof *s.work);
    atoms_status status = s.doubtful && s.work ? ATOMS_OK : ATOMS_E_MEMORY;
    if (!status) status = atomsi_parallel_for_progress(context, "atoms", base_blocks(a->atoms, ATOMS_A_TASK), settle_task, &s);
    for (int64_t i = 0; i < a->atoms && !status; i++)
        if (best[i] < -1) s.doubtful[s.doubtful_count++] = i;
    if (!status) status = atomsi_parallel_for_progress(context, "pair blocks", base_blocks(s.doubtful_count, EXACT), exact_task, &s);
    atomsi_free(context, s.doubtful);
    atomsi_free(context, s.work);
    return status;
}

atoms_status atomsi_best_match(const atomsi_directions *a, const atomsi_directions *b, double *best_a, double *best_b)
{
    atoms_context *context = a->context;
    matching m = {.a = a, .b = b};
    atoms_status status = atomsi_neighbours_make(context, a->atoms, base_min_i64(KEPT, b->atoms), &m.near_a);
    if (!status) status = atomsi_neighbours_make(context, b->atoms, base_min_i64(KEPT, a->atoms), &m.near_b);
    if (!status) status = atomsi_gram_pass(a, b, see_tile, &m);
    if (!status) status = settle(a, b, &m.near_a, best_a);
    if (!status) status = settle(b, a, &m.near_b, best_b);
    atomsi_neighbours_free(context, &m.near_a);
    atomsi_neighbours_free(context, &m.near_b);
    return status;
}
