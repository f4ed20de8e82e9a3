/* A tiny model around one layer:
 *
 *   x_t = [E[token t−1]; E[token t]]       the one-token shift: a value arrives together with the key before it
 *   y_t = what the layer says              one head, everything in it learned
 *   p_t = softmax(τ · E y_t)               the readout is the embedding again
 *
 * The layer's gradients and its Adam are the library's (synres/train.h); E and τ are the host's, here. */
#include "associative_recall.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct recall_model {
    recall_options o;
    synres_trainer *trainer;
    int64_t parameters, steps;
    float *E, *gradient, *first, *second; /* vocabulary × width, and τ after it; Adam's moments */
    float *x, *dx, *y, *dy, *logit;
    int32_t *token, *answer;
};

static void check(synres_status status, const char *call)
{
    if (!status) return;
    fprintf(stderr, "%s\n  %s: %s\n", call, synres_status_name(status), synres_status_text(status));
    exit(1);
}
#define MUST(call) check(call, #call)

static void *memory(int64_t count, size_t size)
{
    void *out = calloc((size_t)count, size);
    if (!out) exit(2);
    return out;
}

static void fill(recall_random *random, int64_t n, double deviation, float *out)
{
    for (int64_t i = 0; i < n; i++) out[i] = (float)(deviation * recall_normal(random));
}

/* Small random projections, gates half open, a decay that begins near 0.99 if there is one, κ = 0. */
static void make_layer(recall_model *m, recall_random *random)
{
    const recall_options *o = &m->o;
    const int64_t d_in = 2 * o->width, d = o->d_key, matrices = 3 * d * d_in + o->width * d;
    float *A = memory(matrices + 2 * d_in, sizeof *A), *B = A + 3 * d * d_in, *zeros = B + o->width * d;
    const float rate = 1, decay = -4.6f, closed[1] = {0};
    fill(random, 3 * d * d_in, 1 / sqrt((double)d_in), A);
    fill(random, o->width * d, 1 / sqrt((double)d), B);
    synres_tap_weights tap;
    synres_layer_weights layer;
    synres_train_options options;
    MUST(synres_tap_weights_init(&tap, sizeof tap));
    MUST(synres_layer_weights_init(&layer, sizeof layer));
    MUST(synres_train_options_init(&options, sizeof options));
    tap.d_out = o->width, tap.B = B;
    layer.flags = o->rule | SYNRES_LAYER_UNCERTIFIED;
    layer.max_decay = 1;
    layer.d_in = d_in, layer.heads = 1, layer.d_key = layer.d_value = d;
    layer.taps = 1, layer.tap = &tap;
    layer.A_key = A, layer.A_query = A + d * d_in, layer.A_value = A + 2 * d * d_in;
    layer.w_beta = zeros, layer.b_beta = closed;
    layer.kappa_beta = layer.kappa_agreement = closed;
    if (o->decays) layer.w_decay = zeros + d_in, layer.b_decay = &decay, layer.rate = &rate, layer.kappa_decay = closed;
    options.sequences = o->sequences, options.tokens = o->tokens;
    options.flags = o->train_flags;
    options.learning_rate = o->learning_rate;
    MUST(synres_trainer_create(NULL, &layer, &options, &m->trainer));
    const int kappas = o->train_flags & SYNRES_TRAIN_FREEZE_KAPPA ? 0 : 2 + !!o->decays;
    m->parameters = matrices + (d_in + 1) * (o->decays ? 2 : 1) + !!o->decays + kappas;
    free(A);
}

recall_model *recall_create(const recall_options *options)
{
    recall_model *m = memory(1, sizeof *m);
    m->o = *options;
    recall_random random = recall_seed(options->seed);
    make_layer(m, &random);
    const int64_t embedding = (int64_t)options->vocabulary * options->width + 1, tokens = (int64_t)options->sequences * options->tokens;
    m->parameters += embedding;
    m->E = memory(embedding, sizeof *m->E);
    m->gradient = memory(embedding, sizeof *m->gradient);
    m->first = memory(embedding, sizeof *m->first);
    m->second = memory(embedding, sizeof *m->second);
    fill(&random, embedding, 1 / sqrt(options->width), m->E);
    m->E[embedding - 1] = 5; /* τ */
    m->x = memory(tokens * 2 * options->width, sizeof *m->x);
    m->dx = memory(tokens * 2 * options->width, sizeof *m->dx);
    m->y = memory(tokens * options->width, sizeof *m->y);
    m->dy = memory(tokens * options->width, sizeof *m->dy);
    m->logit = memory(options->vocabulary, sizeof *m->logit);
    m->token = memory(tokens, sizeof *m->token);
    m->answer = memory(tokens, sizeof *m->answer);
    return m;
}

void recall_destroy(recall_model *m)
{
    if (!m) return;
    synres_trainer_destroy(m->trainer);
    float *owned[] = {m->E, m->gradient, m->first, m->second, m->x, m->dx, m->y, m->dy, m->logit};
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++) free(owned[i]);
    free(m->token);
    free(m->answer);
    free(m);
}

int64_t recall_parameters(const recall_model *m) { return m->parameters; }
synres_trainer *recall_trainer(recall_model *m) { return m->trainer; }

static float dot(int n, const float *a, const float *b)
{
    float lane[8] = {0}, sum = 0;
    int i = 0;
    for (; i + 8 <= n; i += 8)
        for (int l = 0; l < 8; l++) lane[l] += a[i + l] * b[i + l];
    for (; i < n; i++) sum += a[i] * b[i];
    for (int l = 0; l < 8; l++) sum += lane[l];
    return sum;
}

