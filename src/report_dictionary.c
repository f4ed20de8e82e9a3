/* The searches are bounded by nodes and operations and not by seconds: the same page on every machine. */
#include "report_dictionary.h"

#include <math.h>

#include "failure.h"
#include "output.h"

static const int64_t orders[] = {2, 3, 4, 6, 8};
enum { ORDERS = sizeof orders / sizeof orders[0], NODES = 100000, BEAM = 100, REASON_BYTES = 512 };
static const double null_space_operations = 3e11;

/* A dictionary that has no such figures is no failure of the report. */
static int settled(atoms_context *context, atoms_status status, json_t *result, const char *key)
{
    char why[REASON_BYTES];
    if (status != ATOMS_E_ARGUMENT && status != ATOMS_E_SHAPE && status != ATOMS_E_UNSUPPORTED && status != ATOMS_E_NUMERIC)
        return checked(context, status, key);
    atoms_context_detail(context, why, sizeof why);
    put(result, key, json_null());
    add_note(result, key, "%s", why);
    return EXIT_DONE;
}

static void put_geometry(const atoms_geometry_report *g, const double *babel, json_t *result)
{
    json_t *object = json_object(), *profile = json_array();
    put(result, "geometry", object);
    put_whole(object, "atoms", g->atoms);
    put_number(object, "mu", g->mu);
    put_number(object, "p50", g->p50);
    put_number(object, "p90", g->p90);
    put_number(object, "p99", g->p99);
    put_number(object, "p999", g->p999);
    put_number(object, "welch", g->welch);
    put_number(object, "frame_low", g->frame_low);
    put_number(object, "frame_high", g->frame_high);
    put_number(object, "effective_rank", g->effective_rank);
    put_whole(object, "duplicates", g->duplicates);
    put_whole(object, "clusters", g->clusters);
    put(object, "babel", profile);
    for (int64_t k = 0; k < g->babel; k++) append(profile, json_real(babel[k]));
}

static int find_geometry(atoms_context *context, const atoms_dictionary *dictionary, json_t *result)
{
    atoms_geometry *geometry = NULL;
    atoms_geometry_report report;
    int code = checked(NULL, atoms_geometry_report_init(&report, sizeof report), "geometry");
    if (code) return code;
    atoms_status status = atoms_geometry_of_dictionary(dictionary, NULL, &geometry);
    if (!status) status = atoms_geometry_describe(geometry, &report);
    if (!status) put_geometry(&report, atoms_geometry_babel(geometry), result);
    else code = settled(context, status, result, "geometry");
    atoms_geometry_destroy(geometry);
    return code;
}

static int choose_budget(atoms_rip_opts *opts)
{
    int code = checked(NULL, atoms_rip_opts_init(opts, sizeof *opts), "isometry");
    opts->seconds = 0;
    opts->nodes = NODES;
    opts->beam = BEAM;
    return code;
}

static int put_intervals(const atoms_rip *rip, int64_t count, json_t *result)
{
    json_t *list = json_array();
    put(result, "isometry", list);
    for (int64_t i = 0; i < count; i++) {
        atoms_rip_report r;
        int code = checked(NULL, atoms_rip_report_init(&r, sizeof r), "isometry");
        if (!code) code = checked(NULL, atoms_rip_describe(rip, orders[i], &r), "isometry");
        if (code) return code;
        json_t *entry = json_object();
        append(list, entry);
        put_whole(entry, "order", r.order);
        put_number(entry, "lower", r.lower);
        put_number(entry, "upper", r.upper);
        put_flag(entry, "exact", r.exact);
        put_text(entry, "bound", atoms_rip_bound_name(r.bound));
    }
    return EXIT_DONE;
}

/* What goes furthest for ℓ₁, as far as a fixed number of operations takes it. */
static int find_null_space(atoms_context *context, const atoms_dictionary *dictionary, atoms_null_space_report *out)
{
    atoms_null_space_opts opts;
    double atoms = (double)atoms_dictionary_atoms(dictionary), iteration = 4 * atoms * atoms * (double)atoms_dictionary_dim(dictionary);
    int code = checked(NULL, atoms_null_space_opts_init(&opts, sizeof opts), "proved");
    if (!code) code = checked(NULL, atoms_null_space_report_init(out, sizeof *out), "proved");
    if (code) return code;
    opts.seconds = 0;
    opts.iterations = (int32_t)fmin(opts.iterations, null_space_operations / iteration);
    return checked(context, atoms_rip_null_space(dictionary, &opts, out), "proved");
}

static int put_proofs(const atoms_rip *rip, const atoms_null_space_report *null_space, json_t *result)
{
    atoms_guarantees_report g;
    int code = checked(NULL, atoms_guarantees_report_init(&g, sizeof g), "proved");
    if (!code) code = checked(NULL, atoms_rip_guarantees(rip, null_space, &g), "proved");
    if (code) return code;
    json_t *proved = json_object();
    put(result, "proved", proved);
    put_whole(proved, "unique", g.unique);
    put_text(proved, "unique_by", atoms_proof_name(g.unique_proof));
    put_whole(proved, "l1", g.l1);
    put_text(proved, "l1_by", atoms_proof_name(g.l1_proof));
    put_whole(proved, "omp", g.omp);
    put_text(proved, "omp_by", atoms_proof_name(g.omp_proof));
    return EXIT_DONE;
}

/* Intervals and proofs, from one search. */
static int find_isometry(atoms_context *context, const atoms_dictionary *dictionary, const atoms_rip_opts *opts, json_t *result)
{
    atoms_rip *rip;
    atoms_null_space_report null_space;
    int64_t count = ORDERS;
    while (orders[count - 1] > atoms_dictionary_atoms(dictionary)) count--; /* two atoms at least */
    atoms_status status = atoms_rip_create(dictionary, orders, count, opts, &rip);
    if (status) return settled(context, status, result, "isometry");
    int code = put_intervals(rip, count, result);
    if (!code) code = find_null_space(context, dictionary, &null_space);
    if (!code) code = put_proofs(rip, &null_space, result);
    atoms_rip_destroy(rip);
    return code;
}

int report_dictionary(atoms_context *context, const atoms_matrix *atoms, const atoms_metric *metric, json_t *result)
{
    static const char *const keys[] = {"geometry", "isometry", "proved"};
    atoms_dictionary *dictionary = NULL;
    atoms_rip_opts opts;
    int code = choose_budget(&opts);
    for (int i = 0; i < 3; i++) put(result, keys[i], json_null());
    if (code) return code;
    if (atoms->rows < 2) {
        add_note(result, "geometry", "fewer than two atoms that fire have a direction");
        return EXIT_DONE;
    }
    atoms_status status = atoms_dictionary_create(context, atoms, metric, &dictionary);
    code = status ? settled(context, status, result, "geometry") : find_geometry(context, dictionary, result);
    if (!code && !status) code = find_isometry(context, dictionary, &opts, result);
    atoms_dictionary_destroy(dictionary);
    return code;
}
