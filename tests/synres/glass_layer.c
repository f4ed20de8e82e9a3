#include "glass_layer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "state/state_internal.h"
#include "suite.h"
#include "synres_inputs.h"

enum { IN = 2 * GLASS_MOST + 1 };

synres_status open_glass(glass *g, glass_options options, int64_t rewind)
{
    float key[GLASS_MOST * IN] = {0}, value[GLASS_MOST * IN] = {0}, push[GLASS_MOST * IN] = {0}, B[GLASS_MOST * GLASS_MOST] = {0};
    synres_tap_weights tap;
    synres_layer_weights w;
    size_t bytes;
    memset(g, 0, sizeof *g);
    g->options = options;
    const int64_t k = options.d_key, v = options.d_value, in = k + v + 1;
    ck_synres_ok(synres_tap_weights_init(&tap, sizeof tap));
    ck_synres_ok(synres_layer_weights_init(&w, sizeof w));
    for (int64_t i = 0; i < k; i++) key[i * in + i] = 1;
    for (int64_t i = 0; i < v; i++) value[i * in + k + i] = push[i * in + k + v] = B[i * v + i] = 1;
    w.flags = options.flags, w.d_in = in, w.d_key = k, w.d_value = v, w.taps = 1, w.tap = &tap;
    w.A_key = w.A_query = key, w.A_value = value, w.w_beta = push;
    w.epsilon = 1e-30;
    w.radius = options.radius;
    if (options.block) w.block = options.block;
    if (options.beta_max > 0) w.beta_max = options.beta_max;
    if (options.max_decay > 0) w.max_decay = options.max_decay;
    tap.d_out = v, tap.B = B;
    synres_status status = synres_model_create(NULL, &w, 1, &g->model);
    if (status) return status;
    ck_synres_ok(synres_state_size(g->model, rewind, &bytes));
    g->memory = malloc(bytes);
    ck_synres_ok(synres_state_init(g->model, rewind, g->memory, bytes, &g->state));
    ck_synres_ok(synres_work_size(g->model, 1, &bytes));
    g->work_memory = malloc(bytes);
    ck_synres_ok(synres_work_init(g->model, 1, g->work_memory, bytes, &g->work));
    return status;
}

void close_glass(glass *g)
{
    free(g->memory);
    free(g->work_memory);
    synres_model_destroy(g->model);
}

const float *write_glass(const glass *g, const double *key, const double *value, double push)
{
    float x[IN];
    const float *u;
    synres_state *states[1] = {g->state};
    synres_batch batch;
    for (int64_t j = 0; j < g->options.d_key; j++) x[j] = (float)key[j];
    for (int64_t i = 0; i < g->options.d_value; i++) x[g->options.d_key + i] = (float)value[i];
    x[g->options.d_key + g->options.d_value] = (float)push;
    ck_synres_ok(synres_batch_init(&batch, sizeof batch));
    batch.tokens = 1, batch.x = x, batch.states = states;
    ck_synres_ok(synres_run(g->model, 0, &batch, g->work, 0, 1));
    ck_synres_ok(synres_work_read(g->work, 0, &u));
    return u;
}

float *glass_state(const glass *g, int64_t *stride)
{
    *stride = g->model->layer[0].padded;
    return synresi_live(&g->model->layer[0], g->state->head[0]).S;
}

double glass_norm(const glass *g)
{
    double norm;
    ck_synres_ok(synres_state_norm(g->state, 0, 0, &norm));
    return norm;
}

double glass_bound(const glass *g)
{
    double bound;
    ck_synres_ok(synres_state_bound(g->state, 0, 0, &bound));
    return bound;
}

/* Power iteration with shift·I + sign·SᵀS. */
static void singular_key(const glass *g, double shift, double sign, double *key)
{
    int64_t stride, n = g->options.d_key;
    const float *S = glass_state(g, &stride);
    for (int64_t j = 0; j < n; j++) key[j] = 1 + 0.1 * (double)j;
    for (int round = 0; round < 300; round++) {
        double next[GLASS_MOST], length = 0;
        for (int64_t j = 0; j < n; j++) next[j] = shift * key[j];
        for (int64_t i = 0; i < g->options.d_value; i++) {
            double p = 0;
            for (int64_t j = 0; j < n; j++) p += (double)S[i * stride + j] * key[j];
            for (int64_t j = 0; j < n; j++) next[j] += sign * p * (double)S[i * stride + j];
        }
        for (int64_t j = 0; j < n; j++) length += next[j] * next[j];
        for (int64_t j = 0; j < n; j++) key[j] = next[j] / sqrt(length);
    }
}

void weakest_key(const glass *g, double *key) { singular_key(g, glass_norm(g) * glass_norm(g) + 1, -1, key); }
void strongest_key(const glass *g, double *key) { singular_key(g, 1e-6, 1, key); }
