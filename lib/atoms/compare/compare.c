/* Two dictionaries side by side: best partners both ways from one pass, then a one-to-one matching. */
#include "compare_internal.h"

#include "../matrix/matrix_internal.h"

static const atoms_compare_opts default_opts = {.struct_size = sizeof(atoms_compare_opts), .exact_limit = 4096};
static const atoms_compare_report empty_report = {.struct_size = sizeof(atoms_compare_report)};
static const double levels[ATOMS_COMPARE_LEVELS] = {.7, .9, .99};

atoms_status atoms_compare_opts_init(atoms_compare_opts *opts, size_t size)
{
    return atomsi_struct_init(opts, size, &default_opts, sizeof default_opts);
}

atoms_status atoms_compare_report_init(atoms_compare_report *report, size_t size)
{
    return atomsi_struct_init(report, size, &empty_report, sizeof empty_report);
}

static double mean(const double *x, int64_t n)
{
    double sum = 0;
    for (int64_t i = 0; i < n; i++) sum += x[i];
    return sum / (double)n;
}

/* The mean of the n largest. */
static atoms_status mean_of_largest(atoms_context *context, const double *x, int64_t count, int64_t n, double *out)
{
    int64_t held = 0;
    top_entry *heap = atomsi_alloc(context, n, sizeof *heap);
    if (!heap) return ATOMS_E_MEMORY;
    for (int64_t i = 0; i < count; i++) atomsi_top_offer(heap, &held, n, x[i], i);
    atomsi_top_sort(heap, held);
    double sum = 0;
    for (int64_t k = 0; k < n; k++) sum += heap[k].value;
    atomsi_free(context, heap);
    *out = sum / (double)n;
    return ATOMS_OK;
}

static void put_matching(const atomsi_directions *small, const atomsi_directions *large, const int64_t *partner, double bound, atoms_compare_report *r)
{
    double sum = 0;
    int64_t over[ATOMS_COMPARE_LEVELS] = {0};
    for (int64_t i = 0; i < small->atoms; i++) {
        double cosine = atomsi_directions_cosine(small, i, large, partner[i]);
        sum += cosine;
        for (int l = 0; l < ATOMS_COMPARE_LEVELS; l++) over[l] += cosine > levels[l];
    }
    r->matched = small->atoms;
    r->matched_mean = sum / (double)small->atoms;
    r->matched_bound = r->exact || bound < r->matched_mean ? r->matched_mean : bound; /* equal but for rounding */
    for (int l = 0; l < ATOMS_COMPARE_LEVELS; l++) r->matched_over[l] = (double)over[l] / (double)small->atoms;
}

typedef struct comparison {
    atomsi_directions a, b;
    double *best_a, *best_b;
    int64_t *partner; /* of the smaller one's atoms */
    atoms_compare_report report;
} comparison;

static atoms_status match_up(comparison *c, int64_t exact_limit)
{
    bool swapped = c->a.atoms > c->b.atoms;
    const atomsi_directions *small = swapped ? &c->b : &c->a, *large = swapped ? &c->a : &c->b;
    const double *best = swapped ? c->best_b : c->best_a, *best_of_large = swapped ? c->best_a : c->best_b;
    double bound = mean(best, small->atoms), other = 0;
    c->report.exact = large->atoms <= exact_limit;
    atoms_status status = mean_of_largest(c->a.context, best_of_large, large->atoms, small->atoms, &other);
    if (status) return status;
    status = c->report.exact ? atomsi_match_exactly(small, large, c->partner) : atomsi_match_greedily(small, large, best, c->partner);
    if (!status) put_matching(small, large, c->partner, other < bound ? other : bound, &c->report);
    return status;
}

static atoms_status compare(comparison *c, int64_t exact_limit)
{
    atoms_context *context = c->a.context;
    c->best_a = atomsi_alloc(context, c->a.atoms, sizeof *c->best_a);
    c->best_b = atomsi_alloc(context, c->b.atoms, sizeof *c->best_b);
    c->partner = atomsi_alloc(context, base_min_i64(c->a.atoms, c->b.atoms), sizeof *c->partner);
    if (!c->best_a || !c->best_b || !c->partner) return ATOMS_E_MEMORY;
    atoms_status status = atomsi_best_match(&c->a, &c->b, c->best_a, c->best_b);
    if (status) return status;
    c->report = empty_report;
    c->report.atoms_a = c->a.atoms;
    c->report.atoms_b = c->b.atoms;
    c->report.dim = c->a.dim;
    c->report.mmcs = mean(c->best_a, c->a.atoms);
    c->report.mmcs_reverse = mean(c->best_b, c->b.atoms);
    return match_up(c, exact_limit);
}

static void put_match(const comparison *c, int64_t *match)
{
    bool swapped = c->a.atoms > c->b.atoms;
    for (int64_t i = 0; i < c->a.atoms; i++) match[i] = swapped ? -1 : c->partner[i];
    for (int64_t j = 0; swapped && j < c->b.atoms; j++) match[c->partner[j]] = j;
}

static atoms_status open(atoms_context *context, const atoms_matrix *a, const atoms_matrix *b, const atoms_metric *metric, comparison *c)
{
    atoms_status status = atomsi_matrix_check(context, a, "a");
    if (!status) status = atomsi_matrix_check_cols(context, b, a->cols, "b");
    if (status) return status;
    if (!a->rows || !b->rows) return atomsi_fail(context, ATOMS_E_SHAPE, "%s has no rows", a->rows ? "b" : "a");
    if (a->rows > INT32_MAX || b->rows > INT32_MAX) return atomsi_fail(context, ATOMS_E_OVERFLOW, "%s has too many rows", a->rows > INT32_MAX ? "a" : "b");
    status = atomsi_directions_of_matrix(context, a, metric, "a", &c->a);
    if (!status) status = atomsi_directions_of_matrix(context, b, metric, "b", &c->b);
    return status;
}

atoms_status atoms_compare(atoms_context *context, const atoms_matrix *a, const atoms_matrix *b, const atoms_metric *metric,
                           const atoms_compare_opts *opts, int64_t *match, atoms_compare_report *report)
{
    if (!context) return ATOMS_E_ARGUMENT;
    if (!report) return atomsi_fail(context, ATOMS_E_ARGUMENT, "report is NULL");
    atoms_compare_opts read;
    atoms_status status = atomsi_read_options(context, &read, sizeof read, &default_opts, opts, "atoms_compare_opts");
    if (status) return status;
    if (read.exact_limit < 0) return atomsi_fail(context, ATOMS_E_ARGUMENT, "exact_limit is %lld, less than 0", (long long)read.exact_limit);
    comparison c = {.a.context = context, .b.context = context};
    status = open(context, a, b, metric, &c);
    if (!status) status = compare(&c, read.exact_limit);
    if (!status) status = atomsi_write_report(context, report, &c.report, sizeof c.report, "atoms_compare_report");
    if (!status && match) put_match(&c, match);
    atomsi_free(context, c.best_a);
    atomsi_free(context, c.best_b);
    atomsi_free(context, c.partner);
    atomsi_directions_free(&c.a);
    atomsi_directions_free(&c.b);
    return status;
}
