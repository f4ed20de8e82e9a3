/* The representation shift, and what the atomic inner product (AIP) does about it.
 *
 * Activations of a language model share a common direction, so Euclidean angles between them are far below 90°. Under
 *     ⟨u, v⟩ = uᵀ S v / (‖u‖_S ‖v‖_S),   S = (E[k kᵀ])⁻¹
 * they centre on 90° (arXiv 2509.20784).
 *
 *     cc examples/02_metric_and_angles.c -o angles $(pkg-config --cflags --libs atoms)
 *     ./angles [ACTIVATIONS]                    .npy, .npz or .safetensors, a row a token */
#include <atoms/atoms.h>

#include "example_check.h"
#include "one_blas_thread.h"

static void print_angles(const char *name, const atoms_angles_report *angles)
{
    printf("  %-10s %6.2f %6.2f %6.2f %6.2f %6.2f\n", name, angles->mean_deg, angles->sd_deg, angles->p01_deg, angles->p50_deg, angles->p99_deg);
}

int main(int argc, char **argv)
{
    one_blas_thread();
    atoms_context *context;
    atoms_rows *rows;
    CHECK(NULL, atoms_context_create(NULL, &context));
    CHECK(context, atoms_rows_open(context, argc > 1 ? argv[1] : EXAMPLE_DATA "/sample.train.npy", NULL, &rows));

    /* Moments are sums: they can be added to batch by batch, and merged across shards. */
    atoms_moments *moments;
    CHECK(context, atoms_moments_create(context, atoms_rows_width(rows), &moments));
    CHECK(context, atoms_moments_add_rows(moments, rows));

    atoms_metric *metric;
    atoms_metric_report report;
    CHECK(context, atoms_metric_from_moments(context, moments, NULL, &metric));
    CHECK(context, atoms_metric_report_init(&report, sizeof report));
    CHECK(context, atoms_metric_describe(metric, &report));
    printf("%lld rows of %lld: rank %lld, effective rank %.1f, condition %.2e\n", (long long)report.rows, (long long)report.dim,
           (long long)report.rank, report.effective_rank, report.condition);

    atoms_angles_opts opts;
    CHECK(context, atoms_angles_opts_init(&opts, sizeof opts));
    opts.pairs = 100000; /* drawn with opts.seed */
    atoms_angles_report euclidean, aip;
    CHECK(context, atoms_angles_report_init(&euclidean, sizeof euclidean));
    CHECK(context, atoms_angles_report_init(&aip, sizeof aip));
    CHECK(context, atoms_angles(context, rows, NULL, &opts, &euclidean));
    CHECK(context, atoms_angles(context, rows, metric, &opts, &aip));
    printf("angles, degrees  mean     sd     1%%    50%%    99%%   (%lld pairs)\n", (long long)aip.pairs);
    print_angles("Euclidean", &euclidean);
    print_angles("AIP", &aip);

    atoms_metric_destroy(metric);
    atoms_moments_destroy(moments);
    atoms_rows_destroy(rows);
    atoms_context_destroy(context);
    return 0;
}
