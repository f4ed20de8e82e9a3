/* What the pass does with a tile of f32 cosines. Most pairs decide nothing but a count; the few that can matter (near a quantile, among an atom's
 * largest, above the lowest level) are found by comparisons a compiler turns into vectors, and looked at one by one.
 *
 * A pair whose f32 cosine is within the error bound of a limit is decided in f64 at once. What an atom is nearest to, quantiles and
 * the largest signed cosine are settled after the pass, from more pairs than can matter. */
#include <math.h>
#include <string.h>

#include "geometry_parts.h"

enum { SIDE = ATOMSI_GRAM_SIDE, GROUP = 16 };

/* The largest K for which every atom keeps a list; where it is larger babel.c does without. */
enum { LISTED = 1024 };

static const double levels[ATOMS_GEOMETRY_LEVELS] = {.3, .5, .7, .9};

/* A pair under the magnifying glass. */
static void look(pair_scan *scan, scan_state *state, int64_t i, int64_t j, float cosine, float magnitude)
{
    const atomsi_directions *d = scan->directions;
    double exact = NAN;
    for (int l = 0; l < ATOMS_GEOMETRY_LEVELS && magnitude >= levels[l] - d->error; l++) {
        bool over = magnitude > levels[l] + d->error;
        if (!over) {
            if (isnan(exact)) exact = atomsi_directions_cosine(d, i, d, j);
            over = fabs(exact) > levels[l];
        }
        state->above[l] += over;
    }
    if (cosine >= scan->duplicate - d->error) {
        bool same = cosine > scan->duplicate + d->error;
        if (!same) same = (isnan(exact) ? atomsi_directions_cosine(d, i, d, j) : exact) >= scan->duplicate;
        if (same) atomsi_cluster_join(state->parent, (int32_t)i, (int32_t)j);
    }
    atomsi_neighbours_offer(&scan->near, i, magnitude, j);
    atomsi_neighbours_offer(&scan->near, j, magnitude, i);
}

static void keep(brackets *b, const pair_entry *entries, int64_t n)
{
    int64_t at = atomic_fetch_add_explicit(&b->used, n, memory_order_relaxed);
    if (n && at + n <= b->capacity) memcpy(b->entries + at, entries, (size_t)n * sizeof *entries);
}

typedef struct limits { /* as f32, rounded to the side on which nothing is missed */
    float low[QUANTILES], high[QUANTILES], interesting;
} limits;

static limits limits_of(const pair_scan *scan)
{
    limits l;
    for (int q = 0; q < QUANTILES; q++) { /* the brackets' ends are f32 numbers */
        l.low[q] = (float)scan->quantiles.low[q];
        l.high[q] = (float)scan->quantiles.high[q];
    }
    l.interesting = nextafterf((float)(fmin(levels[0], scan->duplicate) - scan->directions->error), -1);
    return l;
}

static bool within(const limits *l, float m)
{
    return ((m >= l->low[0]) & (m <= l->high[0])) | ((m >= l->low[1]) & (m <= l->high[1])) | ((m >= l->low[2]) & (m <= l->high[2])) |
           ((m >= l->low[3]) & (m <= l->high[3]));
}

enum { NEAR = 1, HELD = 2 };

/* What each of GROUP magnitudes has to be looked at for; returns whether any has. No branches. */
static int flag_group(const float *magnitude, const float *least, float row_least, const limits *l, int32_t *flags)
{
    int32_t any = 0;
    for (int k = 0; k < GROUP; k++) {
        float m = magnitude[k];
        flags[k] = NEAR * ((m > row_least) | (m > least[k])) | HELD * within(l, m);
        any |= flags[k];
    }
    return any;
}

/* Sums of lanes may not be reordered by a compiler, nor maxima: the lanes are written out. */
static float magnitudes(int64_t n, const float *cosine, float *magnitude)
{
    float most[8] = {-2, -2, -2, -2, -2, -2, -2, -2};
    int64_t k = 0;
    for (; k + 8 <= n; k += 8)
        for (int lane = 0; lane < 8; lane++) most[lane] = cosine[k + lane] > most[lane] ? cosine[k + lane] : most[lane];
    for (; k < n; k++) most[0] = cosine[k] > most[0] ? cosine[k] : most[0];
    for (int lane = 1; lane < 8; lane++) most[0] = most[lane] > most[0] ? most[lane] : most[0];
    for (k = 0; k < n; k++) magnitude[k] = fabsf(cosine[k]);
    return most[0];
}

static float row_least(const neighbours *near, int64_t i, const limits *l)
{
    return near->least[i] < l->interesting ? near->least[i] : l->interesting;
}

