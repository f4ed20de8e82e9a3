/* Files of rows in tests. */
#ifndef ROW_FILES_H
#define ROW_FILES_H

#include <atoms/rows.h>

/* An npy of version 1 (its data begin at byte 128) with the pattern, or only its header where `pattern` is 0. */
void write_npy(const char *path, int32_t dtype, int fortran, int64_t rows, int64_t cols, int pattern);

/* Fails the test, with the detail, if it cannot. */
atoms_rows *open_rows(atoms_context *context, const char *path, const char *tensor, int64_t limit);

#endif
