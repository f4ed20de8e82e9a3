/* One pass over the Gram matrix of unit atoms, in tiles: the M × M matrix never exists. Each pair puts its |cos| under the largest
 * k with |cos| < 1/(2k − 1); the counts and the largest value are all that coherence and stability ask for, so no quantile is
 * selected and nothing is sorted. Counts are integers and ties go to the lowest pair: the order in which tiles are done leaves no trace. */
#include <math.h>
#include <stdbool.h>

#include "../../linalg/cblas_gate.h"
#include "dictionary_internal.h"

enum { TILE = 256 };

/* Two directions whose |cos| is above this are the same one: f32 data could not tell them apart, and rounding in f64 blurs it. */
static const double same_direction = 1.0 - 0x1p-46;

enum { ALL, USED, SETS };

typedef struct scan { /* of one worker, over one set of atoms */
    double mu, mu_positive;
    int64_t i, j;
    int64_t *counts; /* counts[k]: pairs whose largest k is k; 0 = none */
} scan;

typedef struct worker_state {
    double *tile;
    scan scans[SETS];
} worker_state;

typedef struct gram_pass {
    const atoms_dictionary *dictionary;
    const uint8_t *use;
    int64_t largest_k, tiles;
    worker_state *workers;
} gram_pass;

static double limit_of(int64_t k)
{
    return 1.0 / (double)(2 * k - 1);
}

/* Largest k ≤ largest_k with magnitude < 1/(2k − 1), compared as doubles; 0 where there is none. The division never gives a k too small (rounding
 * is monotone and 2k − 1 is a double), but one too large where magnitude is at the limit. */
static int64_t largest_k_of(double magnitude, int64_t largest_k)
{
    if (magnitude >= 1) return 0;
    if (magnitude < limit_of(largest_k)) return largest_k;
    int64_t k = (int64_t)((1 / magnitude + 1) / 2);
    while (!(magnitude < limit_of(k))) k--;
    return k;
}

static bool beats(double mu, int64_t i, int64_t j, const scan *s)
{
    return mu > s->mu || (mu == s->mu && (i < s->i || (i == s->i && j < s->j)));
}

static void note(scan *s, double cosine, double magnitude, int64_t k, int64_t i, int64_t j)
{
    s->counts[k]++;
    if (cosine > s->mu_positive) s->mu_positive = cosine;
    if (!beats(magnitude, i, j, s)) return;
    s->mu = magnitude;
    s->i = i;
    s->j = j;
}

static void scan_tile(void *arg, int64_t index, int32_t worker)
{
    const gram_pass *pass = arg;
    const atoms_dictionary *d = pass->dictionary;
    int64_t first_i = index / pass->tiles * TILE, first_j = index % pass->tiles * TILE;
    if (first_j < first_i) return;
    worker_state *w = &pass->workers[worker];
    int64_t rows = base_min_i64(TILE, d->atoms - first_i), cols = base_min_i64(TILE, d->atoms - first_j);
    linalg_dgemm(LINALG_PLAIN, LINALG_TRANSPOSED, rows, cols, d->dim, 1, d->unit + first_i * d->dim, d->dim, d->unit + first_j * d->dim, d->dim,
                 0, w->tile, TILE);
    for (int64_t i = first_i; i < first_i + rows; i++)
        for (int64_t j = base_max_i64(first_j, i + 1); j < first_j + cols; j++) {
            double cosine = w->tile[(i - first_i) * TILE + j - first_j], magnitude = fabs(cosine);
            if (magnitude > same_direction) {
                magnitude = 1;
                cosine = cosine > 0 ? 1 : -1;
            }
            int64_t k = largest_k_of(magnitude, pass->largest_k);
            note(&w->scans[ALL], cosine, magnitude, k, i, j);
            if (pass->use && pass->use[i] && pass->use[j]) note(&w->scans[USED], cosine, magnitude, k, i, j);
        }
}

