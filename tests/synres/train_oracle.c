#include "train_oracle.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "suite.h"
#include "synres_inputs.h"

enum { N = TINY_IN, H = TINY_HEADS, K = TINY_KEY, V = TINY_VALUE, T = TINY_TOKENS, W = TINY_WIDTH };

double tiny_number(int seed, int64_t i) { return base_random_normal((uint64_t)seed, BASE_STREAM_TEST, (uint64_t)i); }

static float *numbers(tiny_layer *layer, int kind, int64_t n, double scale, double shift)
{
    float *x = malloc((size_t)n * sizeof *x);
    for (int64_t i = 0; i < n; i++) x[i] = (float)(shift + scale * tiny_number(kind, ((int64_t)layer->owns << 32) + i));
    return layer->owned[layer->owns++] = x;
}

static int32_t flags_of(int kind)
{
    if (kind < 24) return kind % 8 + (kind / 8) * SYNRES_RULE_DECAY_CHANNEL;
    const int32_t rows = kind & 4 ? SYNRES_RULE_ROW_GATES | SYNRES_RULE_DECAY_ROW : 0;
    if (kind < 32) return SYNRES_LAYER_TIED | (kind & 3) | rows;
    return SYNRES_LAYER_TIED | SYNRES_LAYER_ERASE_OUTSIDE | SYNRES_LAYER_UNCERTIFIED | SYNRES_RULE_ERASE | (kind & 1 ? SYNRES_RULE_READ_PRE : 0) |
           (kind & 2 ? SYNRES_RULE_ROW_GATES | SYNRES_RULE_DECAY_ROW : 0);
}

tiny_layer tiny_layer_of(int kind)
{
    tiny_layer s = {.owns = 0};
    ck_synres_ok(synres_layer_weights_init(&s.w, sizeof s.w));
    const int32_t flags = s.w.flags = flags_of(kind);
    s.w.d_in = N, s.w.heads = H, s.w.d_key = K, s.w.d_value = V, s.w.taps = TINY_TAPS;
    s.w.activation = kind % 3, s.w.threshold = kind / 3 % 2, s.w.block = 3, s.w.mu = 0.8, s.w.nu = 0.7, s.w.epsilon = 1e-3;
    s.w.max_decay = 0.9, s.w.beta_max = flags & SYNRES_LAYER_TIED ? (kind & 1 ? 1 : 0.9) : 1.5;
    const int64_t gates = H * (flags & SYNRES_RULE_ROW_GATES ? V : 1);
    const int64_t decays = H * (flags & SYNRES_RULE_DECAY_CHANNEL ? K : flags & SYNRES_RULE_DECAY_ROW ? V : 1);
    s.w.A_key = numbers(&s, kind, H * K * N, 0.5, 0), s.w.A_query = numbers(&s, kind, H * K * N, 0.5, 0), s.w.A_value = numbers(&s, kind, W * N, 0.5, 0);
    s.w.w_beta = numbers(&s, kind, gates * N, 0.3, 0), s.w.b_beta = numbers(&s, kind, gates, 0.3, 0);
    if (!(flags & SYNRES_LAYER_TIED)) {
        s.w.w_decay = numbers(&s, kind, decays * N, 0.5, 0), s.w.b_decay = numbers(&s, kind, decays, 0.3, 0);
        s.w.rate = numbers(&s, kind, H, 0.05, 0.3);
    }
    s.w.kappa_beta = numbers(&s, kind, H, 1, 0), s.w.kappa_decay = numbers(&s, kind, H, 1, 0), s.w.kappa_agreement = numbers(&s, kind, H, 1, 0);
    for (int t = 0; t < TINY_TAPS; t++) {
        ck_synres_ok(synres_tap_weights_init(&s.tap[t], sizeof s.tap[t]));
        s.tap[t].d_out = TINY_OUT, s.tap[t].scale = 0.5 + t, s.tap[t].B = numbers(&s, kind, TINY_OUT * W, 0.5, 0);
        if (t) s.tap[t].gate = numbers(&s, kind, H * N, 0.3, 0);
    }
    s.tap[1].gain = numbers(&s, kind, W, 1, 0), s.tap[1].gate_bias = numbers(&s, kind, H, 0.3, 0);
    return s;
}

