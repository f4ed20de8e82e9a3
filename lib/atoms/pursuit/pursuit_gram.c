/* OMP and OLS with the Gram matrix G of the unit atoms (Batch-OMP: Rubinstein, Zibulevsky, Elad 2008), in f32, a signal at a time.
 *
 * The chosen atoms are made orthonormal one after another, q_1 … q_k, but only what all atoms see of them is kept: columns b_i = U q_i. Choosing p adds
 *     w_i = b_i[p],  l² = 1 − Σ w_i²,  b = (G_p − Σ w_i b_i)/l,  z = α_p/l,
 * and then the correlations α = U r are α − z b, the squared lengths of what is left of the atoms (OLS) 1 − Σ b², ‖r‖² falls by z², and w, l are a row
 * of the Cholesky factor of the chosen atoms. This costs N flops a column: N k² in all, and reads every column for each new one: at 2304 atoms
 * memory bounds it, not arithmetic.
 *
 * Look-ahead. The next choices are nearly always among the few atoms that are best now. So the pursuit is first run on these contenders alone, for up to
 * 8 steps: a forecast, in which every number is exactly what it would be among all atoms. Then the columns of all forecast choices are made in one sweep
 * over the basis, which also sees whether any atom would have been chosen before a forecast one. What was right is kept, usually all of it; the
 * rest is forecast again. The result is that of plain pursuit, bit by bit; only memory is read 8 times less. */
#include <math.h>
#include <string.h>

#include "support.h"

enum { AHEAD = LINALG_AHEAD, TILE = LINALG_TILE, CONTENDERS = 12, LOOK_AHEAD_FROM = 512 };
enum { PIECE_BYTES = 16 << 20, ROWS_LEAST = 16, ROWS_MOST = 256 };

/* ‖r‖² relative to where α was last computed from r, below which rounding in α and ‖r‖² counts, and the correlations are computed anew. */
#define REFRESH 1e-5
/* How far off ‖r‖² may be in the same scale. */
#define SLACK 2e-6

typedef struct gram_run {
    const atoms_pursuit *pursuit;
    const linalg_kernels *kernels;
    atomsi_support support;
    linalg_columns all, few;   /* the atoms; the contenders of a forecast, a dictionary of one tile */
    float *minus_w;            /* both use it */
    float *from;               /* few's Gram row */
    float *spare_alpha, *spare_rest;
    float *residual32;
    double *z, *pivot;         /* capacity; AHEAD */
    int32_t contender[TILE];
    int64_t contenders;
    double square, scale;      /* ‖r‖² now, by recursion; when α was last computed from r */
    double goal;               /* ‖r‖ that ends it */
    bool fresh;                /* α was computed from r after the last choice */
    bool settled;              /* γ and residual are of the present support */
    double *residual;
    atoms_code_record *record;
} gram_run;

static int64_t padded(int64_t atoms)
{
    return base_blocks(atoms, TILE) * TILE;
}

/* Places a run at `memory` (NULL: only measures). false: its size overflows. */
static bool lay_out(const atoms_pursuit *p, void *memory, gram_run **out, size_t *bytes)
{
    base_layout layout = {.memory = memory, .fits = true};
    int64_t capacity = p->coder.capacity, atoms = padded(p->coder.atoms), room = capacity + AHEAD, elements, factor;
    bool rated = p->rule == ATOMS_PURSUIT_OLS;
    if (!base_mul_i64(room, atoms, &elements) || !atomsi_support_factor_size(capacity, &factor)) return false;
    gram_run s = {.pursuit = p, .kernels = p->coder.context->kernels, .support = {.coder = &p->coder}};
    *out = base_layout_take(&layout, 1, sizeof s);
    s.all = (linalg_columns){.atoms = p->coder.atoms, .capacity = room, .floor = (float)PURSUIT_PIVOT};
    s.few = s.all;
    s.few.atoms = TILE;
    s.all.basis = base_layout_take(&layout, elements, sizeof(float));
    s.few.basis = base_layout_take(&layout, room * TILE, sizeof(float));
    s.all.alpha_out = base_layout_take(&layout, atoms, sizeof(float));
    s.spare_alpha = base_layout_take(&layout, atoms, sizeof(float));
    s.few.alpha_out = base_layout_take(&layout, TILE, sizeof(float));
    if (rated) {
        s.all.rest_out = base_layout_take(&layout, atoms, sizeof(float));
        s.spare_rest = base_layout_take(&layout, atoms, sizeof(float));
        s.few.rest_out = base_layout_take(&layout, TILE, sizeof(float));
    }
    s.minus_w = base_layout_take(&layout, room * AHEAD, sizeof(float));
    s.from = base_layout_take(&layout, TILE, sizeof(float));
    s.residual32 = base_layout_take(&layout, p->coder.dim, sizeof(float));
    s.z = base_layout_take(&layout, capacity, sizeof(double));
    s.pivot = base_layout_take(&layout, AHEAD, sizeof(double));
    s.support.factor = base_layout_take(&layout, factor, sizeof(double));
    s.support.target = base_layout_take(&layout, capacity, sizeof(double));
    s.support.spare = base_layout_take(&layout, capacity, sizeof(double));
    s.support.unit = base_layout_take(&layout, capacity, sizeof *s.support.unit);
    if (!layout.fits) return false;
    if (memory) **out = s;
    *bytes = layout.used;
    return true;
}

