/* A sub-dictionary below a given coherence: an independent set in the graph of pairs with |cos| ≥ limit. The largest one is NP-hard to find; here atoms
 * come in the order of their degrees, fewest first, and each is taken unless one that was taken is its neighbour.
 *
 * The first pass counts degrees, the second goes through the atoms in that order by blocks: a block against all that were taken, in parallel, then within
 * itself. Nothing but degrees, order and decisions is held. Pairs within the error bound of the limit are decided in f64. */
#include <math.h>
#include <string.h>

#include "geometry_parts.h"

enum { SIDE = ATOMSI_GRAM_SIDE };

typedef struct thinning {
    const atomsi_directions *d;
    double limit;
    int32_t *degree; /* atoms */
    int64_t *order;  /* atoms, fewest neighbours first */
    int64_t *taken;  /* numbers of the atoms taken */
    int64_t taken_count;
    int64_t block, block_size; /* order[block …) is being decided */
    float *panel;              /* its rows, at length 1 in f32 */
    float *work;               /* a worker: a panel and a tile */
    uint8_t *refused;          /* a worker: SIDE */
} thinning;

static bool too_close(const thinning *t, int64_t i, int64_t j, float cosine)
{
    double magnitude = fabs((double)cosine);
    if (fabs(magnitude - t->limit) <= t->d->error) magnitude = fabs(atomsi_directions_cosine(t->d, i, t->d, j));
    return magnitude >= t->limit;
}

static void count_degrees(void *arg, const atomsi_gram_tile *tile, int32_t worker)
{
    (void)worker;
    const thinning *t = arg;
    float from = nextafterf((float)(t->limit - t->d->error), -1);
    for (int64_t i = 0; i < tile->rows; i++)
        for (int64_t j = tile->first_i == tile->first_j ? i + 1 : 0; j < tile->cols; j++) {
            float cosine = tile->cosine[i * tile->stride + j];
            if (fabsf(cosine) < from || !too_close(t, tile->first_i + i, tile->first_j + j, cosine)) continue;
            t->degree[tile->first_i + i]++;
            t->degree[tile->first_j + j]++;
        }
}

/* By counting, so that equal degrees stay in the order of their numbers. */
static atoms_status sort_by_degree(const thinning *t)
{
    int64_t atoms = t->d->atoms, *start = atomsi_alloc_zero(t->d->context, atoms + 1, sizeof *start);
    if (!start) return ATOMS_E_MEMORY;
    for (int64_t i = 0; i < atoms; i++) start[t->degree[i] + 1]++;
    for (int64_t k = 0; k < atoms; k++) start[k + 1] += start[k];
    for (int64_t i = 0; i < atoms; i++) t->order[start[t->degree[i]]++] = i;
    atomsi_free(t->d->context, start);
    return ATOMS_OK;
}

static void gather(const atomsi_directions *d, const int64_t *atom, int64_t n, float *panel)
{
    for (int64_t r = 0; r < n; r++)
        for (int64_t k = 0; k < d->dim; k++) panel[r * d->dim + k] = d->rows[atom[r] * d->stride + k] * d->scale[atom[r]];
}

/* The block against SIDE atoms that were taken before it. */
static void against_taken(void *arg, int64_t task, int32_t worker)
{
    const thinning *t = arg;
    float *panel = t->work + worker * (SIDE * t->d->dim + 2 * SIDE * SIDE), *tile = panel + SIDE * t->d->dim;
    const int64_t *taken = t->taken + task * SIDE;
    int64_t n = base_min_i64(SIDE, t->taken_count - task * SIDE);
    gather(t->d, taken, n, panel);
    atomsi_gram_multiply(t->d->dim, t->panel, t->d->dim, t->block_size, panel, t->d->dim, n, tile);
    for (int64_t r = 0; r < t->block_size; r++)
        for (int64_t c = 0; c < n; c++)
            if (too_close(t, t->order[t->block + r], taken[c], tile[r * SIDE + c])) t->refused[(int64_t)worker * SIDE + r] = 1;
}

