/* What does an exact restricted isometry constant cost? The unit is one f32 product of the atoms with their transpose, by the CBLAS alone, on
 * the same threads in the same run: nobody can bound anything for less. Inputs: Gaussian atoms made here, or (--inputs DIR) the
 * matrices of tests/golden/make_rip.py --matrices, of which docs/rip.md quotes the constants. */
#include "support/bench_check.h"
#include "support/bench_inputs.h"
#include "support/bench_report.h"
#include "support/yardstick.h"

typedef struct question {
    const char *name;
    int64_t dim, atoms, order;
    double bar; /* units */
} question;

typedef struct asking {
    const atoms_context *context;
    const atoms_dictionary *dictionary;
    int64_t order;
    atoms_rip *rip;
    const float *rows;
    float *product;
    int64_t dim, atoms;
} asking;

static void estimate(void *arg)
{
    asking *a = arg;
    atoms_rip_opts opts;
    CHECK(a->context, atoms_rip_opts_init(&opts, sizeof opts));
    opts.seconds = 0;
    atoms_rip_destroy(a->rip);
    CHECK(a->context, atoms_rip_create(a->dictionary, &a->order, 1, &opts, &a->rip));
}

/* The orders below K are known on the way: all of them have to be exact. */
static void report_intervals(bench_report *report, const asking *a)
{
    double exact = 0, widest = 0;
    for (int64_t k = 2; k <= a->order; k++) {
        atoms_rip_report r;
        char name[32];
        CHECK(a->context, atoms_rip_report_init(&r, sizeof r));
        CHECK(a->context, atoms_rip_describe(a->rip, k, &r));
        snprintf(name, sizeof name, "delta_%d", (int)k);
        bench_report_figure(report, name, r.lower);
        exact += r.exact;
        if (r.upper - r.lower > widest) widest = r.upper - r.lower;
    }
    bench_report_at_least(report, "orders from 2 on that are exact", exact, (double)(a->order - 1));
    bench_report_at_most(report, "widest interval, by 1e-9", widest * 1e9, 1);
}

static void product(void *arg)
{
    const asking *a = arg;
    yardstick_sgemm((int)a->atoms, (int)a->atoms, (int)a->dim, a->rows, a->rows, 1, a->product);
}

static float *rows_of(atoms_context *context, const bench_options *options, const question *q)
{
    char name[64];
    snprintf(name, sizeof name, "rip_%lldx%lld", (long long)q->dim, (long long)q->atoms);
    if (options->inputs) return bench_read(context, options->inputs, name, q->atoms, q->dim, ATOMS_F32);
    float *rows = bench_memory((size_t)(q->atoms * q->dim), sizeof *rows);
    bench_normal(6, q->atoms * q->dim, rows);
    return rows;
}

static void run(bench_report *report, const bench_options *options, const question *q)
{
    atoms_context *context = bench_context(options->threads);
    float *rows = rows_of(context, options, q);
    atoms_matrix m = atoms_matrix_f32(rows, q->atoms, q->dim);
    atoms_dictionary *dictionary;
    CHECK(context, atoms_dictionary_create(context, &m, NULL, &dictionary));
    asking a = {.context = context, .dictionary = dictionary, .order = q->order, .rows = rows, .dim = q->dim, .atoms = q->atoms};
    a.product = bench_memory((size_t)(q->atoms * q->atoms), sizeof *a.product);
    bench_contestant all[] = {{.name = "delta_K, exact", .run = estimate, .blas_threads = 1},
                              {.name = "CBLAS alone, one f32 Gram product", .run = product, .blas_threads = options->threads}};
    bench_race(all, 2, &a, options->rounds, options->threads);
    bench_report_size(report, q->name, all, 2, 1, "constants");
    bench_report_at_most(report, "exact constant by Gram products", bench_ratio(all, all + 1), q->bar);
    report_intervals(report, &a);
    bench_race_end(all, 2);
    free(a.product);
    free(rows);
    atoms_rip_destroy(a.rip);
    atoms_dictionary_destroy(dictionary);
    atoms_context_destroy(context);
}

int main(int argc, char **argv)
{
    static const question questions[] = {
        {"576x2304 K6", 576, 2304, 6, 300}, {"576x2304 K8", 576, 2304, 8, 8000}, {"2304x9216 K4", 2304, 9216, 4, 10}};
    static const question quick = {"64x256 K4", 64, 256, 4, 300};
    bench_options options = bench_parse(argc, argv);
    bench_report *report = bench_report_open("rip", &options);
    if (options.quick && bench_wants(&options, quick.name)) run(report, &options, &quick);
    for (size_t i = 0; !options.quick && i < sizeof questions / sizeof *questions; i++)
        if (bench_wants(&options, questions[i].name)) run(report, &options, &questions[i]);
    return bench_report_close(report);
}
