/* The counter-example is one of the dictionary that ε is of, the atoms that fire: one that needs an atom which never fires says nothing about
 * these codes. */
#include "identify_json.h"

#include <stdio.h>
#include <stdlib.h>

#include "directed_atoms.h"
#include "failure.h"
#include "metric_choice.h"
#include "output.h"
#include "supports_json.h"

enum { ABOUT_BYTES = 96, REFUSED = -1 };

/* What the theorem is asked about: the SAE's atoms that have a direction, and codes and thresholds over these. */
typedef struct theorem {
    directed_atoms atoms;
    int64_t *fires; /* of each atom of the SAE */
    atoms_dictionary *dictionary;
    atoms_codes *codes; /* NULL: no atom was left out, the SAE's own serve. So with the thresholds */
    float *threshold;
} theorem;

static void put_figures(const atoms_identify_report *r, json_t *object)
{
    json_t *interval = json_object();
    put_number(object, "epsilon", r->epsilon);
    put_number(object, "epsilon_all", r->epsilon_all);
    put_whole(object, "K", r->k);
    put_number(object, "delta_min", r->delta_min);
    put_number(object, "delta_max", r->delta_max);
    put(object, "interval", interval);
    put_number(interval, "low", r->low);
    put_number(interval, "high", r->high);
    put_flag(object, "feasible", r->feasible);
    put_whole(object, "atoms", r->atoms);
    put_whole(object, "atoms_inside", r->atoms_inside);
    put_number(object, "q_star", r->q_star);
    put_number(object, "q_star_all", r->q_star_all);
}

static json_t *support_of(const atoms_codes_view *samples, int64_t row, const int64_t *number)
{
    json_t *support = json_array();
    for (int64_t e = samples->offset[row]; e < samples->offset[row + 1]; e++) append(support, json_integer(number[samples->index[e]]));
    return support;
}

static void put_found(const atoms_counterexample_report *c, const atoms_codes_view *samples, const int64_t *number, json_t *object)
{
    json_t *found = json_object();
    put(object, "counterexample", found);
    put_flag(found, "exists", c->exists);
    put_whole(found, "silent", number[c->silent]);
    put_number(found, "silent_score", c->silent_score);
    put(found, "silent_support", support_of(samples, 0, number));
    put_whole(found, "active", number[c->active]);
    put_number(found, "active_score", c->active_score);
    put(found, "active_support", support_of(samples, 1, number));
    put_whole(found, "atoms_without", c->atoms_without);
}

static atoms_status search(const identify_subject *s, const directed_atoms *atoms, const atoms_identify_report *r, json_t *object)
{
    atoms_dictionary *dictionary = NULL;
    atoms_codes *samples = NULL;
    atoms_codes_view view;
    atoms_identify_model model;
    atoms_counterexample_report c;
    atoms_status status = atoms_dictionary_create(s->context, &atoms->matrix, s->metric, &dictionary);
    if (!status) status = atoms_codes_create(s->context, atoms->matrix.rows, &samples);
    if (!status) status = atoms_identify_model_init(&model, sizeof model);
    if (!status) status = atoms_counterexample_report_init(&c, sizeof c);
    model.k = r->k;
    model.delta_min = r->delta_min;
    model.delta_max = r->delta_max;
    if (!status) status = atoms_identify_counterexample(dictionary, &model, samples, &c);
    if (!status) status = atoms_codes_look(samples, &view);
    if (!status) put_found(&c, &view, atoms->number, object);
    atoms_codes_destroy(samples);
    atoms_dictionary_destroy(dictionary);
    return status;
}

/* Outside the theorem's condition: the samples that are hardest to read with these K and coefficients. */
static int put_counterexample(const identify_subject *s, const int64_t *fires, const atoms_identify_report *r, json_t *object, json_t *result,
                              const char *about)
{
    const char *none = r->feasible          ? "inside the condition there is none"
                       : r->atoms < 2       ? "fewer than two atoms fire"
                       : r->delta_min <= 0  ? "coefficients are not all positive"
                                            : NULL;
    if (none) {
        char path[ABOUT_BYTES];
        snprintf(path, sizeof path, "%scounterexample", about);
        put(object, "counterexample", json_null());
        add_note(result, path, "%s", none);
        return EXIT_DONE;
    }
    directed_atoms atoms;
    int code = directed_atoms_read(s->context, s->sae, s->sae_path, fires, &atoms);
    if (!code) code = checked(s->context, search(s, &atoms, r, object), s->sae_path);
    directed_atoms_free(&atoms);
    return code;
}

static int64_t *count_fires(const identify_subject *s, const atoms_codes_view *codes)
{
    int64_t *fires = needed(calloc((size_t)atoms_sae_d_sae(s->sae), sizeof *fires));
    for (int64_t e = 0; e < codes->nnz; e++) fires[codes->index[e]]++;
    return fires;
}

