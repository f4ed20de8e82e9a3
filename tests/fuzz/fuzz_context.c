#include "fuzz_context.h"

#include <stdlib.h>

static uint64_t largest;

void require(int condition)
{
    if (!condition) __builtin_trap();
}

static void *allocate(void *user, size_t size, size_t alignment)
{
    (void)user;
    if (size > largest) largest = size;
    return aligned_alloc(alignment, size);
}

static void release(void *user, void *memory, size_t size)
{
    (void)user;
    (void)size;
    free(memory);
}

atoms_context *fuzz_context(void)
{
    atoms_context_opts opts;
    atoms_context *context;
    require(atoms_context_opts_init(&opts, sizeof opts) == ATOMS_OK);
    opts.memory_cap = 64 << 20;
    opts.allocate = allocate;
    opts.release = release;
    require(atoms_context_create(&opts, &context) == ATOMS_OK);
    largest = 0;
    return context;
}

uint64_t fuzz_largest(void)
{
    return largest;
}
