/* One look at a dictionary: the f32 pass, then what it leaves open, settled in f64. */
#include <math.h>

#include "geometry_parts.h"

static const atoms_geometry_opts default_opts = {.struct_size = sizeof(atoms_geometry_opts), .spectrum = 1, .babel = 32, .duplicate = 0.95};
static const atoms_geometry_report empty_report = {.struct_size = sizeof(atoms_geometry_report)};

atoms_status atoms_geometry_opts_init(atoms_geometry_opts *opts, size_t size)
{
    return atomsi_struct_init(opts, size, &default_opts, sizeof default_opts);
}

atoms_status atoms_geometry_report_init(atoms_geometry_report *report, size_t size)
{
    return atomsi_struct_init(report, size, &empty_report, sizeof empty_report);
}

static atoms_status read_opts(atoms_context *context, const atoms_geometry_opts *opts, atoms_geometry_opts *out)
{
    atoms_status status = atomsi_read_options(context, out, sizeof *out, &default_opts, opts, "atoms_geometry_opts");
    if (status) return status;
    if (out->spectrum != 0 && out->spectrum != 1)
        return atomsi_fail(context, ATOMS_E_ARGUMENT, "spectrum is %d, it must be 0 or 1", (int)out->spectrum);
    if (out->babel < 1) return atomsi_fail(context, ATOMS_E_ARGUMENT, "babel is %lld, it must be positive", (long long)out->babel);
    if (!(out->duplicate > 0 && out->duplicate <= 1)) return atomsi_fail(context, ATOMS_E_ARGUMENT, "duplicate must be above 0 and at most 1");
    return ATOMS_OK;
}

static atoms_status allocate(atoms_geometry *g, int64_t atoms, int64_t babel)
{
    g->babel = atomsi_alloc_zero(g->context, babel, sizeof *g->babel);
    g->nearest = atomsi_alloc(g->context, atoms, sizeof *g->nearest);
    g->partner = atomsi_alloc(g->context, atoms, sizeof *g->partner);
    g->atom_babel = atomsi_alloc(g->context, atoms, sizeof *g->atom_babel);
    g->cluster = atomsi_alloc(g->context, atoms, sizeof *g->cluster);
    return g->babel && g->nearest && g->partner && g->atom_babel && g->cluster ? ATOMS_OK : ATOMS_E_MEMORY;
}

static void put_size(const atomsi_directions *d, int64_t babel, atoms_geometry_report *r)
{
    double m = (double)d->atoms, h = (double)d->dim;
    *r = empty_report;
    r->atoms = d->atoms;
    r->dim = d->dim;
    r->pairs = d->atoms * (d->atoms - 1) / 2;
    r->babel = babel;
    r->welch = d->atoms > d->dim ? sqrt((m - h) / (h * (m - 1))) : 0;
    r->frame_low = r->frame_high = r->effective_rank = r->mean_square = NAN;
}

static atoms_status settle_quantiles(const pair_scan *scan, atoms_geometry_report *r)
{
    double quantile[QUANTILES];
    bool settled;
    atoms_status status = atomsi_brackets_settle(scan->directions, &scan->quantiles, quantile, &settled);
    if (!status && !settled) status = atomsi_quantiles_by_radix(scan->directions, quantile);
    if (status) return status;
    r->p50 = quantile[0];
    r->p90 = quantile[1];
    r->p99 = quantile[2];
    r->p999 = quantile[3];
    return ATOMS_OK;
}

/* Quantiles and the largest signed cosine are summed in another order than mu, and could come out above it by a rounding. */
static void none_above_mu(atoms_geometry_report *r)
{
    double *const figures[] = {&r->p50, &r->p90, &r->p99, &r->p999, &r->mu_positive};
    for (size_t k = 0; k < sizeof figures / sizeof *figures; k++) *figures[k] = fmin(*figures[k], r->mu);
}

static atoms_status settle(const pair_scan *scan, atoms_geometry *g)
{
    atomsi_clusters_settle(scan, g);
    for (int32_t w = 0; w < scan->workers; w++)
        for (int l = 0; l < ATOMS_GEOMETRY_LEVELS; l++) g->report.above[l] += scan->states[w].above[l];
    atoms_status status = atomsi_neighbours_settle(scan->directions, &scan->near, g);
    if (!status) status = settle_quantiles(scan, &g->report);
    if (!status) status = atomsi_largest_cosine(scan, &g->report.mu_positive);
    if (!status) none_above_mu(&g->report);
    g->report.welch_ratio = g->report.welch > 0 ? g->report.mu / g->report.welch : NAN;
    return status;
}

