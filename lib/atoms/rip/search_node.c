/* Decisions of the reverse search about one support J and an atom c, with a = λ(J), v = A_Jc.
 *
 * λ(J ∪ c) is the root above a of φ(μ) = μ − vᵀ(μI − A_JJ)⁻¹v, increasing and concave there: it reaches τ > a exactly where φ(τ) ≤ 0, and
 * Newton's method from τ climbs to it. Each step is one tiny factorisation, and (μI − A_JJ)⁻¹v beside 1 is the eigenvector. Where τ is not
 * clearly above a, or two atoms of the child are equally small to rounding, Jacobi's method decides: on the atoms in rising order, so that its
 * answer, and the parent it names, is a function of the support and not of the way there.
 *
 * Before that, whether J has any child at all. In a child with eigenvalue λ ≥ τ let c have the share s of the unit eigenvector and y be the rest at
 * length 1: then λ(1 − 2s²) = (1 − s²)R, R = yᵀA_JJ y, while c is the smallest: s² ≤ 1/(n + 1), y_k ≥ s/√(1 − s²). So R ≥ τ(1 − 2s²)/(1 − s²) asks
 * for an s of some size, s lifts every y_k, and a lifted y leaves J's eigenvector and lowers R ≤ a cos² + λ₂ sin²; and so on, until s is too
 * large or R stays. ‖v‖² ≥ τ(τ − R) follows for the atoms worth looking at. */
#include "search_node.h"

#include <math.h>
#include <string.h>

static const double close = 1e-3;         /* between τ and a pole: nearer than this the factorisation loses digits */
static const double same_share = 1e-6;    /* of an eigenvector: nearer than this Jacobi's method decides */

/* The second eigenvalue at most: the others have the sum −a and a sum of squares that the matrix tells. */
static double second_at_most(const rip_node *j)
{
    double squares = 0, rest = (double)(j->n - 1), a = j->value;
    for (int64_t k = 0; k < j->n * j->n; k++) squares += j->matrix[k] * j->matrix[k];
    double mean = -a / rest, variance = (squares - a * a) / rest - mean * mean;
    return mean + sqrt(fmax(variance, 0) * (rest - 1)) + 1e-9;
}

/* The largest |x|ᵀy over unit y with every y_k ≥ least: small ones are lifted to it, the others share what is left. */
static double cosine_above(const rip_node *j, double least)
{
    bool lifted[ATOMS_RIP_ORDER_MAX] = {false};
    for (;;) {
        double low = 0, rest = 1, free = 0;
        bool changed = false;
        for (int64_t k = 0; k < j->n; k++) {
            if (lifted[k]) low += fabs(j->x[k]) * least, rest -= least * least;
            else free += j->x[k] * j->x[k];
        }
        if (!(rest > 0) || !(free > 0)) return fmin(low, 1);
        double scale = sqrt(rest / free);
        for (int64_t k = 0; k < j->n; k++)
            if (!lifted[k] && scale * fabs(j->x[k]) < least) lifted[k] = changed = true;
        if (!changed) return fmin(low + scale * free, 1);
    }
}

double atomsi_rip_node_reserve(const rip_node *j, double tau)
{
    double r = j->value, most = 1 / (double)(j->n + 1) + 1e-9;
    if (r >= tau || j->n < 3) return r;
    double second = second_at_most(j);
    for (int i = 0; i < 4; i++) {
        double growth = tau / r, share = (growth - 1) / (2 * growth - 1);
        if (!(r > 0) || share > most) return -INFINITY;
        double cosine = cosine_above(j, sqrt(share / (1 - share)) * (1 - 1e-9));
        double next = j->value * cosine * cosine + second * (1 - cosine * cosine) + 1e-9;
        if (!(next < r * (1 - 1e-3))) break;
        r = next;
    }
    return r;
}

/* μI − A = L D Lᵀ in the lower triangle, 1/D on the diagonal. */
static void factorise(int64_t n, const double *a, double mu, double *l)
{
    for (int64_t i = 0; i < n; i++) {
        double pivot = mu;
        for (int64_t k = 0; k < i; k++) {
            double sum = -a[i * n + k];
            for (int64_t e = 0; e < k; e++) sum -= l[i * n + e] * l[k * n + e]; /* not yet divided by D */
            l[i * n + k] = sum;
        }
        for (int64_t k = 0; k < i; k++) {
            double scaled = l[i * n + k] * l[k * n + k];
            pivot -= l[i * n + k] * scaled;
            l[i * n + k] = scaled;
        }
        l[i * n + i] = 1 / pivot;
    }
}

