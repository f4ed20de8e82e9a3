/* Each rule of the family in its own published form, beside the one update; and what the delta rule is for. */
#include <math.h>

#include "base/random.h"
#include "suite.h"
#include "synres_inputs.h"

enum { K = 7, V = 5, TOKENS = 12 };
typedef void (*rule)(const inputs *in, int64_t t, double S[V][K]);

static double at(const double *x, int64_t t, int64_t width, int64_t j) { return x[t * width + j]; }
static double recalled(const inputs *in, int64_t t, const double *s)
{
    double sum = 0;
    for (int j = 0; j < K; j++) sum += s[j] * at(in->f64.key, t, K, j);
    return sum;
}

#define EACH_ELEMENT                  \
    for (int i = 0; i < V; i++)       \
        for (int j = 0; j < K; j++)
#define KEY(j) at(in->f64.key, t, K, j)
#define VALUE(i) at(in->f64.value, t, V, i)
#define BETA in->f64.beta[t]

/* Katharopoulos et al. 2020: S += v kᵀ (gate β on the value) */
static void linear_attention(const inputs *in, int64_t t, double S[V][K]) { EACH_ELEMENT S[i][j] += BETA * VALUE(i) * KEY(j); }

/* Ba et al. 2016, RetNet, Mamba-2: S = αS + v kᵀ */
static void fading_hebb(const inputs *in, int64_t t, double S[V][K])
{
    EACH_ELEMENT S[i][j] = exp(in->f64.log_decay[t]) * S[i][j] + BETA * VALUE(i) * KEY(j);
}

/* GLA: S = S Diag(α) + v kᵀ */
static void gated_linear(const inputs *in, int64_t t, double S[V][K])
{
    EACH_ELEMENT S[i][j] = exp(at(in->f64.log_decay, t, K, j)) * S[i][j] + BETA * VALUE(i) * KEY(j);
}

/* Schlag et al. 2021: S += β (v − S k) kᵀ */
static void delta(const inputs *in, int64_t t, double S[V][K])
{
    for (int i = 0; i < V; i++) {
        double error = VALUE(i) - recalled(in, t, S[i]);
        for (int j = 0; j < K; j++) S[i][j] += BETA * error * KEY(j);
    }
}

/* Gated DeltaNet: S = αS(I − βkkᵀ) + βvkᵀ; KDA: S = S Diag(α)(I − βkkᵀ) + βvkᵀ, which is the delta rule on the decayed state */
static void gated_delta(const inputs *in, int64_t t, double S[V][K])
{
    EACH_ELEMENT S[i][j] *= exp(in->f64.log_decay[t]);
    delta(in, t, S);
}

static void kimi(const inputs *in, int64_t t, double S[V][K])
{
    EACH_ELEMENT S[i][j] *= exp(at(in->f64.log_decay, t, K, j));
    delta(in, t, S);
}

/* Tied gate, a gate a row, nested: s_i = (1 − β_i)(s_i − β_i (s_i·k) kᵀ) + β_i v_i kᵀ */
static void tied_rows(const inputs *in, int64_t t, double S[V][K])
{
    for (int i = 0; i < V; i++) {
        double beta = at(in->f64.beta, t, V, i), p = recalled(in, t, S[i]);
        for (int j = 0; j < K; j++) S[i][j] = (1 - beta) * (S[i][j] - beta * p * KEY(j)) + beta * VALUE(i) * KEY(j);
    }
}

/* δ-mem's default: s_i = (1 − β_i) s_i − β_i (s_i·k) kᵀ + β_i v_i kᵀ, the erase outside the decay */
static void delta_mem(const inputs *in, int64_t t, double S[V][K])
{
    for (int i = 0; i < V; i++) {
        double beta = at(in->f64.beta, t, V, i), p = recalled(in, t, S[i]);
        for (int j = 0; j < K; j++) S[i][j] = (1 - beta) * S[i][j] - beta * p * KEY(j) + beta * VALUE(i) * KEY(j);
    }
}

