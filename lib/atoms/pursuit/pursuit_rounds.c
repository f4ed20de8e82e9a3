/* Pursuit without the Gram matrix: the signals of a piece go in rounds. In each, one GEMM gives the correlations U r of all that are not finished,
 * every signal takes the best atom, solves its least squares in f64 on the support, and has its residual for the next round: 2 m N flops a
 * signal and atom, at the speed of a GEMM, where the Gram matrix would not fit or is not worth its N² floats.
 *
 * OLS also keeps ‖P u_j‖² = 1 − Σ_i (u_j·q_i)², for which the direction that a round took off each residual, q = (r − r′)/‖r − r′‖, is multiplied by all
 * atoms with it: a second GEMM.
 *
 * Non-negative codes are the active-set method for non-negative least squares (Lawson, Hanson 1974) itself, cut short at max_atoms: after an atom has
 * been added, least squares is solved on the support; where a coefficient would turn negative, γ moves to the first that becomes 0, that atom is
 * dropped, and so on. When no atom has a positive correlation left, γ is the minimum over the whole dictionary. */
#include <math.h>
#include <string.h>

#include "support.h"

enum { PIECE_BYTES = 64 << 20, ROWS_MOST = 128 };

typedef struct round_row {
    atomsi_support support;
    double goal, length; /* ‖r‖ */
    int64_t row;         /* of the piece */
    int64_t limit;       /* rounds at most: non-negative ones drop atoms, and rounding must not let them go on for ever */
} round_row;

typedef struct rounds {
    const atoms_pursuit *pursuit;
    atomsi_piece *piece;
    round_row *rows;    /* those not finished come first */
    int64_t active;
    unsigned char *closed; /* piece rows × atoms: may not be chosen any more */
    double *factor, *target, *spare, *trial, *before;
    const double **unit;
    float *residual32;  /* active × dim, packed */
    float *direction32, *products, *rest; /* OLS */
} rounds;

static int64_t bytes_of_a_row(const atoms_pursuit *p)
{
    const atomsi_coder *c = &p->coder;
    double factor = (double)c->capacity * (double)c->capacity * 4, all = (double)c->atoms * (p->rule == ATOMS_PURSUIT_OLS ? 13 : 5);
    return (int64_t)fmin(factor + all + (double)c->dim * 16, 1e15);
}

int64_t atomsi_pursuit_rounds_rows(const atoms_pursuit *pursuit)
{
    return base_max_i64(1, base_min_i64(ROWS_MOST, PIECE_BYTES / bytes_of_a_row(pursuit)));
}

/* Places what a piece needs at `memory` (NULL: only measures). false: its size overflows. */
static bool lay_out(const atoms_pursuit *p, void *memory, rounds **out, size_t *bytes)
{
    base_layout layout = {.memory = memory, .fits = true};
    int64_t n = p->coder.piece_rows, capacity = p->coder.capacity, products, coordinates, entries, factor;
    if (!base_mul_i64(n, p->coder.atoms, &products) || !base_mul_i64(n, p->coder.dim, &coordinates) || !base_mul_i64(n, capacity, &entries) ||
        !atomsi_support_factor_size(capacity, &factor) || !base_mul_i64(n, factor, &factor))
        return false;
    rounds s = {.pursuit = p};
    *out = base_layout_take(&layout, 1, sizeof s);
    s.rows = base_layout_take(&layout, n, sizeof *s.rows);
    s.closed = base_layout_take(&layout, products, 1);
    s.factor = base_layout_take(&layout, factor, sizeof *s.factor);
    s.target = base_layout_take(&layout, entries, sizeof *s.target);
    s.spare = base_layout_take(&layout, capacity, sizeof *s.spare);
    s.unit = base_layout_take(&layout, capacity, sizeof *s.unit);
    s.trial = base_layout_take(&layout, capacity, sizeof *s.trial);
    s.before = base_layout_take(&layout, p->coder.dim, sizeof *s.before);
    s.residual32 = base_layout_take(&layout, coordinates, sizeof *s.residual32);
    if (p->rule == ATOMS_PURSUIT_OLS) {
        s.direction32 = base_layout_take(&layout, coordinates, sizeof *s.direction32);
        s.products = base_layout_take(&layout, products, sizeof *s.products);
        s.rest = base_layout_take(&layout, products, sizeof *s.rest);
    }
    if (!layout.fits) return false;
    if (memory) **out = s;
    *bytes = layout.used;
    return true;
}

