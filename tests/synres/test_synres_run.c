/* Running layers: against an f64 reading of the definition, batches and threads and sequences with equal bits, zero gates, NaN tokens, caps, rewinding,
 * saving, and the certificate. */
#include <math.h>
#include <pthread.h>

#include "small_model.h"
#include "suite.h"
#include "synres_inputs.h"

static const int32_t kinds[] = {
    SYNRES_RULE_ERASE,
    0,
    SYNRES_RULE_ERASE | SYNRES_RULE_DECAY_CHANNEL,
    SYNRES_RULE_ERASE | SYNRES_RULE_ROW_GATES | SYNRES_RULE_READ_PRE,
    SYNRES_RULE_ERASE | SYNRES_RULE_ROW_GATES | SYNRES_RULE_DECAY_ROW | SYNRES_LAYER_TIED,
    SYNRES_RULE_ERASE | SYNRES_LAYER_TIED,
    SYNRES_RULE_ERASE | SYNRES_RULE_ROW_GATES | SYNRES_RULE_DECAY_ROW | SYNRES_LAYER_TIED | SYNRES_LAYER_ERASE_OUTSIDE | SYNRES_LAYER_UNCERTIFIED,
};
enum { KINDS = sizeof kinds / sizeof *kinds, TOKENS = 40, H = 3, K = 10, V = 6, R = H * V };

static synres_batch batch_of(const float *x, synres_state **states, int64_t tokens)
{
    synres_batch batch;
    ck_synres_ok(synres_batch_init(&batch, sizeof batch));
    batch.tokens = tokens, batch.x = x, batch.states = states;
    return batch;
}

/* All layers and taps over the tokens, in one batch or one by one; y is tokens × SMALL_OUT for each layer and tap, started at `y`. */
static void run_all(const small_model *m, synres_state *state, const float *x, int64_t tokens, int64_t size, float *y)
{
    synres_state *states[64];
    for (int i = 0; i < 64; i++) states[i] = state;
    const int64_t layers = synres_model_layers(m->model);
    for (int64_t at = 0; at < tokens; at += size) {
        int64_t n = tokens - at < size ? tokens - at : size;
        synres_batch batch = batch_of(x + at * SMALL_IN, states, n);
        for (int64_t l = 0; l < layers; l++) {
            ck_synres_ok(synres_run(m->model, l, &batch, m->work, 0, 1));
            for (int64_t t = 0; t < SMALL_TAPS; t++) {
                float *out = y + ((l * SMALL_TAPS + t) * tokens + at) * SMALL_OUT;
                ck_synres_ok(synres_tap_prepare(m->model, l, t, m->work, out, 0, 0, 1));
                ck_synres_ok(synres_tap(m->model, l, t, m->work, out, 0, 0, 1));
            }
        }
    }
}

static float *ones(int64_t n)
{
    float *y = malloc((size_t)n * sizeof *y);
    for (int64_t i = 0; i < n; i++) y[i] = 1 + (float)(i % 7);
    return y;
}

static size_t saved(const synres_state *state, unsigned char **bytes)
{
    size_t size;
    ck_synres_ok(synres_state_save_size(state, &size));
    *bytes = malloc(size);
    ck_synres_ok(synres_state_save(state, *bytes, size));
    return size;
}

static void assert_same_state(const synres_state *a, const synres_state *b)
{
    unsigned char *x, *y;
    size_t size = saved(a, &x);
    ck_assert_uint_eq(size, saved(b, &y));
    ck_assert_mem_eq(x, y, size);
    free(x);
    free(y);
}

static double sigma(double z) { return 1 / (1 + exp(-z)); }
static double phi(int activation, double z) { return activation == 1 ? z * sigma(z) : activation == 2 ? tanh(z) : z; }
static double row(const float *W, int64_t i, const float *x)
{
    double sum = 0;
    for (int j = 0; j < SMALL_IN && W; j++) sum += (double)W[i * SMALL_IN + j] * x[j];
    return sum;
}

typedef struct oracle_head {
    double S[V * K], block[V * K], c[K], theta, theta_m;
} oracle_head;

static void unit(const synres_layer_weights *w, const float *A, int h, const float *x, double out[K])
{
    double sum = w->epsilon;
    for (int i = 0; i < K; i++) out[i] = phi(w->activation, row(A, h * K + i, x)), sum += out[i] * out[i];
    for (int i = 0; i < K; i++) out[i] /= sqrt(sum);
}

