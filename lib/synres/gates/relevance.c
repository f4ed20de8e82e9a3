/* The library's own relevance: what the stream has been about (contextual), and what the memory already says (agreement), each against a sliding
 * threshold, the mean of ρ or, as Bienenstock, Cooper and Munro have it, of ρ². Agreement looks at the state of the last block boundary, not at the
 * running one, so that a whole block of tokens can be gated before any of them is written. */
#include "gates_internal.h"

static void own_signals(const synresi_lanes *lanes, float epsilon, const synres_relevance_view *v, float out[2])
{
    out[0] = synresi_contextual_f32(lanes, epsilon, v->d_key, v->key, v->trace);
    out[1] = v->block_state ? synresi_agreement_f32(lanes, epsilon, v->d_key, v->d_value, v->block_state, v->stride, v->key, v->value) : 0;
}

void synresi_relevance(const synres_model *model, int64_t number, int64_t h, const synresi_head *head, const float *key, const float *value, float out[2])
{
    const synresi_layer *layer = &model->layer[number];
    const synres_layer_weights *w = &layer->w;
    out[0] = out[1] = 0;
    if (!layer->listens) return;
    const synres_relevance_view view = {.struct_size = sizeof view, .layer = number, .head = h, .d_key = w->d_key, .d_value = w->d_value,
                                        .stride = layer->padded, .key = key, .value = value, .trace = head->trace,
                                        .block_state = layer->agrees ? head->block_state : NULL};
    float rho[2] = {0, 0};
    if (model->relevance) model->relevance->signals(model->relevance->user, &view, rho);
    else own_signals(model->lanes, (float)w->epsilon, &view, rho);
    const float nu = (float)w->nu;
    out[0] = synresi_against_f32(w->threshold, nu, synresi_signal_f32(rho[0]), &head->memory->threshold);
    if (layer->agrees) out[1] = synresi_against_f32(w->threshold, nu, synresi_signal_f32(rho[1]), &head->memory->agreement_threshold);
    synresi_trace_f32((float)w->mu, w->d_key, key, head->trace);
}
