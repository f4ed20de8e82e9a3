/* Look-ahead: several choices of a pursuit from one sweep over its basis.
 *
 * The next choices are nearly always among the few atoms that are best now. So the pursuit is first run on these contenders alone, for up to
 * 8 steps: a forecast, in which every number is exactly what it would be among all atoms. Then the columns of all forecast choices are made in one sweep
 * over the basis, which also sees whether any atom would have been chosen before a forecast one. What was right is kept, usually all of it; the
 * rest is forecast again. The result is that of plain pursuit, bit by bit; only memory is read 8 times less. */
#include <math.h>

#include "gram_run.h"

/* About how many contenders a forecast has; below so many atoms the basis is in the first cache, and a forecast costs more than it saves. */
enum { CONTENDERS = 12, LOOK_AHEAD_FROM = 512 };

/* What each contender sees of the basis, and of the residual. */
static void gather(gram_run *s)
{
    linalg_columns *few = &s->few;
    few->done = s->all.done;
    for (int64_t c = 0; c < TILE; c++) few->alpha_out[c] = NAN;
    for (int64_t c = 0; c < s->contenders; c++) {
        int64_t j = s->contender[c];
        const float *basis = s->all.basis + j / TILE * s->all.capacity * TILE + j % TILE;
        for (int64_t i = 0; i < few->done; i++) few->basis[i * TILE + c] = basis[i * TILE];
        few->alpha_out[c] = s->all.alpha[j];
        if (s->all.rest) few->rest_out[c] = s->all.rest[j];
    }
    if (s->all.rest)
        for (int64_t c = s->contenders; c < TILE; c++) few->rest_out[c] = 1;
    few->alpha = few->alpha_out;
    few->rest = s->all.rest ? few->rest_out : NULL;
}

/* Chooses contender c as step t of the forecast: its w, pivot, z. false: it depends on those before. */
static bool forecast(gram_run *s, int64_t t, int32_t c)
{
    linalg_columns *all = &s->all, *few = &s->few;
    double pivot = 1;
    for (int64_t i = 0; i < few->done; i++) {
        float w = few->basis[i * TILE + c];
        pivot -= (double)w * (double)w;
        s->minus_w[i * AHEAD + t] = -w;
    }
    if (pivot <= PURSUIT_PIVOT) return false;
    int32_t j = s->contender[c];
    float alpha = few->alpha[c];
    s->pivot[t] = pivot;
    all->chosen[t] = j;
    all->gram[t] = s->pursuit->gram + j * all->atoms;
    all->inverse[t] = (float)(1 / sqrt(pivot));
    all->minus_z[t] = -(float)((double)alpha / sqrt(pivot));
    all->level[t] = all->rest ? alpha * alpha / few->rest[c] : fabsf(alpha);
    return true;
}

/* The contenders take in step t. */
static void follow(gram_run *s, int64_t t, int32_t c)
{
    linalg_columns *few = &s->few;
    const float *row = s->all.gram[t];
    for (int64_t k = 0; k < s->contenders; k++) s->from[k] = row[s->contender[k]];
    few->steps = 1;
    few->gram[0] = s->from;
    few->chosen[0] = c;
    few->inverse[0] = s->all.inverse[t];
    few->minus_z[0] = s->all.minus_z[t];
    few->minus_w = s->minus_w + t;
    s->kernels->columns(few);
    few->alpha_out[c] = NAN;
    few->done++;
}

/* Steps that are no steps, up to a number that the kernel knows. */
static void pad_steps(linalg_columns *all, float *minus_w)
{
    int64_t steps = all->steps, wanted = 1;
    while (wanted < steps) wanted *= 2;
    for (int64_t t = steps; t < wanted; t++) {
        all->gram[t] = all->gram[0];
        all->chosen[t] = -1;
        all->inverse[t] = all->minus_z[t] = 0;
        all->level[t] = INFINITY;
        for (int64_t i = 0; i < all->done + t; i++) minus_w[i * AHEAD + t] = 0;
    }
    all->steps = wanted;
}

int64_t atomsi_gram_plan(gram_run *s)
{
    int64_t n = s->all.atoms, most = n < LOOK_AHEAD_FROM ? 1 : base_min_i64(AHEAD, s->support.coder->capacity - s->support.count);
    double square = s->square;
    for (;;) {
        int32_t best;
        s->contenders = s->kernels->leaders(n, s->all.alpha, s->all.rest, most > 1 ? CONTENDERS : 0, &best, s->contender);
        if (best < 0) return 0;
        int32_t c = 0;
        while (c < s->contenders && s->contender[c] != best) c++;
        if (c == s->contenders) s->contenders = 1, c = 0, s->contender[0] = best; /* alone, or too many are equal */
        gather(s);
        int64_t t = 0;
        while (forecast(s, t, c)) {
            square -= (double)s->all.minus_z[t] * (double)s->all.minus_z[t];
            if (++t == most || s->contenders == 1 || square <= atomsi_gram_look_at(s)) return t;
            follow(s, t - 1, c);
            s->kernels->leaders(TILE, s->few.alpha, s->few.rest, 0, &c, s->contender);
            if (c < 0) return t;
        }
        if (t) return t;
        s->record->iterations++;
        s->record->flags |= ATOMS_CODE_MASKED;
        atomsi_gram_close(s, best);
    }
}

/* The first `steps` choices are the pursuit's. */
static void take(gram_run *s, int64_t steps)
{
    atomsi_support *support = &s->support;
    for (int64_t t = 0; t < steps; t++) {
        double *row = atomsi_support_row(support, support->count);
        for (int64_t i = 0; i < support->count; i++) row[i] = -(double)s->minus_w[i * AHEAD + t];
        row[support->count] = sqrt(s->pivot[t]);
        s->z[support->count] = -(double)s->all.minus_z[t];
        s->square -= s->z[support->count] * s->z[support->count];
        s->record->min_pivot = fmin(s->record->min_pivot, s->pivot[t]);
        support->index[support->count++] = s->all.chosen[t];
        atomsi_gram_close(s, s->all.chosen[t]);
    }
    s->record->iterations += (int32_t)steps;
    s->all.done += steps;
    s->fresh = s->settled = false;
}

void atomsi_gram_sweep(gram_run *s, int64_t steps)
{
    linalg_columns *all = &s->all;
    atomsi_gram_swap(&all->alpha_out, &s->spare_alpha);
    if (all->rest) atomsi_gram_swap(&all->rest_out, &s->spare_rest);
    all->steps = steps;
    all->minus_w = s->minus_w;
    pad_steps(all, s->minus_w);
    int64_t right = s->kernels->columns(all);
    if (right < steps) s->kernels->columns_again(all, right);
    all->alpha = all->alpha_out;
    if (all->rest) all->rest = all->rest_out;
    take(s, right < steps ? right : steps);
}
