/* What a benchmark prints: a table for people, and the same as one JSON object. */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include "bench_options.h"
#include "bench_rounds.h"

typedef struct bench_report bench_report;

/* Opens the report of `program` and names the machine: kernels, CBLAS, its core type, threads. */
bench_report *bench_report_open(const char *program, const bench_options *options);

/* A size, and what was timed at it. `units` of work are done in a run ("tokens", "rows", "MB"). */
void bench_report_size(bench_report *report, const char *size, const bench_contestant *contestants, int n, double units, const char *unit);

/* Adds to the last size: a figure without a bar; a ratio that is to be at most, or at least, `bar`. */
void bench_report_figure(bench_report *report, const char *name, double value);
void bench_report_at_most(bench_report *report, const char *name, double value, double bar);
void bench_report_at_least(bench_report *report, const char *name, double value, double bar);

/* Writes the JSON where it was asked for. The program's exit code: 0, or 1 where no size was run or the JSON was not written. A bar that is
 * missed is no failure: it is what the report is for. */
int bench_report_close(bench_report *report);

#endif
