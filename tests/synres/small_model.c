#include "small_model.h"

#include <stdlib.h>

#include "base/random.h"
#include "suite.h"
#include "synres_inputs.h"

static float *numbers(small_layer *layer, uint64_t seed, int64_t n, double scale)
{
    float *x = malloc((size_t)n * sizeof *x);
    for (int64_t i = 0; i < n; i++) x[i] = (float)(scale * base_random_normal(seed, BASE_STREAM_TEST, ((uint64_t)layer->owns << 32) + (uint64_t)i));
    return layer->owned[layer->owns++] = x;
}

small_layer make_layer(uint64_t seed, int32_t flags, int resonant)
{
    enum { H = 3, K = 10, V = 6 };
    small_layer s = {.owns = 0};
    ck_synres_ok(synres_layer_weights_init(&s.w, sizeof s.w));
    s.w.flags = flags & ~SMALL_RADIUS;
    if (flags & SMALL_RADIUS) s.w.radius = 0.5, s.w.max_decay = 1;
    s.w.d_in = SMALL_IN, s.w.heads = H, s.w.d_key = K, s.w.d_value = V;
    s.w.activation = (int32_t)(seed % 3), s.w.threshold = (int32_t)(seed % 2), s.w.block = 5, s.w.taps = SMALL_TAPS;
    int64_t gates = H * (flags & SYNRES_RULE_ROW_GATES ? V : 1);
    int64_t decays = H * (flags & SYNRES_RULE_DECAY_CHANNEL ? K : flags & SYNRES_RULE_DECAY_ROW ? V : 1);
    s.w.A_key = numbers(&s, seed, H * K * SMALL_IN, 0.3);
    s.w.A_query = numbers(&s, seed, H * K * SMALL_IN, 0.3);
    s.w.A_value = numbers(&s, seed, H * V * SMALL_IN, 0.3);
    s.w.w_beta = numbers(&s, seed, gates * SMALL_IN, 0.2);
    s.w.b_beta = numbers(&s, seed, gates, 0.2);
    if (!(flags & (SYNRES_LAYER_TIED | SMALL_RADIUS))) {
        float *rate = numbers(&s, seed, H, 0.1);
        for (int i = 0; i < H; i++) rate[i] = rate[i] * rate[i] + 0.01f;
        s.w.rate = rate;
        s.w.w_decay = numbers(&s, seed, decays * SMALL_IN, 0.2);
        s.w.b_decay = numbers(&s, seed, decays, 0.2);
    }
    if (resonant) {
        s.w.kappa_beta = numbers(&s, seed, H, 1);
        s.w.kappa_decay = numbers(&s, seed, H, 1);
        s.w.kappa_agreement = numbers(&s, seed, H, 1);
    }
    for (int t = 0; t < SMALL_TAPS; t++) {
        ck_synres_ok(synres_tap_weights_init(&s.tap[t], sizeof s.tap[t]));
        s.tap[t].d_out = SMALL_OUT;
        s.tap[t].B = numbers(&s, seed, SMALL_OUT * H * V, 0.3);
        s.tap[t].gain = numbers(&s, seed, H * V, 1);
        s.tap[t].scale = 0.5 + t;
    }
    s.tap[1].gate = numbers(&s, seed, H * SMALL_IN, 0.2);
    s.tap[1].gate_bias = numbers(&s, seed, H, 0.2);
    s.tap[2].cap = 0.1;
    return s;
}

void free_layer(small_layer *layer)
{
    for (int i = 0; i < layer->owns; i++) free(layer->owned[i]);
}

static void give_work(small_model *m)
{
    size_t bytes;
    ck_synres_ok(synres_work_size(m->model, 64, &bytes));
    m->work_memory = malloc(bytes);
    ck_synres_ok(synres_work_init(m->model, 64, m->work_memory, bytes, &m->work));
}

small_model make_model(uint64_t seed, int32_t flags, int resonant, int64_t layers)
{
    small_model m = {0};
    small_layer *layer = calloc((size_t)layers, sizeof *layer);
    synres_layer_weights *w = calloc((size_t)layers, sizeof *w);
    for (int64_t l = 0; l < layers; l++) {
        layer[l] = make_layer(seed + 3 * (uint64_t)l, flags, resonant);
        w[l] = layer[l].w;
        w[l].tap = layer[l].tap;
    }
    ck_synres_ok(synres_model_create(NULL, w, layers, &m.model));
    for (int64_t l = 0; l < layers; l++) free_layer(&layer[l]);
    free(layer);
    free(w);
    give_work(&m);
    return m;
}

small_model make_model_of(small_layer *layer)
{
    small_model m = {0};
    layer->w.tap = layer->tap;
    ck_synres_ok(synres_model_create(NULL, &layer->w, 1, &m.model));
    give_work(&m);
    return m;
}

void free_model(small_model *m)
{
    free(m->work_memory);
    synres_model_destroy(m->model);
}

synres_state *make_state(const synres_model *model, int64_t rewind, void **memory)
{
    size_t bytes;
    synres_state *state;
    ck_synres_ok(synres_state_size(model, rewind, &bytes));
    *memory = malloc(bytes);
    memset(*memory, 0x5a, bytes);
    ck_synres_ok(synres_state_init(model, rewind, *memory, bytes, &state));
    return state;
}

float *random_x(uint64_t seed, int64_t tokens)
{
    float *x = malloc((size_t)(tokens * SMALL_IN) * sizeof *x);
    for (int64_t i = 0; i < tokens * SMALL_IN; i++) x[i] = (float)base_random_normal(seed, BASE_STREAM_TEST, ((uint64_t)99 << 32) + (uint64_t)i);
    return x;
}
