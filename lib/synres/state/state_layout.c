/* Where everything of a state lies. */
#include <string.h>

#include "../../base/checked.h"
#include "../../base/layout.h"
#include "state_internal.h"

static size_t whole(int64_t floats) { return (size_t)synresi_padded(floats) * sizeof(float); }

_Static_assert(sizeof(synresi_memory) == BASE_ALIGNMENT && SYNRESI_LANES * sizeof(float) == BASE_ALIGNMENT, "blocks are made of whole cache lines");

size_t synresi_live_bytes(const synresi_layer *layer)
{
    const size_t S = whole(layer->w.d_value * layer->padded);
    return sizeof(synresi_memory) + whole(layer->padded) + S + (layer->agrees ? S : 0);
}

synresi_head synresi_live(const synresi_layer *layer, unsigned char *block)
{
    float *trace = (float *)(void *)(block + sizeof(synresi_memory)), *S = trace + layer->padded;
    return (synresi_head){.memory = (synresi_memory *)(void *)block, .trace = trace, .S = S,
                          .block_state = layer->agrees ? S + layer->w.d_value * layer->padded : NULL};
}

size_t synresi_token_bytes(const synresi_layer *layer)
{
    return whole(layer->padded) + whole(layer->w.d_value) + whole(layer->gates) + whole(layer->decays) + BASE_ALIGNMENT +
           (layer->w.flags & SYNRES_LAYER_ERASE_OUTSIDE ? whole(layer->gates) : 0);
}

synresi_token synresi_logged(const synresi_layer *layer, unsigned char *place)
{
    float *key = (float *)(void *)place, *value = key + layer->padded, *beta = value + synresi_padded(layer->w.d_value);
    float *decay = beta + synresi_padded(layer->gates);
    float *written = decay + synresi_padded(layer->decays);
    return (synresi_token){.key = key, .value = value, .beta = beta, .decay = decay, .written = written,
                           .erase_beta = layer->w.flags & SYNRES_LAYER_ERASE_OUTSIDE ? written + SYNRESI_LANES : beta};
}

/* Everything in its place; with memory NULL only measured. */
static synres_state *place(const synres_model *model, int64_t rewind, base_layout *layout)
{
    synres_state *state = base_layout_take(layout, 1, sizeof *state);
    int64_t heads = 0, widest = 1;
    for (int64_t l = 0; l < model->layers; l++) {
        heads += model->layer[l].w.heads;
        widest = base_max_i64(widest, model->layer[l].w.d_value);
    }
    unsigned char **head = base_layout_take(layout, heads, sizeof *head);
    int64_t *first = base_layout_take(layout, model->layers, sizeof *first);
    float *scratch = base_layout_take(layout, widest, sizeof *scratch);
    int64_t next = 0;
    for (int64_t l = 0; l < model->layers; l++) {
        const synresi_layer *layer = &model->layer[l];
        if (first) first[l] = next;
        size_t bytes = synresi_live_bytes(layer) * (rewind ? 3 : 1), log;
        layout->fits = layout->fits && base_bytes(2 * rewind, synresi_token_bytes(layer), &log) && base_add_size(bytes, log, &bytes);
        for (int64_t h = 0; h < layer->w.heads && layout->fits; h++, next++) {
            unsigned char *block = base_layout_take(layout, 1, bytes);
            if (head) head[next] = block;
        }
    }
    if (state) *state = (synres_state){.model = model, .hash = model->hash, .rewind = rewind, .scratch = scratch, .head = head, .first = first};
    return state;
}

synres_status synres_state_size(const synres_model *model, int64_t rewind, size_t *bytes)
{
    if (!model || !bytes || rewind < 0 || rewind > 65536) return SYNRES_E_ARGUMENT;
    base_layout layout = {.fits = true};
    (void)place(model, rewind, &layout);
    return layout.fits && base_add_size(layout.used, BASE_ALIGNMENT, bytes) ? SYNRES_OK : SYNRES_E_OVERFLOW;
}

synres_status synres_state_init(const synres_model *model, int64_t rewind, void *memory, size_t bytes, synres_state **out)
{
    size_t needed;
    if (!out) return SYNRES_E_ARGUMENT;
    *out = NULL;
    synres_status status = synres_state_size(model, rewind, &needed);
    if (status) return status;
    if (!memory) return SYNRES_E_ARGUMENT;
    if (bytes < needed) return SYNRES_E_CAPACITY;
    base_layout layout = base_layout_inside(memory);
    synres_state *state = place(model, rewind, &layout);
    state->bytes = layout.used;
    *out = state;
    return synres_state_reset(state);
}