/* A refusal of the library is no failure where its words are asked for. */
static int settled(const identify_subject *s, atoms_status status, char *refusal)
{
    if (!refusal || (status != ATOMS_E_ARGUMENT && status != ATOMS_E_SHAPE)) return checked(s->context, status, s->sae_path);
    atoms_context_detail(s->context, refusal, METRIC_REASON_BYTES);
    return REFUSED;
}

/* An atom that fires counts, and one of length 0 has no coefficient and no angle. */
static int check_directions(const identify_subject *s, const theorem *t, char *refusal)
{
    int64_t atom = 0, next = 0, atoms = atoms_sae_d_sae(s->sae);
    for (; atom < atoms; atom++) {
        if (next < t->atoms.matrix.rows && t->atoms.number[next] == atom) next++;
        else if (t->fires[atom]) break;
    }
    if (atom == atoms && t->atoms.matrix.rows) return EXIT_DONE;
    char why[METRIC_REASON_BYTES];
    if (atom == atoms) snprintf(why, sizeof why, "every atom has length 0");
    else snprintf(why, sizeof why, "atom %lld has length 0 and fires: its codes have no direction to be read in", (long long)atom);
    if (!refusal) return run_error(s->sae_path, "%s", why);
    snprintf(refusal, METRIC_REASON_BYTES, "%s", why);
    return REFUSED;
}

/* Codes and thresholds by the numbers of the atoms that are left. */
static atoms_status renumber(const identify_subject *s, const atoms_codes_view *codes, theorem *t)
{
    int64_t n = t->atoms.matrix.rows;
    const float *threshold = atoms_sae_threshold(s->sae);
    int64_t *place = needed(calloc((size_t)atoms_sae_d_sae(s->sae), sizeof *place));
    t->threshold = needed(malloc(sizeof *t->threshold * (size_t)n));
    for (int64_t i = 0; i < n; i++) {
        place[t->atoms.number[i]] = i;
        t->threshold[i] = threshold[t->atoms.number[i]];
    }
    atoms_status status = codes_renumber(s->context, codes, place, n, &t->codes);
    free(place);
    return status;
}

static int theorem_open(const identify_subject *s, char *refusal, theorem *t)
{
    atoms_codes_view codes;
    *t = (theorem){.fires = NULL};
    int code = checked(s->context, atoms_codes_look(s->codes, &codes), s->sae_path);
    if (!code) code = directed_atoms_read(s->context, s->sae, s->sae_path, NULL, &t->atoms);
    if (code) return code;
    t->fires = count_fires(s, &codes);
    if (t->atoms.zeros) {
        code = check_directions(s, t, refusal);
        if (!code) code = checked(s->context, renumber(s, &codes, t), s->sae_path);
    }
    return code ? code : settled(s, atoms_dictionary_create(s->context, &t->atoms.matrix, s->metric, &t->dictionary), refusal);
}

static void theorem_close(theorem *t)
{
    atoms_dictionary_destroy(t->dictionary);
    atoms_codes_destroy(t->codes);
    directed_atoms_free(&t->atoms);
    free(t->threshold);
    free(t->fires);
}

static int put_theorem(const identify_subject *s, const theorem *t, json_t *object, json_t *result, const char *about, char *refusal)
{
    atoms_identify_report report;
    char path[ABOUT_BYTES];
    int code = checked(NULL, atoms_identify_report_init(&report, sizeof report), s->sae_path);
    if (code) return code;
    const atoms_codes *codes = t->codes ? t->codes : s->codes;
    const float *threshold = t->threshold ? t->threshold : atoms_sae_threshold(s->sae);
    if ((code = settled(s, atoms_identify(t->dictionary, codes, threshold, NULL, &report), refusal))) return code;
    put_figures(&report, object);
    snprintf(path, sizeof path, "%sq_star", about);
    if (report.atoms < 2) add_note(result, path, "fewer than two atoms fire");
    snprintf(path, sizeof path, "%sepsilon_all", about);
    note_zeros(result, path, t->atoms.zeros);
    if (s->has_supports) code = put_supports(s->context, t->dictionary, codes, report.k, s->supports_limit, object, result, about, s->sae_path);
    return code ? code : put_counterexample(s, t->fires, &report, object, result, about);
}

int put_identify(const identify_subject *s, json_t *object, json_t *result, const char *about, char *refusal)
{
    theorem t;
    int code = theorem_open(s, refusal, &t);
    if (!code) code = put_theorem(s, &t, object, result, about, refusal);
    theorem_close(&t);
    return code == REFUSED ? EXIT_DONE : code;
}
