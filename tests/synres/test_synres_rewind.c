/* Rewinding, marks, saving and copying: exact, or refused. */
#include <math.h>

#include "small_run.h"
#include "suite.h"
#include "synres_inputs.h"

enum { LAYERS = 2, REWIND = 6, MOST = 20, LAST = 28, Y = LAYERS * SMALL_TAPS * SMALL_OUT };

/* A run that never stopped: the state's bytes after each number of tokens, and the outputs of each token. */
typedef struct history {
    unsigned char *bytes[LAST + 1];
    size_t size;
    float y[LAST][Y];
} history;

static void token(const small_model *m, synres_state *state, const float *x, int64_t t, float y[Y])
{
    for (int i = 0; i < Y; i++) y[i] = 1 + (float)((i + t) % 7);
    run_all(m, state, x + t * SMALL_IN, 1, 1, y);
}

static void record(history *h, const small_model *m, synres_state *state, const float *x)
{
    h->size = saved(state, &h->bytes[0]);
    for (int64_t t = 0; t < LAST; t++) {
        token(m, state, x, t, h->y[t]);
        ck_assert_uint_eq(saved(state, &h->bytes[t + 1]), h->size);
    }
}

static void assert_at(const history *h, const synres_state *state, int64_t t)
{
    unsigned char *bytes;
    int64_t mark;
    ck_assert_uint_eq(saved(state, &bytes), h->size);
    ck_assert_mem_eq(bytes, h->bytes[t], h->size);
    ck_synres_ok(synres_state_mark(state, &mark));
    ck_assert_int_eq(mark, t);
    free(bytes);
}

static void assert_continues(const history *h, const small_model *m, synres_state *state, const float *x, int64_t from)
{
    float y[Y];
    for (int64_t t = from; t < LAST; t++) {
        token(m, state, x, t, y);
        ck_assert_mem_eq(y, h->y[t], sizeof y);
    }
    assert_at(h, state, LAST);
}

/* From every position back by every number of tokens, then on to the end as if never stopped, and back once more. */
START_TEST(rewinding_is_exact_or_refused)
{
    static history h;
    small_model m = make_model(11, kinds[_i], 1, LAYERS);
    float *x = random_x(1, LAST), y[Y];
    void *memory, *memory2, *memory3;
    synres_state *state = make_state(m.model, REWIND, &memory), *at = make_state(m.model, REWIND, &memory2), *plain = make_state(m.model, 0, &memory3);
    x[13 * SMALL_IN + 4] = NAN; /* a flagged token is rewound over too */
    record(&h, &m, plain, x);
    int64_t rewinds = 0, refused = 0;
    for (int64_t end = 0; end <= MOST; end++) {
        for (int64_t back = 0; back <= end; back++) {
            ck_synres_ok(synres_state_copy(state, at));
            synres_status status = synres_state_rewind(state, end - back);
            ck_assert(status == SYNRES_OK || (status == SYNRES_E_REWIND && back > REWIND));
            assert_at(&h, state, status ? end : end - back);
            assert_continues(&h, &m, state, x, status ? end : end - back);
            ck_synres_ok(synres_state_rewind(state, LAST - REWIND));
            assert_at(&h, state, LAST - REWIND);
            status ? refused++ : rewinds++;
        }
        token(&m, at, x, end, y);
    }
    ck_assert_int_gt(rewinds, 110);
    ck_assert_int_gt(refused, 40);
    ck_synres_status(synres_state_rewind(state, -1), SYNRES_E_REWIND);
    ck_synres_status(synres_state_rewind(state, LAST + 5), SYNRES_E_REWIND);
    ck_synres_status(synres_state_rewind(plain, 0), SYNRES_E_REWIND); /* made without rewinding */
    for (int t = 0; t <= LAST; t++) free(h.bytes[t]);
    free(x), free(memory), free(memory2), free(memory3);
    free_model(&m);
}
END_TEST

