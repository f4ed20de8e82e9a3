/* What is not to be touched keeps each bit: states and outputs under a bad token, outputs under a closed tap, states under closed gates; weights always. */
#define _DEFAULT_SOURCE
#include <math.h>
#include <sys/mman.h>

#include "glass_layer.h"
#include "small_run.h"
#include "state/state_internal.h"
#include "suite.h"
#include "synres_inputs.h"

/* Tokens 0 and 2 alone leave the same norms, and the same bits where they were tapped, as with the flagged token 1 between them. */
static int without_the_bad_token(const small_model *m, synres_state *want, const float *x, const float *before, const float *y, const synres_state *state)
{
    float kept[2 * SMALL_IN], out[2 * SMALL_OUT];
    synres_state *states[2] = {want, want};
    memcpy(kept, x, SMALL_IN * sizeof *x);
    memcpy(kept + SMALL_IN, x + 2 * SMALL_IN, SMALL_IN * sizeof *x);
    memcpy(out, before, SMALL_OUT * sizeof *out);
    memcpy(out + SMALL_OUT, before + 2 * SMALL_OUT, SMALL_OUT * sizeof *out);
    synres_batch batch = batch_of(kept, states, 2);
    ck_synres_ok(synres_run(m->model, 0, &batch, m->work, 0, 1));
    ck_synres_ok(synres_tap(m->model, 0, 0, m->work, out, 0, 0, 1));
    ck_assert_mem_eq(out, y, SMALL_OUT * sizeof *out);
    ck_assert_mem_eq(out + SMALL_OUT, y + 2 * SMALL_OUT, SMALL_OUT * sizeof *out);
    for (int h = 0; h < H; h++) {
        double a, b;
        ck_synres_ok(synres_state_norm(state, 0, h, &a));
        ck_synres_ok(synres_state_norm(want, 0, h, &b));
        ck_assert(a == b);
    }
    return 1;
}

START_TEST(a_bad_token_is_flagged_and_changes_nothing)
{
    int whole = 0;
    static const float bad[] = {NAN, INFINITY, -INFINITY, 3e38f};
    small_model m = make_model(4, kinds[_i], 1, 1);
    void *memory, *memory2;
    synres_state *state = make_state(m.model, 0, &memory), *states[3] = {state, state, state}, *want = make_state(m.model, 0, &memory2);
    for (int b = 0; b < 4; b++) {
        float *x = random_x(1, 3), y[3 * SMALL_OUT], before[3 * SMALL_OUT];
        int64_t heads;
        for (int j = 0; j < SMALL_IN; j++) x[SMALL_IN + j] = b == 3 ? (j % 2 ? bad[b] : -bad[b]) : j == 7 ? bad[b] : 1;
        for (int i = 0; i < 3 * SMALL_OUT; i++) before[i] = y[i] = i % 2 ? -0.0f : 1;
        ck_synres_ok(synres_state_reset(state));
        ck_synres_ok(synres_state_reset(want));
        synres_batch batch = batch_of(x, states, 3);
        ck_synres_ok(synres_run(m.model, 0, &batch, m.work, 0, 1));
        ck_synres_ok(synres_tap(m.model, 0, 0, m.work, y, 0, 0, 1));
        ck_synres_ok(synres_work_flagged(m.work, 0, &heads));
        ck_assert_int_eq(heads, 0);
        ck_synres_ok(synres_work_flagged(m.work, 1, &heads));
        ck_assert_int_gt(heads, 0);
        if (heads == H) ck_assert_mem_eq(y + SMALL_OUT, before + SMALL_OUT, SMALL_OUT * sizeof *y);
        ck_assert(memcmp(y, before, SMALL_OUT * sizeof *y) != 0);
        for (int i = 0; i < 3 * SMALL_OUT; i++) ck_assert(isfinite(y[i]));
        for (int h = 0; h < H; h++) {
            double norm;
            ck_synres_ok(synres_state_norm(state, 0, h, &norm));
            ck_assert(isfinite(norm));
        }
        if (heads == H) whole += without_the_bad_token(&m, want, x, before, y, state);
        free(x);
    }
    ck_assert_int_gt(whole, 0);
    free(memory), free(memory2);
    free_model(&m);
}
END_TEST

