/* The inside of an SAE handle, and how one is made: atomsi_sae_new, fill the arrays with weights as the source has them,
 * atomsi_sae_describe_as, atomsi_sae_fold. After that it never changes. */
#ifndef ATOMSI_SAE_H
#define ATOMSI_SAE_H

#include <atoms/sae.h>

#include "../context/context_internal.h"

struct atoms_sae {
    atoms_context *context;
    int64_t d_in, d_sae;
    float *encoder, *decoder; /* d_sae × d_in, packed: row i belongs to latent i */
    float *b_enc, *threshold; /* d_sae */
    float *b_dec;             /* d_in */
    char *architecture, *metadata;
    double input_scale, output_scale;
    int32_t format, input_bias_folded, unit_decoder;
};

/* Memory of an SAE; biases and thresholds are 0, encoder and decoder are not set, architecture "jumprelu", metadata "{}".
 * Errors: SHAPE, OVERFLOW, MEMORY. */
atoms_status atomsi_sae_new(atoms_context *context, int64_t d_in, int64_t d_sae, atoms_sae **out);

/* Sets architecture and metadata (JSON object text), copied. Errors: MEMORY. */
atoms_status atomsi_sae_describe_as(atoms_sae *sae, const char *architecture, const char *metadata);

/* Turns the filled-in weights of z = (input_scale·x − input_bias) W_enc + b_enc, x̂ = (f W_dec + b_dec)/output_scale into the
 * canonical form, in f64, latent values unchanged. input_bias (d_in) may be NULL, or sae->b_dec. Errors: NOT_FINITE (tensor, latent). */
atoms_status atomsi_sae_fold(atoms_sae *sae, const float *input_bias, double input_scale, double output_scale);

/* Sets sae->unit_decoder: every decoder row has length 1 within 1e-5. */
void atomsi_sae_measure_decoder(atoms_sae *sae);

/* Transposing: `rows` is d_sae × d_in as a handle keeps encoder and decoder; these move its columns first … first + count − 1 (`panel`,
 * count × d_sae) into and out of it. A panel of ATOMSI_SAE_PANEL columns touches each cache line of `rows` once. */
enum { ATOMSI_SAE_PANEL = 16 };
void atomsi_sae_put_panel(const atoms_sae *sae, float *rows, int64_t first, int64_t count, const float *panel);
void atomsi_sae_get_panel(const atoms_sae *sae, const float *rows, int64_t first, int64_t count, float *panel);

#endif
