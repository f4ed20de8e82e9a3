/* What is not to be touched keeps each bit: states and outputs under a bad token, outputs under a closed tap. */
#include <math.h>

#include "small_run.h"
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

START_TEST(a_closed_tap_is_not_executed)
{
    static const float odd[] = {-0.0f, NAN, INFINITY, -INFINITY, 1e-45f, -1e-40f, 3};
    small_layer layer = make_layer(1, kinds[0], 0);
    float zero[R] = {0};
    layer.tap[0].scale = 0;
    layer.tap[1].gain = zero;
    layer.tap[2].B = NULL;
    layer.w.tap = layer.tap;
    synres_model *model;
    ck_synres_ok(synres_model_create(NULL, &layer.w, 1, &model));
    size_t bytes;
    synres_work *work;
    void *memory;
    synres_state *state = make_state(model, 0, &memory), *states[2] = {state, state};
    ck_synres_ok(synres_work_size(model, 2, &bytes));
    void *work_memory = malloc(bytes);
    ck_synres_ok(synres_work_init(model, 2, work_memory, bytes, &work));
    float *x = random_x(1, 2), y[2 * SMALL_OUT], before[2 * SMALL_OUT];
    for (int i = 0; i < 2 * SMALL_OUT; i++) y[i] = odd[i % 7];
    memcpy(before, y, sizeof y);
    synres_batch batch = batch_of(x, states, 2);
    ck_synres_ok(synres_run(model, 0, &batch, work, 0, 1));
    for (int t = 0; t < SMALL_TAPS; t++) {
        ck_synres_ok(synres_tap_prepare(model, 0, t, work, y, 0, 0, 1));
        ck_synres_ok(synres_tap(model, 0, t, work, y, 0, 0, 1));
        ck_assert_mem_eq(y, before, sizeof y);
    }
    free(x), free(memory), free(work_memory);
    synres_model_destroy(model);
    free_layer(&layer);
}
END_TEST

static void add_cases(Suite *suite)
{
    add_loop(suite, "bad token", a_bad_token_is_flagged_and_changes_nothing, KINDS);
    add_case(suite, "closed tap", a_closed_tap_is_not_executed);
}

SUITE_MAIN("synres_untouched", add_cases)