static void count_below(const float *magnitude, int64_t n, const limits *l, int64_t *below)
{
    for (int q = 0; q < QUANTILES; q++) {
        int32_t count = 0;
        for (int64_t k = 0; k < n; k++) count += magnitude[k] < l->low[q];
        below[q] += count;
    }
}

/* Row i of a tile: n cosines with atoms j, j + 1, … Returns the largest. */
static float scan_row(pair_scan *scan, scan_state *state, const limits *l, int64_t i, int64_t j, int64_t n, const float *cosine)
{
    neighbours *near = &scan->near;
    float *magnitude = state->magnitude, most = magnitudes(n, cosine, magnitude);
    int64_t held = 0;
    count_below(magnitude, n, l, state->below);
    for (int64_t k = 0; k < n; k += GROUP) {
        int32_t flags[GROUP];
        int64_t group = base_min_i64(GROUP, n - k);
        float least = row_least(near, i, l);
        if (group == GROUP && !flag_group(magnitude + k, near->least + j + k, least, l, flags)) continue;
        for (int64_t e = 0; e < group && group < GROUP; e++) flags[e] = NEAR | HELD * within(l, magnitude[k + e]);
        for (int64_t e = 0; e < group; e++) {
            if (flags[e] & HELD) state->kept[held++] = (pair_entry){magnitude[k + e], (int32_t)i, (int32_t)(j + k + e)};
            if (flags[e] & NEAR) look(scan, state, i, j + k + e, cosine[k + e], magnitude[k + e]);
        }
    }
    keep(&scan->quantiles, state->kept, held);
    return most;
}

static void scan_tile(void *arg, const atomsi_gram_tile *tile, int32_t worker)
{
    pair_scan *scan = arg;
    scan_state *state = &scan->states[worker];
    limits l = limits_of(scan);
    float most = -2;
    for (int64_t i = 0; i < tile->rows; i++) {
        int64_t skip = tile->first_i == tile->first_j ? i + 1 : 0;
        most = fmaxf(most, scan_row(scan, state, &l, tile->first_i + i, tile->first_j + skip, tile->cols - skip, tile->cosine + i * tile->stride + skip));
    }
    scan->tile_most[tile->first_i / SIDE * scan->blocks + tile->first_j / SIDE] = most;
}

atoms_status atomsi_pair_scan_make(const atomsi_directions *d, const atoms_geometry_opts *opts, pair_scan *out)
{
    atoms_context *context = d->context;
    *out = (pair_scan){.directions = d, .duplicate = opts->duplicate, .workers = atoms_context_threads(context), .blocks = base_blocks(d->atoms, SIDE)};
    int64_t k = opts->babel, length = k > LISTED ? 1 : base_min_i64(k + k / 4 + 8, d->atoms - 1);
    atoms_status status = atomsi_neighbours_make(context, d->atoms, length, &out->near);
    if (!status) status = atomsi_brackets_make(d, &out->quantiles);
    if (status) return status;
    out->tile_most = atomsi_alloc(context, out->blocks * out->blocks, sizeof *out->tile_most);
    out->states = atomsi_alloc_zero(context, out->workers, sizeof *out->states);
    if (!out->tile_most || !out->states) return ATOMS_E_MEMORY;
    for (int64_t t = 0; t < out->blocks * out->blocks; t++) out->tile_most[t] = -2;
    for (int32_t w = 0; w < out->workers; w++) {
        int32_t *parent = out->states[w].parent = atomsi_alloc(context, d->atoms, sizeof *parent);
        if (!parent) return ATOMS_E_MEMORY;
        for (int64_t i = 0; i < d->atoms; i++) parent[i] = (int32_t)i;
    }
    return ATOMS_OK;
}

atoms_status atomsi_pair_scan_run(pair_scan *scan)
{
    atoms_status status = atomsi_gram_pass(scan->directions, NULL, scan_tile, scan);
    for (int32_t w = 0; w < scan->workers; w++)
        for (int q = 0; q < QUANTILES; q++) scan->quantiles.below[q] += scan->states[w].below[q];
    return status;
}

void atomsi_pair_scan_free(pair_scan *scan)
{
    atoms_context *context = scan->directions->context;
    atomsi_neighbours_free(context, &scan->near);
    atomsi_free(context, scan->quantiles.entries);
    atomsi_free(context, scan->tile_most);
    for (int32_t w = 0; scan->states && w < scan->workers; w++) atomsi_free(context, scan->states[w].parent);
    atomsi_free(context, scan->states);
}
