/* A memory is a made model: x = [key; value; asking], projections that pick these out, gates that are set. Asking closes the write gate (β = 0 exactly) and
 * stops the decay (α = 1), so that questions leave the state bit for bit as it is. What is evaluated is the library's own run, relevance included. */
#include <math.h>
#include <string.h>
#include <synres/synres.h>

#include "support/bench_check.h"
#include "synres_evaluation.h"

enum { D = EVALUATION_WIDTH, X = 2 * D + 1, SHUT = -200 };

static void check(synres_status status, const char *call)
{
    if (!status) return;
    fprintf(stderr, "%s\n  %s: %s\n", call, synres_status_name(status), synres_status_text(status));
    exit(1);
}
#define MUST(call) check(call, #call)

/* z with softplus(z) = −log α. */
static float before_softplus(double decay)
{
    const double rate = -log(decay);
    return (float)log(expm1(rate));
}

static synres_model *make_model(const memory_setting *s)
{
    float *A = bench_memory((size_t)2 * D * X, sizeof *A), w_beta[X] = {0}, *w_decay = bench_memory((size_t)D * X, sizeof *w_decay), b_decay[D];
    for (int i = 0; i < 2 * D; i++) A[i * X + i] = 1;
    const int channels = s->spread > 0 ? D : 1;
    w_beta[X - 1] = SHUT;
    for (int j = 0; j < channels; j++) {
        w_decay[j * X + X - 1] = SHUT;
        const double life = s->spread > 0 ? pow(s->spread, 2.0 * j / (D - 1) - 1) : 1;
        b_decay[j] = s->decay < 1 ? before_softplus(pow(s->decay, 1 / life)) : 0;
    }
    const float rate = 1, bias = (float)s->bias, kappa = (float)s->kappa, kappa_decay = (float)s->kappa_decay, agreement = (float)s->kappa_agreement;
    synres_layer_weights layer;
    MUST(synres_layer_weights_init(&layer, sizeof layer));
    layer.flags = (s->erase ? SYNRES_RULE_ERASE : 0) | (s->spread > 0 ? SYNRES_RULE_DECAY_CHANNEL : 0) | SYNRES_LAYER_UNCERTIFIED;
    layer.d_in = X, layer.heads = 1, layer.d_key = layer.d_value = D;
    layer.A_key = layer.A_query = A;
    layer.A_value = A + D * X;
    layer.w_beta = w_beta, layer.b_beta = &bias;
    layer.kappa_beta = &kappa, layer.kappa_agreement = &agreement;
    if (s->decay < 1) layer.w_decay = w_decay, layer.b_decay = b_decay, layer.rate = &rate, layer.kappa_decay = &kappa_decay;
    layer.max_decay = 1;
    synres_model *model;
    MUST(synres_model_create(NULL, &layer, 1, &model));
    free(A);
    free(w_decay);
    return model;
}

static double product(const float *a, const float *b)
{
    double sum = 0;
    for (int j = 0; j < D; j++) sum += (double)a[j] * b[j];
    return sum;
}

/* Targets are unit vectors, so the largest product is the largest cosine; among equals the first counts. */
static memory_score score(const stream *s, synres_work *work)
{
    memory_score out = {0};
    int asked[EVALUATION_GROUPS] = {0};
    for (int q = 0; q < s->queries; q++) {
        const float *u;
        MUST(synres_work_read(work, s->writes + q, &u));
        int best = 0;
        for (int c = 1; c < s->queries; c++)
            if (product(u, s->target + c * D) > product(u, s->target + best * D)) best = c;
        const double length = sqrt(product(u, u)), cosine = length > 0 ? product(u, s->target + q * D) / length : 0;
        out.cosine[s->group[q]] += cosine;
        out.top[s->group[q]] += best == q;
        asked[s->group[q]]++;
    }
    int counted = 0;
    for (int g = 0; g < s->groups; g++) {
        if (g < s->tuned) out.tuned += out.cosine[g], counted += asked[g];
        out.cosine[g] /= asked[g];
        out.top[g] /= asked[g];
    }
    out.tuned /= counted;
    return out;
}

memory_score memory_recall(const memory_setting *setting, const stream *s)
{
    synres_model *model = make_model(setting);
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
    for (int t = 0; t < tokens; t++) {
        states[t] = state;
        const bool asking = t >= s->writes;
        memcpy(x + t * X, asking ? s->query + (t - s->writes) * D : s->key + t * D, D * sizeof *x);
        if (asking) x[t * X + X - 1] = 1;
        else memcpy(x + t * X + D, s->value + t * D, D * sizeof *x);
    }
    MUST(synres_batch_init(&batch, sizeof batch));
    batch.tokens = tokens, batch.x = x, batch.states = states;
    MUST(synres_run(model, 0, &batch, work, 0, 1));
    const memory_score out = score(s, work);
    synres_model_destroy(model);
    void *owned[] = {state_memory, work_memory, x, states};
    for (int i = 0; i < 4; i++) free(owned[i]);
    return out;
}
