/* ISTA and FISTA for all signals of a piece at once, by two GEMMs an iteration: the residuals X − Y D, then their products with all atoms. The
 * Gram matrix is not needed, and residuals are formed anew each time, so f32 loses little.
 *
 *     ISTA (Daubechies, Defrise, De Mol 2004):  a⁺ = T(a + Dᵀ(x − D a)/L, λ w/L),  T soft thresholding, L ≥ ‖D‖² + ρ
 *     FISTA (Beck and Teboulle 2009): the same from y = a + (t_prev − 1)/t·(a − a_prev),  t⁺ = (1 + √(1 + 4t²))/2,
 *            begun again (t = 1, y = a) where (y − a⁺)·(a⁺ − a) > 0 (O'Donoghue and Candès 2015)
 *
 * On atoms of any length, in unit scale, 1/L becomes ‖d_j‖²/L for atom j. Every CHECK iterations the gap of a (not of y) is taken; signals that
 * are done leave. When the number of checks is a power of two, the linear system on each support is tried too: its answer is taken where it
 * proves itself. */
#include <math.h>
#include <string.h>

#include "../../linalg/cblas_gate.h"
#include "lasso_parts.h"

enum { CHECK = 10, LARGEST_SYSTEM = 1024 };

typedef struct slot {
    int64_t row; /* of the piece */
    double level, t, gap;
} slot;

typedef struct proximal {
    const atoms_lasso *lasso;
    atomsi_piece *piece;
    int64_t live;
    slot *slot;
    float *code, *point; /* live × atoms: a and y */
    float *residual;     /* live × dim */
    lasso_support support;
    slot **candidate;    /* whose solved code is in the piece */
} proximal;

static void lay_out(base_layout *layout, const atoms_lasso *lasso, proximal *p)
{
    int64_t rows = lasso->coder.piece_rows, codes = 0, coordinates = 0, room = lasso->coder.atoms;
    layout->fits = layout->fits && base_mul_i64(rows, lasso->coder.atoms, &codes) && base_mul_i64(rows, lasso->coder.dim, &coordinates);
    if (!lasso->ridge) room = base_min_i64(room, lasso->coder.dim);
    *p = (proximal){.lasso = lasso};
    p->slot = base_layout_take(layout, rows, sizeof *p->slot);
    p->candidate = base_layout_take(layout, rows, sizeof *p->candidate);
    p->code = base_layout_take(layout, codes, sizeof *p->code);
    p->point = base_layout_take(layout, codes, sizeof *p->point);
    p->residual = base_layout_take(layout, coordinates, sizeof *p->residual);
    atomsi_lasso_support_take(layout, base_min_i64(room, LARGEST_SYSTEM), &p->support);
}

bool atomsi_lasso_proximal_size(const atoms_lasso *lasso, int64_t *bytes)
{
    base_layout layout = {.fits = true};
    proximal p;
    lay_out(&layout, lasso, &p);
    *bytes = (int64_t)layout.used;
    return layout.fits;
}

/* residual = X − codes·D in unit scale, and the piece's correlations. */
static void correlate(proximal *p, const float *codes)
{
    const atomsi_coder *coder = &p->lasso->coder;
    int64_t dim = coder->dim, atoms = coder->atoms;
    for (int64_t i = 0; i < p->live; i++)
        memcpy(p->residual + i * dim, p->piece->x32 + p->slot[i].row * dim, (size_t)dim * sizeof *p->residual);
    linalg_sgemm(LINALG_PLAIN, LINALG_PLAIN, p->live, dim, atoms, -1, codes, atoms, coder->unit32, dim, 1, p->residual, dim);
    atomsi_correlate(coder, p->live, p->residual, p->piece->correlations);
}

/* One step of one signal. Returns (y − a⁺)·(a⁺ − a). */
static double step(const atoms_lasso *lasso, float level, float momentum, const float *products, float *code, float *point)
{
    double turn = 0;
    for (int64_t j = 0; j < lasso->coder.atoms; j++) {
        float rate = lasso->rate32[j], y = point[j], a = code[j];
        float target = y + rate * (products[j] - (1 / lasso->shrink32[j] - 1) * y);
        float size = (lasso->opts.nonnegative ? target : fabsf(target)) - rate * level * lasso->weight32[j];
        float next = size > 0 ? copysignf(size, target) : 0, change = next - a;
        turn += (double)((y - next) * change);
        point[j] = next + momentum * change;
        code[j] = next;
    }
    return turn;
}

