/* The samples that are hardest to read. For atom i the model allows scores of at most
 *     δ_max·(the K largest cosines, as far as they are positive)               where i is silent, and of at least
 *     δ_min + δ_max·(the K − 1 smallest, as far as they are negative)          where it is active:
 * sums over a row of the Gram matrix, which is made in f64 a strip at a time. */
#include <math.h>

#include "../../linalg/cblas_gate.h"
#include "../codes/codes_internal.h"
#include "../geometry/geometry_internal.h"
#include "identify_internal.h"

static const atoms_counterexample_report empty_report = {.struct_size = sizeof(atoms_counterexample_report)};

atoms_status atoms_counterexample_report_init(atoms_counterexample_report *report, size_t size)
{
    return atomsi_struct_init(report, size, &empty_report, sizeof empty_report);
}

enum { STRIP = 64, TILE = 256 };

typedef struct hardest {
    const atoms_dictionary *d;
    const atoms_identify_model *model;
    int64_t k;               /* at most K others */
    double *tile;            /* a worker: STRIP × TILE */
    top_entry *heaps;        /* a worker: STRIP × 2 × k: largest cosines, largest negated ones */
    double *silent, *active; /* every atom's extreme scores */
} hardest;

static double positive_sum(const top_entry *sorted, int64_t n)
{
    double sum = 0;
    for (int64_t t = 0; t < n && sorted[t].value > 0; t++) sum += sorted[t].value;
    return sum;
}

/* The extremes of rows first … first + n − 1, and the heaps, sorted. */
static void look_at_strip(const hardest *h, int64_t first, int64_t n, int32_t worker)
{
    const atoms_dictionary *d = h->d;
    double *tile = h->tile + (int64_t)worker * STRIP * TILE;
    top_entry *heaps = h->heaps + (int64_t)worker * STRIP * 2 * h->k;
    int64_t held[STRIP][2] = {{0}};
    for (int64_t from = 0; from < d->atoms; from += TILE) {
        int64_t cols = base_min_i64(TILE, d->atoms - from);
        linalg_dgemm(LINALG_PLAIN, LINALG_TRANSPOSED, n, cols, d->dim, 1, d->unit + first * d->dim, d->dim, d->unit + from * d->dim, d->dim, 0, tile, TILE);
        for (int64_t r = 0; r < n; r++)
            for (int64_t c = 0; c < cols; c++) {
                if (from + c == first + r) continue;
                double cosine = atomsi_same_direction(tile[r * TILE + c]);
                atomsi_top_offer(heaps + (2 * r) * h->k, &held[r][0], h->k, cosine, from + c);
                atomsi_top_offer(heaps + (2 * r + 1) * h->k, &held[r][1], h->k, -cosine, from + c);
            }
    }
    for (int64_t r = 0; r < n; r++) {
        top_entry *most = heaps + 2 * r * h->k, *least = most + h->k;
        atomsi_top_sort(most, held[r][0]);
        atomsi_top_sort(least, held[r][1]);
        h->silent[first + r] = h->model->delta_max * positive_sum(most, held[r][0]);
        h->active[first + r] = h->model->delta_min - h->model->delta_max * positive_sum(least, base_min_i64(held[r][1], h->model->k - 1));
    }
}

static void look_at_task(void *arg, int64_t task, int32_t worker)
{
    const hardest *h = arg;
    look_at_strip(h, task * STRIP, base_min_i64(STRIP, h->d->atoms - task * STRIP), worker);
}

static void put_extremes(const hardest *h, atoms_counterexample_report *r)
{
    for (int64_t i = 0; i < h->d->atoms; i++) {
        if (h->silent[i] > h->silent[r->silent]) r->silent = i;
        if (h->active[i] < h->active[r->active]) r->active = i;
        r->atoms_without += h->silent[i] >= h->active[i];
    }
    r->silent_score = h->silent[r->silent];
    r->active_score = h->active[r->active];
    r->exists = r->silent_score >= r->active_score;
}

