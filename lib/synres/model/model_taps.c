/* Taps made ready: scale and gain are folded into B once, in f64, so that adding is one product. */
#include "../../base/checked.h"
#include "../../base/layout.h"
#include "../../linalg/finite.h"
#include "model_internal.h"

static bool executed(const synres_tap_weights *t, int64_t r)
{
    bool some = !t->gain;
    for (int64_t i = 0; i < r && t->gain; i++) some |= t->gain[i] != 0;
    return t->B && t->scale != 0 && some;
}

/* Sixteen outputs side by side: element (i, j) of B. Outputs beyond d_out stay 0. */
static int64_t folded_at(int64_t i, int64_t j, int64_t r) { return (i / SYNRESI_LANES * r + j) * SYNRESI_LANES + i % SYNRESI_LANES; }

static void fold(const synres_tap_weights *t, int64_t r, float *folded)
{
    for (int64_t i = 0; i < synresi_padded(t->d_out); i++)
        for (int64_t j = 0; j < r; j++)
            folded[folded_at(i, j, r)] = i < t->d_out ? (float)(t->scale * t->B[i * r + j] * (t->gain ? t->gain[j] : 1)) : 0;
}

static void place(synres_model *model, base_layout *layout)
{
    for (int64_t l = 0; l < model->layers; l++)
        for (int64_t i = 0; i < model->layer[l].w.taps; i++) {
            synresi_layer *layer = &model->layer[l];
            const synres_tap_weights *t = &layer->tap_weights[i];
            synresi_tap *tap = &layer->tap[i];
            int64_t r = layer->w.heads * layer->w.d_value, count = 0;
            *tap = (synresi_tap){.d_out = t->d_out, .cap = t->cap, .gate = t->gate, .gate_bias = t->gate_bias};
            if (!executed(t, r)) continue;
            layout->fits = layout->fits && base_mul_i64(synresi_padded(t->d_out), r, &count);
            float *folded = base_layout_take(layout, count, sizeof *folded);
            tap->folded = folded;
            if (folded) fold(t, r, folded);
        }
}

static synres_status check(const synres_model *model, const synresi_words *words)
{
    for (int64_t l = 0; l < model->layers; l++)
        for (int64_t i = 0; i < model->layer[l].w.taps; i++) {
            const synresi_layer *layer = &model->layer[l];
            const synresi_tap *tap = &layer->tap[i];
            if (tap->folded && linalg_first_not_finite_f32(tap->folded, synresi_padded(tap->d_out) * layer->w.heads * layer->w.d_value) >= 0)
                return synresi_fail(words, SYNRES_E_NOT_FINITE, "layer %d, tap %d: scale times B and gain is more than f32 holds", (int)l, (int)i);
        }
    return SYNRES_OK;
}

synres_status synresi_taps_fold(synres_model *model, const synresi_words *words)
{
    base_layout measure = {.fits = true};
    place(model, &measure);
    if (!measure.fits) return SYNRES_E_OVERFLOW;
    base_layout layout = {.fits = true, .memory = model->folded = base_alloc(&model->memory, measure.used)};
    if (!model->folded) return SYNRES_E_MEMORY;
    place(model, &layout);
    return check(model, words);
}
