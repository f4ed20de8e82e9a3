/* OMP and OLS with the Gram matrix G of the unit atoms (Batch-OMP: Rubinstein, Zibulevsky, Elad 2008), in f32, a signal at a time.
 *
 * The chosen atoms are made orthonormal one after another, q_1 … q_k, but only what all atoms see of them is kept: columns b_i = U q_i. Choosing p adds
 *     w_i = b_i[p],  l² = 1 − Σ w_i²,  b = (G_p − Σ w_i b_i)/l,  z = α_p/l,
 * and then the correlations α = U r are α − z b, the squared lengths of what is left of the atoms (OLS) 1 − Σ b², ‖r‖² falls by z², and w, l are a row
 * of the Cholesky factor of the chosen atoms. This costs N flops a column: N k² in all, and reads every column for each new one: at 2304 atoms
 * memory bounds it, not arithmetic.
 * (look_ahead.c says how that is got round). */
#include <math.h>
#include <string.h>

#include "gram_run.h"

enum { PIECE_BYTES = 16 << 20, ROWS_LEAST = 16, ROWS_MOST = 256 };

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
    atomsi_gram_swap(&s->all.alpha_out, &s->spare_alpha); /* closed atoms are NaN in the old ones */
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
        int64_t steps = atomsi_gram_plan(s);
        if (!steps || is_noise(s)) {
            if (steps && !s->fresh) {
                refresh(s);
                continue;
            }
            s->record->status = ATOMS_CODE_DEPENDENT;
            break;
        }
        atomsi_gram_sweep(s, steps);
        if (s->square > atomsi_gram_look_at(s)) continue;
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
        if (!atomsi_pursuit_begins(p, piece, r)) continue;
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
