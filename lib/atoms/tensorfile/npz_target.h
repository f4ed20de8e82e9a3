/* The archive as libzip writes it: into a file that appears complete or not at all. */
#ifndef ATOMSI_NPZ_TARGET_H
#define ATOMSI_NPZ_TARGET_H

#include <zip.h>

#include "../../base/atomic_file.h"

typedef struct npz_target {
    base_atomic_file *file;
    int64_t position, end;
    int error; /* negative errno of the operation that failed last */
    zip_error_t zip_error;
} npz_target;

/* A zip_source_callback for zip_source_function_create; user is an npz_target. Committing is left to the caller. */
zip_int64_t atomsi_npz_target(void *user, void *data, zip_uint64_t length, zip_source_cmd_t command);

#endif