/* beta into (0, 1), log α = log(1 − β), and for δ-mem β_e = β/α */
static void tie(inputs *in, int outside)
{
    double *beta = (double *)(uintptr_t)in->f64.beta, *decay = malloc(V * TOKENS * sizeof *decay), *erase = malloc(V * TOKENS * sizeof *erase);
    for (int i = 0; i < V * TOKENS; i++) {
        beta[i] /= 1.51;
        decay[i] = log1p(-beta[i]);
        erase[i] = beta[i] / exp(decay[i]);
    }
    in->f64.log_decay = decay;
    if (outside) in->f64.erase_beta = erase;
    else free(erase);
}

static const struct {
    const char *name;
    rule published;
    int32_t flags;
    int with, tied;
} rules[] = {
    {"linear attention", linear_attention, 0, 0, 0},
    {"fading Hebb, RetNet, Mamba-2", fading_hebb, 0, WITH_DECAY, 0},
    {"gated linear attention", gated_linear, SYNRES_RULE_DECAY_CHANNEL, WITH_DECAY, 0},
    {"delta rule", delta, SYNRES_RULE_ERASE, 0, 0},
    {"gated delta rule", gated_delta, SYNRES_RULE_ERASE, WITH_DECAY, 0},
    {"KDA", kimi, SYNRES_RULE_ERASE | SYNRES_RULE_DECAY_CHANNEL, WITH_DECAY, 0},
    {"tied gate a row", tied_rows, SYNRES_RULE_ERASE | SYNRES_RULE_ROW_GATES | SYNRES_RULE_DECAY_ROW, 0, 1},
    {"delta-mem", delta_mem, SYNRES_RULE_ERASE | SYNRES_RULE_ROW_GATES | SYNRES_RULE_DECAY_ROW, 0, 2},
};
enum { RULES = sizeof rules / sizeof *rules };

START_TEST(every_rule_is_a_choice_of_flags)
{
    for (int pre = 0; pre < 2; pre++) {
        inputs in = random_tokens(_i, rules[_i].flags | (pre ? SYNRES_RULE_READ_PRE : 0), 1, K, V, TOKENS, rules[_i].with);
        if (rules[_i].tied) tie(&in, rules[_i].tied == 2);
        double S[V][K], u[TOKENS][V];
        memcpy(S, in.S64, sizeof S);
        for (int t = 0; t < TOKENS; t++) {
            if (!pre) rules[_i].published(&in, t, S);
            for (int i = 0; i < V; i++) {
                u[t][i] = 0;
                for (int j = 0; j < K; j++) u[t][i] += S[i][j] * at(in.f64.query, t, K, j);
            }
            if (pre) rules[_i].published(&in, t, S);
        }
        ck_synres_ok(synres_step_f64(&in.shape, &in.f64, in.S64, in.u64, 0, 1));
        double state = rms_ratio_f64(in.S64, S[0], V * K), read = rms_ratio_f64(in.u64, u[0], TOKENS * V);
        ck_assert_msg(state <= 1e-14 && read <= 1e-14, "%s, pre %d: %g, %g", rules[_i].name, pre, state, read);
        free_tokens(&in);
    }
}
END_TEST

