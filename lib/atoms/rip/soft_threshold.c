/* U_K − 1 ≤ (K − 1) ρ + λ_max(soft_ρ(A)) for every ρ ≥ 0, since A = soft_ρ(A) + V with |V_ij| ≤ ρ, and xᵀVx ≤ ρ(‖x‖₁² − ‖x‖²) ≤ (K − 1) ρ for a
 * unit x with K entries; the same for the other sign. ρ = μ is Gershgorin's bound, ρ = 0 the norm of the whole matrix: a feasible point of
 * the dual of the semidefinite relaxation (d'Aspremont and El Ghaoui, arXiv 0807.3520) that costs products with a vector. ρ is chosen by
 * golden section with Lanczos' estimates of λ_max, as long as time is left to certify the one that is chosen. */
#include <math.h>
#include <string.h>

#include "../../base/clock.h"
#include "../../linalg/lapacke_gate.h"
#include "rip_internal.h"

enum { STEPS = 40, LAST_STEPS = 100, SECTIONS = 12, PRODUCTS = (SECTIONS + 3) * STEPS + LAST_STEPS, LOOK = 10, ROWS = 64, LANES = 16 };

typedef struct soft {
    const rip_gram *gram;
    float sign, rho;
    float *x;
    double *y, *basis_now, *basis_before; /* of Lanczos */
    double *alpha, *beta, *matrix, *values; /* its tridiagonal matrix */
    double residual;       /* ‖soft(A) y − θ y‖ of the last estimate θ */
    double until;          /* Lanczos' method ends with what it has */
    int64_t products;
    base_outcome outcome;  /* of eigendecompositions */
} soft;

static inline float soften(float a, float rho)
{
    float inside = a > rho ? rho : a < -rho ? -rho : a;
    return a - inside;
}

/* Rows of y = soft(A) x. */
static void multiply_rows(void *arg, int64_t index, int32_t worker)
{
    const soft *s = arg;
    int64_t n = s->gram->atoms, end = base_min_i64((index + 1) * ROWS, n);
    (void)worker;
    for (int64_t i = index * ROWS; i < end; i++) {
        const float *row = rip_row(s->gram, i);
        float lanes[LANES] = {0};
        double sum = 0;
        int64_t j = 0;
        for (; j + LANES <= n; j += LANES)
            for (int64_t l = 0; l < LANES; l++) lanes[l] += soften(row[j + l], s->rho) * s->x[j + l];
        for (int64_t l = 0; l < LANES; l++) sum += (double)lanes[l];
        for (; j < n; j++) sum += (double)(soften(row[j], s->rho) * s->x[j]);
        s->y[i] = (double)s->sign * sum;
    }
}

static double length_of(const double *x, int64_t n)
{
    double sum = 0;
    for (int64_t i = 0; i < n; i++) sum += x[i] * x[i];
    return sqrt(sum);
}

/* The largest eigenvalue of the tridiagonal matrix of m steps, and how far it can be from one of soft(A). */
static double ritz_value(soft *s, int64_t m)
{
    memset(s->matrix, 0, (size_t)(m * m) * sizeof *s->matrix);
    for (int64_t k = 0; k < m; k++) {
        s->matrix[k * m + k] = s->alpha[k];
        if (k + 1 < m) s->matrix[k * m + k + 1] = s->beta[k];
    }
    s->outcome = linalg_symmetric_eigen(m, s->matrix, s->values, 1, &s->gram->context->memory);
    if (s->outcome) return INFINITY;
    s->residual = s->beta[m - 1] * fabs(s->matrix[m * m - 1]);
    return fmax(s->values[m - 1], 0); /* a zero trace: the largest is not negative */
}

/* One more step; false where the caller wants no more. */
static bool step(soft *s, int64_t k)
{
    int64_t n = s->gram->atoms;
    double *now = s->basis_now, *before = s->basis_before, alpha = 0, beta_before = k ? s->beta[k - 1] : 0;
    for (int64_t i = 0; i < n; i++) s->x[i] = (float)now[i];
    atomsi_parallel_for(s->gram->context, base_blocks(n, ROWS), multiply_rows, s);
    s->products = base_min_i64(s->products + 1, PRODUCTS);
    if (!atomsi_rip_go_on(s->gram->call, "bound steps", s->products, PRODUCTS)) return false;
    for (int64_t i = 0; i < n; i++) alpha += s->y[i] * now[i];
    for (int64_t i = 0; i < n; i++) s->y[i] -= alpha * now[i] + beta_before * before[i];
    double beta = length_of(s->y, n);
    for (int64_t i = 0; i < n; i++) {
        before[i] = now[i];
        now[i] = s->y[i] / fmax(beta, 1e-300);
    }
    s->alpha[k] = alpha;
    s->beta[k] = beta;
    return true;
}

/* Lanczos' method without reorthogonalisation: copies of eigenvalues do no harm to the largest. At most so many steps, fewer where the residual
 * falls to the tolerance or time is up. Infinite where the call is cancelled. */
