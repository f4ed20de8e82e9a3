/* Basis pursuit plans: what the caller asked for, checked, and what all signals share. */
#include <math.h>

#include "../../linalg/cblas_gate.h"
#include "../../linalg/lapacke_gate.h"
#include "basis_pursuit_parts.h"

enum { PIECE_ROWS = 32, ADMM_LIMIT = 10000 };

static const int64_t largest_gram = (int64_t)256 << 20;

static const atoms_basis_pursuit_opts defaults = {.struct_size = sizeof defaults, .tol = 1e-6};

atoms_status atoms_basis_pursuit_opts_init(atoms_basis_pursuit_opts *opts, size_t size)
{
    return atomsi_struct_init(opts, size, &defaults, sizeof defaults);
}

static atoms_status fail_number(atoms_context *context, const char *name, double value, const char *must)
{
    char text[BASE_NUMBER_TEXT_MAX];
    return atomsi_fail(context, ATOMS_E_ARGUMENT, "opts.%s is %s and must be %s", name, base_number_text(text, value, 6), must);
}

static atoms_status check_options(atoms_context *context, const atoms_basis_pursuit_opts *o)
{
    if (o->solver < ATOMS_BASIS_PURSUIT_AUTO || o->solver > ATOMS_BASIS_PURSUIT_ADMM)
        return atomsi_fail(context, ATOMS_E_ARGUMENT, "opts.solver is %d: there is no such solver", (int)o->solver);
    if (o->nonnegative != 0 && o->nonnegative != 1)
        return atomsi_fail(context, ATOMS_E_ARGUMENT, "opts.nonnegative is %d and must be 0 or 1", (int)o->nonnegative);
    if (o->certify & ~(ATOMS_CERTIFY_FUCHS | ATOMS_CERTIFY_ERC))
        return atomsi_fail(context, ATOMS_E_ARGUMENT, "opts.certify is %d: there is no such certificate", (int)o->certify);
    if (!(o->sigma >= 0 && isfinite(o->sigma))) return fail_number(context, "sigma", o->sigma, ">= 0 and finite");
    if (!(o->sigma_rel >= 0 && isfinite(o->sigma_rel))) return fail_number(context, "sigma_rel", o->sigma_rel, ">= 0 and finite");
    if (o->sigma > 0 && o->sigma_rel > 0) return atomsi_fail(context, ATOMS_E_ARGUMENT, "opts.sigma and opts.sigma_rel are both given: give one");
    if (!(o->tol > 0 && o->tol < 1)) return fail_number(context, "tol", o->tol, "> 0 and < 1");
    if (o->max_iterations < 0 || o->max_iterations > INT32_MAX)
        return atomsi_fail(context, ATOMS_E_ARGUMENT, "opts.max_iterations is %lld and must be 0 ... %d", (long long)o->max_iterations, INT32_MAX);
    return ATOMS_OK;
}

static atoms_status set_weights(atoms_basis_pursuit *bp)
{
    const double *length = bp->coder.dictionary->length;
    if (!(bp->weights = atomsi_alloc(bp->coder.context, bp->coder.atoms, sizeof *bp->weights))) return ATOMS_E_MEMORY;
    double shortest = INFINITY;
    for (int64_t j = 0; j < bp->coder.atoms; j++) {
        bp->weights[j] = 1 / length[j];
        bp->start_penalty += 0.2 * length[j] / (double)bp->coder.atoms; /* a multiplier is about a code's entry, its variable at most ŵ */
        shortest = fmin(shortest, length[j]);
        bp->longest = fmax(bp->longest, length[j]);
    }
    if (!(bp->longest / shortest < 1e30 && isfinite(1 / shortest)))
        return atomsi_fail(bp->coder.context, ATOMS_E_ARGUMENT, "the lengths of the atoms are too far apart");
    return ATOMS_OK;
}

