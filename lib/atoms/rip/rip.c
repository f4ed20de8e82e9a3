/* δ_K between a support that attains the lower end and the best upper bound that was proved. Orders are searched from 2 up, each one far
 * dearer than the last; averaging over the j-subsets of a K-set carries an order's bound upward, K ≥ j ≥ 2, for each sign
 * apart (Koiran and Zouzias, arXiv 1103.4984, use the idea): U_K − 1 ≤ (K − 1)/(j − 1)·(U_j − 1). So a search that does not end costs accuracy,
 * never truth. */
#include <float.h>
#include <math.h>
#include <string.h>

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

/* What order j says about all larger ones. */
static void climb(rip_profile *p, int64_t j)
{
    for (int sign = 0; sign < SIGNS; sign++)
        for (int64_t k = j + 1; k <= p->order; k++) {
            double value = (double)(k - 1) / (double)(j - 1) * p->upper[sign][j] * (1 + DBL_EPSILON);
            rip_lower_upper_end(p, sign, k, value, ATOMS_RIP_BOUND_LADDER);
            if (k == p->order) p->ladder[sign] = fmin(p->ladder[sign], value);
        }
}

/* Searches one sign for what is larger than `known` and than its own best; false where the budget ended it. */
static atoms_status search_sign(const rip_gram *gram, rip_profile *p, int sign, int64_t order, double known, const rip_budget *budget,
                                bool *complete)
{
    double slack = atomsi_rip_slack(order, gram->dim), own = p->best[sign][order].value;
    known = fmax(known, own);
    *complete = p->upper[sign][order] <= known + slack;
    if (*complete) return ATOMS_OK;
    atoms_status status = atomsi_rip_search(gram, sign, order, known, budget, &p->best[sign][order], complete, p);
    if (!status && *complete && gram->rows == gram->atoms)
        rip_lower_upper_end(p, sign, order, fmax(known, p->best[sign][order].value) + rip_improvement + slack, ATOMS_RIP_BOUND_SEARCH);
    return status;
}

/* The sign with the larger value first: the other one only has to stay below it. */
static atoms_status search_order(const rip_gram *gram, rip_profile *p, int64_t order, bool each_sign, const rip_budget *budget, bool *complete)
{
    int first = p->best[MINUS][order].value > p->best[PLUS][order].value ? MINUS : PLUS;
    bool ended[SIGNS] = {false, false};
    atoms_status status = search_sign(gram, p, first, order, 0, budget, &ended[0]);
    if (!status) status = search_sign(gram, p, !first, order, each_sign ? 0 : p->best[first][order].value, budget, &ended[1]);
    *complete = ended[0] && ended[1];
    return status;
}

static void start_profile(const rip_gram *gram, rip_profile *p, int64_t order)
{
    memset(p, 0, sizeof *p);
    p->order = order;
    p->exact_order = 1;
    for (int sign = 0; sign < SIGNS; sign++) {
        p->ladder[sign] = INFINITY;
        p->soft[sign] = p->semidefinite[sign] = NAN;
        for (int64_t k = 2; k <= order; k++) p->upper[sign][k] = INFINITY;
        for (int64_t k = 1; k <= order; k++)
            for (int32_t i = 0; i < k; i++) p->best[sign][k].atom[i] = i; /* any atoms at all, worth 0 */
    }
    atomsi_rip_row_bounds(gram, p);
}

static void set_lower_ends(const rip_gram *gram, rip_profile *p)
{
    for (int sign = 0; sign < SIGNS; sign++)
        for (int64_t k = 2; k <= p->order; k++)
            p->lower[sign][k] = fmax(0, p->best[sign][k].value - atomsi_rip_slack(k, gram->dim));
}

/* δ_j of the profile is known to 1e-9. */
static bool is_exact(const rip_profile *p, int64_t j)
{
    return fmax(p->upper[PLUS][j], p->upper[MINUS][j]) - fmax(p->lower[PLUS][j], p->lower[MINUS][j]) <= 1e-9;
}

