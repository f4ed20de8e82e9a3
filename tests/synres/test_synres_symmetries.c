/* What must not matter, or must carry over: later tokens to earlier reads, the order of heads, the basis and the scale of values; κ = 0 to a layer. */
#include <math.h>

#include "small_run.h"
#include "suite.h"
#include "synres_inputs.h"

enum { HEADS = 3, T = 12, FLAGS = 16 };

static void chunk_f32(const inputs *in, float *S, float *u)
{
    size_t bytes;
    ck_synres_ok(synres_chunk_size_f32(&in->shape, &bytes));
    void *memory = malloc(bytes);
    ck_synres_ok(synres_chunk_f32(&in->shape, &in->f32, S, u, 5, memory, bytes, 0, 1));
    free(memory);
}

/* Token `change` is another one: reads before it keep each bit, in the step and in chunks of 5. */
START_TEST(later_tokens_change_no_earlier_read)
{
    for (int32_t flags = 0; flags < FLAGS; flags++)
        for (int64_t change = 0; change < T; change++) {
            inputs a = random_tokens(5, flags, HEADS, K, V, T, WITH_DECAY | WITH_ERASE_BETA), b = random_tokens(5, flags, HEADS, K, V, T, WITH_DECAY | WITH_ERASE_BETA);
            inputs other = random_tokens(6, flags, HEADS, K, V, T, WITH_DECAY | WITH_ERASE_BETA), at = tokens_from(&b, change, 1), from = tokens_from(&other, change, 1);
            memcpy((void *)(uintptr_t)at.f32.key, from.f32.key, HEADS * K * sizeof(float));
            memcpy((void *)(uintptr_t)at.f32.query, from.f32.query, HEADS * K * sizeof(float));
            memcpy((void *)(uintptr_t)at.f32.value, from.f32.value, HEADS * V * sizeof(float));
            memcpy((void *)(uintptr_t)at.f32.beta, from.f32.beta, HEADS * sizeof(float));
            memcpy((void *)(uintptr_t)at.f32.log_decay, from.f32.log_decay, HEADS * sizeof(float));
            memcpy((void *)(uintptr_t)at.f32.erase_beta, from.f32.erase_beta, HEADS * sizeof(float));
            for (int chunked = 0; chunked < 2; chunked++) {
                float *Sa = copy_f32(a.S32, a.state), *Sb = copy_f32(a.S32, a.state);
                if (chunked) chunk_f32(&a, Sa, a.u32), chunk_f32(&b, Sb, b.u32);
                else {
                    ck_synres_ok(synres_step_f32(&a.shape, &a.f32, Sa, a.u32, 0, 1));
                    ck_synres_ok(synres_step_f32(&b.shape, &b.f32, Sb, b.u32, 0, 1));
                }
                ck_assert_mem_eq(a.u32, b.u32, (size_t)(change * HEADS * V) * sizeof(float));
                ck_assert(memcmp(a.u32 + change * HEADS * V, b.u32 + change * HEADS * V, HEADS * V * sizeof(float)) != 0);
                ck_assert(memcmp(Sa, Sb, (size_t)a.state * sizeof(float)) != 0);
                free(Sa), free(Sb);
            }
            free_tokens(&a), free_tokens(&b), free_tokens(&other);
        }
}
END_TEST

/* The same through a model: outputs of all taps before the changed token, and what follows differs. */
START_TEST(later_tokens_change_no_earlier_output)
{
    small_model m = make_model(3, kinds[_i], 1, 1);
    void *memory;
    synres_state *state = make_state(m.model, 0, &memory);
    float *x = random_x(1, TOKENS), *want = ones(SMALL_TAPS * TOKENS * SMALL_OUT);
    run_all(&m, state, x, TOKENS, TOKENS, want);
    for (int64_t change = 0; change < TOKENS; change += 3) {
        float *y = ones(SMALL_TAPS * TOKENS * SMALL_OUT);
        const float kept = x[change * SMALL_IN];
        x[change * SMALL_IN] = kept + 1;
        ck_synres_ok(synres_state_reset(state));
        run_all(&m, state, x, TOKENS, TOKENS, y);
        x[change * SMALL_IN] = kept;
        for (int64_t tap = 0; tap < SMALL_TAPS; tap++) {
            const int64_t at = tap * TOKENS * SMALL_OUT, size = change * SMALL_OUT;
            ck_assert_mem_eq(y + at, want + at, (size_t)size * sizeof *y);
            ck_assert(memcmp(y + at, want + at, TOKENS * SMALL_OUT * sizeof *y) != 0);
        }
        free(y);
    }
    free(x), free(want), free(memory);
    free_model(&m);
}
END_TEST

