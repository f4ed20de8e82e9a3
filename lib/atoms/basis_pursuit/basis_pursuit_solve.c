/* A piece: the path of every row first (Osborne, Presnell, Turlach 2000; Donoho and Tsaig 2008), because a sparse answer of k atoms takes about k cheap
 * steps and comes with its proof; then, where the proof fails (ties without end, paths too long), alternating directions for those rows.
 *
 * BP follows the path to λ → 0. A signal that was rounded to f32 is in no sparse span, and its exact BP answer would spend atoms on the
 * rounding; so the path ends as soon as the signal is within rounding of the support's span and the dual vector of that support is
 * feasible: that code costs no more than the exact answer, and the proof says so. */
#include <math.h>
#include <string.h>

#include "../../linalg/cblas_gate.h"
#include "basis_pursuit_parts.h"

void atomsi_bp_place(const atoms_basis_pursuit *bp, base_layout *layout, atomsi_bp_scratch *out)
{
    int64_t rows = bp->coder.piece_rows, products = 0, coordinates = 0, path = atomsi_homotopy_bytes(&bp->path);
    if (path < 0 || !base_mul_i64(rows, bp->coder.atoms, &products) || !base_mul_i64(rows, bp->coder.dim, &coordinates)) layout->fits = false;
    *out = (atomsi_bp_scratch){.path = base_layout_take(layout, path, 1)};
    out->product = base_layout_take(layout, products, sizeof *out->product);
    out->sigma = base_layout_take(layout, rows, sizeof *out->sigma);
    out->gap = base_layout_take(layout, rows, sizeof *out->gap);
    out->row = base_layout_take(layout, rows, sizeof *out->row);
    out->candidate = base_layout_take(layout, bp->coder.dim, sizeof *out->candidate);
    if (!bp->factor) return;
    out->penalty = base_layout_take(layout, rows, sizeof *out->penalty);
    double **of_rows[] = {&out->y, &out->y_before, &out->t, &out->q, &out->side};
    for (int i = 0; i < 5; i++) *of_rows[i] = base_layout_take(layout, coordinates, sizeof(double));
    out->z = base_layout_take(layout, products, sizeof *out->z);
    out->p = base_layout_take(layout, products, sizeof *out->p);
    out->index = base_layout_take(layout, bp->coder.atoms, sizeof *out->index);
    out->key = base_layout_take(layout, bp->coder.atoms, sizeof *out->key);
    out->sign = base_layout_take(layout, bp->coder.atoms, sizeof *out->sign);
}

/* How far products u_j·y exceed ŵ_j, as a factor. */
static double excess(const atoms_basis_pursuit *bp, const double *product)
{
    double most = 0;
    for (int64_t j = 0; j < bp->coder.atoms; j++) {
        double size = (bp->opts.nonnegative ? product[j] : fabs(product[j])) * bp->coder.dictionary->length[j];
        if (size > most) most = size;
    }
    return most;
}

/* At λ → 0 an atom that was about to leave is left with a share of what keeps x from the span: rounding, in f64 or in f32 as x has it. Such
 * values are no part of the answer. */
static double noise_of(const atomsi_homotopy *path)
{
    double away = sqrt(linalg_ddot(path->plan->dim, path->residual, path->residual)), largest = 0;
    for (int64_t i = 0; i < path->count; i++) largest = fmax(largest, fabs(path->value[i]));
    return path->lambda > 0 || away > BASIS_PURSUIT_ROUNDING ? 0 : fmax(fmin(4 * away, BASIS_PURSUIT_ROUNDING), 1e-12 * largest);
}

static void take_answer(const atoms_basis_pursuit *bp, atomsi_piece *piece, int64_t r, const atomsi_homotopy *path, const double *y)
{
    int64_t base = r * bp->coder.capacity, n = 0;
    double noise = noise_of(path);
    for (int64_t i = 0; i < path->count; i++) {
        if (fabs(path->value[i]) <= noise) continue;
        piece->index[base + n] = path->index[i];
        piece->value[base + n++] = path->value[i];
    }
    piece->count[r] = n;
    memcpy(piece->dual + r * bp->coder.dim, y, (size_t)bp->coder.dim * sizeof *y);
    atoms_code_record *record = piece->record + r;
    record->flags = path->flags | ATOMS_CODE_POLISHED;
    record->min_pivot = path->count ? path->min_pivot : NAN;
    record->lambda = path->lambda > 0 && path->count ? path->lambda : NAN;
}

