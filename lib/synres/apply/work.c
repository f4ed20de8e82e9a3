/* The work's memory, laid out for the largest layer. */
#include "../../base/checked.h"
#include "../../base/layout.h"
#include "../../base/options.h"
#include "apply_internal.h"

static const synres_batch DEFAULT_BATCH = {.tokens = 0};

synres_status synres_batch_init(synres_batch *batch, size_t size) { return base_options_init(batch, size, &DEFAULT_BATCH, sizeof DEFAULT_BATCH); }

static synres_work *place(const synres_model *model, int64_t tokens, base_layout *layout)
{
    int64_t heads = 1, outputs = 1, taps = 1, count = 0;
    size_t token = 0;
    for (int64_t l = 0; l < model->layers; l++) {
        const synresi_layer *layer = &model->layer[l];
        size_t bytes = synresi_scratch_bytes(layer);
        heads = base_max_i64(heads, layer->w.heads);
        outputs = base_max_i64(outputs, layer->w.heads * layer->w.d_value);
        taps = base_max_i64(taps, layer->w.taps);
        token = token > bytes ? token : bytes;
    }
    layout->fits = layout->fits && base_mul_i64(tokens, base_max_i64(outputs, heads * taps), &count);
    synres_work *work = base_layout_take(layout, 1, sizeof *work);
    float *u = base_layout_take(layout, tokens * outputs, sizeof *u), *gate = base_layout_take(layout, taps * tokens * heads, sizeof *gate);
    float *factor = base_layout_take(layout, taps * tokens, sizeof *factor);
    unsigned char *flagged = base_layout_take(layout, tokens * heads, 1), **scratch = base_layout_take(layout, heads, sizeof *scratch);
    for (int64_t h = 0; h < heads && layout->fits; h++) {
        unsigned char *own = base_layout_take(layout, base_min_i64(tokens, SYNRESI_BLOCK), token);
        if (scratch) scratch[h] = own;
    }
    if (work) *work = (synres_work){.model = model, .capacity = tokens, .layer = -1, .u = u, .gate = gate, .factor = factor, .flagged = flagged,
                                    .scratch = scratch};
    return work;
}

synres_status synres_work_size(const synres_model *model, int64_t tokens, size_t *bytes)
{
    if (!model || !bytes || tokens < 1 || tokens > INT32_MAX / 64) return SYNRES_E_ARGUMENT;
    base_layout layout = {.fits = true};
    (void)place(model, tokens, &layout);
    return layout.fits && base_add_size(layout.used, BASE_ALIGNMENT, bytes) ? SYNRES_OK : SYNRES_E_OVERFLOW;
}

synres_status synres_work_init(const synres_model *model, int64_t tokens, void *memory, size_t bytes, synres_work **out)
{
    size_t needed;
    if (!out) return SYNRES_E_ARGUMENT;
    *out = NULL;
    synres_status status = synres_work_size(model, tokens, &needed);
    if (status) return status;
    if (!memory) return SYNRES_E_ARGUMENT;
    if (bytes < needed) return SYNRES_E_CAPACITY;
    base_layout layout = base_layout_inside(memory);
    *out = place(model, tokens, &layout);
    return SYNRES_OK;
}

synres_status synres_work_flagged(const synres_work *work, int64_t token, int64_t *heads)
{
    if (!work || !heads) return SYNRES_E_ARGUMENT;
    if (work->layer < 0) return SYNRES_E_STATE;
    if (token < 0 || token >= work->tokens) return SYNRES_E_SHAPE;
    const int64_t all = work->model->layer[work->layer].w.heads;
    *heads = 0;
    for (int64_t h = 0; h < all; h++) *heads += work->flagged[token * all + h];
    return SYNRES_OK;
}

synres_status synres_work_read(const synres_work *work, int64_t token, const float **u)
{
    if (!work || !u) return SYNRES_E_ARGUMENT;
    if (work->layer < 0) return SYNRES_E_STATE;
    if (token < 0 || token >= work->tokens) return SYNRES_E_SHAPE;
    const synres_layer_weights *w = &work->model->layer[work->layer].w;
    *u = work->u + token * w->heads * w->d_value;
    return SYNRES_OK;
}
