/* How fast are the moments E[k kᵀ] of f16 rows summed in f64? The yardstick is the CBLAS's dsyrk alone on rows that are f64 already: it
 * neither widens nor looks for NaN nor sums what Ledoit–Wolf needs. */
#include "support/bench_check.h"
#include "support/bench_inputs.h"
#include "support/bench_report.h"
#include "support/yardstick.h"

enum { BLOCK = 8192 };

typedef struct summing {
    const atoms_context *context;
    atoms_moments *moments;
    atoms_matrix rows; /* f16 */
    double *block;     /* BLOCK × d, any numbers */
    double *outer;
} summing;

static void add(void *arg)
{
    const summing *s = arg;
    CHECK(s->context, atoms_moments_add(s->moments, &s->rows));
}

static void rank_k_updates(void *arg)
{
    const summing *s = arg;
    for (int64_t done = 0; done < s->rows.rows; done += BLOCK) {
        int64_t rest = s->rows.rows - done;
        yardstick_dsyrk((int)s->rows.cols, (int)(rest < BLOCK ? rest : BLOCK), s->block, s->outer);
    }
}

/* f16 numbers between 1/8 and 4, of either sign. */
static uint16_t *half_numbers(int64_t n)
{
    uint16_t *out = bench_memory((size_t)n, sizeof *out);
    uint64_t state = 1;
    for (int64_t i = 0; i < n; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        uint64_t bits = state >> 32;
        out[i] = (uint16_t)((bits & 0x83FF) | (12 + (bits >> 16) % 5) << 10);
    }
    return out;
}

static void run_size(bench_report *report, const bench_options *options, int64_t n, int64_t d, const char *name)
{
    atoms_context *context = bench_context(options->threads);
    void *rows = options->inputs ? bench_read(context, options->inputs, "moments_K_f16", n, d, ATOMS_F16) : half_numbers(n * d);
    summing s = {.context = context, .rows = atoms_matrix_view(rows, n, d, ATOMS_F16)};
    s.block = bench_memory((size_t)(BLOCK * d), sizeof *s.block);
    s.outer = bench_memory((size_t)(d * d), sizeof *s.outer);
    for (int64_t i = 0; i < BLOCK * d; i++) s.block[i] = (double)(i % 1000) / 1000 - 0.5;
    CHECK(context, atoms_moments_create(context, d, &s.moments));
    bench_contestant all[] = {{.name = "moments of f16 rows, f64", .run = add, .blas_threads = 1},
                              {.name = "CBLAS alone, dsyrk of f64 rows", .run = rank_k_updates, .blas_threads = options->threads}};
    bench_race(all, 2, &s, options->rounds, options->threads);
    bench_report_size(report, name, all, 2, (double)n, "rows");
    bench_report_figure(report, "moments by dsyrk alone", bench_ratio(all, all + 1));
    bench_race_end(all, 2);
    atoms_moments_destroy(s.moments);
    free(s.outer);
    free(s.block);
    free(rows);
    atoms_context_destroy(context);
}

int main(int argc, char **argv)
{
    bench_options options = bench_parse(argc, argv);
    bench_report *report = bench_report_open("moments", &options);
    const char *name = options.quick ? "300x24 f16" : "200000x576 f16";
    if (bench_wants(&options, name)) run_size(report, &options, options.quick ? 300 : 200000, options.quick ? 24 : 576, name);
    return bench_report_close(report);
}
