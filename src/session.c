#define _GNU_SOURCE /* sched_getaffinity */
#include "session.h"

#include <sched.h>
#include <string.h>

#include "blas_runtime.h"
#include "failure.h"
#include "interrupt.h"
#include "progress.h"

enum { THREADS_MAX = 1024 };

static int32_t available_cores(void)
{
    cpu_set_t cores;
    if (sched_getaffinity(0, sizeof cores, &cores)) return 1;
    int n = CPU_COUNT(&cores);
    return n < 1 ? 1 : n > THREADS_MAX ? THREADS_MAX : n;
}

/* The long call that the library is in, and what the command makes it for. */
static struct {
    progress bar;
    int64_t done;
    const char *words;
    int quiet;
} call = {.words = ""};

static int32_t show_call(void *user, const char *part, int64_t done, int64_t total)
{
    (void)user;
    if (done <= call.done || total != call.bar.total || strcmp(part, call.bar.unit) != 0) progress_begin(&call.bar, part, done, total, call.quiet);
    call.done = done;
    progress_show(&call.bar, done, call.words);
    if (done == total) progress_end(&call.bar);
    return interrupt_noted();
}

void session_doing(const char *words)
{
    call.words = words;
}

int session_open(const arguments *a, atoms_context **out)
{
    *out = NULL;
    blas_use_one_thread();
    interrupt_leaves("atoms: interrupted\n");
    atoms_context_opts opts;
    if (atoms_context_opts_init(&opts, sizeof opts)) return run_error("library", "it is older than this program");
    opts.threads = a->threads ? (int32_t)a->threads : available_cores();
    opts.progress = show_call;
    call.quiet = a->quiet;
    atoms_status status = atoms_context_create(&opts, out);
    return status ? run_error("library", "%s", atoms_status_text(status)) : EXIT_DONE;
}