/* Heads in another order: the same bits in that order; and each alone the same as in company. */
START_TEST(heads_do_not_meet)
{
    static const int64_t order[HEADS] = {2, 0, 1};
    for (int32_t flags = 0; flags < FLAGS; flags++) {
        inputs a = random_tokens(3, flags, HEADS, K, V, T, WITH_DECAY | WITH_ERASE), b = random_tokens(3, flags, HEADS, K, V, T, WITH_DECAY | WITH_ERASE);
        const int64_t gates = flags & SYNRES_RULE_ROW_GATES ? V : 1, decays = flags & SYNRES_RULE_DECAY_CHANNEL ? K : 1;
#define ORDERED(array, width)                                                                                                          \
    for (int64_t t = 0; t < T; t++)                                                                                                     \
        for (int64_t h = 0; h < HEADS; h++)                                                                                             \
            memcpy((float *)(uintptr_t)b.f32.array + (t * HEADS + h) * (width), a.f32.array + (t * HEADS + order[h]) * (width), (size_t)(width) * sizeof(float))
        ORDERED(key, K);
        ORDERED(query, K);
        ORDERED(value, V);
        ORDERED(beta, gates);
        ORDERED(log_decay, decays);
        ORDERED(erase, K);
        for (int64_t h = 0; h < HEADS; h++) memcpy(b.S32 + h * V * K, a.S32 + order[h] * V * K, V * K * sizeof(float));
        float *alone = copy_f32(a.S32 + V * K, V * K), u[V];
        ck_synres_ok(synres_step_f32(&a.shape, &a.f32, a.S32, a.u32, 0, 1));
        ck_synres_ok(synres_step_f32(&b.shape, &b.f32, b.S32, b.u32, 0, 1));
        synres_shape lone = a.shape;
        lone.heads = 1;
        for (int64_t t = 0; t < T; t++) {
            for (int64_t h = 0; h < HEADS; h++)
                ck_assert_mem_eq(b.u32 + (t * HEADS + h) * V, a.u32 + (t * HEADS + order[h]) * V, V * sizeof(float));
            synres_tokens_f32 one = a.f32;
            const int64_t at = t * HEADS + 1;
            one.tokens = 1;
            one.key += at * K, one.query += at * K, one.value += at * V, one.beta += at * gates, one.log_decay += at * decays, one.erase += at * K;
            ck_synres_ok(synres_step_f32(&lone, &one, alone, u, 0, 1));
            ck_assert_mem_eq(u, a.u32 + at * V, sizeof u);
        }
        for (int64_t h = 0; h < HEADS; h++) ck_assert_mem_eq(b.S32 + h * V * K, a.S32 + order[h] * V * K, V * K * sizeof(float));
        free(alone);
        free_tokens(&a), free_tokens(&b);
    }
}
END_TEST

/* An orthogonal V × V matrix: three reflections. */
static void orthogonal(double Q[V][V])
{
    for (int i = 0; i < V; i++)
        for (int j = 0; j < V; j++) Q[i][j] = i == j;
    for (int r = 0; r < 3; r++) {
        double n[V], length = 0;
        for (int i = 0; i < V; i++) n[i] = sin(1.0 + r + 2.3 * i), length += n[i] * n[i];
        for (int j = 0; j < V; j++) {
            double p = 0;
            for (int i = 0; i < V; i++) p += n[i] * Q[i][j];
            for (int i = 0; i < V; i++) Q[i][j] -= 2 * p / length * n[i];
        }
    }
}

/* rows × V × width: x ← Qx along V. */
static void turn(const double Q[V][V], int64_t rows, int64_t width, double *x)
{
    for (int64_t r = 0; r < rows; r++)
        for (int64_t j = 0; j < width; j++) {
            double out[V] = {0};
            for (int i = 0; i < V; i++)
                for (int k = 0; k < V; k++) out[i] += Q[i][k] * x[(r * V + k) * width + j];
            for (int i = 0; i < V; i++) x[(r * V + i) * width + j] = out[i];
        }
}

