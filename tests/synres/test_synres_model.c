/* Models: made, saved, loaded; bad weights, uncertified rules and foreign relevances refused; memory refused at every request. */
#include <math.h>
#include <stdio.h>

#include "counting_memory.h"
#include "small_model.h"
#include "suite.h"
#include "synres_inputs.h"

static synres_host host_with(char *words)
{
    synres_host host;
    ck_synres_ok(synres_host_init(&host, sizeof host));
    host.words = words, host.words_size = 200;
    return host;
}

START_TEST(what_is_loaded_is_what_was_saved)
{
    small_model m = make_model(3, SYNRES_RULE_ERASE | SYNRES_RULE_DECAY_CHANNEL, 1, 2);
    synres_model *loaded, *read;
    const void *bytes, *again;
    size_t size, same;
    ck_synres_ok(synres_model_save(m.model, scratch_path("model.synres")));
    ck_synres_ok(synres_model_load(NULL, scratch_path("model.synres"), &loaded));
    ck_synres_ok(synres_model_bytes(m.model, &bytes, &size));
    ck_synres_ok(synres_model_bytes(loaded, &again, &same));
    ck_assert_uint_eq(size, same);
    ck_assert_mem_eq(bytes, again, size);
    ck_assert_uint_eq(synres_model_hash(loaded), synres_model_hash(m.model));
    ck_assert_int_eq(synres_model_layers(loaded), 2);
    ck_synres_ok(synres_model_load_bytes(NULL, bytes, size, &read));
    ck_assert_uint_eq(synres_model_hash(read), synres_model_hash(m.model));
    synres_model_destroy(read);
    synres_model_destroy(loaded);
    ck_synres_status(synres_model_load(NULL, "no such file", &loaded), SYNRES_E_NOT_FOUND);
    ck_assert_ptr_null(loaded);
    ck_synres_status(synres_model_save(m.model, "no such folder/model"), SYNRES_E_IO);
    ck_synres_status(synres_model_save(NULL, "x"), SYNRES_E_ARGUMENT);
    ck_synres_status(synres_model_load_bytes(NULL, NULL, 5, &loaded), SYNRES_E_ARGUMENT);
    ck_assert_int_eq(synres_model_layers(NULL), 0);
    synres_model_destroy(NULL);
    free_model(&m);
}
END_TEST