bool atomsi_pursuit_rounds_size(const atoms_pursuit *pursuit, size_t *bytes)
{
    rounds *none;
    return lay_out(pursuit, NULL, &none, bytes);
}

static void begin(rounds *s, int64_t r)
{
    const atomsi_coder *coder = &s->pursuit->coder;
    int64_t factor = 0, capacity = coder->capacity;
    (void)atomsi_support_factor_size(capacity, &factor);
    round_row *row = s->rows + s->active++;
    *row = (round_row){.row = r, .length = 1, .goal = atomsi_pursuit_goal(s->pursuit, s->piece, r), .limit = 4 * capacity + 64};
    row->support = (atomsi_support){.coder = coder, .x = s->piece->x + r * coder->dim, .index = s->piece->index + r * capacity,
                                    .value = s->piece->value + r * capacity, .factor = s->factor + r * factor,
                                    .target = s->target + r * capacity, .spare = s->spare, .unit = s->unit};
    s->piece->record[r].min_pivot = 1;
    s->piece->record[r].flags = ATOMS_CODE_POLISHED;
    memcpy(s->piece->residual + r * coder->dim, row->support.x, (size_t)coder->dim * sizeof(double));
    memset(s->closed + r * coder->atoms, 0, (size_t)coder->atoms);
    if (s->rest)
        for (int64_t j = 0; j < coder->atoms; j++) s->rest[r * coder->atoms + j] = 1;
}

/* Correlations of every unfinished signal; for OLS also what the last round's directions take off the atoms. */
static void multiply(rounds *s)
{
    const atomsi_coder *coder = &s->pursuit->coder;
    int64_t dim = coder->dim, atoms = coder->atoms;
    for (int64_t a = 0; a < s->active; a++) {
        const double *r = s->piece->residual + s->rows[a].row * dim;
        double inverse = 1 / s->rows[a].length;
        for (int64_t i = 0; i < dim; i++) s->residual32[a * dim + i] = (float)(r[i] * inverse);
    }
    atomsi_correlate(coder, s->active, s->residual32, s->piece->correlations);
    if (!s->rest || !s->rows[0].support.count) return;
    atomsi_correlate(coder, s->active, s->direction32, s->products);
    for (int64_t a = 0; a < s->active; a++) {
        float *rest = s->rest + s->rows[a].row * atoms;
        const float *b = s->products + a * atoms;
        for (int64_t j = 0; j < atoms; j++) {
            float left = rest[j] - b[j] * b[j];
            rest[j] = left > (float)PURSUIT_PIVOT ? left : (float)PURSUIT_PIVOT;
        }
    }
}

/* Takes in the best atom that is independent of the support. false: there is none. */
static bool choose(rounds *s, int64_t a)
{
    const atoms_pursuit *p = s->pursuit;
    int64_t atoms = p->coder.atoms;
    round_row *row = s->rows + a;
    atoms_code_record *record = s->piece->record + row->row;
    unsigned char *closed = s->closed + row->row * atoms;
    float *alpha = s->piece->correlations + a * atoms;
    double least = p->coder.nonnegative ? PURSUIT_PIVOT_F64 : PURSUIT_PIVOT;
    for (int64_t j = 0; j < atoms; j++)
        if (closed[j] || (p->coder.nonnegative && alpha[j] < 0)) alpha[j] = NAN;
    for (;;) {
        int32_t j;
        (void)p->coder.context->kernels->leaders(atoms, alpha, s->rest ? s->rest + row->row * atoms : NULL, 0, &j, NULL);
        if (j < 0 || fabsf(alpha[j]) <= (float)PURSUIT_NOISE) return false;
        double pivot = atomsi_support_try(&row->support, j);
        record->iterations++;
        closed[j] = 1;
        alpha[j] = NAN;
        if (pivot <= least) {
            record->flags |= ATOMS_CODE_MASKED;
            continue;
        }
        record->min_pivot = fmin(record->min_pivot, pivot);
        atomsi_support_add(&row->support, j, pivot);
        return true;
    }
}

