/* Exact quantiles of |cos| over all pairs from one f32 pass (after Floyd and Rivest's SELECT, CACM 18, 1975): a sample of pairs says between
 * which two values each quantile lies, all but surely; the pass counts the pairs below and keeps those between; among these the quantile is
 * found. With f32 values off by e at most, the quantile q of the f32 values is off by e too, so pairs farther than 2e from it are on the side they seem to be on,
 * and the rest is done again in f64. Where a bracket missed, or pairs are so much alike that too many lie in one, quantile_radix.c takes over.
 *
 * Every atom draws the same number of partners: pairs come as they would from a draw of pairs, only more evenly, so the sample's ranks
 * spread no more than binomially, and five deviations to each side are enough to make a miss a matter of one in a million. */
#include <math.h>

#include "../../base/random.h"
#include "geometry_parts.h"

static const int64_t per_mille[QUANTILES] = {500, 900, 990, 999};

enum { ALL_PAIRS = 1 << 22, SAMPLE = 1 << 18, PAIRS_A_DRAW = 512, PAIRS_A_KEPT = 32, ATOMS_A_TASK = 16 };

int64_t atomsi_quantile_rank(int which, int64_t pairs)
{
    return pairs / 1000 * per_mille[which] + (pairs % 1000 * per_mille[which] + 999) / 1000 - 1;
}

typedef struct sampling {
    const atomsi_directions *d;
    int64_t draws; /* an atom */
    double *magnitude;
} sampling;

static void draw(void *arg, int64_t task, int32_t worker)
{
    (void)worker;
    const sampling *s = arg;
    int64_t atoms = s->d->atoms, end = base_min_i64((task + 1) * ATOMS_A_TASK, atoms);
    for (int64_t i = task * ATOMS_A_TASK; i < end; i++)
        for (int64_t t = 0; t < s->draws; t++) {
            int64_t e = i * s->draws + t, j = base_random_below(0, BASE_STREAM_GEOMETRY, (uint64_t)e, atoms - 1);
            s->magnitude[e] = fabs(atomsi_directions_cosine(s->d, i, s->d, j + (j >= i)));
        }
}

/* From the sample to an f32 interval around quantile `which`. */
static void bracket(const atomsi_directions *d, double *sample, int64_t n, int which, brackets *b)
{
    double q = (double)per_mille[which] / 1000, spread = 5 * sqrt((double)n * q * (1 - q)) + 5;
    int64_t low = (int64_t)(q * (double)n - spread), high = (int64_t)(q * (double)n + spread) + 1;
    b->low[which] = low < 0 ? -1 : (double)nextafterf((float)(atomsi_select_f64(sample, n, low) - 3 * d->error), -2);
    b->high[which] = high >= n ? 2 : (double)nextafterf((float)(atomsi_select_f64(sample, n, high) + 3 * d->error), 2);
}

/* Pairs that the brackets will hold, as the sample has it. */
static double expected(const brackets *b, const double *sample, int64_t n, int64_t pairs)
{
    int64_t held = 0;
    for (int64_t e = 0; e < n; e++) {
        bool any = false;
        for (int q = 0; q < QUANTILES; q++) any |= sample[e] >= b->low[q] && sample[e] <= b->high[q];
        held += any;
    }
    return (double)held / (double)n * (double)pairs;
}

static atoms_status sample_brackets(const atomsi_directions *d, int64_t pairs, brackets *out)
{
    sampling s = {.d = d, .draws = base_blocks(base_max_i64(SAMPLE, pairs / PAIRS_A_DRAW), d->atoms)};
    int64_t n;
    if (!base_mul_i64(s.draws, d->atoms, &n)) return atomsi_fail(d->context, ATOMS_E_OVERFLOW, "too many pairs");
    if (!(s.magnitude = atomsi_alloc(d->context, n, sizeof *s.magnitude))) return ATOMS_E_MEMORY;
    atomsi_parallel_for(d->context, base_blocks(d->atoms, ATOMS_A_TASK), draw, &s);
    for (int q = 0; q < QUANTILES; q++) bracket(d, s.magnitude, n, q, out);
    double most = fmax(ALL_PAIRS, (double)pairs / PAIRS_A_KEPT), held = expected(out, s.magnitude, n, pairs);
    out->capacity = held > most ? 0 : (int64_t)fmin(held * 1.2 + 65536, most);
    atomsi_free(d->context, s.magnitude);
    return ATOMS_OK;
}

