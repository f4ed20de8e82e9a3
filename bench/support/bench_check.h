/* What a benchmark does with a failure: says which call and why, and ends. */
#ifndef BENCH_CHECK_H
#define BENCH_CHECK_H

#include <stdio.h>
#include <stdlib.h>

#include <atoms/context.h>

static inline void bench_check(const atoms_context *context, atoms_status status, const char *call)
{
    if (!status) return;
    char detail[512];
    atoms_context_detail(context, detail, sizeof detail);
    fprintf(stderr, "%s\n  %s: %s\n", call, atoms_status_name(status), detail);
    exit(1);
}

#define CHECK(context, call) bench_check(context, call, #call)

static inline void *bench_memory(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size);
    if (memory) return memory;
    fprintf(stderr, "no memory for %zu elements of %zu bytes\n", count, size);
    exit(1);
}

#endif