static void within_block(thinning *t)
{
    float *tile = t->work;
    const int64_t *atom = t->order + t->block;
    atomsi_gram_multiply(t->d->dim, t->panel, t->d->dim, t->block_size, t->panel, t->d->dim, t->block_size, tile);
    uint8_t *refused = t->refused;
    for (int64_t r = 0; r < t->block_size; r++) {
        for (int64_t s = 0; s < r && !refused[r]; s++) refused[r] = !refused[s] && too_close(t, atom[r], atom[s], tile[r * SIDE + s]);
        if (!refused[r]) t->taken[t->taken_count++] = atom[r];
    }
}

static atoms_status take_in_order(thinning *t, int32_t workers)
{
    atoms_context *context = t->d->context;
    atoms_status status = ATOMS_OK;
    for (; t->block < t->d->atoms && !status; t->block += SIDE) {
        t->block_size = base_min_i64(SIDE, t->d->atoms - t->block);
        memset(t->refused, 0, (size_t)workers * SIDE);
        gather(t->d, t->order + t->block, t->block_size, t->panel);
        atomsi_parallel_for(context, base_blocks(t->taken_count, SIDE), against_taken, t);
        for (int32_t w = 1; w < workers; w++)
            for (int64_t r = 0; r < SIDE; r++) t->refused[r] |= t->refused[(int64_t)w * SIDE + r];
        within_block(t);
        status = atomsi_progress(context, "atoms", t->block + t->block_size, t->d->atoms);
    }
    return status;
}

static atoms_status run(thinning *t)
{
    atoms_context *context = t->d->context;
    int64_t atoms = t->d->atoms, panel, workers = atoms_context_threads(context);
    if (!base_mul_i64(SIDE, t->d->dim, &panel)) return atomsi_fail(context, ATOMS_E_OVERFLOW, "atoms_by_row: too many columns");
    t->degree = atomsi_alloc_zero(context, atoms, sizeof *t->degree);
    t->order = atomsi_alloc(context, atoms, sizeof *t->order);
    t->taken = atomsi_alloc(context, atoms, sizeof *t->taken);
    t->panel = atomsi_alloc(context, panel, sizeof *t->panel);
    t->work = atomsi_alloc_zero(context, workers * (panel + 2 * SIDE * SIDE), sizeof *t->work);
    t->refused = atomsi_alloc(context, workers * SIDE, 1);
    if (!t->degree || !t->order || !t->taken || !t->panel || !t->work || !t->refused) return ATOMS_E_MEMORY;
    atoms_status status = atomsi_gram_pass(t->d, NULL, count_degrees, t);
    if (!status) status = sort_by_degree(t);
    return status ? status : take_in_order(t, (int32_t)workers);
}

static atoms_status thin(const atomsi_directions *d, double limit, uint8_t *keep, int64_t *kept)
{
    thinning t = {.d = d, .limit = limit};
    atoms_status status = run(&t);
    if (!status) {
        memset(keep, 0, (size_t)d->atoms);
        for (int64_t k = 0; k < t.taken_count; k++) keep[t.taken[k]] = 1;
        *kept = t.taken_count;
    }
    void *blocks[] = {t.degree, t.order, t.taken, t.panel, t.work, t.refused};
    for (int b = 0; b < 6; b++) atomsi_free(d->context, blocks[b]);
    return status;
}

atoms_status atoms_geometry_thin(atoms_context *context, const atoms_matrix *atoms_by_row, const atoms_metric *metric, double limit, uint8_t *keep,
                                 int64_t *kept)
{
    if (!context) return ATOMS_E_ARGUMENT;
    if (!keep || !kept) return atomsi_fail(context, ATOMS_E_ARGUMENT, "keep or kept is NULL");
    if (!(limit > 0 && limit <= 1)) return atomsi_fail(context, ATOMS_E_ARGUMENT, "limit must be above 0 and at most 1");
    atomsi_directions d;
    atoms_status status = atomsi_directions_of_matrix(context, atoms_by_row, metric, NULL, &d);
    if (status) return status;
    status = d.atoms > INT32_MAX ? atomsi_fail(context, ATOMS_E_OVERFLOW, "%lld atoms are too many", (long long)d.atoms) : thin(&d, limit, keep, kept);
    atomsi_directions_free(&d);
    return status;
}
