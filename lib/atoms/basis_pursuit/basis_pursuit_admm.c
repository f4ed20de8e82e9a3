/* Alternating directions on the dual (Yang and Zhang 2011), for many signals at once:
 *     max x·y − σ‖y‖  with  z = U y, |z_j| ≤ ŵ_j  (a ≥ 0: z_j ≤ ŵ_j),  and for BPDN t = y, of which the norm is taken.
 * y solves (UᵀU + shift) y = Uᵀ(z − p) + (t − q) + x/β by a factor made once; z and t are projections; p and q are the multipliers over β, so
 * that γ = βp and the residual is βq. Both products are GEMMs over all rows in work, and the penalty β of each row needs no new factor,
 * so it follows the residuals (Boyd et al. 2011, §3.4.1). First-order accuracy is enough: every so often the atoms with p_j ≠ 0, taken
 * as a support, are solved for exactly, and a row is done when a code of theirs is proved by either dual vector. */
#include <math.h>
#include <string.h>

#include "../../linalg/cblas_gate.h"
#include "basis_pursuit_parts.h"

enum { CHECK = 20, BALANCED_UNTIL = 2000 };

static const double relaxation = 1.6;

/* side = Uᵀ(z − p) + (t − q) + x/β + ridge·y; then y. product = U y. */
static void solve_for_y(const atoms_basis_pursuit *bp, atomsi_bp_scratch *s, const atomsi_piece *piece)
{
    int64_t dim = bp->coder.dim, atoms = bp->coder.atoms;
    const double *unit = bp->coder.dictionary->unit;
    for (int64_t i = 0; i < s->rows * atoms; i++) s->product[i] = s->z[i] - s->p[i];
    linalg_dgemm(LINALG_PLAIN, LINALG_PLAIN, s->rows, dim, atoms, 1, s->product, atoms, unit, dim, 0, s->side, dim);
    for (int64_t i = 0; i < s->rows; i++) {
        const double *x = piece->x + s->row[i] * dim;
        for (int64_t k = i * dim; k < (i + 1) * dim; k++)
            s->side[k] += (bp->shift > 0 ? s->t[k] - s->q[k] : 0) + x[k - i * dim] / s->penalty[i] + bp->ridge * s->y[k];
    }
    memcpy(s->y, s->side, (size_t)(s->rows * dim) * sizeof *s->y);
    linalg_dtrsm(true, LINALG_TRANSPOSED, s->rows, dim, bp->factor, dim, s->y, dim);
    linalg_dtrsm(true, LINALG_PLAIN, s->rows, dim, bp->factor, dim, s->y, dim);
    linalg_dgemm(LINALG_PLAIN, LINALG_TRANSPOSED, s->rows, atoms, dim, 1, s->y, dim, unit, dim, 0, s->product, atoms);
}

static void project_products(const atoms_basis_pursuit *bp, atomsi_bp_scratch *s)
{
    int64_t atoms = bp->coder.atoms;
    for (int64_t i = 0; i < s->rows; i++) {
        double *z = s->z + i * atoms, *p = s->p + i * atoms;
        const double *product = s->product + i * atoms;
        for (int64_t j = 0; j < atoms; j++) {
            double w = bp->weights[j], v = relaxation * product[j] + (1 - relaxation) * z[j] + p[j];
            double low = bp->opts.nonnegative ? v : -w, inside = v < low ? low : v;
            z[j] = inside > w ? w : inside;
            p[j] = v - z[j];
        }
    }
}

/* t is v shortened by σ/β. */
static void shorten(const atoms_basis_pursuit *bp, atomsi_bp_scratch *s)
{
    int64_t dim = bp->coder.dim;
    for (int64_t i = 0; i < s->rows; i++) {
        double *t = s->t + i * dim, *q = s->q + i * dim, length = 0;
        const double *y = s->y + i * dim;
        for (int64_t k = 0; k < dim; k++) {
            q[k] += relaxation * y[k] + (1 - relaxation) * t[k];
            length += q[k] * q[k];
        }
        length = sqrt(length);
        double cut = s->sigma[s->row[i]] / s->penalty[i], kept = length > cut ? 1 - cut / length : 0;
        for (int64_t k = 0; k < dim; k++) {
            t[k] = kept * q[k];
            q[k] -= t[k];
        }
    }
}