START_TEST(bad_weights_are_refused_with_words)
{
    small_layer layer = make_layer(1, SYNRES_RULE_ERASE, 1);
    char words[200];
    synres_host host = host_with(words);
    synres_model *out;
    int refused = 0;
#define REFUSED(change, status, part)                                                                     \
    do {                                                                                                  \
        synres_layer_weights w = layer.w;                                                                 \
        synres_tap_weights tap[SMALL_TAPS];                                                               \
        memcpy(tap, layer.tap, sizeof tap);                                                               \
        w.tap = tap;                                                                                      \
        change;                                                                                           \
        ck_synres_status(synres_model_create(&host, &w, 1, &out), status);                                \
        ck_assert_ptr_null(out);                                                                          \
        ck_assert_msg(strstr(words, part) != NULL, "\"%s\" lacks \"%s\"", words, part);                   \
        refused++;                                                                                        \
    } while (0)
    REFUSED(w.heads = 0, SYNRES_E_SHAPE, "0 heads");
    REFUSED(w.d_in = 0, SYNRES_E_SHAPE, "d_in");
    REFUSED(w.d_key = SYNRES_MAX_DIMENSION + 1, SYNRES_E_SHAPE, "d_key");
    REFUSED(w.d_value = -3, SYNRES_E_SHAPE, "d_value is -3");
    REFUSED(w.taps = 17, SYNRES_E_SHAPE, "17 taps");
    REFUSED(w.tap = NULL, SYNRES_E_ARGUMENT, "no tap");
    REFUSED(w.A_query = NULL, SYNRES_E_ARGUMENT, "A_query");
    REFUSED(w.activation = 3, SYNRES_E_UNSUPPORTED, "activation 3");
    REFUSED(w.threshold = -1, SYNRES_E_UNSUPPORTED, "threshold -1");
    REFUSED(w.beta_max = 2.1, SYNRES_E_ARGUMENT, "beta_max");
    REFUSED(w.beta_max = NAN, SYNRES_E_ARGUMENT, "beta_max");
    REFUSED(w.max_decay = 0, SYNRES_E_ARGUMENT, "max_decay");
    REFUSED(w.mu = 1, SYNRES_E_ARGUMENT, "mu");
    REFUSED(w.epsilon = 0, SYNRES_E_ARGUMENT, "epsilon");
    REFUSED(w.block = 0, SYNRES_E_ARGUMENT, "block");
    REFUSED(w.flags = 32, SYNRES_E_UNSUPPORTED, "unknown flags 32");
    REFUSED(w.flags |= SYNRES_RULE_DECAY_ROW | SYNRES_RULE_DECAY_CHANNEL, SYNRES_E_ARGUMENT, "per channel or per row");
    REFUSED(w.flags |= SYNRES_LAYER_TIED, SYNRES_E_ARGUMENT, "no decay weights");
    REFUSED(w.flags |= SYNRES_LAYER_ERASE_OUTSIDE, SYNRES_E_ARGUMENT, "outside");
    REFUSED(tap[1].d_out = 0, SYNRES_E_SHAPE, "tap 1");
    REFUSED(tap[1].cap = -1, SYNRES_E_ARGUMENT, "tap 1");
    REFUSED(tap[0].gate_bias = tap[1].gate_bias, SYNRES_E_ARGUMENT, "without a gate");
    REFUSED(w.radius = -1, SYNRES_E_ARGUMENT, "radius");
    REFUSED(w.radius = INFINITY, SYNRES_E_ARGUMENT, "radius");
    REFUSED(w.radius = NAN, SYNRES_E_ARGUMENT, "radius");
    REFUSED(w.struct_size = 2, SYNRES_E_ARGUMENT, "struct_size");
    REFUSED(tap[0].scale = 1e39, SYNRES_E_NOT_FINITE, "tap 0: scale");
    /* what the certificate refuses: C0, C2 */
    REFUSED(w.max_decay = 1, SYNRES_E_CERTIFICATE, "without decay");
    REFUSED((w.flags |= SYNRES_LAYER_TIED | SYNRES_LAYER_ERASE_OUTSIDE, w.rate = w.w_decay = w.b_decay = NULL), SYNRES_E_CERTIFICATE, "outside the decay");
    ((float *)(uintptr_t)layer.w.A_value)[5] = NAN;
    REFUSED((void)0, SYNRES_E_NOT_FINITE, "A_value[5]");
    ((float *)(uintptr_t)layer.w.A_value)[5] = 0;
    ((float *)(uintptr_t)layer.w.rate)[1] = -1;
    REFUSED((void)0, SYNRES_E_ARGUMENT, "rate[1]");
    ((float *)(uintptr_t)layer.w.rate)[1] = 1;
    ((float *)(uintptr_t)layer.w.kappa_decay)[2] = -2e18f;
    REFUSED((void)0, SYNRES_E_ARGUMENT, "kappa of head 2");
    ((float *)(uintptr_t)layer.w.kappa_decay)[2] = 0;
    ck_assert_int_ge(refused, 32);
    layer.w.tap = layer.tap;
    ck_synres_status(synres_model_create(&host, NULL, 1, &out), SYNRES_E_ARGUMENT);
    ck_synres_status(synres_model_create(&host, &layer.w, 0, &out), SYNRES_E_ARGUMENT);
    ck_synres_status(synres_model_create(NULL, &layer.w, 1, NULL), SYNRES_E_ARGUMENT);
    layer.w.max_decay = 1;
    layer.w.flags |= SYNRES_LAYER_UNCERTIFIED;
    ck_synres_ok(synres_model_create(&host, &layer.w, 1, &out));
    synres_model_destroy(out);
    free_layer(&layer);
}
END_TEST

/* A relevance of the host's: always resonant for one head. */
static void always(void *user, const synres_relevance_view *view, float out[2])
{
    (*(int *)user)++;
    out[0] = view->head == 1 ? 1 : 0;
    out[1] = NAN; /* counts as 0 */
}

