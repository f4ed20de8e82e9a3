/* Lasso plans: what the caller asked for, checked and brought to unit scale once. */
#include <math.h>
#include <string.h>

#include "../homotopy/homotopy_internal.h"
#include "lasso_parts.h"

static const atoms_lasso_opts defaults = {.struct_size = sizeof defaults, .polish = 1, .lambda = -1, .lambda_rel = 0.1, .tol = 1e-6};

atoms_status atoms_lasso_opts_init(atoms_lasso_opts *opts, size_t size)
{
    return atomsi_struct_init(opts, size, &defaults, sizeof defaults);
}

static atoms_status fail_number(atoms_context *context, const char *name, double value, const char *must)
{
    char text[BASE_NUMBER_TEXT_MAX];
    base_number_text(text, value, 6);
    return atomsi_fail(context, ATOMS_E_ARGUMENT, "%s is %s and must be %s", name, text, must);
}

static atoms_status check_weights(atoms_context *context, const double *weights, int64_t atoms)
{
    for (int64_t j = 0; weights && j < atoms; j++)
        if (!(weights[j] > 0 && isfinite(weights[j]))) {
            char text[BASE_NUMBER_TEXT_MAX];
            base_number_text(text, weights[j], 6);
            return atomsi_fail(context, ATOMS_E_ARGUMENT, "opts.weights: weight %lld is %s and must be > 0 and finite", (long long)j, text);
        }
    return ATOMS_OK;
}

static atoms_status check_options(atoms_context *context, const atoms_lasso_opts *o)
{
    if (o->solver < ATOMS_LASSO_CD || o->solver > ATOMS_LASSO_ISTA)
        return atomsi_fail(context, ATOMS_E_ARGUMENT, "opts.solver is %d: there is no such solver", (int)o->solver);
    if (o->nonnegative != 0 && o->nonnegative != 1)
        return atomsi_fail(context, ATOMS_E_ARGUMENT, "opts.nonnegative is %d and must be 0 or 1", (int)o->nonnegative);
    if (o->polish != 0 && o->polish != 1) return atomsi_fail(context, ATOMS_E_ARGUMENT, "opts.polish is %d and must be 0 or 1", (int)o->polish);
    if (o->certify & ~(ATOMS_CERTIFY_FUCHS | ATOMS_CERTIFY_ERC))
        return atomsi_fail(context, ATOMS_E_ARGUMENT, "opts.certify is %d: there is no such certificate", (int)o->certify);
    if (o->reserved) return atomsi_fail(context, ATOMS_E_ARGUMENT, "opts.reserved is %d and must be 0", (int)o->reserved);
    if (o->lambda == 0) /* the reason is worth its words: it is what people try first */
        return atomsi_fail(context, ATOMS_E_ARGUMENT, "opts.lambda is 0 and must be > 0: without a penalty there is no sparse answer; see basis pursuit");
    if (o->lambda != -1 && !(o->lambda > 0 && isfinite(o->lambda)))
        return fail_number(context, "opts.lambda", o->lambda, "> 0 and finite, or -1 where lambda_rel is meant");
    if (!(o->lambda_rel > 0 && isfinite(o->lambda_rel))) return fail_number(context, "opts.lambda_rel", o->lambda_rel, "> 0 and finite");
    if (!(o->ridge >= 0 && isfinite(o->ridge))) return fail_number(context, "opts.ridge", o->ridge, ">= 0 and finite");
    if (!(o->tol > 0 && o->tol < 1)) return fail_number(context, "opts.tol", o->tol, "> 0 and < 1");
    if (o->max_iterations < 0 || o->max_iterations > INT32_MAX)
        return atomsi_fail(context, ATOMS_E_ARGUMENT, "opts.max_iterations is %lld and must be 0 ... %d", (long long)o->max_iterations, INT32_MAX);
    if (o->gram_bytes < -1) return atomsi_fail(context, ATOMS_E_ARGUMENT, "opts.gram_bytes is %lld and must be >= -1", (long long)o->gram_bytes);
    return ATOMS_OK;
}

static atoms_status allocate(atoms_lasso *lasso)
{
    atoms_context *context = lasso->coder.context;
    int64_t n = lasso->coder.atoms;
    if (!(lasso->weight = atomsi_alloc(context, n, sizeof *lasso->weight)) || !(lasso->slope = atomsi_alloc(context, n, sizeof *lasso->slope)) ||
        !(lasso->weight32 = atomsi_alloc(context, n, sizeof *lasso->weight32)) || !(lasso->slope32 = atomsi_alloc(context, n, sizeof *lasso->slope32)) ||
        !(lasso->shrink32 = atomsi_alloc(context, n, sizeof *lasso->shrink32)))
        return ATOMS_E_MEMORY;
    if (lasso->opts.ridge > 0 && !(lasso->ridge = atomsi_alloc(context, n, sizeof *lasso->ridge))) return ATOMS_E_MEMORY;
    return ATOMS_OK;
}

