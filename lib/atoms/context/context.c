#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "../../linalg/cblas_gate.h"
#include "context_internal.h"

/* Where base meets the public statuses: the same numbers. */
_Static_assert((int)BASE_OK == (int)ATOMS_OK && (int)BASE_E_ARGUMENT == (int)ATOMS_E_ARGUMENT && (int)BASE_E_NOT_FINITE == (int)ATOMS_E_NOT_FINITE &&
                   (int)BASE_E_OVERFLOW == (int)ATOMS_E_OVERFLOW && (int)BASE_E_MEMORY == (int)ATOMS_E_MEMORY &&
                   (int)BASE_E_IO == (int)ATOMS_E_IO && (int)BASE_E_NOT_FOUND == (int)ATOMS_E_NOT_FOUND &&
                   (int)BASE_E_UNSUPPORTED == (int)ATOMS_E_UNSUPPORTED && (int)BASE_E_NUMERIC == (int)ATOMS_E_NUMERIC,
               "base outcomes are statuses");

enum { THREADS_MAX = 1024 };

static const atoms_context_opts default_opts = {.struct_size = sizeof(atoms_context_opts), .threads = 1};
static const atoms_memory_report empty_report = {.struct_size = sizeof(atoms_memory_report)};

atoms_status atoms_context_opts_init(atoms_context_opts *opts, size_t size)
{
    return atomsi_struct_init(opts, size, &default_opts, sizeof default_opts);
}

atoms_status atoms_memory_report_init(atoms_memory_report *report, size_t size)
{
    return atomsi_struct_init(report, size, &empty_report, sizeof empty_report);
}

atoms_status atoms_context_create(const atoms_context_opts *opts, atoms_context **out)
{
    if (!out) return ATOMS_E_ARGUMENT;
    *out = NULL;
    atoms_context_opts o;
    atoms_status status = base_options_read(&o, sizeof o, &default_opts, opts);
    if (status) return status;
    if (o.threads < 1 || o.threads > THREADS_MAX || !o.allocate != !o.release) return ATOMS_E_ARGUMENT;
    if ((status = linalg_cblas_probe())) return status;

    base_memory memory;
    base_memory_init(&memory, o.memory_user, o.allocate, o.release, o.memory_cap);
    atoms_context *context = base_alloc(&memory, sizeof *context);
    if (!context) return ATOMS_E_MEMORY;
    base_memory_init(&context->memory, o.memory_user, o.allocate, o.release, o.memory_cap);
    atomic_store(&context->memory.in_use, atomic_load(&memory.in_use));
    atomic_store(&context->memory.peak, atomic_load(&memory.peak));
    base_error_init(&context->error);
    context->io = base_io_posix();
    context->kernels = linalg_kernels_pick();
    context->progress_user = o.progress_user;
    context->progress = o.progress;
    status = base_parallel_init(&context->parallel, &context->memory, o.threads, o.parallel_user, o.parallel_for);
    if (status) {
        base_free(&memory, context);
        return status;
    }
    *out = context;
    return ATOMS_OK;
}

void atoms_context_destroy(atoms_context *context)
{
    if (!context) return;
    base_parallel_stop(&context->parallel);
    base_memory memory; /* the block cannot be released through itself */
    base_memory_init(&memory, context->memory.user, context->memory.allocate, context->memory.release, 0);
    base_free(&memory, context);
}

size_t atoms_context_detail(const atoms_context *context, char *buffer, size_t size)
{
    if (!context) {
        if (buffer && size) buffer[0] = '\0';
        return 0;
    }
    return base_error_copy((base_error *)(uintptr_t)&context->error, buffer, size); /* the flag inside is what makes it shareable */
}

atoms_status atoms_context_memory(const atoms_context *context, atoms_memory_report *report)
{
    if (!context || !report) return ATOMS_E_ARGUMENT;
    atoms_memory_report r = empty_report;
    r.in_use = atomic_load(&context->memory.in_use);
    r.peak = atomic_load(&context->memory.peak);
    r.allocations = atomic_load(&context->memory.allocations);
    r.cap = context->memory.cap;
    return base_report_write(report, &r, sizeof r);
}

