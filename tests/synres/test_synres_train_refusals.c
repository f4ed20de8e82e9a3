/* What the trainer refuses: numbers that are not finite, calls out of order, weights and options that cannot be trained, memory that is refused. */
#include <math.h>

#include "counting_memory.h"
#include "small_training.h"
#include "suite.h"
#include "synres_inputs.h"
#include "train_oracle.h"

static synres_status by_all(training *t, int phase)
{
    synres_status first = SYNRES_OK;
    for (int32_t ith = 0; ith < 3; ith++) {
        synres_status status = training_call(t, ith, 3, phase);
        if (status && first) ck_assert_int_eq(status, first);
        if (status) first = status;
    }
    return first;
}

START_TEST(what_is_not_finite_changes_nothing)
{
    training *t = make_training(3, SYNRES_RULE_ERASE, NULL), *clean = make_training(3, SYNRES_RULE_ERASE, NULL);
    const size_t bytes = (size_t)count_of(t) * sizeof(float);
    static const float bad[] = {NAN, INFINITY, -INFINITY};
    for (int b = 0; b < 3; b++) {
        float kept = t->x[777];
        t->x[777] = bad[b];
        ck_synres_status(by_all(t, 0), SYNRES_E_NOT_FINITE);
        ck_assert_mem_eq(t->y, clean->y, sizeof t->y);
        ck_synres_status(by_all(t, 1), SYNRES_E_STATE);
        t->x[777] = kept;
        ck_synres_ok(by_all(t, 0));
        memcpy(t->y, clean->y, sizeof t->y);
        kept = t->dy[2][7 + ALL];
        t->dy[2][7 + ALL] = bad[b];
        ck_synres_status(by_all(t, 1), SYNRES_E_NOT_FINITE);
        ck_synres_status(by_all(t, 2), SYNRES_E_STATE);
        ck_assert_mem_eq(t->dx, clean->dx, sizeof t->dx);
        t->dy[2][7 + ALL] = kept;
    }
    for (int64_t i = 0; i < SMALL_IN; i++) t->x[i] = 3e38f; /* finite, but what becomes of it is not */
    ck_synres_status(by_all(t, 0), SYNRES_E_NOT_FINITE);
    for (int64_t i = 0; i < TOKENS * SMALL_OUT; i++) ck_assert(t->y[0][i] == 0);
    ck_synres_status(by_all(t, 1), SYNRES_E_NOT_FINITE);
    memcpy(t->x, clean->x, (size_t)SMALL_IN * sizeof(float));
    ck_synres_ok(by_all(t, 0));
    t->dy[0][0] = t->dy[0][1] = 3e38f;
    ck_synres_status(by_all(t, 1), SYNRES_E_NOT_FINITE);
    ck_synres_status(by_all(t, 2), SYNRES_E_NOT_FINITE);
    t->dy[0][0] = clean->dy[0][0], t->dy[0][1] = clean->dy[0][1];
    memset(t->dx, 0, sizeof t->dx);
    for (int phase = 0; phase < 3; phase++) ck_synres_ok(by_all(t, phase));
    t->trainer->net.gradient[3] = NAN;
    ck_synres_status(by_all(t, 3), SYNRES_E_NOT_FINITE);
    ck_assert_mem_eq(parameters(t), parameters(clean), bytes);
    memset(t->y, 0, sizeof t->y), memset(t->dx, 0, sizeof t->dx);
    training_step(t, 3), training_step(clean, 1);
    ck_assert_mem_eq(parameters(t), parameters(clean), bytes);
    ck_assert_mem_eq(t->y, clean->y, sizeof t->y);
    end_training(t), end_training(clean);
}
END_TEST

