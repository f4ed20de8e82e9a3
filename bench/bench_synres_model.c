/* What does the layer cost a token of a 135M model? The model's shape is SmolLM2-135M's; its matrices are multiplied by one vector each, through CBLAS, and
 * at each of its layers synres_run listens before W_q and taps add to what W_q and W_o give. Timed are the products; the same with the layer in, and
 * in that pass the layer's own calls, which meet caches that the products have just swept; and the layer alone, its weights still warm, for one token
 * and for a prefill's batch. */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <synres/synres.h>
#include <time.h>

#include "support/bench_check.h"
#include "support/bench_inputs.h"
#include "support/bench_report.h"
#include "support/yardstick.h"

enum { MATRICES = 7, Q = 0, O = 3, BATCH = 64 };

typedef struct engine {
    int layers, hidden, kv, ffn, vocabulary;
    int rows[MATRICES], cols[MATRICES]; /* of a layer: q, k, v, o, gate, up, down */
    float *weights, *embedding, *x, *y; /* weights: one layer's matrices after another's */
    synres_model *model;
    synres_work *work;
    synres_state *state, *states[BATCH];
    void *work_memory, *state_memory;
    double inside; /* seconds in the layer's calls */
    long passes;   /* with the layer in */
} engine;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void must(synres_status status)
{
    if (!status) return;
    fprintf(stderr, "%s\n", synres_status_name(status));
    exit(1);
}

static void listen(engine *e, int layer, int tokens)
{
    synres_batch batch;
    must(synres_batch_init(&batch, sizeof batch));
    for (int t = 0; t < tokens; t++) e->states[t] = e->state;
    batch.tokens = tokens, batch.x = e->x, batch.states = e->states;
    must(synres_run(e->model, layer, &batch, e->work, 0, 1));
}

static void tap(engine *e, int layer, int which)
{
    must(synres_tap_prepare(e->model, layer, which, e->work, e->y, 0, 0, 1));
    must(synres_tap(e->model, layer, which, e->work, e->y, 0, 0, 1));
}

static void pass(engine *e, int with)
{
    const float *w = e->weights;
    for (int l = 0; l < e->layers; l++) {
        double begun = with ? now() : 0;
        if (with) listen(e, l, 1), e->inside += now() - begun;
        for (int m = 0; m < MATRICES; m++) {
            yardstick_sgemv(e->rows[m], e->cols[m], w, e->x, 0, e->y);
            w += (size_t)e->rows[m] * (size_t)e->cols[m];
            if (!with || (m != Q && m != O)) continue;
            begun = now();
            tap(e, l, m == O);
            e->inside += now() - begun;
        }
    }
    yardstick_sgemv(e->vocabulary, e->hidden, e->embedding, e->x, 0, e->y);
    e->passes += with;
}

static void products(void *arg) { pass(arg, 0); }
static void products_with_layer(void *arg) { pass(arg, 1); }

static void layer_only(engine *e, int tokens)
{
    for (int l = 0; l < e->layers; l++) {
        listen(e, l, tokens);
        tap(e, l, 0);
        tap(e, l, 1);
    }
}

static void layer_alone(void *arg) { layer_only(arg, 1); }
static void layer_batch(void *arg) { layer_only(arg, BATCH); }

/* Numbers of a matrix: any that are not all alike. */
static float *numbers(size_t n)
{
    float *x = bench_memory(n, sizeof *x);
    for (size_t i = 0; i < n; i++) x[i] = (float)((uint32_t)i * 2654435761u >> 8) * 0x1p-28f - 0x1p-5f;
    return x;
}