/* How good a code of this length is, `away` from σ, with the dual vector y of products U y: its relative gap; where it is not feasible, 1 and more, so
 * that the closest is the best. */
static double badness(const atoms_basis_pursuit *bp, const double *x, double sigma, double length, double away, const double *y, const double *product)
{
    int64_t dim = bp->coder.dim;
    if (away > BASIS_PURSUIT_ALLOWANCE / 2) return 1 + away;
    double most = excess(bp, product), bound = linalg_ddot(dim, x, y) - sigma * sqrt(linalg_ddot(dim, y, y));
    return length > 0 ? (length - (most > 0 && bound > 0 ? bound / most : 0)) / length : INFINITY;
}

static double distance(const atomsi_homotopy *path)
{
    return sqrt(linalg_ddot(path->plan->dim, path->residual, path->residual));
}

/* The path's code without values that have turned or are small, if it is close enough to x and y proves it: y·(D a − x) is its gap. */
static int take_trimmed(const atoms_basis_pursuit *bp, atomsi_piece *piece, int64_t r, atomsi_homotopy *path, const double *y, double small)
{
    double length = 0;
    atomsi_homotopy_trim(path, small);
    for (int64_t i = 0; i < path->count; i++) length += bp->weights[path->index[i]] * fabs(path->value[i]);
    double gap = -linalg_ddot(bp->coder.dim, y, path->residual);
    if (!path->count || distance(path) > BASIS_PURSUIT_ALLOWANCE / 2 || gap > 0.2 * bp->opts.tol * length) return 0;
    take_answer(bp, piece, r, path, y);
    return 1;
}

int atomsi_bp_offer(const atoms_basis_pursuit *bp, atomsi_bp_scratch *s, atomsi_piece *piece, int64_t r, atomsi_homotopy *path,
                    const double *y, const double *product)
{
    int64_t dim = bp->coder.dim;
    double length = 0;
    for (int64_t i = 0; i < path->count; i++) length += bp->weights[path->index[i]] * fabs(path->value[i]);
    double gap = badness(bp, piece->x + r * dim, s->sigma[r], length, distance(path) - s->sigma[r], y, product);
    if (!(gap < s->gap[r])) return 0;
    s->gap[r] = gap;
    take_answer(bp, piece, r, path, y);
    if (gap > 0.5 * bp->opts.tol) return 0;
    if (path->end == ATOMSI_HOMOTOPY_SPAN && s->sigma[r] < BASIS_PURSUIT_ROUNDING && atomsi_homotopy_has_turned(path, noise_of(path)) &&
        take_trimmed(bp, piece, r, path, y, 0))
        (void)take_trimmed(bp, piece, r, path, y, BASIS_PURSUIT_WITHIN);
    return 1;
}

/* σ in units of ‖x‖; rows that need no work have their answer, the empty code, already. */
static void begin(const atoms_basis_pursuit *bp, atomsi_bp_scratch *s, atomsi_piece *piece)
{
    s->rows = 0;
    memset(piece->dual, 0, (size_t)(piece->rows * bp->coder.dim) * sizeof *piece->dual);
    for (int64_t r = 0; r < piece->rows; r++) {
        double norm = piece->norm[r];
        s->sigma[r] = bp->opts.sigma > 0 && norm > 0 ? bp->opts.sigma / norm : bp->opts.sigma_rel;
        s->gap[r] = INFINITY;
        piece->count[r] = 0;
        if (norm > 0 && s->sigma[r] < 1) s->row[s->rows++] = (int32_t)r;
    }
}

