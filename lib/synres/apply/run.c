/* One layer over a batch: for each head of this thread, and each token, project, gate, update, read. Heads never meet, so no thread waits for another.
 * The projections use the lanes and not a BLAS: a token has the same bits alone, in any batch, and on any number of threads, and nothing is
 * allocated or locked. For the same bits the tokens are stepped through, not taken by chunks. */
#include <math.h>
#include <string.h>

#include "../../base/checked.h"
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

/* The tokens of a block as they lie in a head's scratch: token i's numbers are i·size floats after the first's. */
typedef struct block {
    const float *x;
    int64_t ldx, tokens, size;
} block;

/* out = W x + b for each token, where W and b may be absent. */
static void affine(const synresi_lanes *lanes, const block *in, int64_t rows, int64_t n, const float *W, const float *b, float *out)
{
    if (W) lanes->rows(rows, n, W, n, in->tokens, in->x, in->ldx, out, in->size);
    for (int64_t t = 0; t < in->tokens && (b || !W); t++)
        for (int64_t i = 0; i < rows; i++) out[t * in->size + i] = (W ? out[t * in->size + i] : 0) + (b ? b[i] : 0);
}

/* The query stands behind what the log keeps of a token. */
static float *query_of(const synresi_layer *layer, unsigned char *scratch) { return (float *)(void *)(scratch + synresi_token_bytes(layer)); }

/* All products of a head's weights with the block's tokens: the weights are read once. */
static void project(const synres_model *model, const synresi_layer *layer, int64_t h, const block *in, unsigned char *scratch)
{
    const synres_layer_weights *w = &layer->w;
    const int64_t n = w->d_in, k = w->d_key, v = w->d_value, g = layer->gates, d = layer->decays;
    const synresi_token t = synresi_logged(layer, scratch);
    affine(model->lanes, in, k, n, w->A_key + h * k * n, NULL, t.key);
    affine(model->lanes, in, k, n, w->A_query + h * k * n, NULL, query_of(layer, scratch));
    affine(model->lanes, in, v, n, w->A_value + h * v * n, NULL, t.value);
    affine(model->lanes, in, g, n, w->w_beta ? w->w_beta + h * g * n : NULL, w->b_beta ? w->b_beta + h * g : NULL, t.beta);
    affine(model->lanes, in, d, n, w->w_decay ? w->w_decay + h * d * n : NULL, w->b_decay ? w->b_decay + h * d : NULL, t.decay);
}

/* Whether the state stays far from f32's end once the values are written: what passed it would be NaN for ever. False for values that are no numbers. */
static bool can_hold(const synresi_layer *layer, const synresi_head *head, const float *value)
{
    double square = 0;
    for (int64_t i = 0; i < layer->w.d_value; i++) square += (double)value[i] * value[i];
    return head->memory->bound + layer->w.beta_max * sqrt(square) <= SYNRESI_MOST;
}

/* Keys and queries of a projected token made unit vectors: false where something is not finite, or the state could not hold the values. */
static bool normalise(const synres_model *model, const synresi_layer *layer, const synresi_head *head, const synresi_token *t, float *query)
{
    const int64_t k = layer->w.d_key;
    memset(t->key + k, 0, (size_t)(layer->padded - k) * sizeof(float));
    memset(query + k, 0, (size_t)(layer->padded - k) * sizeof(float));
    synresi_normalise(layer, model->lanes, t->key);
    synresi_normalise(layer, model->lanes, query);
    return linalg_first_not_finite_f32(t->key, k) < 0 && linalg_first_not_finite_f32(query, k) < 0 &&
           can_hold(layer, head, t->value) &&
           linalg_first_not_finite_f32(t->beta, layer->gates) < 0 && linalg_first_not_finite_f32(t->decay, layer->decays) < 0;
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
    if (t->erase_beta != t->beta) synresi_erase_outside_f32(layer->gates, t->beta, t->decay, t->erase_beta);
}

/* The taps' gates of a token; of a flagged one they are closed. */
static void tap_gates(const synres_model *model, const synresi_layer *layer, synres_work *work, int64_t token, int64_t h, const float *x, bool flagged)
{
    const int64_t n = layer->w.d_in, heads = layer->w.heads;
    for (int64_t i = 0; i < layer->w.taps; i++) {
        const synresi_tap *tap = &layer->tap[i];
        float g = flagged ? 0 : 1;
        if (!flagged && tap->folded && tap->gate) {
            float z = model->lanes->dot(n, tap->gate + h * n, x) + (tap->gate_bias ? tap->gate_bias[h] : 0);
            g = synresi_sigmoid_f32(z);
        }
        work->gate[(i * work->capacity + token) * heads + h] = isfinite(g) ? g : 0;
    }
}

static void one(const synres_model *model, int64_t number, synres_state *state, synres_work *work, int64_t token, int64_t h, const float *x, bool finite,
                unsigned char *scratch)
{
    const synresi_layer *layer = &model->layer[number];
    const int64_t at = token * layer->w.heads + h;
    const synresi_head head = synresi_live(layer, state->head[state->first[number] + h]);
    const synresi_token t = synresi_logged(layer, scratch);
    float *query = query_of(layer, scratch), *u = work->u + at * layer->w.d_value;
    finite = finite && normalise(model, layer, &head, &t, query);
    work->flagged[at] = !finite;
    *t.written = finite;
    tap_gates(model, layer, work, token, h, x, !finite);
    if (finite) {
        gate(model, number, h, &head, &t);
        synresi_write(model, layer, &head, &t, query, u);
    } else {
        memset(u, 0, (size_t)layer->w.d_value * sizeof *u);
    }
    head.memory->position++;
    synresi_remember(state, number, h, &t);
}

/* Tokens first … first + in->tokens − 1. Heads outside, tokens inside: a head's weights and states stay near for all of them. */
static void run_block(const synres_model *model, int64_t number, const synres_batch *batch, synres_work *work, int64_t first, const block *in, int32_t ith,
                      int32_t nth)
{
    const synresi_layer *layer = &model->layer[number];
    bool finite[SYNRESI_BLOCK];
    for (int64_t t = 0; t < in->tokens; t++) finite[t] = linalg_first_not_finite_f32(in->x + t * in->ldx, layer->w.d_in) < 0;
    for (int64_t h = ith; h < layer->w.heads; h += nth) {
        project(model, layer, h, in, work->scratch[h]);
        for (int64_t t = 0; t < in->tokens; t++)
            one(model, number, batch->states[first + t], work, first + t, h, in->x + t * in->ldx, finite[t],
                work->scratch[h] + (size_t)(t * in->size) * sizeof(float));
    }
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
            for (int64_t t = 0; t < batch.tokens; t++) work->factor[i * work->capacity + t] = model->layer[number].tap[i].cap > 0 ? -1 : 1;
    }
    for (int64_t t = 0; t < batch.tokens; t += SYNRESI_BLOCK) {
        const block in = {.x = batch.x + t * batch.ldx, .ldx = batch.ldx, .tokens = base_min_i64(SYNRESI_BLOCK, batch.tokens - t),
                          .size = (int64_t)(synresi_scratch_bytes(&model->layer[number]) / sizeof(float))};
        run_block(model, number, &batch, work, t, &in, ith, nth);
    }
    return SYNRES_OK;
}
