/* An evaluation from its command line to its JSON: what `eval` prints and `report` shows. */
#ifndef EVALUATION_RUN_H
#define EVALUATION_RUN_H

#include "evaluation.h"
#include "metric_choice.h"

enum { EVALUATION_OPTIONS = 7 };

typedef struct evaluation_run {
    word_list train_files;                   /* what the options say */
    const char *metric_path, *features_path; /* NULL: not given */
    int baselines;
    int64_t limit, train_limit, seed;
    evaluation e; /* the rest is made by evaluation_open */
    atoms_context *context;
    atoms_sae *sae, *features;
    atoms_metric *metric;
    matrix_argument x, train;
    char reason[METRIC_REASON_BYTES];
} evaluation_run;

/* The options --train --baselines --features --metric --rows --train-rows --seed, which set the first fields. */
void evaluation_options(evaluation_run *r, option out[EVALUATION_OPTIONS]);

/* Opens what the words SAE X... and the options name; `metric` and its notes go into the result. An exit status. Close in any case. */
int evaluation_open(evaluation_run *r, const arguments *a, json_t *result);
void evaluation_close(evaluation_run *r);

/* Puts held_out, in_sample, dictionary and baselines into the result. An exit status. */
int evaluation_put(const evaluation_run *r, json_t *result);

#endif