/* Heap sort: atoms by falling key. */
static void sift(int32_t *index, const double *key, int64_t at, int64_t n)
{
    for (int64_t child; (child = 2 * at + 1) < n; at = child) {
        if (child + 1 < n && key[index[child + 1]] < key[index[child]]) child++;
        if (!(key[index[child]] < key[index[at]])) return;
        int32_t moved = index[at];
        index[at] = index[child];
        index[child] = moved;
    }
}

/* Atoms of row i near or past their bounds, the furthest first, with the signs they have there. Returns how many, and how many of these are past:
 * their multipliers are not 0. The others may be atoms of small value, whose products rise to the bound only slowly. */
static int64_t furthest_first(const atoms_basis_pursuit *bp, atomsi_bp_scratch *s, int64_t i, int64_t *past)
{
    static const double near = 0.5;
    int64_t atoms = bp->coder.atoms, n = 0;
    const double *z = s->z + i * atoms, *p = s->p + i * atoms;
    *past = 0;
    for (int64_t j = 0; j < atoms; j++) {
        double v = z[j] + p[j];
        s->key[j] = (bp->opts.nonnegative ? v : fabs(v)) * bp->coder.dictionary->length[j] + (p[j] != 0);
        if (s->key[j] > near) s->index[n++] = (int32_t)j;
        *past += p[j] != 0;
    }
    for (int64_t at = n / 2; at-- > 0;) sift(s->index, s->key, at, n);
    for (int64_t end = n; end-- > 1;) {
        int32_t last = s->index[0];
        s->index[0] = s->index[end];
        s->index[end] = last;
        sift(s->index, s->key, 0, end);
    }
    for (int64_t k = 0; k < n; k++) s->sign[k] = z[s->index[k]] + p[s->index[k]] > 0 ? 1 : -1;
    return n;
}

/* A direction along which the dual grows for ever proves that σ is out of reach: x·d > σ‖d‖ and no atom leans on d. */
static int grows_for_ever(const atoms_basis_pursuit *bp, const atomsi_bp_scratch *s, const double *x, int64_t i, double *product)
{
    int64_t dim = bp->coder.dim;
    double *d = s->candidate, size = 0, most = 0;
    for (int64_t k = 0; k < dim; k++) {
        d[k] = s->y[i * dim + k] - s->y_before[i * dim + k];
        size += d[k] * d[k];
    }
    size = sqrt(size);
    double room = linalg_ddot(dim, x, d) / size - s->sigma[s->row[i]];
    if (!(size > 1e-9 * sqrt(linalg_ddot(dim, s->y + i * dim, s->y + i * dim))) || !(room > BASIS_PURSUIT_ALLOWANCE)) return 0;
    linalg_dgemv(bp->coder.atoms, dim, bp->coder.dictionary->unit, dim, d, product);
    for (int64_t j = 0; j < bp->coder.atoms; j++) most = fmax(most, bp->opts.nonnegative ? product[j] : fabs(product[j]));
    return most <= 1e-5 * size * room;
}

/* The first n atoms of s->index as a support of row i, with ADMM's dual vector where its products are given, and with its own. 1: proved. */
static int try_support(const atoms_basis_pursuit *bp, atomsi_bp_scratch *s, atomsi_piece *piece, int64_t i, int64_t n, int with_y)
{
    int64_t atoms = bp->coder.atoms, dim = bp->coder.dim, r = s->row[i];
    double *product = s->product + i * atoms;
    atomsi_homotopy *path = atomsi_homotopy_start(&bp->path, s->path, piece->x + r * dim, s->key); /* of its correlations nothing is used */
    atomsi_homotopy_seat(path, n, s->index, s->sign, s->sigma[r]);
    if (with_y && atomsi_bp_offer(bp, s, piece, r, path, s->y + i * dim, product)) return 1;
    atomsi_homotopy_dual(path, s->candidate);
    linalg_dgemv(atoms, dim, bp->coder.dictionary->unit, dim, s->candidate, product);
    return atomsi_bp_offer(bp, s, piece, r, path, s->candidate, product);
}

/* 1: row i has its answer. Spoils its products. Two supports are tried: the atoms with multipliers, and for BP, where these do not span x, those
 * near their bounds as well. */