/* The resonance of a token in f64, from the formulas of docs/synres/definition.md. */
static void resonance(const synres_layer_weights *w, oracle_head *o, int64_t t, const double *k, const double *v, double r[2])
{
    double dot = 0, length = 0, product = 0, recalled = 0, value = 0;
    if (t % w->block == 0) memcpy(o->block, o->S, sizeof o->S);
    for (int j = 0; j < K; j++) dot += k[j] * o->c[j], length += o->c[j] * o->c[j];
    for (int i = 0; i < V; i++) {
        double p = 0;
        for (int j = 0; j < K; j++) p += o->block[i * K + j] * k[j];
        product += p * v[i], recalled += p * p, value += v[i] * v[i];
    }
    double rho = dot / (sqrt(length) + w->epsilon), rho_m = product / (sqrt(recalled * value) + w->epsilon);
    r[0] = rho - o->theta, r[1] = rho_m - o->theta_m;
    o->theta = w->nu * o->theta + (1 - w->nu) * (w->threshold ? rho * rho : rho);
    o->theta_m = w->nu * o->theta_m + (1 - w->nu) * (w->threshold ? rho_m * rho_m : rho_m);
    for (int j = 0; j < K; j++) o->c[j] = w->mu * o->c[j] + (1 - w->mu) * k[j];
}

static void oracle(const synres_layer_weights *w, oracle_head *o, int h, int64_t t, const float *x, double u[V])
{
    double k[K], q[K], v[V], beta[V], decay[V], log_decay[K], erase[V], r[2] = {0, 0};
    unit(w, w->A_key, h, x, k);
    unit(w, w->A_query, h, x, q);
    for (int i = 0; i < V; i++) v[i] = row(w->A_value, h * V + i, x);
    if (w->kappa_beta) resonance(w, o, t, k, v, r);
    int gates = w->flags & SYNRES_RULE_ROW_GATES ? V : 1, decays = w->flags & SYNRES_RULE_DECAY_CHANNEL ? K : w->flags & SYNRES_RULE_DECAY_ROW ? V : 1;
    double push = w->kappa_beta ? w->kappa_beta[h] * r[0] + w->kappa_agreement[h] * r[1] : 0, hold = w->kappa_decay ? w->kappa_decay[h] * r[0] : 0;
    for (int i = 0; i < gates; i++) beta[i] = w->beta_max * sigma(row(w->w_beta, h * gates + i, x) + w->b_beta[h * gates + i] + push);
    for (int i = 0; i < decays; i++) {
        if (w->flags & SYNRES_LAYER_TIED) log_decay[i] = log1p(-beta[i]);
        else {
            double z = row(w->w_decay, h * decays + i, x) + w->b_decay[h * decays + i] - hold;
            log_decay[i] = fmin(-w->rate[h] * log1p(exp(z)), log(w->max_decay));
        }
        if (w->flags & SYNRES_LAYER_ERASE_OUTSIDE) decay[i] = exp(log_decay[i]), erase[i] = beta[i] / decay[i];
    }
    synres_shape shape;
    synres_tokens_f64 token;
    ck_synres_ok(synres_shape_init(&shape, sizeof shape));
    ck_synres_ok(synres_tokens_f64_init(&token, sizeof token));
    shape.flags = w->flags & 31, shape.d_key = K, shape.d_value = V;
    token.key = k, token.query = q, token.value = v, token.beta = beta, token.log_decay = log_decay;
    token.erase_beta = w->flags & SYNRES_LAYER_ERASE_OUTSIDE ? erase : NULL;
    ck_synres_ok(synres_step_f64(&shape, &token, o->S, u, 0, 1));
}

