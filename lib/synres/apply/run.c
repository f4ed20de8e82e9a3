/* One layer over a batch: for each token, and each head of this thread, project, gate, update, read. Heads never meet, so no thread waits for another.
 * The projections use the lanes and not a BLAS: a token has the same bits alone, in any batch, and on any number of threads. */
#include <math.h>
#include <string.h>

#include "../../base/options.h"
#include "../../linalg/finite.h"
#include "apply_internal.h"

static const synres_batch DEFAULT = {.tokens = 0};

static synres_status check(const synres_model *model, int64_t layer, const synres_batch *given, synres_batch *batch, const synres_work *work, int32_t ith,
                           int32_t nth)
{
    if (!model || !given || !work || nth < 1 || ith < 0 || ith >= nth) return SYNRES_E_ARGUMENT;
    if (work->model != model) return SYNRES_E_MODEL;
    if (layer < 0 || layer >= model->layers) return SYNRES_E_NOT_FOUND;
    synres_status status = base_options_read(batch, sizeof *batch, &DEFAULT, given);
    if (status) return status;
    if (batch->tokens < 0 || (batch->ldx && batch->ldx < model->layer[layer].w.d_in)) return SYNRES_E_SHAPE;
    if (batch->tokens > work->capacity) return SYNRES_E_CAPACITY;
    if (batch->tokens && (!batch->x || !batch->states)) return SYNRES_E_ARGUMENT;
    if (!batch->ldx) batch->ldx = model->layer[layer].w.d_in;
    for (int64_t t = 0; t < batch->tokens; t++) {
        if (!batch->states[t]) return SYNRES_E_ARGUMENT;
        if (batch->states[t]->hash != model->hash || batch->states[t]->model != model) return SYNRES_E_MODEL;
    }
    return SYNRES_OK;
}

/* out = W x + b, where W and b may be absent. */
static void affine(const synresi_lanes *lanes, int64_t rows, int64_t n, const float *W, const float *b, const float *x, float *out)
{
    if (W) lanes->rows(rows, n, W, n, x, out);
    for (int64_t i = 0; i < rows; i++) out[i] = (W ? out[i] : 0) + (b ? b[i] : 0);
}

/* Whether the state stays far from f32's end once the values are written: what passed it would be NaN for ever. False for values that are no numbers. */
static bool can_hold(const synresi_layer *layer, const synresi_head *head, const float *value)
{
    double square = 0;
    for (int64_t i = 0; i < layer->w.d_value; i++) square += (double)value[i] * value[i];
    return head->memory->bound + layer->w.beta_max * sqrt(square) <= SYNRESI_MOST;
}

/* The head's token into its scratch: false where something is not finite, or the state could not hold it. */
static bool project(const synres_model *model, const synresi_layer *layer, int64_t h, const synresi_head *head, const float *x, const synresi_token *t,
                    float *query)
{
    const synres_layer_weights *w = &layer->w;
    const int64_t n = w->d_in, k = w->d_key, v = w->d_value, g = layer->gates, d = layer->decays;
    const synresi_lanes *lanes = model->lanes;
    memset(t->key + k, 0, (size_t)(layer->padded - k) * sizeof(float));
    memset(query + k, 0, (size_t)(layer->padded - k) * sizeof(float));
    lanes->rows(k, n, w->A_key + h * k * n, n, x, t->key);
    lanes->rows(k, n, w->A_query + h * k * n, n, x, query);
    lanes->rows(v, n, w->A_value + h * v * n, n, x, t->value);
    synresi_normalise(layer, lanes, t->key);
    synresi_normalise(layer, lanes, query);
    affine(lanes, g, n, w->w_beta ? w->w_beta + h * g * n : NULL, w->b_beta ? w->b_beta + h * g : NULL, x, t->beta);
    affine(lanes, d, n, w->w_decay ? w->w_decay + h * d * n : NULL, w->b_decay ? w->b_decay + h * d : NULL, x, t->decay);
    return linalg_first_not_finite_f32(t->key, k) < 0 && linalg_first_not_finite_f32(query, k) < 0 && can_hold(layer, head, t->value) &&
           linalg_first_not_finite_f32(t->beta, g) < 0 && linalg_first_not_finite_f32(t->decay, d) < 0;
}

