/* A layer beside a frozen one: W0 is a linear layer of some model, and never changes. Tokens come as (key, value) pairs and later as a key with no value;
 * then the model should say W0 x plus the value that came with that key. W0 sees one token at a time and cannot. A layer of libsynres is attached to it,
 * trained, saved, loaded, and run as an engine would.
 *
 *     cc examples/11_train_an_adapter.c -o adapter $(pkg-config --cflags --libs synres) -lm */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <synres/synres.h>

#include "one_blas_thread.h"

enum { KEY = 32, VALUE = 8, IN = KEY + VALUE + 1, KEYS = 48, PAIRS = 8, TOKENS = 2 * PAIRS, SEQUENCES = 32, ALL = SEQUENCES * TOKENS, STEPS = 600 };

static const char FILE_NAME[] = "adapter.synres";

#define CHECK(call) check(call, #call)

static void check(synres_status status, const char *call)
{
    if (!status) return;
    fprintf(stderr, "%s\n  %s: %s\n", call, synres_status_name(status), synres_status_text(status));
    exit(1);
}

static float uniform(uint32_t *seed) /* in [−1, 1) */
{
    *seed = *seed * 1664525u + 1013904223u;
    return (float)(*seed >> 8) / (float)(1 << 23) - 1;
}

static void fill(uint32_t *seed, float *x, int n, float scale)
{
    for (int i = 0; i < n; i++) x[i] = scale * uniform(seed);
}

/* What the model sees, what it says by itself, and what it should say beside: nothing while pairs come, then the values. */
typedef struct batch {
    float x[ALL][IN], frozen[ALL][VALUE], wanted[ALL][VALUE], y[ALL][VALUE], dy[ALL][VALUE];
} batch;

static void make_batch(uint32_t *seed, const float *codes, const float *W0, batch *b)
{
    memset(b, 0, sizeof *b);
    for (int s = 0; s < SEQUENCES; s++) {
        int key[PAIRS];
        for (int i = 0; i < PAIRS; i++) { /* no key twice */
            key[i] = (int)((uniform(seed) + 1) / 2 * KEYS);
            for (int j = 0; j < i; j++)
                if (key[j] == key[i]) i--, j = PAIRS;
        }
        for (int t = 0; t < TOKENS; t++) {
            float *x = b->x[s * TOKENS + t], *value = b->wanted[s * TOKENS + t];
            const int pair = t < PAIRS ? t : (t * 5 + 3) % PAIRS; /* asked for in another order */
            memcpy(x, codes + key[pair] * KEY, KEY * sizeof *x);
            if (t < PAIRS)
                for (int i = 0; i < VALUE; i++) x[KEY + i] = uniform(seed) < 0 ? -1 : 1;
            else memcpy(value, b->x[s * TOKENS + pair] + KEY, VALUE * sizeof *value);
            x[IN - 1] = t < PAIRS;
        }
    }
    for (int t = 0; t < ALL; t++)
        for (int i = 0; i < VALUE; i++)
            for (int j = 0; j < IN; j++) b->frozen[t][i] += W0[i * IN + j] * b->x[t][j];
    memcpy(b->y, b->frozen, sizeof b->y);
}

/* How much of the values is missing in y, and how many of their signs are right; dy becomes the gradient of the mean square. */
typedef struct score {
    double missing, right;
} score;

static score judge(batch *b)
{
    double missed = 0, all = 0, right = 0;
    for (int t = 0; t < ALL; t++)
        for (int i = 0; i < VALUE; i++) {
            const bool asked = b->wanted[t][i] != 0;
            const double said = (double)b->y[t][i] - b->frozen[t][i], rest = said - b->wanted[t][i];
            missed += asked ? rest * rest : 0;
            all += asked;
            right += asked && (said > 0) == (b->wanted[t][i] > 0);
            b->dy[t][i] = asked ? (float)(2 * rest / (SEQUENCES * PAIRS)) : 0;
        }
    return (score){missed / all, right / all};
}

static void say(const char *what, score s) { printf("  %-44s %6.1f %%   %6.1f %%\n", what, 100 * s.missing, 100 * s.right); }