static const float odd[] = {-0.0f, NAN, INFINITY, -INFINITY, 1e-45f, -1e-40f, 3};

/* A model of one layer with its own weights, and what runs it. */
static small_model from_layer(small_layer *layer)
{
    small_model m = {0};
    size_t bytes;
    layer->w.tap = layer->tap;
    ck_synres_ok(synres_model_create(NULL, &layer->w, 1, &m.model));
    ck_synres_ok(synres_work_size(m.model, 8, &bytes));
    ck_synres_ok(synres_work_init(m.model, 8, m.work_memory = malloc(bytes), bytes, &m.work));
    return m;
}

static void tap_by(const small_model *m, int64_t tap, float *y, int32_t nth)
{
    for (int32_t ith = 0; ith < nth; ith++) ck_synres_ok(synres_tap_prepare(m->model, 0, tap, m->work, y, 0, ith, nth));
    for (int32_t ith = 0; ith < nth; ith++) ck_synres_ok(synres_tap(m->model, 0, tap, m->work, y, 0, ith, nth));
}

enum { NO_SCALE, NO_GAIN, NO_B, GATE_SHUT, CAP_OF_NOTHING, CAP_OF_NAN, FLAGGED, WAYS };

/* Every way to close a tap; y holds what an addition of 0 would change. */
START_TEST(a_closed_tap_is_not_executed)
{
    const float zero[R] = {0}, shut[H] = {-200, -200, -200};
    small_layer layer = make_layer(1, kinds[0], 0);
    if (_i == NO_SCALE) layer.tap[1].scale = 0;
    if (_i == NO_GAIN) layer.tap[1].gain = zero;
    if (_i == NO_B) layer.tap[1].B = NULL;
    if (_i == GATE_SHUT) layer.tap[1].gate_bias = shut;
    const int64_t tap = _i == CAP_OF_NOTHING || _i == CAP_OF_NAN ? 2 : 1;
    small_model m = from_layer(&layer);
    void *memory;
    synres_state *state = make_state(m.model, 0, &memory), *states[2] = {state, state};
    float *x = random_x(1, 2), y[2 * SMALL_OUT], before[2 * SMALL_OUT];
    for (int i = 0; i < 2 * SMALL_OUT; i++) y[i] = _i == CAP_OF_NOTHING ? (i % 2 ? -0.0f : 0.0f) : odd[i % 7];
    if (_i == FLAGGED) x[3] = x[SMALL_IN + 3] = NAN;
    memcpy(before, y, sizeof y);
    synres_batch batch = batch_of(x, states, 2);
    ck_synres_ok(synres_run(m.model, 0, &batch, m.work, 0, 1));
    for (int32_t nth = 1; nth <= 3; nth++) {
        tap_by(&m, tap, y, nth);
        ck_assert_mem_eq(y, before, sizeof y);
    }
    for (int i = 0; i < 2 * SMALL_OUT; i++) y[i] = 1; /* and an open one is */
    tap_by(&m, 0, y, 1);
    ck_assert_int_eq(y[0] != 1, _i != FLAGGED);
    free(x), free(memory);
    free_model(&m);
    free_layer(&layer);
}
END_TEST