static atoms_status to_unit_scale(atoms_lasso *lasso, const double *weights)
{
    const double *length = lasso->coder.dictionary->length;
    lasso->flattest = INFINITY;
    for (int64_t j = 0; j < lasso->coder.atoms; j++) {
        double w = weights ? weights[j] : 1, ridge = lasso->opts.ridge / length[j] / length[j];
        lasso->weight[j] = w / length[j];
        lasso->slope[j] = length[j] / w;
        lasso->weight32[j] = (float)lasso->weight[j];
        lasso->slope32[j] = (float)lasso->slope[j];
        lasso->shrink32[j] = (float)(1 / (1 + ridge));
        if (lasso->ridge) lasso->ridge[j] = ridge;
        if (!(lasso->weight32[j] > 0 && isfinite(lasso->weight32[j]) && lasso->slope32[j] > 0 && isfinite(lasso->slope32[j]) && lasso->shrink32[j] > 0))
            return atomsi_fail(lasso->coder.context, ATOMS_E_ARGUMENT, "atom %lld: its length, weight and opts.ridge are too far apart for f32",
                               (long long)j);
        lasso->steepest = fmax(lasso->steepest, lasso->slope[j]);
        lasso->flattest = fmin(lasso->flattest, lasso->slope[j]);
    }
    return ATOMS_OK;
}

/* The Gram matrix with rows of whole vectors. */
static atoms_status take_gram(atoms_lasso *lasso)
{
    atoms_context *context = lasso->coder.context;
    int64_t n = lasso->coder.atoms, stride = base_blocks(n, 16) * 16, elements;
    float *gram;
    atoms_status status = atomsi_gram_create(&lasso->coder, &gram);
    if (status) return status;
    if (stride == n) {
        lasso->gram = gram;
    } else if (!base_mul_i64(n, stride, &elements)) {
        status = atomsi_fail(context, ATOMS_E_OVERFLOW, "the Gram matrix of %lld atoms is too large", (long long)n);
    } else if (!(lasso->gram = atomsi_alloc_zero(context, elements, sizeof *lasso->gram))) {
        status = ATOMS_E_MEMORY;
    } else {
        for (int64_t j = 0; j < n; j++) memcpy(lasso->gram + j * stride, gram + j * n, (size_t)n * sizeof *gram);
    }
    if (lasso->gram != gram) atomsi_free(context, gram);
    lasso->gram_stride = stride;
    return status;
}

static atoms_status plan_descent(atoms_lasso *lasso)
{
    enum { WHOLE = 512, GRAM = 4096, WIDEST = 2048, LIMIT = 10000, SWEEPS_ON_ALL = 300, SWEEPS_ON_SETS = 1500, MOST_ROWS = 128, LEAST_ROWS = 64, PRODUCTS = 1 << 18 };
    atomsi_coder *coder = &lasso->coder;
    int64_t n = coder->atoms, given = lasso->opts.gram_bytes;
    bool want = given > 0 ? atomsi_gram_fits(coder, given) : !given && n <= GRAM; /* up to GRAM atoms the matrix costs less than a thousand signals' own products */
    lasso->whole = want && n <= WHOLE;
    lasso->widest = base_min_i64(n, WIDEST);
    lasso->hands_over = lasso->opts.polish && !lasso->opts.max_iterations;
    lasso->limit = !lasso->hands_over ? LIMIT : lasso->whole ? SWEEPS_ON_ALL : SWEEPS_ON_SETS; /* a path costs as much */
    coder->capacity = lasso->widest;
    coder->piece_rows = base_max_i64(LEAST_ROWS, base_min_i64(PRODUCTS / n, MOST_ROWS));
    coder->solve = atomsi_lasso_solve_descent;
    atoms_status status = want ? take_gram(lasso) : ATOMS_OK;
    if (!status && !atomsi_lasso_descent_size(lasso, &coder->scratch_bytes))
        status = atomsi_fail(coder->context, ATOMS_E_OVERFLOW, "%lld atoms are too many", (long long)n);
    return status;
}

