/* Large λ(T) = λ_max(A_TT) from below, for every order up to K: a beam that grows supports by the atoms that couple most to their top
 * eigenvector and goes on with the best `width` of each size; then, order by order, single atoms are exchanged while that helps. What it finds
 * is a lower end by itself, and the better it is the less the search has to look at. Width matters: 60 misses δ_4 of a Gaussian dictionary of 9216
 * atoms, 300 has met every value that the search could confirm. */
#include <math.h>
#include <string.h>

#include "../../base/clock.h"
#include "coupling.h"

static const double same_value = 1e-6; /* of one support, grown in two ways */

enum { CHILDREN = 32, LOOKED_AT = 64, EXCHANGES = 40 };

typedef struct beam {
    const rip_gram *gram;
    int sign;
    int64_t size;      /* of the supports that grow */
    rip_support *from; /* one each */
    rip_support *to;   /* CHILDREN each; value −1: none */
    int64_t *chosen;   /* of `to` */
    rip_coupling *workers;
} beam;

/* λ(J ∪ c): the root above λ(J) of λ = Σ_e (u_e·v)²/(λ − λ_e). The right side falls and is convex there, so Newton's method started
 * at its left climbs to the root and never passes it; a value that is a little too small costs a place in the beam, no more. */
static double value_with(const beam *b, const rip_coupling *w, int64_t n, const int32_t *atom, int64_t top, int32_t c)
{
    double square[ATOMS_RIP_ORDER_MAX], sign = rip_sign(b->sign), a = w->values[top], coupled = (double)w->coupling[c];
    for (int64_t e = 0; e < n; e++) {
        double p = 0;
        for (int64_t k = 0; k < n; k++) p += w->vectors[e * n + k] * sign * (double)rip_row(b->gram, atom[k])[c];
        square[e] = p * p;
    }
    double value = (a + sqrt(a * a + 4 * coupled * coupled)) / 2;
    for (int i = 0; i < 6; i++) {
        double f = value, slope = 1;
        for (int64_t e = 0; e < n; e++) {
            double gap = value - w->values[e];
            if (!(gap > 1e-14)) continue;
            f -= square[e] / gap;
            slope += square[e] / (gap * gap);
        }
        value -= f / slope;
    }
    return value;
}

static bool better(const rip_support *a, const rip_support *b, int64_t n)
{
    if (a->value != b->value) return a->value > b->value;
    for (int64_t k = 0; k < n; k++)
        if (a->atom[k] != b->atom[k]) return a->atom[k] < b->atom[k];
    return false;
}

static bool same_atoms(const rip_support *a, const rip_support *b, int64_t n)
{
    return memcmp(a->atom, b->atom, (size_t)n * sizeof *a->atom) == 0;
}

static void grow_one(void *arg, int64_t index, int32_t worker)
{
    const beam *b = arg;
    rip_coupling *w = &b->workers[worker];
    int64_t n = b->size;
    const int32_t *atom = b->from[index].atom;
    rip_support *out = b->to + index * CHILDREN, child = {0};
    int32_t looked[LOOKED_AT];
    int64_t kept = 0;
    if (base_clock_seconds() > b->gram->call->beam_ends) {
        for (; kept < CHILDREN; kept++) out[kept].value = -1;
        return;
    }
    int64_t top = atomsi_rip_couple(b->gram, b->sign, w, n, atom);
    int64_t count = atomsi_rip_strongest(w->coupling, b->gram->atoms, LOOKED_AT, looked);
    for (int64_t i = 0; i < count; i++) {
        child.value = value_with(b, w, n, atom, top, looked[i]);
        atomsi_rip_insert(atom, n, looked[i], child.atom);
        if (kept == CHILDREN && !better(&child, &out[kept - 1], n + 1)) continue;
        int64_t at = kept < CHILDREN ? kept++ : kept - 1;
        for (; at > 0 && better(&child, &out[at - 1], n + 1); at--) out[at] = out[at - 1];
        out[at] = child;
    }
    for (; kept < CHILDREN; kept++) out[kept].value = -1;
}

