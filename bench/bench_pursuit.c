/* How fast are OMP and OLS, Gram matrix included, and how much of that is the one product with all atoms that nobody can do without? */
#include <math.h>
#include <string.h>

#include "support/bench_check.h"
#include "support/bench_inputs.h"
#include "support/bench_report.h"
#include "support/yardstick.h"

typedef struct question {
    int dim, atoms, k, rows;
} question;

typedef struct coding {
    question q;
    atoms_context *context;
    const atoms_dictionary *dictionary;
    float *atoms, *signals, *product;
} coding;

/* As a user does it: the plan is made, the signals run through it. */
static void pursue(const coding *c, int32_t rule)
{
    atoms_pursuit_opts opts;
    atoms_pursuit *pursuit;
    atoms_rows *rows;
    atoms_codes *codes;
    atoms_matrix x = atoms_matrix_f32(c->signals, c->q.rows, c->q.dim);
    CHECK(c->context, atoms_pursuit_opts_init(&opts, sizeof opts));
    opts.rule = rule;
    opts.max_atoms = c->q.k;
    CHECK(c->context, atoms_pursuit_create(c->context, c->dictionary, &opts, &pursuit));
    CHECK(c->context, atoms_rows_from_matrix(c->context, &x, &rows));
    CHECK(c->context, atoms_codes_create(c->context, c->q.atoms, &codes));
    CHECK(c->context, atoms_pursuit_run(pursuit, rows, codes, NULL));
    atoms_codes_destroy(codes);
    atoms_rows_destroy(rows);
    atoms_pursuit_destroy(pursuit);
}

static void pursue_ols(void *arg) { pursue(arg, ATOMS_PURSUIT_OLS); }
static void pursue_omp(void *arg) { pursue(arg, ATOMS_PURSUIT_OMP); }

static void multiply(void *arg)
{
    coding *c = arg;
    yardstick_sgemm(c->q.rows, c->q.atoms, c->q.dim, c->signals, c->atoms, 1, c->product);
}

/* Unit atoms; signals are sums of k of them with normal coefficients, and 1 % noise. */
static void make_inputs(coding *c)
{
    question q = c->q;
    float *a = bench_memory((size_t)q.k, sizeof *a);
    bench_normal(11, (int64_t)q.atoms * q.dim, c->atoms);
    for (int j = 0; j < q.atoms; j++) {
        float *row = c->atoms + (size_t)j * q.dim, squares = 0;
        for (int i = 0; i < q.dim; i++) squares += row[i] * row[i];
        for (int i = 0; i < q.dim; i++) row[i] /= sqrtf(squares);
    }
    bench_normal(12, (int64_t)q.rows * q.dim, c->signals);
    uint32_t state = 1;
    for (int r = 0; r < q.rows; r++) {
        float *x = c->signals + (size_t)r * q.dim;
        for (int i = 0; i < q.dim; i++) x[i] *= .01f * sqrtf((float)q.k / (float)q.dim);
        bench_normal(13 + (uint64_t)r, q.k, a);
        for (int k = 0; k < q.k; k++) {
            state = state * 1664525u + 1013904223u;
            const float *row = c->atoms + (size_t)(state >> 8) % (size_t)q.atoms * (size_t)q.dim;
            for (int i = 0; i < q.dim; i++) x[i] += a[k] * row[i];
        }
    }
    free(a);
}

static void run_size(bench_report *report, const bench_options *options, question q, const char *name)
{
    coding c = {.q = q, .context = bench_context(options->threads)};
    c.atoms = bench_memory((size_t)q.atoms * (size_t)q.dim, sizeof(float));
    c.signals = bench_memory((size_t)q.rows * (size_t)q.dim, sizeof(float));
    c.product = bench_memory((size_t)q.rows * (size_t)q.atoms, sizeof(float));
    make_inputs(&c);
    if (options->inputs) {
        char file[64];
        snprintf(file, sizeof file, "omp_%dx%d_X", q.dim, q.atoms);
        free(c.signals);
        c.signals = bench_read(c.context, options->inputs, file, q.rows, q.dim, ATOMS_F32);
        snprintf(file, sizeof file, "omp_%dx%d_D", q.dim, q.atoms);
        free(c.atoms);
        c.atoms = bench_read(c.context, options->inputs, file, q.atoms, q.dim, ATOMS_F32);
    }
    atoms_matrix by_row = atoms_matrix_f32(c.atoms, q.atoms, q.dim);
    atoms_dictionary *dictionary;
    CHECK(c.context, atoms_dictionary_create(c.context, &by_row, NULL, &dictionary));
    c.dictionary = dictionary;

    bench_contestant all[] = {{.name = "OLS", .run = pursue_ols, .blas_threads = 1},
                              {.name = "OMP", .run = pursue_omp, .blas_threads = 1},
                              {.name = "CBLAS, X Uᵀ alone", .run = multiply, .blas_threads = options->threads}};
    bench_race(all, 3, &c, options->rounds, options->threads);
    bench_report_size(report, name, all, 3, q.rows, "signals");
    bench_report_figure(report, "OLS, share of X Uᵀ", bench_ratio(all + 2, all));
    bench_report_at_least(report, "OMP by OLS, speed", bench_ratio(all, all + 1), 1);
    bench_race_end(all, 3);
    atoms_dictionary_destroy(dictionary);
    atoms_context_destroy(c.context);
    free(c.product);
    free(c.signals);
    free(c.atoms);
}

int main(int argc, char **argv)
{
    static const question real[] = {{64, 256, 10, 100000}, {576, 2304, 32, 20000}, {768, 12288, 32, 1000}}, tiny[] = {{16, 48, 4, 100}};
    bench_options options = bench_parse(argc, argv);
    bench_report *report = bench_report_open("pursuit", &options);
    for (int i = 0; i < (options.quick ? 1 : 3); i++) {
        question q = options.quick ? tiny[0] : real[i];
        char name[64];
        snprintf(name, sizeof name, "%dx%d k=%d", q.dim, q.atoms, q.k);
        if (bench_wants(&options, name)) run_size(report, &options, q, name);
    }
    return bench_report_close(report);
}
