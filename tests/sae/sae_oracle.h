/* Random SAEs and their forward pass in plain f64 loops, unfolded: what the library must reproduce. */
#ifndef SAE_ORACLE_H
#define SAE_ORACLE_H

#include <atoms/atoms.h>

typedef struct sae_case {
    int64_t d_in, d_sae;
    float *w_enc, *w_dec; /* d_in × d_sae, d_sae × d_in */
    float *b_enc, *threshold, *b_dec, *input_bias;
    double input_scale, output_scale;
} sae_case;

/* Everything random; input_bias too, scales 1. density: about this share of latents fires on standard normal inputs. */
sae_case sae_case_make(uint64_t seed, int64_t d_in, int64_t d_sae, double density);
void sae_case_free(sae_case *c);

/* The same as a description for atoms_sae_create; with_bias: input_bias is set. */
atoms_sae_weights sae_case_weights(const sae_case *c, int with_bias);
atoms_sae *sae_case_create(atoms_context *context, const sae_case *c, int with_bias);

/* z (d_sae) of one row, in f64; p = input_bias where with_bias is set. */
void oracle_preactivations(const sae_case *c, int with_bias, const double *x, double *z);

/* x̂ (d_in) of one row, in f64, from the oracle's own f. */
void oracle_reconstruction(const sae_case *c, int with_bias, const double *x, double *out);

/* rows × cols standard normal values. */
float *random_rows(uint64_t seed, int64_t rows, int64_t cols);

/* Compares one row of codes with the oracle: the same support, except where z is within rounding of θ (slack·‖x‖‖w‖), values near
 * within `tolerance` of ‖x‖‖w‖. Returns how many values were compared; fails the test otherwise. */
int64_t oracle_check_row(const sae_case *c, int with_bias, const double *x, const atoms_codes_view *codes, int64_t row, double tolerance);

/* A work for max_rows rows in malloc'ed memory, put at *memory for free(). */
atoms_sae_work *make_work(const atoms_sae *sae, int64_t max_rows, void **memory);

/* A scratch folder with the golden SAE `name`: saelens, checkpoint, legacy (SAELens directories), gemma. */
const char *golden_sae(const char *name);

#endif
