#include "small_run.h"

#include <stdlib.h>
#include <string.h>

#include "suite.h"
#include "synres_inputs.h"

const int32_t kinds[KINDS] = {
    SYNRES_RULE_ERASE,
    0,
    SYNRES_RULE_ERASE | SYNRES_RULE_DECAY_CHANNEL,
    SYNRES_RULE_ERASE | SYNRES_RULE_ROW_GATES | SYNRES_RULE_READ_PRE,
    SYNRES_RULE_ERASE | SYNRES_RULE_ROW_GATES | SYNRES_RULE_DECAY_ROW | SYNRES_LAYER_TIED,
    SYNRES_RULE_ERASE | SYNRES_LAYER_TIED,
    SYNRES_RULE_ERASE | SMALL_RADIUS,
    SYNRES_RULE_ERASE | SYNRES_RULE_ROW_GATES | SYNRES_RULE_DECAY_ROW | SYNRES_LAYER_TIED | SYNRES_LAYER_ERASE_OUTSIDE | SMALL_RADIUS,
    SYNRES_RULE_ERASE | SYNRES_RULE_ROW_GATES | SYNRES_RULE_DECAY_ROW | SYNRES_LAYER_TIED | SYNRES_LAYER_ERASE_OUTSIDE | SYNRES_LAYER_UNCERTIFIED,
};

synres_batch batch_of(const float *x, synres_state **states, int64_t tokens)
{
    synres_batch batch;
    ck_synres_ok(synres_batch_init(&batch, sizeof batch));
    batch.tokens = tokens, batch.x = x, batch.states = states;
    return batch;
}

void run_all(const small_model *m, synres_state *state, const float *x, int64_t tokens, int64_t size, float *y)
{
    synres_state *states[64];
    for (int i = 0; i < 64; i++) states[i] = state;
    const int64_t layers = synres_model_layers(m->model);
    for (int64_t at = 0; at < tokens; at += size) {
        int64_t n = tokens - at < size ? tokens - at : size;
        synres_batch batch = batch_of(x + at * SMALL_IN, states, n);
        for (int64_t l = 0; l < layers; l++) {
            ck_synres_ok(synres_run(m->model, l, &batch, m->work, 0, 1));
            for (int64_t t = 0; t < SMALL_TAPS; t++) {
                float *out = y + ((l * SMALL_TAPS + t) * tokens + at) * SMALL_OUT;
                ck_synres_ok(synres_tap_prepare(m->model, l, t, m->work, out, 0, 0, 1));
                ck_synres_ok(synres_tap(m->model, l, t, m->work, out, 0, 0, 1));
            }
        }
    }
}

float *ones(int64_t n)
{
    float *y = malloc((size_t)n * sizeof *y);
    for (int64_t i = 0; i < n; i++) y[i] = 1 + (float)(i % 7);
    return y;
}

size_t saved(const synres_state *state, unsigned char **bytes)
{
    size_t size;
    ck_synres_ok(synres_state_save_size(state, &size));
    *bytes = malloc(size);
    ck_synres_ok(synres_state_save(state, *bytes, size));
    return size;
}

void assert_same_state(const synres_state *a, const synres_state *b)
{
    unsigned char *x, *y;
    size_t size = saved(a, &x);
    ck_assert_uint_eq(size, saved(b, &y));
    ck_assert_mem_eq(x, y, size);
    free(x);
    free(y);
}
