/* Which tensor of a file the rows are. */
#ifndef ATOMSI_ROWS_FILE_H
#define ATOMSI_ROWS_FILE_H

#include <atoms/tensorfile.h>

typedef struct rows_tensor {
    int64_t index;
    int64_t rows, cols;
    int64_t rows_in_file; /* more than rows where a limit was asked for */
    int32_t dtype;
    int32_t column_major;
    const char *name; /* the file's */
} rows_tensor;

/* The tensor called `wanted`, or where that is NULL the only two-dimensional float one, checked for shape, dtype and size. Errors:
 * NOT_FOUND, ARGUMENT (several, listed), SHAPE, DTYPE, OVERFLOW. */
atoms_status atomsi_rows_pick_tensor(atoms_context *context, const atoms_tensorfile *file, const char *path, const char *wanted,
                                     rows_tensor *out);

#endif
