/* Each key that changes the arithmetic has a reader here, which knows some values and refuses all others by name. Every other key is
 * metadata. Versions 6 and earlier use the same names for what matters; they differ in where the metadata are. */
#include <string.h>

#include "saelens_config.h"

typedef struct config_reader {
    atoms_context *context;
    const char *path;
    saelens_config *config;
    int64_t d_out; /* 0: not said */
    bool hook_z;   /* reshape_activations */
} config_reader;

/* The value as JSON, cut to what a message can hold. */
static void value_text(const json_t *value, char *out, size_t size)
{
    memset(out, 0, size);
    if (json_dumpb(value, out, size - 4, JSON_COMPACT | JSON_ENCODE_ANY) > size - 4) strcpy(out + strlen(out), "...");
}

static atoms_status refuse(const config_reader *r, const char *key, const json_t *value)
{
    char text[80];
    value_text(value, text, sizeof text);
    return atomsi_fail(r->context, ATOMS_E_UNSUPPORTED, "%s: %s is %s, which changes the arithmetic and is not supported", r->path, key, text);
}

static atoms_status malformed(const config_reader *r, const char *key, const char *wanted)
{
    return atomsi_fail(r->context, ATOMS_E_FORMAT, "%s: %s must be %s", r->path, key, wanted);
}

static bool is_text(const json_t *value, const char *text)
{
    return json_is_string(value) && !strcmp(json_string_value(value), text);
}

/* null and false mean what a missing key means. */
static bool is_off(const json_t *value)
{
    return json_is_null(value) || json_is_false(value);
}

static atoms_status read_size(const config_reader *r, const char *key, const json_t *value, int64_t *out)
{
    if (!json_is_integer(value) || json_integer_value(value) < 1 || json_integer_value(value) > INT32_MAX)
        return malformed(r, key, "an integer from 1 to 2147483647");
    *out = json_integer_value(value);
    return ATOMS_OK;
}

static atoms_status read_d_in(config_reader *r, const char *key, const json_t *value) { return read_size(r, key, value, &r->config->d_in); }
static atoms_status read_d_sae(config_reader *r, const char *key, const json_t *value) { return read_size(r, key, value, &r->config->d_sae); }

static atoms_status read_d_out(config_reader *r, const char *key, const json_t *value)
{
    return json_is_null(value) ? ATOMS_OK : read_size(r, key, value, &r->d_out);
}

static atoms_status read_architecture(config_reader *r, const char *key, const json_t *value)
{
    if (json_is_null(value)) return ATOMS_OK;
    r->config->jumprelu = is_text(value, "jumprelu");
    return r->config->jumprelu || is_text(value, "standard") ? ATOMS_OK : refuse(r, key, value);
}

static atoms_status read_apply_b_dec(config_reader *r, const char *key, const json_t *value)
{
    if (json_is_null(value)) return ATOMS_OK;
    if (!json_is_boolean(value)) return malformed(r, key, "true or false");
    r->config->subtract_b_dec = json_is_true(value);
    return ATOMS_OK;
}

/* In the flat layout true stood for expected_average_only_in. */
static atoms_status read_normalize(config_reader *r, const char *key, const json_t *value)
{
    r->config->scaled = json_is_true(value) || is_text(value, "expected_average_only_in");
    return r->config->scaled || is_off(value) || is_text(value, "none") ? ATOMS_OK : refuse(r, key, value);
}

static atoms_status read_reshape(config_reader *r, const char *key, const json_t *value)
{
    r->hook_z = is_text(value, "hook_z");
    return r->hook_z || json_is_null(value) || is_text(value, "none") ? ATOMS_OK : refuse(r, key, value);
}

/* hook_z only says that the caller flattens heads into one row; it is kept for whoever does. Nothing else may have its name, or it
 * would be saved in its place. */
static atoms_status keep_reshape(const config_reader *r)
{
    static const char key[] = "reshape_activations";
    if (r->hook_z) return json_object_set_new(r->config->metadata, key, json_string("hook_z")) ? ATOMS_E_MEMORY : ATOMS_OK;
    (void)json_object_del(r->config->metadata, key);
    return ATOMS_OK;
}