/* Orthonormal keys, β = 1: what was written is recalled exactly; a key written again has its new value, and the others theirs. */
START_TEST(orthonormal_keys_recall_exactly)
{
    enum { N = 16, M = 9 };
    synres_shape shape;
    synres_tokens_f32 token;
    ck_synres_ok(synres_shape_init(&shape, sizeof shape));
    ck_synres_ok(synres_tokens_f32_init(&token, sizeof token));
    shape.d_key = N, shape.d_value = M;
    float S[M * N] = {0}, value[N][M], u[M];
    const float one = 1;
    token.beta = &one;
    for (int write = 0; write < 2 * N; write++) { /* the second time with other values, each read back at once */
        float key[N];
        int row = write % N; /* a Hadamard matrix of 16 rows by 1/4: orthonormal, exact in f32 */
        for (int j = 0; j < N; j++) key[j] = __builtin_popcount((unsigned)(row & j)) % 2 ? -0.25f : 0.25f;
        for (int i = 0; i < M; i++) value[row][i] = (float)((write * 37 + i * 11) % 64 - 32);
        token.key = token.query = key;
        token.value = value[row];
        ck_synres_ok(synres_step_f32(&shape, &token, S, u, 0, 1));
        ck_assert_mem_eq(u, value[row], sizeof u);
        for (int old = 0; old < N && (write >= N || old <= row); old++)
            for (int i = 0; i < M; i++) {
                float sum = 0;
                for (int j = 0; j < N; j++) sum += S[i * N + j] * (__builtin_popcount((unsigned)(old & j)) % 2 ? -0.25f : 0.25f);
                ck_assert_float_eq(sum, value[old][i]);
            }
    }
}
END_TEST

/* Oja's subspace rule, k ← k − Sᵀv before the Hebbian step, is the delta rule with keys and values exchanged and S transposed. */
START_TEST(oja_is_the_transposed_delta_rule)
{
    inputs in = random_tokens(4, SYNRES_RULE_ERASE, 1, K, V, TOKENS, 0);
    double H[V][K]; /* keys v (V of them), values k */
    for (int i = 0; i < V; i++)
        for (int j = 0; j < K; j++) H[i][j] = in.S64[i * K + j];
    inputs transposed = random_tokens(4, SYNRES_RULE_ERASE, 1, V, K, TOKENS, 0);
    double *keys = (double *)(uintptr_t)transposed.f64.key, *values = (double *)(uintptr_t)transposed.f64.value;
    double *beta = (double *)(uintptr_t)transposed.f64.beta;
    for (int t = 0; t < TOKENS; t++) {
        double norm = 0;
        for (int i = 0; i < V; i++) norm += at(in.f64.value, t, V, i) * at(in.f64.value, t, V, i);
        for (int i = 0; i < V; i++) keys[t * V + i] = at(in.f64.value, t, V, i) / sqrt(norm);
        for (int j = 0; j < K; j++) values[t * K + j] = at(in.f64.key, t, K, j);
        beta[t] = in.f64.beta[t];
    }
    for (int i = 0; i < V; i++)
        for (int j = 0; j < K; j++) transposed.S64[j * V + i] = H[i][j];
    ck_synres_ok(synres_step_f64(&transposed.shape, &transposed.f64, transposed.S64, transposed.u64, 0, 1));
    for (int t = 0; t < TOKENS; t++) {
        double rest[K];
        for (int j = 0; j < K; j++) {
            rest[j] = values[t * K + j];
            for (int i = 0; i < V; i++) rest[j] -= H[i][j] * keys[t * V + i];
        }
        for (int i = 0; i < V; i++)
            for (int j = 0; j < K; j++) H[i][j] += beta[t] * keys[t * V + i] * rest[j];
    }
    double turned[V * K];
    for (int i = 0; i < V; i++)
        for (int j = 0; j < K; j++) turned[i * K + j] = transposed.S64[j * V + i];
    ck_assert_msg(rms_ratio_f64(turned, H[0], V * K) <= 1e-15, "%g", rms_ratio_f64(turned, H[0], V * K));
    free_tokens(&in);
    free_tokens(&transposed);
}
END_TEST

static void add_cases(Suite *suite)
{
    add_loop(suite, "reductions", every_rule_is_a_choice_of_flags, RULES);
    add_case(suite, "recall", orthonormal_keys_recall_exactly);
    add_case(suite, "oja", oja_is_the_transposed_delta_rule);
}

SUITE_MAIN("synres_rules", add_cases)
