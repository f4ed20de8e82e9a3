#define _POSIX_C_SOURCE 200809L
#include "bench_rounds.h"

#include <string.h>
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

/* A BLAS's own threads spin for a while after their work (OpenBLAS: some 2²⁶ cycles): whoever runs next would share its cores with them. */
static void let_blas_fall_asleep(void)
{
    const struct timespec pause = {.tv_nsec = 100 * 1000 * 1000};
    nanosleep(&pause, NULL);
}

/* Seconds of one of `repeats` runs. */
static double timed(const bench_contestant *c, void *arg, long repeats, int threads)
{
    yardstick_threads(c->blas_threads);
    if (threads > 1) let_blas_fall_asleep();
    double begun = now(threads);
    for (long i = 0; i < repeats; i++) c->run(arg);
    return (now(threads) - begun) / (double)repeats;
}

static int rising(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The median of n numbers, which are sorted. */
static double median(double *x, int n)
{
    qsort(x, (size_t)n, sizeof *x, rising);
    return (x[(n - 1) / 2] + x[n / 2]) / 2;
}

/* How often a contestant runs in a round. */
static long count_repeats(const bench_contestant *c, void *arg, int threads)
{
    double once = timed(c, arg, 1, threads);
    return once > LONG_ENOUGH ? 1 : 1 + (long)(LONG_ENOUGH / (once + 1e-6));
}

void bench_race(bench_contestant *contestants, int n, void *arg, int rounds, int threads)
{
    long *repeats = bench_memory((size_t)n, sizeof *repeats);
    double *sorted = bench_memory((size_t)rounds, sizeof *sorted);
    for (int i = 0; i < n; i++) {
        contestants[i].rounds = rounds;
        contestants[i].times = bench_memory((size_t)rounds, sizeof(double));
        repeats[i] = count_repeats(contestants + i, arg, threads);
    }
    for (int round = 0; round < rounds; round++)
        for (int i = 0; i < n; i++) contestants[i].times[round] = timed(contestants + i, arg, repeats[i], threads);
    for (int i = 0; i < n; i++) {
        memcpy(sorted, contestants[i].times, (size_t)rounds * sizeof *sorted);
        contestants[i].seconds = median(sorted, rounds);
        contestants[i].spread = sorted[rounds - 1] / sorted[0];
    }
    yardstick_threads(1);
    free(sorted);
    free(repeats);
}

void bench_race_end(bench_contestant *contestants, int n)
{
    for (int i = 0; i < n; i++) free(contestants[i].times);
}

double bench_ratio(const bench_contestant *a, const bench_contestant *b)
{
    double *ratios = bench_memory((size_t)a->rounds, sizeof *ratios);
    for (int i = 0; i < a->rounds; i++) ratios[i] = a->times[i] / b->times[i];
    double middle = median(ratios, a->rounds);
    free(ratios);
    return middle;
}

const bench_contestant *bench_faster(const bench_contestant *a, const bench_contestant *b)
{
    return a->seconds < b->seconds ? a : b;
}