static atoms_status plan_proximal(atoms_lasso *lasso)
{
    enum { LIMIT_FISTA = 5000, LIMIT_ISTA = 50000, MOST_ROWS = 128, LEAST_ROWS = 16, PRODUCTS = 1 << 18 };
    atomsi_coder *coder = &lasso->coder;
    double lipschitz;
    lasso->limit = lasso->opts.solver == ATOMS_LASSO_FISTA ? LIMIT_FISTA : LIMIT_ISTA;
    coder->capacity = coder->atoms;
    coder->piece_rows = base_max_i64(LEAST_ROWS, base_min_i64(PRODUCTS / coder->atoms, MOST_ROWS));
    coder->solve = atomsi_lasso_solve_proximal;
    if (!(lasso->rate32 = atomsi_alloc(coder->context, coder->atoms, sizeof *lasso->rate32))) return ATOMS_E_MEMORY;
    atoms_status status = atomsi_lasso_lipschitz(lasso, &lipschitz);
    if (status) return status;
    for (int64_t j = 0; j < coder->atoms; j++) {
        double length = coder->dictionary->length[j];
        lasso->rate32[j] = (float)(length * length / (lipschitz + lasso->opts.ridge));
    }
    if (!atomsi_lasso_proximal_size(lasso, &coder->scratch_bytes))
        return atomsi_fail(coder->context, ATOMS_E_OVERFLOW, "%lld atoms are too many", (long long)coder->atoms);
    return ATOMS_OK;
}

static atoms_status plan_lars(atoms_lasso *lasso)
{
    enum { GRAM_ATOMS = 2304, ROWS = 32 }; /* the Gram matrix is in f64 here */
    atomsi_coder *coder = &lasso->coder;
    int64_t given = lasso->opts.gram_bytes;
    coder->capacity = lasso->ridge ? coder->atoms : base_min_i64(coder->atoms, coder->dim);
    coder->piece_rows = ROWS;
    coder->solve = atomsi_lasso_solve_lars;
    if (given > 0 ? atomsi_gram_fits(coder, given) : !given && coder->atoms <= GRAM_ATOMS) {
        atoms_status status = atomsi_homotopy_gram(coder->context, coder->dictionary, &lasso->gram64);
        if (status) return status;
    }
    if (!atomsi_lasso_lars_size(lasso, coder->piece_rows, &coder->scratch_bytes))
        return atomsi_fail(coder->context, ATOMS_E_OVERFLOW, "%lld atoms are too many", (long long)coder->atoms);
    return ATOMS_OK;
}

static atoms_status plan_solver(atoms_lasso *lasso)
{
    switch (lasso->opts.solver) {
    case ATOMS_LASSO_LARS: return plan_lars(lasso);
    case ATOMS_LASSO_CD: return plan_descent(lasso);
    default: return plan_proximal(lasso);
    }
}

static atoms_status plan(atoms_lasso *lasso, const double *weights)
{
    atomsi_coder *coder = &lasso->coder;
    coder->certify = lasso->opts.certify;
    coder->nonnegative = lasso->opts.nonnegative;
    coder->has_dual = 1;
    coder->judge = atomsi_lasso_judge;
    lasso->goal = 0.5 * lasso->opts.tol;
    atoms_status status = allocate(lasso);
    if (!status) status = to_unit_scale(lasso, weights);
    if (status) return status;
    coder->weights = lasso->weight;
    coder->inverse_weights = lasso->slope;
    status = plan_solver(lasso);
    if (lasso->opts.max_iterations) lasso->limit = lasso->opts.max_iterations;
    return status;
}

atoms_status atoms_lasso_create(atoms_context *context, const atoms_dictionary *dictionary, const atoms_lasso_opts *opts, atoms_lasso **out)
{
    if (!out) return atomsi_fail(context, ATOMS_E_ARGUMENT, "out is NULL");
    *out = NULL;
    if (!context) return ATOMS_E_ARGUMENT;
    if (!dictionary) return atomsi_fail(context, ATOMS_E_ARGUMENT, "dictionary is NULL");
    atoms_lasso_opts o;
    atoms_status status = atomsi_read_options(context, &o, sizeof o, &defaults, opts, "atoms_lasso_opts");
    if (!status) status = check_options(context, &o);
    if (!status) status = check_weights(context, o.weights, dictionary->atoms);
    if (status) return status;
    atoms_lasso *lasso = atomsi_alloc(context, 1, sizeof *lasso);
    if (!lasso) return ATOMS_E_MEMORY;
    *lasso = (atoms_lasso){.opts = o};
    lasso->opts.weights = NULL;
    if ((status = atomsi_coder_init(&lasso->coder, context, dictionary, "lasso"))) {
        atomsi_free(context, lasso);
        return status;
    }
    if ((status = plan(lasso, o.weights))) atoms_lasso_destroy(lasso);
    else *out = lasso;
    return status;
}

void atoms_lasso_destroy(atoms_lasso *lasso)
{
    if (!lasso) return;
    atoms_context *context = lasso->coder.context;
    void *blocks[] = {lasso->weight, lasso->slope, lasso->ridge, lasso->weight32, lasso->slope32, lasso->shrink32, lasso->gram, lasso->gram64,
                      lasso->rate32};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) atomsi_free(context, blocks[i]);
    atomsi_coder_release(&lasso->coder);
    atomsi_free(context, lasso);
}