START_TEST(is_the_definition)
{
    for (int resonant = 0; resonant < 2; resonant++)
        for (uint64_t seed = 0; seed < 3; seed++) {
            small_layer layer = make_layer(seed, kinds[_i], resonant);
            small_model m = make_model(seed, kinds[_i], resonant, 1);
            void *memory;
            synres_state *state = make_state(m.model, 0, &memory), *states[1] = {state};
            float *x = random_x(seed, TOKENS);
            oracle_head heads[H];
            memset(heads, 0, sizeof heads);
            for (int64_t t = 0; t < TOKENS; t++) {
                synres_batch batch = batch_of(x + t * SMALL_IN, states, 1);
                const float *read;
                double u[R], y = 0;
                ck_synres_ok(synres_run(m.model, 0, &batch, m.work, 0, 1));
                ck_synres_ok(synres_work_read(m.work, 0, &read));
                for (int h = 0; h < H; h++) oracle(&layer.w, &heads[h], h, t, x + t * SMALL_IN, u + h * V);
                ck_assert_msg(rms_ratio(read, u, R) <= 3e-6, "kind %d, resonant %d, token %d: %g", _i, resonant, (int)t, rms_ratio(read, u, R));
                float out[SMALL_OUT] = {0};
                ck_synres_ok(synres_tap(m.model, 0, 1, m.work, out, 0, 0, 1));
                for (int i = 0; i < SMALL_OUT; i++, y = 0) {
                    for (int j = 0; j < R; j++)
                        y += layer.tap[1].scale * layer.tap[1].B[i * R + j] * layer.tap[1].gain[j] * u[j] *
                             sigma(row(layer.tap[1].gate, j / V, x + t * SMALL_IN) + layer.tap[1].gate_bias[j / V]);
                    ck_assert_msg(near(out[i], y, 2e-5, 0.5), "%g, %g", out[i], y);
                }
                double bound, norm;
                for (int h = 0; h < H; h++) {
                    ck_synres_ok(synres_state_bound(state, 0, h, &bound));
                    ck_synres_ok(synres_state_norm(state, 0, h, &norm));
                    ck_assert_msg(norm <= bound * (1 + 1e-5) && norm > 0, "%g > %g", norm, bound);
                }
            }
            free(x);
            free(memory);
            free_layer(&layer);
            free_model(&m);
        }
}
END_TEST

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

START_TEST(the_cap_holds)
{
    small_model m = make_model(8, kinds[_i], 1, 1);
    void *memory;
    synres_state *state = make_state(m.model, 0, &memory), *states[TOKENS];
    for (int i = 0; i < TOKENS; i++) states[i] = state;
    float *x = random_x(1, TOKENS), *y = ones(TOKENS * SMALL_OUT), *before = ones(TOKENS * SMALL_OUT);
    for (int i = 0; i < TOKENS * SMALL_OUT; i++) before[i] = y[i] *= i / SMALL_OUT % 3 == 0 ? 0.01f : i / SMALL_OUT % 3 == 1 ? 1000 : 0;
    synres_batch batch = batch_of(x, states, TOKENS);
    ck_synres_ok(synres_run(m.model, 0, &batch, m.work, 0, 1));
    ck_synres_status(synres_tap(m.model, 0, 2, m.work, y, 0, 0, 1), SYNRES_E_STATE); /* not prepared */
    ck_assert_mem_eq(y, before, TOKENS * SMALL_OUT * sizeof *y);
    ck_synres_ok(synres_tap_prepare(m.model, 0, 2, m.work, y, 0, 0, 1));
    ck_synres_ok(synres_tap(m.model, 0, 2, m.work, y, 0, 0, 1));
    int limited = 0;
    for (int t = 0; t < TOKENS; t++) {
        double change = 0, size = 0;
        for (int i = t * SMALL_OUT; i < (t + 1) * SMALL_OUT; i++) {
            change += ((double)y[i] - before[i]) * ((double)y[i] - before[i]);
            size += (double)before[i] * before[i];
        }
        ck_assert_msg(sqrt(change) <= 0.1 * sqrt(size) * (1 + 1e-5), "token %d: %g of %g", t, sqrt(change), sqrt(size));
        limited += sqrt(change) > 0.0999 * sqrt(size);
    }
    ck_assert_int_gt(limited, TOKENS / 4); /* some are at the cap, and those of norm 0 untouched */
    free(x), free(y), free(before), free(memory);
    free_model(&m);
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
    add_loop(suite, "definition", is_the_definition, KINDS);
    add_loop(suite, "bits", bits_depend_on_neither_threads_nor_batches_nor_company, KINDS);
    add_loop(suite, "rewind", rewinding_is_exact_or_refused, KINDS);
    add_case(suite, "mark", half_a_token_has_no_mark);
    add_loop(suite, "save", saving_and_copying_continue_as_if_never_stopped, KINDS);
    add_loop(suite, "bad token", a_bad_token_is_flagged_and_changes_nothing, KINDS);
    add_case(suite, "closed tap", a_closed_tap_is_not_executed);
    add_loop(suite, "cap", the_cap_holds, KINDS);
    add_case(suite, "bad calls", bad_calls_are_refused);
}

SUITE_MAIN("synres_run", add_cases)
