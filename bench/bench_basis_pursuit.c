/* What does the shortest code of a signal cost, proof included? BP of signals that are combinations of k atoms, BPDN of signals with noise, by the
 * default solver, and BP by alternating directions; beside the product of all signals with all atoms, which is the least anybody must do. */
#include <math.h>

#include "support/bench_check.h"
#include "support/bench_inputs.h"
#include "support/bench_report.h"
#include "support/yardstick.h"

typedef struct question {
    const char *name;
    int dim, atoms, k, rows, rows_admm;
} question;

typedef struct pursuit { /* one plan with its signals */
    atoms_basis_pursuit *plan;
    atoms_basis_pursuit_work *work;
    void *memory;
    atoms_matrix x;
    atoms_codes_view codes;
    atoms_code_record *records;
} pursuit;

typedef struct race {
    const question *q;
    const atoms_context *context;
    float *atoms, *product;
    pursuit bp, bpdn, admm;
} race;

static void solve(const race *a, pursuit *p)
{
    CHECK(a->context, atoms_basis_pursuit_batch(p->plan, p->work, &p->x, &p->codes, p->records));
}

static void solve_bp(void *arg) { solve(arg, &((race *)arg)->bp); }
static void solve_bpdn(void *arg) { solve(arg, &((race *)arg)->bpdn); }
static void solve_admm(void *arg) { solve(arg, &((race *)arg)->admm); }

static void product(void *arg)
{
    race *a = arg;
    yardstick_sgemm(a->q->rows, a->q->atoms, a->q->dim, a->bp.x.data, a->atoms, 1, a->product);
}

static float *unit_atoms(atoms_context *context, const bench_options *options, const question *q)
{
    char name[64];
    snprintf(name, sizeof name, "bp_%dx%d_D", q->dim, q->atoms);
    if (options->inputs) return bench_read(context, options->inputs, name, q->atoms, q->dim, ATOMS_F32);
    float *atoms = bench_memory((size_t)(q->atoms * q->dim), sizeof *atoms);
    bench_normal(7, q->atoms * q->dim, atoms);
    for (int j = 0; j < q->atoms; j++) {
        float *row = atoms + j * q->dim, squares = 0;
        for (int i = 0; i < q->dim; i++) squares += row[i] * row[i];
        for (int i = 0; i < q->dim; i++) row[i] /= sqrtf(squares);
    }
    return atoms;
}

/* Combinations of k atoms with Gaussian values, and noise of length ½ % of theirs or none. */
static float *signals(atoms_context *context, const bench_options *options, const question *q, const float *atoms, int noisy)
{
    char name[64];
    snprintf(name, sizeof name, "%s_%dx%d_X", noisy ? "bpdn" : "bp", q->dim, q->atoms);
    if (options->inputs) return bench_read(context, options->inputs, name, q->rows, q->dim, ATOMS_F32);
    float *x = bench_memory((size_t)(q->rows * q->dim), sizeof *x), *values = bench_memory((size_t)(q->rows * (q->k + q->dim)), sizeof *values);
    bench_normal(8, q->rows * (q->k + q->dim), values);
    for (int r = 0; r < q->rows; r++) {
        float *row = x + r * q->dim, *value = values + r * (q->k + q->dim);
        double length = 0;
        for (int e = 0; e < q->k; e++) {
            int j = (int)((r * 7919LL + e * (q->atoms / q->k) + r % (e + 3)) % q->atoms);
            for (int i = 0; i < q->dim; i++) row[i] += value[e] * atoms[j * q->dim + i];
        }
        for (int i = 0; i < q->dim; i++) length += (double)row[i] * (double)row[i];
        for (int i = 0; i < q->dim && noisy; i++) row[i] += (float)(0.005 * sqrt(length / q->dim)) * value[q->k + i];
    }
    free(values);
    return x;
}

