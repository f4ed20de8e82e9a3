#define _GNU_SOURCE /* sched_getaffinity */
#include "session.h"

#include <sched.h>

#include "blas_runtime.h"
#include "failure.h"
#include "interrupt.h"

enum { THREADS_MAX = 1024 };

static int32_t available_cores(void)
{
    cpu_set_t cores;
    if (sched_getaffinity(0, sizeof cores, &cores)) return 1;
    int n = CPU_COUNT(&cores);
    return n < 1 ? 1 : n > THREADS_MAX ? THREADS_MAX : n;
}

int session_open(const arguments *a, atoms_context **out)
{
    *out = NULL;
    blas_use_one_thread();
    interrupt_leaves("atoms: interrupted\n");
    atoms_context_opts opts;
    if (atoms_context_opts_init(&opts, sizeof opts)) return run_error("library", "it is older than this program");
    opts.threads = a->threads ? (int32_t)a->threads : available_cores();
    atoms_status status = atoms_context_create(&opts, out);
    return status ? run_error("library", "%s", atoms_status_text(status)) : EXIT_DONE;
}