bool atomsi_pursuit_gram_size(const atoms_pursuit *pursuit, size_t *bytes)
{
    gram_run *none;
    return lay_out(pursuit, NULL, &none, bytes);
}

/* Enough signals to make their product with the atoms a fast GEMM. */
int64_t atomsi_pursuit_gram_rows(const atoms_pursuit *pursuit)
{
    return base_max_i64(ROWS_LEAST, base_min_i64(ROWS_MOST, PIECE_BYTES / (int64_t)sizeof(float) / pursuit->coder.atoms));
}

/* α as it is at the start or after a refresh, without the atoms that may not be chosen again. */
static void set_correlations(gram_run *s, const float *correlations)
{
    int64_t atoms = s->all.atoms;
    memcpy(s->all.alpha_out, correlations, (size_t)atoms * sizeof(float));
    for (int64_t j = atoms; j < padded(atoms); j++) s->all.alpha_out[j] = NAN;
    s->all.alpha = s->all.alpha_out;
}

static void close_atom(gram_run *s, int32_t j)
{
    s->all.alpha_out[j] = NAN; /* alpha and alpha_out are the same between sweeps */
}

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

/* ‖r‖² at which the pursuit stops to look. */
static double look_at(const gram_run *s)
{
    double goal = fmax(s->goal, PURSUIT_FLOOR);
    return fmax(goal * goal * 1.0001 + SLACK * s->scale, REFRESH * s->scale);
}

/* Forecasts the next choices into all->…; returns how many, at least 1, or 0 where no atom is left to choose. */
static int64_t plan(gram_run *s)
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
            if (++t == most || s->contenders == 1 || square <= look_at(s)) return t;
            follow(s, t - 1, c);
            s->kernels->leaders(TILE, s->few.alpha, s->few.rest, 0, &c, s->contender);
            if (c < 0) return t;
        }
        if (t) return t;
        s->record->iterations++;
        s->record->flags |= ATOMS_CODE_MASKED;
        close_atom(s, best);
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
        close_atom(s, s->all.chosen[t]);
    }
    s->record->iterations += (int32_t)steps;
    s->all.done += steps;
    s->fresh = s->settled = false;
}

static void swap(float **a, float **b)
{
    float *other = *a;
    *a = *b;
    *b = other;
}

/* One sweep over the basis for the planned choices. */
static void sweep(gram_run *s, int64_t steps)
{
    linalg_columns *all = &s->all;
    swap(&all->alpha_out, &s->spare_alpha);
    if (all->rest) swap(&all->rest_out, &s->spare_rest);
    all->steps = steps;
    all->minus_w = s->minus_w;
    pad_steps(all, s->minus_w);
    int64_t right = s->kernels->columns(all);
    if (right < steps) s->kernels->columns_again(all, right);
    all->alpha = all->alpha_out;
    if (all->rest) all->rest = all->rest_out;
    take(s, right < steps ? right : steps);
}

static void settle(gram_run *s)
{
    if (s->settled) return;
    atomsi_support_refit(&s->support, s->z, s->record->min_pivot, s->residual);
    s->settled = true;
}

