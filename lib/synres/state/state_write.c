/* A gated token into a head: the update, the certificate, the log.
 *
 * The certificate (docs/synres/stability.md), with κ = ‖k‖² of the key as it is, which rounding may leave a little above 1: T2,
 * B² ← ᾱ²B² + Σ β_i/(2 − β_iκ)·v_i², where the erase is along the key and nested, and in any case B ← fB + ‖β∘v‖√κ, where f bounds the transition; the
 * smaller of the two holds. */
#include <math.h>
#include <string.h>

#include "state_internal.h"

/* How much longer the transition makes a row at the most: its factors are α across the key and α − βκ, or α(1 − βκ), along it. */
static double longest_factor(const synresi_layer *layer, const synresi_token *t, double decay, double kappa)
{
    double factor = decay;
    for (int64_t i = 0; i < layer->gates && layer->w.flags & SYNRES_RULE_ERASE; i++)
        factor = fmax(factor, layer->w.flags & SYNRES_LAYER_ERASE_OUTSIDE ? t->beta[i] * kappa - t->decay[i] : decay * (t->beta[i] * kappa - 1));
    return factor;
}

/* ‖k‖², in four sums that need not wait for each other. */
static double length_squared(const float *key, int64_t padded)
{
    double sum[4] = {0};
    for (int64_t j = 0; j < padded; j += 4)
        for (int l = 0; l < 4; l++) sum[l] += (double)key[j + l] * key[j + l];
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

static void raise_bound(const synresi_layer *layer, double *bound, const synresi_token *t)
{
    const int32_t flags = layer->w.flags;
    const double kappa = length_squared(t->key, layer->padded);
    double decay = 0, written = 0, erased = 0, push = 0, pull = 0;
    for (int64_t i = 0; i < layer->decays; i++) decay = fmax(decay, t->decay[i]);
    for (int64_t i = 0; i < layer->w.d_value; i++) {
        const double beta = t->beta[layer->gates > 1 ? i : 0], square = (double)t->value[i] * t->value[i];
        if (i == 0 || layer->gates > 1) push = beta * beta, pull = beta * kappa < 2 ? beta / (2 - beta * kappa) : INFINITY;
        written += push * square;
        erased += pull * square;
    }
    const double any = longest_factor(layer, t, decay, kappa) * *bound + sqrt(written * kappa);
    const bool nested = flags & SYNRES_RULE_ERASE && !(flags & SYNRES_LAYER_ERASE_OUTSIDE);
    *bound = nested ? fmin(any, sqrt(decay * decay * *bound * *bound + erased)) : any;
}

void synresi_write(const synres_model *model, const synresi_layer *layer, const synresi_head *head, const synresi_token *t, const float *query, float *u)
{
    const int32_t flags = layer->w.flags;
    bool forgets = false;
    for (int64_t i = 0; i < layer->decays; i++) forgets |= t->decay[i] != 1;
    bool channel = flags & SYNRES_RULE_DECAY_CHANNEL && forgets;
    const synresi_update update = {.n = layer->padded, .padded = layer->padded, .rows = layer->w.d_value, .stride = layer->padded, .S = head->S,
                                   .key = t->key, .query = query ? query : t->key, .erase = t->key, .value = t->value, .beta = t->beta,
                                   .erase_beta = flags & SYNRES_RULE_ERASE ? t->erase_beta : NULL,
                                   .decay = channel ? NULL : t->decay, .channel = channel ? t->decay : NULL, .gate_step = layer->gates > 1,
                                   .decay_step = layer->decays > 1 && !(flags & SYNRES_RULE_DECAY_CHANNEL), .read_pre = flags & SYNRES_RULE_READ_PRE, .u = u};
    model->lanes->update(&update);
    raise_bound(layer, &head->memory->bound, t);
}

/* Into the log; then, at multiples of `rewind` tokens, over the older snapshot. Called once the token has been written and the position is past it. */
void synresi_remember(const synres_state *state, int64_t number, int64_t h, const synresi_token *t)
{
    if (!state->rewind) return;
    const synresi_layer *layer = &state->model->layer[number];
    const size_t live = synresi_live_bytes(layer), bytes = synresi_token_bytes(layer);
    unsigned char *block = state->head[state->first[number] + h], *log = block + 3 * live;
    const int64_t position = synresi_live(layer, block).memory->position;
    memcpy(log + (size_t)((position - 1) % (2 * state->rewind)) * bytes, t->key, bytes);
    if (position % state->rewind) return;
    int64_t first = synresi_live(layer, block + live).memory->position, second = synresi_live(layer, block + 2 * live).memory->position;
    memcpy(block + (first <= second ? live : 2 * live), block, live);
}
