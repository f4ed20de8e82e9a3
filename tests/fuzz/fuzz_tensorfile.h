/* What all fuzzers of tensor files do. */
#ifndef FUZZ_TENSORFILE_H
#define FUZZ_TENSORFILE_H

#include "fuzz_context.h"

/* Opens the bytes as a file and uses every function on it that takes one; traps where a promise is broken. */
void fuzz_tensorfile(const uint8_t *data, size_t size);

#endif
