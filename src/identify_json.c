/* The counter-example is one of the dictionary that ε is of, the atoms that fire: one that needs an atom which never fires says nothing about
 * these codes. */
#include "identify_json.h"

#include <stdio.h>
#include <stdlib.h>

#include "failure.h"
#include "firing_atoms.h"
#include "output.h"

enum { ABOUT_BYTES = 96 };

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

static atoms_status search(const identify_subject *s, const firing_atoms *atoms, const atoms_identify_report *r, json_t *object)
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

static int64_t *count_fires(const identify_subject *s, const atoms_codes_view *codes)
{
    int64_t *fires = needed(calloc((size_t)atoms_sae_d_sae(s->sae), sizeof *fires));
    for (int64_t e = 0; e < codes->nnz; e++) fires[codes->index[e]]++;
    return fires;
}

/* Outside the theorem's condition: the samples that are hardest to read with these K and coefficients. */
static int put_counterexample(const identify_subject *s, const atoms_identify_report *r, json_t *object, json_t *result, const char *about)
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
    atoms_codes_view view;
    firing_atoms atoms = {.values = NULL};
    int code = checked(s->context, atoms_codes_look(s->codes, &view), s->sae_path);
    if (code) return code;
    int64_t *fires = count_fires(s, &view);
    code = firing_atoms_read(s->context, s->sae, s->sae_path, fires, &atoms);
    if (!code) code = checked(s->context, search(s, &atoms, r, object), s->sae_path);
    firing_atoms_free(&atoms);
    free(fires);
    return code;
}

static atoms_status find(const identify_subject *s, atoms_identify_report *report)
{
    atoms_dictionary *dictionary = NULL;
    atoms_matrix decoder;
    atoms_status status = atoms_identify_report_init(report, sizeof *report);
    if (!status) status = atoms_sae_decoder(s->sae, &decoder);
    if (!status) status = atoms_dictionary_create(s->context, &decoder, s->metric, &dictionary);
    if (!status) status = atoms_identify(dictionary, s->codes, atoms_sae_threshold(s->sae), NULL, report);
    atoms_dictionary_destroy(dictionary);
    return status;
}

int put_identify(const identify_subject *s, json_t *object, json_t *result, const char *about, atoms_status *status)
{
    atoms_identify_report report;
    char path[ABOUT_BYTES];
    atoms_status found = find(s, &report);
    if (status) *status = found;
    if (found) return status ? EXIT_DONE : checked(s->context, found, s->sae_path);
    put_figures(&report, object);
    snprintf(path, sizeof path, "%sq_star", about);
    if (report.atoms < 2) add_note(result, path, "fewer than two atoms fire");
    return put_counterexample(s, &report, object, result, about);
}
