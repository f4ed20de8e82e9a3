/* What the page shows, as one JSON object: the evaluation's result, and beside it what only pictures need. */
#ifndef REPORT_DATA_H
#define REPORT_DATA_H

#include "evaluation_run.h"

/* Adds to the evaluation's result:
 *   sae{path architecture format d_in d_sae input_scale output_scale metadata}   files{held_out in_sample}   library
 *   codes{held_out in_sample}, each {rows l0[counts by L0] fires[counts of latents by firing rate] never}
 *   identify{held_out in_sample}, each as the command without q*
 *   angles{as the command}   geometry isometry proved: report_dictionary.h
 *     pairs{atoms pairs exhaustive share[90]}, of pairs of atoms that fire in sample
 *   training: train.json beside the SAE   sweep: DIRECTORY/sweep.json
 * What cannot be had is null, with a note under its name. An exit status. */
int report_data(const evaluation_run *r, word_list held_out, const char *sweep_directory, json_t *result);

/* fires[i] counts latents whose firing rate is in [10^(low), 10^(low + 1/5)), low = RATE_LOWEST + i/5; the last bin has the rate 1 too,
 * the first all that are rarer. */
enum { RATE_LOWEST = -6, RATE_BINS = 30 };

#endif
