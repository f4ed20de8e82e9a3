/* What does a step of training cost beside the same tokens' forward pass? One layer under the gated delta rule, without and with resonance. */
#include <stdio.h>
#include <stdlib.h>
#include <synres/synres.h>

#include "support/bench_check.h"
#include "support/bench_inputs.h"
#include "support/bench_report.h"

typedef struct training {
    synres_trainer *trainer;
    int64_t sequences, tokens;
    float *x, *y, *dy, *dx;
} training;

static void forward(void *arg)
{
    const training *t = arg;
    if (synres_trainer_forward(t->trainer, t->x, t->sequences, t->tokens, (float *const[]){t->y}, 0, 1)) exit(2);
}

static void whole_step(void *arg)
{
    const training *t = arg;
    forward(arg);
    if (synres_trainer_backward(t->trainer, (const float *const[]){t->dy}, t->dx, 0, 1) || synres_trainer_gradients(t->trainer, 0, 1) ||
        synres_trainer_step(t->trainer, 1e-6, 0, 1))
        exit(2);
}

static float *normal(uint64_t stream, int64_t n, float scale)
{
    float *x = bench_memory((size_t)n, sizeof *x);
    bench_normal(stream, n, x);
    for (int64_t i = 0; i < n; i++) x[i] *= scale;
    return x;
}

static synres_trainer *make(int64_t sequences, int64_t tokens, int64_t d_in, int64_t heads, int64_t d, bool resonant)
{
    synres_layer_weights w;
    synres_tap_weights tap;
    synres_train_options options;
    synres_trainer *trainer;
    if (synres_layer_weights_init(&w, sizeof w) || synres_tap_weights_init(&tap, sizeof tap) || synres_train_options_init(&options, sizeof options)) exit(2);
    w.d_in = d_in, w.heads = heads, w.d_key = w.d_value = d, w.taps = 1, w.tap = &tap;
    float *owned[] = {normal(1, heads * d * d_in, 0.1f), normal(2, heads * d * d_in, 0.1f), normal(3, heads * d * d_in, 0.1f), normal(4, heads * d_in, 0.1f),
                      normal(5, heads * d_in, 0.1f), normal(6, heads, 0.01f), normal(7, d_in * heads * d, 0.1f)};
    for (int64_t h = 0; h < heads; h++) owned[5][h] = 0.05f;
    w.A_key = owned[0], w.A_query = owned[1], w.A_value = owned[2], w.w_beta = owned[3], w.w_decay = owned[4], w.rate = owned[5];
    if (resonant) w.kappa_beta = w.kappa_decay = w.kappa_agreement = owned[5];
    tap.d_out = d_in, tap.B = owned[6];
    options.sequences = sequences, options.tokens = tokens;
    if (synres_trainer_create(NULL, &w, &options, &trainer)) exit(2);
    for (int i = 0; i < 7; i++) free(owned[i]);
    return trainer;
}

static void run_size(bench_report *report, const bench_options *options, int64_t sequences, int64_t tokens, int64_t d_in, int64_t heads, int64_t d, bool resonant)
{
    char name[96];
    snprintf(name, sizeof name, "d_in%d heads%d d%d, %d x %d tokens%s", (int)d_in, (int)heads, (int)d, (int)sequences, (int)tokens, resonant ? ", resonant" : "");
    if (!bench_wants(options, name)) return;
    const int64_t n = sequences * tokens * d_in;
    training t = {make(sequences, tokens, d_in, heads, d, resonant), sequences, tokens, normal(8, n, 1), normal(9, n, 1), normal(10, n, 1), normal(11, n, 1)};
    bench_contestant all[2] = {{.name = "forward", .run = forward, .blas_threads = 1}, {.name = "whole step", .run = whole_step, .blas_threads = 1}};
    bench_race(all, 2, &t, options->rounds, 1);
    bench_report_size(report, name, all, 2, (double)(sequences * tokens), "tokens");
    bench_report_figure(report, "whole step by forward", bench_ratio(all + 1, all));
    bench_race_end(all, 2);
    synres_trainer_destroy(t.trainer);
    free(t.x), free(t.y), free(t.dy), free(t.dx);
}

int main(int argc, char **argv)
{
    bench_options options = bench_parse(argc, argv);
    options.threads = 1;
    bench_report *report = bench_report_open("synres_train", &options);
    if (options.quick) {
        run_size(report, &options, 2, 10, 8, 1, 8, true);
    } else {
        run_size(report, &options, 32, 64, 128, 2, 64, false);
        run_size(report, &options, 32, 64, 128, 2, 64, true);
        run_size(report, &options, 8, 256, 128, 2, 64, false);
        run_size(report, &options, 32, 64, 64, 1, 32, false);
    }
    return bench_report_close(report);
}
