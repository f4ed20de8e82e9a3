/* Where a path has come to: values, residual, dual vector, and the two ends that are found without walking there. All follow from the factor
 * alone, so nothing of what the walk has rounded is left in them. */
#include <math.h>

#include "../../linalg/cblas_gate.h"
#include "homotopy_event.h"

/* out (dim) = Σ_i c_i u_i over the support. */
static void combine_atoms(const atomsi_homotopy *path, const double *c, double *out)
{
    const atomsi_homotopy_plan *plan = path->plan;
    for (int64_t i = 0; i < path->count; i++) path->row[i] = plan->unit + path->index[i] * plan->dim;
    plan->kernels->combine(plan->dim, path->count, c, path->row, out);
}

static double product_at(const atomsi_homotopy *path, int64_t i, const double *vector)
{
    return atomsi_homotopy_dot(path->plan->dim, path->plan->unit + path->index[i] * path->plan->dim, vector);
}

static void take_residual(atomsi_homotopy *path)
{
    combine_atoms(path, path->value, path->residual);
    for (int64_t i = 0; i < path->plan->dim; i++) path->residual[i] = path->x[i] - path->residual[i];
}

static void solve_values(atomsi_homotopy *path, double *out)
{
    for (int64_t i = 0; i < path->count; i++) out[i] = path->p[i] - path->lambda * path->z[i];
    atomsi_homotopy_backward(path, out);
}

/* The optimality conditions of the support, u_j·r − ρ_j γ_j = λ target_j, are met again by one step of refinement with the true residual. */
static void refine_values(atomsi_homotopy *path)
{
    solve_values(path, path->value);
    take_residual(path);
    for (int64_t i = 0; i < path->count; i++)
        path->spare[i] = product_at(path, i, path->residual) - path->lambda * path->target[i] -
                         (path->plan->ridge ? path->plan->ridge[path->index[i]] * path->value[i] : 0);
    atomsi_homotopy_forward(path, path->spare);
    atomsi_homotopy_backward(path, path->spare);
    for (int64_t i = 0; i < path->count; i++) {
        path->value[i] += path->spare[i];
        int turned = path->value[i] * path->target[i] < 0; /* by rounding: it has just joined, or is about to leave */
        if (turned && (path->plan->nonnegative || path->end != ATOMSI_HOMOTOPY_SPAN)) path->value[i] = 0;
    }
    take_residual(path);
}

/* ‖x − P_S x‖², as the factor knows it, is a difference of numbers near 1; the residual gives what it lacks. */
static void correct_sigma(atomsi_homotopy *path, double sigma)
{
    double z2 = atomsi_homotopy_dot(path->count, path->z, path->z), r2 = atomsi_homotopy_dot(path->plan->dim, path->residual, path->residual);
    if (fabs(sqrt(r2) - sigma) <= 1e-13 * sqrt(path->norm2)) return;
    double square = path->lambda * path->lambda + (sigma * sigma - r2) / z2;
    if (square <= 0) return;
    path->lambda = sqrt(square);
    refine_values(path);
}

/* Whether an atom outside attains its bound too. */
static int is_tied(const atomsi_homotopy *path)
{
    const double *q = path->correlation, *bound = path->bound, level = path->lambda * (1 - 1e-10);
    for (int64_t j = 0; j < path->plan->atoms; j++) {
        double size = path->plan->nonnegative ? q[j] : fabs(q[j]);
        if (size > bound[j] * level) return 1;
    }
    return 0;
}

void atomsi_homotopy_settle(atomsi_homotopy *path, const atomsi_homotopy_goal *goal)
{
    refine_values(path);
    if (path->end == ATOMSI_HOMOTOPY_SIGMA) correct_sigma(path, goal->sigma);
    if (path->end <= ATOMSI_HOMOTOPY_SIGMA && path->lambda > 0 && path->count && is_tied(path)) path->flags |= ATOMS_CODE_NOT_UNIQUE;
    path->min_pivot = 1;
    for (int64_t i = 0; i < path->count; i++) {
        double pivot = path->factor[i * path->plan->capacity + i];
        path->min_pivot = fmin(path->min_pivot, pivot * pivot);
    }
}

void atomsi_homotopy_refresh(atomsi_homotopy *path)
{
    const atomsi_homotopy_plan *plan = path->plan;
    solve_values(path, path->value);
    take_residual(path);
    linalg_dgemv(plan->atoms, plan->dim, plan->unit, plan->dim, path->residual, path->correlation);
    path->refreshed = path->steps;
    path->refreshed_at = path->lambda;
}

double atomsi_homotopy_sigma(const atomsi_homotopy *path, double sigma)
{
    double far = path->norm2 - atomsi_homotopy_dot(path->count, path->p, path->p), room = sigma * sigma - far;
    if (room < 0 || path->count == 0) return -1;
    return sqrt(room / atomsi_homotopy_dot(path->count, path->z, path->z));
}

static int dual_is_feasible(const atomsi_homotopy *path, double slack)
{
    const double *g = path->direction, *weights = path->plan->weights;
    for (int64_t j = 0; j < path->plan->atoms; j++) {
        double size = path->plan->nonnegative ? g[j] : fabs(g[j]);
        if (size > (weights ? weights[j] : 1) * (1 + slack)) return 0;
    }
    return 1;
}

int atomsi_homotopy_spans(atomsi_homotopy *path, const atomsi_homotopy_goal *goal)
{
    if (goal->residual < 0 || path->count == 0) return 0;
    double far = path->norm2 - atomsi_homotopy_dot(path->count, path->p, path->p);
    if (far > goal->residual * goal->residual + 1e-15 * path->norm2) return 0;
    for (int64_t i = 0; i < path->count; i++) path->spare[i] = path->p[i];
    atomsi_homotopy_backward(path, path->spare);
    double length = 0, agreed = 0, turned = 0;
    for (int64_t i = 0; i < path->count; i++) {
        double term = path->target[i] * path->spare[i];
        length += fabs(term);
        agreed += term;
        if (term < 0) turned -= path->target[i] > 0 ? path->spare[i] : -path->spare[i];
    }
    if (path->plan->nonnegative && turned > goal->residual) return 0; /* they will be taken for 0 */
    return length - agreed <= goal->slack * length && dual_is_feasible(path, goal->slack);
}

void atomsi_homotopy_dual(const atomsi_homotopy *path, double *y)
{
    int64_t dim = path->plan->dim;
    if (path->lambda > 0) {
        for (int64_t i = 0; i < dim; i++) y[i] = path->residual[i] / path->lambda;
        return;
    }
    double *c = path->spare;
    for (int64_t i = 0; i < path->count; i++) c[i] = path->velocity[i];
    combine_atoms(path, c, y);
    for (int64_t i = 0; i < path->count; i++) c[i] = path->target[i] - product_at(path, i, y);
    atomsi_homotopy_forward(path, c);
    atomsi_homotopy_backward(path, c);
    for (int64_t i = 0; i < path->count; i++) c[i] += path->velocity[i];
    combine_atoms(path, c, y);
}