static int is_done(const atoms_basis_pursuit *bp, atomsi_bp_scratch *s, atomsi_piece *piece, int64_t i)
{
    int64_t r = s->row[i], past, near = furthest_first(bp, s, i, &past);
    if (past && try_support(bp, s, piece, i, past, 1)) return 1;
    if (near > past && past < bp->coder.capacity && s->sigma[r] < BASIS_PURSUIT_ROUNDING && try_support(bp, s, piece, i, near, 0)) return 1;
    if (!grows_for_ever(bp, s, piece->x + r * bp->coder.dim, i, s->product + i * bp->coder.atoms)) return 0;
    piece->record[r].status = ATOMS_CODE_INFEASIBLE;
    return 1;
}

/* β follows the larger of the two residuals: z against U y, and x against what the multipliers make of it. */
static void balance(const atoms_basis_pursuit *bp, atomsi_bp_scratch *s, const atomsi_piece *piece)
{
    int64_t atoms = bp->coder.atoms, dim = bp->coder.dim;
    linalg_dgemm(LINALG_PLAIN, LINALG_PLAIN, s->rows, dim, atoms, 1, s->p, atoms, bp->coder.dictionary->unit, dim, 0, s->side, dim);
    for (int64_t i = 0; i < s->rows; i++) {
        const double *x = piece->x + s->row[i] * dim, *z = s->z + i * atoms, *product = s->product + i * atoms;
        double apart = 0, size = 0, missing = 0;
        for (int64_t j = 0; j < atoms; j++) {
            apart += (product[j] - z[j]) * (product[j] - z[j]);
            size += z[j] * z[j];
        }
        for (int64_t k = 0; k < dim; k++) {
            double rest = x[k] - s->penalty[i] * (s->side[i * dim + k] + (bp->shift > 0 ? s->q[i * dim + k] : 0));
            missing += rest * rest;
        }
        double ratio = sqrt(apart / (size + 1e-300)) / (sqrt(missing) + 1e-300), step = ratio > 4 ? 2 : ratio < 0.25 ? 0.5 : 1;
        if (step == 1) continue;
        s->penalty[i] *= step;
        for (int64_t j = 0; j < atoms; j++) s->p[i * atoms + j] /= step;
        for (int64_t k = i * dim; k < (i + 1) * dim && bp->shift > 0; k++) s->q[k] /= step;
    }
}

/* Row `from` takes the place of row `to`. */
static void move_row(const atoms_basis_pursuit *bp, atomsi_bp_scratch *s, int64_t from, int64_t to)
{
    int64_t atoms = bp->coder.atoms, dim = bp->coder.dim;
    double *wide[] = {s->z, s->p, s->product}, *narrow[] = {s->y, s->y_before, s->t, s->q};
    if (from == to) return;
    for (int k = 0; k < 3; k++) memcpy(wide[k] + to * atoms, wide[k] + from * atoms, (size_t)atoms * sizeof(double));
    for (int k = 0; k < 4; k++) memcpy(narrow[k] + to * dim, narrow[k] + from * dim, (size_t)dim * sizeof(double));
    s->penalty[to] = s->penalty[from];
    s->row[to] = s->row[from];
}

void atomsi_bp_admm(const atoms_basis_pursuit *bp, atomsi_bp_scratch *s, atomsi_piece *piece)
{
    int64_t atoms = bp->coder.atoms, dim = bp->coder.dim;
    memset(s->z, 0, (size_t)(s->rows * atoms) * sizeof *s->z);
    memset(s->p, 0, (size_t)(s->rows * atoms) * sizeof *s->p);
    memset(s->y, 0, (size_t)(s->rows * dim) * sizeof *s->y);
    memset(s->t, 0, (size_t)(s->rows * dim) * sizeof *s->t);
    memset(s->q, 0, (size_t)(s->rows * dim) * sizeof *s->q);
    for (int64_t i = 0; i < s->rows; i++) s->penalty[i] = bp->start_penalty;
    for (int64_t iteration = 1; iteration <= bp->limit && s->rows; iteration++) {
        int check = iteration % CHECK == 0 || iteration == bp->limit;
        if (check) memcpy(s->y_before, s->y, (size_t)(s->rows * dim) * sizeof *s->y);
        solve_for_y(bp, s, piece);
        project_products(bp, s);
        if (bp->shift > 0) shorten(bp, s);
        if (!check) continue;
        if (iteration < BALANCED_UNTIL) balance(bp, s, piece);
        for (int64_t i = s->rows; i-- > 0;) {
            piece->record[s->row[i]].iterations = (int32_t)iteration;
            if (is_done(bp, s, piece, i)) move_row(bp, s, --s->rows, i);
        }
    }
}
