/* A pool of threads − 1 helpers; the caller is worker 0. A loop is published under the mutex with a new generation number;
 * workers take the next index from an atomic counter until there are none. */
#include "parallel.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

typedef struct helper {
    struct base_pool *pool;
    pthread_t thread;
    int32_t worker;
} helper;

typedef struct base_pool {
    pthread_mutex_t mutex;
    pthread_cond_t work, done;
    atomic_flag taken; /* one loop at a time */
    uint64_t generation;
    int32_t running; /* helpers that have not finished this generation */
    bool stop;
    pid_t owner;
    int32_t started;
    int64_t count;
    _Atomic int64_t next;
    base_body body;
    void *arg;
    helper helpers[];
} base_pool;

static void take_all(base_pool *pool, int32_t worker)
{
    for (;;) {
        int64_t i = atomic_fetch_add(&pool->next, 1);
        if (i >= pool->count) return;
        pool->body(pool->arg, i, worker);
    }
}

static void *help(void *arg)
{
    helper *self = arg;
    base_pool *pool = self->pool;
    uint64_t seen = 0;
    pthread_mutex_lock(&pool->mutex);
    for (;;) {
        while (!pool->stop && pool->generation == seen) pthread_cond_wait(&pool->work, &pool->mutex);
        if (pool->stop) break;
        seen = pool->generation;
        pthread_mutex_unlock(&pool->mutex);
        take_all(pool, self->worker);
        pthread_mutex_lock(&pool->mutex);
        if (--pool->running == 0) pthread_cond_signal(&pool->done);
    }
    pthread_mutex_unlock(&pool->mutex);
    return NULL;
}

static void stop_pool(base_memory *memory, base_pool *pool)
{
    if (pool->owner == getpid()) { /* after a fork the helpers exist in the parent only */
        pthread_mutex_lock(&pool->mutex);
        pool->stop = true;
        pthread_cond_broadcast(&pool->work);
        pthread_mutex_unlock(&pool->mutex);
        for (int32_t i = 0; i < pool->started; i++) pthread_join(pool->helpers[i].thread, NULL);
        pthread_cond_destroy(&pool->done);
        pthread_cond_destroy(&pool->work);
        pthread_mutex_destroy(&pool->mutex);
    }
    base_free(memory, pool);
}

/* Helpers must not run the host's signal handlers: they start with every signal blocked, but for those that report a fault of the thread
 * itself, which a host's crash reporter wants to see. */
static bool start_helpers(base_pool *pool, int32_t helpers)
{
    sigset_t all, before;
    static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT};
    sigfillset(&all);
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) sigdelset(&all, faults[i]);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (; pool->started < helpers; pool->started++) {
        helper *h = &pool->helpers[pool->started];
        h->pool = pool;
        h->worker = pool->started + 1;
        if (pthread_create(&h->thread, NULL, help, h)) break;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return pool->started == helpers;
}

base_outcome base_parallel_init(base_parallel *parallel, base_memory *memory, int32_t threads, void *user,
                                void (*parallel_for)(void *, int64_t, base_body, void *))
{
    *parallel = (base_parallel){.threads = threads, .user = user, .parallel_for = parallel_for, .memory = memory};
    if (threads == 1 || parallel_for) return BASE_OK;
    size_t bytes = sizeof(base_pool) + (size_t)(threads - 1) * sizeof(helper);
    base_pool *pool = base_alloc(memory, bytes);
    if (!pool) return BASE_E_MEMORY;
    memset(pool, 0, bytes);
    atomic_flag_clear(&pool->taken);
    atomic_init(&pool->next, 0);
    pool->owner = getpid();
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->work, NULL);
    pthread_cond_init(&pool->done, NULL);
    if (!start_helpers(pool, threads - 1)) {
        stop_pool(memory, pool);
        return BASE_E_MEMORY;
    }
    parallel->pool = pool;
    return BASE_OK;
}

void base_parallel_stop(base_parallel *parallel)
{
    if (parallel->pool) stop_pool(parallel->memory, parallel->pool);
    parallel->pool = NULL;
}

static void run_alone(int64_t count, base_body body, void *arg)
{
    for (int64_t i = 0; i < count; i++) body(arg, i, 0);
}

void base_parallel_run(base_parallel *parallel, int64_t count, base_body body, void *arg)
{
    base_pool *pool = parallel->pool;
    if (parallel->parallel_for && count > 1) {
        parallel->parallel_for(parallel->user, count, body, arg);
        return;
    }
    if (!pool || count <= 1 || pool->owner != getpid() || atomic_flag_test_and_set(&pool->taken)) {
        run_alone(count, body, arg);
        return;
    }
    pthread_mutex_lock(&pool->mutex);
    pool->count = count;
    pool->body = body;
    pool->arg = arg;
    atomic_store(&pool->next, 0);
    pool->running = pool->started;
    pool->generation++;
    pthread_cond_broadcast(&pool->work);
    pthread_mutex_unlock(&pool->mutex);
    take_all(pool, 0);
    pthread_mutex_lock(&pool->mutex);
    while (pool->running) pthread_cond_wait(&pool->done, &pool->mutex);
    pthread_mutex_unlock(&pool->mutex);
    atomic_flag_clear(&pool->taken);
}
