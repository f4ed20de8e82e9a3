/* An allocator for tests: counts, finds leaks, and fails the k-th request, once or for ever after. */
#ifndef SUPPORT_COUNTING_MEMORY_H
#define SUPPORT_COUNTING_MEMORY_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include <atoms/context.h>

typedef struct counting_memory {
    _Atomic int64_t requests; /* so far */
    _Atomic int64_t held;     /* blocks not yet released */
    _Atomic int64_t largest;  /* request, in bytes */
    int64_t fail_at;          /* 1 = the next request from a fresh count; 0 = never */
    int sticky;               /* 1: every request from fail_at on fails */
    _Atomic int64_t failures; /* requests that were refused */
} counting_memory;

/* The hooks, for libraries that take them in another struct; user: a counting_memory. */
void *counting_allocate(void *user, size_t size, size_t alignment);
void counting_release(void *user, void *block, size_t size);

/* Puts the hooks into opts. */
void counting_memory_use(counting_memory *memory, atoms_context_opts *opts);

/* A context with `threads` threads on this allocator, whose files are not synced. Fails the test if it cannot be made. */
atoms_context *counting_context(counting_memory *memory, int32_t threads);

/* Destroys the context; fails the test where a block was not released. */
void counting_end(const counting_memory *memory, atoms_context *context);

#endif
