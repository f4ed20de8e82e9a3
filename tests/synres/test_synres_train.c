/* The trainer beside the run of its model, beside a plain loop of Adam, with any number of threads; what is frozen or left out. */
#include <math.h>
#include <pthread.h>

#include "small_training.h"
#include "suite.h"
#include "synres_inputs.h"
#include "train_oracle.h"

enum { MOST = 6000 };

/* The model's run and taps over one sequence, added to y. */
static void run_model(const synres_model *model, const float *x, int64_t tokens, int64_t taps, float **y)
{
    size_t bytes;
    void *memory, *work_memory;
    synres_work *work;
    synres_state *state = make_state(model, 0, &memory), *states[64];
    for (int i = 0; i < 64; i++) states[i] = state;
    ck_synres_ok(synres_work_size(model, tokens, &bytes));
    work_memory = malloc(bytes);
    ck_synres_ok(synres_work_init(model, tokens, work_memory, bytes, &work));
    synres_batch batch;
    ck_synres_ok(synres_batch_init(&batch, sizeof batch));
    batch.tokens = tokens, batch.x = x, batch.states = states;
    ck_synres_ok(synres_run(model, 0, &batch, work, 0, 1));
    for (int64_t t = 0; t < taps; t++) ck_synres_ok(synres_tap(model, 0, t, work, y[t], 0, 0, 1));
    free(memory), free(work_memory);
}

static double difference(const float *a, const float *b, int64_t n)
{
    double *wide = malloc((size_t)n * sizeof *wide);
    for (int64_t i = 0; i < n; i++) wide[i] = b[i];
    double ratio = rms_ratio(a, wide, n);
    free(wide);
    return ratio;
}

START_TEST(forward_is_the_run_of_the_model)
{
    training *t = make_training((uint64_t)_i, _i & 1 ? SYNRES_RULE_ERASE | SYNRES_RULE_DECAY_CHANNEL : SYNRES_RULE_ERASE | SYNRES_RULE_READ_PRE, NULL);
    for (int trained = 0; trained < 2; trained++) { /* as given, and after a step */
        synres_model *model;
        static float want[SMALL_TAPS][ALL * SMALL_OUT];
        memset(want, 0, sizeof want), memset(t->y, 0, sizeof t->y);
        ck_synres_ok(synres_trainer_model(t->trainer, NULL, &model));
        for (int s = 0; s < SEQUENCES; s++) {
            float *y[SMALL_TAPS];
            for (int tap = 0; tap < SMALL_TAPS; tap++) y[tap] = want[tap] + s * TOKENS * SMALL_OUT;
            run_model(model, t->x + s * TOKENS * SMALL_IN, TOKENS, SMALL_TAPS, y);
        }
        training_step(t, 1);
        for (int tap = 0; tap < SMALL_TAPS; tap++) {
            double ratio = difference(t->y[tap], want[tap], ALL * SMALL_OUT);
            ck_assert_msg(ratio <= 1e-6, "tap %d: %g", tap, ratio);
        }
        synres_model_destroy(model);
    }
    end_training(t);
}
END_TEST

START_TEST(forward_of_every_kind_is_the_run_of_the_model)
{
    synres_trainer *trainer = tiny_trainer(_i, 0);
    synres_model *model;
    float x[TINY_X], y[TINY_TAPS][TINY_Y] = {{0}}, want[TINY_TAPS][TINY_Y] = {{0}}, *out[TINY_TAPS], *run[TINY_TAPS];
    for (int i = 0; i < TINY_X; i++) x[i] = (float)tiny_number(3, i);
    ck_synres_ok(synres_trainer_model(trainer, NULL, &model));
    for (int t = 0; t < TINY_TAPS; t++) out[t] = y[t];
    ck_synres_ok(synres_trainer_forward(trainer, x, TINY_SEQUENCES, TINY_TOKENS, out, 0, 1));
    for (int s = 0; s < TINY_SEQUENCES; s++) {
        for (int t = 0; t < TINY_TAPS; t++) run[t] = want[t] + s * TINY_TOKENS * TINY_OUT;
        run_model(model, x + s * TINY_TOKENS * TINY_IN, TINY_TOKENS, TINY_TAPS, run);
    }
    ck_assert_msg(difference(y[0], want[0], TINY_TAPS * TINY_Y) <= 1e-6, "kind %d: %g", _i, difference(y[0], want[0], TINY_TAPS * TINY_Y));
    synres_model_destroy(model);
    synres_trainer_destroy(trainer);
}
END_TEST

