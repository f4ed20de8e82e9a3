/* The model on raw inputs. With u = s·W x: z = e·(s W x − p) + b, so the encoder row is Wᵀe and, with latents in units of the input, b_enc, θ and
 * b_dec are divided by s (the fold of arXiv 2408.05147, appendix A); the decoder row is W⁻¹d. p is folded into b_enc; decoder rows are brought
 * to length 1 last. Sums are f64. */
#include <string.h>

#include "../../linalg/cblas_gate.h"
#include "../sae/sae_internal.h"
#include "train_internal.h"

typedef struct fold {
    const atoms_trainer *trainer;
    const double *root; /* symmetric */
    const float *from;
    float *to;
    double *work; /* per worker: 2 × UPDATE_LATENTS × d */
} fold;

static void fold_block(void *arg, int64_t block, int32_t worker)
{
    const fold *f = arg;
    int64_t d = f->trainer->d, first = block * UPDATE_LATENTS, rows = base_min_i64(UPDATE_LATENTS, f->trainer->width - first);
    double *wide = f->work + (int64_t)worker * 2 * UPDATE_LATENTS * d, *folded = wide + UPDATE_LATENTS * d;
    for (int64_t i = 0; i < rows * d; i++) wide[i] = f->from[first * d + i];
    linalg_dgemm(LINALG_PLAIN, LINALG_PLAIN, rows, d, d, 1, wide, d, f->root, d, 0, folded, d);
    for (int64_t i = 0; i < rows * d; i++) f->to[first * d + i] = (float)folded[i];
}

/* to := from · root, row by row; a copy where there is no whitening. */
static void fold_rows(const atoms_trainer *t, const float *from, const double *root, double *work, float *to)
{
    fold f = {t, root, from, to, work};
    if (root) atomsi_parallel_for(t->context, base_blocks(t->width, UPDATE_LATENTS), fold_block, &f);
    else memcpy(to, from, (size_t)(t->width * t->d) * sizeof *to);
}

static void fold_biases(const atoms_trainer *t, atoms_sae *sae)
{
    const float *b_dec = t->parts[PART_B_DEC].value, *encoder = t->parts[PART_ENCODER].value;
    const double *back = t->whitening.back;
    for (int64_t i = 0; i < t->width; i++) {
        double shift = 0;
        if (t->opts.subtract_b_dec)
            for (int64_t j = 0; j < t->d; j++) shift += (double)b_dec[j] * encoder[i * t->d + j];
        sae->b_enc[i] = (float)((t->parts[PART_B_ENC].value[i] - shift) / t->input_scale);
        sae->threshold[i] = (float)(t->parts[PART_THRESHOLD].value[i] / t->input_scale);
    }
    for (int64_t j = 0; j < t->d; j++) {
        double sum = back ? 0 : b_dec[j];
        if (back)
            for (int64_t k = 0; k < t->d; k++) sum += back[j * t->d + k] * b_dec[k];
        sae->b_dec[j] = (float)(sum / t->input_scale);
    }
}

static atoms_status fold_into(const atoms_trainer *t, atoms_sae *sae)
{
    double *work = NULL;
    if (t->whitening.forth) {
        work = atomsi_alloc(t->context, atoms_context_threads(t->context) * 2 * UPDATE_LATENTS * t->d, sizeof *work);
        if (!work) return ATOMS_E_MEMORY;
    }
    fold_rows(t, t->parts[PART_ENCODER].value, t->whitening.forth, work, sae->encoder);
    fold_rows(t, t->parts[PART_DECODER].value, t->whitening.back, work, sae->decoder);
    fold_biases(t, sae);
    atomsi_free(t->context, work);
    return atomsi_sae_fold(sae, NULL, 1, 1);
}

atoms_status atoms_trainer_snapshot(const atoms_trainer *t, atoms_sae **out)
{
    if (!out) return t ? atomsi_fail(t->context, ATOMS_E_ARGUMENT, "out is NULL") : ATOMS_E_ARGUMENT;
    *out = NULL;
    if (!t) return ATOMS_E_ARGUMENT;
    if (!t->initialised) return atomsi_fail(t->context, ATOMS_E_STATE, "the trainer has seen no rows yet");
    atoms_sae *sae;
    atoms_status status = atomsi_sae_new(t->context, t->d, t->width, &sae);
    if (status) return status;
    status = fold_into(t, sae);
    if (!status && !t->whitening.forth && t->opts.decoder == ATOMS_DECODER_UNIT) {
        *out = sae;
        return ATOMS_OK;
    }
    if (!status) status = atoms_sae_unit_decoder(sae, out);
    atoms_sae_destroy(sae);
    return status;
}
