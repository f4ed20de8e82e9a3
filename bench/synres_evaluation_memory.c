/* A memory is a made model: x = [key; value; asking], projections that pick these out, gates that are set. Asking closes the write gate (β = 0 exactly) and
 * stops the decay (α = 1), so that questions leave the state bit for bit as it is. What is evaluated is the library's own run, relevance included. */
#include <math.h>
#include <string.h>
#include <synres/synres.h>

#include "support/bench_check.h"
#include "synres_evaluation.h"
#include "synres_evaluation_check.h"

enum { D = EVALUATION_WIDTH, X = EVALUATION_INPUT, SHUT = -200 };

/* z with softplus(z) = −log α. */
static float before_softplus(double decay)
{
    const double rate = -log(decay);
    return (float)log(expm1(rate));
}

/* Arrays that synres_layer_weights points into. */
struct memory_weights {
    synres_layer_weights layer;
    synres_tap_weights tap;
    float A[2 * D * X], B[D * D], w_beta[X], w_decay[D * X], b_decay[D], bias, rate, kappa, kappa_decay, agreement;
};

memory_weights *memory_weights_make(const memory_setting *s)
{
    memory_weights *w = bench_memory(1, sizeof *w);
    for (int i = 0; i < 2 * D; i++) w->A[i * X + i] = 1;
    for (int i = 0; i < D; i++) w->B[i * D + i] = 1;
    const int channels = s->spread > 0 ? D : 1;
    w->w_beta[X - 1] = SHUT;
    for (int j = 0; j < channels; j++) {
        w->w_decay[j * X + X - 1] = SHUT;
        const double life = s->spread > 0 ? pow(s->spread, 2.0 * j / (D - 1) - 1) : 1;
        w->b_decay[j] = s->decay < 1 ? before_softplus(pow(s->decay, 1 / life)) : 0;
    }
    w->rate = 1, w->bias = (float)s->bias;
    w->kappa = (float)s->kappa, w->kappa_decay = (float)s->kappa_decay, w->agreement = (float)s->kappa_agreement;
    synres_layer_weights *layer = &w->layer;
    MUST(synres_layer_weights_init(layer, sizeof *layer));
    MUST(synres_tap_weights_init(&w->tap, sizeof w->tap));
    w->tap.d_out = D, w->tap.B = w->B;
    layer->taps = 1, layer->tap = &w->tap;
    layer->flags = (s->erase ? SYNRES_RULE_ERASE : 0) | (s->spread > 0 ? SYNRES_RULE_DECAY_CHANNEL : 0) | SYNRES_LAYER_UNCERTIFIED;
    layer->d_in = X, layer->heads = 1, layer->d_key = layer->d_value = D;
    layer->A_key = layer->A_query = w->A;
    layer->A_value = w->A + D * X;
    layer->w_beta = w->w_beta, layer->b_beta = &w->bias;
    layer->kappa_beta = &w->kappa, layer->kappa_agreement = &w->agreement;
    if (s->decay < 1) layer->w_decay = w->w_decay, layer->b_decay = w->b_decay, layer->rate = &w->rate, layer->kappa_decay = &w->kappa_decay;
    layer->max_decay = 1;
    return w;
}

const synres_layer_weights *memory_layer(const memory_weights *weights) { return &weights->layer; }

void memory_input(const stream *s, float *x)
{
    for (int t = 0; t < s->writes + s->queries; t++, x += X) {
        const bool asking = t >= s->writes;
        memset(x, 0, X * sizeof *x);
        memcpy(x, asking ? s->query + (t - s->writes) * D : s->key + t * D, D * sizeof *x);
        if (asking) x[X - 1] = 1;
        else memcpy(x + D, s->value + t * D, D * sizeof *x);
    }
}

static double product(const float *a, const float *b)
{
    double sum = 0;
    for (int j = 0; j < D; j++) sum += (double)a[j] * b[j];
    return sum;
}

/* Targets are unit vectors, so the largest product is the largest cosine; among equals the first counts. */
memory_score memory_judge(const stream *s, const float *u)
{
    memory_score out = {0};
    int asked[EVALUATION_GROUPS] = {0}, counted = 0;
    for (int q = 0; q < s->queries; q++, u += D) {
        int best = 0;
        for (int c = 1; c < s->queries; c++)
            if (product(u, s->target + c * D) > product(u, s->target + best * D)) best = c;
        const double length = sqrt(product(u, u)), cosine = length > 0 ? product(u, s->target + q * D) / length : 0;
        out.cosine[s->group[q]] += cosine;
        out.top[s->group[q]] += best == q;
        asked[s->group[q]]++;
    }
    for (int g = 0; g < s->groups; g++) {
        if (g < s->tuned) out.tuned += out.cosine[g], counted += asked[g];
        out.cosine[g] /= asked[g];
        out.top[g] /= asked[g];
    }
    out.tuned /= counted;
    return out;
}

/* What the layer reads when it is asked: queries × D. */
static void run(const synres_model *model, const stream *s, float *u)
{
    synres_state *state;
    synres_work *work;
    synres_batch batch;
    size_t state_size, work_size;
    const int tokens = s->writes + s->queries;
    MUST(synres_state_size(model, 0, &state_size));
    MUST(synres_work_size(model, tokens, &work_size));
    void *state_memory = bench_memory(1, state_size), *work_memory = bench_memory(1, work_size);
    MUST(synres_state_init(model, 0, state_memory, state_size, &state));
    MUST(synres_work_init(model, tokens, work_memory, work_size, &work));
    float *x = bench_memory((size_t)tokens * X, sizeof *x);
    synres_state **states = bench_memory((size_t)tokens, sizeof *states);
    for (int t = 0; t < tokens; t++) states[t] = state;
    memory_input(s, x);
    MUST(synres_batch_init(&batch, sizeof batch));
    batch.tokens = tokens, batch.x = x, batch.states = states;
    MUST(synres_run(model, 0, &batch, work, 0, 1));
    for (int q = 0; q < s->queries; q++) {
        const float *read;
        MUST(synres_work_read(work, s->writes + q, &read));
        memcpy(u + q * D, read, D * sizeof *u);
    }
    void *owned[] = {state_memory, work_memory, x, states};
    for (int i = 0; i < 4; i++) free(owned[i]);
}

memory_score memory_recall(const memory_setting *setting, const stream *s)
{
    memory_weights *weights = memory_weights_make(setting);
    synres_model *model;
    MUST(synres_model_create(NULL, &weights->layer, 1, &model));
    float *u = bench_memory((size_t)s->queries * D, sizeof *u);
    run(model, s, u);
    const memory_score out = memory_judge(s, u);
    free(u);
    synres_model_destroy(model);
    free(weights);
    return out;
}
