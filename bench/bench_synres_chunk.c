/* Is the update by chunks faster than token after token? The gated delta rule over a long prefill, chunks of several lengths beside the step, which
 * works head after head, so that a head's state stays in the cache. */
#include <stdio.h>
#include <stdlib.h>
#include <synres/synres.h>

#include "support/bench_check.h"
#include "support/bench_inputs.h"
#include "support/bench_report.h"

enum { LENGTHS = 3 };
static const int64_t lengths[LENGTHS] = {16, 32, 64};

typedef struct prefill {
    synres_shape shape;
    synres_tokens_f32 tokens;
    float *key, *query, *value, *beta, *log_decay, *S, *u;
    void *memory;
    size_t bytes;
} prefill;

static void stepped(void *arg)
{
    const prefill *p = arg;
    if (synres_step_f32(&p->shape, &p->tokens, p->S, p->u, 0, 1)) exit(2);
}

static void chunked(const prefill *p, int64_t chunk)
{
    if (synres_chunk_f32(&p->shape, &p->tokens, p->S, p->u, chunk, p->memory, p->bytes, 0, 1)) exit(2);
}

static void chunked_16(void *arg) { chunked(arg, 16); }
static void chunked_32(void *arg) { chunked(arg, 32); }
static void chunked_64(void *arg) { chunked(arg, 64); }

static float *normal(uint64_t stream, int64_t n, float scale)
{
    float *x = aligned_alloc(64, ((size_t)n * sizeof *x + 63) / 64 * 64);
    if (!x) exit(2);
    bench_normal(stream, n, x);
    for (int64_t i = 0; i < n; i++) x[i] *= scale;
    return x;
}

static void run_size(bench_report *report, const bench_options *options, int64_t tokens, int64_t heads, int64_t d, bool channel, double bar)
{
    char name[64];
    snprintf(name, sizeof name, "d%d heads%d tokens%d%s", (int)d, (int)heads, (int)tokens, channel ? ", decay a channel" : "");
    if (!bench_wants(options, name)) return;
    prefill p = {0};
    if (synres_shape_init(&p.shape, sizeof p.shape) || synres_tokens_f32_init(&p.tokens, sizeof p.tokens)) exit(2);
    p.shape.heads = heads, p.shape.d_key = p.shape.d_value = d, p.shape.flags |= channel ? SYNRES_RULE_DECAY_CHANNEL : 0;
    const int64_t rows = tokens * heads, decays = rows * (channel ? d : 1);
    const float scale = 1.0f / (float)d;
    p.tokens.tokens = tokens;
    p.tokens.key = p.key = normal(1, rows * d, scale);
    p.tokens.query = p.query = normal(2, rows * d, scale);
    p.tokens.value = p.value = normal(3, rows * d, 1);
    p.tokens.beta = p.beta = bench_memory((size_t)rows, sizeof *p.beta);
    p.tokens.log_decay = p.log_decay = bench_memory((size_t)decays, sizeof *p.log_decay);
    for (int64_t i = 0; i < rows; i++) p.beta[i] = 0.5f;
    for (int64_t i = 0; i < decays; i++) p.log_decay[i] = -0.001f * (float)(1 + i % 7);
    p.S = normal(4, heads * d * d, 1);
    p.u = bench_memory((size_t)(rows * d), sizeof *p.u);
    if (synres_chunk_size_f32(&p.shape, &p.bytes)) exit(2);
    p.memory = bench_memory(1, p.bytes);
    bench_contestant all[1 + LENGTHS] = {{.name = "step", .run = stepped, .blas_threads = 1},
                                         {.name = "chunks of 16", .run = chunked_16, .blas_threads = 1},
                                         {.name = "chunks of 32", .run = chunked_32, .blas_threads = 1},
                                         {.name = "chunks of 64", .run = chunked_64, .blas_threads = 1}};
    bench_race(all, 1 + LENGTHS, &p, options->rounds, 1);
    bench_report_size(report, name, all, 1 + LENGTHS, (double)tokens, "tokens");
    for (int c = 0; c < LENGTHS; c++) {
        char ratio[40];
        snprintf(ratio, sizeof ratio, "chunks of %d by step", (int)lengths[c]);
        if (lengths[c] == 64 && bar > 0) bench_report_at_most(report, ratio, bench_ratio(all + 1 + c, all), bar);
        else bench_report_figure(report, ratio, bench_ratio(all + 1 + c, all));
    }
    bench_race_end(all, 1 + LENGTHS);
    float *owned[] = {p.key, p.query, p.value, p.beta, p.log_decay, p.S, p.u};
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++) free(owned[i]);
    free(p.memory);
}

int main(int argc, char **argv)
{
    bench_options options = bench_parse(argc, argv);
    options.threads = 1;
    bench_report *report = bench_report_open("synres_chunk", &options);
    if (options.quick) {
        run_size(report, &options, 40, 2, 16, false, 1);
    } else {
        run_size(report, &options, 512, 9, 64, false, 1);
        run_size(report, &options, 128, 270, 64, false, 1);
        run_size(report, &options, 512, 9, 128, false, 0);
        run_size(report, &options, 512, 9, 64, true, 0);
    }
    return bench_report_close(report);
}
