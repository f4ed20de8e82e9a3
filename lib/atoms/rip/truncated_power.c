/* The truncated power method (Yuan and Zhang, JMLR 14, 2013) for large λ_max(A_TT): T becomes the K atoms most coupled to its own top
 * eigenvector, until it stays. It is started from up to 512 places, the strongest neighbours of single atoms and K atoms drawn at random. Without
 * the shift that would make it climb at every step it wanders farther, and finds more: what a beam misses are smallest eigenvalues mostly. */
#include <math.h>
#include <string.h>

#include "../../base/clock.h"
#include "../../base/random.h"
#include "coupling.h"

enum { STARTS = 512, STEPS = 20 };

typedef struct restarts {
    const rip_gram *gram;
    int sign;
    int64_t order, starts;
    double deadline;
    rip_coupling *workers;
    rip_support *found; /* of each start */
} restarts;

static void sort_atoms(int32_t *atom, int64_t n)
{
    for (int64_t i = 1; i < n; i++)
        for (int64_t k = i; k > 0 && atom[k - 1] > atom[k]; k--) {
            int32_t t = atom[k];
            atom[k] = atom[k - 1];
            atom[k - 1] = t;
        }
}

/* Fills up to K atoms with the lowest numbers that are not there. */
static void fill_up(int32_t *atom, int64_t n, int64_t order)
{
    for (int32_t c = 0; n < order; c++)
        if (!rip_holds(atom, n, c)) atom[n++] = c;
}

/* An even start: an atom and its strongest neighbours; an odd one: K atoms drawn. */
static void start_from(const restarts *r, int64_t index, int32_t *atom)
{
    int64_t n = 0, atoms = r->gram->atoms;
    if (index % 2 == 0) {
        atom[0] = (int32_t)(index * atoms / r->starts);
        n = 1 + atomsi_rip_strongest(rip_row(r->gram, atom[0]), atoms, r->order - 1, atom + 1);
    } else {
        for (uint64_t draw = 0; n < r->order && draw < 8 * ATOMS_RIP_ORDER_MAX; draw++) {
            int32_t c = (int32_t)base_random_below(0, BASE_STREAM_SUPPORTS, (uint64_t)index << 32 | draw, atoms);
            if (!rip_holds(atom, n, c)) atom[n++] = c;
        }
    }
    fill_up(atom, n, r->order);
    sort_atoms(atom, r->order);
}

static void climb(void *arg, int64_t index, int32_t worker)
{
    const restarts *r = arg;
    rip_coupling *w = &r->workers[worker];
    rip_support *found = &r->found[index];
    int32_t atom[ATOMS_RIP_ORDER_MAX], next[ATOMS_RIP_ORDER_MAX];
    int64_t k = r->order;
    found->value = -1;
    start_from(r, index, atom);
    for (int step = 0; step < STEPS; step++) {
        if (base_clock_seconds() > r->deadline) return;
        int64_t top = atomsi_rip_couple(r->gram, r->sign, w, k, atom);
        if (w->values[top] > found->value) {
            found->value = w->values[top];
            memcpy(found->atom, atom, sizeof atom);
        }
        for (int64_t i = 0; i < k; i++) w->coupling[atom[i]] = (float)(w->values[top] * w->vectors[top * k + i]); /* A x = λ x there */
        fill_up(next, atomsi_rip_strongest(w->coupling, r->gram->atoms, k, next), k);
        sort_atoms(next, k);
        if (memcmp(next, atom, (size_t)k * sizeof *atom) == 0) return;
        memcpy(atom, next, sizeof atom);
    }
}

atoms_status atomsi_rip_truncated_power(const rip_gram *gram, int64_t order, double deadline, rip_profile *profile)
{
    restarts r = {.gram = gram, .order = order, .deadline = deadline};
    if (gram->call->cancelled || order < 3) return ATOMS_OK;
    r.starts = base_max_i64(8, base_min_i64(4 * gram->atoms, STARTS / (1 + r.order * r.order / 100))); /* a step costs order³ */
    r.workers = atomsi_rip_make_couplings(gram, r.order);
    r.found = atomsi_alloc_zero(gram->context, STARTS, sizeof *r.found);
    atoms_status status = r.workers && r.found ? ATOMS_OK : ATOMS_E_MEMORY;
    for (r.sign = 0; r.sign < SIGNS && !status && !gram->call->cancelled; r.sign++) {
        atomsi_parallel_for(gram->context, r.starts, climb, &r);
        int64_t best = 0;
        for (int64_t i = 1; i < r.starts; i++)
            if (r.found[i].value > r.found[best].value) best = i;
        if (r.found[best].value > 0) atomsi_rip_offer(gram, r.sign, &r.workers[0], r.order, r.found[best].atom, profile);
        (void)atomsi_rip_go_on(gram->call, "power starts", (r.sign + 1) * r.starts, SIGNS * r.starts);
    }
    atomsi_rip_free_couplings(gram, r.workers);
    atomsi_free(gram->context, r.found);
    return status;
}
