/* File operations on one file that lies in memory: for tests that open thousands of files. Only reading works. */
#ifndef SUPPORT_MEMORY_IO_H
#define SUPPORT_MEMORY_IO_H

#include <stddef.h>

#include <atoms/context.h>

typedef struct memory_io {
    const unsigned char *bytes;
    size_t size;
    int open; /* handles not yet closed */
} memory_io;

/* Every path of the context leads to `io` (kept by reference) from now on. */
void memory_io_use(memory_io *io, atoms_context *context);

#endif
