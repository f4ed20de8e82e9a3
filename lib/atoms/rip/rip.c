/* Intervals for δ_K, as a handle that knows every order up to the largest asked about. One pass over the Gram matrix serves all of it, and an order's
 * search is what the next one stands on. */
#include <float.h>
#include <math.h>

#include "../../base/clock.h"
#include "rip_internal.h"

static const double beam_share = 0.3, search_share = 0.8; /* of the time, when each ends; the rest is for bounds where the search has not ended */

static const atoms_rip_opts default_opts = {.struct_size = sizeof(atoms_rip_opts), .seconds = 10, .gram_bytes = (int64_t)1 << 31, .beam = 300};
static const atoms_rip_report empty_report = {.struct_size = sizeof(atoms_rip_report)};

atoms_status atoms_rip_opts_init(atoms_rip_opts *opts, size_t size)
{
    return atomsi_struct_init(opts, size, &default_opts, sizeof default_opts);
}

atoms_status atoms_rip_report_init(atoms_rip_report *report, size_t size)
{
    return atomsi_struct_init(report, size, &empty_report, sizeof empty_report);
}

const char *atoms_rip_bound_name(int32_t bound)
{
    static const char *const names[] = {"none",   "search",         "coherence", "Babel",       "Cassini", "positive",
                                        "ladder", "soft threshold", "norm",      "semidefinite"};
    return names[bound >= ATOMS_RIP_BOUND_SEARCH && bound <= ATOMS_RIP_BOUND_SEMIDEFINITE ? bound : 0];
}

static atoms_status check_order(const atoms_dictionary *d, int64_t order)
{
    atoms_context *context = d->context;
    if (order < 1) return atomsi_fail(context, ATOMS_E_ARGUMENT, "order is %lld, it must be positive", (long long)order);
    if (order > d->atoms)
        return atomsi_fail(context, ATOMS_E_ARGUMENT, "order is %lld, the dictionary has %lld atoms", (long long)order, (long long)d->atoms);
    if (order > ATOMS_RIP_ORDER_MAX)
        return atomsi_fail(context, ATOMS_E_LIMIT, "order is %lld, at most %d is supported", (long long)order, ATOMS_RIP_ORDER_MAX);
    return ATOMS_OK;
}

static atoms_status check_options(const atoms_dictionary *d, const atoms_rip_opts *opts)
{
    atoms_context *context = d->context;
    if (!(opts->seconds >= 0) || isinf(opts->seconds))
        return atomsi_fail(context, ATOMS_E_ARGUMENT, "opts: seconds must be finite and not negative");
    if (opts->nodes < 0) return atomsi_fail(context, ATOMS_E_ARGUMENT, "opts: nodes is %lld, it cannot be negative", (long long)opts->nodes);
    if (opts->gram_bytes < 0)
        return atomsi_fail(context, ATOMS_E_ARGUMENT, "opts: gram_bytes is %lld, it cannot be negative", (long long)opts->gram_bytes);
    if (opts->beam < 1 || opts->beam > 4096) return atomsi_fail(context, ATOMS_E_ARGUMENT, "opts: beam is %d, it must be 1 to 4096", (int)opts->beam);
    if (opts->each_sign != 0 && opts->each_sign != 1)
        return atomsi_fail(context, ATOMS_E_ARGUMENT, "opts: each_sign is %d, it must be 0 or 1", (int)opts->each_sign);
    if (d->atoms > INT32_MAX) return atomsi_fail(context, ATOMS_E_LIMIT, "more than 2³¹ − 1 atoms");
    return ATOMS_OK;
}

static atoms_status check_orders(const atoms_dictionary *d, const int64_t *orders, int64_t count, rip_profile *p)
{
    for (int64_t i = 0; i < count; i++) {
        atoms_status status = check_order(d, orders[i]);
        if (status) return status;
        p->asked[orders[i]] = true;
    }
    return ATOMS_OK;
}

/* Supports count atoms as the Gram matrix does; here they get the dictionary's numbers. */
static void name_atoms(const rip_gram *gram, rip_profile *p)
{
    for (int sign = 0; sign < SIGNS && gram->name; sign++)
        for (int64_t k = 1; k <= p->order; k++)
            for (int64_t i = 0; i < k; i++) p->best[sign][k].atom[i] = (int32_t)gram->name[p->best[sign][k].atom[i]];
}

static void share_time(rip_call *call, double seconds)
{
    double now = base_clock_seconds(), left = fmax(call->deadline - now, 0);
    call->beam_ends = seconds > 0 ? now + beam_share * left : INFINITY;
    call->search_ends = seconds > 0 ? now + search_share * left : INFINITY;
}

static atoms_status compute(const atoms_dictionary *dictionary, const atoms_rip_opts *opts, atoms_rip *rip)
{
    rip_call call = {.context = dictionary->context, .nodes = opts->nodes, .bytes = opts->gram_bytes};
    call.deadline = opts->seconds > 0 ? base_clock_seconds() + opts->seconds : INFINITY;
    rip_gram gram;
    int64_t depth = base_max_i64(base_min_i64(ATOMS_RIP_ORDER_MAX, dictionary->atoms - 1), 1);
    int64_t order = base_min_i64(ATOMS_RIP_ORDER_MAX, dictionary->atoms);
    while (!rip->profile.asked[order]) order--;
    atoms_status status = atomsi_rip_gram_make(dictionary, &call, depth, order, &gram);
    if (status) return status;
    share_time(&call, opts->seconds);
    status = atomsi_rip_profile_make(&gram, opts, &rip->profile);
    name_atoms(&gram, &rip->profile);
    rip->cancelled = call.cancelled;
    atomsi_rip_gram_free(&gram);
    return status;
}

