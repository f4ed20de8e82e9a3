/* The largest |cos| of every atom, and what follows from them: nearest atoms, Babel function (Tropp 2004), coherence.
 *
 * In the pass each atom keeps the K + slack largest f32 magnitudes it met. With those e below the truth or above it at most, the K largest in f64 are among
 * them where the last one kept is more than 2e below the K-th. Where it is not (ties: an orthonormal basis is all ties) the atom's row is
 * done in f64 from end to end. So is every row where K is large: lists of that length would be a good part of the Gram matrix. */
#include <math.h>

#include "geometry_parts.h"

enum { EXACT = ATOMSI_EXACT_SIDE };

typedef struct settling {
    const atomsi_directions *d;
    const neighbours *near;
    atoms_geometry *out;
    int64_t most;      /* K */
    int64_t *doubtful; /* atoms whose list does not settle it */
    int64_t doubtful_count;
    top_entry *heaps;  /* a worker: EXACT × most, or near->length + 1 */
    int64_t heap_size;
    double *work;      /* a worker: an exact tile and its work */
    double *profile;   /* a worker: K */
} settling;

/* An atom's own figures from its K largest, sorted; and its share in the profile. */
static void take(const settling *s, double *profile, int64_t atom, const top_entry *sorted)
{
    double sum = 0;
    for (int64_t k = 0; k < s->most; k++) {
        sum += sorted[k].value;
        profile[k] = fmax(profile[k], sum);
    }
    s->out->nearest[atom] = sorted[0].value;
    s->out->partner[atom] = sorted[0].number;
    s->out->atom_babel[atom] = sum;
}

enum { ATOMS_A_TASK = 64 };

/* What an f32 magnitude must be for its pair to be possibly among the K largest. */
static double candidate_from(const settling *s, int64_t atom, top_entry *heap)
{
    const float *list = s->near->value + atom * s->near->length;
    int64_t held = 0;
    for (int64_t k = 0; k < s->near->length; k++) atomsi_top_offer(heap, &held, s->most, list[k], k);
    return heap[0].value - 2 * s->d->error;
}

static void settle_task(void *arg, int64_t task, int32_t worker)
{
    const settling *s = arg;
    const neighbours *near = s->near;
    top_entry *heap = s->heaps + worker * s->heap_size;
    int64_t end = base_min_i64((task + 1) * ATOMS_A_TASK, s->d->atoms);
    for (int64_t i = task * ATOMS_A_TASK; i < end; i++) {
        double from = candidate_from(s, i, heap);
        s->out->partner[i] = -1;
        if (near->length < s->d->atoms - 1 && near->least[i] >= from) continue; /* there may be more than the list holds */
        int64_t held = 0;
        for (int64_t k = 0; k < near->length; k++) {
            if (near->value[i * near->length + k] < from) continue;
            int64_t j = near->index[i * near->length + k];
            atomsi_top_offer(heap, &held, s->most, fabs(atomsi_directions_cosine(s->d, i, s->d, j)), j);
        }
        atomsi_top_sort(heap, held);
        take(s, s->profile + worker * s->most, i, heap);
    }
}

/* EXACT doubtful atoms against all. They need not be neighbours, so their rows are read one by one. */
static void exact_task(void *arg, int64_t task, int32_t worker)
{
    const settling *s = arg;
    const atomsi_directions *d = s->d;
    top_entry *heaps = s->heaps + worker * s->heap_size;
    double *tile = s->work + worker * (EXACT * EXACT + atomsi_exact_work(d->dim)), *work = tile + EXACT * EXACT;
    const int64_t *atom = s->doubtful + task * EXACT;
    int64_t rows = base_min_i64(EXACT, s->doubtful_count - task * EXACT), held[EXACT] = {0};
    for (int64_t first = 0; first < d->atoms; first += EXACT) {
        int64_t cols = base_min_i64(EXACT, d->atoms - first);
        atomsi_exact_rows(d, atom, rows, d, first, cols, work, tile);
        for (int64_t r = 0; r < rows; r++)
            for (int64_t c = 0; c < cols; c++)
                if (first + c != atom[r]) atomsi_top_offer(heaps + r * s->most, &held[r], s->most, fabs(tile[r * EXACT + c]), first + c);
    }
    for (int64_t r = 0; r < rows; r++) {
        atomsi_top_sort(heaps + r * s->most, held[r]);
        take(s, s->profile + worker * s->most, atom[r], heaps + r * s->most);
    }
}

/* mu and its pair; the profile from the workers' shares. */
static void gather(const settling *s, int32_t workers)
{
    atoms_geometry *out = s->out;
    for (int32_t w = 0; w < workers; w++)
        for (int64_t k = 0; k < s->most; k++) out->babel[k] = fmax(out->babel[k], s->profile[w * s->most + k]);
    out->report.mu = out->babel[0];
    for (int64_t i = 0; i < s->d->atoms; i++) {
        if (out->nearest[i] != out->report.mu) continue;
        out->report.pair[0] = base_min_i64(i, out->partner[i]);
        out->report.pair[1] = base_max_i64(i, out->partner[i]);
        return;
    }
}

static atoms_status settle(settling *s, int32_t workers)
{
    atoms_context *context = s->d->context;
    int64_t atoms = s->d->atoms;
    s->heap_size = base_max_i64(s->near->length, EXACT * s->most);
    s->heaps = atomsi_alloc(context, workers * s->heap_size, sizeof *s->heaps);
    s->profile = atomsi_alloc_zero(context, workers * s->most, sizeof *s->profile);
    s->doubtful = atomsi_alloc(context, atoms, sizeof *s->doubtful);
    if (!s->heaps || !s->profile || !s->doubtful) return ATOMS_E_MEMORY;
    atoms_status status = atomsi_parallel_for_progress(context, "atoms", base_blocks(atoms, ATOMS_A_TASK), settle_task, s);
    for (int64_t i = 0; i < atoms && !status; i++)
        if (s->out->partner[i] < 0) s->doubtful[s->doubtful_count++] = i;
    if (s->doubtful_count && !status) {
        s->work = atomsi_alloc(context, workers * (EXACT * EXACT + atomsi_exact_work(s->d->dim)), sizeof *s->work);
        status = s->work ? atomsi_parallel_for_progress(context, "pair blocks", base_blocks(s->doubtful_count, EXACT), exact_task, s) : ATOMS_E_MEMORY;
    }
    if (!status) gather(s, workers);
    return status;
}

atoms_status atomsi_neighbours_settle(const atomsi_directions *d, const neighbours *near, atoms_geometry *out)
{
    settling s = {.d = d, .near = near, .out = out, .most = out->report.babel};
    atoms_status status = settle(&s, atoms_context_threads(d->context));
    atomsi_free(d->context, s.heaps);
    atomsi_free(d->context, s.profile);
    atomsi_free(d->context, s.doubtful);
    atomsi_free(d->context, s.work);
    return status;
}
