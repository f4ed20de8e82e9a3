/* What is known of the atoms that fire in sample, as JSON: their geometry, and intervals for their restricted isometry constants. */
#ifndef REPORT_DICTIONARY_H
#define REPORT_DICTIONARY_H

#include <atoms/atoms.h>
#include <jansson.h>

/* Puts into the result:
 *   geometry{atoms mu p50 p90 p99 p999 welch frame_low frame_high effective_rank duplicates clusters babel[…]}
 *   isometry[{order lower upper exact bound}]   proved{unique l1 omp, each with _by}
 * in the metric, NULL = Euclidean. What cannot be had is null, with a note. An exit status. */
int report_dictionary(atoms_context *context, const atoms_matrix *atoms, const atoms_metric *metric, json_t *result);

#endif