static void gather(const gram_pass *pass, int32_t workers, int set, int64_t atoms, atomsi_pairs *out)
{
    scan best = {.mu = -1, .mu_positive = -2};
    for (int32_t w = 0; w < workers; w++) {
        const scan *s = &pass->workers[w].scans[set];
        for (int64_t k = 0; k <= pass->largest_k; k++) out->below[k] += s->counts[k];
        if (s->mu_positive > best.mu_positive) best.mu_positive = s->mu_positive;
        if (beats(s->mu, s->i, s->j, &best)) best.mu = s->mu, best.i = s->i, best.j = s->j;
    }
    for (int64_t k = pass->largest_k; k > 0; k--) out->below[k - 1] += out->below[k]; /* |cos| < 1/(2k − 1) implies it for k − 1 */
    out->atoms = atoms;
    out->pairs = out->below[0];
    out->pair[0] = best.i;
    out->pair[1] = best.j;
    out->mu = out->pairs ? best.mu : NAN;
    out->mu_positive = out->pairs ? best.mu_positive : NAN;
}

static void free_workers(atoms_context *context, worker_state *workers, int32_t count)
{
    for (int32_t w = 0; workers && w < count; w++) {
        atomsi_free(context, workers[w].tile);
        for (int set = 0; set < SETS; set++) atomsi_free(context, workers[w].scans[set].counts);
    }
    atomsi_free(context, workers);
}

static worker_state *make_workers(atoms_context *context, int32_t count, int64_t bins)
{
    worker_state *workers = atomsi_alloc_zero(context, count, sizeof *workers);
    for (int32_t i = 0; workers && i < count; i++) {
        worker_state *w = &workers[i];
        w->tile = atomsi_alloc(context, TILE * TILE, sizeof(double));
        for (int set = 0; set < SETS; set++)
            w->scans[set] = (scan){.mu = -1, .mu_positive = -2, .counts = atomsi_alloc_zero(context, bins, sizeof(int64_t))};
        if (w->tile && w->scans[ALL].counts && w->scans[USED].counts) continue;
        free_workers(context, workers, count);
        return NULL;
    }
    return workers;
}

static int64_t count_used(const uint8_t *use, int64_t atoms)
{
    int64_t used = 0;
    for (int64_t i = 0; i < atoms; i++) used += use[i] != 0;
    return used;
}

atoms_status atomsi_pair_profile_make(const atoms_dictionary *dictionary, const uint8_t *use, int64_t largest_k, atomsi_pair_profile *out)
{
    atoms_context *context = dictionary->context;
    int32_t threads = atoms_context_threads(context);
    atomsi_pair_profile p = {.context = context, .largest_k = largest_k};
    p.all.below = atomsi_alloc_zero(context, largest_k + 1, sizeof(int64_t));
    p.used.below = atomsi_alloc_zero(context, largest_k + 1, sizeof(int64_t));
    gram_pass pass = {.dictionary = dictionary, .use = use, .largest_k = largest_k, .tiles = base_blocks(dictionary->atoms, TILE)};
    pass.workers = p.all.below && p.used.below ? make_workers(context, threads, largest_k + 1) : NULL;
    if (!pass.workers) {
        atomsi_pair_profile_free(&p);
        return ATOMS_E_MEMORY;
    }
    atoms_status status = atomsi_parallel_for_progress(context, "pair blocks", pass.tiles * pass.tiles, scan_tile, &pass);
    gather(&pass, threads, ALL, dictionary->atoms, &p.all);
    gather(&pass, threads, use ? USED : ALL, use ? count_used(use, dictionary->atoms) : dictionary->atoms, &p.used);
    free_workers(context, pass.workers, threads);
    if (status) atomsi_pair_profile_free(&p);
    else *out = p;
    return status;
}

void atomsi_pair_profile_free(atomsi_pair_profile *profile)
{
    atomsi_free(profile->context, profile->all.below);
    atomsi_free(profile->context, profile->used.below);
}