START_TEST(bad_calls_are_refused)
{
    training *t = make_training(1, SYNRES_RULE_ERASE, NULL);
    synres_trainer *r = t->trainer;
    float *values;
    const float *g;
    int64_t n;
    synres_model *model;
    ck_synres_status(synres_trainer_backward(r, t->in, NULL, 0, 1), SYNRES_E_STATE);
    ck_synres_status(synres_trainer_gradients(r, 0, 1), SYNRES_E_STATE);
    ck_synres_status(synres_trainer_step(r, 1, 0, 1), SYNRES_E_STATE);
    ck_synres_status(synres_trainer_forward(NULL, t->x, 1, 1, t->out, 0, 1), SYNRES_E_ARGUMENT);
    ck_synres_status(synres_trainer_forward(r, NULL, 1, 1, t->out, 0, 1), SYNRES_E_ARGUMENT);
    ck_synres_status(synres_trainer_forward(r, t->x, 1, 1, NULL, 0, 1), SYNRES_E_ARGUMENT);
    ck_synres_status(synres_trainer_forward(r, t->x, 1, 1, t->out, 1, 1), SYNRES_E_ARGUMENT);
    ck_synres_status(synres_trainer_forward(r, t->x, 0, 1, t->out, 0, 1), SYNRES_E_SHAPE);
    ck_synres_status(synres_trainer_forward(r, t->x, SEQUENCES + 1, 1, t->out, 0, 1), SYNRES_E_SHAPE);
    ck_synres_status(synres_trainer_forward(r, t->x, 1, TOKENS + 1, t->out, 0, 1), SYNRES_E_SHAPE);
    ck_synres_ok(synres_trainer_forward(r, t->x, 2, 7, t->out, 0, 1)); /* smaller than the largest */
    ck_synres_status(synres_trainer_backward(r, NULL, NULL, 0, 1), SYNRES_E_ARGUMENT);
    ck_synres_status(synres_trainer_gradients(r, 0, 1), SYNRES_E_STATE);
    ck_synres_ok(synres_trainer_backward(r, t->in, NULL, 0, 1));
    ck_synres_status(synres_trainer_step(r, 1, 0, 1), SYNRES_E_STATE);
    ck_synres_ok(synres_trainer_gradients(r, 0, 1));
    ck_synres_status(synres_trainer_step(r, -1, 0, 1), SYNRES_E_ARGUMENT);
    ck_synres_status(synres_trainer_step(r, NAN, 0, 1), SYNRES_E_ARGUMENT);
    ck_synres_status(synres_trainer_step(r, 1, 0, 0), SYNRES_E_ARGUMENT);
    ck_synres_status(synres_trainer_parameter(r, -1, 0, &values, &n), SYNRES_E_ARGUMENT);
    ck_synres_status(synres_trainer_parameter(r, 15, 0, &values, &n), SYNRES_E_ARGUMENT);
    ck_synres_status(synres_trainer_parameter(r, SYNRES_PARAMETER_B, SMALL_TAPS, &values, &n), SYNRES_E_NOT_FOUND);
    ck_synres_status(synres_trainer_parameter(r, SYNRES_PARAMETER_GATE, 0, &values, &n), SYNRES_E_NOT_FOUND);
    ck_synres_status(synres_trainer_parameter(r, 0, 0, NULL, &n), SYNRES_E_ARGUMENT);
    ck_synres_status(synres_trainer_gradient(NULL, 0, 0, &g, &n), SYNRES_E_ARGUMENT);
    ck_synres_status(synres_trainer_gradient(r, 0, 0, &g, NULL), SYNRES_E_ARGUMENT);
    ck_synres_status(synres_trainer_model(r, NULL, NULL), SYNRES_E_ARGUMENT);
    ck_synres_status(synres_trainer_model(NULL, NULL, &model), SYNRES_E_ARGUMENT);
    synres_trainer_destroy(NULL);
    end_training(t);
}
END_TEST

static void no_signals(void *user, const synres_relevance_view *view, float out[2]) { (void)user, (void)view, out[0] = out[1] = 0; }

