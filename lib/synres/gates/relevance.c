/* The library's own relevance: what the stream has been about (contextual), and what the memory already says (agreement), each against a sliding
 * threshold, the mean of ρ or, as Bienenstock, Cooper and Munro have it, of ρ². Agreement looks at the state of the last block boundary, not at the
 * running one, so that a whole block of tokens can be gated before any of them is written. */
#include <math.h>

#include "gates_internal.h"

static float clamp(float x) { return isfinite(x) ? fminf(fmaxf(x, -1), 1) : 0; }

static void own_signals(const synresi_lanes *lanes, float epsilon, const synres_relevance_view *view, float out[2])
{
    const int64_t n = view->d_key;
    float length = sqrtf(lanes->dot(n, view->trace, view->trace));
    out[0] = lanes->dot(n, view->key, view->trace) / (length + epsilon);
    out[1] = 0;
    if (!view->block_state) return;
    float product = 0, recalled = 0, value = 0;
    for (int64_t i = 0; i < view->d_value; i++) {
        float p = lanes->dot(n, view->block_state + i * view->stride, view->key);
        product += p * view->value[i];
        recalled += p * p;
        value += view->value[i] * view->value[i];
    }
    out[1] = product / (sqrtf(recalled) * sqrtf(value) + epsilon);
}

static float against(const synres_layer_weights *w, float rho, float *threshold)
{
    const float r = rho - *threshold, nu = (float)w->nu;
    *threshold = nu * *threshold + (1 - nu) * (w->threshold == SYNRES_THRESHOLD_BCM ? rho * rho : rho);
    return r;
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
    out[0] = against(w, clamp(rho[0]), &head->memory->threshold);
    if (layer->agrees) out[1] = against(w, clamp(rho[1]), &head->memory->agreement_threshold);
    const float mu = (float)w->mu;
    for (int64_t j = 0; j < w->d_key; j++) head->trace[j] = mu * head->trace[j] + (1 - mu) * key[j];
}
