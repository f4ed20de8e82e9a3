/* Folding into the canonical form, in f64, one latent at a time:
 *
 *   W_enc' = s_in·W_enc    b_enc' = b_enc − p·W_enc    θ' = max(θ, 0)    W_dec' = W_dec/s_out    b_dec' = b_dec/s_out
 *
 * The general fold scales latent i by any α_i > 0 (encoder column, b_enc and θ by α_i, decoder row by 1/α_i). Here α = 1, because a
 * user's latent values must stay those of the file; atoms_sae_unit_decoder is the fold with α_i = ‖W_dec,i‖. */
#include <math.h>
#include <string.h>

#include "../../linalg/finite.h"
#include "../matrix/matrix_internal.h"
#include "sae_internal.h"

static atoms_status check_finite(const atoms_sae *sae, const float *weights, int64_t rows, int64_t cols, const char *name, const char *when)
{
    int64_t k = linalg_first_not_finite_f32(weights, rows * cols);
    if (k < 0) return ATOMS_OK;
    const char *what = isnan(weights[k]) ? "NaN" : "infinite";
    if (rows == 1) return atomsi_fail(sae->context, ATOMS_E_NOT_FINITE, "%s: element %lld is %s%s", name, (long long)k, what, when);
    return atomsi_fail(sae->context, ATOMS_E_NOT_FINITE, "%s: latent %lld coordinate %lld is %s%s", name, (long long)(k / cols),
                       (long long)(k % cols), what, when);
}

static atoms_status check_all_finite(const atoms_sae *sae, const char *when)
{
    atoms_status status;
    if ((status = check_finite(sae, sae->encoder, sae->d_sae, sae->d_in, "W_enc", when))) return status;
    if ((status = check_finite(sae, sae->decoder, sae->d_sae, sae->d_in, "W_dec", when))) return status;
    if ((status = check_finite(sae, sae->b_enc, 1, sae->d_sae, "b_enc", when))) return status;
    if ((status = check_finite(sae, sae->threshold, 1, sae->d_sae, "threshold", when))) return status;
    return check_finite(sae, sae->b_dec, 1, sae->d_in, "b_dec", when);
}

static double dot(int64_t n, const float *x, const float *y)
{
    double sum = 0;
    for (int64_t j = 0; j < n; j++) sum += (double)x[j] * y[j];
    return sum;
}

static void multiply(int64_t n, double factor, float *x)
{
    if (factor == 1) return;
    for (int64_t j = 0; j < n; j++) x[j] = (float)(factor * x[j]);
}

static void divide(int64_t n, double divisor, float *x)
{
    if (divisor == 1) return;
    for (int64_t j = 0; j < n; j++) x[j] = (float)(x[j] / divisor);
}

atoms_status atomsi_sae_fold(atoms_sae *sae, const float *input_bias, double input_scale, double output_scale)
{
    atoms_status status = check_all_finite(sae, "");
    if (status) return status;
    for (int64_t i = 0; i < sae->d_sae; i++) {
        float *encoder = sae->encoder + i * sae->d_in;
        if (input_bias) sae->b_enc[i] = (float)(sae->b_enc[i] - dot(sae->d_in, input_bias, encoder));
        if (!(sae->threshold[i] > 0)) sae->threshold[i] = 0;
        multiply(sae->d_in, input_scale, encoder);
        divide(sae->d_in, output_scale, sae->decoder + i * sae->d_in);
    }
    divide(sae->d_in, output_scale, sae->b_dec);
    if ((status = check_all_finite(sae, " once scales and input bias are folded in"))) return status;
    sae->input_scale = input_scale;
    sae->output_scale = output_scale;
    sae->input_bias_folded = input_bias != NULL;
    atomsi_sae_measure_decoder(sae);
    return ATOMS_OK;
}

static double row_norm(const atoms_sae *sae, int64_t i)
{
    const float *row = sae->decoder + i * sae->d_in;
    return sqrt(dot(sae->d_in, row, row));
}

void atomsi_sae_measure_decoder(atoms_sae *sae)
{
    sae->unit_decoder = 1;
    for (int64_t i = 0; i < sae->d_sae && sae->unit_decoder; i++) sae->unit_decoder = fabs(row_norm(sae, i) - 1) <= 1e-5;
}

static atoms_status check_rows(const atoms_sae *sae)
{
    for (int64_t i = 0; i < sae->d_sae; i++)
        if (row_norm(sae, i) == 0)
            return atomsi_fail(sae->context, ATOMS_E_ARGUMENT, "W_dec: the row of latent %lld is zero and has no direction", (long long)i);
    return ATOMS_OK;
}

atoms_status atoms_sae_unit_decoder(const atoms_sae *sae, atoms_sae **out)
{
    if (out) *out = NULL;
    if (!sae) return ATOMS_E_ARGUMENT;
    if (!out) return atomsi_fail(sae->context, ATOMS_E_ARGUMENT, "out is NULL");
    atoms_status status = check_rows(sae);
    if (status) return status;
    atoms_sae *unit;
    if ((status = atomsi_sae_new(sae->context, sae->d_in, sae->d_sae, &unit))) return status;
    if ((status = atomsi_sae_describe_as(unit, sae->architecture, sae->metadata))) goto done;
    unit->format = sae->format;
    unit->input_scale = sae->input_scale;
    unit->output_scale = sae->output_scale;
    unit->input_bias_folded = sae->input_bias_folded;
    size_t weights = (size_t)(sae->d_in * sae->d_sae) * sizeof(float);
    memcpy(unit->encoder, sae->encoder, weights);
    memcpy(unit->decoder, sae->decoder, weights);
    memcpy(unit->b_dec, sae->b_dec, (size_t)sae->d_in * sizeof(float));
    for (int64_t i = 0; i < sae->d_sae; i++) {
        double norm = row_norm(sae, i);
        multiply(sae->d_in, norm, unit->encoder + i * sae->d_in);
        divide(sae->d_in, norm, unit->decoder + i * sae->d_in);
        unit->b_enc[i] = (float)(norm * sae->b_enc[i]);
        unit->threshold[i] = (float)(norm * sae->threshold[i]);
    }
    if ((status = check_all_finite(unit, " once the decoder row's length is moved into it"))) goto done;
    atomsi_sae_measure_decoder(unit);
    *out = unit;
    unit = NULL;
done:
    atoms_sae_destroy(unit);
    return status;
}
