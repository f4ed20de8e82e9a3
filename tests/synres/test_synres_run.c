/* Running layers: caps and bad calls. */
#include <math.h>

#include "small_run.h"
#include "suite.h"
#include "synres_inputs.h"

enum { NARROW = 5 }; /* outputs fewer than heads·d_value: another way to the same norm */

START_TEST(the_cap_holds)
{
    const int out = _i < KINDS ? SMALL_OUT : NARROW;
    small_layer layer = make_layer(8, kinds[_i % KINDS], 1);
    layer.tap[2].d_out = out;
    small_model m = make_model_of(&layer);
    void *memory;
    synres_state *state = make_state(m.model, 0, &memory), *states[TOKENS];
    for (int i = 0; i < TOKENS; i++) states[i] = state;
    float *x = random_x(1, TOKENS), *y = ones(TOKENS * out), *before = ones(TOKENS * out);
    for (int i = 0; i < TOKENS * out; i++) before[i] = y[i] *= i / out % 3 == 0 ? 0.01f : i / out % 3 == 1 ? 1000 : 0;
    synres_batch batch = batch_of(x, states, TOKENS);
    ck_synres_ok(synres_run(m.model, 0, &batch, m.work, 0, 1));
    ck_synres_status(synres_tap(m.model, 0, 2, m.work, y, 0, 0, 1), SYNRES_E_STATE); /* not prepared */
    ck_assert_mem_eq(y, before, TOKENS * out * sizeof *y);
    ck_synres_ok(synres_tap_prepare(m.model, 0, 2, m.work, y, 0, 0, 1));
    ck_synres_ok(synres_tap(m.model, 0, 2, m.work, y, 0, 0, 1));
    int limited = 0;
    for (int t = 0; t < TOKENS; t++) {
        double change = 0, size = 0;
        for (int i = t * out; i < (t + 1) * out; i++) {
            change += ((double)y[i] - before[i]) * ((double)y[i] - before[i]);
            size += (double)before[i] * before[i];
        }
        ck_assert_msg(sqrt(change) <= 0.1 * sqrt(size) * (1 + 1e-5), "token %d: %g of %g", t, sqrt(change), sqrt(size));
        limited += sqrt(change) > 0.0999 * sqrt(size);
    }
    ck_assert_int_gt(limited, TOKENS / 4); /* some are at the cap, and those of norm 0 untouched */
    free(x), free(y), free(before), free(memory);
    free_model(&m);
    free_layer(&layer);
}
END_TEST

static void *at_most_a_megabyte(void *user, size_t size, size_t alignment)
{
    (void)user;
    return size > 1 << 20 ? NULL : aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
}

static void give_back(void *user, void *memory, size_t size)
{
    (void)user, (void)size;
    free(memory);
}

/* r = 4096: the square of B would be 134 MB. */
START_TEST(a_wide_capped_tap_takes_little_memory)
{
    float *zeros = calloc(4096, sizeof *zeros);
    synres_tap_weights tap;
    synres_layer_weights w;
    synres_host host;
    synres_model *model;
    ck_synres_ok(synres_tap_weights_init(&tap, sizeof tap));
    ck_synres_ok(synres_layer_weights_init(&w, sizeof w));
    ck_synres_ok(synres_host_init(&host, sizeof host));
    tap.d_out = 1, tap.B = zeros, tap.cap = 0.1;
    w.d_in = 1, w.heads = 64, w.d_key = 1, w.d_value = 64, w.taps = 1, w.tap = &tap, w.A_key = w.A_query = w.A_value = zeros;
    host.allocate = at_most_a_megabyte, host.release = give_back;
    ck_synres_ok(synres_model_create(&host, &w, 1, &model));
    synres_model_destroy(model);
    free(zeros);
}
END_TEST