/* The path says that no code comes closer: its end is λ = 0, and no atom is left that the residual leans on. */
static int is_out_of_reach(atomsi_homotopy *path, double sigma)
{
    double away = distance(path);
    if (path->end != ATOMSI_HOMOTOPY_LAMBDA || !(away > sigma + BASIS_PURSUIT_ALLOWANCE)) return 0;
    linalg_dgemv(path->plan->atoms, path->plan->dim, path->plan->unit, path->plan->dim, path->residual, path->correlation);
    for (int64_t j = 0; j < path->plan->atoms; j++)
        if ((path->plan->nonnegative ? path->correlation[j] : fabs(path->correlation[j])) > 1e-8 * away) return 0;
    return 1;
}

/* The point of the path that is well within the allowance of BP's σ; its dual vector proves as much. */
static atomsi_homotopy *follow_to_allowance(const atoms_basis_pursuit *bp, atomsi_bp_scratch *s, atomsi_piece *piece, int64_t r)
{
    int64_t dim = bp->coder.dim;
    double *correlation = s->product + r * bp->coder.atoms;
    const double *x = piece->x + r * dim;
    linalg_dgemv(bp->coder.atoms, dim, bp->path.unit, dim, x, correlation);
    atomsi_homotopy *path = atomsi_homotopy_start(&bp->path, s->path, x, correlation);
    atomsi_homotopy_follow(path, &(atomsi_homotopy_goal){.sigma = BASIS_PURSUIT_WITHIN, .residual = -1});
    piece->record[r].iterations += (int32_t)path->steps;
    return path;
}

/* Whether s->candidate, as a dual vector, is feasible to the slack that a path's end has. Spoils the row's products. */
static int is_proof(const atoms_basis_pursuit *bp, atomsi_bp_scratch *s, int64_t r)
{
    double *product = s->product + r * bp->coder.atoms;
    linalg_dgemv(bp->coder.atoms, bp->coder.dim, bp->path.unit, bp->coder.dim, s->candidate, product);
    return excess(bp, product) <= 1 + 0.2 * bp->opts.tol;
}

/* Fewer atoms than coordinates that make up x to the last digits: whatever its values, x was made of them. */
static int is_exact(const atomsi_homotopy *path)
{
    return path->count < path->plan->dim && distance(path) < 1e-12;
}

/* Where x is a sparse combination and some noise, the path has spent atoms on the noise, and about half their values turn against the dual vector
 * at λ = 0. What is left without those that turned, then without all that is as small as the noise, is an answer while it is close enough to
 * x: the dual vector has its signs. If the first is none, the point of the path before the noise is, where every sign is right. */
static void clear_of_noise(const atoms_basis_pursuit *bp, atomsi_bp_scratch *s, atomsi_piece *piece, int64_t r, atomsi_homotopy *path)
{
    if (path->end != ATOMSI_HOMOTOPY_SPAN && path->end != ATOMSI_HOMOTOPY_SIGMA) return;
    if (path->end == ATOMSI_HOMOTOPY_SPAN && atomsi_homotopy_has_turned(path, noise_of(path))) {
        if (!take_trimmed(bp, piece, r, path, s->candidate, 0)) {
            path = follow_to_allowance(bp, s, piece, r);
            if (path->end != ATOMSI_HOMOTOPY_SIGMA) return;
            atomsi_homotopy_dual(path, s->candidate);
            if (!is_proof(bp, s, r)) return;
            take_answer(bp, piece, r, path, s->candidate);
        }
        s->gap[r] = distance(path) - s->sigma[r];
    } else if (path->end == ATOMSI_HOMOTOPY_SPAN && is_exact(path)) return;
    if (take_trimmed(bp, piece, r, path, s->candidate, BASIS_PURSUIT_WITHIN)) s->gap[r] = distance(path) - s->sigma[r];
}

/* One row. Where BP's path finds no end at λ → 0 (the rounding of x may have carried it out of the cone or the span of the
 * atoms, or it has so many nearly parallel ones that λ drowns in rounding), the path to well within the allowance is taken instead. */
