/* The gradient on the lanes, f32: beside the f64 one for every rule and shape, with equal bits on every instruction set, for any number of kept states and
 * of threads, and in a state whose rows are further apart than they are long. */
#include <math.h>

#include "base/random.h"
#include "step/step_internal.h"
#include "suite.h"
#include "synres_inputs.h"

enum { HEADS = 2, TOKENS = 11, ARRAYS = 8 };

static const int64_t shapes[][2] = {{1, 1}, {3, 2}, {16, 4}, {17, 6}, {64, 5}};
static const int withs[] = {0, WITH_DECAY, WITH_DECAY | WITH_ERASE, WITH_DECAY | WITH_ERASE | WITH_ERASE_BETA};

/* All gradients, one after another: seven arrays and dS. */
typedef struct sizes {
    int64_t of[ARRAYS], all;
} sizes;

static sizes sizes_of(const inputs *in, int with)
{
    const int64_t rows = TOKENS * HEADS, K = in->shape.d_key, gates = rows * synresi_gate_width(&in->shape);
    sizes s = {{rows * K, rows * K, rows * in->shape.d_value, gates, with & WITH_DECAY ? rows * synresi_decay_width(&in->shape) : 0,
                with & WITH_ERASE ? rows * K : 0, with & WITH_ERASE_BETA ? gates : 0, in->state}, 0};
    for (int i = 0; i < ARRAYS; i++) s.all += s.of[i];
    return s;
}

static float number(int64_t i) { return (float)base_random_normal(77, BASE_STREAM_TEST, (uint64_t)i); }

static float *f32_of(const inputs *in, int with, int64_t every, int32_t nth)
{
    const sizes s = sizes_of(in, with);
    float *out = calloc((size_t)s.all, sizeof *out), *du = malloc((size_t)in->outputs * sizeof *du), *at[ARRAYS], *next = out;
    size_t bytes;
    synres_gradients_f32 g;
    ck_synres_ok(synres_gradients_f32_init(&g, sizeof g));
    for (int i = 0; i < ARRAYS; next += s.of[i], i++) at[i] = s.of[i] ? next : NULL;
    g.key = at[0], g.query = at[1], g.value = at[2], g.beta = at[3], g.log_decay = at[4], g.erase = at[5], g.erase_beta = at[6];
    for (int64_t i = 0; i < in->outputs; i++) du[i] = number(i);
    for (int64_t i = 0; i < in->state; i++) at[7][i] = number(5000 + i);
    ck_synres_ok(synres_backward_size_f32(&in->shape, TOKENS, every, &bytes));
    void *memory = malloc(bytes);
    for (int32_t ith = 0; ith < nth; ith++) {
        memset(memory, 0x5a, bytes);
        ck_synres_ok(synres_backward_f32(&in->shape, &in->f32, in->S32, du, at[7], &g, every, memory, bytes, ith, nth));
    }
    free(memory), free(du);
    return out;
}

static double *f64_of(const inputs *in, int with)
{
    const sizes s = sizes_of(in, with);
    double *out = calloc((size_t)s.all, sizeof *out), *du = malloc((size_t)in->outputs * sizeof *du), *at[ARRAYS], *next = out;
    size_t bytes;
    synres_gradients_f64 g;
    ck_synres_ok(synres_gradients_f64_init(&g, sizeof g));
    for (int i = 0; i < ARRAYS; next += s.of[i], i++) at[i] = s.of[i] ? next : NULL;
    g.key = at[0], g.query = at[1], g.value = at[2], g.beta = at[3], g.log_decay = at[4], g.erase = at[5], g.erase_beta = at[6];
    for (int64_t i = 0; i < in->outputs; i++) du[i] = number(i);
    for (int64_t i = 0; i < in->state; i++) at[7][i] = number(5000 + i);
    ck_synres_ok(synres_backward_size_f64(&in->shape, TOKENS, 0, &bytes));
    void *memory = malloc(bytes);
    ck_synres_ok(synres_backward_f64(&in->shape, &in->f64, in->S64, du, at[7], &g, 0, memory, bytes, 0, 1));
    free(memory), free(du);
    return out;
}

