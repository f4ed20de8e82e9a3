/* How much of a training step is its encoder GEMM, and does that GEMM run as fast as the CBLAS can at that shape? The step is
 * atoms_trainer_step on one batch again and again; the GEMM of the batch is timed beside it, whole (in the faster of the two orders in
 * which W_enc can lie) and in the library's tiles. What remains of a step beyond the tiles is everything else. */
#include <math.h>

#include "support/bench_check.h"
#include "support/bench_inputs.h"
#include "support/bench_report.h"
#include "support/yardstick.h"

typedef struct training {
    const bench_sae_inputs *in;
    const atoms_context *context;
    int threads;
    atoms_trainer *trainer;
    atoms_matrix batch;
    double l0, mse; /* sums over the steps */
    int64_t steps;
    float *z;
} training;

static void step(void *arg)
{
    training *t = arg;
    atoms_train_stats stats;
    CHECK(t->context, atoms_train_stats_init(&stats, sizeof stats));
    CHECK(t->context, atoms_trainer_step(t->trainer, &t->batch, &stats));
    t->l0 += stats.l0;
    t->mse += stats.mse;
    t->steps++;
}

static void product_d_m(void *arg)
{
    const training *t = arg;
    yardstick_sgemm(t->in->size.rows, t->in->size.m, t->in->size.d, t->in->x, t->in->w_enc, 0, t->z);
}

static void product_m_d(void *arg)
{
    const training *t = arg;
    yardstick_sgemm(t->in->size.rows, t->in->size.m, t->in->size.d, t->in->x, t->in->w_dec, 1, t->z);
}

static void product_in_tiles(void *arg)
{
    const training *t = arg;
    yardstick_sgemm_tiles(t->in->size.rows, t->in->size.m, t->in->size.d, t->in->x, t->in->w_dec, t->threads);
}

/* A trainer that starts at the size's L0 and stays there, with the peers' rate and their window of 0.05 standard deviations of a unit row's
 * projection. */
static void start(training *t, atoms_context *context)
{
    bench_sae_size s = t->in->size;
    atoms_train_opts opts;
    CHECK(context, atoms_train_opts_init(&opts, sizeof opts));
    opts.width = s.m;
    opts.batch = s.rows;
    opts.steps = 1000000; /* no decay while we look */
    opts.target_l0 = opts.start_l0 = s.l0;
    opts.learning_rate = 1e-4;
    opts.bandwidth = 0.05 / sqrt(s.d);
    CHECK(context, atoms_trainer_create(context, s.d, &opts, &t->trainer));
}

static void run_size(bench_report *report, const bench_options *options, bench_sae_size s)
{
    atoms_context *context = bench_context(options->threads);
    bench_sae_inputs in = bench_sae_make(context, options, s);
    training t = {.in = &in, .context = context, .threads = options->threads, .batch = atoms_matrix_f32(in.x, s.rows, s.d)};
    t.z = bench_memory((size_t)s.rows * (size_t)s.m, sizeof *t.z);
    start(&t, context);
    bench_contestant all[] = {{.name = "train step", .run = step, .blas_threads = 1},
                              {.name = "CBLAS alone, W_enc as d × m", .run = product_d_m, .blas_threads = options->threads},
                              {.name = "CBLAS alone, W_enc as m × d", .run = product_m_d, .blas_threads = options->threads},
                              {.name = "CBLAS alone, in the library's tiles", .run = product_in_tiles, .blas_threads = 1}};
    bench_race(all, 4, &t, options->rounds, options->threads);
    bench_report_size(report, in.name, all, 4, s.rows, "tokens");
    bench_report_figure(report, "share of the step in its GEMM", bench_ratio(all + 3, all));
    bench_report_at_least(report, "speed of that GEMM by CBLAS's own", bench_ratio(bench_faster(all + 1, all + 2), all + 3), 0.9);
    bench_report_figure(report, "L0, mean of the steps", t.l0 / (double)t.steps);
    bench_report_figure(report, "mse, mean of the steps", t.mse / (double)t.steps);
    bench_race_end(all, 4);
    atoms_trainer_destroy(t.trainer);
    free(t.z);
    bench_sae_free(&in);
    atoms_context_destroy(context);
}

int main(int argc, char **argv)
{
    static const bench_sae_size real[] = {{576, 4608, 1024, 64}, {576, 4608, 4096, 64}, {2304, 16384, 2048, 100}};
    static const bench_sae_size tiny[] = {{24, 96, 64, 8}};
    bench_options options = bench_parse(argc, argv);
    bench_report *report = bench_report_open("train_step", &options);
    const bench_sae_size *sizes = options.quick ? tiny : real;
    for (int i = 0; i < (options.quick ? 1 : 3); i++) {
        char name[64];
        bench_sae_name(sizes[i], name);
        if (bench_wants(&options, name)) run_size(report, &options, sizes[i]);
    }
    return bench_report_close(report);
}
