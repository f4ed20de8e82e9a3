/* Everything about orders 2 … K, between supports that attain the lower ends and the best upper bounds that were proved. Orders are searched from 2
 * up, each one far dearer than the last; averaging over the j-subsets of a K-set carries an order's bound upward, K ≥ j ≥ 2, for each sign
 * apart (Koiran and Zouzias, arXiv 1103.4984, use the idea): U_K − 1 ≤ (K − 1)/(j − 1)·(U_j − 1). So a search that does not end costs accuracy,
 * never truth: whatever part is cut short, by time or by the caller, what the others have found holds. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "../../base/clock.h"
#include "rip_internal.h"

bool atomsi_rip_go_on(rip_call *call, const char *part, int64_t done, int64_t total)
{
    const atoms_context *context = call->context;
    if (!call->cancelled && context->progress) call->cancelled = context->progress(context->progress_user, part, done, total) != 0;
    return !call->cancelled;
}

/* What order j says about all larger ones. */
static void climb(rip_profile *p, int64_t j)
{
    for (int sign = 0; sign < SIGNS; sign++)
        for (int64_t k = j + 1; k <= p->order; k++) {
            double value = (double)(k - 1) / (double)(j - 1) * p->upper[sign][j] * (1 + DBL_EPSILON);
            rip_lower_upper_end(p, sign, k, value, ATOMS_RIP_BOUND_LADDER);
            p->ladder[sign][k] = fmin(p->ladder[sign][k], value);
        }
}

/* Searches one sign for what is larger than `known` and than its own best; false where the budget ended it. */
static atoms_status search_sign(const rip_gram *gram, rip_profile *p, int sign, int64_t order, double known, bool *complete)
{
    double slack = atomsi_rip_slack(order, gram->dim), own = p->best[sign][order].value;
    known = fmax(known, own);
    *complete = p->upper[sign][order] <= known + slack;
    if (*complete) return ATOMS_OK;
    atoms_status status = atomsi_rip_search(gram, sign, order, known, &p->best[sign][order], complete, p);
    if (!status && *complete && gram->rows == gram->atoms)
        rip_lower_upper_end(p, sign, order, fmax(known, p->best[sign][order].value) + rip_improvement + slack, ATOMS_RIP_BOUND_SEARCH);
    return status;
}

/* The sign with the larger value first: the other one only has to stay below it. */
static atoms_status search_order(const rip_gram *gram, rip_profile *p, int64_t order, bool each_sign)
{
    int first = p->best[MINUS][order].value > p->best[PLUS][order].value ? MINUS : PLUS;
    bool ended[SIGNS] = {false, false};
    atoms_status status = search_sign(gram, p, first, order, 0, &ended[0]);
    if (!status) status = search_sign(gram, p, !first, order, each_sign ? 0 : p->best[first][order].value, &ended[1]);
    p->searched[order] = ended[0] && ended[1];
    return status;
}

static void start(const rip_gram *gram, rip_profile *p)
{
    for (int64_t k = 1; k < ORDERS; k++)
        if (p->asked[k]) p->order = k;
    p->searched[1] = p->exact[1] = true;
    for (int sign = 0; sign < SIGNS; sign++)
        for (int64_t k = 1; k <= p->order; k++) {
            p->upper[sign][k] = k > 1 ? INFINITY : 0;
            p->ladder[sign][k] = INFINITY;
            p->soft[sign][k] = p->semidefinite[sign][k] = NAN;
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

/* δ_j is known to 1e-9. */
static bool is_narrow(const rip_profile *p, int64_t j)
{
    return fmax(p->upper[PLUS][j], p->upper[MINUS][j]) - fmax(p->lower[PLUS][j], p->lower[MINUS][j]) <= 1e-9;
}

/* Bounds for one order alone that look at the whole matrix: for the sign that is worse, then for the one that is worse then. */
static atoms_status look_at_everything(const rip_gram *gram, rip_profile *p, int64_t k, double deadline)
{
    int64_t room = gram->call->bytes - gram->atoms * gram->atoms * (int64_t)sizeof(float), needed = atomsi_rip_certify_bytes(gram->atoms);
    if (gram->rows != gram->atoms || needed < 0 || needed > room) return ATOMS_OK;
    bool small = gram->atoms <= RIP_SEMIDEFINITE_MAX && atomsi_rip_semidefinite_bytes(gram->atoms) <= room, is_norm = false;
    for (int i = 0; i < SIGNS; i++) {
        int sign = p->upper[MINUS][k] > p->upper[PLUS][k] ? MINUS : PLUS;
        double slack = atomsi_rip_slack(k, gram->dim);
        atoms_status status = ATOMS_OK;
        if (!isnan(p->soft[sign][k]) || gram->call->cancelled || base_clock_seconds() > deadline) return ATOMS_OK;
        if (small) status = atomsi_rip_semidefinite_bound(gram, sign, k, deadline, &p->semidefinite[sign][k]);
        if (status) return status;
        rip_lower_upper_end(p, sign, k, p->semidefinite[sign][k] + slack, ATOMS_RIP_BOUND_SEMIDEFINITE);
        status = atomsi_rip_soft_bound(gram, sign, k, p->mu, deadline, &p->soft[sign][k], &is_norm);
        if (status) return status;
        rip_lower_upper_end(p, sign, k, p->soft[sign][k] + slack, is_norm ? ATOMS_RIP_BOUND_NORM : ATOMS_RIP_BOUND_SOFT);
    }
    return ATOMS_OK;
}

/* For each order that is asked about and not known, the largest first, an equal share of the time that is left. */
static atoms_status improve(const rip_gram *gram, rip_profile *p)
{
    double deadline = gram->call->deadline;
    int64_t left = 0;
    atoms_status status = ATOMS_OK;
    for (int64_t k = 2; k <= p->order; k++) left += p->asked[k] && !p->exact[k];
    for (int64_t k = p->order; k >= 2 && !status && !gram->call->cancelled; k--) {
        if (!p->asked[k] || p->exact[k]) continue;
        double now = base_clock_seconds(), ends = isinf(deadline) ? deadline : now + (deadline - now) / (double)left--;
        if (!p->searched[k]) status = atomsi_rip_truncated_power(gram, k, isinf(ends) ? ends : now + (ends - now) / 4, p);
        if (!status) status = look_at_everything(gram, p, k, ends);
        climb(p, k);
    }
    return status;
}

atoms_status atomsi_rip_profile_make(const rip_gram *gram, const atoms_rip_opts *opts, rip_profile *p)
{
    start(gram, p);
    if (p->order < 2) return ATOMS_OK;
    const rip_call *call = gram->call;
    atoms_status status = atomsi_rip_beam(gram, opts->beam, p);
    for (int64_t j = 2; j <= p->order && !status && !call->cancelled && p->searched[j - 1]; j++) {
        if (p->asked[j]) status = atomsi_rip_truncated_power(gram, j, call->search_ends, p);
        if (!status) status = search_order(gram, p, j, opts->each_sign);
        climb(p, j);
        set_lower_ends(gram, p);
        p->exact[j] = p->searched[j] && is_narrow(p, j);
    }
    if (!status) status = improve(gram, p);
    if (!status) status = atomsi_rip_fill_supports(gram, p);
    set_lower_ends(gram, p);
    return status;
}
