#include "metric_choice.h"

#include "failure.h"

int metric_of_rows(atoms_context *context, const matrix_argument *x, atoms_metric **out, char *reason)
{
    atoms_moments *moments = NULL;
    *out = NULL;
    reason[0] = '\0';
    int code = checked(context, atoms_moments_create(context, x->width, &moments), x->what);
    if (!code) code = checked(context, atoms_moments_add_rows(moments, x->rows), x->what);
    if (!code) {
        atoms_status status = atoms_metric_from_moments(context, moments, NULL, out);
        if (status == ATOMS_E_RANK) atoms_context_detail(context, reason, METRIC_REASON_BYTES);
        else code = checked(context, status, x->what);
    }
    atoms_moments_destroy(moments);
    return code;
}

int metric_of_file(atoms_context *context, const char *path, int64_t width, atoms_metric **out)
{
    int code = checked(context, atoms_metric_load(context, path, out), path);
    if (code || atoms_metric_dim(*out) == width) return code;
    return run_error(path, "a metric of %lld coordinates, the data have %lld", (long long)atoms_metric_dim(*out), (long long)width);
}
