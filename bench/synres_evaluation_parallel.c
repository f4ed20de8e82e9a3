/* Jobs on threads: job n is thread n mod threads', and writes only what is its own, so that no figure depends on how many there are. */
#include <pthread.h>

#include "support/bench_check.h"
#include "synres_evaluation.h"

typedef struct part {
    int64_t first, step, jobs;
    void (*job)(void *arg, int64_t number);
    void *arg;
} part;

static void *work(void *arg)
{
    const part *p = arg;
    for (int64_t i = p->first; i < p->jobs; i += p->step) p->job(p->arg, i);
    return NULL;
}

void evaluation_parallel(int threads, int64_t jobs, void (*job)(void *arg, int64_t number), void *arg)
{
    pthread_t *others = bench_memory((size_t)threads, sizeof *others);
    part *parts = bench_memory((size_t)threads, sizeof *parts);
    for (int i = 0; i < threads; i++) {
        parts[i] = (part){i, threads, jobs, job, arg};
        if (i && pthread_create(others + i, NULL, work, parts + i)) exit(1);
    }
    work(parts);
    for (int i = 1; i < threads; i++) pthread_join(others[i], NULL);
    free(parts);
    free(others);
}
