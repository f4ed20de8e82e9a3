/* Telling the caller how far a long call is. A parallel loop has no moment at which one thread may speak for all, so it is run in
 * stretches, each long enough that the threads' waiting for each other at its end is little of it; and at once where nobody listens. */
#include "context_internal.h"

enum { STRETCH = 16 }; /* indices for each thread */

atoms_status atomsi_progress(atoms_context *context, const char *part, int64_t done, int64_t total)
{
    if (!context->progress || !context->progress(context->progress_user, part, done, total)) return ATOMS_OK;
    return atomsi_fail(context, ATOMS_E_CANCELLED, "cancelled by the progress callback after %lld of %lld %s", (long long)done,
                       (long long)total, part);
}

typedef struct stretch {
    base_body body;
    void *arg;
    int64_t first;
} stretch;

static void run_shifted(void *arg, int64_t index, int32_t worker)
{
    const stretch *s = arg;
    s->body(s->arg, s->first + index, worker);
}

atoms_status atomsi_parallel_for_progress(atoms_context *context, const char *part, int64_t count, base_body body, void *arg)
{
    int64_t length = context->progress ? STRETCH * (int64_t)atoms_context_threads(context) : count;
    atoms_status status = ATOMS_OK;
    for (int64_t first = 0; first < count && !status; first += length) {
        stretch s = {body, arg, first};
        int64_t n = base_min_i64(length, count - first);
        atomsi_parallel_for(context, n, run_shifted, &s);
        status = atomsi_progress(context, part, first + n, count);
    }
    return status;
}
