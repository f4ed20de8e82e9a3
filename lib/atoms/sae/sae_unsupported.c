/* What takes the place of the file functions in a library built without ATOMS_FILES. */
#include "sae_internal.h"

atoms_status atoms_sae_load(atoms_context *context, const char *path, atoms_sae **out)
{
    (void)path;
    if (out) *out = NULL;
    if (!context || !out) return ATOMS_E_ARGUMENT;
    return atomsi_fail(context, ATOMS_E_UNSUPPORTED, "this library was built without files (ATOMS_FILES=OFF)");
}

atoms_status atoms_sae_save(const atoms_sae *sae, const char *path, int32_t format)
{
    (void)path, (void)format;
    if (!sae) return ATOMS_E_ARGUMENT;
    return atomsi_fail(sae->context, ATOMS_E_UNSUPPORTED, "this library was built without files (ATOMS_FILES=OFF)");
}