START_TEST(bad_beginnings_are_refused_with_words)
{
    small_layer layer = make_layer(1, SYNRES_RULE_ERASE, 1);
    layer.w.tap = layer.tap;
    char words[200] = "";
    synres_host host;
    synres_relevance own = {.struct_size = sizeof own, .api_version = SYNRES_RELEVANCE_VERSION, .signals = no_signals};
    ck_synres_ok(synres_host_init(&host, sizeof host));
    host.words = words, host.words_size = sizeof words;
#define CREATE(change, status, part)                                                                      \
    do {                                                                                                  \
        synres_train_options o;                                                                           \
        synres_trainer *out;                                                                              \
        ck_synres_ok(synres_train_options_init(&o, sizeof o));                                            \
        change;                                                                                           \
        ck_synres_status(synres_trainer_create(&host, &layer.w, &o, &out), status);                       \
        ck_assert_ptr_null(out);                                                                          \
        ck_assert_msg(strstr(words, part) != NULL, "\"%s\" lacks \"%s\"", words, part);                   \
    } while (0)
    CREATE((void)o, SYNRES_E_UNSUPPORTED, "tap 2: a cap");
    layer.tap[2].cap = 0;
    CREATE(o.flags = 16, SYNRES_E_UNSUPPORTED, "flags 16");
    CREATE(o.struct_size = 2, SYNRES_E_ARGUMENT, "struct_size");
    CREATE(o.sequences = 0, SYNRES_E_SHAPE, "0 sequences");
    CREATE(o.tokens = 0, SYNRES_E_SHAPE, "0 tokens");
    CREATE(o.learning_rate = -1, SYNRES_E_ARGUMENT, "learning_rate");
    CREATE(o.beta1 = 1, SYNRES_E_ARGUMENT, "beta1");
    CREATE(o.beta2 = NAN, SYNRES_E_ARGUMENT, "beta2");
    CREATE(o.epsilon = 0, SYNRES_E_ARGUMENT, "epsilon");
    CREATE(o.weight_decay = INFINITY, SYNRES_E_ARGUMENT, "weight_decay");
    CREATE(o.clip = -1, SYNRES_E_ARGUMENT, "clip");
    CREATE((o.sequences = INT32_MAX, o.tokens = INT32_MAX / 64), SYNRES_E_OVERFLOW, "sequences");
    CREATE(host.relevance = &own, SYNRES_E_UNSUPPORTED, "relevance");
    host.relevance = NULL;
    CREATE(layer.w.radius = 2, SYNRES_E_UNSUPPORTED, "a radius");
    layer.w.radius = 0;
    CREATE(layer.w.mu = 2, SYNRES_E_ARGUMENT, "mu");
    ck_synres_status(synres_trainer_create(&host, &layer.w, NULL, NULL), SYNRES_E_ARGUMENT);
    free_layer(&layer);
}
END_TEST

START_TEST(memory_may_be_refused_and_hot_calls_ask_for_none)
{
    training *t = make_training(1, SYNRES_RULE_ERASE, NULL);
    tiny_layer layer = tiny_layer_of(5);
    layer.w.tap = layer.tap;
    counting_memory c = {0};
    synres_host host;
    synres_train_options options;
    synres_trainer *trainer = NULL;
    ck_synres_ok(synres_host_init(&host, sizeof host));
    ck_synres_ok(synres_train_options_init(&options, sizeof options));
    host.memory_user = &c, host.allocate = counting_allocate, host.release = counting_release;
    int64_t refusals = 0;
    for (; !trainer; refusals++) {
        c.requests = 0;
        c.fail_at = refusals + 1;
        synres_status status = synres_trainer_create(&host, &layer.w, &options, &trainer);
        if (!status) break;
        ck_synres_status(status, SYNRES_E_MEMORY);
        ck_assert_int_eq(c.held, 0);
    }
    ck_assert_int_ge(refusals, 5);
    c.fail_at = 0;
    const int64_t requests = c.requests;
    float x[TINY_IN * 8] = {1, 2, 3}, y[TINY_OUT * 8] = {0}, *out[TINY_TAPS] = {y, y, y};
    const float *in[TINY_TAPS] = {y, y, y};
    for (int k = 0; k < 2; k++) {
        ck_synres_ok(synres_trainer_forward(trainer, x, 1, 8, out, 0, 1));
        ck_synres_ok(synres_trainer_backward(trainer, in, NULL, 0, 1));
        ck_synres_ok(synres_trainer_gradients(trainer, 0, 1));
        ck_synres_ok(synres_trainer_step(trainer, 1, 0, 1));
    }
    ck_assert_int_eq(c.requests, requests);
    synres_trainer_destroy(trainer);
    ck_assert_int_eq(c.held, 0);
    free_tiny_layer(&layer);
    end_training(t);
}
END_TEST

static void add_cases(Suite *suite)
{
    add_case(suite, "not finite", what_is_not_finite_changes_nothing);
    add_case(suite, "bad calls", bad_calls_are_refused);
    add_case(suite, "words", bad_beginnings_are_refused_with_words);
    add_case(suite, "memory", memory_may_be_refused_and_hot_calls_ask_for_none);
}

SUITE_MAIN("synres_train_refusals", add_cases)
