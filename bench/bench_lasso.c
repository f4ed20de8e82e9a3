/* How many signals a second does the lasso code, and how good are the codes? Signals and atoms are those of the peers' harness (against_peers.py
 * and its like save them as lasso_MxN_D.npy and lasso_MxN_X.npy) or made here in the same way; the ratio that is judged here is to the one
 * product of all signals with all atoms that no method can do without. Gaps are the largest of a batch, relative to ½‖x‖². Plans are
 * made inside the clock, their Gram matrix included. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "support/bench_check.h"
#include "support/bench_inputs.h"
#include "support/bench_report.h"
#include "support/yardstick.h"

typedef struct lasso_size {
    const char *name; /* as the peers' harness has it */
    int m, n, rows;
    double lambda; /* on signals with λ_max = 1, or of length 1 where there are 200 atoms */
} lasso_size;

typedef struct coding {
    lasso_size size;
    atoms_context *context;
    atoms_dictionary *dictionary;
    float *d, *x, *z; /* n × m, rows × m, rows × n */
    double tol, gap;
    atoms_rows *rows;
    atoms_codes *codes;
    atoms_code_record *records;
    int64_t nnz;
} coding;

static void code(coding *c, double tol)
{
    atoms_lasso_opts opts;
    atoms_lasso *lasso;
    atoms_codes_view view;
    CHECK(c->context, atoms_lasso_opts_init(&opts, sizeof opts));
    opts.lambda = c->size.lambda;
    opts.tol = tol;
    CHECK(c->context, atoms_lasso_create(c->context, c->dictionary, &opts, &lasso));
    CHECK(c->context, atoms_codes_clear(c->codes));
    CHECK(c->context, atoms_lasso_run(lasso, c->rows, c->codes, c->records));
    CHECK(c->context, atoms_codes_look(c->codes, &view));
    atoms_lasso_destroy(lasso);
    c->nnz = view.nnz;
    c->gap = 0;
    for (int r = 0; r < c->size.rows; r++) c->gap = fmax(c->gap, c->records[r].gap / (.5 * c->records[r].norm * c->records[r].norm));
}

static void loose(void *arg) { code(arg, 5e-4); }
static void tight(void *arg) { code(arg, 1e-6); }

static void product(void *arg)
{
    const coding *c = arg;
    yardstick_sgemm(c->size.rows, c->size.n, c->size.m, c->x, c->d, 1, c->z);
}

static void unit_rows(float *x, int64_t rows, int64_t cols)
{
    for (int64_t r = 0; r < rows; r++) {
        double sum = 0;
        for (int64_t i = 0; i < cols; i++) sum += (double)x[r * cols + i] * (double)x[r * cols + i];
        for (int64_t i = 0; i < cols; i++) x[r * cols + i] = (float)((double)x[r * cols + i] / sqrt(sum));
    }
}

/* Gaussian atoms; Gaussian signals of length 1, or sums of 32 atoms with λ_max = 1. */
static void make_inputs(coding *c, const bench_options *options)
{
    int64_t m = c->size.m, n = c->size.n, rows = c->size.rows;
    char name[64];
    if (options->inputs) {
        snprintf(name, sizeof name, "lasso_%dx%d_D", c->size.m, c->size.n);
        c->d = bench_read(c->context, options->inputs, name, n, m, ATOMS_F32);
        snprintf(name, sizeof name, "lasso_%dx%d_X", c->size.m, c->size.n);
        c->x = bench_read(c->context, options->inputs, name, rows, m, ATOMS_F32);
        return;
    }
    c->d = bench_memory((size_t)(n * m), sizeof *c->d);
    c->x = bench_memory((size_t)(rows * m), sizeof *c->x);
    bench_normal(1, n * m, c->d);
    bench_normal(2, rows * m, c->x);
    unit_rows(c->d, n, m);
    unit_rows(c->x, rows, m);
    if (n <= 200) return;
    float *value = bench_memory((size_t)(rows * 32), sizeof *value);
    bench_normal(3, rows * 32, value);
    for (int64_t r = 0; r < rows; r++) {
        float *x = c->x + r * m;
        double largest = 0;
        for (int64_t i = 0; i < m; i++) x[i] *= .05f;
        for (int64_t k = 0; k < 32; k++)
            for (int64_t i = 0; i < m; i++) x[i] += value[r * 32 + k] * c->d[(r * 37 + k * 71) % n * m + i];
        for (int64_t j = 0; j < n; j++) {
            double sum = 0;
            for (int64_t i = 0; i < m; i++) sum += (double)x[i] * (double)c->d[j * m + i];
            largest = fmax(largest, fabs(sum));
        }
        for (int64_t i = 0; i < m; i++) x[i] = (float)((double)x[i] / largest);
    }
    free(value);
}

static void run_size(bench_report *report, const bench_options *options, lasso_size size)
{
    coding c = {.size = size, .context = bench_context(options->threads)};
    make_inputs(&c, options);
    atoms_matrix d = atoms_matrix_f32(c.d, size.n, size.m), x = atoms_matrix_f32(c.x, size.rows, size.m);
    c.z = bench_memory((size_t)size.rows * (size_t)size.n, sizeof *c.z);
    c.records = bench_memory((size_t)size.rows, sizeof *c.records);
    CHECK(c.context, atoms_dictionary_create(c.context, &d, NULL, &c.dictionary));
    CHECK(c.context, atoms_rows_from_matrix(c.context, &x, &c.rows));
    CHECK(c.context, atoms_codes_create(c.context, size.n, &c.codes));
    bench_contestant all[] = {{.name = "lasso, tol 5e-4", .run = loose, .blas_threads = 1},
                              {.name = "lasso, tol 1e-6", .run = tight, .blas_threads = 1},
                              {.name = "CBLAS: the one product", .run = product, .blas_threads = options->threads}};
    bench_race(all, 3, &c, options->rounds, options->threads);
    bench_report_size(report, size.name, all, 3, size.rows, "signals");
    loose(&c);
    bench_report_figure(report, "largest gap at tol 5e-4", c.gap);
    tight(&c);
    bench_report_figure(report, "largest gap at tol 1e-6", c.gap);
    bench_report_figure(report, "L0", (double)c.nnz / size.rows);
    bench_race_end(all, 3);
    atoms_codes_destroy(c.codes);
    atoms_rows_destroy(c.rows);
    atoms_dictionary_destroy(c.dictionary);
    free(c.records);
    free(c.z);
    free(c.x);
    free(c.d);
    atoms_context_destroy(c.context);
}

int main(int argc, char **argv)
{
    static const lasso_size real[] = {{"100x200 lam=.15", 100, 200, 20000, .15}, {"576x2304 lam_rel=.1", 576, 2304, 2000, .1}, {"576x9216 lam_rel=.1", 576, 9216, 200, .1}};
    static const lasso_size tiny[] = {{"20x50 lam=.15", 20, 50, 100, .15}};
    bench_options options = bench_parse(argc, argv);
    bench_report *report = bench_report_open("lasso", &options);
    for (int i = 0; i < (options.quick ? 1 : 3); i++) {
        lasso_size size = options.quick ? tiny[i] : real[i];
        if (bench_wants(&options, size.name)) run_size(report, &options, size);
    }
    return bench_report_close(report);
}