START_TEST(bits_do_not_depend_on_threads)
{
    static const int32_t threads[] = {1, 2, 3, 8, 40};
    training *want = make_training(4, SYNRES_RULE_ERASE, NULL);
    for (int k = 0; k < 3; k++) training_step(want, 1);
    for (int i = 0; i < 5; i++) {
        training *got = make_training(4, SYNRES_RULE_ERASE, NULL);
        for (int k = 0; k < 3; k++) training_step(got, threads[i]);
        ck_assert_mem_eq(got->y, want->y, sizeof got->y);
        ck_assert_mem_eq(got->dx, want->dx, sizeof got->dx);
        ck_assert_mem_eq(got->trainer->net.gradient, want->trainer->net.gradient, (size_t)count_of(got) * sizeof(float));
        ck_assert_mem_eq(parameters(got), parameters(want), (size_t)count_of(got) * sizeof(float));
        end_training(got);
    }
    end_training(want);
}
END_TEST

typedef struct worker {
    training *t;
    int32_t ith;
    pthread_barrier_t *meet;
    synres_status status;
} worker;

static void *work(void *argument)
{
    worker *w = argument;
    for (int k = 0; k < 3; k++)
        for (int phase = 0; phase < 4; phase++) {
            synres_status status = training_call(w->t, w->ith, 3, phase);
            if (status) w->status = status;
            (void)pthread_barrier_wait(w->meet);
        }
    return NULL;
}

START_TEST(real_threads_give_the_same_bits)
{
    training *want = make_training(4, SYNRES_RULE_ERASE, NULL), *got = make_training(4, SYNRES_RULE_ERASE, NULL);
    pthread_barrier_t meet;
    pthread_t thread[3];
    worker w[3];
    for (int k = 0; k < 3; k++) training_step(want, 1);
    ck_assert_int_eq(pthread_barrier_init(&meet, NULL, 3), 0);
    for (int32_t i = 0; i < 3; i++) {
        w[i] = (worker){got, i, &meet, SYNRES_OK};
        ck_assert_int_eq(pthread_create(&thread[i], NULL, work, &w[i]), 0);
    }
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(pthread_join(thread[i], NULL), 0);
        ck_synres_ok(w[i].status);
    }
    ck_assert_mem_eq(parameters(got), parameters(want), (size_t)count_of(got) * sizeof(float));
    ck_assert_mem_eq(got->y, want->y, sizeof got->y);
    ck_assert_int_eq(pthread_barrier_destroy(&meet), 0);
    end_training(want), end_training(got);
}
END_TEST

