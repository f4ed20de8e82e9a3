#include "report_data.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "angles_json.h"
#include "blas_runtime.h"
#include "code_counts.h"
#include "directed_atoms.h"
#include "failure.h"
#include "identify_json.h"
#include "output.h"
#include "report_dictionary.h"
#include "report_files.h"

static void put_files(json_t *files, const char *key, word_list words)
{
    json_t *list = json_array();
    put(files, key, list);
    for (int i = 0; i < words.count; i++) append_text(list, words.word[i]);
}

static int put_sae(const evaluation_run *r, json_t *result)
{
    atoms_sae_report about;
    int code = checked(NULL, atoms_sae_report_init(&about, sizeof about), r->e.sae_path);
    if (!code) code = checked(r->context, atoms_sae_describe(r->sae, &about), r->e.sae_path);
    if (code) return code;
    json_t *sae = json_object(), *metadata = about.metadata ? json_loads(about.metadata, 0, NULL) : NULL;
    put(result, "sae", sae);
    put_text(sae, "path", r->e.sae_path);
    put_text(sae, "architecture", about.architecture);
    put_text(sae, "format", about.format == ATOMS_FORMAT_SAELENS ? "SAELens" : about.format == ATOMS_FORMAT_GEMMA_SCOPE ? "Gemma Scope" : NULL);
    put_whole(sae, "d_in", about.d_in);
    put_whole(sae, "d_sae", about.d_sae);
    put_number(sae, "input_scale", about.input_scale);
    put_number(sae, "output_scale", about.output_scale);
    put(sae, "metadata", metadata ? metadata : json_object());
    return EXIT_DONE;
}

static json_t *l0_json(const code_counts *c)
{
    json_t *list = needed(json_array());
    int64_t top = c->width;
    while (top > 0 && !c->l0[top]) top--;
    for (int64_t k = 0; k <= top; k++) append(list, json_integer(c->l0[k]));
    return list;
}

static void put_fires(json_t *object, const code_counts *c)
{
    int64_t bins[RATE_BINS] = {0}, never = 0;
    for (int64_t i = 0; i < c->width; i++) {
        double place = c->fires[i] ? floor(5 * (log10((double)c->fires[i] / (double)c->rows) - RATE_LOWEST)) : 0;
        if (!c->fires[i]) never++;
        else bins[place < 0 ? 0 : place >= RATE_BINS ? RATE_BINS - 1 : (int)place]++;
    }
    json_t *list = json_array();
    put(object, "fires", list);
    for (int i = 0; i < RATE_BINS; i++) append(list, json_integer(bins[i]));
    put_whole(object, "never", never);
}

static int put_codes(const evaluation_run *r, const matrix_argument *x, json_t *codes, const char *key, code_counts *counts)
{
    int code = code_counts_find(r->context, r->sae, x, counts);
    if (code) return code;
    json_t *object = json_object();
    put(codes, key, object);
    put_whole(object, "rows", counts->rows);
    put(object, "l0", l0_json(counts));
    put_fires(object, counts);
    return EXIT_DONE;
}

/* Angles of rows that have none to speak of (a single row, a row of zeros) are no failure of the report. */
static int find_angles(const evaluation_run *r, atoms_rows *rows, const atoms_metric *metric, atoms_angles_report *report, char *why)
{
    atoms_angles_opts opts;
    why[0] = '\0';
    int code = checked(NULL, atoms_angles_report_init(report, sizeof *report), "angles");
    if (!code) code = checked(NULL, atoms_angles_opts_init(&opts, sizeof opts), "angles");
    if (code) return code;
    opts.seed = r->e.seed;
    atoms_status status = atoms_angles(r->context, rows, metric, &opts, report);
    if (status != ATOMS_E_ARGUMENT && status != ATOMS_E_SHAPE) return checked(r->context, status, "angles");
    atoms_context_detail(r->context, why, METRIC_REASON_BYTES);
    return EXIT_DONE;
}

static int put_data_angles(const evaluation_run *r, json_t *result)
{
    atoms_angles_report euclidean, aip;
    char why[METRIC_REASON_BYTES];
    int code = find_angles(r, r->x.rows, NULL, &euclidean, why);
    if (!code && !why[0] && r->metric) code = find_angles(r, r->x.rows, r->metric, &aip, why);
    if (code) return code;
    json_t *angles = why[0] ? json_null() : json_object();
    put(result, "angles", angles);
    if (why[0]) add_note(result, "angles", "%s", why);
    else put_angles(angles, result, "angles.aip", &euclidean, r->metric ? &aip : NULL, r->reason);
    return EXIT_DONE;
}