/* Pre-activations become gates, with what belongs to them. */
static void gate(const synres_model *model, int64_t number, int64_t h, const synresi_head *head, const synresi_token *t)
{
    const synresi_layer *layer = &model->layer[number];
    float r[2];
    synresi_enter_block(layer, head);
    synresi_relevance(model, number, h, head, t->key, t->value, r);
    synresi_gates(layer, h, r, t->beta, t->decay, t->beta, t->decay);
    for (int64_t i = layer->decays; i < synresi_padded(layer->decays); i++) t->decay[i] = 1;
    if (t->erase_beta != t->beta)
        for (int64_t i = 0; i < layer->gates; i++) t->erase_beta[i] = t->beta[i] / fmaxf(t->decay[i], 0x1p-24f);
}

static void tap_gates(const synres_model *model, const synresi_layer *layer, synres_work *work, int64_t token, int64_t h, const float *x)
{
    const int64_t n = layer->w.d_in, heads = layer->w.heads;
    for (int64_t i = 0; i < layer->w.taps; i++) {
        const synresi_tap *tap = &layer->tap[i];
        float g = 1;
        if (tap->folded && tap->gate) {
            float z = model->lanes->dot(n, tap->gate + h * n, x) + (tap->gate_bias ? tap->gate_bias[h] : 0);
            g = 1 / (1 + expf(-z));
        }
        work->gate[(i * work->capacity + token) * heads + h] = isfinite(g) ? g : 0;
    }
}

static void one(const synres_model *model, int64_t number, synres_state *state, synres_work *work, int64_t token, int64_t h, const float *x, bool finite)
{
    const synresi_layer *layer = &model->layer[number];
    const int64_t at = token * layer->w.heads + h;
    const synresi_head head = synresi_live(layer, state->head[state->first[number] + h]);
    const synresi_token t = synresi_logged(layer, work->scratch[h]);
    float *query = (float *)(void *)(work->scratch[h] + synresi_token_bytes(layer)), *u = work->u + at * layer->w.d_value;
    finite = finite && project(model, layer, h, &head, x, &t, query);
    work->flagged[at] = !finite;
    *t.written = finite;
    if (finite) {
        tap_gates(model, layer, work, token, h, x);
        gate(model, number, h, &head, &t);
        synresi_write(model, layer, &head, &t, query, u);
    } else {
        memset(u, 0, (size_t)layer->w.d_value * sizeof *u);
    }
    head.memory->position++;
    synresi_remember(state, number, h, &t);
}

synres_status synres_run(const synres_model *model, int64_t number, const synres_batch *given, synres_work *work, int32_t ith, int32_t nth)
{
    synres_batch batch;
    synres_status status = check(model, number, given, &batch, work, ith, nth);
    if (status) return status;
    const synres_layer_weights *w = &model->layer[number].w;
    if (ith == 0) {
        work->layer = number;
        work->tokens = batch.tokens;
        for (int64_t i = 0; i < w->taps; i++)
            for (int64_t t = 0; t < batch.tokens; t++) work->factor[i * work->capacity + t] = model->layer[number].tap[i].gram ? -1 : 1;
    }
    for (int64_t t = 0; t < batch.tokens; t++) {
        const float *x = batch.x + t * batch.ldx;
        const bool finite = linalg_first_not_finite_f32(x, w->d_in) < 0;
        for (int64_t h = ith; h < w->heads; h += nth) one(model, number, batch.states[t], work, t, h, x, finite);
    }
    return SYNRES_OK;
}
