/* Gemma Scope (arXiv 2408.05147): one npz with the five tensors, already in the canonical form: nothing to fold, nothing beside them. */
#include "sae_files.h"

atoms_status atomsi_gemma_scope_load(atoms_context *context, const char *path, atoms_sae **out)
{
    static const sae_weights_plan plan = {.threshold = true};
    atoms_tensorfile *file = NULL;
    atoms_sae *sae = NULL;
    atoms_status status = atoms_tensorfile_open(context, path, &file);
    if (!status && atoms_tensorfile_format(file) != ATOMS_FILE_NPZ)
        status = atomsi_fail(context, ATOMS_E_UNSUPPORTED, "%s: an SAE is a SAELens directory or a Gemma Scope npz, and this is neither", path);
    if (!status) status = atomsi_sae_read_weights(context, file, path, &plan, &sae);
    if (!status) status = atomsi_sae_fold(sae, NULL, 1, 1);
    atoms_tensorfile_close(file);
    if (status) {
        atoms_sae_destroy(sae);
        return status;
    }
    sae->format = ATOMS_FORMAT_GEMMA_SCOPE;
    *out = sae;
    return ATOMS_OK;
}
