#include "stopwatch.h"

#include <time.h>

static double seconds(clockid_t clock)
{
    struct timespec t;
    return clock_gettime(clock, &t) ? 0 : (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

stopwatch stopwatch_start(void)
{
    return (stopwatch){.wall = seconds(CLOCK_MONOTONIC), .cpu = seconds(CLOCK_PROCESS_CPUTIME_ID)};
}

stopwatch stopwatch_since(stopwatch start)
{
    stopwatch now = stopwatch_start();
    return (stopwatch){.wall = now.wall - start.wall, .cpu = now.cpu - start.cpu};
}
