/* The gradient: finite differences for every input, the adjoint identity, any checkpoint distance and any number of threads with equal bits, f32
 * beside f64, bad input. */
#include <math.h>

#include "base/random.h"
#include "suite.h"
#include "synres_inputs.h"

enum { HEADS = 2, K = 4, V = 3, TOKENS = 9, STATE = HEADS * V * K, OUT = TOKENS * HEADS * V, MOST = 8 * TOKENS * HEADS };

typedef struct gradient {
    double key[MOST], query[MOST], value[MOST], beta[MOST], log_decay[MOST], erase[MOST], erase_beta[MOST], dS[STATE];
} gradient;

static double weight(int64_t i) { return base_random_normal(77, BASE_STREAM_TEST, (uint64_t)i); }

/* L = Σ weight·u + Σ weight·S_T */
static double loss(const inputs *in)
{
    double *S = copy_f64(in->S64, in->state), sum = 0, u[OUT];
    ck_synres_ok(synres_step_f64(&in->shape, &in->f64, S, u, 0, 1));
    for (int64_t i = 0; i < OUT; i++) sum += weight(i) * u[i];
    for (int64_t i = 0; i < STATE; i++) sum += weight(1000 + i) * S[i];
    free(S);
    return sum;
}

static gradient gradient_of(const inputs *in, int64_t every, int32_t nth)
{
    gradient g = {.key = {0}};
    double du[OUT];
    size_t bytes;
    synres_gradients_f64 out;
    ck_synres_ok(synres_gradients_f64_init(&out, sizeof out));
    out.key = g.key, out.query = g.query, out.value = g.value, out.beta = g.beta, out.log_decay = g.log_decay, out.erase = g.erase;
    out.erase_beta = g.erase_beta;
    for (int64_t i = 0; i < OUT; i++) du[i] = weight(i);
    for (int64_t i = 0; i < STATE; i++) g.dS[i] = weight(1000 + i);
    ck_synres_ok(synres_backward_size_f64(&in->shape, TOKENS, every, &bytes));
    void *memory = malloc(bytes);
    for (int32_t ith = 0; ith < nth; ith++)
        ck_synres_ok(synres_backward_f64(&in->shape, &in->f64, in->S64, du, g.dS, &out, every, memory, bytes, ith, nth));
    free(memory);
    return g;
}

static int64_t compare(const inputs *in, const double *x, int64_t n, const double *g, const char *name, int32_t flags)
{
    double *at = (double *)(uintptr_t)x;
    for (int64_t i = 0; i < n && x; i++) {
        const double kept = at[i], h = 1e-5;
        at[i] = kept + h;
        double up = loss(in);
        at[i] = kept - h;
        double slope = (up - loss(in)) / (2 * h);
        at[i] = kept;
        ck_assert_msg(near(slope, g[i], 1e-7, 1), "flags %d, %s[%d]: %.12g, not %.12g", flags, name, (int)i, g[i], slope);
    }
    return x ? n : 0;
}

START_TEST(is_what_finite_differences_say)
{
    static const int withs[] = {0, WITH_DECAY, WITH_DECAY | WITH_ERASE, WITH_DECAY | WITH_ERASE | WITH_ERASE_BETA};
    int64_t compared = 0;
    for (int32_t flags = 0; flags < 32; flags++) {
        if ((flags & SYNRES_RULE_DECAY_CHANNEL) && (flags & SYNRES_RULE_DECAY_ROW)) continue;
        inputs in = random_tokens((uint64_t)flags, flags, HEADS, K, V, TOKENS, withs[_i]);
        gradient g = gradient_of(&in, 4, 1);
        int64_t rows = TOKENS * HEADS, gates = rows * (flags & SYNRES_RULE_ROW_GATES ? V : 1);
        int64_t decays = rows * (flags & SYNRES_RULE_DECAY_CHANNEL ? K : flags & SYNRES_RULE_DECAY_ROW ? V : 1);
        compared += compare(&in, in.f64.key, rows * K, g.key, "key", flags) + compare(&in, in.f64.query, rows * K, g.query, "query", flags) +
                    compare(&in, in.f64.value, rows * V, g.value, "value", flags) + compare(&in, in.f64.beta, gates, g.beta, "beta", flags) +
                    compare(&in, in.f64.log_decay, decays, g.log_decay, "log_decay", flags) +
                    compare(&in, in.f64.erase, rows * K, g.erase, "erase", flags) +
                    compare(&in, in.f64.erase_beta, gates, g.erase_beta, "erase_beta", flags) + compare(&in, in.S64, STATE, g.dS, "S", flags);
        free_tokens(&in);
    }
    ck_assert_int_gt(compared, 24 * 200);
}
END_TEST

