/* Contestants that are timed in turn, round by round, so that whatever slows the machine slows them alike; medians count. */
#ifndef BENCH_ROUNDS_H
#define BENCH_ROUNDS_H

typedef struct bench_contestant {
    const char *name;
    void (*run)(void *arg);
    int blas_threads;       /* what the BLAS is set to while it runs: 1 for the library, which has threads of its own */
    double seconds, spread; /* of one run: the median, and the slowest by the fastest */
    int rounds;
    double *times;          /* of one run, a round each; the race's until bench_race_end */
} bench_contestant;

/* One run of each to warm up, then `rounds` rounds. A run shorter than a hundredth of a second is repeated, and the mean is taken.
 * With one thread the clock is the process's CPU time, which other users of the machine do not touch; else wall time. */
void bench_race(bench_contestant *contestants, int n, void *arg, int rounds, int threads);
void bench_race_end(bench_contestant *contestants, int n);

/* The median over the rounds of a's time by b's in the same round: what slows both does not enter. */
double bench_ratio(const bench_contestant *a, const bench_contestant *b);

/* The faster of the two. */
const bench_contestant *bench_faster(const bench_contestant *a, const bench_contestant *b);

#endif
