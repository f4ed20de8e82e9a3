/* Rewinding, marks, saving and copying: exact, or refused. */
#include <math.h>

#include "small_run.h"
#include "suite.h"
#include "synres_inputs.h"

START_TEST(rewinding_is_exact_or_refused)
{
    enum { REWIND = 6 };
    small_model m = make_model(11, kinds[_i], 1, 2);
    float *x = random_x(1, TOKENS), *y = ones(2 * SMALL_TAPS * TOKENS * SMALL_OUT);
    void *memory, *memory2;
    synres_state *state = make_state(m.model, REWIND, &memory), *want = make_state(m.model, 0, &memory2);
    x[13 * SMALL_IN + 4] = NAN; /* a flagged token is rewound over too */
    int64_t rewinds = 0, refused = 0, mark;
    for (int64_t end = 0; end <= 22; end++)
        for (int64_t back = 0; back <= end; back++) {
            ck_synres_ok(synres_state_reset(state));
            run_all(&m, state, x, end, 1, y);
            synres_status status = synres_state_rewind(state, end - back);
            ck_assert(status == SYNRES_OK || (status == SYNRES_E_REWIND && back > REWIND));
            ck_synres_ok(synres_state_reset(want));
            int64_t at = status ? end : end - back;
            run_all(&m, want, x, at, 1, y);
            assert_same_state(state, want);
            ck_synres_ok(synres_state_mark(state, &mark));
            ck_assert_int_eq(mark, at);
            if (back % 3 == 0 && !status) { /* continued, as if never stopped, and back once more */
                run_all(&m, state, x + at * SMALL_IN, TOKENS - at, 1, y);
                run_all(&m, want, x + at * SMALL_IN, TOKENS - at, 1, y);
                assert_same_state(state, want);
                ck_synres_ok(synres_state_rewind(state, TOKENS - REWIND));
                ck_synres_ok(synres_state_reset(want));
                run_all(&m, want, x, TOKENS - REWIND, 1, y);
                assert_same_state(state, want);
            }
            status ? refused++ : rewinds++;
        }
    ck_assert_int_gt(rewinds, 130);
    ck_assert_int_gt(refused, 50);
    ck_synres_status(synres_state_rewind(state, -1), SYNRES_E_REWIND);
    ck_synres_status(synres_state_rewind(state, TOKENS + 5), SYNRES_E_REWIND);
    ck_synres_status(synres_state_rewind(want, 0), SYNRES_E_REWIND); /* made without rewinding */
    free(x), free(y), free(memory), free(memory2);
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
    int64_t damaged = 0;
    for (size_t cut = 0; cut < size; cut += cut < 80 ? 1 : 97, damaged++) ck_assert_int_lt(synres_state_load(back, bytes, cut), 0);
    for (size_t bit = 0; bit < size * 8; bit += bit < 800 ? 1 : 1009, damaged++) {
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
        ck_assert_int_lt(synres_state_load(back, bytes, size), 0);
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    ck_assert_int_gt(damaged, 900);
    assert_same_state(state, back); /* nothing was taken up */
    ck_synres_status(synres_state_save(state, bytes, size - 1), SYNRES_E_CAPACITY);
    free(bytes), free(x), free(y), free(y2), free(memory), free(memory2), free(memory3), free(memory4);
    free_model(&m), free_model(&foreign);
}
END_TEST

static void add_cases(Suite *suite)
{
    add_loop(suite, "rewind", rewinding_is_exact_or_refused, KINDS);
    add_case(suite, "mark", half_a_token_has_no_mark);
    add_loop(suite, "save", saving_and_copying_continue_as_if_never_stopped, KINDS);
}

SUITE_MAIN("synres_rewind", add_cases)