static synres_trainer *make_trainer(uint32_t *seed)
{
    static float A_key[KEY * IN], A_query[KEY * IN], A_value[VALUE * IN], w_beta[IN], b_beta[1], B[VALUE * VALUE];
    synres_layer_weights w;
    synres_tap_weights tap;
    synres_train_options options;
    synres_trainer *trainer;
    CHECK(synres_layer_weights_init(&w, sizeof w)); /* the gated delta rule */
    CHECK(synres_tap_weights_init(&tap, sizeof tap));
    CHECK(synres_train_options_init(&options, sizeof options));
    fill(seed, A_key, KEY * IN, 0.3f), fill(seed, A_query, KEY * IN, 0.3f), fill(seed, A_value, VALUE * IN, 0.3f), fill(seed, B, VALUE * VALUE, 0.3f);
    w.d_in = IN, w.d_key = KEY, w.d_value = VALUE, w.taps = 1, w.tap = &tap;
    w.A_key = A_key, w.A_query = A_query, w.A_value = A_value, w.w_beta = w_beta, w.b_beta = b_beta;
    tap.d_out = VALUE, tap.B = B;
    options.sequences = ALL, options.tokens = TOKENS, options.learning_rate = 0.02;
    CHECK(synres_trainer_create(NULL, &w, &options, &trainer));
    return trainer;
}

/* The batch's first sequence through a model, as an engine does it: token by token. */
static void run(const synres_model *model, const batch *b, float y[TOKENS][VALUE])
{
    size_t state_bytes, work_bytes;
    synres_state *state;
    synres_work *work;
    synres_batch one;
    CHECK(synres_state_size(model, 0, &state_bytes));
    CHECK(synres_work_size(model, 1, &work_bytes));
    void *memory = malloc(state_bytes), *memory2 = malloc(work_bytes);
    if (!memory || !memory2) exit(1);
    CHECK(synres_state_init(model, 0, memory, state_bytes, &state));
    CHECK(synres_work_init(model, 1, memory2, work_bytes, &work));
    CHECK(synres_batch_init(&one, sizeof one));
    memcpy(y, b->frozen, TOKENS * sizeof *y);
    for (int t = 0; t < TOKENS; t++) {
        one.tokens = 1, one.x = b->x[t], one.states = &state;
        CHECK(synres_run(model, 0, &one, work, 0, 1));
        CHECK(synres_tap(model, 0, 0, work, y[t], 0, 0, 1));
    }
    free(memory), free(memory2);
}

int main(void)
{
    static batch b;
    static float codes[KEYS * KEY], W0[VALUE * IN], trained_y[TOKENS][VALUE], loaded_y[TOKENS][VALUE];
    uint32_t seed = 11;
    one_blas_thread();
    fill(&seed, codes, KEYS * KEY, 1), fill(&seed, W0, VALUE * IN, 1);
    synres_trainer *trainer = make_trainer(&seed);
    float *y[1] = {&b.y[0][0]};
    const float *dy[1] = {&b.dy[0][0]};
    printf("  %-44s %8s   %8s\n", "", "missing", "signs");
    for (int step = 0; step <= STEPS; step++) {
        make_batch(&seed, codes, W0, &b);
        if (step == 0) say("W0 alone", judge(&b));
        CHECK(synres_trainer_forward(trainer, &b.x[0][0], SEQUENCES, TOKENS, y, 0, 1));
        const score now = judge(&b); /* before it has learned from this batch */
        char what[64];
        snprintf(what, sizeof what, "with the layer, after %d steps", step);
        if (step % 150 == 0) say(what, now);
        if (step == STEPS) break;
        CHECK(synres_trainer_backward(trainer, dy, NULL, 0, 1));
        CHECK(synres_trainer_gradients(trainer, 0, 1));
        CHECK(synres_trainer_step(trainer, step < STEPS / 2 ? 1 : 2 - 2.0 * step / STEPS, 0, 1));
    }
    make_batch(&seed, codes, W0, &b); /* new pairs */
    CHECK(synres_trainer_forward(trainer, &b.x[0][0], SEQUENCES, TOKENS, y, 0, 1));
    const score whole = judge(&b);
    memcpy(b.y, b.frozen, sizeof b.y);
    CHECK(synres_trainer_forward(trainer, &b.x[0][0], ALL, 1, y, 0, 1));
    const score cut = judge(&b);
    say("trained, new pairs", whole);
    say("the same, its state emptied at each token", cut);

    synres_model *model, *loaded;
    CHECK(synres_trainer_model(trainer, NULL, &model));
    synres_trainer_destroy(trainer);
    CHECK(synres_model_save(model, FILE_NAME));
    CHECK(synres_model_load(NULL, FILE_NAME, &loaded));
    run(model, &b, trained_y);
    run(loaded, &b, loaded_y);
    const bool same = memcmp(trained_y, loaded_y, sizeof loaded_y) == 0;
    printf("saved and loaded: %s\n", same ? "the same bits" : "NOT the same bits");
    synres_model_destroy(model);
    synres_model_destroy(loaded);
    remove(FILE_NAME);
    return !(same && whole.missing < 0.08 && whole.right > 0.99 && cut.missing > 0.9);
}
