/* The walk: one segment after another, from λ_max downwards, until the goal or an end of all means (Osborne, Presnell, Turlach 2000; Efron,
 * Hastie, Johnstone, Tibshirani 2004, with the drops that make least-angle regression the lasso; Donoho and Tsaig 2008 for λ → 0).
 *
 * A step costs 2·atoms·|S| flops where there is a Gram matrix, 2·atoms·dim where there is none, and 3|S|² for the factor; the step's length takes
 * comparisons alone. u_j·r is carried along and taken from the residual anew every 64 steps,
 * and as λ falls, beside which its rounding errors grow. */
#include "homotopy_internal.h"

#include <math.h>

#include "../../base/layout.h"
#include "homotopy_event.h"

enum { REFRESH = 64 };

/* A fall of λ by less than this, relatively, is none: atoms that meet their bounds within it are tied. */
static const double no_fall = 1e-13;

static atomsi_homotopy *place(const atomsi_homotopy_plan *plan, base_layout *layout)
{
    int64_t n = plan->atoms, k = plan->capacity, square = 0;
    if (!base_mul_i64(k, k, &square)) layout->fits = false;
    atomsi_homotopy *path = base_layout_take(layout, 1, sizeof *path);
    double *direction = base_layout_take(layout, n, sizeof *direction), *bound = base_layout_take(layout, n, sizeof *bound);
    int32_t *passed = base_layout_take(layout, n, sizeof *passed), *index = base_layout_take(layout, k, sizeof *index);
    double *factor = base_layout_take(layout, square, sizeof *factor), *residual = base_layout_take(layout, plan->dim, sizeof *residual);
    const double **row = base_layout_take(layout, k, sizeof *row);
    double *of_support[7];
    for (int i = 0; i < 7; i++) of_support[i] = base_layout_take(layout, k, sizeof(double));
    if (!path) return NULL;
    *path = (atomsi_homotopy){.plan = plan, .index = index, .factor = factor, .row = row, .direction = direction, .bound = bound, .passed = passed, .residual = residual};
    path->value = of_support[0];
    path->target = of_support[1];
    path->product = of_support[2];
    path->z = of_support[3];
    path->p = of_support[4];
    path->velocity = of_support[5];
    path->spare = of_support[6];
    return path;
}

int64_t atomsi_homotopy_bytes(const atomsi_homotopy_plan *plan)
{
    base_layout layout = {.fits = true};
    place(plan, &layout);
    return layout.fits ? (int64_t)layout.used : -1;
}

atomsi_homotopy *atomsi_homotopy_start(const atomsi_homotopy_plan *plan, void *scratch, const double *x, double *correlation)
{
    base_layout layout = {.memory = scratch, .fits = true};
    atomsi_homotopy *path = place(plan, &layout);
    path->x = x;
    path->correlation = correlation;
    path->norm2 = atomsi_homotopy_dot(plan->dim, x, x);
    path->min_pivot = 1;
    for (int64_t j = 0; j < plan->atoms; j++) {
        path->bound[j] = plan->weights ? plan->weights[j] : 1;
        double level = (plan->nonnegative ? correlation[j] : fabs(correlation[j])) / path->bound[j];
        if (level > path->lambda_max) path->lambda_max = level;
    }
    path->lambda = path->refreshed_at = path->lambda_max;
    for (int64_t i = 0; i < plan->dim; i++) path->residual[i] = x[i];
    atomsi_homotopy_aim(path);
    return path;
}

/* The λ at which this segment meets the goal, if nothing happens before. */
static double goal_on_segment(atomsi_homotopy *path, const atomsi_homotopy_goal *goal)
{
    double at = goal->lambda;
    path->end = ATOMSI_HOMOTOPY_LAMBDA;
    double sigma = goal->sigma >= 0 ? atomsi_homotopy_sigma(path, goal->sigma) : -1;
    if (sigma >= at) {
        at = sigma;
        path->end = ATOMSI_HOMOTOPY_SIGMA;
    }
    return fmin(at, path->lambda);
}

/* The end of the segment is reached: who joins or leaves? 0: the walk is over, path->end says why. */
static int turn(atomsi_homotopy *path, const atomsi_homotopy_goal *goal, int64_t leaving, int64_t joining, double sign, int at_once)
{
    int joined = 1;
    if (joining >= 0) joined = atomsi_homotopy_join(path, joining, sign);
    else atomsi_homotopy_drop(path, leaving, at_once);
    path->end = joined < 0 ? ATOMSI_HOMOTOPY_CAPACITY : ATOMSI_HOMOTOPY_KNOT;
    if (joined <= 0) return joined == 0;
    path->steps++;
    atomsi_homotopy_aim(path);
    int64_t limit = path->plan->max_steps ? path->plan->max_steps : 8 * path->plan->capacity + 64;
    if (path->steps >= limit) path->end = ATOMSI_HOMOTOPY_STEPS;
    return path->steps < limit && !goal->each_knot;
}

static int walk_segment(atomsi_homotopy *path, const atomsi_homotopy_goal *goal)
{
    if (atomsi_homotopy_spans(path, goal)) {
        path->end = ATOMSI_HOMOTOPY_SPAN;
        path->lambda = 0;
        return 0;
    }
    const atomsi_homotopy_plan *plan = path->plan;
    int64_t leaving = -1, joining = -1;
    double sign = 0, at = goal_on_segment(path, goal), step = atomsi_homotopy_first_drop(path, path->lambda - at, &leaving);
    step = plan->kernels->first_crossing(plan->atoms, path->lambda, step, plan->nonnegative, path->correlation, path->direction, path->bound,
                                         &joining, &sign);
    int at_once = step <= no_fall * path->lambda;
    atomsi_homotopy_advance(path, step);
    if (!at_once) atomsi_homotopy_forgive(path);
    if (joining < 0 && leaving < 0) {
        path->lambda = at;
        return 0;
    }
    return turn(path, goal, leaving, joining, sign, at_once);
}

void atomsi_homotopy_follow(atomsi_homotopy *path, const atomsi_homotopy_goal *goal)
{
    if (goal->sigma * goal->sigma >= path->norm2 && goal->sigma >= 0 && path->count == 0) {
        path->end = ATOMSI_HOMOTOPY_SIGMA;
        return;
    }
    if (path->lambda <= goal->lambda) path->end = ATOMSI_HOMOTOPY_LAMBDA;
    else
        while (walk_segment(path, goal))
            if (path->steps - path->refreshed >= REFRESH || path->lambda < 0.03 * path->refreshed_at) atomsi_homotopy_refresh(path);
    atomsi_homotopy_settle(path, goal);
}