/* Values in another basis, gates a head: S → QS, u → Qu. Values and state by 4: S and u by 4, exactly. */
START_TEST(values_may_be_turned_and_scaled)
{
    double Q[V][V];
    orthogonal(Q);
    for (int32_t flags = 0; flags < FLAGS; flags++) {
        inputs a = random_tokens(8, flags, HEADS, K, V, T, WITH_DECAY), b = random_tokens(8, flags, HEADS, K, V, T, WITH_DECAY);
        if (!(flags & SYNRES_RULE_ROW_GATES)) {
            turn(Q, T * HEADS, 1, (double *)(uintptr_t)b.f64.value);
            turn(Q, HEADS, K, b.S64);
            ck_synres_ok(synres_step_f64(&a.shape, &a.f64, a.S64, a.u64, 0, 1));
            ck_synres_ok(synres_step_f64(&b.shape, &b.f64, b.S64, b.u64, 0, 1));
            ck_assert_double_gt(rms_ratio_f64(b.S64, a.S64, a.state), 0.1);
            turn(Q, HEADS, K, a.S64);
            turn(Q, T * HEADS, 1, a.u64);
            ck_assert_msg(rms_ratio_f64(b.S64, a.S64, a.state) <= 1e-14, "%g", rms_ratio_f64(b.S64, a.S64, a.state));
            ck_assert_msg(rms_ratio_f64(b.u64, a.u64, a.outputs) <= 1e-14, "%g", rms_ratio_f64(b.u64, a.u64, a.outputs));
        }
        for (int64_t i = 0; i < b.outputs; i++) ((float *)(uintptr_t)b.f32.value)[i] *= 4;
        for (int64_t i = 0; i < b.state; i++) b.S32[i] *= 4;
        ck_synres_ok(synres_step_f32(&a.shape, &a.f32, a.S32, a.u32, 0, 1));
        ck_synres_ok(synres_step_f32(&b.shape, &b.f32, b.S32, b.u32, 0, 1));
        for (int64_t i = 0; i < b.state; i++) ck_assert_float_eq(b.S32[i], 4 * a.S32[i]);
        for (int64_t i = 0; i < b.outputs; i++) ck_assert_float_eq(b.u32[i], 4 * a.u32[i]);
        free_tokens(&a), free_tokens(&b);
    }
}
END_TEST

/* κ = 0, given or not: the plain gated rule, bit for bit; κ ≠ 0: another one. */
START_TEST(without_kappa_it_is_the_plain_rule)
{
    static const float zero[H] = {0};
    float *x = random_x(4, TOKENS), *want = ones(SMALL_TAPS * TOKENS * SMALL_OUT);
    void *memory;
    for (int kappa = 0; kappa < 3; kappa++) {
        small_layer layer = make_layer(2, kinds[_i], kappa == 2);
        layer.w.tap = layer.tap;
        if (kappa == 1) layer.w.kappa_beta = layer.w.kappa_decay = layer.w.kappa_agreement = zero;
        small_model m = {0};
        size_t bytes;
        ck_synres_ok(synres_model_create(NULL, &layer.w, 1, &m.model));
        ck_synres_ok(synres_work_size(m.model, 64, &bytes));
        ck_synres_ok(synres_work_init(m.model, 64, m.work_memory = malloc(bytes), bytes, &m.work));
        synres_state *state = make_state(m.model, 0, &memory);
        float *y = ones(SMALL_TAPS * TOKENS * SMALL_OUT);
        run_all(&m, state, x, TOKENS, TOKENS, kappa ? y : want);
        if (kappa) ck_assert_int_eq(memcmp(y, want, SMALL_TAPS * TOKENS * SMALL_OUT * sizeof *y) == 0, kappa == 1);
        free(y), free(memory);
        free_model(&m);
        free_layer(&layer);
    }
    free(x), free(want);
}
END_TEST

static void add_cases(Suite *suite)
{
    add_case(suite, "causal", later_tokens_change_no_earlier_read);
    add_loop(suite, "causal model", later_tokens_change_no_earlier_output, KINDS);
    add_case(suite, "heads", heads_do_not_meet);
    add_case(suite, "values", values_may_be_turned_and_scaled);
    add_loop(suite, "kappa", without_kappa_it_is_the_plain_rule, KINDS);
}

SUITE_MAIN("synres_symmetries", add_cases)
