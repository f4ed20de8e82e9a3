/* A layer run token by token beside an f64 reading of docs/synres/definition.md: every kind of rule, with and without resonance. */
#include <math.h>

#include "small_run.h"
#include "suite.h"
#include "synres_inputs.h"

static double sigma(double z) { return 1 / (1 + exp(-z)); }
static double phi(int activation, double z) { return activation == 1 ? z * sigma(z) : activation == 2 ? tanh(z) : z; }
static double row(const float *W, int64_t i, const float *x)
{
    double sum = 0;
    for (int j = 0; j < SMALL_IN && W; j++) sum += (double)W[i * SMALL_IN + j] * x[j];
    return sum;
}

typedef struct oracle_head {
    double S[V * K], block[V * K], c[K], theta, theta_m;
} oracle_head;

static void unit(const synres_layer_weights *w, const float *A, int h, const float *x, double out[K])
{
    double sum = w->epsilon;
    for (int i = 0; i < K; i++) out[i] = phi(w->activation, row(A, h * K + i, x)), sum += out[i] * out[i];
    for (int i = 0; i < K; i++) out[i] /= sqrt(sum);
}

/* At the beginning of a block: the radius, then S_b. */
static void enter_block(const synres_layer_weights *w, oracle_head *o)
{
    double norm = 0;
    for (int i = 0; i < V * K; i++) norm += o->S[i] * o->S[i];
    for (int i = 0; i < V * K && w->radius > 0 && sqrt(norm) > w->radius; i++) o->S[i] *= w->radius / sqrt(norm);
    memcpy(o->block, o->S, sizeof o->S);
}

/* The resonance of a token in f64, from the formulas of docs/synres/definition.md. */
static void resonance(const synres_layer_weights *w, oracle_head *o, const double *k, const double *v, double r[2])
{
    double dot = 0, length = 0, product = 0, recalled = 0, value = 0;
    for (int j = 0; j < K; j++) dot += k[j] * o->c[j], length += o->c[j] * o->c[j];
    for (int i = 0; i < V; i++) {
        double p = 0;
        for (int j = 0; j < K; j++) p += o->block[i * K + j] * k[j];
        product += p * v[i], recalled += p * p, value += v[i] * v[i];
    }
    double rho = dot / (sqrt(length) + w->epsilon), rho_m = product / (sqrt(recalled * value) + w->epsilon);
    r[0] = rho - o->theta, r[1] = rho_m - o->theta_m;
    o->theta = w->nu * o->theta + (1 - w->nu) * (w->threshold ? rho * rho : rho);
    o->theta_m = w->nu * o->theta_m + (1 - w->nu) * (w->threshold ? rho_m * rho_m : rho_m);
    for (int j = 0; j < K; j++) o->c[j] = w->mu * o->c[j] + (1 - w->mu) * k[j];
}

