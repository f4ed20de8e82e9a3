#include "counting_memory.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "context/context_internal.h"
#include "near.h"
#include "unsynced_io.h"

void *counting_allocate(void *user, size_t size, size_t alignment)
{
    counting_memory *m = user;
    int64_t n = atomic_fetch_add(&m->requests, 1) + 1;
    if ((int64_t)size > m->largest) m->largest = (int64_t)size;
    if (m->fail_at && (m->sticky ? n >= m->fail_at : n == m->fail_at)) {
        atomic_fetch_add(&m->failures, 1);
        return NULL;
    }
    void *block = aligned_alloc(alignment, size);
    if (!block) return NULL;
    memset(block, 0xA5, size); /* nobody may count on zeros */
    atomic_fetch_add(&m->held, 1);
    return block;
}

void counting_release(void *user, void *block, size_t size)
{
    counting_memory *m = user;
    memset(block, 0x5A, size); /* nor on what was freed; and the size must be the right one */
    free(block);
    atomic_fetch_sub(&m->held, 1);
}

void counting_memory_use(counting_memory *memory, atoms_context_opts *opts)
{
    opts->memory_user = memory;
    opts->allocate = counting_allocate;
    opts->release = counting_release;
}

atoms_context *counting_context(counting_memory *memory, int32_t threads)
{
    atoms_context_opts opts;
    ck_assert_ok(atoms_context_opts_init(&opts, sizeof opts));
    opts.threads = threads;
    counting_memory_use(memory, &opts);
    atoms_context *context = NULL;
    ck_assert_ok(atoms_context_create(&opts, &context));
    context->io = unsynced_io();
    return context;
}

void counting_end(const counting_memory *memory, atoms_context *context)
{
    atoms_context_destroy(context);
    ck_assert_int_eq(memory->held, 0);
}
