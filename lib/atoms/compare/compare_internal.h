/* The parts of a comparison, for the files of this room. */
#ifndef ATOMSI_COMPARE_H
#define ATOMSI_COMPARE_H

#include <atoms/compare.h>

#include "../geometry/geometry_internal.h"

/* best_match.c: the largest cosine of every atom of a with one of b, and the other way round, in f64. */
atoms_status atomsi_best_match(const atomsi_directions *a, const atomsi_directions *b, double *best_a, double *best_b);

/* assignment.c: the one-to-one assignment of rows to columns (rows ≤ columns) with the largest sum of value[row·cols + col]; column[row].
 * Errors: MEMORY, CANCELLED. */
atoms_status atomsi_assignment(atoms_context *context, int64_t rows, int64_t cols, const double *value, int64_t *column);

/* matching.c: partner[i] in b of every atom of a (a not the larger one), optimal or greedy; `best` as from best_match. */
atoms_status atomsi_match_exactly(const atomsi_directions *a, const atomsi_directions *b, int64_t *partner);
atoms_status atomsi_match_greedily(const atomsi_directions *a, const atomsi_directions *b, const double *best, int64_t *partner);

#endif
