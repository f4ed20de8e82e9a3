/* Positions of a state. Rewinding copies the last snapshot before the mark and replays the log up to it, in the same arithmetic: the same bits. */
#include <string.h>

#include "state_internal.h"

enum { NOWHERE = -1 };

synres_status synres_state_reset(synres_state *state)
{
    if (!state) return SYNRES_E_ARGUMENT;
    for (int64_t l = 0; l < state->model->layers; l++)
        for (int64_t h = 0; h < state->model->layer[l].w.heads; h++) {
            const synresi_layer *layer = &state->model->layer[l];
            const size_t live = synresi_live_bytes(layer);
            unsigned char *block = state->head[state->first[l] + h];
            memset(block, 0, live * (state->rewind ? 3 : 1));
            synresi_live(layer, block).memory->block = -1;
            if (!state->rewind) continue;
            memcpy(block + live, block, live);
            memset(block + 3 * live, 0, synresi_token_bytes(layer) * (size_t)(2 * state->rewind));
            synresi_live(layer, block + 2 * live).memory->position = NOWHERE;
        }
    return SYNRES_OK;
}

synres_status synres_state_copy(synres_state *state, const synres_state *from)
{
    if (!state || !from) return SYNRES_E_ARGUMENT;
    if (state->hash != from->hash) return SYNRES_E_MODEL;
    if (state->rewind != from->rewind) return SYNRES_E_SHAPE;
    for (int64_t l = 0; l < state->model->layers && state != from; l++) {
        const synresi_layer *layer = &state->model->layer[l];
        size_t bytes = synresi_live_bytes(layer) * (state->rewind ? 3 : 1) + synresi_token_bytes(layer) * (size_t)(2 * state->rewind);
        for (int64_t h = 0; h < layer->w.heads; h++) memcpy(state->head[state->first[l] + h], from->head[from->first[l] + h], bytes);
    }
    return SYNRES_OK;
}

synres_status synres_state_mark(const synres_state *state, int64_t *mark)
{
    if (!state || !mark) return SYNRES_E_ARGUMENT;
    int64_t position = NOWHERE;
    for (int64_t l = 0; l < state->model->layers; l++)
        for (int64_t h = 0; h < state->model->layer[l].w.heads; h++) {
            int64_t here = synresi_live(&state->model->layer[l], state->head[state->first[l] + h]).memory->position;
            if (position != NOWHERE && here != position) return SYNRES_E_STATE;
            position = here;
        }
    *mark = position;
    return SYNRES_OK;
}

/* The latest snapshot that is not past the mark and not so old that the log has lost what followed; NULL: there is none. */
static unsigned char *snapshot_before(const synres_state *state, const synresi_layer *layer, unsigned char *block, int64_t mark, int64_t position)
{
    const size_t live = synresi_live_bytes(layer);
    unsigned char *best = NULL;
    int64_t latest = NOWHERE;
    for (int k = 1; k <= 2 && state->rewind; k++) {
        int64_t at = synresi_live(layer, block + (size_t)k * live).memory->position;
        if (at > latest && at <= mark && position - at <= 2 * state->rewind) best = block + (size_t)k * live, latest = at;
    }
    return best;
}

static void replay(synres_state *state, int64_t number, int64_t h, unsigned char *block, const unsigned char *snapshot, int64_t mark)
{
    const synresi_layer *layer = &state->model->layer[number];
    const size_t live = synresi_live_bytes(layer), bytes = synresi_token_bytes(layer);
    const synresi_head head = synresi_live(layer, block);
    memcpy(block, snapshot, live);
    while (head.memory->position < mark) {
        synresi_token token = synresi_logged(layer, block + 3 * live + (size_t)(head.memory->position % (2 * state->rewind)) * bytes);
        float r[2];
        if (*token.written != 0) {
            synresi_enter_block(layer, &head);
            synresi_relevance(state->model, number, h, &head, token.key, token.value, r);
            synresi_write(state->model, layer, &head, &token, NULL, state->scratch);
        }
        head.memory->position++;
    }
    for (size_t k = 1; k <= 2; k++) { /* snapshots of what has been taken back are none */
        synresi_memory *memory = synresi_live(layer, block + k * live).memory;
        if (memory->position > mark) memory->position = NOWHERE;
    }
}

synres_status synres_state_rewind(synres_state *state, int64_t mark)
{
    int64_t position;
    if (!state) return SYNRES_E_ARGUMENT;
    synres_status status = synres_state_mark(state, &position);
    if (status) return status;
    if (mark == position) return SYNRES_OK;
    if (mark < 0 || mark > position) return SYNRES_E_REWIND;
    for (int pass = 0; pass < 2; pass++) /* first whether it can be done everywhere, then it is done */
        for (int64_t l = 0; l < state->model->layers; l++)
            for (int64_t h = 0; h < state->model->layer[l].w.heads; h++) {
                unsigned char *block = state->head[state->first[l] + h];
                unsigned char *snapshot = snapshot_before(state, &state->model->layer[l], block, mark, position);
                if (!snapshot) return SYNRES_E_REWIND;
                if (pass) replay(state, l, h, block, snapshot, mark);
            }
    return SYNRES_OK;
}

static synres_status head_of(const synres_state *state, int64_t layer, int64_t head, const void *out, synresi_head *live)
{
    if (!state || !out) return SYNRES_E_ARGUMENT;
    if (layer < 0 || layer >= state->model->layers || head < 0 || head >= state->model->layer[layer].w.heads) return SYNRES_E_NOT_FOUND;
    *live = synresi_live(&state->model->layer[layer], state->head[state->first[layer] + head]);
    return SYNRES_OK;
}

synres_status synres_state_bound(const synres_state *state, int64_t layer, int64_t head, double *bound)
{
    synresi_head live;
    synres_status status = head_of(state, layer, head, bound, &live);
    if (!status) *bound = live.memory->bound;
    return status;
}

synres_status synres_state_norm(const synres_state *state, int64_t layer, int64_t head, double *norm)
{
    synresi_head live;
    synres_status status = head_of(state, layer, head, norm, &live);
    if (status) return status;
    *norm = synresi_norm(&state->model->layer[layer], live.S);
    return SYNRES_OK;
}