static void iterate(proximal *p)
{
    const atoms_lasso *lasso = p->lasso;
    int64_t atoms = lasso->coder.atoms;
    correlate(p, p->point);
    for (int64_t i = 0; i < p->live; i++) {
        slot *s = p->slot + i;
        float *code = p->code + i * atoms, *point = p->point + i * atoms;
        double t = lasso->opts.solver == ATOMS_LASSO_ISTA ? 1 : (1 + sqrt(1 + 4 * s->t * s->t)) / 2;
        double turn = step(lasso, (float)s->level, (float)((s->t - 1) / t), p->piece->correlations + i * atoms, code, point);
        s->t = t;
        if (!(turn > 0)) continue;
        s->t = 1;
        memcpy(point, code, (size_t)atoms * sizeof *point);
    }
}

/* The gap of a code, from its residual and the products with it, in f32. products lose the ridge's part. */
static double gap_of(const atoms_lasso *lasso, const slot *s, const float *x, const float *residual, int64_t entries, const int32_t *index,
                     const double *value, float *products)
{
    const linalg_kernels *kernels = lasso->coder.context->kernels;
    int64_t dim = lasso->coder.dim;
    lasso_terms t = {.level = s->level, .product = kernels->dot(dim, x, residual), .square = kernels->dot(dim, residual, residual)};
    for (int64_t e = 0; e < entries; e++) {
        int64_t j = index[e];
        t.penalty += s->level * lasso->weight[j] * fabs(value[e]);
        if (!lasso->ridge) continue;
        t.square += lasso->ridge[j] * value[e] * value[e];
        products[j] -= (float)(lasso->ridge[j] * value[e]);
    }
    t.largest = kernels->largest(lasso->coder.atoms, products, lasso->slope32, lasso->opts.nonnegative);
    return atomsi_lasso_gap(lasso, &t);
}

static void write_code(proximal *p, int64_t i)
{
    int64_t atoms = p->lasso->coder.atoms, row = p->slot[i].row, base = row * atoms, n = 0;
    const float *code = p->code + i * atoms;
    for (int64_t j = 0; j < atoms; j++) {
        if (code[j] == 0) continue;
        p->piece->index[base + n] = (int32_t)j;
        p->piece->value[base + n++] = (double)code[j];
    }
    p->piece->count[row] = n;
    p->piece->record[row].flags &= ~(ATOMS_CODE_POLISHED | ATOMS_CODE_NOT_UNIQUE);
}

typedef struct system {
    const atoms_lasso *lasso;
    const lasso_support *support;
    const int32_t *index; /* its atoms */
} system;

static void fill_square(const void *user, double shift)
{
    const system *of = user;
    const atoms_lasso *lasso = of->lasso;
    const double *unit = lasso->coder.dictionary->unit;
    int64_t dim = lasso->coder.dim, k = of->support->k;
    for (int64_t a = 0; a < k; a++) {
        double *row = of->support->square + a * k;
        row[a] = 1 + shift + (lasso->ridge ? lasso->ridge[of->index[a]] : 0);
        for (int64_t b = a + 1; b < k; b++) row[b] = linalg_ddot(dim, unit + of->index[a] * dim, unit + of->index[b] * dim);
    }
}

/* Leaves out the entries that the last step would take through 0. Returns whether there were any, and some are left. */
static bool drop_crossing(lasso_support *s, int32_t *index)
{
    int64_t left = 0, before = s->k;
    for (int64_t a = 0; a < s->k; a++) {
        if (!(s->value[a] * (s->value[a] + s->step[a]) > 0)) continue;
        index[left] = index[a];
        s->value[left++] = s->value[a];
    }
    s->k = left;
    return 0 < left && left < before;
}

/* Solves the system on the support of a row's code, less what turns its sign then. The answer becomes the row's code; false: the entries are
 * spoilt, and there is none. */
static bool solve_support(proximal *p, int64_t row, double level)
{
    enum { TRIES = 8 };
    const atoms_lasso *lasso = p->lasso;
    int64_t dim = lasso->coder.dim, base = row * lasso->coder.atoms;
    int32_t *index = p->piece->index + base;
    lasso_support *s = &p->support;
    s->k = p->piece->count[row];
    if (!s->k || s->k > s->room) return false;
    memcpy(s->value, p->piece->value + base, (size_t)s->k * sizeof *s->value);
    const system of = {lasso, s, index};
    for (int attempt = 0; attempt < TRIES; attempt++) {
        if (!atomsi_lasso_factor(s, fill_square, &of)) return false;
        if (atomsi_lasso_refine(lasso, s, index, p->piece->x + row * dim, level, p->piece->residual + row * dim)) {
            memcpy(p->piece->value + base, s->value, (size_t)s->k * sizeof *s->value);
            p->piece->count[row] = s->k;
            p->piece->record[row].flags |= ATOMS_CODE_POLISHED | (s->dependent ? ATOMS_CODE_NOT_UNIQUE : 0);
            return true;
        }
        if (!drop_crossing(s, index)) return false;
    }
    return false;
}