static double estimate_largest(soft *s, int steps, double tolerance)
{
    int64_t n = s->gram->atoms, m = base_min_i64(steps, n);
    double *now = s->basis_now, value = INFINITY;
    memset(s->basis_before, 0, (size_t)n * sizeof(double));
    for (int64_t i = 0; i < n; i++) now[i] = 1 + (double)(i * 7919 % 101) / 101;
    double length = length_of(now, n);
    for (int64_t i = 0; i < n; i++) now[i] /= length;
    for (int64_t k = 1; k <= m && !s->outcome; k++) {
        if (!step(s, k - 1)) return INFINITY;
        bool is_last = k == m || !(s->beta[k - 1] > 1e-12) || base_clock_seconds() > s->until;
        if (k % LOOK && !is_last) continue;
        value = ritz_value(s, k);
        if (is_last || s->residual <= tolerance * value) break;
    }
    return value;
}

static double bound_at(soft *s, double rho, int64_t order)
{
    if (s->products && base_clock_seconds() > s->until) return INFINITY;
    s->rho = (float)rho;
    return (double)(order - 1) * (double)s->rho + estimate_largest(s, STEPS, 1e-4);
}

/* Golden section on [0, high]; what is found need not be the best to be a bound. */
static double choose_rho(soft *s, int64_t order, double high)
{
    const double ratio = 0.61803398874989485;
    double low = 0, a = high - ratio * high, b = ratio * high;
    double at_a = bound_at(s, a, order), at_b = bound_at(s, b, order), norm = bound_at(s, 0, order);
    double best = at_b < at_a ? b : a, best_value = fmin(at_a, at_b);
    for (int i = 0; i < SECTIONS && base_clock_seconds() < s->until && !s->gram->call->cancelled; i++) {
        if (at_a < at_b) {
            high = b, b = a, at_b = at_a, a = high - ratio * (high - low);
            at_a = bound_at(s, a, order);
            if (at_a < best_value) best = a, best_value = at_a;
        } else {
            low = a, a = b, at_a = at_b, b = low + ratio * (high - low);
            at_b = bound_at(s, b, order);
            if (at_b < best_value) best = b, best_value = at_b;
        }
    }
    return norm < best_value ? 0 : best;
}

static void fill_row(const void *arg, int64_t i, int64_t cols, double *out)
{
    const soft *s = arg;
    const float *row = rip_row(s->gram, i);
    for (int64_t j = 0; j < cols; j++) out[j] = (double)(s->sign * soften(row[j], s->rho)); /* the diagonal is zero */
}

static void free_soft(soft *s)
{
    atomsi_free(s->gram->context, s->x);
    atomsi_free(s->gram->context, s->y);
    atomsi_free(s->gram->context, s->matrix);
}

static atoms_status make_soft(soft *s)
{
    int64_t n = s->gram->atoms;
    s->x = atomsi_alloc(s->gram->context, n, sizeof(float));
    s->y = atomsi_alloc(s->gram->context, 3 * n, sizeof(double));
    s->matrix = atomsi_alloc(s->gram->context, LAST_STEPS * (LAST_STEPS + 3), sizeof(double));
    if (!s->x || !s->y || !s->matrix) return ATOMS_E_MEMORY;
    s->basis_now = s->y + n;
    s->basis_before = s->y + 2 * n;
    s->values = s->matrix + LAST_STEPS * LAST_STEPS;
    s->alpha = s->values + LAST_STEPS;
    s->beta = s->alpha + LAST_STEPS;
    return ATOMS_OK;
}

/* Lanczos' estimate is nearer to the truth than its residual; a part of that is what the first proof is tried with. */
static atoms_status certify(soft *s, int64_t order, double largest, double deadline, double *bound)
{
    const rip_matrix b = {s->gram->atoms, fill_row, s};
    double certified, estimate = estimate_largest(s, LAST_STEPS, 1e-7);
    if (isinf(estimate)) return ATOMS_OK;
    atoms_status status = atomsi_rip_certify(s->gram, &b, estimate, 0.05 * s->residual, deadline, &certified);
    double blurred = (double)s->rho + 0x1p-24 * largest + s->gram->error; /* soft thresholding is rounded to f32 */
    if (!status && !isinf(certified)) *bound = certified + (double)(order - 1) * blurred;
    return status;
}

atoms_status atomsi_rip_soft_bound(const rip_gram *gram, int sign, int64_t order, double largest, double deadline, double *bound, bool *is_norm)
{
    double proof_begins = deadline - 2 * atomsi_rip_certify_seconds(gram), now = base_clock_seconds();
    soft s = {.gram = gram, .sign = (float)rip_sign(sign), .until = (now + proof_begins) / 2};
    *bound = NAN;
    if (now > proof_begins) return ATOMS_OK;
    atoms_status status = make_soft(&s);
    if (!status) {
        double rho = choose_rho(&s, order, largest);
        s.rho = (float)rho;
        s.until = proof_begins;
        status = certify(&s, order, largest, deadline, bound);
        *is_norm = rho == 0;
        if (s.outcome == BASE_E_MEMORY) status = atomsi_fail_outcome(gram->context, s.outcome, "an eigendecomposition");
    }
    free_soft(&s);
    return status;
}