START_TEST(half_a_token_has_no_mark)
{
    small_model m = make_model(2, kinds[0], 0, 2);
    void *memory;
    synres_state *state = make_state(m.model, 4, &memory), *states[1] = {state};
    float *x = random_x(1, 1);
    synres_batch batch = batch_of(x, states, 1);
    int64_t mark;
    ck_synres_ok(synres_run(m.model, 0, &batch, m.work, 0, 1));
    ck_synres_status(synres_state_mark(state, &mark), SYNRES_E_STATE);
    ck_synres_status(synres_state_rewind(state, 0), SYNRES_E_STATE);
    ck_synres_ok(synres_run(m.model, 1, &batch, m.work, 0, 1));
    ck_synres_ok(synres_state_rewind(state, 0));
    free(x), free(memory);
    free_model(&m);
}
END_TEST

/* Copied, or saved and loaded, at every position. */
START_TEST(stopping_anywhere_does_not_matter)
{
    static history h;
    small_model m = make_model(12, kinds[_i], 1, LAYERS);
    float *x = random_x(2, LAST), y[Y];
    void *memory, *memory2, *memory3;
    synres_state *state = make_state(m.model, 3, &memory), *other = make_state(m.model, 3, &memory2), *plain = make_state(m.model, 0, &memory3);
    record(&h, &m, plain, x);
    for (int64_t t = 0; t < LAST; t++) {
        ck_synres_ok(synres_state_copy(other, state));
        assert_continues(&h, &m, other, x, t);
        ck_synres_ok(synres_state_load(other, h.bytes[t], h.size));
        assert_at(&h, other, t);
        assert_continues(&h, &m, other, x, t);
        token(&m, state, x, t, y);
        ck_assert_mem_eq(y, h.y[t], sizeof y);
    }
    for (int t = 0; t <= LAST; t++) free(h.bytes[t]);
    free(x), free(memory), free(memory2), free(memory3);
    free_model(&m);
}
END_TEST

START_TEST(saving_and_copying_continue_as_if_never_stopped)
{
    small_model m = make_model(5, kinds[_i], 1, 2), foreign = make_model(6, kinds[_i], 1, 2);
    float *x = random_x(3, TOKENS), *y = ones(2 * SMALL_TAPS * TOKENS * SMALL_OUT), *y2 = ones(2 * SMALL_TAPS * TOKENS * SMALL_OUT);
    void *memory, *memory2, *memory3, *memory4;
    synres_state *state = make_state(m.model, 4, &memory), *back = make_state(m.model, 4, &memory2), *copy = make_state(m.model, 4, &memory3);
    synres_state *stranger = make_state(foreign.model, 4, &memory4);
    run_all(&m, state, x, 17, 17, y);
    unsigned char *bytes;
    size_t size = saved(state, &bytes);
    ck_synres_ok(synres_state_load(back, bytes, size));
    ck_synres_ok(synres_state_copy(copy, state));
    assert_same_state(state, back);
    ck_synres_status(synres_state_rewind(back, 16), SYNRES_E_REWIND); /* what was before the load is not kept */
    ck_synres_ok(synres_state_rewind(copy, 14));                      /* a copy has kept it */
    ck_synres_ok(synres_state_copy(copy, state));
    run_all(&m, state, x + 17 * SMALL_IN, TOKENS - 17, 1, y);
    run_all(&m, back, x + 17 * SMALL_IN, TOKENS - 17, 1, y2);
    assert_same_state(state, back);
    ck_synres_ok(synres_state_rewind(back, TOKENS - 4));
    ck_synres_ok(synres_state_rewind(state, TOKENS - 4));
    assert_same_state(state, back);
    ck_synres_status(synres_state_load(stranger, bytes, size), SYNRES_E_MODEL);
    ck_synres_status(synres_state_copy(stranger, state), SYNRES_E_MODEL);
    ck_synres_status(synres_state_save(state, bytes, size - 1), SYNRES_E_CAPACITY);
    free(bytes), free(x), free(y), free(y2), free(memory), free(memory2), free(memory3), free(memory4);
    free_model(&m), free_model(&foreign);
}
END_TEST

static void add_cases(Suite *suite)
{
    add_loop(suite, "rewind", rewinding_is_exact_or_refused, KINDS);
    add_case(suite, "mark", half_a_token_has_no_mark);
    add_loop(suite, "stop", stopping_anywhere_does_not_matter, KINDS);
    add_loop(suite, "save", saving_and_copying_continue_as_if_never_stopped, KINDS);
}

SUITE_MAIN("synres_rewind", add_cases)