static pursuit prepare(atoms_context *context, const atoms_dictionary *dictionary, const float *x, int rows, int dim, int32_t solver, double sigma_rel)
{
    pursuit p = {.x = atoms_matrix_f32(x, rows, dim), .records = bench_memory((size_t)rows, sizeof *p.records)};
    atoms_basis_pursuit_opts opts;
    size_t bytes;
    CHECK(context, atoms_basis_pursuit_opts_init(&opts, sizeof opts));
    opts.solver = solver;
    opts.sigma_rel = sigma_rel;
    CHECK(context, atoms_basis_pursuit_create(context, dictionary, &opts, &p.plan));
    CHECK(context, atoms_basis_pursuit_work_size(p.plan, rows, &bytes));
    p.memory = bench_memory(bytes, 1);
    CHECK(context, atoms_basis_pursuit_work_init(p.plan, p.memory, bytes, &p.work));
    return p;
}

static void finish(bench_report *report, const char *name, pursuit *p)
{
    char words[64];
    double gap = 0;
    int64_t proved = 0;
    for (int64_t r = 0; r < p->x.rows; r++) {
        proved += p->records[r].status == ATOMS_CODE_CONVERGED;
        gap = fmax(gap, p->records[r].gap / p->records[r].objective);
    }
    snprintf(words, sizeof words, "%s: share proved", name);
    bench_report_figure(report, words, (double)proved / (double)p->x.rows);
    snprintf(words, sizeof words, "%s: largest relative gap", name);
    bench_report_figure(report, words, gap);
    free(p->records);
    free(p->memory);
    atoms_basis_pursuit_destroy(p->plan);
}

static void run(bench_report *report, const bench_options *options, const question *q)
{
    atoms_context *context = bench_context(1);
    race a = {.q = q, .context = context, .atoms = unit_atoms(context, options, q)};
    float *x = signals(context, options, q, a.atoms, 0), *noisy = signals(context, options, q, a.atoms, 1);
    atoms_matrix m = atoms_matrix_f32(a.atoms, q->atoms, q->dim);
    atoms_dictionary *dictionary;
    CHECK(context, atoms_dictionary_create(context, &m, NULL, &dictionary));
    a.product = bench_memory((size_t)(q->rows * q->atoms), sizeof *a.product);
    a.bp = prepare(context, dictionary, x, q->rows, q->dim, ATOMS_BASIS_PURSUIT_AUTO, 0);
    a.bpdn = prepare(context, dictionary, noisy, q->rows, q->dim, ATOMS_BASIS_PURSUIT_AUTO, 0.01);
    a.admm = prepare(context, dictionary, x, q->rows_admm, q->dim, ATOMS_BASIS_PURSUIT_ADMM, 0);
    bench_contestant all[] = {{.name = "BP", .run = solve_bp, .blas_threads = 1},
                              {.name = "BPDN", .run = solve_bpdn, .blas_threads = 1},
                              {.name = "CBLAS alone, x times D", .run = product, .blas_threads = 1}};
    bench_contestant slow = {.name = "BP by ADMM", .run = solve_admm, .blas_threads = 1};
    bench_race(all, 3, &a, options->rounds, 1);
    bench_race(&slow, 1, &a, options->rounds, 1);
    bench_report_size(report, q->name, all, 3, q->rows, "signals");
    bench_report_figure(report, "BP by products", bench_ratio(all, all + 2));
    bench_report_figure(report, "BP by ADMM, signals/s", q->rows_admm / slow.seconds);
    finish(report, "BP", &a.bp);
    finish(report, "BPDN", &a.bpdn);
    finish(report, "ADMM", &a.admm);
    bench_race_end(all, 3);
    bench_race_end(&slow, 1);
    free(a.product);
    free(x), free(noisy), free(a.atoms);
    atoms_dictionary_destroy(dictionary);
    atoms_context_destroy(context);
}

int main(int argc, char **argv)
{
    static const question questions[] = {{"64x256 k=10", 64, 256, 10, 400, 64}, {"256x1024 k=32", 256, 1024, 32, 400, 32}};
    static const question quick = {"16x48 k=2", 16, 48, 2, 20, 4};
    bench_options options = bench_parse(argc, argv);
    options.threads = 1;
    bench_report *report = bench_report_open("basis_pursuit", &options);
    if (options.quick && bench_wants(&options, quick.name)) run(report, &options, &quick);
    for (size_t i = 0; !options.quick && i < sizeof questions / sizeof *questions; i++)
        if (bench_wants(&options, questions[i].name)) run(report, &options, &questions[i]);
    return bench_report_close(report);
}
