/* Memory through the caller's hooks, with a cap and a count. Each block carries its size, so releasing needs no size. */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "prefix.h"

#define base_memory_init PREFIXED(base_memory_init)
#define base_alloc PREFIXED(base_alloc)
#define base_free PREFIXED(base_free)

enum { BASE_ALIGNMENT = 64 };

typedef struct base_memory {
    void *user;
    void *(*allocate)(void *user, size_t size, size_t alignment);
    void (*release)(void *user, void *memory, size_t size);
    uint64_t cap; /* 0 = none */
    _Atomic uint64_t in_use, peak, allocations;
} base_memory;

/* allocate and release NULL: the C library's. */
void base_memory_init(base_memory *memory, void *user, void *(*allocate)(void *, size_t, size_t), void (*release)(void *, void *, size_t),
                      uint64_t cap);

/* `bytes` bytes aligned to BASE_ALIGNMENT, not cleared; NULL when refused or over the cap. Zero bytes give a valid block. */
void *base_alloc(base_memory *memory, size_t bytes);
void base_free(base_memory *memory, void *block);

#endif
