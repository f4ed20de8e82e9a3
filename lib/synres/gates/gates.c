/* β = β_max·σ(z_β + κ_β r + κ_M r_M), log α = −a·softplus(z_α − κ_α r), never above the layer's largest; tied: α = 1 − β. All in f32: a gate rounded
 * further drifts. Formulas of this project; docs/synres/definition.md. */
#include <math.h>

#include "gates_internal.h"

static float sigmoid(float x)
{
    if (x >= 0) return 1 / (1 + expf(-x));
    float e = expf(x);
    return e / (1 + e);
}

static float softplus(float x) { return fmaxf(x, 0) + log1pf(expf(-fabsf(x))); }

void synresi_gates(const synresi_layer *layer, int64_t h, const float r[2], const float *pre_beta, const float *pre_decay, float *beta, float *decay)
{
    const synres_layer_weights *w = &layer->w;
    float push = 0, hold = w->kappa_decay ? w->kappa_decay[h] * r[0] : 0;
    if (w->kappa_beta) push += w->kappa_beta[h] * r[0];
    if (w->kappa_agreement) push += w->kappa_agreement[h] * r[1];
    for (int64_t i = 0; i < layer->gates; i++) beta[i] = (float)w->beta_max * sigmoid(pre_beta[i] + push);
    if (w->flags & SYNRES_LAYER_TIED) {
        for (int64_t i = 0; i < layer->decays; i++) decay[i] = 1 - beta[i];
        return;
    }
    for (int64_t i = 0; i < layer->decays; i++) {
        float log_decay = w->rate ? -w->rate[h] * softplus(pre_decay[i] - hold) : 0;
        decay[i] = expf(fminf(log_decay, layer->max_log_decay));
    }
}

void synresi_normalise(const synresi_layer *layer, const synresi_lanes *lanes, float *z)
{
    const int64_t n = layer->w.d_key;
    if (layer->w.activation == SYNRES_ACTIVATION_SILU)
        for (int64_t i = 0; i < n; i++) z[i] *= sigmoid(z[i]);
    if (layer->w.activation == SYNRES_ACTIVATION_TANH)
        for (int64_t i = 0; i < n; i++) z[i] = tanhf(z[i]);
    float scale = 1 / sqrtf(lanes->dot(n, z, z) + (float)layer->w.epsilon);
    for (int64_t i = 0; i < n; i++) z[i] *= scale;
}