int32_t atoms_context_threads(const atoms_context *context)
{
    return context ? context->parallel.threads : 0;
}

atoms_status atomsi_fail(atoms_context *context, atoms_status status, const char *format, ...)
{
    if (!context) return status;
    va_list arguments;
    va_start(arguments, format);
    base_error_set(&context->error, format, arguments);
    va_end(arguments);
    return status;
}

atoms_status atomsi_fail_file(atoms_context *context, int negative_errno, const char *path)
{
    atoms_status status = negative_errno == -ENOENT    ? ATOMS_E_NOT_FOUND
                          : negative_errno == -ENOMEM  ? ATOMS_E_MEMORY
                          : negative_errno == -ENODATA ? ATOMS_E_FORMAT
                                                       : ATOMS_E_IO;
    return atomsi_fail(context, status, "%s: %s (error %d)", path, base_io_error_text(negative_errno), -negative_errno);
}

atoms_status atomsi_fail_outcome(atoms_context *context, base_outcome outcome, const char *what)
{
    return atomsi_fail(context, outcome, "%s: %s", what, atoms_status_text(outcome));
}

void *atomsi_alloc(atoms_context *context, int64_t count, size_t size)
{
    size_t bytes;
    void *block = base_bytes(count, size, &bytes) ? base_alloc(&context->memory, bytes) : NULL;
    if (!block)
        (void)atomsi_fail(context, ATOMS_E_MEMORY, "out of memory: %lld elements of %zu bytes (%llu bytes in use, cap %llu)", (long long)count,
                          size, (unsigned long long)atomic_load(&context->memory.in_use), (unsigned long long)context->memory.cap);
    return block;
}

void *atomsi_alloc_zero(atoms_context *context, int64_t count, size_t size)
{
    void *block = atomsi_alloc(context, count, size);
    if (block) memset(block, 0, (size_t)count * size); /* the product was checked by atomsi_alloc */
    return block;
}

void atomsi_free(atoms_context *context, void *block)
{
    base_free(&context->memory, block);
}

char *atomsi_copy_text(atoms_context *context, const char *text)
{
    size_t length = strlen(text);
    char *copy = atomsi_alloc(context, (int64_t)length + 1, 1);
    if (copy) memcpy(copy, text, length + 1);
    return copy;
}

atoms_status atomsi_grow(atoms_context *context, void **array, int64_t *capacity, int64_t needed, size_t size)
{
    if (needed <= *capacity) return ATOMS_OK;
    int64_t want;
    if (!base_mul_i64(*capacity, 2, &want) || want < needed) want = needed;
    void *larger = atomsi_alloc(context, want, size);
    if (!larger && want > needed) larger = atomsi_alloc(context, want = needed, size);
    if (!larger) return ATOMS_E_MEMORY;
    if (*array) memcpy(larger, *array, (size_t)*capacity * size);
    atomsi_free(context, *array);
    *array = larger;
    *capacity = want;
    return ATOMS_OK;
}

atoms_status atomsi_read_options(atoms_context *context, void *known, size_t known_size, const void *defaults, const void *options,
                                 const char *name)
{
    atoms_status status = base_options_read(known, known_size, defaults, options);
    if (status == ATOMS_E_ARGUMENT)
        return atomsi_fail(context, status, "%s: struct_size is not set; call %s_init first", name, name);
    if (status) return atomsi_fail(context, status, "%s: holds options that this version does not know", name);
    return ATOMS_OK;
}

atoms_status atomsi_write_report(atoms_context *context, void *report, const void *known, size_t known_size, const char *name)
{
    if (!report) return atomsi_fail(context, ATOMS_E_ARGUMENT, "%s: is NULL", name);
    if (base_report_write(report, known, known_size))
        return atomsi_fail(context, ATOMS_E_ARGUMENT, "%s: struct_size is not set; call %s_init first", name, name);
    return ATOMS_OK;
}
