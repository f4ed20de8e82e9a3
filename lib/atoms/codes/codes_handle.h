/* The owning handle, as the files of this room see it. */
#ifndef ATOMSI_CODES_HANDLE_H
#define ATOMSI_CODES_HANDLE_H

#include "codes_internal.h"

struct atoms_codes {
    atoms_context *context;
    atoms_codes_view view; /* over the memory below */
    int64_t *offset;
    int32_t *index;
    float *value;
    int64_t offset_capacity, index_capacity, value_capacity;
};

/* Room for `rows` rows and `nnz` entries in all; on failure nothing is lost. Errors: OVERFLOW, MEMORY. */
atoms_status atomsi_codes_reserve(atoms_codes *codes, int64_t rows, int64_t nnz);

#endif
