/* What all figures of a dictionary's geometry cost, in units of one Gram product in f32 by the bare CBLAS; and what is held beside the atoms. */
#include <atoms/atoms.h>

#include "support/bench_check.h"
#include "support/bench_inputs.h"
#include "support/bench_report.h"
#include "support/yardstick.h"

enum { BAR_ATOMS = 16384 }; /* the bar is set at this size */

typedef struct looking {
    atoms_context *context;
    const float *atoms;
    int count, dim, threads;
} looking;

static void look(void *arg)
{
    looking *l = arg;
    atoms_matrix m = atoms_matrix_f32(l->atoms, l->count, l->dim);
    atoms_geometry *geometry;
    CHECK(l->context, atoms_geometry_create(l->context, &m, NULL, NULL, &geometry));
    atoms_geometry_destroy(geometry);
}

static void one_product(void *arg)
{
    const looking *l = arg;
    yardstick_sgemm_tiles(l->count, l->count, l->dim, l->atoms, l->atoms, l->threads);
}

static void run_size(bench_report *report, const bench_options *options, int count, int dim, const char *name)
{
    float *atoms = bench_memory((size_t)count * (size_t)dim, sizeof *atoms);
    bench_normal(7, (int64_t)count * dim, atoms);
    looking l = {.context = bench_context(options->threads), .atoms = atoms, .count = count, .dim = dim, .threads = options->threads};
    bench_contestant all[] = {{.name = "geometry, all figures", .run = look, .blas_threads = 1},
                              {.name = "CBLAS alone, one Gram product", .run = one_product, .blas_threads = 1}};
    bench_race(all, 2, &l, options->rounds, options->threads);
    atoms_memory_report memory;
    CHECK(l.context, atoms_memory_report_init(&memory, sizeof memory));
    CHECK(l.context, atoms_context_memory(l.context, &memory));
    bench_report_size(report, name, all, 2, (double)count, "atoms");
    if (count == BAR_ATOMS) bench_report_at_most(report, "geometry by one Gram product", bench_ratio(all, all + 1), 1.5);
    else bench_report_figure(report, "geometry by one Gram product", bench_ratio(all, all + 1));
    bench_report_at_most(report, "MB held beside the atoms", (double)memory.peak / 1e6, 200);
    bench_race_end(all, 2);
    atoms_context_destroy(l.context);
    free(atoms);
}

int main(int argc, char **argv)
{
    bench_options options = bench_parse(argc, argv);
    bench_report *report = bench_report_open("geometry", &options);
    static const int sizes[][2] = {{4608, 576}, {BAR_ATOMS, 2304}};
    if (options.quick && bench_wants(&options, "600x24")) run_size(report, &options, 600, 24, "600x24");
    for (int s = 0; s < 2 && !options.quick; s++) {
        char name[32];
        snprintf(name, sizeof name, "%dx%d", sizes[s][0], sizes[s][1]);
        if (bench_wants(&options, name)) run_size(report, &options, sizes[s][0], sizes[s][1], name);
    }
    return bench_report_close(report);
}