/* UᵀU is D Dᵀ of unit atoms. BPDN has a second variable, equal to y, which adds 1 to the diagonal. */
static atoms_status set_factor(atoms_basis_pursuit *bp)
{
    atoms_context *context = bp->coder.context;
    int64_t dim = bp->coder.dim, square;
    if (!base_mul_i64(dim, dim, &square)) return atomsi_fail(context, ATOMS_E_OVERFLOW, "the dimension %lld is too large", (long long)dim);
    if (!(bp->factor = atomsi_alloc_zero(context, square, sizeof *bp->factor))) return ATOMS_E_MEMORY;
    linalg_dsyrk(dim, bp->coder.atoms, 1, bp->coder.dictionary->unit, dim, bp->factor, dim);
    bp->shift = bp->opts.sigma > 0 || bp->opts.sigma_rel > 0;
    bp->ridge = 1e-6 * (double)bp->coder.atoms / (double)dim;
    for (int64_t i = 0; i < dim; i++) bp->factor[i * dim + i] += bp->shift + bp->ridge;
    base_outcome outcome = linalg_cholesky(dim, bp->factor);
    return outcome ? atomsi_fail_outcome(context, outcome, "factoring D D^T") : ATOMS_OK;
}

static atoms_status plan(atoms_basis_pursuit *bp)
{
    atomsi_coder *coder = &bp->coder;
    const atoms_dictionary *d = coder->dictionary;
    int64_t gram;
    atoms_status status = set_weights(bp);
    if (!status && bp->opts.solver != ATOMS_BASIS_PURSUIT_ADMM && base_mul_i64(d->atoms, d->atoms, &gram) && gram <= largest_gram / 8)
        status = atomsi_homotopy_gram(coder->context, d, &bp->gram);
    if (!status && bp->opts.solver != ATOMS_BASIS_PURSUIT_HOMOTOPY) status = set_factor(bp);
    if (status) return status;
    coder->piece_rows = PIECE_ROWS;
    coder->capacity = base_min_i64(d->atoms, d->dim);
    coder->nonnegative = bp->opts.nonnegative;
    coder->certify = bp->opts.certify;
    coder->has_dual = 1;
    coder->weights = bp->weights;
    coder->inverse_weights = d->length;
    coder->solve = atomsi_bp_solve;
    coder->judge = atomsi_bp_judge;
    bp->limit = bp->opts.max_iterations ? bp->opts.max_iterations : ADMM_LIMIT;
    bp->path = (atomsi_homotopy_plan){.kernels = coder->context->kernels, .atoms = d->atoms, .dim = d->dim, .unit = d->unit, .gram = bp->gram,
                                      .weights = bp->weights, .nonnegative = bp->opts.nonnegative, .capacity = coder->capacity,
                                      .max_steps = bp->opts.max_iterations};
    base_layout layout = {.fits = true};
    atomsi_bp_scratch scratch;
    atomsi_bp_place(bp, &layout, &scratch);
    if (!layout.fits) return atomsi_fail(coder->context, ATOMS_E_OVERFLOW, "%lld atoms are too many", (long long)d->atoms);
    coder->scratch_bytes = (int64_t)layout.used;
    return ATOMS_OK;
}

atoms_status atoms_basis_pursuit_create(atoms_context *context, const atoms_dictionary *dictionary, const atoms_basis_pursuit_opts *opts,
                                        atoms_basis_pursuit **out)
{
    if (!out) return atomsi_fail(context, ATOMS_E_ARGUMENT, "out is NULL");
    *out = NULL;
    if (!context) return ATOMS_E_ARGUMENT;
    if (!dictionary) return atomsi_fail(context, ATOMS_E_ARGUMENT, "dictionary is NULL");
    atoms_basis_pursuit_opts o;
    atoms_status status = atomsi_read_options(context, &o, sizeof o, &defaults, opts, "atoms_basis_pursuit_opts");
    if (!status) status = check_options(context, &o);
    if (status) return status;
    atoms_basis_pursuit *bp = atomsi_alloc(context, 1, sizeof *bp);
    if (!bp) return ATOMS_E_MEMORY;
    *bp = (atoms_basis_pursuit){.opts = o};
    if ((status = atomsi_coder_init(&bp->coder, context, dictionary, "basis pursuit"))) {
        atomsi_free(context, bp);
        return status;
    }
    if ((status = plan(bp))) atoms_basis_pursuit_destroy(bp);
    else *out = bp;
    return status;
}

void atoms_basis_pursuit_destroy(atoms_basis_pursuit *bp)
{
    if (!bp) return;
    atoms_context *context = bp->coder.context;
    atomsi_free(context, bp->weights);
    atomsi_free(context, bp->gram);
    atomsi_free(context, bp->factor);
    atomsi_coder_release(&bp->coder);
    atomsi_free(context, bp);
}
