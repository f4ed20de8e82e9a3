/* Contestants that are timed in turn, round by round, so that whatever slows the machine slows them alike; medians count. */
#ifndef BENCH_ROUNDS_H
#define BENCH_ROUNDS_H

typedef struct bench_contestant {
    const char *name;
    void (*run)(void *arg);
    int blas_threads;       /* what the BLAS is set to while it runs: 1 for the library, which has threads of its own */
    double seconds, spread; /* of one run: the median, and the slowest by the fastest */
} bench_contestant;

/* One run of each to warm up, then `rounds` rounds. A run shorter than a hundredth of a second is repeated, and the mean is taken.
 * With one thread the clock is the process's CPU time, which other users of the machine do not touch; else wall time. */
void bench_race(bench_contestant *contestants, int n, void *arg, int rounds, int threads);

#endif
