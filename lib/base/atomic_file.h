/* A file that appears complete or not at all: temporary name beside it, fsync, rename, fsync of the directory. Where the path is a
 * symbolic link to a file, that file is replaced and the link stays. */
#ifndef BASE_ATOMIC_FILE_H
#define BASE_ATOMIC_FILE_H

#include "file_io.h"
#include "memory.h"

#define base_atomic_open PREFIXED(base_atomic_open)
#define base_atomic_write PREFIXED(base_atomic_write)
#define base_atomic_write_at PREFIXED(base_atomic_write_at)
#define base_atomic_commit PREFIXED(base_atomic_commit)
#define base_atomic_abandon PREFIXED(base_atomic_abandon)

typedef struct base_atomic_file {
    const base_io *io;
    base_memory *memory;
    char *path, *temporary, *directory;
    int file;
    int device;     /* the target is a device or pipe: written in place */
    int64_t length; /* bytes written in order so far */
} base_atomic_file;

/* All return 0 or a negative errno. After a failure call base_atomic_abandon (it is safe at any time after open was tried). */
int base_atomic_open(base_atomic_file *file, const base_io *io, base_memory *memory, const char *path);
int base_atomic_write(base_atomic_file *file, const void *bytes, size_t count);
int base_atomic_write_at(base_atomic_file *file, const void *bytes, size_t count, int64_t offset);

/* Closes and puts the file in its place. On failure the temporary one is gone and the old file is as it was, unless it was the
 * directory's fsync that failed: then the new file is in place, but may not survive a power cut. */
int base_atomic_commit(base_atomic_file *file);

/* Throws away what was written. Does nothing after commit. */
void base_atomic_abandon(base_atomic_file *file);

#endif
