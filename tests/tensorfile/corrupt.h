/* Opening bytes that may be anything, and what must hold whatever they are. */
#ifndef TENSORFILE_CORRUPT_H
#define TENSORFILE_CORRUPT_H

#include <stddef.h>
#include <stdint.h>

#include <atoms/status.h>

/* Bytes that grow. */
typedef struct bytes {
    unsigned char data[1 << 17];
    size_t size;
} bytes;

void put(bytes *b, const void *data, size_t size);
void put_text(bytes *b, const char *text);
void put_little(bytes *b, uint64_t value, int count);
void put_zeros(bytes *b, size_t count);

/* Opens the bytes as a file and, if that works, reads every tensor whole. Fails the test where memory leaks, a handle stays open or a
 * single allocation is larger than the file and 64 KiB. `detail` (1024 bytes) receives the words; it may be NULL. */
atoms_status open_and_read(const void *data, size_t size, char *detail);

/* The status is `expected` and the words contain `words`. */
void check_case(const char *what, const bytes *b, atoms_status expected, const char *words);

/* Every shorter length is refused; every byte changed in four ways is refused or read. */
void check_all_truncations(const void *data, size_t size);
void check_all_changes(const void *data, size_t size);

#endif
