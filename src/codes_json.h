/* What `encode` and `decode` say about codes. */
#ifndef CODES_JSON_H
#define CODES_JSON_H

#include <atoms/atoms.h>

#include "arguments.h"

/* Prints rows, width, nnz, l0_mean and the path that was written. An exit status. */
int output_codes(const arguments *a, atoms_context *context, const atoms_codes *codes, const char *path);

#endif
