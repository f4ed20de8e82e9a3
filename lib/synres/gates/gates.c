/* β = β_max·σ(z_β + κ_β r + κ_M r_M), log α = −a·softplus(z_α − κ_α r), never above the layer's largest; tied: α = 1 − β. One token of one head of a
 * running layer; the arithmetic, which the trainer shares, is in gates_body.inc. Formulas of this project; docs/synres/definition.md. */
#include "gates_internal.h"

void synresi_gates(const synresi_layer *layer, int64_t h, const float r[2], const float *pre_beta, const float *pre_decay, float *beta, float *decay)
{
    const synres_layer_weights *w = &layer->w;
    const synresi_gating_f32 g = {.flags = w->flags, .gates = layer->gates, .decays = layer->decays, .has_rate = w->rate, .beta_max = (float)w->beta_max,
                                  .max_log_decay = layer->max_log_decay, .rate = w->rate ? w->rate[h] : 0,
                                  .kappa_beta = w->kappa_beta ? w->kappa_beta[h] : 0, .kappa_decay = w->kappa_decay ? w->kappa_decay[h] : 0,
                                  .kappa_agreement = w->kappa_agreement ? w->kappa_agreement[h] : 0};
    synresi_gates_f32(&g, r, pre_beta, pre_decay, beta, decay, NULL);
}

void synresi_normalise(const synresi_layer *layer, const synresi_lanes *lanes, float *z)
{
    synresi_normalise_f32(lanes, layer->w.activation, (float)layer->w.epsilon, layer->w.d_key, z);
}
