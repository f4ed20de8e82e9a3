/* What the rooms of libatoms use of the context: memory, words, the parallel loop, files, kernels. */
#ifndef ATOMSI_CONTEXT_H
#define ATOMSI_CONTEXT_H

#include <stdint.h>

#include <atoms/context.h>

#include "../../base/assertion.h"
#include "../../base/checked.h"
#include "../../base/error_text.h"
#include "../../base/file_io.h"
#include "../../base/memory.h"
#include "../../base/number_text.h"
#include "../../base/options.h"
#include "../../base/parallel.h"
#include "../../linalg/kernels.h"

struct atoms_context {
    base_memory memory;
    base_error error;
    base_parallel parallel;
    base_io io; /* tests replace it with one that fails */
    const linalg_kernels *kernels;
    void *progress_user;
    atoms_progress_fn progress; /* NULL = none */
};

/* Sets the detail (context may be NULL: then there is none) and returns status. printf-like; numbers with a point go through
 * base_number_text and %s. */
atoms_status atomsi_fail(atoms_context *context, atoms_status status, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* atomsi_fail for a negative errno of base_io: "PATH: words". -ENOENT gives NOT_FOUND, -ENOMEM MEMORY, -ENODATA FORMAT, the rest IO. */
atoms_status atomsi_fail_file(atoms_context *context, int negative_errno, const char *path);

/* Sets a detail for an outcome of base or linalg that happened while doing `what`, and returns it as a status. */
atoms_status atomsi_fail_outcome(atoms_context *context, base_outcome outcome, const char *what);

/* count·size bytes, aligned to 64; NULL with the detail set (then return ATOMS_E_MEMORY). atomsi_alloc_zero clears them. */
void *atomsi_alloc(atoms_context *context, int64_t count, size_t size);
void *atomsi_alloc_zero(atoms_context *context, int64_t count, size_t size);
void atomsi_free(atoms_context *context, void *block); /* NULL is fine */

/* A copy of text, through atomsi_alloc. */
char *atomsi_copy_text(atoms_context *context, const char *text);

/* Makes *array hold at least `needed` elements of `size` bytes, at least doubling; contents are kept, *capacity updated. On failure
 * (MEMORY, OVERFLOW) both are as they were. */
atoms_status atomsi_grow(atoms_context *context, void **array, int64_t *capacity, int64_t needed, size_t size);

/* body(arg, i, worker) for 0 ≤ i < count on the context's threads; 0 ≤ worker < atoms_context_threads. Cut work into pieces that do not
 * depend on the number of threads, and sum pieces in their order afterwards: that is the rule for thread-independent bits. */
static inline void atomsi_parallel_for(atoms_context *context, int64_t count, base_body body, void *arg)
{
    base_parallel_run(&context->parallel, count, body, arg);
}

/* Tells the caller how far this call is. `part` is the name of the pieces. Errors: CANCELLED, the caller's wish. */
atoms_status atomsi_progress(atoms_context *context, const char *part, int64_t done, int64_t total);

/* atomsi_parallel_for with atomsi_progress every now and then; after CANCELLED the rest has not been done. */
atoms_status atomsi_parallel_for_progress(atoms_context *context, const char *part, int64_t count, base_body body, void *arg);

/* The body of an X_init function for a public struct with its size first. */
static inline atoms_status atomsi_struct_init(void *out, size_t size, const void *defaults, size_t known_size)
{
    return base_options_init(out, size, defaults, known_size);
}

/* Reads a caller's options (NULL = defaults) into *known; `name` is the struct's, for the detail. */
atoms_status atomsi_read_options(atoms_context *context, void *known, size_t known_size, const void *defaults, const void *options,
                                 const char *name);

/* Copies a report out under the caller's struct_size; call it last, when nothing can fail any more but a wrong struct_size. */
atoms_status atomsi_write_report(atoms_context *context, void *report, const void *known, size_t known_size, const char *name);

#endif
