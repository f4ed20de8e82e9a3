/* An SAE from weights in memory: everything is judged in the caller's own layout first, then copied, then folded. */
#include <math.h>
#include <string.h>

#include "../matrix/matrix_internal.h"
#include "sae_internal.h"

static const atoms_sae_weights default_weights = {.struct_size = sizeof(atoms_sae_weights), .input_scale = 1, .output_scale = 1};

atoms_status atoms_sae_weights_init(atoms_sae_weights *weights, size_t size)
{
    return atomsi_struct_init(weights, size, &default_weights, sizeof default_weights);
}

static atoms_status check_scale(atoms_context *context, double scale, const char *name)
{
    char text[BASE_NUMBER_TEXT_MAX];
    if (isfinite(scale) && scale > 0) return ATOMS_OK;
    return atomsi_fail(context, ATOMS_E_ARGUMENT, "%s is %s and must be positive and finite", name, base_number_text(text, scale, 9));
}

static atoms_status check_vector(atoms_context *context, const float *x, int64_t n, const char *name)
{
    if (!x) return ATOMS_OK;
    atoms_matrix view = atoms_vector_f32(x, n);
    return atomsi_matrix_check_finite(context, &view, 0, 1, name);
}

static atoms_status check_weights(atoms_context *context, const atoms_sae_weights *w)
{
    atoms_status status;
    int64_t d_in = w->w_enc.rows, d_sae = w->w_enc.cols;
    if ((status = atomsi_matrix_check(context, &w->w_enc, "w_enc"))) return status;
    if (d_in < 1) return atomsi_fail(context, ATOMS_E_SHAPE, "w_enc has no rows");
    if ((status = atomsi_matrix_check_cols(context, &w->w_dec, d_in, "w_dec"))) return status;
    if (w->w_dec.rows != d_sae)
        return atomsi_fail(context, ATOMS_E_SHAPE, "w_dec has %lld rows where w_enc has %lld columns", (long long)w->w_dec.rows,
                           (long long)d_sae);
    if ((status = check_scale(context, w->input_scale, "input_scale"))) return status;
    if ((status = check_scale(context, w->output_scale, "output_scale"))) return status;
    if ((status = atomsi_matrix_check_finite(context, &w->w_enc, 0, 1, "w_enc"))) return status;
    if ((status = atomsi_matrix_check_finite(context, &w->w_dec, 0, 1, "w_dec"))) return status;
    if ((status = check_vector(context, w->b_enc, d_sae, "b_enc"))) return status;
    if ((status = check_vector(context, w->threshold, d_sae, "threshold"))) return status;
    if ((status = check_vector(context, w->b_dec, d_in, "b_dec"))) return status;
    return check_vector(context, w->input_bias, d_in, "input_bias");
}

static void copy_vector(float *to, const float *from, int64_t n)
{
    if (from) memcpy(to, from, (size_t)n * sizeof *to);
}

static atoms_status copy_weights(atoms_sae *sae, const atoms_sae_weights *w)
{
    float *panel = atomsi_alloc(sae->context, ATOMSI_SAE_PANEL * sae->d_sae, sizeof *panel);
    if (!panel) return ATOMS_E_MEMORY;
    for (int64_t j = 0; j < sae->d_in; j += ATOMSI_SAE_PANEL) {
        int64_t count = base_min_i64(ATOMSI_SAE_PANEL, sae->d_in - j);
        atomsi_matrix_read_f32(&w->w_enc, j, count, panel);
        atomsi_sae_put_panel(sae, sae->encoder, j, count, panel);
    }
    atomsi_free(sae->context, panel);
    atomsi_matrix_read_f32(&w->w_dec, 0, sae->d_sae, sae->decoder);
    copy_vector(sae->b_enc, w->b_enc, sae->d_sae);
    copy_vector(sae->threshold, w->threshold, sae->d_sae);
    copy_vector(sae->b_dec, w->b_dec, sae->d_in);
    return ATOMS_OK;
}

atoms_status atoms_sae_create(atoms_context *context, const atoms_sae_weights *weights, atoms_sae **out)
{
    if (out) *out = NULL;
    if (!context) return ATOMS_E_ARGUMENT;
    if (!weights || !out) return atomsi_fail(context, ATOMS_E_ARGUMENT, "%s is NULL", weights ? "out" : "weights");
    atoms_sae_weights w;
    atoms_sae *sae = NULL;
    atoms_status status = atomsi_read_options(context, &w, sizeof w, &default_weights, weights, "atoms_sae_weights");
    if (!status) status = check_weights(context, &w);
    if (!status) status = atomsi_sae_new(context, w.w_enc.rows, w.w_enc.cols, &sae);
    if (!status) status = copy_weights(sae, &w);
    if (!status && !w.threshold) status = atomsi_sae_describe_as(sae, "standard", "{}");
    if (!status) status = atomsi_sae_fold(sae, w.input_bias, w.input_scale, w.output_scale);
    if (status) atoms_sae_destroy(sae);
    else *out = sae;
    return status;
}