static atoms_status read_activation(config_reader *r, const char *key, const json_t *value)
{
    return json_is_null(value) || is_text(value, "relu") ? ATOMS_OK : refuse(r, key, value);
}

static atoms_status read_activation_options(config_reader *r, const char *key, const json_t *value)
{
    return json_is_null(value) || (json_is_object(value) && json_object_size(value) == 0) ? ATOMS_OK : refuse(r, key, value);
}

static atoms_status read_finetuning(config_reader *r, const char *key, const json_t *value)
{
    if (!json_is_true(value) && !is_off(value)) return malformed(r, key, "true or false");
    r->config->finetuned = json_is_true(value);
    return ATOMS_OK;
}

static atoms_status read_rescale(config_reader *r, const char *key, const json_t *value)
{
    return is_off(value) ? ATOMS_OK : refuse(r, key, value);
}

/* Where tensors lived and in what precision they were computed is not kept: the canonical form is f32, anywhere. */
static atoms_status skip(config_reader *r, const char *key, const json_t *value)
{
    (void)r, (void)key, (void)value;
    return ATOMS_OK;
}

static atoms_status read_metadata(config_reader *r, const char *key, const json_t *value)
{
    if (json_is_null(value)) return ATOMS_OK;
    if (!json_is_object(value)) return malformed(r, key, "an object");
    return json_object_update(r->config->metadata, (json_t *)(uintptr_t)value) ? ATOMS_E_MEMORY : ATOMS_OK;
}

static const struct {
    const char *key;
    atoms_status (*read)(config_reader *, const char *, const json_t *);
} readers[] = {
    {"architecture", read_architecture},
    {"d_in", read_d_in},
    {"d_sae", read_d_sae},
    {"d_out", read_d_out},
    {"apply_b_dec_to_input", read_apply_b_dec},
    {"normalize_activations", read_normalize},
    {"reshape_activations", read_reshape},
    {"activation_fn", read_activation},
    {"activation_fn_str", read_activation},
    {"activation_fn_kwargs", read_activation_options},
    {"finetuning_scaling_factor", read_finetuning},
    {"rescale_acts_by_decoder_norm", read_rescale},
    {"dtype", skip},
    {"device", skip},
    {"metadata", read_metadata},
};

static atoms_status read_key(config_reader *r, const char *key, const json_t *value)
{
    for (size_t i = 0; i < sizeof readers / sizeof *readers; i++)
        if (!strcmp(key, readers[i].key)) return readers[i].read(r, key, value);
    return json_object_set(r->config->metadata, key, (json_t *)(uintptr_t)value) ? ATOMS_E_MEMORY : ATOMS_OK;
}

static atoms_status check_complete(const config_reader *r)
{
    const saelens_config *c = r->config;
    if (!c->d_in || !c->d_sae) return atomsi_fail(r->context, ATOMS_E_NOT_FOUND, "%s: %s is missing", r->path, c->d_in ? "d_sae" : "d_in");
    if (r->d_out && r->d_out != c->d_in)
        return atomsi_fail(r->context, ATOMS_E_UNSUPPORTED, "%s: d_out is %lld and d_in %lld: transcoders are not supported", r->path,
                           (long long)r->d_out, (long long)c->d_in);
    return ATOMS_OK;
}

atoms_status atomsi_saelens_read_config(atoms_context *context, const char *path, const json_t *cfg, saelens_config *out)
{
    *out = (saelens_config){.subtract_b_dec = true, .metadata = json_object()};
    config_reader r = {.context = context, .path = path, .config = out};
    atoms_status status = out->metadata ? ATOMS_OK : ATOMS_E_MEMORY;
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)cfg, key, value)
    {
        if (!status) status = read_key(&r, key, value);
    }
    if (!status) status = check_complete(&r);
    if (!status) status = keep_reshape(&r);
    if (status == ATOMS_E_MEMORY) (void)atomsi_fail(context, status, "%s: out of memory while reading it", path);
    if (status) {
        json_decref(out->metadata);
        out->metadata = NULL;
    }
    return status;
}
