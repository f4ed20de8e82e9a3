/* From a subject and rows to figures; the controls, each of which makes a subject and has it judged. */
#ifndef EVALUATE_JUDGE_H
#define EVALUATE_JUDGE_H

#include <stdbool.h>

#include <atoms/evaluate.h>

#include "../dictionary/dictionary_internal.h"
#include "row_source.h"
#include "subject.h"
#include "tally.h"

typedef struct judgement {
    atoms_context *context;
    const atoms_sae *sae;
    const atoms_metric *metric; /* NULL = none */
    uint64_t seed;
    int64_t features_steps, features_batch; /* 0 = the recipe's */
    row_source *train; /* NULL = none */
    row_source *rows;
    atoms_figures in_sample, held_out; /* results; in_sample where there is train */
} judgement;

/* Figures of the subject on j->train and j->rows. */
atoms_status atomsi_judge(judgement *j, const subject *s);

atoms_status atomsi_judge_sae(judgement *j);
atoms_status atomsi_judge_neurons(judgement *j);
atoms_status atomsi_judge_random(judgement *j);
atoms_status atomsi_judge_shuffled(judgement *j);
atoms_status atomsi_judge_memoriser(judgement *j);
atoms_status atomsi_judge_features(judgement *j);

/* What follows from one tally: everything but stability and coherence, which are left NaN. */
atoms_figures atomsi_figures_of(const tally *t, bool with_metric);

#endif
