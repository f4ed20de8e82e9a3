/* What the two file formats share: weights in a tensor file, small JSON files. The formats differ in what surrounds the weights. */
#ifndef ATOMSI_SAE_FILES_H
#define ATOMSI_SAE_FILES_H

#include <jansson.h>

#include <atoms/tensorfile.h>

#include "sae_internal.h"

/* What a weights file must and may hold. Tensors of any other name are refused: they would change the arithmetic. */
typedef struct sae_weights_plan {
    bool threshold;      /* `threshold` or `log_threshold` is needed; else neither may be there */
    bool scaling_factor; /* `scaling_factor` (finetuning) may be there if all ones */
    bool finetuned;      /* and must be there */
    int64_t d_in, d_sae; /* what the shapes must be; 0: what W_enc says */
} sae_weights_plan;

/* An unfolded SAE with the weights of an open file. `path` is for messages.
 * Errors: NOT_FOUND, UNSUPPORTED (a tensor by name), SHAPE, DTYPE, MEMORY, and atoms_tensorfile_read's. */
atoms_status atomsi_sae_read_weights(atoms_context *context, atoms_tensorfile *file, const char *path, const sae_weights_plan *plan,
                                     atoms_sae **out);

/* Writes the five tensors of the canonical form, atomically. A safetensors file is marked with SAE_FORM. */
atoms_status atomsi_sae_write_weights(const atoms_sae *sae, const char *path, int32_t file_format);

/* Metadata of a safetensors file written here: its weights are canonical, whatever a stale cfg.json beside it says. */
#define SAE_FORM_KEY "atoms_form"
#define SAE_FORM_CANONICAL "canonical"

/* folder/name, through atomsi_alloc; NULL: MEMORY. */
char *atomsi_sae_join(atoms_context *context, const char *folder, const char *name);

/* A JSON object from a file of at most 1 MiB, at most 32 levels deep, without duplicate keys. To be released with json_decref.
 * Errors: NOT_FOUND, IO, LIMIT, FORMAT (line and column), MEMORY. */
atoms_status atomsi_sae_read_json(atoms_context *context, const char *path, json_t **out);

/* The text of a JSON value, through atomsi_alloc; flags are json_dumpb's. NULL: MEMORY. */
char *atomsi_sae_json_text(atoms_context *context, const json_t *value, size_t flags);

/* The formats. Paths were checked for NULL only. */
atoms_status atomsi_saelens_load(atoms_context *context, const char *folder, atoms_sae **out);
atoms_status atomsi_saelens_save(const atoms_sae *sae, const char *folder);
atoms_status atomsi_gemma_scope_load(atoms_context *context, const char *path, atoms_sae **out);

#endif