/* Bounds for the largest order alone that look at the whole matrix: for the sign that is worse, then for the one that is worse then. */
static atoms_status look_at_everything(const rip_gram *gram, rip_profile *p, int64_t bytes, double deadline)
{
    int64_t k = p->order, needed = 0;
    bool fits = base_mul_i64(gram->atoms, gram->atoms, &needed) && needed <= bytes / (int64_t)sizeof(double);
    if (gram->rows != gram->atoms || !fits) return ATOMS_OK;
    for (int i = 0; i < SIGNS; i++) {
        int sign = p->upper[MINUS][k] > p->upper[PLUS][k] ? MINUS : PLUS;
        if (!isnan(p->soft[sign]) || base_clock_seconds() > deadline) return ATOMS_OK;
        bool is_norm;
        double slack = atomsi_rip_slack(k, gram->dim);
        atoms_status status = ATOMS_OK;
        if (gram->atoms <= RIP_SEMIDEFINITE_MAX) status = atomsi_rip_semidefinite_bound(gram, sign, k, deadline, &p->semidefinite[sign]);
        if (status) return status;
        rip_lower_upper_end(p, sign, k, p->semidefinite[sign] + slack, ATOMS_RIP_BOUND_SEMIDEFINITE);
        status = atomsi_rip_soft_bound(gram, sign, k, p->mu, deadline, &p->soft[sign], &is_norm);
        if (status) return status;
        rip_lower_upper_end(p, sign, k, p->soft[sign] + slack, is_norm ? ATOMS_RIP_BOUND_NORM : ATOMS_RIP_BOUND_SOFT);
    }
    return ATOMS_OK;
}

atoms_status atomsi_rip_profile_make(const rip_gram *gram, const atoms_rip_opts *opts, int64_t order, rip_profile *profile)
{
    double now = base_clock_seconds(), deadline = opts->seconds > 0 ? now + opts->seconds : INFINITY;
    rip_budget budget = {.deadline = opts->seconds > 0 ? now + search_share * opts->seconds : INFINITY, .nodes = opts->nodes};
    rip_budget for_beam = {.deadline = opts->seconds > 0 ? now + beam_share * opts->seconds : INFINITY};
    start_profile(gram, profile, order);
    if (order < 2) return ATOMS_OK;
    atoms_status status = atomsi_rip_beam(gram, opts->beam, &for_beam, profile);
    bool complete = true;
    for (int64_t j = 2; j <= order && !status && complete; j++) {
        if (j == order) status = atomsi_rip_truncated_power(gram, budget.deadline, profile);
        if (!status) status = search_order(gram, profile, j, opts->each_sign, &budget, &complete);
        climb(profile, j);
        set_lower_ends(gram, profile);
        if (complete && is_exact(profile, j)) profile->exact_order = j;
    }
    if (!status && profile->exact_order < order) status = look_at_everything(gram, profile, opts->gram_bytes, deadline);
    if (!status && !complete) status = atomsi_rip_truncated_power(gram, deadline, profile);
    set_lower_ends(gram, profile);
    return status;
}

