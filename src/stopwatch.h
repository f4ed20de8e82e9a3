/* Wall time and process time of a computation. */
#ifndef STOPWATCH_H
#define STOPWATCH_H

typedef struct stopwatch {
    double wall, cpu; /* seconds */
} stopwatch;

stopwatch stopwatch_start(void);
stopwatch stopwatch_since(stopwatch start);

#endif