/* Solves all supports; keeps those answers that are good enough, and at the end (`last`) those that are better: sets their slots' gap. */
static void polish(proximal *p, bool last)
{
    const atoms_lasso *lasso = p->lasso;
    int64_t dim = lasso->coder.dim, atoms = lasso->coder.atoms, n = 0;
    for (int64_t i = 0; i < p->live; i++) {
        slot *s = p->slot + i;
        if (s->gap <= 0.9 * lasso->goal) continue;
        if (!solve_support(p, s->row, s->level)) {
            write_code(p, i);
            continue;
        }
        for (int64_t c = 0; c < dim; c++) p->residual[n * dim + c] = (float)p->piece->residual[s->row * dim + c];
        p->candidate[n++] = s;
    }
    if (n) atomsi_correlate(&lasso->coder, n, p->residual, p->piece->correlations);
    for (int64_t i = 0; i < n; i++) {
        slot *s = p->candidate[i];
        double gap = gap_of(lasso, s, p->piece->x32 + s->row * dim, p->residual + i * dim, p->piece->count[s->row], p->piece->index + s->row * atoms,
                            p->piece->value + s->row * atoms, p->piece->correlations + i * atoms);
        if (gap <= 0.9 * lasso->goal || (last && gap < s->gap)) s->gap = gap;
        else write_code(p, s - p->slot);
    }
}

/* Gaps of all codes; those that are done leave, and at the end all do. */
static void check(proximal *p, int64_t iterations, bool may_polish, bool last)
{
    const atoms_lasso *lasso = p->lasso;
    int64_t dim = lasso->coder.dim, atoms = lasso->coder.atoms, left = 0;
    correlate(p, p->code);
    for (int64_t i = 0; i < p->live; i++) {
        slot *s = p->slot + i;
        write_code(p, i);
        s->gap = gap_of(lasso, s, p->piece->x32 + s->row * dim, p->residual + i * dim, p->piece->count[s->row], p->piece->index + s->row * atoms,
                        p->piece->value + s->row * atoms, p->piece->correlations + i * atoms);
        p->piece->record[s->row].iterations = (int32_t)iterations;
    }
    if (lasso->opts.polish && may_polish) polish(p, last);
    for (int64_t i = 0; i < p->live; i++) {
        if (last || p->slot[i].gap <= 0.9 * lasso->goal) continue;
        if (left < i) {
            p->slot[left] = p->slot[i];
            memcpy(p->code + left * atoms, p->code + i * atoms, (size_t)atoms * sizeof *p->code);
            memcpy(p->point + left * atoms, p->point + i * atoms, (size_t)atoms * sizeof *p->point);
        }
        left++;
    }
    p->live = left;
}

static void begin(proximal *p, int64_t row, double level)
{
    int64_t atoms = p->lasso->coder.atoms, base = row * atoms;
    float *code = p->code + p->live * atoms;
    memset(code, 0, (size_t)atoms * sizeof *code);
    for (int64_t e = base; e < base + p->piece->count[row]; e++)
        if (!p->lasso->opts.nonnegative || p->piece->value[e] > 0) code[p->piece->index[e]] = (float)p->piece->value[e];
    memcpy(p->point + p->live * atoms, code, (size_t)atoms * sizeof *code);
    p->slot[p->live++] = (slot){.row = row, .level = level, .t = 1};
}

void atomsi_lasso_solve_proximal(const atomsi_coder *coder, void *scratch, atomsi_piece *piece)
{
    const atoms_lasso *lasso = (const atoms_lasso *)coder;
    base_layout layout = {.memory = scratch, .fits = true};
    proximal p;
    lay_out(&layout, lasso, &p);
    p.piece = piece;
    atomsi_correlate(coder, piece->rows, piece->x32, piece->correlations);
    for (int64_t r = 0; r < piece->rows; r++) {
        double level = atomsi_lasso_level(lasso, piece, r, piece->correlations + r * coder->atoms);
        if (level > 0) begin(&p, r, level);
        else piece->count[r] = 0;
    }
    for (int64_t k = 1, checks = 0; p.live; k++) {
        iterate(&p);
        if (k % CHECK && k < lasso->limit) continue;
        checks++;
        check(&p, k, !(checks & (checks - 1)) || k >= lasso->limit, k >= lasso->limit);
    }
}
