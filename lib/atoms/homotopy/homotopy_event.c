/* Segments and their ends. As λ falls by t, γ_S grows by t v with (G_SS + diag ρ) v = ŵ_S sgn γ_S and u_j·r falls by t (G_{:,S} v)_j. The segment ends
 * where an atom outside reaches |u_j·r| = (λ − t) ŵ_j, or one inside reaches γ_j = 0.
 *
 * Ties. Where several atoms reach their bounds at once they join one by one; one that would at once leave with the wrong sign is
 * put aside until λ has fallen. One that depends on the support keeps to its bound without crossing it while the support stays, and is
 * passed over until another leaves. So between two falls of λ every atom does each thing once at most, and no loop is endless. */
#include <math.h>

#include "../../linalg/cblas_gate.h"
#include "homotopy_event.h"

void atomsi_homotopy_aim(atomsi_homotopy *path)
{
    const atomsi_homotopy_plan *plan = path->plan;
    for (int64_t i = 0; i < path->count; i++) {
        path->velocity[i] = path->z[i];
        path->row[i] = plan->gram ? plan->gram + path->index[i] * plan->atoms : plan->unit + path->index[i] * plan->dim;
    }
    atomsi_homotopy_backward(path, path->velocity);
    if (plan->gram || path->count == 0) {
        plan->kernels->combine(plan->atoms, path->count, path->velocity, path->row, path->direction);
    } else {
        plan->kernels->combine(plan->dim, path->count, path->velocity, path->row, path->residual);
        linalg_dgemv(plan->atoms, plan->dim, plan->unit, plan->dim, path->residual, path->direction);
    }
    if (path->count == plan->dim && !plan->ridge) /* x is in the span: the residual is λ Σ v_j u_j, and λ may be far below rounding errors by now */
        for (int64_t j = 0; j < plan->atoms; j++) path->correlation[j] = path->lambda * path->direction[j];
}

void atomsi_homotopy_advance(atomsi_homotopy *path, double step)
{
    for (int64_t i = 0; i < path->count; i++) path->value[i] += step * path->velocity[i];
    path->plan->kernels->retreat(path->plan->atoms, step, path->direction, path->correlation);
    path->lambda -= step;
}

double atomsi_homotopy_first_drop(const atomsi_homotopy *path, double step, int64_t *which)
{
    for (int64_t i = 0; i < path->count; i++) {
        double value = path->target[i] > 0 ? path->value[i] : -path->value[i];
        double speed = path->target[i] > 0 ? path->velocity[i] : -path->velocity[i];
        if (!(speed < 0) || !(value < -speed * step)) continue;
        step = value > 0 ? value / -speed : 0;
        *which = i;
    }
    return step;
}

static double bound_of(const atomsi_homotopy *path, int64_t atom)
{
    return path->plan->weights ? path->plan->weights[atom] : 1;
}

static void pass_over(atomsi_homotopy *path, int64_t atom, int dependent)
{
    path->passed[path->passed_count++] = (int32_t)atom;
    path->bound[atom] = INFINITY;
    if (!dependent) return;
    path->passed[path->passed_count - 1] = path->passed[path->dependent_count];
    path->passed[path->dependent_count++] = (int32_t)atom;
}

void atomsi_homotopy_forgive(atomsi_homotopy *path)
{
    for (int64_t i = path->dependent_count; i < path->passed_count; i++) path->bound[path->passed[i]] = bound_of(path, path->passed[i]);
    path->passed_count = path->dependent_count;
}

int atomsi_homotopy_join(atomsi_homotopy *path, int64_t atom, double sign)
{
    const atomsi_homotopy_plan *plan = path->plan;
    int full = path->count == plan->capacity;
    if (full && (plan->ridge || plan->capacity < base_min_i64(plan->dim, plan->atoms))) return -1;
    if (!full && atomsi_homotopy_append(path, atom, sign * path->bound[atom])) {
        path->bound[atom] = INFINITY;
        return 1;
    }
    if (path->lambda > 1e-10 * path->lambda_max) path->flags |= ATOMS_CODE_MASKED | ATOMS_CODE_NOT_UNIQUE;
    pass_over(path, atom, 1);
    return 0;
}

void atomsi_homotopy_drop(atomsi_homotopy *path, int64_t i, int at_once)
{
    int64_t atom = path->index[i];
    path->correlation[atom] = path->lambda * path->target[i];
    atomsi_homotopy_remove(path, i);
    for (int64_t k = 0; k < path->dependent_count; k++) path->bound[path->passed[k]] = bound_of(path, path->passed[k]);
    for (int64_t k = path->dependent_count; k < path->passed_count; k++) path->passed[k - path->dependent_count] = path->passed[k];
    path->passed_count -= path->dependent_count;
    path->dependent_count = 0;
    path->bound[atom] = bound_of(path, atom);
    if (at_once) pass_over(path, atom, 0);
}