static void oracle(const synres_layer_weights *w, oracle_head *o, int h, int64_t t, const float *x, double u[V])
{
    double k[K], q[K], v[V], beta[V], decay[V], log_decay[K], erase[V], r[2] = {0, 0};
    unit(w, w->A_key, h, x, k);
    unit(w, w->A_query, h, x, q);
    for (int i = 0; i < V; i++) v[i] = row(w->A_value, h * V + i, x);
    if (t % w->block == 0) enter_block(w, o);
    if (w->kappa_beta) resonance(w, o, k, v, r);
    int gates = w->flags & SYNRES_RULE_ROW_GATES ? V : 1, decays = w->flags & SYNRES_RULE_DECAY_CHANNEL ? K : w->flags & SYNRES_RULE_DECAY_ROW ? V : 1;
    double push = w->kappa_beta ? w->kappa_beta[h] * r[0] + w->kappa_agreement[h] * r[1] : 0, hold = w->kappa_decay ? w->kappa_decay[h] * r[0] : 0;
    for (int i = 0; i < gates; i++) beta[i] = w->beta_max * sigma(row(w->w_beta, h * gates + i, x) + w->b_beta[h * gates + i] + push);
    for (int i = 0; i < decays; i++) {
        if (w->flags & SYNRES_LAYER_TIED) log_decay[i] = log1p(-beta[i]);
        else if (!w->rate) log_decay[i] = log(w->max_decay);
        else {
            double z = row(w->w_decay, h * decays + i, x) + w->b_decay[h * decays + i] - hold;
            log_decay[i] = fmin(-w->rate[h] * log1p(exp(z)), log(w->max_decay));
        }
        if (w->flags & SYNRES_LAYER_ERASE_OUTSIDE) decay[i] = exp(log_decay[i]), erase[i] = beta[i] / decay[i];
    }
    synres_shape shape;
    synres_tokens_f64 token;
    ck_synres_ok(synres_shape_init(&shape, sizeof shape));
    ck_synres_ok(synres_tokens_f64_init(&token, sizeof token));
    shape.flags = w->flags & 31, shape.d_key = K, shape.d_value = V;
    token.key = k, token.query = q, token.value = v, token.beta = beta, token.log_decay = log_decay;
    token.erase_beta = w->flags & SYNRES_LAYER_ERASE_OUTSIDE ? erase : NULL;
    ck_synres_ok(synres_step_f64(&shape, &token, o->S, u, 0, 1));
}

START_TEST(is_the_definition)
{
    for (int resonant = 0; resonant < 2; resonant++)
        for (uint64_t seed = 0; seed < 3; seed++) {
            small_layer layer = make_layer(seed, kinds[_i], resonant);
            small_model m = make_model(seed, kinds[_i], resonant, 1);
            void *memory;
            synres_state *state = make_state(m.model, 0, &memory), *states[1] = {state};
            float *x = random_x(seed, TOKENS);
            oracle_head heads[H];
            memset(heads, 0, sizeof heads);
            for (int64_t t = 0; t < TOKENS; t++) {
                synres_batch batch = batch_of(x + t * SMALL_IN, states, 1);
                const float *read;
                double u[R], y = 0;
                ck_synres_ok(synres_run(m.model, 0, &batch, m.work, 0, 1));
                ck_synres_ok(synres_work_read(m.work, 0, &read));
                for (int h = 0; h < H; h++) oracle(&layer.w, &heads[h], h, t, x + t * SMALL_IN, u + h * V);
                ck_assert_msg(rms_ratio(read, u, R) <= 3e-6, "kind %d, resonant %d, token %d: %g", _i, resonant, (int)t, rms_ratio(read, u, R));
                float out[SMALL_OUT] = {0};
                ck_synres_ok(synres_tap(m.model, 0, 1, m.work, out, 0, 0, 1));
                for (int i = 0; i < SMALL_OUT; i++, y = 0) {
                    for (int j = 0; j < R; j++)
                        y += layer.tap[1].scale * layer.tap[1].B[i * R + j] * layer.tap[1].gain[j] * u[j] *
                             sigma(row(layer.tap[1].gate, j / V, x + t * SMALL_IN) + layer.tap[1].gate_bias[j / V]);
                    ck_assert_msg(near(out[i], y, 2e-5, 0.5), "%g, %g", out[i], y);
                }
                double bound, norm;
                for (int h = 0; h < H; h++) {
                    ck_synres_ok(synres_state_bound(state, 0, h, &bound));
                    ck_synres_ok(synres_state_norm(state, 0, h, &norm));
                    ck_assert_msg(norm <= bound * (1 + 1e-5) && norm > 0, "%g > %g", norm, bound);
                }
            }
            free(x);
            free(memory);
            free_layer(&layer);
            free_model(&m);
        }
}
END_TEST

static void add_cases(Suite *suite)
{
    add_loop(suite, "definition", is_the_definition, KINDS);
}

SUITE_MAIN("synres_definition", add_cases)