/* A head whose gate is shut is not read either: a state of NaN behind it reaches no output. */
START_TEST(a_closed_head_is_not_executed)
{
    const float shut[H] = {0.3f, -200, 0.1f}, zero[H * SMALL_IN] = {0};
    small_layer layer = make_layer(1, kinds[_i], 0);
    layer.tap[1].gate = zero, layer.tap[1].gate_bias = shut;
    layer.tap[2].gate = zero, layer.tap[2].gate_bias = shut, layer.tap[2].cap = 0;
    small_model m = from_layer(&layer);
    void *memory, *memory2;
    synres_state *state = make_state(m.model, 0, &memory), *other = make_state(m.model, 0, &memory2);
    float *x = random_x(1, 1), y[2][SMALL_OUT];
    float *S = synresi_live(&m.model->layer[0], other->head[1]).S;
    for (int64_t i = 0; i < V * m.model->layer[0].padded; i++) S[i] = NAN;
    for (int k = 0; k < 2; k++) {
        synres_state *states[1] = {k ? other : state};
        synres_batch batch = batch_of(x, states, 1);
        for (int i = 0; i < SMALL_OUT; i++) y[k][i] = -0.0f;
        ck_synres_ok(synres_run(m.model, 0, &batch, m.work, 0, 1));
        tap_by(&m, 1, y[k], 1);
        tap_by(&m, 2, y[k], 1);
        for (int i = 0; i < SMALL_OUT; i++) ck_assert(isfinite(y[k][i]));
    }
    ck_assert_mem_eq(y[0], y[1], sizeof y[0]);
    free(x), free(memory), free(memory2);
    free_model(&m);
    free_layer(&layer);
}
END_TEST

/* β = 0 exactly (σ(−200) is 0 in f32) and α = 1: S keeps each bit, over the boundary of a block too. */
START_TEST(a_state_that_nothing_is_written_to_keeps_each_bit)
{
    static const int32_t rules[] = {0, SYNRES_RULE_ERASE, SYNRES_RULE_ERASE | SYNRES_RULE_READ_PRE, SYNRES_RULE_ERASE | SYNRES_RULE_ROW_GATES,
                                    SYNRES_RULE_ERASE | SYNRES_RULE_DECAY_CHANNEL, SYNRES_RULE_ERASE | SYNRES_RULE_DECAY_ROW,
                                    SYNRES_RULE_ERASE | SYNRES_LAYER_TIED,
                                    SYNRES_RULE_ERASE | SYNRES_RULE_ROW_GATES | SYNRES_RULE_DECAY_ROW | SYNRES_LAYER_TIED | SYNRES_LAYER_ERASE_OUTSIDE};
    const double key[5] = {1, -2, 3, 4, 5}, value[3] = {1, 2, 3};
    int64_t kept = 0;
    for (size_t rule = 0; rule < sizeof rules / sizeof *rules; rule++)
        for (int held = 0; held < 2; held++)
            for (int finite = 0; finite < 2; finite++) {
                glass g;
                int64_t stride;
                const int32_t flags = rules[rule] | (held ? 0 : SYNRES_LAYER_UNCERTIFIED);
                ck_synres_ok(open_glass(&g, (glass_options){.flags = flags, .d_key = 5, .d_value = 3, .max_decay = 1, .radius = held ? 100 : 0, .block = 2}, 3));
                float *S = glass_state(&g, &stride);
                for (int i = 0; i < 15; i++) S[i / 5 * stride + i % 5] = finite && !isfinite(odd[i % 7]) ? -7 : odd[i % 7];
                float *before = copy_f32(S, 3 * stride);
                for (int t = 0; t < 6; t++, kept++) {
                    write_glass(&g, key, value, -GLASS_PUSH);
                    ck_assert_mem_eq(S, before, (size_t)(3 * stride) * sizeof *S);
                }
                write_glass(&g, key, value, GLASS_PUSH);
                ck_assert(memcmp(S, before, (size_t)(3 * stride) * sizeof *S) != 0);
                free(before);
                close_glass(&g);
            }
    ck_assert_int_eq(kept, 8 * 4 * 6);
}
END_TEST

/* Memory by whole pages, all of which can be closed to writing. */
enum { PAGES = 64 };
typedef struct pages {
    void *at[PAGES];
    size_t size[PAGES];
    int count;
} pages;

