/* The record of a code as it was rounded: the solver's dual vector is brought to |d_j·y| ≤ 1 over all atoms, and what it proves is set against
 * ‖a‖₁. Nothing the solver thought of its answer is believed, but that a σ is out of reach. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "../../linalg/cblas_gate.h"
#include "basis_pursuit_parts.h"

/* y / max_j |d_j·y|, a few roundings short of it, so that whoever computes the products again finds none above 1. A y that proves less than
 * 0 does becomes 0, and so does one whose products are rounding for the most part, which lengths of atoms that are far apart make. Returns y·x̂ − σ‖y‖. */
static double make_feasible(const atoms_basis_pursuit *bp, const double *x, double sigma, double most, double *y)
{
    int64_t dim = bp->coder.dim;
    double length = sqrt(linalg_ddot(dim, y, y)), bound = linalg_ddot(dim, x, y) - sigma * length, scale = 0;
    if (bound > 0) scale = most > 0 ? fmax(0, 1 - 4 * DBL_EPSILON * (1 + bp->longest * length / most)) / most : 1;
    for (int64_t i = 0; i < dim; i++) y[i] *= scale;
    return bound * scale;
}

static double support_violation(const atoms_basis_pursuit *bp, const atomsi_piece *piece, int64_t r)
{
    int64_t base = r * bp->coder.capacity, dim = bp->coder.dim;
    const atoms_dictionary *d = bp->coder.dictionary;
    double worst = 0;
    for (int64_t e = base; e < base + piece->count[r]; e++) {
        int32_t j = piece->index[e];
        double product = linalg_ddot(dim, d->unit + j * dim, piece->dual + r * dim) * d->length[j];
        worst = fmax(worst, fabs((piece->value[e] > 0 ? 1 : -1) - product));
    }
    return worst;
}

static void judge_row(const atoms_basis_pursuit *bp, atomsi_piece *piece, int64_t r, double most, double outside)
{
    enum { NANO = 1000000000 };
    int64_t base = r * bp->coder.capacity, dim = bp->coder.dim;
    atoms_code_record *record = piece->record + r;
    double norm = piece->norm[r], sigma = bp->opts.sigma > 0 ? bp->opts.sigma : bp->opts.sigma_rel * norm, length = 0;
    for (int64_t e = base; e < base + piece->count[r]; e++) length += bp->weights[piece->index[e]] * fabs(piece->value[e]);
    record->objective = length * norm;
    record->gap = record->objective - make_feasible(bp, piece->x + r * dim, sigma / norm, most, piece->dual + r * dim) * norm;
    record->kkt = support_violation(bp, piece, r);
    record->lambda *= norm;
    record->lambda_max *= norm;
    if (piece->count[r] && outside >= most * (1 - 1.0 / NANO)) record->flags |= ATOMS_CODE_NOT_UNIQUE;
    int feasible = record->residual <= sigma + BASIS_PURSUIT_ALLOWANCE * norm;
    if (feasible && record->gap <= bp->opts.tol * record->objective) record->status = ATOMS_CODE_CONVERGED;
    else if (feasible || record->status != ATOMS_CODE_INFEASIBLE) record->status = ATOMS_CODE_STOPPED;
}

void atomsi_bp_judge(const atomsi_coder *coder, void *scratch, atomsi_piece *piece)
{
    const atoms_basis_pursuit *bp = (const atoms_basis_pursuit *)coder;
    atomsi_maximum maxima[2] = {{.slope = coder->dictionary->length, .one_sided = coder->nonnegative},
                                {.slope = coder->dictionary->length, .one_sided = coder->nonnegative, .outside = 1}};
    double *found = scratch; /* 2 × rows: less than the product's place */
    atomsi_piece duals = *piece;
    duals.residual = piece->dual;
    atomsi_find_maxima(coder, &duals, 2, maxima, found);
    for (int64_t r = 0; r < piece->rows; r++)
        if (piece->norm[r] > 0) judge_row(bp, piece, r, found[r], found[piece->rows + r]);
}