static atoms_status look(const atomsi_directions *d, const atoms_geometry_opts *opts, atoms_geometry *g)
{
    put_size(d, opts->babel, &g->report);
    atoms_status status = allocate(g, d->atoms, opts->babel);
    if (status) return status;
    pair_scan scan;
    status = atomsi_pair_scan_make(d, opts, &scan);
    if (!status) status = atomsi_pair_scan_run(&scan);
    if (!status) status = settle(&scan, g);
    atomsi_pair_scan_free(&scan);
    if (!status && opts->spectrum) status = atomsi_spectrum_of(d, &g->report);
    return status;
}

static atoms_status create(const atomsi_directions *d, const atoms_geometry_opts *opts, atoms_geometry **out)
{
    if (d->atoms < 2) return atomsi_fail(d->context, ATOMS_E_SHAPE, "geometry needs two atoms, there is one");
    if (d->atoms > INT32_MAX) return atomsi_fail(d->context, ATOMS_E_OVERFLOW, "%lld atoms are too many", (long long)d->atoms);
    atoms_geometry *g = atomsi_alloc_zero(d->context, 1, sizeof *g);
    if (!g) return ATOMS_E_MEMORY;
    g->context = d->context;
    atoms_geometry_opts used = *opts;
    used.babel = base_min_i64(used.babel, d->atoms - 1);
    atoms_status status = look(d, &used, g);
    if (status) atoms_geometry_destroy(g);
    else *out = g;
    return status;
}

atoms_status atoms_geometry_create(atoms_context *context, const atoms_matrix *atoms_by_row, const atoms_metric *metric,
                                   const atoms_geometry_opts *opts, atoms_geometry **out)
{
    if (!out) return atomsi_fail(context, ATOMS_E_ARGUMENT, "out is NULL");
    *out = NULL;
    if (!context) return ATOMS_E_ARGUMENT;
    atoms_geometry_opts read;
    atomsi_directions d;
    atoms_status status = read_opts(context, opts, &read);
    if (!status) status = atomsi_directions_of_matrix(context, atoms_by_row, metric, NULL, &d);
    if (status) return status;
    status = create(&d, &read, out);
    atomsi_directions_free(&d);
    return status;
}

atoms_status atoms_geometry_of_dictionary(const atoms_dictionary *dictionary, const atoms_geometry_opts *opts, atoms_geometry **out)
{
    if (!out) return atomsi_fail(dictionary ? dictionary->context : NULL, ATOMS_E_ARGUMENT, "out is NULL");
    *out = NULL;
    if (!dictionary) return ATOMS_E_ARGUMENT;
    atoms_geometry_opts read;
    atomsi_directions d;
    atoms_status status = read_opts(dictionary->context, opts, &read);
    if (!status) status = atomsi_directions_of_dictionary(dictionary, &d);
    if (status) return status;
    status = create(&d, &read, out);
    atomsi_directions_free(&d);
    return status;
}

void atoms_geometry_destroy(atoms_geometry *geometry)
{
    if (!geometry) return;
    atomsi_free(geometry->context, geometry->babel);
    atomsi_free(geometry->context, geometry->nearest);
    atomsi_free(geometry->context, geometry->partner);
    atomsi_free(geometry->context, geometry->atom_babel);
    atomsi_free(geometry->context, geometry->cluster);
    atomsi_free(geometry->context, geometry);
}

atoms_status atoms_geometry_describe(const atoms_geometry *geometry, atoms_geometry_report *report)
{
    if (!geometry) return ATOMS_E_ARGUMENT;
    if (!report) return atomsi_fail(geometry->context, ATOMS_E_ARGUMENT, "report is NULL");
    return atomsi_write_report(geometry->context, report, &geometry->report, sizeof geometry->report, "atoms_geometry_report");
}

const double *atoms_geometry_babel(const atoms_geometry *geometry)
{
    return geometry ? geometry->babel : NULL;
}

const double *atoms_geometry_nearest(const atoms_geometry *geometry)
{
    return geometry ? geometry->nearest : NULL;
}

const int64_t *atoms_geometry_partner(const atoms_geometry *geometry)
{
    return geometry ? geometry->partner : NULL;
}

const double *atoms_geometry_atom_babel(const atoms_geometry *geometry)
{
    return geometry ? geometry->atom_babel : NULL;
}

const int64_t *atoms_geometry_cluster(const atoms_geometry *geometry)
{
    return geometry ? geometry->cluster : NULL;
}
