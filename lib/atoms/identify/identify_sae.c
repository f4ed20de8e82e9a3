/* The encoder of the theorem as an SAE. The dictionary holds u_i = L⁻¹d_i/‖d_i‖_S with S⁻¹ = L Lᵀ, so S d_i/‖d_i‖²_S = L⁻ᵀu_i/‖d_i‖_S, and d_i = ‖d_i‖_S L u_i: a
 * triangular solve and a triangular product over blocks of atoms, in f64, rounded to f32 once. */
#include <math.h>
#include <string.h>

#include "../../linalg/cblas_gate.h"
#include "identify_internal.h"

enum { BLOCK = 64 };

typedef struct encoder {
    const atoms_dictionary *d;
    float *w_enc;    /* dim × atoms */
    float *w_dec;    /* atoms × dim */
    float *threshold;
    double *block;   /* a worker: BLOCK × dim */
} encoder;

static void make_block(void *arg, int64_t task, int32_t worker)
{
    const encoder *e = arg;
    const atoms_dictionary *d = e->d;
    int64_t first = task * BLOCK, n = base_min_i64(BLOCK, d->atoms - first), dim = d->dim;
    double *block = e->block + worker * BLOCK * dim;
    memcpy(block, d->unit + first * dim, (size_t)(n * dim) * sizeof *block);
    if (d->factor) linalg_dtrsm(true, LINALG_PLAIN, n, dim, d->factor, dim, block, dim);
    for (int64_t r = 0; r < n; r++)
        for (int64_t k = 0; k < dim; k++) e->w_enc[k * d->atoms + first + r] = (float)(block[r * dim + k] / d->length[first + r]);
    memcpy(block, d->unit + first * dim, (size_t)(n * dim) * sizeof *block);
    if (d->factor) linalg_dtrmm(true, LINALG_TRANSPOSED, n, dim, d->factor, dim, block, dim);
    for (int64_t r = 0; r < n; r++)
        for (int64_t k = 0; k < dim; k++) e->w_dec[(first + r) * dim + k] = (float)(block[r * dim + k] * d->length[first + r]);
}

static atoms_status make(encoder *e, double tau, atoms_sae **out)
{
    const atoms_dictionary *d = e->d;
    atoms_context *context = d->context;
    int64_t elements = d->atoms * d->dim; /* fits: its doubles are in memory */
    e->w_enc = atomsi_alloc(context, elements, sizeof *e->w_enc);
    e->w_dec = atomsi_alloc(context, elements, sizeof *e->w_dec);
    e->threshold = atomsi_alloc(context, d->atoms, sizeof *e->threshold);
    e->block = atomsi_alloc(context, (int64_t)atoms_context_threads(context) * BLOCK * d->dim, sizeof *e->block);
    if (!e->w_enc || !e->w_dec || !e->threshold || !e->block) return ATOMS_E_MEMORY;
    atomsi_parallel_for(context, base_blocks(d->atoms, BLOCK), make_block, e);
    for (int64_t i = 0; i < d->atoms; i++) e->threshold[i] = (float)(tau / d->length[i]);
    atoms_sae_weights weights;
    atoms_status status = atoms_sae_weights_init(&weights, sizeof weights);
    weights.w_enc = atoms_matrix_f32(e->w_enc, d->dim, d->atoms);
    weights.w_dec = atoms_matrix_f32(e->w_dec, d->atoms, d->dim);
    weights.threshold = e->threshold;
    return status ? status : atoms_sae_create(context, &weights, out);
}

atoms_status atoms_identify_sae(const atoms_dictionary *dictionary, double tau, atoms_sae **out)
{
    if (!out) return atomsi_fail(dictionary ? dictionary->context : NULL, ATOMS_E_ARGUMENT, "out is NULL");
    *out = NULL;
    if (!dictionary) return ATOMS_E_ARGUMENT;
    if (!(tau > 0 && isfinite(tau))) return atomsi_fail(dictionary->context, ATOMS_E_ARGUMENT, "tau must be positive and finite");
    encoder e = {.d = dictionary};
    atoms_status status = make(&e, tau, out);
    atomsi_free(dictionary->context, e.w_enc);
    atomsi_free(dictionary->context, e.w_dec);
    atomsi_free(dictionary->context, e.threshold);
    atomsi_free(dictionary->context, e.block);
    return status;
}
