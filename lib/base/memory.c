/* Every block is preceded by one alignment unit that holds its full size: the hooks' release wants the size back, and the
 * cap counts what was really taken, header included. */
#define _DEFAULT_SOURCE
#include "memory.h"

#include <stdlib.h>
#include <sys/mman.h>

#include "checked.h"

enum { HUGE_PAGE = 2 << 20 };

/* Large blocks ask for huge pages. What is picked from all over a large matrix, as decoder rows are, misses the processor's page table on
 * every row otherwise, and new memory costs one fault for 2 MiB instead of 512. A system that does not give them just does not. */
static void *default_allocate(void *user, size_t size, size_t alignment)
{
    (void)user;
    if (size < 2 * HUGE_PAGE) return aligned_alloc(alignment, size);
    void *memory;
    if (posix_memalign(&memory, HUGE_PAGE, size)) return NULL;
#ifdef MADV_HUGEPAGE
    (void)madvise(memory, size, MADV_HUGEPAGE);
#endif
    return memory;
}

static void default_release(void *user, void *memory, size_t size)
{
    (void)user;
    (void)size;
    free(memory);
}

void base_memory_init(base_memory *memory, void *user, void *(*allocate)(void *, size_t, size_t), void (*release)(void *, void *, size_t),
                      uint64_t cap)
{
    memory->user = user;
    memory->allocate = allocate ? allocate : default_allocate;
    memory->release = release ? release : default_release;
    memory->cap = cap;
    atomic_init(&memory->in_use, 0);
    atomic_init(&memory->peak, 0);
    atomic_init(&memory->allocations, 0);
}

/* Reserves `size` under the cap, or says no without having touched the count. */
static int reserve(base_memory *memory, uint64_t size)
{
    uint64_t now = atomic_load(&memory->in_use), then;
    do {
        if (memory->cap && (size > memory->cap || now > memory->cap - size)) return 0;
        then = now + size;
    } while (!atomic_compare_exchange_weak(&memory->in_use, &now, then));
    uint64_t peak = atomic_load(&memory->peak);
    while (peak < then && !atomic_compare_exchange_weak(&memory->peak, &peak, then)) {}
    return 1;
}

void *base_alloc(base_memory *memory, size_t bytes)
{
    size_t size;
    if (!base_add_size(bytes, BASE_ALIGNMENT, &size) || !base_align_size(size, BASE_ALIGNMENT, &size)) return NULL;
    if (!reserve(memory, size)) return NULL;
    size_t *head = memory->allocate(memory->user, size, BASE_ALIGNMENT);
    if (!head) {
        atomic_fetch_sub(&memory->in_use, size);
        return NULL;
    }
    atomic_fetch_add(&memory->allocations, 1);
    *head = size;
    return (char *)head + BASE_ALIGNMENT;
}

void base_free(base_memory *memory, void *block)
{
    if (!block) return;
    size_t *head = (size_t *)(void *)((char *)block - BASE_ALIGNMENT);
    size_t size = *head;
    memory->release(memory->user, head, size);
    atomic_fetch_sub(&memory->in_use, size);
}
