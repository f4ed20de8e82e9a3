/* File operations that fail: the k-th one, with a chosen errno or a short count, once or for ever after. */
#ifndef SUPPORT_FAILING_IO_H
#define SUPPORT_FAILING_IO_H

#include <stdint.h>

#include <atoms/context.h>

#include "base/file_io.h"

typedef struct failing_io {
    base_io real;
    int64_t operations; /* so far */
    int64_t fail_at;    /* 1 = the next; 0 = never */
    int sticky;
    int error;          /* an errno (ENOSPC, EIO, EINTR …); 0: short reads and writes of one byte instead */
    int64_t failures;
} failing_io;

/* Lets every file operation of the context go through `io` (kept by reference). */
void failing_io_use(failing_io *io, atoms_context *context);

#endif
