/* A progress line on stderr: bar, rate, time left. Only where stderr is a terminal. */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <stdint.h>

typedef struct progress {
    int shown;
    const char *unit;     /* of the rate: "steps" */
    int64_t first, total; /* where it started (a resumed run), where it ends */
    double start, last;   /* seconds of the wall clock */
} progress;

void progress_begin(progress *p, const char *unit, int64_t first, int64_t total, int quiet);
void progress_show(progress *p, int64_t done, const char *words);
void progress_end(progress *p); /* takes the line away */

/* Takes away the line of whichever is shown, for other words to be printed. A signal handler may call it. */
void progress_clear(void);

#endif
