/* What other rooms use of rows beyond the public functions. */
#ifndef ATOMSI_ROWS_H
#define ATOMSI_ROWS_H

#include <atoms/rows.h>

/* Hints that atoms_rows_gather will be asked for rows order[0 … count), all of which there are, so that the system can fetch them while
 * something else is computed: one system call for each run of consecutive numbers, none for rows of a matrix or a callback. Nothing
 * depends on it; it never fails, allocates or waits for the rows. */
void atomsi_rows_prefetch(atoms_rows *rows, const int64_t *order, int64_t count);

/* atoms_rows_read into packed f64, where values beyond f32's range are NOT_FINITE too. */
atoms_status atomsi_rows_read_in_f32_range(atoms_rows *rows, int64_t first, const atoms_matrix *out);

#endif