static atoms_status check_question(const atoms_dictionary *d, int64_t order, const atoms_rip_opts *opts)
{
    atoms_context *context = d->context;
    if (order < 1) return atomsi_fail(context, ATOMS_E_ARGUMENT, "order is %lld, it must be positive", (long long)order);
    if (order > d->atoms)
        return atomsi_fail(context, ATOMS_E_ARGUMENT, "order is %lld, the dictionary has %lld atoms", (long long)order, (long long)d->atoms);
    if (order > ATOMS_RIP_ORDER_MAX)
        return atomsi_fail(context, ATOMS_E_LIMIT, "order is %lld, at most %d is supported", (long long)order, ATOMS_RIP_ORDER_MAX);
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

atoms_status atomsi_rip_read_question(const atoms_dictionary *dictionary, int64_t order, const atoms_rip_opts *opts, atoms_rip_opts *known)
{
    atoms_status status = atomsi_read_options(dictionary->context, known, sizeof *known, &default_opts, opts, "atoms_rip_opts");
    return status ? status : check_question(dictionary, order, known);
}

static void name_witness(const rip_gram *gram, const rip_profile *p, int sign, int32_t *out)
{
    const rip_support *best = &p->best[sign][p->order];
    for (int64_t k = 0; k < ATOMS_RIP_ORDER_MAX; k++)
        out[k] = k >= p->order ? -1 : gram->name ? (int32_t)gram->name[best->atom[k]] : best->atom[k];
}

/* A bound on δ_K of two signs' bounds, where 1 − L_K ≤ 1 may stand in for the second. */
static double worse_sign(const double bound[SIGNS])
{
    return isnan(bound[PLUS]) ? NAN : fmax(bound[PLUS], isnan(bound[MINUS]) ? 1 : fmin(1, bound[MINUS]));
}

static void fill_report(const rip_gram *gram, const rip_profile *p, atoms_rip_report *r)
{
    int64_t k = p->order;
    double up = p->upper[PLUS][k], um = p->upper[MINUS][k], lp = p->lower[PLUS][k], lm = p->lower[MINUS][k];
    *r = empty_report;
    r->atoms = gram->rows;
    r->order = k;
    r->plus_lower = lp, r->plus_upper = up, r->plus_bound = p->bound[PLUS][k];
    r->minus_lower = lm, r->minus_upper = um, r->minus_bound = p->bound[MINUS][k];
    r->lower = fmax(lp, lm);
    r->upper = fmax(up, um);
    r->bound = um > up ? r->minus_bound : r->plus_bound;
    r->ratio_lower = (lp + lm) / (2 + lp - lm) * (1 - 2 * DBL_EPSILON);
    r->ratio_upper = (up + um) / (2 + up - um) * (1 + 2 * DBL_EPSILON);
    r->stopped = p->stopped;
    r->coherence = p->coherence[k], r->babel = p->babel[k], r->cassini = p->cassini[k];
    r->ladder = k > 2 ? fmax(p->ladder[PLUS], p->ladder[MINUS]) : NAN;
    r->soft = worse_sign(p->soft);
    r->semidefinite = worse_sign(p->semidefinite);
    if (isinf(r->ladder)) r->ladder = NAN;
    r->exact_order = p->exact_order;
    r->nodes = p->nodes;
    r->exact = p->exact_order == k;
    name_witness(gram, p, PLUS, r->plus_witness);
    name_witness(gram, p, MINUS, r->minus_witness);
}

atoms_status atoms_rip_estimate(const atoms_dictionary *dictionary, int64_t order, const atoms_rip_opts *opts, atoms_rip_report *report)
{
    if (!dictionary || !report) return atomsi_fail(dictionary ? dictionary->context : NULL, ATOMS_E_ARGUMENT, "dictionary or report is NULL");
    atoms_context *context = dictionary->context;
    atoms_rip_opts o;
    atoms_status status = atomsi_rip_read_question(dictionary, order, opts, &o);
    if (status) return status;
    rip_profile *profile = atomsi_alloc(context, 1, sizeof *profile);
    if (!profile) return ATOMS_E_MEMORY;
    rip_gram gram;
    status = atomsi_rip_gram_make(dictionary, base_max_i64(order - 1, 1), o.gram_bytes, &gram);
    if (!status) {
        status = atomsi_rip_profile_make(&gram, &o, order, profile);
        if (!status) {
            atoms_rip_report r;
            fill_report(&gram, profile, &r);
            status = atomsi_write_report(context, report, &r, sizeof r, "atoms_rip_report");
        }
        atomsi_rip_gram_free(&gram);
    }
    atomsi_free(context, profile);
    return status;
}
