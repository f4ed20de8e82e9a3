/* Writing a SAELens directory, version 6: the weights first, then cfg.json, each replaced atomically. cfg.json is complete on the disk
 * under its temporary name before the weights are replaced, so that what usually fails (a full disk) fails while the old files
 * still belong together; and the weights carry a mark by which a load notices an old cfg.json beside them. */
#include <string.h>

#include "../../base/atomic_file.h"
#include "saelens_config.h"

/* SAELens takes a directory without a version, or with one before 6, for its flat layout. */
static bool is_version_6(const json_t *version)
{
    const char *text = json_string_value(version);
    int major = 0;
    for (; text && *text >= '0' && *text <= '9' && major < 1000; text++) major = 10 * major + (*text - '0');
    return major >= 6;
}

static json_t *make_config(const atoms_sae *sae)
{
    json_t *metadata = json_loads(sae->metadata, JSON_REJECT_DUPLICATES, NULL), *reshape = NULL, *cfg;
    if (!metadata) return NULL;
    if (!is_version_6(json_object_get(metadata, "sae_lens_version")) && json_object_set_new(metadata, "sae_lens_version", json_string("6.0.0"))) {
        json_decref(metadata);
        return NULL;
    }
    reshape = json_incref(json_object_get(metadata, "reshape_activations"));
    if (reshape) json_object_del(metadata, "reshape_activations");
    else reshape = json_string("none");
    cfg = json_pack("{s:s, s:I, s:I, s:s, s:s, s:b, s:s, s:o, s:o}", "architecture", "jumprelu", "d_in", (json_int_t)sae->d_in, "d_sae",
                    (json_int_t)sae->d_sae, "dtype", "float32", "device", "cpu", "apply_b_dec_to_input", 0, "normalize_activations", "none",
                    "reshape_activations", reshape, "metadata", metadata);
    return cfg;
}

char *atomsi_saelens_config_text(const atoms_sae *sae)
{
    json_t *cfg = make_config(sae);
    if (!cfg) {
        (void)atomsi_fail(sae->context, ATOMS_E_MEMORY, "out of memory while writing cfg.json");
        return NULL;
    }
    char *text = atomsi_sae_json_text(sae->context, cfg, JSON_INDENT(2));
    json_decref(cfg);
    return text;
}

static atoms_status write_both(const atoms_sae *sae, const char *weights, const char *config, const char *text)
{
    atoms_context *context = sae->context;
    base_atomic_file file;
    int error = base_atomic_open(&file, &context->io, &context->memory, config);
    if (!error) error = base_atomic_write(&file, text, strlen(text));
    if (!error) {
        atoms_status status = atomsi_sae_write_weights(sae, weights, ATOMS_FILE_SAFETENSORS);
        if (status) {
            base_atomic_abandon(&file);
            return status;
        }
        error = base_atomic_commit(&file);
    }
    base_atomic_abandon(&file);
    return error ? atomsi_fail_file(context, error, config) : ATOMS_OK;
}

atoms_status atomsi_saelens_save(const atoms_sae *sae, const char *folder)
{
    atoms_context *context = sae->context;
    char *text = atomsi_saelens_config_text(sae);
    char *weights = atomsi_sae_join(context, folder, "sae_weights.safetensors"), *config = atomsi_sae_join(context, folder, "cfg.json");
    atoms_status status = text && weights && config ? ATOMS_OK : ATOMS_E_MEMORY;
    if (!status) {
        int error = context->io.make_directory(context->io.user, folder);
        status = error ? atomsi_fail_file(context, error, folder) : write_both(sae, weights, config, text);
    }
    atomsi_free(context, text);
    atomsi_free(context, weights);
    atomsi_free(context, config);
    return status;
}
