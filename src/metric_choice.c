#include "metric_choice.h"

#include <stdlib.h>
#include <unistd.h>

#include "failure.h"
#include "output.h"
#include "text_file.h"

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

int metric_choose(atoms_context *context, const metric_wish *w, atoms_metric **out, char *reason, json_t *result)
{
    char *beside = path_beside(w->sae_path, "metric.safetensors");
    const char *path = w->given ? w->given : access(beside, F_OK) == 0 ? beside : NULL;
    const matrix_argument *rows = w->train ? w->train : w->x;
    int code = path ? metric_of_file(context, path, rows->width, out) : metric_of_rows(context, rows, out, reason);
    if (!code) put_text(result, "metric", path ? path : !*out ? NULL : w->train ? "--train" : "X");
    if (!code && !path && !*out) add_note(result, "metric", "%s: %s", rows->what, reason);
    else if (!code && !path && !w->train) {
        const char *also = w->train_option ? ", no --train" : "";
        add_note(result, "metric", "computed from X itself: no --metric, none saved beside the SAE%s", also);
        print_note(w->sae_path, "no metric beside it%s: the AIP is computed from X itself", w->train_option ? " and no --train" : "");
    }
    free(beside);
    return code;
}