/* heads × d a layer; resonance and decay on, gates listening to x, as a trained layer has them. */
static void attach(engine *e, int heads, int d)
{
    const int64_t n = e->hidden, r = heads * d;
    float *A = numbers((size_t)(3 * r * n)), *B = numbers((size_t)(2 * n * r)), *w = numbers((size_t)(2 * heads * n));
    float *one = bench_memory((size_t)heads, sizeof *one);
    for (int h = 0; h < heads; h++) one[h] = 0.5f;
    synres_tap_weights taps[2];
    synres_layer_weights *layer = bench_memory((size_t)e->layers, sizeof *layer);
    for (int t = 0; t < 2; t++) {
        must(synres_tap_weights_init(&taps[t], sizeof taps[t]));
        taps[t].d_out = n, taps[t].B = B + t * n * r;
    }
    for (int l = 0; l < e->layers; l++) {
        must(synres_layer_weights_init(&layer[l], sizeof layer[l]));
        layer[l].d_in = n, layer[l].heads = heads, layer[l].d_key = layer[l].d_value = d;
        layer[l].activation = SYNRES_ACTIVATION_TANH;
        layer[l].taps = 2, layer[l].tap = taps;
        layer[l].A_key = A, layer[l].A_query = A + r * n, layer[l].A_value = A + 2 * r * n;
        layer[l].w_beta = w, layer[l].w_decay = w + heads * n;
        layer[l].rate = layer[l].kappa_beta = layer[l].kappa_decay = one;
    }
    must(synres_model_create(NULL, layer, e->layers, &e->model));
    size_t bytes;
    must(synres_work_size(e->model, BATCH, &bytes));
    must(synres_work_init(e->model, BATCH, e->work_memory = bench_memory(1, bytes), bytes, &e->work));
    must(synres_state_size(e->model, 0, &bytes));
    must(synres_state_init(e->model, 0, e->state_memory = bench_memory(1, bytes), bytes, &e->state));
    void *owned[] = {A, B, w, one, layer};
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++) free(owned[i]);
}

static engine build(int layers, int hidden, int kv, int ffn, int vocabulary)
{
    engine e = {.layers = layers, .hidden = hidden, .kv = kv, .ffn = ffn, .vocabulary = vocabulary, .rows = {hidden, kv, kv, hidden, ffn, ffn, hidden},
                .cols = {hidden, hidden, hidden, hidden, hidden, hidden, ffn}};
    size_t layer = 0;
    for (int m = 0; m < MATRICES; m++) layer += (size_t)e.rows[m] * (size_t)e.cols[m];
    e.weights = numbers((size_t)layers * layer);
    e.embedding = numbers((size_t)vocabulary * (size_t)hidden);
    e.x = bench_memory((size_t)(BATCH * ffn), sizeof *e.x);
    bench_normal(1, BATCH * ffn, e.x);
    e.y = bench_memory((size_t)(vocabulary + BATCH * hidden), sizeof *e.y);
    return e;
}

static void run_size(bench_report *report, const bench_options *options, engine *e, int heads, int d, double bar)
{
    char name[64];
    snprintf(name, sizeof name, "%d layers, hidden %d, states %d x %d", e->layers, e->hidden, heads, d);
    if (!bench_wants(options, name)) return;
    attach(e, heads, d);
    e->inside = 0, e->passes = 0;
    bench_contestant all[] = {{.name = "products", .run = products, .blas_threads = 1},
                              {.name = "products, the layer in", .run = products_with_layer, .blas_threads = 1},
                              {.name = "layer alone, warm", .run = layer_alone, .blas_threads = 1},
                              {.name = "layer alone, 64 tokens", .run = layer_batch, .blas_threads = 1}};
    bench_race(all, 4, e, options->rounds, 1);
    bench_report_size(report, name, all, 4, 1, "tokens");
    const double share = e->inside / (double)e->passes / all[0].seconds;
    if (bar > 0) bench_report_at_most(report, "layer in the pass by products", share, bar);
    else bench_report_figure(report, "layer in the pass by products", share);
    bench_report_figure(report, "layer alone, warm, by products", bench_ratio(all + 2, all));
    bench_report_figure(report, "a token of 64 by a token alone", bench_ratio(all + 3, all + 2) / BATCH);
    bench_race_end(all, 4);
    free(e->work_memory), free(e->state_memory);
    synres_model_destroy(e->model);
}

int main(int argc, char **argv)
{
    bench_options options = bench_parse(argc, argv);
    options.threads = 1;
    bench_report *report = bench_report_open("synres_model", &options);
    engine e = options.quick ? build(2, 48, 16, 96, 200) : build(30, 576, 192, 1536, 49152);
    run_size(report, &options, &e, 1, 8, 0.03);
    if (!options.quick) run_size(report, &options, &e, 9, 64, 0);
    free(e.weights), free(e.embedding), free(e.x), free(e.y);
    return bench_report_close(report);
}