/* share[t]: of pairs of atoms within t + 1 degrees of a right angle, that is |cos| ≤ sin(t + 1). */
static void put_shares(json_t *pairs, const atoms_angles_report *angles)
{
    json_t *shares = json_array();
    int64_t below = 0;
    put_whole(pairs, "atoms", angles->rows);
    put_whole(pairs, "pairs", angles->pairs);
    put_flag(pairs, "exhaustive", angles->exhaustive);
    put(pairs, "share", shares);
    for (int t = 0; t < 90; t++) {
        below += angles->histogram[89 - t] + angles->histogram[90 + t];
        append(shares, json_real((double)below / (double)angles->pairs));
    }
}

static int put_pairs(const evaluation_run *r, const atoms_matrix *atoms, json_t *result)
{
    atoms_angles_report angles;
    atoms_rows *rows = NULL;
    char why[METRIC_REASON_BYTES] = "";
    int code = EXIT_DONE;
    if (!r->metric) snprintf(why, sizeof why, "%s", r->reason);
    else if (atoms->rows < 2) snprintf(why, sizeof why, "fewer than two atoms that fire have a direction");
    else {
        code = checked(r->context, atoms_rows_from_matrix(r->context, atoms, &rows), r->e.sae_path);
        if (!code) code = find_angles(r, rows, r->metric, &angles, why);
    }
    if (!code) {
        json_t *pairs = why[0] ? json_null() : json_object();
        put(result, "pairs", pairs);
        if (why[0]) add_note(result, "pairs", "%s", why);
        else put_shares(pairs, &angles);
    }
    atoms_rows_destroy(rows);
    return code;
}

static int put_atoms(const evaluation_run *r, const int64_t *fires, json_t *result)
{
    directed_atoms atoms;
    int code = directed_atoms_read(r->context, r->sae, r->e.sae_path, fires, &atoms);
    if (!code) code = put_pairs(r, &atoms.matrix, result);
    if (!code) code = report_dictionary(r->context, &atoms.matrix, r->metric, result);
    directed_atoms_free(&atoms);
    return code;
}

/* The identifiability theorem on one set; codes that it says nothing of are no failure of the report. q* is left to the evaluation: these
 * codes are only the extremes. */
static int put_theorem(const evaluation_run *r, const code_counts *counts, json_t *identify, const char *key, json_t *result)
{
    char about[64], why[METRIC_REASON_BYTES] = "";
    atoms_codes *codes = NULL;
    json_t *object = json_object();
    snprintf(about, sizeof about, "identify.%s.", key);
    int code = code_counts_extremes(r->context, counts, &codes);
    const identify_subject s = {.context = r->context, .sae = r->sae, .sae_path = r->e.sae_path, .metric = r->metric, .codes = codes};
    if (!code) code = put_identify(&s, object, result, about, why);
    about[strlen(about) - 1] = '\0';
    if (!code && why[0]) add_note(result, about, "%s", why);
    json_object_del(object, "q_star");
    json_object_del(object, "q_star_all");
    put(identify, key, why[0] ? json_null() : json_incref(object));
    json_decref(object);
    atoms_codes_destroy(codes);
    return code;
}

static int put_counted(const evaluation_run *r, json_t *result)
{
    code_counts held_out = {0}, in_sample = {0};
    json_t *codes = json_object(), *identify = json_object();
    put(result, "codes", codes);
    put(result, "identify", identify);
    int code = put_codes(r, &r->x, codes, "held_out", &held_out);
    if (!code) code = put_theorem(r, &held_out, identify, "held_out", result);
    if (!code && r->e.train) code = put_codes(r, &r->train, codes, "in_sample", &in_sample);
    if (!code && r->e.train) code = put_theorem(r, &in_sample, identify, "in_sample", result);
    else put(identify, "in_sample", json_null());
    if (!code) code = put_atoms(r, r->e.train ? in_sample.fires : held_out.fires, result);
    code_counts_free(&held_out);
    code_counts_free(&in_sample);
    return code;
}

int report_data(const evaluation_run *r, word_list held_out, const char *sweep_directory, json_t *result)
{
    json_t *files = json_object();
    put(result, "files", files);
    put_files(files, "held_out", held_out);
    put_files(files, "in_sample", r->train_files);
    put_text(result, "library", atoms_build_info());
    put_text(result, "blas", blas_version());
    int code = put_sae(r, result);
    if (!code) code = report_files(r->e.sae_path, sweep_directory, result);
    if (!code) code = put_counted(r, result);
    return code ? code : put_data_angles(r, result);
}