static void *take_pages(void *user, size_t size, size_t alignment)
{
    pages *p = user;
    ck_assert(p->count < PAGES && alignment <= 4096);
    void *memory = mmap(NULL, size + !size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ck_assert(memory != MAP_FAILED);
    p->at[p->count] = memory, p->size[p->count++] = size + !size;
    return memory;
}

static void give_pages(void *user, void *memory, size_t size)
{
    pages *p = user;
    for (int i = 0; i < p->count; i++)
        if (p->at[i] == memory) p->at[i] = NULL;
    ck_assert_int_eq(munmap(memory, size + !size), 0);
}

static void protect(const pages *p, int how)
{
    for (int i = 0; i < p->count; i++)
        if (p->at[i]) ck_assert_int_eq(mprotect(p->at[i], p->size[i], how), 0);
}

/* W0, x, the model's own memory and the bytes it was read from lie in pages that only may be read: a write would end the test. */
START_TEST(weights_inputs_and_model_are_only_read)
{
    small_model made = make_model(6, kinds[_i], 1, 1), m = made;
    pages ours = {.count = 0}, given = {.count = 0};
    const void *image;
    size_t size;
    synres_host host;
    ck_synres_ok(synres_model_bytes(made.model, &image, &size));
    void *bytes = take_pages(&given, size, 64);
    float *W0 = take_pages(&given, SMALL_OUT * SMALL_IN * sizeof *W0, 64), *x = take_pages(&given, TOKENS * SMALL_IN * sizeof *x, 64), *drawn = random_x(1, TOKENS);
    memcpy(bytes, image, size);
    memcpy(x, drawn, TOKENS * SMALL_IN * sizeof *x);
    for (int i = 0; i < SMALL_OUT * SMALL_IN; i++) W0[i] = (float)sin(i);
    protect(&given, PROT_READ);
    ck_synres_ok(synres_host_init(&host, sizeof host));
    host.memory_user = &ours, host.allocate = take_pages, host.release = give_pages;
    ck_synres_ok(synres_model_load_bytes(&host, bytes, size, &m.model));
    protect(&ours, PROT_READ);
    ck_synres_ok(synres_work_size(m.model, 64, &size));
    ck_synres_ok(synres_work_init(m.model, 64, m.work_memory = malloc(size), size, &m.work));
    void *memory;
    synres_state *state = make_state(m.model, 4, &memory);
    float *y = ones(SMALL_TAPS * TOKENS * SMALL_OUT), *want = ones(SMALL_TAPS * TOKENS * SMALL_OUT);
    for (int t = 0; t < TOKENS; t++) /* y = W0 x */
        for (int i = 0; i < SMALL_OUT; i++)
            for (int j = 0; j < SMALL_IN; j++) y[t * SMALL_OUT + i] += W0[i * SMALL_IN + j] * x[t * SMALL_IN + j];
    memcpy(want, y, SMALL_TAPS * TOKENS * SMALL_OUT * sizeof *y);
    run_all(&m, state, x, TOKENS, 8, y);
    ck_assert(memcmp(y, want, SMALL_TAPS * TOKENS * SMALL_OUT * sizeof *y) != 0);
    ck_synres_ok(synres_state_rewind(state, TOKENS - 3));
    free(y), free(want), free(memory), free(drawn), free(m.work_memory);
    protect(&ours, PROT_READ | PROT_WRITE);
    synres_model_destroy(m.model);
    for (int i = 0; i < ours.count; i++) ck_assert_ptr_null(ours.at[i]);
    for (int i = 0; i < given.count; i++) munmap(given.at[i], given.size[i]);
    free_model(&made);
}
END_TEST

static void add_cases(Suite *suite)
{
    add_loop(suite, "bad token", a_bad_token_is_flagged_and_changes_nothing, KINDS);
    add_loop(suite, "closed tap", a_closed_tap_is_not_executed, WAYS);
    add_loop(suite, "closed head", a_closed_head_is_not_executed, KINDS);
    add_case(suite, "idle", a_state_that_nothing_is_written_to_keeps_each_bit);
    add_loop(suite, "read only", weights_inputs_and_model_are_only_read, KINDS);
}

SUITE_MAIN("synres_untouched", add_cases)