static void follow_path(const atoms_basis_pursuit *bp, atomsi_bp_scratch *s, atomsi_piece *piece, int64_t r)
{
    double sigma = s->sigma[r];
    int tiny = sigma < BASIS_PURSUIT_ROUNDING / 3; /* as good as 0: σ would be met somewhere in the rounding of x */
    atomsi_homotopy_goal goal = {.sigma = tiny ? -1 : sigma, .residual = tiny ? BASIS_PURSUIT_ROUNDING : -1, .slack = 0.2 * bp->opts.tol};
    atomsi_homotopy *path = atomsi_homotopy_start(&bp->path, s->path, piece->x + r * bp->coder.dim, s->product + r * bp->coder.atoms);
    atomsi_homotopy_follow(path, &goal);
    piece->record[r].iterations = (int32_t)path->steps;
    if (path->end == ATOMSI_HOMOTOPY_LAMBDA && is_out_of_reach(path, sigma))
        piece->record[r].status = ATOMS_CODE_INFEASIBLE;
    else if (tiny && path->end != ATOMSI_HOMOTOPY_SPAN)
        path = follow_to_allowance(bp, s, piece, r);
    atomsi_homotopy_dual(path, s->candidate);
    take_answer(bp, piece, r, path, s->candidate);
    s->gap[r] = distance(path) - sigma;
    if (tiny) clear_of_noise(bp, s, piece, r, path);
}

/* The badness of row r's code and dual vector, of which the products are there; s->gap[r] is how far the code is from σ. */
static double badness_of_row(const atoms_basis_pursuit *bp, const atomsi_bp_scratch *s, const atomsi_piece *piece, int64_t r)
{
    int64_t base = r * bp->coder.capacity, dim = bp->coder.dim;
    double length = 0;
    for (int64_t e = base; e < base + piece->count[r]; e++) length += bp->weights[piece->index[e]] * fabs(piece->value[e]);
    return badness(bp, piece->x + r * dim, s->sigma[r], length, s->gap[r], piece->dual + r * dim, s->product + r * bp->coder.atoms);
}

/* Rows that are done go from s->row's list. What the paths say of themselves is not believed before all products with their dual vectors
 * were looked at. */
static void follow_paths(const atoms_basis_pursuit *bp, atomsi_bp_scratch *s, atomsi_piece *piece)
{
    int64_t atoms = bp->coder.atoms, dim = bp->coder.dim, left = 0;
    for (int64_t i = 0; i < s->rows; i++) follow_path(bp, s, piece, s->row[i]);
    if (!bp->factor) return;
    linalg_dgemm(LINALG_PLAIN, LINALG_TRANSPOSED, piece->rows, atoms, dim, 1, piece->dual, dim, bp->path.unit, dim, 0, s->product, atoms);
    for (int64_t i = 0; i < s->rows; i++) {
        int64_t r = s->row[i];
        s->gap[r] = badness_of_row(bp, s, piece, r);
        if (piece->record[r].status != ATOMS_CODE_INFEASIBLE && !(s->gap[r] <= 0.8 * bp->opts.tol)) s->row[left++] = (int32_t)r;
    }
    s->rows = left;
}

void atomsi_bp_solve(const atomsi_coder *coder, void *scratch, atomsi_piece *piece)
{
    const atoms_basis_pursuit *bp = (const atoms_basis_pursuit *)coder; /* its first member */
    base_layout layout = {.memory = scratch, .fits = true};
    atomsi_bp_scratch s;
    atomsi_bp_place(bp, &layout, &s);
    begin(bp, &s, piece);
    linalg_dgemm(LINALG_PLAIN, LINALG_TRANSPOSED, piece->rows, coder->atoms, coder->dim, 1, piece->x, coder->dim, coder->dictionary->unit, coder->dim, 0,
                 s.product, coder->atoms);
    for (int64_t r = 0; r < piece->rows; r++) piece->record[r].lambda_max = excess(bp, s.product + r * coder->atoms);
    if (bp->opts.solver != ATOMS_BASIS_PURSUIT_ADMM) follow_paths(bp, &s, piece);
    if (bp->factor && s.rows) atomsi_bp_admm(bp, &s, piece);
}