void free_tiny_layer(tiny_layer *layer)
{
    for (int i = 0; i < layer->owns; i++) free(layer->owned[i]);
}

synres_trainer *tiny_trainer(int kind, int32_t flags)
{
    tiny_layer layer = tiny_layer_of(kind);
    synres_train_options options;
    synres_trainer *trainer;
    ck_synres_ok(synres_train_options_init(&options, sizeof options));
    options.flags = flags, options.sequences = TINY_SEQUENCES, options.tokens = TINY_TOKENS;
    layer.w.tap = layer.tap;
    ck_synres_ok(synres_trainer_create(NULL, &layer.w, &options, &trainer));
    free_tiny_layer(&layer);
    return trainer;
}

/* What one head remembers. */
typedef struct memory {
    double S[V * K], c[K], theta, theta_m;
} memory;

typedef struct reading {
    const synresi_plan *plan;
    const double *parameter;
} reading;

static const double *array(const reading *r, int which, int tap) { return r->parameter + r->plan->range[synresi_range_of(which, tap)].offset; }
static bool has(const reading *r, int which, int tap) { return r->plan->range[synresi_range_of(which, tap)].present; }
static double sigma(double z) { return 1 / (1 + exp(-z)); }

static double row(const double *A, int64_t i, const double *x)
{
    double sum = 0;
    for (int j = 0; j < N; j++) sum += A[i * N + j] * x[j];
    return sum;
}

static void unit(const reading *r, int which, int h, const double *x, double out[K])
{
    const int activation = r->plan->layer.w.activation;
    double sum = r->plan->layer.w.epsilon;
    for (int i = 0; i < K; i++) {
        double z = row(array(r, which, 0), h * K + i, x);
        out[i] = activation == SYNRES_ACTIVATION_SILU ? z * sigma(z) : activation == SYNRES_ACTIVATION_TANH ? tanh(z) : z;
        sum += out[i] * out[i];
    }
    for (int i = 0; i < K; i++) out[i] /= sqrt(sum);
}

static void resonance(const synres_layer_weights *w, memory *m, const double *block, const double *k, const double *v, double r[2])
{
    double dot = 0, length = 0, product = 0, recalled = 0, value = 0;
    for (int j = 0; j < K; j++) dot += k[j] * m->c[j], length += m->c[j] * m->c[j];
    for (int i = 0; i < V; i++) {
        double p = 0;
        for (int j = 0; j < K; j++) p += block[i * K + j] * k[j];
        product += p * v[i], recalled += p * p, value += v[i] * v[i];
    }
    const double rho = dot / (sqrt(length) + w->epsilon), rho_m = product / (sqrt(recalled * value) + w->epsilon);
    const bool bcm = w->threshold == SYNRES_THRESHOLD_BCM;
    r[0] = rho - m->theta, r[1] = rho_m - m->theta_m;
    m->theta = w->nu * m->theta + (1 - w->nu) * (bcm ? rho * rho : rho);
    m->theta_m = w->nu * m->theta_m + (1 - w->nu) * (bcm ? rho_m * rho_m : rho_m);
    for (int j = 0; j < K; j++) m->c[j] = w->mu * m->c[j] + (1 - w->mu) * k[j];
}

