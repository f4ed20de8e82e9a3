/* U_K − 1 ≤ (K − 1) ρ + λ_max(soft_ρ(A)) for every ρ ≥ 0, since A = soft_ρ(A) + V with |V_ij| ≤ ρ, and xᵀVx ≤ ρ(‖x‖₁² − ‖x‖²) ≤ (K − 1) ρ for a
 * unit x with K entries; the same for the other sign. ρ = μ is Gershgorin's bound, ρ = 0 the norm of the whole matrix: a feasible point of
 * the dual of the semidefinite relaxation (d'Aspremont and El Ghaoui, arXiv 0807.3520) that costs products with a vector. ρ is chosen by
 * golden section with Lanczos' estimates of λ_max; the one that is chosen is then certified. */
#include <math.h>
#include <string.h>

#include "../../base/clock.h"
#include "../../linalg/lapacke_gate.h"
#include "rip_internal.h"

enum { STEPS = 40, LAST_STEPS = 100, SECTIONS = 12, ROWS = 64, LANES = 16 };

typedef struct soft {
    const rip_gram *gram;
    float sign, rho;
    float *x;
    double *y, *last, *basis_now, *basis_before; /* of Lanczos */
    double *tridiagonal, *values, *matrix;
    base_outcome outcome; /* of eigendecompositions */
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

/* Lanczos' method without reorthogonalisation: copies of eigenvalues do no harm to the largest. */
static double estimate_largest(soft *s, int steps, base_memory *memory)
{
    int64_t n = s->gram->atoms, m = base_min_i64(steps, n), k = 0;
    double *now = s->basis_now, *before = s->basis_before, beta = 0;
    memset(s->tridiagonal, 0, LAST_STEPS * LAST_STEPS * sizeof(double));
    memset(before, 0, (size_t)n * sizeof(double));
    for (int64_t i = 0; i < n; i++) now[i] = 1 + (double)(i * 7919 % 101) / 101;
    double length = length_of(now, n);
    for (int64_t i = 0; i < n; i++) now[i] /= length;
    for (; k < m; k++) {
        double alpha = 0;
        for (int64_t i = 0; i < n; i++) s->x[i] = (float)now[i];
        atomsi_parallel_for(s->gram->context, base_blocks(n, ROWS), multiply_rows, s);
        for (int64_t i = 0; i < n; i++) alpha += s->y[i] * now[i];
        for (int64_t i = 0; i < n; i++) s->y[i] -= alpha * now[i] + beta * before[i];
        s->tridiagonal[k * m + k] = alpha;
        beta = length_of(s->y, n);
        if (!(beta > 1e-12) || k + 1 == m) break;
        s->tridiagonal[k * m + k + 1] = beta;
        for (int64_t i = 0; i < n; i++) {
            before[i] = now[i];
            now[i] = s->y[i] / beta;
        }
    }
    if (!s->outcome) s->outcome = linalg_symmetric_eigen(m, s->tridiagonal, s->values, 0, memory);
    if (s->outcome) return INFINITY;
    return fmax(s->values[m - 1], 0); /* a zero trace: the largest is not negative */
}

static double bound_at(soft *s, double rho, int64_t order, int steps, double *largest)
{
    s->rho = (float)rho;
    *largest = estimate_largest(s, steps, &s->gram->context->memory);
    return (double)(order - 1) * (double)s->rho + *largest;
}

/* Golden section on [0, high]; what is found need not be the best to be a bound. */
static double choose_rho(soft *s, int64_t order, double high, double deadline)
{
    const double ratio = 0.61803398874989485;
    double low = 0, unused, a = high - ratio * high, b = ratio * high;
    double at_a = bound_at(s, a, order, STEPS, &unused), at_b = bound_at(s, b, order, STEPS, &unused);
    double best = at_a < at_b ? a : b, best_value = fmin(at_a, at_b), norm = bound_at(s, 0, order, STEPS, &unused);
    for (int i = 0; i < SECTIONS && base_clock_seconds() < deadline; i++) {
        if (at_a < at_b) {
            high = b, b = a, at_b = at_a, a = high - ratio * (high - low);
            at_a = bound_at(s, a, order, STEPS, &unused);
            if (at_a < best_value) best = a, best_value = at_a;
        } else {
            low = a, a = b, at_a = at_b, b = low + ratio * (high - low);
            at_b = bound_at(s, b, order, STEPS, &unused);
            if (at_b < best_value) best = b, best_value = at_b;
        }
    }
    return norm <= best_value ? 0 : best;
}

/* tI − soft(A), upper triangle. */
static void fill_shifted(const void *arg, double t, double *matrix)
{
    const soft *s = arg;
    int64_t n = s->gram->atoms;
    for (int64_t i = 0; i < n; i++) {
        const float *row = rip_row(s->gram, i);
        for (int64_t j = i; j < n; j++) matrix[i * n + j] = i == j ? t : -(double)(s->sign * soften(row[j], s->rho));
        memset(matrix + i * n, 0, (size_t)i * sizeof *matrix);
    }
}

static void free_soft(soft *s)
{
    atomsi_free(s->gram->context, s->x);
    atomsi_free(s->gram->context, s->y);
    atomsi_free(s->gram->context, s->tridiagonal);
    atomsi_free(s->gram->context, s->matrix);
}

static atoms_status make_soft(soft *s)
{
    int64_t n = s->gram->atoms;
    s->x = atomsi_alloc(s->gram->context, n, sizeof(float));
    s->y = atomsi_alloc(s->gram->context, 3 * n, sizeof(double));
    s->tridiagonal = atomsi_alloc(s->gram->context, LAST_STEPS * (LAST_STEPS + 1), sizeof(double));
    s->matrix = atomsi_alloc(s->gram->context, n * n, sizeof(double));
    if (!s->x || !s->y || !s->tridiagonal || !s->matrix) return ATOMS_E_MEMORY;
    s->basis_now = s->y + n;
    s->basis_before = s->y + 2 * n;
    s->values = s->tridiagonal + LAST_STEPS * LAST_STEPS;
    return ATOMS_OK;
}

atoms_status atomsi_rip_soft_bound(const rip_gram *gram, int sign, int64_t order, double largest, double deadline, double *bound, bool *is_norm)
{
    soft s = {.gram = gram, .sign = (float)rip_sign(sign)};
    atoms_status status = make_soft(&s);
    if (!status) {
        double estimate, rho = choose_rho(&s, order, largest, deadline);
        bound_at(&s, rho, order, LAST_STEPS, &estimate);
        double certified = atomsi_rip_certify(gram->atoms, estimate, fill_shifted, &s, s.matrix);
        double blurred = (double)s.rho + 0x1p-24 * largest + gram->error; /* soft thresholding is rounded to f32 */
        *bound = certified + (double)(order - 1) * blurred;
        *is_norm = rho == 0;
        if (s.outcome == BASE_E_MEMORY) status = atomsi_fail_outcome(gram->context, s.outcome, "an eigendecomposition");
    }
    free_soft(&s);
    return status;
}