atoms_status atomsi_brackets_make(const atomsi_directions *d, brackets *out)
{
    int64_t pairs = d->atoms * (d->atoms - 1) / 2; /* atoms fit 32 bits */
    for (int q = 0; q < QUANTILES; q++) out->low[q] = -1, out->high[q] = 2;
    out->capacity = pairs;
    atoms_status status = pairs > ALL_PAIRS ? sample_brackets(d, pairs, out) : ATOMS_OK;
    if (status) return status;
    for (int q = 0; q < QUANTILES && !out->capacity; q++) out->low[q] = out->high[q] = 2; /* not worth a try */
    out->entries = atomsi_alloc(d->context, out->capacity, sizeof *out->entries);
    return out->entries ? ATOMS_OK : ATOMS_E_MEMORY;
}

/* The pairs that can be the quantile, in f64; NaN for the others. */
typedef struct closer_look {
    const atomsi_directions *d;
    const brackets *b;
    double from, to, *value;
} closer_look;

enum { ENTRIES_A_TASK = 4096 };

static void look_closer(void *arg, int64_t task, int32_t worker)
{
    (void)worker;
    const closer_look *c = arg;
    int64_t end = base_min_i64((task + 1) * ENTRIES_A_TASK, c->b->used);
    for (int64_t e = task * ENTRIES_A_TASK; e < end; e++) {
        const pair_entry *p = &c->b->entries[e];
        bool close = p->magnitude >= c->from && p->magnitude <= c->to;
        c->value[e] = close ? fabs(atomsi_directions_cosine(c->d, p->i, c->d, p->j)) : NAN;
    }
}

/* Quantile `which`; false where its bracket does not settle it. `value` has room for all entries. */
static bool settle(const atomsi_directions *d, const brackets *b, int which, double *value, double *out)
{
    int64_t rank = atomsi_quantile_rank(which, d->atoms * (d->atoms - 1) / 2) - b->below[which], held = 0, close = 0;
    for (int64_t e = 0; e < b->used; e++) {
        double m = b->entries[e].magnitude;
        if (m >= b->low[which] && m <= b->high[which]) value[held++] = m;
    }
    if (rank < 0 || rank >= held) return false;
    double middle = atomsi_select_f64(value, held, rank);
    closer_look c = {.d = d, .b = b, .from = middle - 2 * d->error, .to = middle + 2 * d->error, .value = value};
    if ((c.from < b->low[which] && b->low[which] >= 0) || c.to > b->high[which]) return false;
    atomsi_parallel_for(d->context, base_blocks(b->used, ENTRIES_A_TASK), look_closer, &c);
    for (int64_t e = 0; e < b->used; e++) {
        rank -= b->entries[e].magnitude >= b->low[which] && b->entries[e].magnitude < c.from;
        if (!isnan(value[e])) value[close++] = value[e];
    }
    *out = atomsi_select_f64(value, close, rank);
    return true;
}

atoms_status atomsi_brackets_settle(const atomsi_directions *d, const brackets *b, double *quantiles, bool *settled)
{
    *settled = false;
    if (b->used > b->capacity) return ATOMS_OK;
    double *value = atomsi_alloc(d->context, b->used, sizeof *value);
    if (!value) return ATOMS_E_MEMORY;
    *settled = true;
    for (int q = 0; q < QUANTILES && *settled; q++) *settled = settle(d, b, q, value, &quantiles[q]);
    atomsi_free(d->context, value);
    return ATOMS_OK;
}
