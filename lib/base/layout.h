/* Arrays one after another inside one block of memory: how works of the caller's memory and scratch are laid out, and measured. */
#ifndef BASE_LAYOUT_H
#define BASE_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "memory.h"
#include "prefix.h"

#define base_layout_take PREFIXED(base_layout_take)
#define base_layout_rows PREFIXED(base_layout_rows)

typedef struct base_layout {
    unsigned char *memory; /* aligned to BASE_ALIGNMENT; NULL: only measure */
    size_t used;
    bool fits;             /* start with true; false after a size has overflowed */
} base_layout;

/* In memory of any alignment, from its first aligned byte: up to BASE_ALIGNMENT − 1 bytes are passed over. */
static inline base_layout base_layout_inside(void *memory)
{
    uintptr_t aligned = ((uintptr_t)memory + BASE_ALIGNMENT - 1) & ~(uintptr_t)(BASE_ALIGNMENT - 1);
    return (base_layout){.fits = true, .memory = (unsigned char *)memory + (aligned - (uintptr_t)memory)};
}

/* The next `count` elements of `size` bytes, on a cache line of their own; NULL when measuring, or after an overflow. */
void *base_layout_take(base_layout *layout, int64_t count, size_t size);

/* The most rows for which measure(user, rows) is not 0 (its overflow) and at most `bytes`; sizes rise with the rows. 0: not even one. */
int64_t base_layout_rows(size_t (*measure)(const void *user, int64_t rows), const void *user, size_t bytes);

#endif
