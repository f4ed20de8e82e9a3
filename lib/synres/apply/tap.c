/* y += B (g ∘ u), sixteen outputs at a time, each on its own, so that threads share the outputs out; and the cap, whose norms are taken before anyone
 * has added anything, so that no thread reads what another is changing. A tap that is absent or closed is not executed: y + 0 would turn −0.0 into 0.0 and spread NaN. */
#include <math.h>

#include "../../base/checked.h"
#include "apply_internal.h"

synres_status synresi_tap_of(const synres_model *model, int64_t layer, int64_t number, const synres_work *work, int64_t *ldy, int32_t ith, int32_t nth,
                             const synresi_tap **tap)
{
    *tap = NULL;
    if (!model || !work || nth < 1 || ith < 0 || ith >= nth) return SYNRES_E_ARGUMENT;
    if (work->model != model) return SYNRES_E_MODEL;
    if (layer < 0 || layer >= model->layers || number < 0 || number >= model->layer[layer].w.taps) return SYNRES_E_NOT_FOUND;
    if (work->layer != layer) return SYNRES_E_STATE;
    const synresi_tap *found = &model->layer[layer].tap[number];
    if (!*ldy) *ldy = found->d_out;
    if (*ldy < found->d_out) return SYNRES_E_SHAPE;
    if (found->folded) *tap = found;
    return SYNRES_OK;
}

/* ‖Δy‖² of a token before the cap: what synres_tap will add, with the same bits. */
static double added_square(const synres_model *model, const synresi_tap *tap, const synresi_layer *layer, const synres_work *work, int64_t number,
                           int64_t token)
{
    const int64_t d = layer->w.d_value, heads = layer->w.heads, r = heads * d;
    const float *gates = synresi_tap_gates(work, number, token, heads);
    double sum = 0;
    for (int64_t i = 0; i < tap->d_out; i += SYNRESI_LANES) {
        float added[SYNRESI_LANES]; /* 0 beyond d_out */
        if (!model->lanes->read_out(heads, d, tap->folded + i * r, work->u + token * r, gates, added)) return 0;
        for (int l = 0; l < SYNRESI_LANES; l++) sum += (double)added[l] * added[l];
    }
    return sum;
}

synres_status synres_tap_prepare(const synres_model *model, int64_t number, int64_t which, synres_work *work, const float *y, int64_t ldy, int32_t ith,
                                 int32_t nth)
{
    const synresi_tap *tap;
    synres_status status = synresi_tap_of(model, number, which, work, &ldy, ith, nth, &tap);
    if (status || !tap || !(tap->cap > 0)) return status;
    if (!y && work->tokens) return SYNRES_E_ARGUMENT;
    for (int64_t t = ith; t < work->tokens; t += nth) {
        double square = 0, added = sqrt(added_square(model, tap, &model->layer[number], work, which, t));
        for (int64_t i = 0; i < tap->d_out; i++) square += (double)y[t * ldy + i] * y[t * ldy + i];
        double allowed = tap->cap * sqrt(square);
        double factor = added <= allowed ? 1 : allowed / added;
        work->factor[which * work->capacity + t] = isfinite(allowed) && isfinite(factor) ? (float)(factor < 1 ? factor * (1 - 1e-6) : 1) : 0;
    }
    return SYNRES_OK;
}

synres_status synres_tap(const synres_model *model, int64_t number, int64_t which, const synres_work *work, float *y, int64_t ldy, int32_t ith, int32_t nth)
{
    const synresi_tap *tap;
    synres_status status = synresi_tap_of(model, number, which, work, &ldy, ith, nth, &tap);
    if (status || !tap) return status;
    if (!y && work->tokens) return SYNRES_E_ARGUMENT;
    const int64_t heads = model->layer[number].w.heads, d = model->layer[number].w.d_value, r = heads * d;
    for (int64_t t = 0; t < work->tokens; t++)
        if (work->factor[which * work->capacity + t] < 0) return SYNRES_E_STATE;
    for (int64_t i = (int64_t)ith * SYNRESI_LANES; i < tap->d_out; i += (int64_t)nth * SYNRESI_LANES) {
        const int64_t outputs = base_min_i64(SYNRESI_LANES, tap->d_out - i);
        for (int64_t t = 0; t < work->tokens; t++) {
            float added[SYNRESI_LANES];
            const float factor = work->factor[which * work->capacity + t], *gates = synresi_tap_gates(work, which, t, heads);
            if (factor == 0 || !model->lanes->read_out(heads, d, tap->folded + i * r, work->u + t * r, gates, added)) continue;
            for (int64_t l = 0; l < outputs; l++) y[t * ldy + i + l] += factor * added[l];
        }
    }
    return SYNRES_OK;
}
