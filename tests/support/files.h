/* Files in tests: a folder of the test's own, whole files as bytes. Every function fails the test (Check) when it cannot. */
#ifndef SUPPORT_FILES_H
#define SUPPORT_FILES_H

#include <stddef.h>

/* A new empty folder below TMPDIR or /tmp, made once a process and removed with all it holds when the process exits. */
const char *scratch_folder(void);

/* Removes the folder; the next use makes a new one. Runs before every test, since Check need not fork (CK_FORK=no). */
void scratch_renew(void);

/* scratch_folder()/name, in one of eight rotating static buffers. */
const char *scratch_path(const char *name);

/* TEST_GOLDEN/name and TEST_SAMPLE/name, in the same way. */
const char *golden_path(const char *name);
const char *sample_path(const char *name);

/* The whole file, malloc'ed, with a zero byte after it. */
unsigned char *read_bytes(const char *path, size_t *size);
void write_bytes(const char *path, const void *bytes, size_t size);

int file_exists(const char *path);

/* Number of entries of a folder, "." and ".." left out. */
int count_entries(const char *folder);

/* Number of open file descriptors of this process. */
int count_open_files(void);

#endif