START_TEST(the_relevance_can_be_replaced)
{
    small_layer layer = make_layer(2, SYNRES_RULE_ERASE, 1);
    layer.w.tap = layer.tap;
    int calls = 0;
    synres_relevance relevance = {sizeof relevance, SYNRES_RELEVANCE_VERSION, &calls, always};
    char words[200];
    synres_host host = host_with(words);
    host.relevance = &relevance;
    synres_model *model, *none;
    ck_synres_ok(synres_model_create(&host, &layer.w, 1, &model));
    void *memory;
    size_t bytes;
    synres_work *work;
    synres_state *state = make_state(model, 4, &memory), *states[2] = {state, state};
    ck_synres_ok(synres_work_size(model, 2, &bytes));
    void *work_memory = malloc(bytes);
    ck_synres_ok(synres_work_init(model, 2, work_memory, bytes, &work));
    float *x = random_x(1, 2);
    synres_batch batch;
    ck_synres_ok(synres_batch_init(&batch, sizeof batch));
    batch.tokens = 2, batch.x = x, batch.states = states;
    ck_synres_ok(synres_run(model, 0, &batch, work, 0, 1));
    ck_assert_int_eq(calls, 2 * 3);
    ck_synres_ok(synres_state_rewind(state, 1));
    ck_assert_int_eq(calls, 2 * 3 + 3); /* asked again when replaying */
    relevance.api_version = 2;
    ck_synres_status(synres_model_create(&host, &layer.w, 1, &none), SYNRES_E_UNSUPPORTED);
    ck_assert_ptr_nonnull(strstr(words, "version 2"));
    relevance.api_version = 1, relevance.signals = NULL;
    ck_synres_status(synres_model_create(&host, &layer.w, 1, &none), SYNRES_E_ARGUMENT);
    free(x), free(memory), free(work_memory);
    synres_model_destroy(model);
    free_layer(&layer);
}
END_TEST

START_TEST(memory_may_be_refused_at_every_request)
{
    small_layer layer = make_layer(2, SYNRES_RULE_ERASE, 1);
    layer.w.tap = layer.tap;
    counting_memory c = {0};
    synres_host host;
    ck_synres_ok(synres_host_init(&host, sizeof host));
    host.memory_user = &c, host.allocate = counting_allocate, host.release = counting_release;
    synres_model *model, *loaded;
    int64_t refusals = 0;
    for (int done = 0; !done; refusals++) {
        c.requests = 0;
        c.fail_at = refusals + 1;
        synres_status status = synres_model_create(&host, &layer.w, 1, &model);
        done = status == SYNRES_OK;
        if (!done) {
            ck_synres_status(status, SYNRES_E_MEMORY);
            ck_assert_int_eq(c.held, 0);
        }
    }
    ck_assert_int_gt(refusals, 4);
    c.fail_at = 0;
    ck_synres_ok(synres_model_save(model, scratch_path("m")));
    int64_t before = c.held;
    for (int64_t refuse = 1, done = 0; !done; refuse++) {
        c.requests = 0;
        c.fail_at = refuse;
        synres_status status = synres_model_load(&host, scratch_path("m"), &loaded);
        done = status == SYNRES_OK;
        if (!done) ck_synres_status(status, SYNRES_E_MEMORY);
        if (!done) ck_assert_int_eq(c.held, before);
    }
    for (int64_t refuse = 1, done = 0; !done; refuse++) {
        c.requests = 0;
        c.fail_at = refuse;
        synres_status status = synres_model_save(loaded, scratch_path("m"));
        done = status == SYNRES_OK;
        if (!done) ck_synres_status(status, SYNRES_E_MEMORY);
    }
    /* running neither takes memory nor gives any back */
    c.fail_at = 0;
    void *memory;
    size_t bytes;
    synres_work *work;
    synres_state *state = make_state(model, 4, &memory), *states[1] = {state};
    ck_synres_ok(synres_work_size(model, 1, &bytes));
    void *work_memory = malloc(bytes);
    ck_synres_ok(synres_work_init(model, 1, work_memory, bytes, &work));
    float *x = random_x(1, 1), y[SMALL_OUT] = {0};
    synres_batch batch;
    ck_synres_ok(synres_batch_init(&batch, sizeof batch));
    batch.tokens = 1, batch.x = x, batch.states = states;
    int64_t requests = c.requests;
    for (int i = 0; i < 20; i++) {
        ck_synres_ok(synres_run(model, 0, &batch, work, 0, 1));
        ck_synres_ok(synres_tap_prepare(model, 0, 2, work, y, 0, 0, 1));
        ck_synres_ok(synres_tap(model, 0, 2, work, y, 0, 0, 1));
    }
    ck_assert_int_eq(c.requests, requests);
    synres_model_destroy(loaded);
    synres_model_destroy(model);
    ck_assert_int_eq(c.held, 0);
    free(x), free(memory), free(work_memory);
    free_layer(&layer);
}
END_TEST

static void add_cases(Suite *suite)
{
    add_case(suite, "files", what_is_loaded_is_what_was_saved);
    add_case(suite, "bad weights", bad_weights_are_refused_with_words);
    add_case(suite, "relevance", the_relevance_can_be_replaced);
    add_case(suite, "memory", memory_may_be_refused_at_every_request);
}

SUITE_MAIN("synres_model", add_cases)