static void add(int n, float factor, const float *a, float *to)
{
    for (int i = 0; i < n; i++) to[i] += factor * a[i];
}

static void forward(recall_model *m, const recall_task *task, recall_random *random)
{
    const int width = m->o.width, tokens = task->tokens;
    recall_make(task, random, m->o.sequences, m->token, m->answer);
    for (int64_t t = 0; t < (int64_t)m->o.sequences * tokens; t++) {
        float *x = m->x + t * 2 * width;
        if (t % tokens) memcpy(x, m->E + (int64_t)m->token[t - 1] * width, (size_t)width * sizeof *x);
        else memset(x, 0, (size_t)width * sizeof *x);
        memcpy(x + width, m->E + (int64_t)m->token[t] * width, (size_t)width * sizeof *x);
    }
    memset(m->y, 0, (size_t)m->o.sequences * (size_t)tokens * (size_t)width * sizeof *m->y);
    MUST(synres_trainer_forward(m->trainer, m->x, m->o.sequences, tokens, &m->y, 0, 1));
}

/* Logits of one token; the index of the largest. */
static int read_out(recall_model *m, const float *y)
{
    const int width = m->o.width, vocabulary = m->o.vocabulary;
    const float tau = m->E[(int64_t)vocabulary * width];
    int best = 0;
    for (int v = 0; v < vocabulary; v++) {
        m->logit[v] = tau * dot(width, m->E + (int64_t)v * width, y);
        if (m->logit[v] > m->logit[best]) best = v;
    }
    return best;
}

/* Cross-entropy of one answer, and its gradients times `weight`. */
static double answer_gradient(recall_model *m, const float *y, int answer, double weight, float *dy)
{
    const int width = m->o.width, vocabulary = m->o.vocabulary;
    const float tau = m->E[(int64_t)vocabulary * width], most = m->logit[read_out(m, y)];
    double sum = 0, d_tau = 0;
    for (int v = 0; v < vocabulary; v++) sum += exp((double)m->logit[v] - most);
    const double loss = log(sum) + most - m->logit[answer];
    for (int v = 0; v < vocabulary; v++) {
        const double d = weight * (exp((double)m->logit[v] - most) / sum - (v == answer));
        d_tau += d * m->logit[v] / tau;
        add(width, (float)(d * tau), m->E + (int64_t)v * width, dy);
        add(width, (float)(d * tau), y, m->gradient + (int64_t)v * width);
    }
    m->gradient[(int64_t)vocabulary * width] += (float)d_tau;
    return loss;
}

/* Adam on E and τ, the gradient cut to length 1 as the layer's is. */
static void step_embedding(recall_model *m, double learning_rate)
{
    const int64_t n = (int64_t)m->o.vocabulary * m->o.width + 1;
    double squares = 0;
    for (int64_t i = 0; i < n; i++) squares += (double)m->gradient[i] * m->gradient[i];
    m->steps++;
    const float cut = squares > 1 ? (float)(1 / sqrt(squares)) : 1;
    const float rate = (float)(learning_rate * sqrt(1 - pow(0.999, (double)m->steps)) / (1 - pow(0.9, (double)m->steps)));
    for (int64_t i = 0; i < n; i++) {
        const float g = cut * m->gradient[i];
        m->first[i] += 0.1f * (g - m->first[i]);
        m->second[i] += 0.001f * (g * g - m->second[i]);
        m->E[i] -= rate * m->first[i] / (sqrtf(m->second[i]) + 1e-8f);
    }
}

double recall_train(recall_model *m, const recall_task *task, recall_random *random, double scale)
{
    const int width = m->o.width, tokens = task->tokens;
    const int64_t all = (int64_t)m->o.sequences * tokens;
    const double asked = (double)m->o.sequences * task->pairs;
    double loss = 0;
    forward(m, task, random);
    memset(m->gradient, 0, ((size_t)m->o.vocabulary * (size_t)width + 1) * sizeof *m->gradient);
    memset(m->dy, 0, (size_t)(all * width) * sizeof *m->dy);
    memset(m->dx, 0, (size_t)(all * 2 * width) * sizeof *m->dx);
    for (int64_t t = 0; t < all; t++)
        if (m->answer[t] >= 0) loss += answer_gradient(m, m->y + t * width, m->answer[t], 1 / asked, m->dy + t * width) / asked;
    const float *dy = m->dy;
    MUST(synres_trainer_backward(m->trainer, &dy, m->dx, 0, 1));
    MUST(synres_trainer_gradients(m->trainer, 0, 1));
    MUST(synres_trainer_step(m->trainer, scale, 0, 1));
    for (int64_t t = 0; t < all; t++) {
        if (t % tokens) add(width, 1, m->dx + t * 2 * width, m->gradient + (int64_t)m->token[t - 1] * width);
        add(width, 1, m->dx + t * 2 * width + width, m->gradient + (int64_t)m->token[t] * width);
    }
    step_embedding(m, m->o.learning_rate * scale);
    return loss;
}

double recall_accuracy(recall_model *m, const recall_task *task, recall_random *random, int batches)
{
    int64_t right = 0, asked = 0;
    for (int i = 0; i < batches; i++) {
        forward(m, task, random);
        for (int64_t t = 0; t < (int64_t)m->o.sequences * task->tokens; t++) {
            if (m->answer[t] < 0) continue;
            right += read_out(m, m->y + t * m->o.width) == m->answer[t];
            asked++;
        }
    }
    return (double)right / (double)asked;
}