/* The two samples' codes; the strips of their atoms are looked at again. */
static atoms_status append_samples(const hardest *h, const atoms_counterexample_report *r, int64_t *index, double *delta, atoms_codes *codes)
{
    const atoms_identify_model *m = h->model;
    const top_entry *most = h->heaps, *least = most + h->k;
    int64_t n = 0;
    look_at_strip(h, r->silent, 1, 0);
    for (; n < h->k && most[n].value > 0; n++) index[n] = most[n].number, delta[n] = m->delta_max;
    atoms_status status = atomsi_identify_append(h->d, index, delta, n, codes);
    look_at_strip(h, r->active, 1, 0);
    index[0] = r->active;
    delta[0] = m->delta_min;
    for (n = 1; n < m->k && n - 1 < h->k && least[n - 1].value > 0; n++) index[n] = least[n - 1].number, delta[n] = m->delta_max;
    return status ? status : atomsi_identify_append(h->d, index, delta, n, codes);
}

static atoms_status run(hardest *h, atoms_codes *codes, atoms_counterexample_report *r)
{
    atoms_context *context = h->d->context;
    int64_t workers = atoms_context_threads(context), atoms = h->d->atoms, entries;
    if (!base_mul_i64(workers * STRIP * 2, h->k, &entries)) return atomsi_fail(context, ATOMS_E_OVERFLOW, "k is too large");
    h->tile = atomsi_alloc(context, workers * STRIP * TILE, sizeof *h->tile);
    h->heaps = atomsi_alloc_zero(context, entries, sizeof *h->heaps);
    h->silent = atomsi_alloc(context, atoms, sizeof *h->silent);
    h->active = atomsi_alloc(context, atoms, sizeof *h->active);
    int64_t *index = atomsi_alloc(context, h->model->k, sizeof *index);
    double *delta = atomsi_alloc(context, h->model->k, sizeof *delta);
    atoms_status status = h->tile && h->heaps && h->silent && h->active && index && delta ? ATOMS_OK : ATOMS_E_MEMORY;
    if (!status) status = atomsi_parallel_for_progress(context, "pair blocks", base_blocks(atoms, STRIP), look_at_task, h);
    if (!status) {
        put_extremes(h, r);
        if (codes) status = append_samples(h, r, index, delta, codes);
    }
    void *blocks[] = {h->tile, h->heaps, h->silent, h->active, index, delta};
    for (int b = 0; b < 6; b++) atomsi_free(context, blocks[b]);
    return status;
}

atoms_status atoms_identify_counterexample(const atoms_dictionary *dictionary, const atoms_identify_model *model, atoms_codes *codes,
                                           atoms_counterexample_report *report)
{
    if (!dictionary) return ATOMS_E_ARGUMENT;
    atoms_context *context = dictionary->context;
    if (!report) return atomsi_fail(context, ATOMS_E_ARGUMENT, "report is NULL");
    atoms_identify_model read;
    atoms_codes_view view = {.width = dictionary->atoms};
    atoms_status status = atomsi_identify_model_read(dictionary, model, &read);
    if (!status && codes) status = atoms_codes_look(codes, &view);
    if (status) return status;
    if (dictionary->atoms < 2) return atomsi_fail(context, ATOMS_E_SHAPE, "a counter-example needs two atoms, there is one");
    if (view.width != dictionary->atoms)
        return atomsi_fail(context, ATOMS_E_SHAPE, "codes are over %lld atoms, the dictionary has %lld", (long long)view.width, (long long)dictionary->atoms);
    hardest h = {.d = dictionary, .model = &read, .k = base_min_i64(read.k, dictionary->atoms - 1)};
    atoms_counterexample_report r = empty_report;
    status = run(&h, codes, &r);
    if (!status) status = atomsi_write_report(context, report, &r, sizeof r, "atoms_counterexample_report");
    if (status && codes) atomsi_codes_truncate(codes, view.rows);
    return status;
}
