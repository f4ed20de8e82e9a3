/* The command line that all benchmark programs share. */
#ifndef BENCH_OPTIONS_H
#define BENCH_OPTIONS_H

#include <stdbool.h>

typedef struct bench_options {
    int threads;        /* default 1: the clock is this process's CPU time; more: wall time */
    int rounds;         /* default 5: every contestant runs this often, in turn; the median counts */
    bool quick;         /* a tiny size instead of the real ones, and one round: only to see that it works */
    const char *inputs; /* folder of .npy inputs; NULL: made here */
    const char *only;   /* run the sizes whose name begins with this; NULL: all */
    const char *json;   /* file for the figures, "-": stdout, and then nothing else goes there; NULL: none */
} bench_options;

/* On a wrong option says how it is called and ends with 2. */
bench_options bench_parse(int argc, char **argv);

/* A whole number from `least` (above 0) to `most`, or 0. */
int bench_number(const char *text, int least, int most);

/* Whether `size` is to be run. */
bool bench_wants(const bench_options *options, const char *size);

#endif
