/* How much slower is encoding to sparse codes than its GEMM alone, and for one token than its GEMV alone? The yardstick is the faster of
 * the two orders in which W_enc can lie. A batch on one thread goes through atoms_sae_encode, on more through atoms_sae_encode_rows. */
#include "support/bench_check.h"
#include "support/bench_inputs.h"
#include "support/bench_report.h"
#include "support/yardstick.h"

typedef struct encoding {
    const bench_sae_inputs *in;
    const atoms_context *context;
    atoms_sae *sae;
    atoms_matrix x;
    atoms_matrix encoder; /* m × d */
    void *memory;
    atoms_sae_work *work;
    atoms_codes *codes;
    atoms_rows *rows;
    int64_t nnz;
    float *z;
} encoding;

static void encode_batch(void *arg)
{
    encoding *e = arg;
    atoms_codes_view codes;
    CHECK(e->context, atoms_sae_encode(e->sae, e->work, &e->x, &codes));
    e->nnz = codes.nnz;
}

static void encode_rows(void *arg)
{
    encoding *e = arg;
    atoms_codes_view codes;
    CHECK(e->context, atoms_codes_clear(e->codes));
    CHECK(e->context, atoms_sae_encode_rows(e->sae, e->rows, e->codes));
    CHECK(e->context, atoms_codes_look(e->codes, &codes));
    e->nnz = codes.nnz;
}

static void product_d_m(void *arg)
{
    const encoding *e = arg;
    bench_sae_size s = e->in->size;
    if (s.rows == 1) yardstick_sgemv(s.d, s.m, e->in->w_enc, e->in->x, 1, e->z);
    else yardstick_sgemm(s.rows, s.m, s.d, e->in->x, e->in->w_enc, 0, e->z);
}

static void product_m_d(void *arg)
{
    const encoding *e = arg;
    bench_sae_size s = e->in->size;
    if (s.rows == 1) yardstick_sgemv(s.m, s.d, e->encoder.data, e->in->x, 0, e->z);
    else yardstick_sgemm(s.rows, s.m, s.d, e->in->x, e->encoder.data, 1, e->z);
}

static void prepare(encoding *e, atoms_context *context)
{
    bench_sae_size s = e->in->size;
    size_t bytes;
    e->context = context;
    e->sae = bench_sae_create(context, e->in);
    e->x = atoms_matrix_f32(e->in->x, s.rows, s.d);
    e->z = bench_memory((size_t)s.rows * (size_t)s.m, sizeof *e->z);
    CHECK(context, atoms_sae_encoder(e->sae, &e->encoder));
    CHECK(context, atoms_sae_work_size(e->sae, s.rows, &bytes));
    e->memory = bench_memory(bytes, 1);
    CHECK(context, atoms_sae_work_init(e->sae, e->memory, bytes, &e->work));
    CHECK(context, atoms_rows_from_matrix(context, &e->x, &e->rows));
    CHECK(context, atoms_codes_create(context, s.m, &e->codes));
}

static void release(encoding *e)
{
    atoms_codes_destroy(e->codes);
    atoms_rows_destroy(e->rows);
    atoms_sae_destroy(e->sae);
    free(e->memory);
    free(e->z);
}

static void run_size(bench_report *report, const bench_options *options, bench_sae_size size)
{
    int threads = size.rows == 1 ? 1 : options->threads;
    atoms_context *context = bench_context(threads);
    bench_sae_inputs in = bench_sae_make(context, options, size);
    encoding e = {.in = &in};
    prepare(&e, context);
    bench_contestant all[] = {{.name = "encode", .run = threads == 1 ? encode_batch : encode_rows, .blas_threads = 1},
                              {.name = "CBLAS alone, W_enc as d × m", .run = product_d_m, .blas_threads = threads},
                              {.name = "CBLAS alone, W_enc as m × d", .run = product_m_d, .blas_threads = threads}};
    uint64_t allocations = bench_allocations(context);
    bench_race(all, 3, &e, options->rounds, options->threads);
    allocations = bench_allocations(context) - allocations;
    bench_report_size(report, in.name, all, 3, size.rows, "tokens");
    bench_report_at_most(report, "encode by its product alone", bench_ratio(all, bench_faster(all + 1, all + 2)), 1.1);
    bench_report_figure(report, "L0", (double)e.nnz / size.rows);
    if (threads == 1) bench_report_at_most(report, "allocations", (double)allocations, 0);
    bench_race_end(all, 3);
    release(&e);
    bench_sae_free(&in);
    atoms_context_destroy(context);
}

int main(int argc, char **argv)
{
    static const bench_sae_size real[] = {{576, 4608, 4096, 64}, {576, 4608, 256, 64}, {576, 4608, 1, 64},
                                          {2304, 16384, 4096, 100}, {2304, 16384, 1, 100}};
    static const bench_sae_size tiny[] = {{24, 96, 40, 8}, {24, 96, 1, 8}};
    bench_options options = bench_parse(argc, argv);
    bench_report *report = bench_report_open("encode", &options);
    const bench_sae_size *sizes = options.quick ? tiny : real;
    for (int i = 0; i < (options.quick ? 2 : 5); i++) {
        char name[64];
        bench_sae_name(sizes[i], name);
        if (bench_wants(&options, name)) run_size(report, &options, sizes[i]);
    }
    return bench_report_close(report);
}
