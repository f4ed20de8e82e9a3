/* Which format a path is in, and the way there. */
#include <errno.h>

#include "sae_files.h"

/* The kind of folder/name: BASE_KIND_… , or 0 where there is none, or a negative errno. */
static int kind_in(atoms_context *context, const char *folder, const char *name, char **path)
{
    *path = atomsi_sae_join(context, folder, name);
    if (!*path) return -ENOMEM;
    int kind = context->io.kind(context->io.user, *path);
    return kind == -ENOENT ? 0 : kind;
}

static atoms_status load_directory(atoms_context *context, const char *folder, atoms_sae **out)
{
    char *config, *params = NULL;
    int kind = kind_in(context, folder, "cfg.json", &config);
    atoms_status status;
    if (kind > 0) status = atomsi_saelens_load(context, folder, out);
    else if (kind < 0 || (kind = kind_in(context, folder, "params.npz", &params)) < 0) status = atomsi_fail_file(context, kind, folder);
    else if (kind > 0) status = atomsi_gemma_scope_load(context, params, out);
    else status = atomsi_fail(context, ATOMS_E_NOT_FOUND, "%s: holds neither a cfg.json (SAELens) nor a params.npz (Gemma Scope)", folder);
    atomsi_free(context, config);
    atomsi_free(context, params);
    return status;
}

atoms_status atoms_sae_load(atoms_context *context, const char *path, atoms_sae **out)
{
    if (out) *out = NULL;
    if (!context) return ATOMS_E_ARGUMENT;
    if (!path || !out) return atomsi_fail(context, ATOMS_E_ARGUMENT, "%s is NULL", path ? "out" : "path");
    int kind = context->io.kind(context->io.user, path);
    if (kind < 0) return atomsi_fail_file(context, kind, path);
    return kind == BASE_KIND_DIRECTORY ? load_directory(context, path, out) : atomsi_gemma_scope_load(context, path, out);
}

atoms_status atoms_sae_save(const atoms_sae *sae, const char *path, int32_t format)
{
    if (!sae) return ATOMS_E_ARGUMENT;
    if (!path) return atomsi_fail(sae->context, ATOMS_E_ARGUMENT, "path is NULL");
    switch (format) {
    case ATOMS_FORMAT_SAELENS: return atomsi_saelens_save(sae, path);
    case ATOMS_FORMAT_GEMMA_SCOPE: return atomsi_sae_write_weights(sae, path, ATOMS_FILE_NPZ);
    default: return atomsi_fail(sae->context, ATOMS_E_ARGUMENT, "format is %d, not SAELENS (1) or GEMMA_SCOPE (2)", (int)format);
    }
}