/* Adam as the paper has it, over the arrays that are trained. */
START_TEST(the_step_is_adam)
{
    synres_train_options options;
    ck_synres_ok(synres_train_options_init(&options, sizeof options));
    options.learning_rate = 0.01, options.beta1 = 0.8, options.beta2 = 0.95, options.weight_decay = 0.1, options.clip = _i ? 0 : 3;
    training *t = make_training(2, SYNRES_RULE_ERASE, &options);
    const int64_t n = count_of(t);
    ck_assert_int_le(n, MOST);
    static double p[MOST], m[MOST], v[MOST];
    memset(m, 0, sizeof m), memset(v, 0, sizeof v);
    for (int64_t i = 0; i < n; i++) p[i] = parameters(t)[i];
    for (int k = 1; k <= 5; k++) {
        double norm = 0, scale = k == 3 ? 0.5 : 1;
        for (int phase = 0; phase < 3; phase++) ck_synres_ok(training_call(t, 0, 1, phase));
        const float *g = t->trainer->net.gradient;
        for (int64_t i = 0; i < n; i++) norm += (double)g[i] * g[i];
        norm = sqrt(norm);
        ck_assert(norm > 3);
        ck_synres_ok(synres_trainer_step(t->trainer, scale, 0, 1));
        for (int number = 0; number < SYNRESI_ARRAYS; number++) {
            const synresi_range *range = &t->trainer->plan.range[number];
            for (int64_t i = range->offset; i < range->offset + range->size && range->trained; i++) {
                double clipped = _i ? g[i] : g[i] * 3 / norm, lr = 0.01 * scale;
                m[i] = 0.8 * m[i] + 0.2 * clipped, v[i] = 0.95 * v[i] + 0.05 * clipped * clipped;
                if (range->offset < t->trainer->plan.vectors) p[i] *= 1 - lr * 0.1;
                p[i] -= lr * (m[i] / (1 - pow(0.8, k))) / (sqrt(v[i] / (1 - pow(0.95, k))) + 1e-8);
                if (number == SYNRES_PARAMETER_RATE && p[i] < 0) p[i] = 0;
                ck_assert_msg(near(p[i], parameters(t)[i], 1e-6, 0.1), "step %d, array %d: %g, not %g", k, number, parameters(t)[i], p[i]);
            }
        }
    }
    float *rate;
    int64_t size;
    ck_synres_ok(synres_trainer_parameter(t->trainer, SYNRES_PARAMETER_RATE, 0, &rate, &size));
    for (int64_t i = 0; i < size; i++) rate[i] = 1e-7f;
    for (int k = 0; k < 5; k++) training_step(t, 1);
    for (int64_t i = 0; i < size; i++) ck_assert(rate[i] >= 0);
    end_training(t);
}
END_TEST

static bool frozen_by(int32_t flags, int which)
{
    if (which <= SYNRES_PARAMETER_A_VALUE) return flags & SYNRES_TRAIN_FREEZE_PROJECTIONS;
    if (which <= SYNRES_PARAMETER_RATE) return flags & SYNRES_TRAIN_FREEZE_GATES;
    if (which <= SYNRES_PARAMETER_KAPPA_AGREEMENT) return flags & SYNRES_TRAIN_FREEZE_KAPPA;
    return flags & SYNRES_TRAIN_FREEZE_TAPS;
}

START_TEST(what_is_frozen_stays)
{
    synres_train_options options;
    ck_synres_ok(synres_train_options_init(&options, sizeof options));
    options.flags = _i;
    training *t = make_training(1, SYNRES_RULE_ERASE, &options), *start = make_training(1, SYNRES_RULE_ERASE, NULL);
    training_step(t, 2), training_step(t, 2);
    int64_t kept = 0, moved = 0;
    for (int tap = 0; tap < SMALL_TAPS; tap++)
        for (int which = tap ? SYNRES_PARAMETER_B : 0; which <= SYNRES_PARAMETER_GATE_BIAS; which++) {
            float *now, *before;
            const float *g;
            int64_t n;
            if (synres_trainer_parameter(t->trainer, which, tap, &now, &n)) continue; /* absent */
            ck_synres_ok(synres_trainer_parameter(start->trainer, which, tap, &before, &n));
            ck_synres_ok(synres_trainer_gradient(t->trainer, which, tap, &g, &n));
            const bool same = memcmp(now, before, (size_t)n * sizeof *now) == 0;
            ck_assert_msg(same == frozen_by(_i, which), "flags %d, array %d", _i, which);
            for (int64_t i = 0; i < n && frozen_by(_i, which); i++) ck_assert(g[i] == 0);
            kept += same, moved += !same;
        }
    ck_assert(_i == 0 ? kept == 0 : kept > 0);
    ck_assert(_i == 15 ? moved == 0 : moved > 0);
    end_training(t), end_training(start);
}
END_TEST