START_TEST(bad_calls_are_refused)
{
    small_model m = make_model(1, kinds[0], 0, 1), foreign = make_model(9, kinds[0], 0, 1);
    void *memory, *memory2;
    synres_state *state = make_state(m.model, 0, &memory), *states[1] = {state}, *stranger[1] = {make_state(foreign.model, 0, &memory2)}, *none[1] = {NULL};
    float *x = random_x(1, 1), y[SMALL_OUT];
    synres_batch batch = batch_of(x, states, 1);
    int64_t n;
    size_t bytes;
    double d;
    synres_state *out;
    synres_work *work;
    ck_synres_status(synres_work_flagged(m.work, 0, &n), SYNRES_E_STATE);
    ck_synres_status(synres_tap(m.model, 0, 0, m.work, y, 0, 0, 1), SYNRES_E_STATE);
#define RUN(change, status)                                                        \
    do {                                                                           \
        synres_batch b = batch;                                                    \
        int64_t layer = 0;                                                         \
        int32_t ith = 0, nth = 1;                                                  \
        change;                                                                    \
        ck_synres_status(synres_run(m.model, layer, &b, m.work, ith, nth), status); \
    } while (0)
    RUN(layer = 1, SYNRES_E_NOT_FOUND);
    RUN(layer = -1, SYNRES_E_NOT_FOUND);
    RUN(ith = 1, SYNRES_E_ARGUMENT);
    RUN(nth = 0, SYNRES_E_ARGUMENT);
    RUN(b.tokens = -1, SYNRES_E_SHAPE);
    RUN(b.tokens = 65, SYNRES_E_CAPACITY);
    RUN(b.ldx = SMALL_IN - 1, SYNRES_E_SHAPE);
    RUN(b.x = NULL, SYNRES_E_ARGUMENT);
    RUN(b.states = NULL, SYNRES_E_ARGUMENT);
    RUN(b.states = none, SYNRES_E_ARGUMENT);
    RUN(b.states = stranger, SYNRES_E_MODEL);
    RUN(b.struct_size = 3, SYNRES_E_ARGUMENT);
    ck_synres_status(synres_run(m.model, 0, &batch, foreign.work, 0, 1), SYNRES_E_MODEL);
    ck_synres_ok(synres_state_mark(state, &n));
    ck_assert_int_eq(n, 0);
    ck_synres_ok(synres_run(m.model, 0, &batch, m.work, 0, 1));
    ck_synres_status(synres_tap(m.model, 0, SMALL_TAPS, m.work, y, 0, 0, 1), SYNRES_E_NOT_FOUND);
    ck_synres_status(synres_tap(m.model, 0, 0, m.work, y, SMALL_OUT - 1, 0, 1), SYNRES_E_SHAPE);
    ck_synres_status(synres_tap(m.model, 0, 0, m.work, NULL, 0, 0, 1), SYNRES_E_ARGUMENT);
    ck_synres_status(synres_tap_prepare(m.model, 0, 2, m.work, NULL, 0, 0, 1), SYNRES_E_ARGUMENT);
    ck_synres_status(synres_work_flagged(m.work, 1, &n), SYNRES_E_SHAPE);
    ck_synres_status(synres_state_bound(state, 0, H, &d), SYNRES_E_NOT_FOUND);
    ck_synres_status(synres_state_size(m.model, -1, &bytes), SYNRES_E_ARGUMENT);
    ck_synres_status(synres_work_size(m.model, 0, &bytes), SYNRES_E_ARGUMENT);
    ck_synres_ok(synres_state_size(m.model, 3, &bytes));
    ck_synres_status(synres_state_init(m.model, 3, memory, bytes - 1, &out), SYNRES_E_CAPACITY);
    ck_assert_ptr_null(out);
    ck_synres_ok(synres_work_size(m.model, 3, &bytes));
    ck_synres_status(synres_work_init(m.model, 3, memory, bytes - 1, &work), SYNRES_E_CAPACITY);
    free(x), free(memory), free(memory2);
    free_model(&m), free_model(&foreign);
}
END_TEST

static void add_cases(Suite *suite)
{
    add_loop(suite, "cap", the_cap_holds, 2 * KINDS);
    add_case(suite, "memory of a cap", a_wide_capped_tap_takes_little_memory);
    add_case(suite, "bad calls", bad_calls_are_refused);
}

SUITE_MAIN("synres_run", add_cases)
