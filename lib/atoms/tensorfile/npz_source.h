/* The archive as libzip reads it: through the context's file operations. */
#ifndef ATOMSI_NPZ_SOURCE_H
#define ATOMSI_NPZ_SOURCE_H

#include <zip.h>

#include "tensorfile_parts.h"

typedef struct npz_source {
    const atoms_tensorfile *file;
    int64_t position;
    int64_t budget;     /* bytes that may still be read; ≥ 0 only while the directory is read */
    int64_t first_seek; /* where libzip went first since this was set to −1: a member's local header */
    int error;          /* negative errno of the operation that failed last */
    int over_budget;
    zip_error_t zip_error;
} npz_source;

/* A zip_source_callback for zip_source_function_create; user is an npz_source. */
zip_int64_t atomsi_npz_source(void *user, void *data, zip_uint64_t length, zip_source_cmd_t command);

/* Refuses (LIMIT) a directory that claims more entries than are allowed: libzip would allocate for them before it looks for them. */
atoms_status atomsi_npz_check_tail(atoms_tensorfile *file);

enum { NPZ_DIRECTORY_MAX = 8388608 };

#endif
