/* Coordinate descent with Newton steps on the support, for one signal on a set of atoms.
 *
 * Descent (Friedman, Hastie, Tibshirani 2010) works on the Gram matrix of the set: a visit costs nothing, a change one row. Only atoms in the code
 * or in violation of the conditions are visited. Once their signs have settled, what is left is a linear system, and where atoms are
 * nearly parallel descent would take long for it: it is solved instead, up to where the first value reaches 0 (as the feature-sign search of Lee
 * et al. 2007 does), and descent goes on from there. Both lower the objective, so no support with its signs comes twice. */
#include <math.h>
#include <string.h>

#include "lasso_parts.h"

/* What exceeds its level by no more than rounding is not in violation: q is a difference of sums near 1. */
static float slack_level(const lasso_descent *d)
{
    return d->core.level * (1 + 0x1p-21f) + 0x1p-23f * (float)d->lasso->flattest;
}

void atomsi_lasso_descent_take(base_layout *layout, const atoms_lasso *lasso, lasso_descent *out)
{
    /* An answer needs no more atoms than dimensions, but on its way there descent may have more, whose system the shift makes regular. */
    int64_t widest = lasso->widest, room = base_min_i64(lasso->coder.dim, widest / 2) * 2 + widest % 2;
    *out = (lasso_descent){.lasso = lasso};
    atomsi_lasso_support_take(layout, lasso->ridge ? widest : room, &out->support);
    out->core.q = base_layout_take(layout, widest + 16, sizeof *out->core.q);
    out->core.z = base_layout_take(layout, widest + 16, sizeof *out->core.z);
    out->list = base_layout_take(layout, widest + 1, sizeof *out->list);
    out->found = base_layout_take(layout, widest, sizeof *out->found);
    out->missing = base_layout_take(layout, widest, sizeof *out->missing);
    out->scale = base_layout_take(layout, widest + 16, sizeof *out->scale);
    out->from = base_layout_take(layout, widest, sizeof *out->from);
    out->next = base_layout_take(layout, 2 * widest, sizeof *out->next);
}

void atomsi_lasso_gradient(lasso_descent *d)
{
    const linalg_kernels *kernels = d->lasso->coder.context->kernels;
    int64_t k = 0;
    memcpy(d->core.q, d->product, (size_t)d->count * sizeof *d->core.q);
    for (int64_t i = 0; i < d->listed; i++) {
        int64_t j = d->list[i];
        if (d->core.z[j] == 0) continue;
        d->scale[k] = -d->core.z[j];
        d->from[k++] = d->gram + j * d->core.stride;
    }
    kernels->axpys(d->core.n, k, d->scale, d->from, d->core.q);
}

/* max |q_j − ρ̂_j z_j|/ŵ_j */
static double largest_in_play(const lasso_descent *d)
{
    const linalg_descent *c = &d->core;
    const linalg_kernels *kernels = d->lasso->coder.context->kernels;
    if (!d->lasso->ridge) return kernels->largest(d->count, c->q, d->slope, c->one_sided);
    memcpy(d->scale, c->q, (size_t)d->count * sizeof *d->scale);
    for (int64_t i = 0; i < d->listed; i++) d->scale[d->list[i]] -= (1 / c->shrink[d->list[i]] - 1) * c->z[d->list[i]];
    return kernels->largest(d->count, d->scale, d->slope, c->one_sided);
}

/* The gap of the problem that has the atoms in play alone. */
static double gap_in_play(const lasso_descent *d)
{
    const linalg_descent *c = &d->core;
    lasso_terms t = {.level = (double)c->level, .product = d->norm, .square = d->norm};
    for (int64_t i = 0; i < d->listed; i++) {
        int64_t j = d->list[i];
        double z = c->z[j], zc = z * (double)d->product[j], zq = z * (double)c->q[j];
        t.product -= zc;
        t.square -= zc + zq;
        t.penalty += t.level * (double)c->weight[j] * fabs(z);
        if (d->lasso->ridge) t.square += (1 / (double)c->shrink[j] - 1) * z * z;
    }
    t.largest = largest_in_play(d);
    return atomsi_lasso_gap(d->lasso, &t);
}

