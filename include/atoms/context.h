/* The context: memory, threads and error words of everything made from it. There are no globals. */
#ifndef ATOMS_CONTEXT_H
#define ATOMS_CONTEXT_H

#include <atoms/status.h>

ATOMS_BEGIN

typedef struct atoms_context atoms_context;

/* Memory hooks. `allocate` returns `size` bytes aligned to `alignment` (a power of two), or NULL; `release`
 * gets the size that was asked for. Both may be called from any thread that uses the context. */
typedef void *(*atoms_allocate_fn)(void *user, size_t size, size_t alignment);
typedef void (*atoms_release_fn)(void *user, void *memory, size_t size);

/* One piece of parallel work: `index` says which, `worker` (0 ≤ worker < threads) must differ between bodies
 * that run at the same time. */
typedef void (*atoms_body_fn)(void *arg, int64_t index, int32_t worker);

/* The caller's own loop: runs body(arg, i, worker) for every 0 ≤ i < count, in any order, and returns when all are done. */
typedef void (*atoms_parallel_for_fn)(void *user, int64_t count, atoms_body_fn body, void *arg);

/* How far a long call has come: `done` of `total` pieces of its part `part` ("rows"; "signals" where they are coded, "Gram tiles" where a plan
 * is made; "pair blocks" where pairs of rows or atoms are gone through; "steps" where the control FEATURES is trained; "beam sizes", "power
 * starts", "search rows", "bound steps" and "bound columns" where supports are searched; "row blocks" and "atom blocks" where each row's support or each atom is
 * judged); a call may have several parts, one after another. It is called between pieces, in the thread that made the call; nonzero ends the
 * call with CANCELLED, as any other error would; where δ_K is bounded (rip.h) it ends with what is known by then. */
typedef int32_t (*atoms_progress_fn)(void *user, const char *part, int64_t done, int64_t total);

typedef struct atoms_context_opts {
    uint32_t struct_size;
    int32_t threads;                    /* 1 = serial (default); n > 1: own pool of n−1 threads, or the width of parallel_for; at most 1024 */
    uint64_t memory_cap;                /* bytes that may be held at once, 0 = no cap (default) */
    void *memory_user;
    atoms_allocate_fn allocate;         /* NULL = malloc's family (default); set both hooks or neither */
    atoms_release_fn release;
    void *parallel_user;
    atoms_parallel_for_fn parallel_for; /* NULL = own pool (default) */
    void *progress_user;
    atoms_progress_fn progress;         /* NULL = none (default); told by atoms_moments_add_rows, atoms_angles, atoms_sae_encode_rows,
                                           atoms_pursuit_create and _run, likewise lasso and basis pursuit, atoms_dictionary_coherence,
                                           atoms_stability…, atoms_geometry_…, atoms_compare, atoms_identify…, atoms_rip_…, atoms_evaluate…,
                                           and what calls them */
} atoms_context_opts;

/* Fills *opts with the defaults. `size` is sizeof(atoms_context_opts) as the caller knows it. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_context_opts_init(atoms_context_opts *opts, size_t size);

typedef struct atoms_memory_report {
    uint32_t struct_size;
    int32_t reserved;
    uint64_t in_use;     /* bytes held now through the context */
    uint64_t peak;       /* the most that were held at once */
    uint64_t allocations;/* how many were made so far: constant across a call that does not allocate */
    uint64_t cap;
} atoms_memory_report;

ATOMS_API ATOMS_NODISCARD atoms_status atoms_memory_report_init(atoms_memory_report *report, size_t size);

/* Makes a context; opts NULL = defaults. *out is the caller's, to be destroyed after every handle made from it.
 * Errors: ARGUMENT, MEMORY, UNSUPPORTED (a BLAS with 64-bit integers; unknown options). Allocates. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_context_create(const atoms_context_opts *opts, atoms_context **out);
ATOMS_API void atoms_context_destroy(atoms_context *context);

/* Copies the words of the last error made through this context into buffer (cut to size, always terminated; "" when
 * there was none) and returns their full length. Where threads share a context, the last one's words win. Since 0.1. */
ATOMS_API size_t atoms_context_detail(const atoms_context *context, char *buffer, size_t size);

/* What the context holds. Any thread. Errors: ARGUMENT. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_context_memory(const atoms_context *context, atoms_memory_report *report);

/* The width that parallel work is run at. Any thread. Since 0.1. */
ATOMS_API int32_t atoms_context_threads(const atoms_context *context);

ATOMS_END

#endif
