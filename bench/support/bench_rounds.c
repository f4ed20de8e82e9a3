#define _POSIX_C_SOURCE 200809L
#include "bench_rounds.h"

#include <time.h>

#include "bench_check.h"
#include "yardstick.h"

static const double LONG_ENOUGH = 0.01;

static double now(int threads)
{
    struct timespec t;
    clock_gettime(threads == 1 ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Seconds of one of `repeats` runs. */
static double timed(const bench_contestant *c, void *arg, long repeats, int threads)
{
    yardstick_threads(c->blas_threads);
    double begun = now(threads);
    for (long i = 0; i < repeats; i++) c->run(arg);
    return (now(threads) - begun) / (double)repeats;
}

static int rising(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void bench_race(bench_contestant *contestants, int n, void *arg, int rounds, int threads)
{
    double *times = bench_memory((size_t)(n * rounds), sizeof *times);
    long *repeats = bench_memory((size_t)n, sizeof *repeats);
    for (int i = 0; i < n; i++) {
        double once = timed(contestants + i, arg, 1, threads);
        repeats[i] = once > LONG_ENOUGH ? 1 : 1 + (long)(LONG_ENOUGH / (once + 1e-6));
    }
    for (int round = 0; round < rounds; round++)
        for (int i = 0; i < n; i++) times[i * rounds + round] = timed(contestants + i, arg, repeats[i], threads);
    for (int i = 0; i < n; i++) {
        double *mine = times + i * rounds;
        qsort(mine, (size_t)rounds, sizeof *mine, rising);
        contestants[i].seconds = (mine[(rounds - 1) / 2] + mine[rounds / 2]) / 2;
        contestants[i].spread = mine[rounds - 1] / mine[0];
    }
    yardstick_threads(1);
    free(repeats);
    free(times);
}
