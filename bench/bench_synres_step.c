/* How much faster is one pass over the state than four? The gated delta rule, one token, as many heads as a 135M model has (30 layers × 9). */
#include <stdio.h>
#include <stdlib.h>
#include <synres/synres.h>

#include "support/bench_check.h"
#include "support/bench_inputs.h"
#include "support/bench_report.h"
#include "support/four_pass.h"

typedef struct stepping {
    synres_shape shape;
    synres_tokens_f32 token;
    float *key, *query, *value, *beta, *log_decay, *S, *S4, *u, *delta;
} stepping;

static void one_pass(void *arg)
{
    const stepping *s = arg;
    if (synres_step_f32(&s->shape, &s->token, s->S, s->u, 0, 1)) exit(2);
}

static void passes(void *arg)
{
    const stepping *s = arg;
    int64_t d = s->shape.d_key;
    for (int64_t h = 0; h < s->shape.heads; h++) {
        four_pass(d, d, s->log_decay[h], s->beta[h], s->key + h * d, s->query + h * d, s->value + h * d, s->S4 + h * d * d, s->delta, s->u + h * d);
    }
}

static float *normal(uint64_t stream, int64_t n, float scale)
{
    float *x = aligned_alloc(64, ((size_t)n * sizeof *x + 63) / 64 * 64); /* as an engine keeps its states */
    if (!x) exit(2);
    bench_normal(stream, n, x);
    for (int64_t i = 0; i < n; i++) x[i] *= scale;
    return x;
}

static void run_size(bench_report *report, const bench_options *options, int64_t heads, int64_t d)
{
    stepping s = {0};
    if (synres_shape_init(&s.shape, sizeof s.shape) || synres_tokens_f32_init(&s.token, sizeof s.token)) exit(2);
    s.shape.heads = heads;
    s.shape.d_key = s.shape.d_value = d;
    float scale = 1.0f / (float)d;
    s.token.key = s.key = normal(1, heads * d, scale);
    s.token.query = s.query = normal(2, heads * d, scale);
    s.token.value = s.value = normal(3, heads * d, 1);
    s.token.beta = s.beta = bench_memory((size_t)heads, sizeof *s.beta);
    s.token.log_decay = s.log_decay = bench_memory((size_t)heads, sizeof *s.log_decay);
    for (int64_t h = 0; h < heads; h++) s.beta[h] = 0.5f, s.log_decay[h] = -0.001f;
    s.S = normal(4, heads * d * d, 1);
    s.S4 = normal(4, heads * d * d, 1);
    s.u = bench_memory((size_t)(heads * d), sizeof *s.u);
    s.delta = bench_memory((size_t)d, sizeof *s.delta);
    char name[64];
    snprintf(name, sizeof name, "d%d heads%d", (int)d, (int)heads);
    if (bench_wants(options, name)) {
        bench_contestant all[] = {{.name = "one pass", .run = one_pass, .blas_threads = 1}, {.name = "four passes", .run = passes, .blas_threads = 1}};
        bench_race(all, 2, &s, options->rounds, 1);
        bench_report_size(report, name, all, 2, 1, "tokens");
        bench_report_at_most(report, "one pass by four", bench_ratio(all, all + 1), 0.6);
        bench_race_end(all, 2);
    }
    float *owned[] = {s.key, s.query, s.value, s.beta, s.log_decay, s.S, s.S4, s.u, s.delta};
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++) free(owned[i]);
}

int main(int argc, char **argv)
{
    bench_options options = bench_parse(argc, argv);
    options.threads = 1;
    bench_report *report = bench_report_open("synres_step", &options);
    if (options.quick) {
        run_size(report, &options, 3, 16);
    } else {
        run_size(report, &options, 270, 64);
        run_size(report, &options, 270, 128);
    }
    return bench_report_close(report);
}
