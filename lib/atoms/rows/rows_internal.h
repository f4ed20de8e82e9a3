/* What other rooms use of rows beyond the public functions. */
#ifndef ATOMSI_ROWS_H
#define ATOMSI_ROWS_H

#include <atoms/rows.h>

/* atoms_rows_read into packed f64, where values beyond f32's range are NOT_FINITE too. */
atoms_status atomsi_rows_read_in_f32_range(atoms_rows *rows, int64_t first, const atoms_matrix *out);

#endif
