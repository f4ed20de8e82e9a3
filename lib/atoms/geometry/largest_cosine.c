/* The largest signed cosine. The pass has left the largest f32 cosine of every tile: only tiles within twice the error bound of the largest of
 * these can hold the largest in f64, and they are done again, in f64. */
#include "geometry_parts.h"

enum { EXACT = ATOMSI_EXACT_SIDE, SIDE = ATOMSI_GRAM_SIDE, PARTS = SIDE / EXACT };

typedef struct second_look {
    const atomsi_directions *d;
    int64_t blocks, work_size;
    const int64_t *tile; /* the tiles to be done */
    double *work;
    double *most; /* of each worker */
} second_look;

static void redo(void *arg, int64_t index, int32_t worker)
{
    const second_look *s = arg;
    int64_t tile = s->tile[index / (PARTS * PARTS)], part = index % (PARTS * PARTS), atoms = s->d->atoms;
    int64_t first_i = tile / s->blocks * SIDE + part / PARTS * EXACT, first_j = tile % s->blocks * SIDE + part % PARTS * EXACT;
    if (first_j < first_i || first_i >= atoms || first_j >= atoms) return;
    double *out = s->work + worker * s->work_size;
    int64_t rows = base_min_i64(EXACT, atoms - first_i), cols = base_min_i64(EXACT, atoms - first_j);
    atomsi_exact_tile(s->d, first_i, rows, s->d, first_j, cols, out + EXACT * EXACT, out);
    for (int64_t r = 0; r < rows; r++)
        for (int64_t c = first_i == first_j ? r + 1 : 0; c < cols; c++)
            if (out[r * EXACT + c] > s->most[worker]) s->most[worker] = out[r * EXACT + c];
}

static int64_t tiles_in_doubt(const pair_scan *scan, int64_t *tile)
{
    int64_t all = scan->blocks * scan->blocks, n = 0;
    float most = -2;
    for (int64_t t = 0; t < all; t++)
        if (scan->tile_most[t] > most) most = scan->tile_most[t];
    for (int64_t t = 0; t < all; t++)
        if (scan->tile_most[t] >= (double)most - 2 * scan->directions->error) tile[n++] = t;
    return n;
}

atoms_status atomsi_largest_cosine(const pair_scan *scan, double *out)
{
    const atomsi_directions *d = scan->directions;
    atoms_context *context = d->context;
    int32_t workers = scan->workers;
    second_look s = {.d = d, .blocks = scan->blocks, .work_size = EXACT * EXACT + atomsi_exact_work(d->dim)};
    int64_t *tile = atomsi_alloc(context, scan->blocks * scan->blocks, sizeof *tile);
    s.work = atomsi_alloc(context, workers * s.work_size, sizeof *s.work);
    s.most = atomsi_alloc(context, workers, sizeof *s.most);
    atoms_status status = tile && s.work && s.most ? ATOMS_OK : ATOMS_E_MEMORY;
    if (!status) {
        s.tile = tile;
        for (int32_t w = 0; w < workers; w++) s.most[w] = -2;
        status = atomsi_parallel_for_progress(context, "pair blocks", tiles_in_doubt(scan, tile) * PARTS * PARTS, redo, &s);
        double most = -2;
        for (int32_t w = 0; w < workers; w++)
            if (s.most[w] > most) most = s.most[w];
        if (!status) *out = most;
    }
    atomsi_free(context, tile);
    atomsi_free(context, s.work);
    atomsi_free(context, s.most);
    return status;
}
