/* Reading a SAELens directory: cfg.json says what the arithmetic is, sae_weights.safetensors has the numbers, and
 * activation_scaler.json, in a checkpoint, the input scale that has not been folded yet. */
#include <math.h>
#include <string.h>

#include "saelens_config.h"

typedef struct directory {
    atoms_context *context;
    const char *folder;
    char *config_path, *weights_path, *scaler_path;
    atoms_tensorfile *weights;
    saelens_config config;
    double scale;
} directory;

static atoms_status read_config(directory *d)
{
    json_t *cfg;
    atoms_status status = atomsi_sae_read_json(d->context, d->config_path, &cfg);
    if (status) return status;
    status = atomsi_saelens_read_config(d->context, d->config_path, cfg, &d->config);
    json_decref(cfg);
    return status;
}

/* The factor that a scaled SAE multiplies its inputs with and divides its outputs by. */
static atoms_status read_scale(directory *d)
{
    json_t *scaler;
    d->scale = 1;
    if (!d->config.scaled) return ATOMS_OK;
    atoms_status status = atomsi_sae_read_json(d->context, d->scaler_path, &scaler);
    if (status == ATOMS_E_NOT_FOUND)
        return atomsi_fail(d->context, ATOMS_E_UNSUPPORTED,
                           "%s: normalize_activations is \"expected_average_only_in\", and there is no activation_scaler.json with its factor",
                           d->config_path);
    if (status) return status;
    d->scale = json_number_value(json_object_get(scaler, "scaling_factor"));
    json_decref(scaler);
    if (isfinite(d->scale) && d->scale > 0) return ATOMS_OK;
    return atomsi_fail(d->context, ATOMS_E_FORMAT, "%s: scaling_factor must be a positive number", d->scaler_path);
}

/* Weights that an interrupted save left beside the cfg.json of other weights. */
static atoms_status check_mark(const directory *d)
{
    const char *form = atoms_tensorfile_metadata(d->weights, SAE_FORM_KEY);
    if (!form) return ATOMS_OK;
    if (strcmp(form, SAE_FORM_CANONICAL))
        return atomsi_fail(d->context, ATOMS_E_UNSUPPORTED, "%s: " SAE_FORM_KEY " is \"%s\"", d->weights_path, form);
    if (d->config.jumprelu && !d->config.subtract_b_dec && !d->config.scaled) return ATOMS_OK;
    return atomsi_fail(d->context, ATOMS_E_FORMAT,
                       "%s: these weights were saved with another cfg.json, for a jumprelu SAE without apply_b_dec_to_input and "
                       "normalisation: was a save interrupted? Save again, or correct cfg.json",
                       d->weights_path);
}

static atoms_status read_weights(directory *d, atoms_sae **out)
{
    const sae_weights_plan plan = {.threshold = d->config.jumprelu,
                                   .scaling_factor = true,
                                   .finetuned = d->config.finetuned,
                                   .d_in = d->config.d_in,
                                   .d_sae = d->config.d_sae};
    atoms_status status = atoms_tensorfile_open(d->context, d->weights_path, &d->weights);
    if (status) return status;
    if ((status = check_mark(d))) return status;
    return atomsi_sae_read_weights(d->context, d->weights, d->weights_path, &plan, out);
}

static atoms_status describe(const directory *d, atoms_sae *sae)
{
    char *metadata = atomsi_sae_json_text(d->context, d->config.metadata, JSON_COMPACT);
    if (!metadata) return ATOMS_E_MEMORY;
    atoms_status status = atomsi_sae_describe_as(sae, d->config.jumprelu ? "jumprelu" : "standard", metadata);
    atomsi_free(d->context, metadata);
    sae->format = ATOMS_FORMAT_SAELENS;
    return status;
}

atoms_status atomsi_saelens_load(atoms_context *context, const char *folder, atoms_sae **out)
{
    directory d = {.context = context, .folder = folder};
    atoms_sae *sae = NULL;
    d.config_path = atomsi_sae_join(context, folder, "cfg.json");
    d.weights_path = atomsi_sae_join(context, folder, "sae_weights.safetensors");
    d.scaler_path = atomsi_sae_join(context, folder, "activation_scaler.json");
    atoms_status status = d.config_path && d.weights_path && d.scaler_path ? ATOMS_OK : ATOMS_E_MEMORY;
    if (!status) status = read_config(&d);
    if (!status) status = read_scale(&d);
    if (!status) status = read_weights(&d, &sae);
    if (!status) status = atomsi_sae_fold(sae, d.config.subtract_b_dec ? sae->b_dec : NULL, d.scale, d.scale);
    if (!status) status = describe(&d, sae);
    if (status) atoms_sae_destroy(sae);
    else *out = sae;
    atoms_tensorfile_close(d.weights);
    json_decref(d.config.metadata);
    atomsi_free(context, d.config_path);
    atomsi_free(context, d.weights_path);
    atomsi_free(context, d.scaler_path);
    return status;
}
