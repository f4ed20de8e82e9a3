/* The table of file operations that everything goes through, so that tests can make any of them fail. */
#ifndef BASE_FILE_IO_H
#define BASE_FILE_IO_H

#include <stddef.h>
#include <stdint.h>

#include "prefix.h"

#define base_io_posix PREFIXED(base_io_posix)
#define base_io_read_full PREFIXED(base_io_read_full)
#define base_io_write_full PREFIXED(base_io_write_full)
#define base_io_error_text PREFIXED(base_io_error_text)

enum { BASE_PATH_MAX = 4096 };

/* Each operation returns a negative errno on failure. Reads and writes may be short. Paths are the caller's. */
typedef struct base_io {
    void *user;
    int (*open_read)(void *user, const char *path);
    /* A new or stale temporary file, emptied and locked; -EBUSY where another process is writing it. */
    int (*create)(void *user, const char *path);
    /* An existing device or pipe, for writing. */
    int (*open_device)(void *user, const char *path);
    int64_t (*read_at)(void *user, int file, void *buffer, size_t bytes, int64_t offset);
    int64_t (*write_at)(void *user, int file, const void *buffer, size_t bytes, int64_t offset);
    int64_t (*size)(void *user, int file);
    /* A hint that these bytes will be read soon; does not wait for them. Nothing depends on it: a caller ignores its failure. */
    int (*advise)(void *user, int file, int64_t offset, int64_t bytes);
    /* The first `bytes` > 0 bytes of the file as read-only memory, until unmapped; the file may be closed before. */
    int (*map)(void *user, int file, size_t bytes, const void **out);
    void (*unmap)(void *user, const void *mapped, size_t bytes);
    int (*duplicate)(void *user, int file); /* shares the lock */
    int (*sync)(void *user, int file);
    int (*close)(void *user, int file);
    int (*rename)(void *user, const char *from, const char *to);
    int (*remove)(void *user, const char *path);
    int (*sync_directory)(void *user, const char *path);
    int (*make_directory)(void *user, const char *path); /* 0 too where it exists */
    int (*kind)(void *user, const char *path);           /* BASE_KIND_… of what the path leads to, or -ENOENT */
    /* 1 and what it leads to where path is a symbolic link, 0 where it is none. */
    int (*follow)(void *user, const char *path, char target[BASE_PATH_MAX]);
} base_io;

enum { BASE_KIND_FILE = 1, BASE_KIND_DIRECTORY = 2, BASE_KIND_OTHER = 3 };

/* The system's operations. */
base_io base_io_posix(void);

/* Reads exactly `bytes` at offset, however many calls it takes. 0, -ENODATA at an early end, or another negative errno. */
int base_io_read_full(const base_io *io, int file, void *buffer, size_t bytes, int64_t offset);
int base_io_write_full(const base_io *io, int file, const void *buffer, size_t bytes, int64_t offset);

/* Words for a negative errno, in English whatever the locale. */
const char *base_io_error_text(int negative_errno);

#endif
