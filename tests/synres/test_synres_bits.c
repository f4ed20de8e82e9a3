/* The same bits: any number of threads, any batches, any company. */
#include <math.h>
#include <pthread.h>

#include "small_run.h"
#include "suite.h"
#include "synres_inputs.h"

typedef struct share {
    const small_model *m;
    const synres_batch *batch;
    float *y;
    int32_t ith, nth;
    pthread_barrier_t *barrier;
} share;

static void *work_share(void *arg)
{
    const share *s = arg;
    synres_status status = synres_run(s->m->model, 0, s->batch, s->m->work, s->ith, s->nth);
    for (int64_t t = 0; t < SMALL_TAPS; t++) {
        float *y = s->y + t * TOKENS * SMALL_OUT;
        pthread_barrier_wait(s->barrier);
        if (!status) status = synres_tap_prepare(s->m->model, 0, t, s->m->work, y, 0, s->ith, s->nth);
        pthread_barrier_wait(s->barrier);
        if (!status) status = synres_tap(s->m->model, 0, t, s->m->work, y, 0, s->ith, s->nth);
    }
    return (void *)(intptr_t)status;
}

START_TEST(bits_depend_on_neither_threads_nor_batches_nor_company)
{
    small_model m = make_model(7, kinds[_i], 1, 1);
    float *x = random_x(1, TOKENS), *x2 = random_x(2, TOKENS), *want = ones(SMALL_TAPS * TOKENS * SMALL_OUT);
    void *memory, *memory2, *memory3;
    synres_state *state = make_state(m.model, 8, &memory), *fresh = make_state(m.model, 8, &memory2), *other = make_state(m.model, 8, &memory3);
    run_all(&m, state, x, TOKENS, TOKENS, want);
    for (int64_t size = 1; size < TOKENS; size += 6) {
        float *y = ones(SMALL_TAPS * TOKENS * SMALL_OUT);
        ck_synres_ok(synres_state_reset(fresh));
        run_all(&m, fresh, x, TOKENS, size, y);
        ck_assert_mem_eq(y, want, SMALL_TAPS * TOKENS * SMALL_OUT * sizeof *y);
        assert_same_state(state, fresh);
        free(y);
    }
    for (int32_t nth = 1; nth <= 8; nth++) {
        synres_state *states[TOKENS];
        for (int i = 0; i < TOKENS; i++) states[i] = fresh;
        ck_synres_ok(synres_state_reset(fresh));
        float *y = ones(SMALL_TAPS * TOKENS * SMALL_OUT);
        synres_batch batch = batch_of(x, states, TOKENS);
        pthread_barrier_t barrier;
        pthread_barrier_init(&barrier, NULL, (unsigned)nth);
        pthread_t threads[8];
        share shares[8];
        for (int32_t i = 0; i < nth; i++) {
            shares[i] = (share){&m, &batch, y, i, nth, &barrier};
            ck_assert_int_eq(pthread_create(&threads[i], NULL, work_share, &shares[i]), 0);
        }
        for (int32_t i = 0; i < nth; i++) {
            void *status;
            pthread_join(threads[i], &status);
            ck_synres_ok((synres_status)(intptr_t)status);
        }
        pthread_barrier_destroy(&barrier);
        ck_assert_mem_eq(y, want, SMALL_TAPS * TOKENS * SMALL_OUT * sizeof *y);
        assert_same_state(state, fresh);
        free(y);
    }
    /* two sequences, token by token in turn in one batch */
    synres_state *turns[2 * 20];
    float *both = malloc(2 * 20 * SMALL_IN * sizeof *both);
    ck_synres_ok(synres_state_reset(fresh));
    for (int half = 0; half < 2; half++) {
        for (int t = 0; t < 20; t++) {
            memcpy(both + (2 * t) * SMALL_IN, x + (half * 20 + t) * SMALL_IN, SMALL_IN * sizeof *both);
            memcpy(both + (2 * t + 1) * SMALL_IN, x2 + (half * 20 + t) * SMALL_IN, SMALL_IN * sizeof *both);
            turns[2 * t] = fresh, turns[2 * t + 1] = other;
        }
        synres_batch batch = batch_of(both, turns, 40);
        ck_synres_ok(synres_run(m.model, 0, &batch, m.work, 0, 1));
    }
    assert_same_state(state, fresh);
    free(x), free(x2), free(want), free(both), free(memory), free(memory2), free(memory3);
    free_model(&m);
}
END_TEST

static void add_cases(Suite *suite)
{
    add_loop(suite, "bits", bits_depend_on_neither_threads_nor_batches_nor_company, KINDS);
}

SUITE_MAIN("synres_bits", add_cases)