/* The best `width` of `count` supports, falling, in `chosen`; what occurs twice is left out (the same support grown in two ways differs in its
 * last bits). Returns how many there are. */
static int64_t select_best(const rip_support *all, int64_t count, int64_t size, int64_t width, int64_t *chosen)
{
    int64_t kept = 0;
    for (int64_t i = 0; i < count; i++) {
        const rip_support *a = &all[i];
        if (!(a->value > 0) || (kept == width && !better(a, &all[chosen[kept - 1]], size))) continue;
        int64_t at = kept;
        while (at > 0 && better(a, &all[chosen[at - 1]], size)) at--;
        bool again = false;
        for (int64_t k = at - 1; k >= 0 && !again && all[chosen[k]].value - a->value < same_value; k--) again = same_atoms(a, &all[chosen[k]], size);
        for (int64_t k = at; k < kept && !again && a->value - all[chosen[k]].value < same_value; k++) again = same_atoms(a, &all[chosen[k]], size);
        if (again) continue;
        if (kept < width) kept++;
        for (int64_t k = kept - 1; k > at; k--) chosen[k] = chosen[k - 1];
        chosen[at] = i;
    }
    return kept;
}

/* One atom less, and the best one more; true where that was better. */
static bool exchange_once(const beam *b, int64_t size, rip_profile *profile)
{
    rip_coupling *w = &b->workers[0];
    const rip_support before = profile->best[b->sign][size];
    for (int64_t out = 0; out < size && base_clock_seconds() < b->gram->call->beam_ends; out++) {
        int32_t rest[ATOMS_RIP_ORDER_MAX], atom[ATOMS_RIP_ORDER_MAX], looked[LOOKED_AT], chosen = -1;
        memcpy(rest, before.atom, (size_t)out * sizeof *rest);
        memcpy(rest + out, before.atom + out + 1, (size_t)(size - 1 - out) * sizeof *rest);
        int64_t top = atomsi_rip_couple(b->gram, b->sign, w, size - 1, rest);
        int64_t count = atomsi_rip_strongest(w->coupling, b->gram->atoms, LOOKED_AT, looked);
        double most = before.value + 1e-7;
        for (int64_t i = 0; i < count; i++) {
            double value = value_with(b, w, size - 1, rest, top, looked[i]);
            if (value > most) most = value, chosen = looked[i];
        }
        if (chosen < 0) continue;
        atomsi_rip_insert(rest, size - 1, chosen, atom);
        if (atomsi_rip_offer(b->gram, b->sign, &b->workers[0], size, atom, profile)) return true;
    }
    return false;
}

/* The best of one atom less with any atom more: an order is never worse than the one below it. */
static void extend(const rip_gram *gram, int sign, rip_coupling *w, int64_t size, rip_profile *profile)
{
    const int32_t *smaller = profile->best[sign][size - 1].atom;
    int32_t atom[ATOMS_RIP_ORDER_MAX], looked[LOOKED_AT], next = 0;
    int64_t found = 0;
    if (!gram->call->cancelled) { /* where it is, the Gram matrix may not be there */
        atomsi_rip_couple(gram, sign, w, size - 1, smaller);
        found = atomsi_rip_strongest(w->coupling, gram->atoms, 1, looked);
    }
    for (int64_t k = 0; k < size - 1; k++) next += smaller[k] == next; /* the first that is not in it */
    atomsi_rip_insert(smaller, size - 1, found ? looked[0] : next, atom);
    atomsi_rip_offer(gram, sign, w, size, atom, profile);
}

