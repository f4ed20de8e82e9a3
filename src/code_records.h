/* The records of a coding run: their summary as JSON, and the file of them. */
#ifndef CODE_RECORDS_H
#define CODE_RECORDS_H

#include "coding_plan.h"
#include "output.h"

/* converged, other outcomes, worst_gap, worst_kkt into a result. */
void records_summary(json_t *result, const coding_plan *plan, const atoms_code_record *records, int64_t n);

/* An npz with an array for each field, a row of X an element, and `dual` (rows × width, f64) where dual is not NULL. An exit status. */
int records_save(atoms_context *context, const char *path, const atoms_code_record *records, int64_t n, const double *dual, int64_t width);

#endif