/* The residual in f64, and with it whether the pursuit is at its end. Otherwise the recursions go on from it. */
static bool look(gram_run *s, double norm)
{
    settle(s);
    double length = atomsi_support_residual(&s->support, s->support.value, s->residual);
    bool reached = s->goal > 0 && length <= s->goal && atomsi_support_rounded(&s->support, norm, s->residual) <= s->goal;
    if (reached) return true;
    if (length <= PURSUIT_FLOOR) {
        if (s->goal > 0) s->record->status = ATOMS_CODE_STOPPED;
        return true;
    }
    s->square = length * length;
    return false;
}

/* α = U r, and z of the corrected γ, so that the recursions start from what is exact. */
static void refresh(gram_run *s)
{
    const atomsi_support *support = &s->support;
    settle(s);
    double length = atomsi_support_residual(support, support->value, s->residual);
    for (int64_t i = 0; i < support->coder->dim; i++) s->residual32[i] = (float)s->residual[i];
    atomsi_correlate(support->coder, 1, s->residual32, s->spare_alpha);
    swap(&s->all.alpha_out, &s->spare_alpha); /* closed atoms are NaN in the old ones */
    for (int64_t j = 0; j < padded(s->all.atoms); j++)
        if (isnan(s->spare_alpha[j])) s->all.alpha_out[j] = NAN;
    s->all.alpha = s->all.alpha_out;
    for (int64_t i = 0; i < support->count; i++) {
        s->z[i] = 0;
        for (int64_t k = i; k < support->count; k++) s->z[i] += atomsi_support_row(support, k)[i] * support->value[k];
    }
    s->square = s->scale = length * length;
    s->fresh = true;
}

/* Whether the largest correlation, of the first choice, is nothing but rounding. α that was not just computed is, if in doubt. */
static bool is_noise(gram_run *s)
{
    double alpha = fabs((double)s->all.minus_z[0]) * sqrt(s->pivot[0]);
    return alpha <= (s->fresh ? PURSUIT_NOISE * sqrt(s->square) : 16 * PURSUIT_NOISE * sqrt(s->scale));
}

static void pursue(gram_run *s, double norm)
{
    int64_t capacity = s->support.coder->capacity;
    while (s->support.count < capacity) {
        int64_t steps = plan(s);
        if (!steps || is_noise(s)) {
            if (steps && !s->fresh) {
                refresh(s);
                continue;
            }
            s->record->status = ATOMS_CODE_DEPENDENT;
            break;
        }
        sweep(s, steps);
        if (s->square > look_at(s)) continue;
        if (look(s, norm)) return;
        if (s->square <= 2 * REFRESH * s->scale) refresh(s);
    }
    settle(s);
    if (s->support.count < capacity || s->pursuit->counted) return;
    s->record->status = ATOMS_CODE_STOPPED;
}

void atomsi_pursuit_by_gram(const atomsi_coder *coder, void *scratch, atomsi_piece *piece)
{
    const atoms_pursuit *p = (const atoms_pursuit *)coder;
    size_t bytes;
    gram_run *s;
    (void)lay_out(p, scratch, &s, &bytes); /* it fitted when it was measured */
    atomsi_correlate(coder, piece->rows, piece->x32, piece->correlations);
    for (int64_t r = 0; r < piece->rows; r++) {
        if (!(piece->norm[r] > 0)) continue;
        s->record = piece->record + r;
        s->record->min_pivot = 1;
        s->record->flags = ATOMS_CODE_POLISHED;
        s->support.x = piece->x + r * coder->dim;
        s->support.index = piece->index + r * coder->capacity;
        s->support.value = piece->value + r * coder->capacity;
        s->support.count = s->all.done = 0;
        s->residual = piece->residual + r * coder->dim;
        s->square = s->scale = 1;
        s->goal = atomsi_pursuit_goal(p, piece, r);
        s->fresh = true;
        s->settled = false;
        set_correlations(s, piece->correlations + r * coder->atoms);
        if (s->all.rest_out) {
            for (int64_t j = 0; j < padded(coder->atoms); j++) s->all.rest_out[j] = 1;
            s->all.rest = s->all.rest_out;
        }
        pursue(s, piece->norm[r]);
        piece->count[r] = s->support.count;
        if (!s->support.count) s->record->min_pivot = NAN;
    }
}
