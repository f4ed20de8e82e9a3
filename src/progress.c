#include "progress.h"

#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "stopwatch.h"

enum { BAR = 24 };

static atomic_int on_screen; /* a line is */

void progress_begin(progress *p, const char *unit, int64_t first, int64_t total, int quiet)
{
    double now = stopwatch_start().wall;
    *p = (progress){.shown = !quiet && isatty(STDERR_FILENO), .unit = unit, .first = first, .total = total, .start = now, .last = now};
}

static void draw(const progress *p, int64_t done, double elapsed, const char *words)
{
    char bar[BAR + 1];
    double share = (double)done / (double)p->total, rate = elapsed > 0 ? (double)(done - p->first) / elapsed : 0;
    for (int i = 0; i < BAR; i++) bar[i] = i < (int)(share * BAR) ? '#' : '.';
    bar[BAR] = '\0';
    on_screen = 1;
    fprintf(stderr, "\r[%s] %3.0f%%  %.1f %s/s", bar, 100 * share, rate, p->unit);
    if (rate > 0) {
        long left = (long)((double)(p->total - done) / rate);
        fprintf(stderr, "  %ld:%02ld:%02ld left", left / 3600, left / 60 % 60, left % 60);
    }
    fprintf(stderr, "  %s\033[K", words);
}

void progress_show(progress *p, int64_t done, const char *words)
{
    if (!p->shown) return;
    double now = stopwatch_start().wall;
    if (now - p->last < 0.1) return; /* a terminal is slow, and no eye is faster */
    p->last = now;
    draw(p, done, now - p->start, words);
}

void progress_end(progress *p)
{
    p->shown = 0;
    progress_clear();
}

void progress_clear(void)
{
    static const char erase[] = "\r\033[K";
    if (!atomic_exchange(&on_screen, 0)) return;
    ssize_t written = write(STDERR_FILENO, erase, sizeof erase - 1);
    (void)written;
}
