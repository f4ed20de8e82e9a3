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

START_TEST(bits_depend_on_neither_threads_nor_batches)
{
    small_model m = make_model(7, kinds[_i], 1, 1);
    float *x = random_x(1, TOKENS), *want = ones(SMALL_TAPS * TOKENS * SMALL_OUT);
    void *memory, *memory2;
    synres_state *state = make_state(m.model, 8, &memory), *fresh = make_state(m.model, 8, &memory2);
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
    free(x), free(want), free(memory), free(memory2);
    free_model(&m);
}
END_TEST

/* Three sequences with tokens in any order among each other, in batches of any size, on 1 and 3 threads: states and outputs as each alone. */
START_TEST(sequences_do_not_meet)
{
    enum { SEQUENCES = 3, ALL = SEQUENCES * TOKENS };
    small_model m = make_model(9, kinds[_i], 1, 1);
    void *memory[2 * SEQUENCES];
    synres_state *alone[SEQUENCES], *mixed[SEQUENCES], *states[ALL];
    float *x[SEQUENCES], *want[SEQUENCES], *all = malloc(ALL * SMALL_IN * sizeof *all);
    int next[SEQUENCES] = {0}, whose[ALL], which[ALL];
    for (int s = 0; s < SEQUENCES; s++) {
        x[s] = random_x((uint64_t)s, TOKENS);
        want[s] = ones(SMALL_TAPS * TOKENS * SMALL_OUT);
        alone[s] = make_state(m.model, 0, &memory[s]), mixed[s] = make_state(m.model, 0, &memory[SEQUENCES + s]);
        run_all(&m, alone[s], x[s], TOKENS, 1, want[s]);
    }
    for (int t = 0, s = 0; t < ALL; t++, s = (s + 1 + t % 5) % SEQUENCES) {
        while (next[s] == TOKENS) s = (s + 1) % SEQUENCES;
        whose[t] = s, which[t] = next[s]++;
        memcpy(all + t * SMALL_IN, x[s] + which[t] * SMALL_IN, SMALL_IN * sizeof *all);
        states[t] = mixed[s];
    }
    for (int64_t size = 1; size <= 49; size += 16)
        for (int32_t nth = 1; nth <= 3; nth += 2) {
            for (int s = 0; s < SEQUENCES; s++) ck_synres_ok(synres_state_reset(mixed[s]));
            for (int64_t at = 0; at < ALL; at += size) {
                const int64_t n = ALL - at < size ? ALL - at : size;
                synres_batch batch = batch_of(all + at * SMALL_IN, states + at, n);
                for (int32_t ith = 0; ith < nth; ith++) ck_synres_ok(synres_run(m.model, 0, &batch, m.work, ith, nth));
                for (int64_t tap = 0; tap < SMALL_TAPS; tap++) {
                    float y[49 * SMALL_OUT], *initial = ones(SMALL_TAPS * TOKENS * SMALL_OUT);
                    for (int64_t t = 0; t < n; t++) memcpy(y + t * SMALL_OUT, initial + (tap * TOKENS + which[at + t]) * SMALL_OUT, SMALL_OUT * sizeof *y);
                    for (int32_t ith = 0; ith < nth; ith++) ck_synres_ok(synres_tap_prepare(m.model, 0, tap, m.work, y, 0, ith, nth));
                    for (int32_t ith = 0; ith < nth; ith++) ck_synres_ok(synres_tap(m.model, 0, tap, m.work, y, 0, ith, nth));
                    for (int64_t t = 0; t < n; t++)
                        ck_assert_mem_eq(y + t * SMALL_OUT, want[whose[at + t]] + (tap * TOKENS + which[at + t]) * SMALL_OUT, SMALL_OUT * sizeof *y);
                    free(initial);
                }
            }
            for (int s = 0; s < SEQUENCES; s++) assert_same_state(alone[s], mixed[s]);
        }
    for (int s = 0; s < SEQUENCES; s++) free(x[s]), free(want[s]), free(memory[s]), free(memory[SEQUENCES + s]);
    free(all);
    free_model(&m);
}
END_TEST

static void add_cases(Suite *suite)
{
    add_loop(suite, "bits", bits_depend_on_neither_threads_nor_batches, KINDS);
    add_loop(suite, "sequences", sequences_do_not_meet, KINDS);
}

SUITE_MAIN("synres_bits", add_cases)