atoms_status atomsi_rip_fill_supports(const rip_gram *gram, rip_profile *profile)
{
    rip_coupling *workers = atomsi_rip_make_couplings(gram, profile->order);
    if (!workers) return ATOMS_E_MEMORY;
    for (int sign = 0; sign < SIGNS; sign++)
        for (int64_t size = 2; size <= profile->order; size++)
            if (!(profile->best[sign][size].value > profile->best[sign][size - 1].value)) extend(gram, sign, workers, size, profile);
    atomsi_rip_free_couplings(gram, workers);
    return ATOMS_OK;
}

/* The `width` strongest pairs. */
static int64_t start(const beam *b, int64_t width, rip_support *out)
{
    const rip_gram *g = b->gram;
    int64_t kept = 0;
    for (int32_t i = 0; i < g->atoms; i++) {
        const float *row = rip_row(g, i);
        for (int32_t j = i + 1; j < g->atoms; j++) {
            double a = fabs((double)row[j]);
            if (kept == width && !(a > out[kept - 1].value)) continue;
            int64_t at = kept < width ? kept++ : kept - 1;
            for (; at > 0 && out[at - 1].value < a; at--) out[at] = out[at - 1];
            out[at] = (rip_support){.value = a, .atom = {i, j}};
        }
    }
    return kept;
}

/* Wide where it is cheap: the cost of a support rises with the cube of its size, and small ones decide. */
static int64_t width_at(int64_t width, int64_t size)
{
    return size <= 16 ? width : base_max_i64(1, width * 16 * 16 / (size * size));
}

/* A round of exchanges costs size⁴: for large supports only where it is asked for. */
static int exchanges_at(int64_t size, int64_t order)
{
    return size < 3 ? 0 : size <= 16 ? EXCHANGES : size == order ? EXCHANGES / 8 : 0;
}

static void run_sign(beam *b, int64_t width, rip_profile *profile)
{
    int64_t count = start(b, width, b->from);
    for (int64_t size = 2; size <= profile->order; size++) {
        for (int64_t i = 0; i < base_min_i64(count, 3); i++) atomsi_rip_offer(b->gram, b->sign, &b->workers[0], size, b->from[i].atom, profile);
        if (size > 2) extend(b->gram, b->sign, b->workers, size, profile);
        for (int i = 0; i < exchanges_at(size, profile->order) && exchange_once(b, size, profile); i++) continue;
        if (size == profile->order || base_clock_seconds() > b->gram->call->beam_ends) break;
        b->size = size;
        atomsi_parallel_for(b->gram->context, count, grow_one, b);
        count = select_best(b->to, count * CHILDREN, size + 1, width_at(width, size + 1), b->chosen);
        for (int64_t i = 0; i < count; i++) b->from[i] = b->to[b->chosen[i]];
        if (!atomsi_rip_go_on(b->gram->call, "beam sizes", size - 1, profile->order - 2)) break;
    }
}

static void free_beam(beam *b)
{
    atoms_context *context = b->gram->context;
    atomsi_rip_free_couplings(b->gram, b->workers);
    atomsi_free(context, b->from);
    atomsi_free(context, b->to);
    atomsi_free(context, b->chosen);
}

static atoms_status make_beam(beam *b, int64_t order, int64_t width)
{
    atoms_context *context = b->gram->context;
    b->from = atomsi_alloc_zero(context, width, sizeof *b->from);
    b->to = atomsi_alloc_zero(context, width * CHILDREN, sizeof *b->to);
    b->chosen = atomsi_alloc(context, width, sizeof *b->chosen);
    b->workers = atomsi_rip_make_couplings(b->gram, order);
    return b->from && b->to && b->chosen && b->workers ? ATOMS_OK : ATOMS_E_MEMORY;
}

atoms_status atomsi_rip_beam(const rip_gram *gram, int32_t width, rip_profile *profile)
{
    if (gram->call->cancelled) return ATOMS_OK;
    beam b = {.gram = gram};
    atoms_status status = make_beam(&b, profile->order, width);
    for (b.sign = 0; b.sign < SIGNS && !status && !gram->call->cancelled; b.sign++) run_sign(&b, width, profile);
    free_beam(&b);
    return status;
}
