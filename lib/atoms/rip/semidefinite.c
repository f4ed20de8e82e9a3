/* The dual of the semidefinite relaxation (d'Aspremont and El Ghaoui, arXiv 0807.3520): for every symmetric V with a zero diagonal
 *
 *     U_K − 1 ≤ λ_max(A − V) + (K − 1) max |V_ij|,
 *
 * of which the soft-threshold bound is one member. The best V is the multiplier of
 *
 *     maximise tr(AX)  over X ⪰ 0, tr X = 1, Σ_{i≠j} |X_ij| ≤ K − 1,
 *
 * solved by the alternating direction method (Boyd et al., 2011): a projection onto the spectahedron (one eigendecomposition) against one onto the
 * ℓ₁ ball of the entries beside the diagonal. Any V on the way certifies. An eigendecomposition an iteration: for small dictionaries only. */
#include <math.h>
#include <string.h>

#include "../../base/clock.h"
#include "../../linalg/cblas_gate.h"
#include "../../linalg/lapacke_gate.h"
#include "rip_internal.h"

enum { ITERATIONS = 500, LOOK = 25 };

static const double worth_going_on = 2e-5; /* of the bound, in LOOK iterations */

typedef struct relaxed {
    const rip_gram *gram;
    int64_t n;
    double sign, radius, penalty;
    base_outcome outcome; /* of eigendecompositions */
    double *x, *z, *u, *scaled, *values; /* x: what an eigendecomposition works in */
} relaxed;

static double entry(const relaxed *r, int64_t i, int64_t j)
{
    return r->sign * (double)rip_row(r->gram, i)[j];
}

/* The shift t such that Σ max(w − t, 0) = total, by Newton's method on that convex falling function from its left (Michelot 1986). */
static double water_level(const double *w, int64_t n, double total)
{
    double t = -INFINITY;
    for (int64_t i = 0; i < 200; i++) {
        double sum = 0, next;
        int64_t count = 0;
        for (int64_t k = 0; k < n; k++)
            if (w[k] > t) sum += w[k], count++;
        next = count ? (sum - total) / (double)count : t;
        if (!(next > t)) break;
        t = next;
    }
    return t;
}

/* x = projection of z − u + A/penalty onto X ⪰ 0, tr X = 1. */
static void project_onto_spectahedron(relaxed *r)
{
    int64_t n = r->n, first = 0;
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < n; j++) r->x[i * n + j] = r->z[i * n + j] - r->u[i * n + j] + entry(r, i, j) / r->penalty;
    r->outcome = linalg_symmetric_eigen(n, r->x, r->values, 1, &r->gram->context->memory);
    if (r->outcome) return;
    double level = water_level(r->values, n, 1);
    while (first < n && r->values[first] <= level) first++;
    for (int64_t k = first; k < n; k++)
        for (int64_t j = 0; j < n; j++) r->scaled[k * n + j] = (r->values[k] - level) * r->x[k * n + j];
    memcpy(r->z, r->x, (size_t)(n * n) * sizeof(double)); /* z is made anew next */
    linalg_dgemm(LINALG_TRANSPOSED, LINALG_PLAIN, n, n, n - first, 1, r->scaled + first * n, n, r->z + first * n, n, 0, r->x, n);
}

/* z = x + u with its entries beside the diagonal shrunk onto the ball; then u += x − z, which leaves u's diagonal at zero. */
static void project_onto_ball(relaxed *r)
{
    int64_t n = r->n;
    double sum = 0, shrink = 0;
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < n; j++) {
            r->z[i * n + j] = r->x[i * n + j] + r->u[i * n + j];
            r->scaled[i * n + j] = i == j ? 0 : fabs(r->z[i * n + j]);
            sum += r->scaled[i * n + j];
        }
    if (sum > r->radius) shrink = fmax(water_level(r->scaled, n * n, r->radius), 0);
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < i; j++) {
            double a = r->z[i * n + j], kept = copysign(fmax(fabs(a) - shrink, 0), a);
            r->u[i * n + j] = r->u[j * n + i] = a - kept;
            r->z[i * n + j] = r->z[j * n + i] = kept;
        }
}

/* A − V, V = penalty·u. */
static void fill_row(const void *arg, int64_t i, int64_t cols, double *out)
{
    const relaxed *r = arg;
    for (int64_t j = 0; j < cols; j++) out[j] = i == j ? 0 : entry(r, i, j) - r->penalty * r->u[i * r->n + j];
}

static double bound_now(relaxed *r, double deadline)
{
    const rip_matrix b = {r->n, fill_row, r};
    int64_t n = r->n;
    double most = 0, bound;
    for (int64_t i = 0; i < n * n; i++) most = fmax(most, fabs(r->u[i]));
    for (int64_t i = 0; i < n; i++) fill_row(r, i, n, r->x + i * n);
    r->outcome = linalg_symmetric_eigen(n, r->x, r->values, 0, &r->gram->context->memory);
    if (r->outcome) return INFINITY;
    if (atomsi_rip_certify(r->gram, &b, r->values[n - 1], 0, deadline, &bound)) r->outcome = BASE_E_MEMORY;
    return bound + r->radius * (r->penalty * most + r->gram->error);
}

/* Ends an iteration early: a bound is to be made in the time that is left, and takes about as long. */
static double solve(relaxed *r, double deadline)
{
    int64_t n = r->n;
    double best = INFINITY, longest = 0, began = base_clock_seconds(), now;
    bool more = true;
    memset(r->u, 0, (size_t)(n * n) * sizeof(double));
    memset(r->z, 0, (size_t)(n * n) * sizeof(double));
    for (int64_t i = 0; i < n; i++) r->z[i * n + i] = 1 / (double)n;
    for (int i = 1; i <= ITERATIONS && more && !r->outcome; i++, began = now) {
        project_onto_spectahedron(r);
        if (r->outcome) break;
        project_onto_ball(r);
        now = base_clock_seconds();
        longest = fmax(longest, now - began);
        more = now + 2 * longest < deadline && atomsi_rip_go_on(r->gram->call, "bound steps", i, ITERATIONS);
        if (i % LOOK && more) continue;
        double bound = bound_now(r, INFINITY), before = best;
        best = fmin(best, bound);
        now = base_clock_seconds();
        if (bound > before * (1 - worth_going_on) && i > 4 * LOOK) break;
    }
    return best;
}

int64_t atomsi_rip_semidefinite_bytes(int64_t n)
{
    return (4 * n * n + n) * (int64_t)sizeof(double) + atomsi_rip_certify_bytes(n);
}

atoms_status atomsi_rip_semidefinite_bound(const rip_gram *gram, int sign, int64_t order, double deadline, double *bound)
{
    int64_t n = gram->atoms, square = n * n;
    relaxed r = {.gram = gram, .n = n, .sign = rip_sign(sign), .radius = (double)(order - 1), .penalty = 1.25 * (double)order};
    double *memory = atomsi_alloc(gram->context, 4 * square + n, sizeof(double));
    if (!memory) return ATOMS_E_MEMORY;
    r.x = memory;
    r.z = memory + square;
    r.u = memory + 2 * square;
    r.scaled = memory + 3 * square;
    r.values = memory + 4 * square;
    *bound = solve(&r, deadline);
    if (isinf(*bound)) *bound = NAN;
    atomsi_free(gram->context, memory);
    return r.outcome == BASE_E_MEMORY ? atomsi_fail_outcome(gram->context, r.outcome, "an eigendecomposition") : ATOMS_OK;
}
