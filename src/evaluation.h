/* The figures of an SAE and of its controls, in sample and held out, as JSON: what `eval` prints and `train` adds with --eval. */
#ifndef EVALUATION_H
#define EVALUATION_H

#include <atoms/atoms.h>
#include <jansson.h>

#include "matrix_argument.h"

typedef struct evaluation {
    atoms_context *context;
    const atoms_sae *sae;
    const char *sae_path;
    const matrix_argument *rows;  /* held out */
    const matrix_argument *train; /* in sample; NULL: none */
    const atoms_metric *metric;   /* NULL: none, because of no_metric */
    const char *no_metric;
    uint64_t seed;
    int64_t features_steps, features_batch; /* what the control `features` is trained for */
    int budget_known;                       /* that is what the SAE was trained for */
} evaluation;

/* Figures of the SAE itself. An exit status. */
int evaluate(const evaluation *e, atoms_figures *in_sample, atoms_figures *held_out);

/* Puts held_out and in_sample (null without training rows) into `object`; notes go to `result` below "ABOUT.". */
void put_figures(const evaluation *e, json_t *object, json_t *result, const char *about, const atoms_figures *in_sample,
                 const atoms_figures *held_out);

/* Puts dictionary{…} into `object`: the decoder's coherence. An exit status. */
int put_dictionary(const evaluation *e, json_t *object, json_t *result, const char *about);

/* Puts baselines{…} into `object`. `features` is an SAE to be the control of that name; where it is NULL one is trained, with `controls`.
 * A control that cannot be made of these rows is null, with a note. An exit status. */
int put_baselines(const evaluation *e, json_t *object, json_t *result, int controls, const atoms_sae *features, const char *features_path);

/* The tables for people. */
void print_evaluation(const json_t *result);

#endif