START_TEST(is_the_f64_one_and_its_bits_depend_on_nothing_else)
{
    const int64_t K = shapes[_i][0], V = shapes[_i][1];
    int64_t compared = 0;
    for (int32_t flags = 0; flags < 32; flags++)
        for (int w = 0; w < 4; w++) {
            if ((flags & SYNRES_RULE_DECAY_CHANNEL) && (flags & SYNRES_RULE_DECAY_ROW)) continue;
            inputs in = random_tokens((uint64_t)flags, flags, HEADS, K, V, TOKENS, withs[w]);
            const sizes s = sizes_of(&in, withs[w]);
            float *got = f32_of(&in, withs[w], 4, 1), *again = f32_of(&in, withs[w], 3, 2);
            double *want = f64_of(&in, withs[w]), all = 0;
            ck_assert_mem_eq(got, again, (size_t)s.all * sizeof *got);
            for (int64_t i = 0; i < s.all; i++) all += want[i] * want[i];
            all = sqrt(all / (double)s.all);
            int64_t at = 0;
            for (int a = 0; a < ARRAYS; at += s.of[a], a++)
                for (int64_t i = at; i < at + s.of[a]; i++)
                    ck_assert_msg(near(got[i], want[i], 2e-5, all), "flags %d, with %d, array %d[%d]: %g, not %g", flags, w, a, (int)(i - at), got[i], want[i]);
            compared += s.all;
            free(got), free(again), free(want);
            free_tokens(&in);
        }
    ck_assert_int_gt(compared, 24 * 4 * TOKENS * HEADS);
}
END_TEST

/* The same state with rows further apart: the same gradients, and nothing between the rows is touched. */
START_TEST(rows_may_lie_apart)
{
    enum { K = 17, V = 6, STRIDE = 32, N = TOKENS * HEADS };
    inputs in = random_tokens(3, SYNRES_RULE_ERASE, HEADS, K, V, TOKENS, WITH_DECAY);
    static float wide[HEADS * V * STRIDE], d_wide[HEADS * V * STRIDE], dS[HEADS * V * K], key[N * K], d_key[N * K], du[N * V];
    synres_gradients_f32 g;
    ck_synres_ok(synres_gradients_f32_init(&g, sizeof g));
    for (int i = 0; i < N * V; i++) du[i] = number(i);
    for (int i = 0; i < HEADS * V * STRIDE; i++) {
        const bool real = i % STRIDE < K;
        wide[i] = real ? in.S32[i / STRIDE * K + i % STRIDE] : NAN;
        d_wide[i] = real ? number(i) : 7;
        if (real) dS[i / STRIDE * K + i % STRIDE] = number(i);
    }
    size_t bytes;
    ck_synres_ok(synres_backward_size_f32(&in.shape, TOKENS, 4, &bytes));
    void *memory = malloc(bytes);
    g.key = key;
    ck_synres_ok(synres_backward_f32(&in.shape, &in.f32, in.S32, du, dS, &g, 4, memory, bytes, 0, 1));
    in.shape.stride = STRIDE;
    g.key = d_key;
    ck_synres_ok(synres_backward_f32(&in.shape, &in.f32, wide, du, d_wide, &g, 4, memory, bytes, 0, 1));
    ck_assert_mem_eq(key, d_key, sizeof key);
    for (int i = 0; i < HEADS * V * STRIDE; i++) ck_assert(i % STRIDE < K ? d_wide[i] == dS[i / STRIDE * K + i % STRIDE] : d_wide[i] == 7);
    free(memory);
    free_tokens(&in);
}
END_TEST

/* The kernel itself, with what it is given and what it gives in one array. */
START_TEST(bits_are_the_same_on_every_set)
{
    enum { N = 48, ROWS = 12, IN = 4 * N + 5 * ROWS, OUT = ROWS * N + 4 * N + 3 * ROWS };
    static const char *const names[] = {"portable", "avx2", "avx512"};
    static float in[IN + ROWS * N], first[OUT], out[OUT];
    int sets = 0;
    for (int i = 0; i < IN + ROWS * N; i++) in[i] = number(i);
    for (int k = 0; k < 3; k++) {
        const synresi_lanes *lanes = synresi_lanes_named(names[k]);
        if (!lanes) continue;
        for (int i = 0; i < OUT; i++) out[i] = number(9000 + i);
        float *d = out + ROWS * N, *r = d + 4 * N;
        const float *rows = in + 4 * N;
        const synresi_back t = {.padded = N, .rows = ROWS, .S = in + IN, .G = out, .key = in, .query = in + N, .erase = in + 2 * N, .write = rows,
                                .erase_beta = rows + ROWS, .du = rows + 2 * ROWS, .decay = rows + 3 * ROWS, .channel = _i & 1 ? in + 3 * N : NULL,
                                .read_pre = _i & 2, .d_key = d, .d_query = d + N, .d_erase = d + 2 * N, .d_channel = d + 3 * N, .d_write = r,
                                .d_erase_beta = r + ROWS, .d_decay = r + 2 * ROWS};
        lanes->back(&t);
        if (sets++) ck_assert_mem_eq(out, first, sizeof out);
        else memcpy(first, out, sizeof out);
    }
    ck_assert_int_ge(sets, 1);
}
END_TEST

static void add_cases(Suite *suite)
{
    add_loop(suite, "f64", is_the_f64_one_and_its_bits_depend_on_nothing_else, 5);
    add_case(suite, "stride", rows_may_lie_apart);
    add_loop(suite, "sets", bits_are_the_same_on_every_set, 4);
}

SUITE_MAIN("synres_backward_lanes", add_cases)
