/* The parallel loop: work is cut into pieces by the caller, in a way that does not depend on how many threads there are;
 * threads only take pieces. So results are the same bits for any number of them. */
#ifndef BASE_PARALLEL_H
#define BASE_PARALLEL_H

#include <stdint.h>

#include "memory.h"
#include "outcome.h"
#include "prefix.h"

#define base_parallel_init PREFIXED(base_parallel_init)
#define base_parallel_stop PREFIXED(base_parallel_stop)
#define base_parallel_run PREFIXED(base_parallel_run)

typedef void (*base_body)(void *arg, int64_t index, int32_t worker);

typedef struct base_parallel {
    int32_t threads; /* workers are 0 … threads − 1 */
    void *user;
    void (*parallel_for)(void *user, int64_t count, base_body body, void *arg); /* the host's, or NULL */
    struct base_pool *pool;                                                     /* own, or NULL when serial */
    base_memory *memory;
} base_parallel;

/* BASE_E_MEMORY where the pool's threads cannot be made; nothing stays then. */
base_outcome base_parallel_init(base_parallel *parallel, base_memory *memory, int32_t threads, void *user,
                                void (*parallel_for)(void *, int64_t, base_body, void *));
void base_parallel_stop(base_parallel *parallel);

/* body(arg, i, worker) for 0 ≤ i < count; returns when all are done. Never fails and never allocates: where the pool is busy
 * (another thread's loop, or a loop inside a loop) or was lost in a fork, the calling thread does the work alone, as worker 0. */
void base_parallel_run(base_parallel *parallel, int64_t count, base_body body, void *arg);

#endif