void atomsi_rip_node_aim(rip_node *j, double tau)
{
    j->is_factored = tau - j->value >= close;
    if (j->is_factored) factorise(j->n, j->matrix, tau, j->factor);
}

/* z = L⁻¹v; returns vᵀ(μI − A)⁻¹v. */
static double forward(int64_t n, const double *l, const double *v, double *z)
{
    double sum = 0;
    for (int64_t i = 0; i < n; i++) {
        double t = v[i];
        for (int64_t k = 0; k < i; k++) t -= l[i * n + k] * z[k];
        z[i] = t;
        sum += t * t * l[i * n + i];
    }
    return sum;
}

/* z = L⁻ᵀD⁻¹z; returns its squared length. */
static double backward(int64_t n, const double *l, double *z)
{
    double squares = 0;
    for (int64_t i = 0; i < n; i++) z[i] *= l[i * n + i];
    for (int64_t i = n - 1; i >= 0; i--) {
        for (int64_t k = 0; k < i; k++) z[k] -= l[i * n + k] * z[i];
        squares += z[i] * z[i];
    }
    return squares;
}

bool atomsi_rip_node_can_reach(const rip_node *j, const double *v, double tau, double *scratch)
{
    if (!j->is_factored) return true;
    return forward(j->n, j->factor, v, scratch) > tau - (1 + tau) * (double)j->n * 1e-12; /* rounding, some n·1e-15, relative to `close` */
}

int64_t atomsi_rip_node_join(const rip_node *j, int32_t c, int32_t *atom)
{
    int64_t at = 0;
    while (at < j->n && j->atom[at] < c) at++;
    memcpy(atom, j->atom, (size_t)at * sizeof *atom);
    atom[at] = c;
    memcpy(atom + at + 1, j->atom + at, (size_t)(j->n - at) * sizeof *atom);
    return at;
}

static void border(const rip_node *j, int64_t at, const double *v, double *matrix)
{
    int64_t n = j->n, m = n + 1;
    for (int64_t i = 0; i < m; i++) {
        int64_t from = i - (i > at);
        for (int64_t k = 0; k < m; k++) matrix[i * m + k] = i == at || k == at ? 0 : j->matrix[from * n + k - (k > at)];
    }
    for (int64_t k = 0; k < n; k++) matrix[at * m + k + (k >= at)] = matrix[(k + (k >= at)) * m + at] = v[k];
}

enum { NOT_OURS, OURS, UNCLEAR };

/* Newton's method on φ from tau, where φ ≤ 0. */
static int climb(const rip_node *j, int64_t at, const double *v, double tau, double *scratch, rip_node *child)
{
    int64_t n = j->n;
    double *z = scratch, *l = scratch + n, mu = tau, squares = 0;
    for (int i = 0; i < 30; i++) {
        if (i) factorise(n, j->matrix, mu, l);
        double phi = mu - forward(n, i ? l : j->factor, v, z);
        squares = backward(n, i ? l : j->factor, z);
        double step = phi / (1 + squares);
        if (!(step < -1e-11)) break;
        mu -= step;
    }
    double least = INFINITY, length = sqrt(1 + squares);
    for (int64_t k = 0; k < n; k++) least = fmin(least, fabs(z[k]));
    if (least < 1 - same_share) return NOT_OURS;
    if (least < 1 + same_share) return UNCLEAR;
    child->value = mu + 1e-11;
    for (int64_t k = 0; k < n; k++) child->x[k + (k >= at)] = z[k] / length;
    child->x[at] = 1 / length;
    return OURS;
}

static bool decide_by_jacobi(int64_t at, double tau, double *scratch, rip_node *child)
{
    int64_t m = child->n, least = 0;
    double *a = scratch, *vectors = a + m * m, *values = vectors + m * m;
    memcpy(a, child->matrix, (size_t)(m * m) * sizeof *a);
    int64_t top = atomsi_rip_eigen(m, a, values, vectors);
    memcpy(child->x, vectors + top * m, (size_t)m * sizeof *child->x);
    child->value = values[top];
    for (int64_t k = 1; k < m; k++)
        if (fabs(child->x[k]) < fabs(child->x[least])) least = k;
    return least == at && child->value >= tau;
}

bool atomsi_rip_node_grow(const rip_node *j, int32_t c, const double *v, double tau, double *scratch, rip_node *child)
{
    int64_t at = atomsi_rip_node_join(j, c, child->atom);
    int decision = j->is_factored ? climb(j, at, v, tau, scratch, child) : UNCLEAR;
    if (decision == NOT_OURS) return false;
    border(j, at, v, child->matrix);
    child->last = c;
    return decision == OURS || decide_by_jacobi(at, tau, scratch, child);
}