static void update(const reading *r, memory *m, int h, const double *x, const double *k, const double *v, const double r_[2])
{
    const synres_layer_weights *w = &r->plan->layer.w;
    const bool rows = w->flags & SYNRES_RULE_ROW_GATES, tied = w->flags & SYNRES_LAYER_TIED;
    for (int i = 0; i < V; i++) {
        const int b = h * (rows ? V : 1) + (rows ? i : 0);
        const double z = row(array(r, SYNRES_PARAMETER_W_BETA, 0), b, x) + array(r, SYNRES_PARAMETER_B_BETA, 0)[b] +
                         array(r, SYNRES_PARAMETER_KAPPA_BETA, 0)[h] * r_[0] + array(r, SYNRES_PARAMETER_KAPPA_AGREEMENT, 0)[h] * r_[1];
        const double beta = w->beta_max * sigma(z);
        double p = 0, erase = w->flags & SYNRES_RULE_ERASE ? beta : 0;
        for (int j = 0; j < K; j++) {
            const bool channel = w->flags & SYNRES_RULE_DECAY_CHANNEL, own = w->flags & SYNRES_RULE_DECAY_ROW;
            const int d = channel ? h * K + j : own ? h * V + i : h;
            double decay = 1 - beta;
            if (!tied) {
                const double y = row(array(r, SYNRES_PARAMETER_W_DECAY, 0), d, x) + array(r, SYNRES_PARAMETER_B_DECAY, 0)[d] -
                                 array(r, SYNRES_PARAMETER_KAPPA_DECAY, 0)[h] * r_[0];
                decay = fmin(exp(-array(r, SYNRES_PARAMETER_RATE, 0)[h] * log1p(exp(y))), w->max_decay);
            }
            if (w->flags & SYNRES_LAYER_ERASE_OUTSIDE) erase = beta / decay;
            m->S[i * K + j] *= decay;
            p += m->S[i * K + j] * k[j];
        }
        for (int j = 0; j < K; j++) m->S[i * K + j] += (beta * v[i] - erase * p) * k[j];
    }
}

static void read_state(const memory *m, const double *q, double *u)
{
    for (int i = 0; i < V; i++) {
        u[i] = 0;
        for (int j = 0; j < K; j++) u[i] += m->S[i * K + j] * q[j];
    }
}

static void head(const reading *r, memory *m, int h, const double *x, const double *block, double *u)
{
    double k[K], q[K], v[V], r_[2];
    unit(r, SYNRES_PARAMETER_A_KEY, h, x, k);
    unit(r, SYNRES_PARAMETER_A_QUERY, h, x, q);
    for (int i = 0; i < V; i++) v[i] = row(array(r, SYNRES_PARAMETER_A_VALUE, 0), h * V + i, x);
    resonance(&r->plan->layer.w, m, block, k, v, r_);
    const bool pre = r->plan->layer.w.flags & SYNRES_RULE_READ_PRE;
    if (pre) read_state(m, q, u);
    update(r, m, h, x, k, v, r_);
    if (!pre) read_state(m, q, u);
}

static void taps(const reading *r, const double *x, const double *u, int64_t at, double y[TINY_TAPS][TINY_Y])
{
    for (int t = 0; t < TINY_TAPS; t++)
        for (int i = 0; i < TINY_OUT; i++) {
            double sum = 0;
            for (int j = 0; j < W; j++) {
                double z = has(r, SYNRES_PARAMETER_GATE, t) ? row(array(r, SYNRES_PARAMETER_GATE, t), j / V, x) : 0;
                if (has(r, SYNRES_PARAMETER_GATE_BIAS, t)) z += array(r, SYNRES_PARAMETER_GATE_BIAS, t)[j / V];
                const double g = has(r, SYNRES_PARAMETER_GATE, t) ? sigma(z) : 1, gain = has(r, SYNRES_PARAMETER_GAIN, t) ? array(r, SYNRES_PARAMETER_GAIN, t)[j] : 1;
                sum += array(r, SYNRES_PARAMETER_B, t)[i * W + j] * gain * g * u[j];
            }
            y[t][at * TINY_OUT + i] = r->plan->layer.tap_weights[t].scale * sum;
        }
}

void tiny_output(const synresi_plan *plan, const double *parameter, const double *x, tiny_blocks *blocks, double y[TINY_TAPS][TINY_Y])
{
    const reading r = {plan, parameter};
    for (int s = 0; s < TINY_SEQUENCES; s++) {
        memory memories[H] = {{.theta = 0}};
        for (int t = 0; t < T; t++) {
            double u[W];
            const int64_t at = s * T + t, block = t / plan->layer.w.block;
            for (int h = 0; h < H; h++) {
                double *S = blocks->S[s][h][block];
                if (!blocks->held && t % plan->layer.w.block == 0) memcpy(S, memories[h].S, sizeof memories[h].S);
                head(&r, &memories[h], h, x + at * N, S, u + h * V);
            }
            taps(&r, x + at * N, u, at, y);
        }
    }
}