START_TEST(frozen_zeros_cost_no_relevance)
{
    small_layer layer = make_layer(1, SYNRES_RULE_ERASE, 0);
    static const float zeros[3];
    synres_train_options options;
    synres_trainer *plain, *zero, *open;
    ck_synres_ok(synres_train_options_init(&options, sizeof options));
    layer.w.taps = 0;
    ck_synres_ok(synres_trainer_create(NULL, &layer.w, &options, &plain));
    layer.w.kappa_beta = layer.w.kappa_agreement = zeros;
    ck_synres_ok(synres_trainer_create(NULL, &layer.w, &options, &open));
    options.flags = SYNRES_TRAIN_FREEZE_KAPPA;
    ck_synres_ok(synres_trainer_create(NULL, &layer.w, &options, &zero));
    ck_assert(!plain->plan.contextual && !plain->plan.agrees && !zero->plan.contextual && !zero->plan.agrees);
    ck_assert(open->plan.contextual && open->plan.agrees);
    synres_trainer_destroy(plain), synres_trainer_destroy(zero), synres_trainer_destroy(open);
    free_layer(&layer);
}
END_TEST

/* y NULL is not wanted, dy NULL is 0; a closed tap leaves y bit for bit, but a gain of zeros has a gradient. */
START_TEST(taps_may_be_left_out_or_closed)
{
    training *t = make_training(3, SYNRES_RULE_ERASE, NULL), *all = make_training(3, SYNRES_RULE_ERASE, NULL);
    memset(all->dy[1], 0, sizeof all->dy[1]);
    t->out[1] = NULL, t->in[1] = NULL;
    training_step(t, 1), training_step(all, 1);
    ck_assert_mem_eq(t->dx, all->dx, sizeof t->dx);
    ck_assert_mem_eq(parameters(t), parameters(all), (size_t)count_of(t) * sizeof(float));
    ck_assert_mem_eq(t->y[2], all->y[2], sizeof t->y[2]);
    float *gain;
    const float *g;
    int64_t n;
    double sum = 0;
    ck_synres_ok(synres_trainer_parameter(t->trainer, SYNRES_PARAMETER_GAIN, 0, &gain, &n));
    memset(gain, 0, (size_t)n * sizeof *gain);
    for (int64_t i = 0; i < ALL * SMALL_OUT; i++) t->y[0][i] = i % 2 ? -0.0f : NAN, all->y[0][i] = t->y[0][i];
    training_step(t, 1);
    ck_assert_mem_eq(t->y[0], all->y[0], sizeof t->y[0]);
    ck_synres_ok(synres_trainer_gradient(t->trainer, SYNRES_PARAMETER_GAIN, 0, &g, &n));
    for (int64_t i = 0; i < n; i++) sum += fabs(g[i]);
    ck_assert(sum > 0);
    end_training(t), end_training(all);
}
END_TEST

static void add_cases(Suite *suite)
{
    add_loop(suite, "run", forward_is_the_run_of_the_model, 6);
    add_loop(suite, "every kind", forward_of_every_kind_is_the_run_of_the_model, TINY_KINDS);
    add_case(suite, "bits", bits_do_not_depend_on_threads);
    add_case(suite, "threads", real_threads_give_the_same_bits);
    add_loop(suite, "adam", the_step_is_adam, 2);
    add_loop(suite, "frozen", what_is_frozen_stays, 16);
    add_case(suite, "zeros", frozen_zeros_cost_no_relevance);
    add_case(suite, "taps", taps_may_be_left_out_or_closed);
}

SUITE_MAIN("synres_train", add_cases)
