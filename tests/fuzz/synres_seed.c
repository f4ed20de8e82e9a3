#include "synres_seed.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/checksum.h"
#include "fuzz_context.h"
#include "synres/model/model_internal.h"

enum { IN = 4, HEADS = 2, KEY = 3, VALUE = 2, OUT = 3, NUMBERS = 256, HEADER = 64, CHECKSUM = 56, ROOM = 8 << 20 };

synres_model *synres_seed_model(int number)
{
    static const int32_t flags[SYNRES_SEEDS] = {SYNRES_RULE_ERASE, SYNRES_RULE_ERASE | SYNRES_RULE_DECAY_CHANNEL | SYNRES_RULE_READ_PRE,
                                                SYNRES_RULE_ERASE | SYNRES_RULE_ROW_GATES | SYNRES_RULE_DECAY_ROW | SYNRES_LAYER_TIED};
    static float numbers[NUMBERS], positive[NUMBERS];
    synres_layer_weights layer[2];
    synres_tap_weights tap[2];
    synres_model *model;
    for (int i = 0; i < NUMBERS; i++) numbers[i] = sinf((float)(i * i + 1)), positive[i] = 0.1f;
    for (int i = 0; i < 2; i++) {
        require(synres_tap_weights_init(&tap[i], sizeof tap[i]) == SYNRES_OK);
        tap[i].d_out = OUT, tap[i].B = numbers, tap[i].gain = numbers + 1, tap[i].cap = i * 0.5;
        if (i) tap[i].gate = numbers + 2, tap[i].gate_bias = numbers + 3;
        require(synres_layer_weights_init(&layer[i], sizeof layer[i]) == SYNRES_OK);
        layer[i].flags = flags[number], layer[i].d_in = IN, layer[i].heads = HEADS, layer[i].d_key = KEY, layer[i].d_value = VALUE;
        layer[i].taps = 2, layer[i].tap = tap, layer[i].block = 2, layer[i].activation = number, layer[i].threshold = i, layer[i].radius = i;
        layer[i].A_key = numbers, layer[i].A_query = numbers + 4, layer[i].A_value = numbers + 5, layer[i].w_beta = numbers + 6, layer[i].b_beta = numbers + 7;
        if (number < 2) layer[i].w_decay = numbers + 8, layer[i].b_decay = numbers + 9, layer[i].rate = positive;
        layer[i].kappa_beta = layer[i].kappa_decay = numbers;
        if (i) layer[i].kappa_agreement = numbers;
    }
    require(synres_model_create(NULL, layer, 2, &model) == SYNRES_OK);
    return model;
}

int synres_sign(uint8_t *bytes, size_t size)
{
    if (size < HEADER) return 0;
    const uint64_t sum = base_checksum(bytes + HEADER, size - HEADER, base_checksum(bytes, CHECKSUM, 0));
    memcpy(bytes + CHECKSUM, &sum, sizeof sum);
    return 1;
}

static void check_heads(const synres_model *model, const synres_state *state, int64_t l)
{
    double norm, bound;
    for (int64_t h = 0; h < model->layer[l].w.heads; h++) {
        require(synres_state_norm(state, l, h, &norm) == SYNRES_OK && synres_state_bound(state, l, h, &bound) == SYNRES_OK);
        require(isfinite(norm) && isfinite(bound));
    }
}

static void use_layer(const synres_model *model, synres_state *state, synres_work *work, int64_t l)
{
    const synres_layer_weights *w = &model->layer[l].w;
    float *x = malloc((size_t)w->d_in * 2 * sizeof *x);
    synres_state *states[2] = {state, state};
    synres_batch batch;
    require(x && synres_batch_init(&batch, sizeof batch) == SYNRES_OK);
    for (int64_t j = 0; j < 2 * w->d_in; j++) x[j] = sinf((float)j);
    batch.tokens = 2, batch.x = x, batch.states = states;
    require(synres_run(model, l, &batch, work, 0, 1) == SYNRES_OK);
    for (int64_t t = 0; t < w->taps; t++) {
        const int64_t d_out = model->layer[l].tap[t].d_out;
        float *y = d_out < ROOM / 8 ? calloc((size_t)d_out * 2, sizeof *y) : NULL;
        if (y) require(synres_tap_prepare(model, l, t, work, y, 0, 0, 1) == SYNRES_OK && synres_tap(model, l, t, work, y, 0, 0, 1) == SYNRES_OK);
        free(y);
    }
    check_heads(model, state, l);
    free(x);
}

void synres_use(const synres_model *model, synres_state *state)
{
    size_t bytes, room;
    if (synres_work_size(model, 2, &room) || synres_state_size(model, SYNRES_SEED_REWIND, &bytes) || room > ROOM || bytes > ROOM) return;
    void *memory = malloc(bytes), *work_memory = malloc(room);
    synres_work *work;
    int64_t mark, after;
    require(memory && work_memory && synres_work_init(model, 2, work_memory, room, &work) == SYNRES_OK);
    if (!state) require(synres_state_init(model, SYNRES_SEED_REWIND, memory, bytes, &state) == SYNRES_OK);
    if (synres_state_mark(state, &mark) == SYNRES_OK) {
        for (int turn = 0; turn < 2; turn++)
            for (int64_t l = 0; l < model->layers; l++) use_layer(model, state, work, l);
        require(synres_state_mark(state, &after) == SYNRES_OK && after == mark + 4);
        require(synres_state_rewind(state, after - 1) == SYNRES_OK);
    }
    free(memory), free(work_memory);
}