/* The list becomes the code and what is in violation. Returns how many of these. No branch depends on a value: it would be guessed wrongly. */
static int64_t admit(lasso_descent *d)
{
    linalg_descent *c = &d->core;
    int64_t kept = 0, found, joined = 0;
    for (int64_t i = 0; i < d->listed; i++) {
        int32_t j = d->list[i];
        d->list[kept] = j;
        kept += c->z[j] != 0;
    }
    found = d->lasso->coder.context->kernels->beyond(d->count, c->q, c->weight, slack_level(d), c->one_sided, d->count, d->found);
    for (int64_t i = 0; i < found; i++) {
        d->list[kept + joined] = d->found[i];
        joined += c->z[d->found[i]] == 0;
    }
    d->listed = kept + joined;
    for (int64_t i = kept; i < d->listed && d->made; i++)
        if (d->made[d->list[i]] < d->count) atomsi_lasso_make_row(d, d->list[i]);
    return joined;
}

/* The matrix of the support's system; its diagonal is raised by `shift`. */
static void fill_square(const void *user, double shift)
{
    const lasso_descent *d = user;
    const lasso_support *s = &d->support;
    for (int64_t a = 0; a < s->k; a++) {
        const float *row = d->gram + s->place[a] * d->core.stride;
        double *to = s->square + a * s->k;
        to[a] = 1 / (double)d->core.shrink[s->place[a]] + shift;
        for (int64_t b = a + 1; b < s->k; b++) to[b] = row[s->place[b]];
    }
}

static void take_gradient(const lasso_descent *d)
{
    const lasso_support *s = &d->support;
    for (int64_t i = 0; i < s->k; i++) {
        int64_t j = s->place[i];
        double z = d->core.z[j];
        s->step[i] = (double)d->core.q[j] - copysign((double)d->core.level * (double)d->core.weight[j], z) - (1 / (double)d->core.shrink[j] - 1) * z;
        s->value[i] = z;
    }
}

enum { NO_STEP = 0, PART_OF_A_STEP = 1, WHOLE_STEP = 2 };

/* One step, as far as signs hold. */
static int newton(lasso_descent *d)
{
    lasso_support *s = &d->support;
    s->k = 0;
    for (int64_t i = 0; i < d->listed; i++) {
        if (d->core.z[d->list[i]] == 0) continue;
        if (s->k == s->room) return NO_STEP;
        s->place[s->k++] = d->list[i];
    }
    if (!s->k || !atomsi_lasso_factor(s, fill_square, d)) return NO_STEP;
    take_gradient(d);
    atomsi_lasso_solve(s);
    double part = 1;
    for (int64_t i = 0; i < s->k; i++)
        if (s->value[i] * (s->value[i] + s->step[i]) <= 0) part = fmin(part, -s->value[i] / s->step[i]);
    for (int64_t i = 0; i < s->k; i++) {
        double z = s->value[i] + part * s->step[i];
        d->core.z[s->place[i]] = z * s->value[i] > 0 ? (float)z : 0;
        s->value[i] = z;
    }
    atomsi_lasso_gradient(d);
    return part == 1 ? WHOLE_STEP : PART_OF_A_STEP;
}

void atomsi_lasso_descend(lasso_descent *d, double goal, bool exact)
{
    enum { PATIENCE = 2, MOST_PATIENCE = 64, LONG = 12, MOST_STEPS = 200 };
    const linalg_kernels *kernels = d->lasso->coder.context->kernels;
    int64_t quiet = 0, patience = PATIENCE, start = d->sweeps, steps = d->lasso->opts.polish ? 0 : MOST_STEPS;
    d->solved = d->reached = false;
    while (d->sweeps < d->lasso->limit) {
        float moved;
        /* Looking for violations costs as much as a sweep does: every other time is enough, and before anything is believed. */
        int64_t joined = (d->sweeps - start) % 2 == 0 ? admit(d) : 0, changed = kernels->descend(&d->core, d->listed, d->list, &moved), done = ++d->sweeps - start;
        bool still = moved == 0 && !joined;
        quiet = changed ? 0 : quiet + 1;
        if (!exact && (still || done > 2) && (d->reached = gap_in_play(d) <= goal)) return;
        int step = NO_STEP;
        if (steps < MOST_STEPS && (still || (quiet >= patience && (exact || done >= LONG)))) {
            step = newton(d);
            steps++;
            quiet = 0;
            if (step == WHOLE_STEP && !admit(d)) {
                d->solved = true;
                return;
            }
            if (step != WHOLE_STEP) patience = base_min_i64(2 * patience, MOST_PATIENCE);
        }
        if (still && step == NO_STEP) return;
    }
}