atoms_status atoms_rip_create(const atoms_dictionary *dictionary, const int64_t *orders, int64_t count, const atoms_rip_opts *opts, atoms_rip **out)
{
    if (out) *out = NULL;
    if (!dictionary || !orders || !out)
        return atomsi_fail(dictionary ? dictionary->context : NULL, ATOMS_E_ARGUMENT, "dictionary, orders or out is NULL");
    atoms_context *context = dictionary->context;
    if (count < 1) return atomsi_fail(context, ATOMS_E_ARGUMENT, "count is %lld, there must be an order", (long long)count);
    atoms_rip_opts o;
    atoms_status status = atomsi_read_options(context, &o, sizeof o, &default_opts, opts, "atoms_rip_opts");
    if (!status) status = check_options(dictionary, &o);
    if (status) return status;
    atoms_rip *rip = atomsi_alloc_zero(context, 1, sizeof *rip);
    if (!rip) return ATOMS_E_MEMORY;
    rip->context = context;
    rip->atoms = dictionary->atoms;
    status = check_orders(dictionary, orders, count, &rip->profile);
    if (!status) status = compute(dictionary, &o, rip);
    if (status) atoms_rip_destroy(rip);
    else *out = rip;
    return status;
}

void atoms_rip_destroy(atoms_rip *rip)
{
    if (rip) atomsi_free(rip->context, rip);
}

static void name_witness(const rip_profile *p, int sign, int64_t order, int32_t *out)
{
    for (int64_t k = 0; k < ATOMS_RIP_ORDER_MAX; k++) out[k] = k < order ? p->best[sign][order].atom[k] : -1;
}

/* A bound on δ_K of two signs' bounds, where 1 − L_K ≤ 1 may stand in for the second. */
static double worse_sign(double plus, double minus)
{
    return isnan(plus) ? NAN : fmax(plus, isnan(minus) ? 1 : fmin(1, minus));
}

static int32_t why_stopped(const atoms_rip *rip, int64_t k)
{
    const rip_profile *p = &rip->profile;
    return p->searched[k] ? ATOMS_RIP_DONE : rip->cancelled ? ATOMS_RIP_CANCELLED : p->stopped;
}

static void fill_ends(const rip_profile *p, int64_t k, atoms_rip_report *r)
{
    double up = p->upper[PLUS][k], um = p->upper[MINUS][k], lp = p->lower[PLUS][k], lm = p->lower[MINUS][k];
    r->plus_lower = lp, r->plus_upper = up, r->plus_bound = p->bound[PLUS][k];
    r->minus_lower = lm, r->minus_upper = um, r->minus_bound = p->bound[MINUS][k];
    r->lower = fmax(lp, lm);
    r->upper = fmax(up, um);
    r->bound = um > up ? r->minus_bound : r->plus_bound;
    r->ratio_lower = (lp + lm) / (2 + lp - lm) * (1 - 2 * DBL_EPSILON);
    r->ratio_upper = fmin(1, (up + um) / (2 + up - um) * (1 + 2 * DBL_EPSILON)); /* L_K ≥ 0 */
}

static void fill_report(const atoms_rip *rip, int64_t k, atoms_rip_report *r)
{
    const rip_profile *p = &rip->profile;
    *r = empty_report;
    r->atoms = rip->atoms;
    r->order = k;
    fill_ends(p, k, r);
    r->stopped = why_stopped(rip, k);
    r->coherence = p->coherence[k], r->babel = p->babel[k], r->cassini = p->cassini[k];
    r->ladder = k > 2 ? fmax(p->ladder[PLUS][k], p->ladder[MINUS][k]) : NAN;
    r->soft = worse_sign(p->soft[PLUS][k], p->soft[MINUS][k]);
    r->semidefinite = worse_sign(p->semidefinite[PLUS][k], p->semidefinite[MINUS][k]);
    if (isinf(r->ladder)) r->ladder = NAN;
    for (int64_t j = 1; j <= k; j++)
        if (p->exact[j]) r->exact_order = j;
    r->nodes = p->nodes;
    r->exact = p->exact[k];
    name_witness(p, PLUS, k, r->plus_witness);
    name_witness(p, MINUS, k, r->minus_witness);
}

atoms_status atoms_rip_describe(const atoms_rip *rip, int64_t order, atoms_rip_report *report)
{
    if (!rip || !report) return atomsi_fail(rip ? rip->context : NULL, ATOMS_E_ARGUMENT, "rip or report is NULL");
    if (order < 1 || order > rip->profile.order)
        return atomsi_fail(rip->context, ATOMS_E_ARGUMENT, "order is %lld, 1 to %lld are known", (long long)order, (long long)rip->profile.order);
    atoms_rip_report r;
    fill_report(rip, order, &r);
    return atomsi_write_report(rip->context, report, &r, sizeof r, "atoms_rip_report");
}

atoms_status atoms_rip_estimate(const atoms_dictionary *dictionary, int64_t order, const atoms_rip_opts *opts, atoms_rip_report *report)
{
    if (!dictionary || !report) return atomsi_fail(dictionary ? dictionary->context : NULL, ATOMS_E_ARGUMENT, "dictionary or report is NULL");
    atoms_rip *rip;
    atoms_status status = atoms_rip_create(dictionary, &order, 1, opts, &rip);
    if (!status) status = atoms_rip_describe(rip, order, report);
    atoms_rip_destroy(rip);
    return status;
}
