/* cfg.json of a SAELens directory, version 6 and the flat layout before it. */
#ifndef ATOMSI_SAELENS_CONFIG_H
#define ATOMSI_SAELENS_CONFIG_H

#include "sae_files.h"

typedef struct saelens_config {
    int64_t d_in, d_sae;
    bool jumprelu;           /* else "standard": ReLU */
    bool subtract_b_dec;     /* apply_b_dec_to_input */
    bool scaled;             /* normalize_activations is expected_average_only_in: a factor is needed */
    bool finetuned;          /* finetuning_scaling_factor: the tensor must be there */
    json_t *metadata;        /* an object: everything that does not change the arithmetic; json_decref it */
} saelens_config;

/* Reads the configuration; what changes the arithmetic and is not understood is UNSUPPORTED, with key and value. On failure
 * there is nothing to release. `path` is for messages. */
atoms_status atomsi_saelens_read_config(atoms_context *context, const char *path, const json_t *cfg, saelens_config *out);

/* The text of a cfg.json for the canonical form of `sae`; NULL: MEMORY. */
char *atomsi_saelens_config_text(const atoms_sae *sae);

#endif
