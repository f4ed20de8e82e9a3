/* How much faster is decoding from sparse codes than the dense product? On one thread, as atoms_sae_decode is. */
#include "support/bench_check.h"
#include "support/bench_inputs.h"
#include "support/bench_report.h"
#include "support/yardstick.h"

typedef struct decoding {
    const bench_sae_inputs *in;
    const atoms_context *context;
    atoms_sae *sae;
    atoms_codes_view codes;
    atoms_matrix out;
    float *dense; /* rows × m */
} decoding;

static void decode(void *arg)
{
    const decoding *d = arg;
    CHECK(d->context, atoms_sae_decode(d->sae, &d->codes, &d->out));
}

static void dense_product(void *arg)
{
    const decoding *d = arg;
    bench_sae_size s = d->in->size;
    if (s.rows == 1) yardstick_sgemv(s.m, s.d, d->in->w_dec, d->dense, 1, d->out.data);
    else yardstick_sgemm(s.rows, s.d, s.m, d->dense, d->in->w_dec, 0, d->out.data);
}

static void run_size(bench_report *report, const bench_options *options, bench_sae_size s)
{
    atoms_context *context = bench_context(1);
    bench_sae_inputs in = bench_sae_make(context, options, s);
    decoding d = {.in = &in, .context = context, .sae = bench_sae_create(context, &in)};
    atoms_matrix x = atoms_matrix_f32(in.x, s.rows, s.d);
    size_t bytes;
    atoms_sae_work *work;
    CHECK(context, atoms_sae_work_size(d.sae, s.rows, &bytes));
    void *memory = bench_memory(bytes, 1);
    CHECK(context, atoms_sae_work_init(d.sae, memory, bytes, &work));
    CHECK(context, atoms_sae_encode(d.sae, work, &x, &d.codes));
    d.out = atoms_matrix_f32(bench_memory((size_t)s.rows * (size_t)s.d, sizeof(float)), s.rows, s.d);
    d.dense = bench_memory((size_t)s.rows * (size_t)s.m, sizeof *d.dense);
    atoms_matrix dense = atoms_matrix_f32(d.dense, s.rows, s.m);
    CHECK(context, atoms_codes_dense(context, &d.codes, &dense));

    bench_contestant all[] = {{.name = "decode from codes", .run = decode, .blas_threads = 1},
                              {.name = "CBLAS, dense", .run = dense_product, .blas_threads = 1}};
    bench_race(all, 2, &d, options->rounds, 1);
    bench_report_size(report, in.name, all, 2, s.rows, "tokens");
    bench_report_at_least(report, "dense by decode from codes", bench_ratio(all + 1, all), 10);
    bench_report_figure(report, "L0", (double)d.codes.nnz / s.rows);
    bench_race_end(all, 2);
    free(d.dense);
    free(d.out.data);
    free(memory);
    atoms_sae_destroy(d.sae);
    bench_sae_free(&in);
    atoms_context_destroy(context);
}

int main(int argc, char **argv)
{
    static const bench_sae_size real[] = {{576, 4608, 4096, 64}, {576, 4608, 1, 64}, {2304, 16384, 4096, 100}, {2304, 16384, 1, 100}};
    static const bench_sae_size tiny[] = {{24, 96, 40, 8}, {24, 96, 1, 8}};
    bench_options options = bench_parse(argc, argv);
    options.threads = 1;
    bench_report *report = bench_report_open("decode", &options);
    const bench_sae_size *sizes = options.quick ? tiny : real;
    for (int i = 0; i < (options.quick ? 2 : 4); i++) {
        char name[64];
        bench_sae_name(sizes[i], name);
        if (bench_wants(&options, name)) run_size(report, &options, sizes[i]);
    }
    return bench_report_close(report);
}