/* From feasible γ to the non-negative least squares on the support; atoms that fall to 0 leave it, and may come back another time. */
static void refit_nonnegative(rounds *s, round_row *row)
{
    atomsi_support *support = &row->support;
    unsigned char *closed = s->closed + row->row * support->coder->atoms;
    int32_t newest = support->index[support->count - 1];
    for (;;) {
        double step = 1;
        atomsi_support_solve(support, s->trial);
        for (int64_t i = 0; i < support->count; i++)
            if (!(s->trial[i] > 0)) step = fmin(step, support->value[i] / (support->value[i] - s->trial[i]));
        bool inside = true;
        for (int64_t i = 0; i < support->count; i++) inside = inside && s->trial[i] > 0;
        if (inside) break;
        for (int64_t i = support->count; i-- > 0;) {
            double moved = support->value[i] + step * (s->trial[i] - support->value[i]);
            bool falls = !(s->trial[i] > 0) && !(moved > 1e-14);
            support->value[i] = moved;
            if (!falls) continue;
            if (support->index[i] != newest) closed[support->index[i]] = 0; /* the newest falls by rounding alone */
            atomsi_support_drop(support, i);
        }
    }
    memcpy(support->value, s->trial, (size_t)support->count * sizeof(double));
}

/* γ, the residual, and for OLS the direction that went. */
static void refit(rounds *s, int64_t a)
{
    round_row *row = s->rows + a;
    int64_t dim = s->pursuit->coder.dim;
    double *r = s->piece->residual + row->row * dim;
    if (s->pursuit->coder.nonnegative) refit_nonnegative(s, row);
    else atomsi_support_solve(&row->support, row->support.value);
    if (s->rest) memcpy(s->before, r, (size_t)dim * sizeof *r);
    row->length = atomsi_support_residual(&row->support, row->support.value, r);
    if (!s->rest) return;
    double square = 0;
    for (int64_t i = 0; i < dim; i++) square += (s->before[i] - r[i]) * (s->before[i] - r[i]);
    double inverse = square > 0 ? 1 / sqrt(square) : 0;
    for (int64_t i = 0; i < dim; i++) s->direction32[a * dim + i] = (float)((s->before[i] - r[i]) * inverse);
}

/* Whether a row that has just been refitted is at its end, and its status then. */
static bool is_at_end(const rounds *s, round_row *row)
{
    const atomsi_coder *coder = &s->pursuit->coder;
    atoms_code_record *record = s->piece->record + row->row;
    if (row->goal > 0 && row->length <= row->goal) {
        double rounded = atomsi_support_rounded(&row->support, s->piece->norm[row->row], s->before);
        if (rounded <= row->goal) return true;
    }
    if (row->length <= PURSUIT_FLOOR) {
        if (row->goal > 0) record->status = ATOMS_CODE_STOPPED;
        return true;
    }
    if (row->support.count == coder->capacity) {
        if (!s->pursuit->counted) record->status = ATOMS_CODE_STOPPED;
        return true;
    }
    if (--row->limit > 0) return false;
    record->status = ATOMS_CODE_STOPPED;
    return true;
}

/* One atom for the unfinished row at place a. false: the row is finished. */
static bool advance(rounds *s, int64_t a)
{
    round_row *row = s->rows + a;
    atoms_code_record *record = s->piece->record + row->row;
    if (!choose(s, a)) {
        bool optimal = s->pursuit->coder.nonnegative && !(record->flags & ATOMS_CODE_MASKED);
        record->status = optimal && !(row->goal > 0) ? ATOMS_CODE_CONVERGED : optimal ? ATOMS_CODE_STOPPED : ATOMS_CODE_DEPENDENT;
        return false;
    }
    refit(s, a);
    return !is_at_end(s, row);
}

static void end(rounds *s, const round_row *row)
{
    s->piece->count[row->row] = row->support.count;
    if (!row->support.count) s->piece->record[row->row].min_pivot = NAN;
}

void atomsi_pursuit_in_rounds(const atomsi_coder *coder, void *scratch, atomsi_piece *piece)
{
    size_t bytes;
    int64_t dim = coder->dim;
    rounds *s;
    (void)lay_out((const atoms_pursuit *)coder, scratch, &s, &bytes); /* it fitted when it was measured */
    s->piece = piece;
    for (int64_t r = 0; r < piece->rows; r++)
        if (atomsi_pursuit_begins(s->pursuit, piece, r)) begin(s, r);
    while (s->active) {
        int64_t left = 0;
        multiply(s);
        for (int64_t a = 0; a < s->active; a++) {
            if (!advance(s, a)) {
                end(s, s->rows + a);
                continue;
            }
            if (s->rest) memmove(s->direction32 + left * dim, s->direction32 + a * dim, (size_t)dim * sizeof(float));
            s->rows[left++] = s->rows[a];
        }
        s->active = left;
    }
}
