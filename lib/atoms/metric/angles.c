/* Angles between rows: which pairs are taken, and where their angles are kept. The angles (angle_pairs.c) are stored, 8 bytes a pair, so
 * that quantiles are exact (angle_summary.c). */
#include "angles_internal.h"

enum { ALL_PAIRS_MAX = 1 << 22, DRAWN_PAIRS = 1 << 20 };

static const atoms_angles_opts default_opts = {.struct_size = sizeof(atoms_angles_opts)};
static const atoms_angles_report empty_report = {.struct_size = sizeof(atoms_angles_report)};

atoms_status atoms_angles_opts_init(atoms_angles_opts *opts, size_t size)
{
    return atomsi_struct_init(opts, size, &default_opts, sizeof default_opts);
}

atoms_status atoms_angles_report_init(atoms_angles_report *report, size_t size)
{
    return atomsi_struct_init(report, size, &empty_report, sizeof empty_report);
}

/* n (n − 1) / 2, or INT64_MAX where that is larger. */
static int64_t all_pairs(int64_t n)
{
    int64_t even = n % 2 ? n - 1 : n, odd = n % 2 ? n : n - 1, product;
    return base_mul_i64(even / 2, odd, &product) ? product : INT64_MAX;
}

static atoms_status check(const angles_job *job, const atoms_angles_opts *opts, const atoms_angles_report *report)
{
    atoms_context *context = job->context;
    if (opts->reserved) return atomsi_fail(context, ATOMS_E_ARGUMENT, "opts.reserved is not 0");
    if (opts->pairs < 0) return atomsi_fail(context, ATOMS_E_ARGUMENT, "opts.pairs is %lld", (long long)opts->pairs);
    if (!report) return atomsi_fail(context, ATOMS_E_ARGUMENT, "report is NULL");
    if (!job->rows) return atomsi_fail(context, ATOMS_E_ARGUMENT, "rows is NULL");
    if (job->count < 2) return atomsi_fail(context, ATOMS_E_SHAPE, "rows: angles need two rows, and there is %lld", (long long)job->count);
    if (job->metric && atoms_metric_dim(job->metric) != job->width)
        return atomsi_fail(context, ATOMS_E_SHAPE, "rows have %lld columns, the metric %lld", (long long)job->width,
                           (long long)atoms_metric_dim(job->metric));
    return ATOMS_OK;
}

atoms_status atoms_angles(atoms_context *context, atoms_rows *rows, const atoms_metric *metric, const atoms_angles_opts *opts,
                          atoms_angles_report *report)
{
    if (!context) return ATOMS_E_ARGUMENT;
    atoms_angles_opts known;
    atoms_status status = atomsi_read_options(context, &known, sizeof known, &default_opts, opts, "atoms_angles_opts");
    if (status) return status;
    angles_job job = {.context = context, .rows = rows, .metric = metric, .count = atoms_rows_count(rows), .width = atoms_rows_width(rows),
                      .seed = known.seed};
    if ((status = check(&job, &known, report))) return status;

    atoms_angles_report r = empty_report;
    int64_t all = all_pairs(job.count);
    r.exhaustive = all <= (known.pairs ? known.pairs : ALL_PAIRS_MAX);
    r.rows = job.count;
    r.pairs = job.pairs = r.exhaustive ? all : known.pairs ? known.pairs : DRAWN_PAIRS;
    job.values = atomsi_alloc(context, job.pairs, sizeof *job.values);
    if (!job.values) return ATOMS_E_MEMORY;
    status = r.exhaustive ? atomsi_angles_all(&job) : atomsi_angles_drawn(&job);
    if (!status) {
        atomsi_angles_summarise(&job, &r);
        status = atomsi_write_report(context, report, &r, sizeof r, "atoms_angles_report");
    }
    atomsi_free(context, job.values);
    return status;
}