/* Reads and last state are linear in values and first state together: ⟨J(v, S), (du, dS)⟩ = ⟨(v, S), Jᵀ(du, dS)⟩, for all rules, to rounding. */
START_TEST(is_the_adjoint)
{
    static const int withs[] = {0, WITH_DECAY, WITH_DECAY | WITH_ERASE, WITH_DECAY | WITH_ERASE | WITH_ERASE_BETA};
    for (int32_t flags = 0; flags < 32; flags++) {
        if ((flags & SYNRES_RULE_DECAY_CHANNEL) && (flags & SYNRES_RULE_DECAY_ROW)) continue;
        inputs in = random_tokens((uint64_t)flags, flags, HEADS, K, V, TOKENS, withs[_i]);
        gradient g = gradient_of(&in, 4, 1);
        const double there = loss(&in); /* the weights are the (du, dS) of gradient_of */
        double back = 0, size = 0;
        for (int64_t i = 0; i < OUT; i++) back += in.f64.value[i] * g.value[i], size += fabs(in.f64.value[i] * g.value[i]);
        for (int64_t i = 0; i < STATE; i++) back += in.S64[i] * g.dS[i], size += fabs(in.S64[i] * g.dS[i]);
        ck_assert_msg(fabs(there - back) <= 1e-14 * size, "flags %d: %.17g, %.17g", flags, there, back);
        free_tokens(&in);
    }
}
END_TEST

START_TEST(bits_depend_on_neither_checkpoints_nor_threads)
{
    for (int32_t flags = 0; flags < 8; flags++) {
        inputs in = random_tokens(5, flags, HEADS, K, V, TOKENS, WITH_DECAY);
        gradient want = gradient_of(&in, 1, 1);
        for (int64_t every = 0; every < 12; every++)
            for (int32_t nth = 1; nth <= 3; nth++) {
                gradient got = gradient_of(&in, every, nth);
                ck_assert_mem_eq(&got, &want, sizeof got);
            }
        free_tokens(&in);
    }
}
END_TEST

START_TEST(f32_is_f64_within_rounding)
{
    enum { T = 130, D = 32, N = T * D };
    inputs in = random_tokens(3, SYNRES_RULE_ERASE, 1, D, D, T, WITH_DECAY);
    static float key[N], value[N], log_decay[T], dS[D * D], du[N];
    static double key64[N], value64[N], log_decay64[T], dS64[D * D], du64[N];
    synres_gradients_f32 g;
    synres_gradients_f64 g64;
    size_t bytes, bytes64;
    ck_synres_ok(synres_gradients_f32_init(&g, sizeof g));
    ck_synres_ok(synres_gradients_f64_init(&g64, sizeof g64));
    g.key = key, g.value = value, g.log_decay = log_decay;
    g64.key = key64, g64.value = value64, g64.log_decay = log_decay64;
    for (int i = 0; i < N; i++) du64[i] = du[i] = (float)weight(i);
    ck_synres_ok(synres_backward_size_f32(&in.shape, T, 0, &bytes));
    ck_synres_ok(synres_backward_size_f64(&in.shape, T, 0, &bytes64));
    void *memory = malloc(bytes), *memory64 = malloc(bytes64);
    ck_synres_ok(synres_backward_f32(&in.shape, &in.f32, in.S32, du, dS, &g, 0, memory, bytes, 0, 1));
    ck_synres_ok(synres_backward_f64(&in.shape, &in.f64, in.S64, du64, dS64, &g64, 0, memory64, bytes64, 0, 1));
    ck_assert(rms_ratio(key, key64, N) <= 1e-5 && rms_ratio(value, value64, N) <= 1e-5);
    ck_assert(rms_ratio(log_decay, log_decay64, T) <= 1e-5 && rms_ratio(dS, dS64, D * D) <= 1e-5);
    ck_synres_status(synres_backward_f32(&in.shape, &in.f32, in.S32, du, dS, &g, 0, memory, bytes - 1, 0, 1), SYNRES_E_CAPACITY);
    ck_synres_status(synres_backward_f32(&in.shape, &in.f32, NULL, du, dS, &g, 0, memory, bytes, 0, 1), SYNRES_E_ARGUMENT);
    ck_synres_status(synres_backward_f32(&in.shape, &in.f32, in.S32, NULL, dS, &g, 0, memory, bytes, 0, 1), SYNRES_E_ARGUMENT);
    ck_synres_status(synres_backward_f32(&in.shape, &in.f32, in.S32, du, dS, &g, -1, memory, bytes, 0, 1), SYNRES_E_ARGUMENT);
    ck_synres_status(synres_backward_f32(&in.shape, &in.f32, in.S32, du, dS, &g, 0, memory, bytes, 1, 1), SYNRES_E_ARGUMENT);
    ck_synres_status(synres_backward_f32(NULL, &in.f32, in.S32, du, dS, &g, 0, memory, bytes, 0, 1), SYNRES_E_ARGUMENT);
    ck_synres_status(synres_backward_size_f32(&in.shape, -1, 0, &bytes), SYNRES_E_SHAPE);
    ck_synres_status(synres_backward_size_f32(&in.shape, 1, 5000, &bytes), SYNRES_E_ARGUMENT);
    free(memory), free(memory64);
    free_tokens(&in);
}
END_TEST

static void add_cases(Suite *suite)
{
    add_loop(suite, "differences", is_what_finite_differences_say, 4);
    add_loop(suite, "adjoint", is_the_adjoint, 4);
    add_case(suite, "bits", bits_depend_on_neither_checkpoints_nor_threads);
    add_case(suite, "f32", f32_is_f64_within_rounding);
}

SUITE_MAIN("synres_backward", add_cases)
