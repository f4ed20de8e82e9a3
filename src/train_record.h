/* train.json: settings, history, and what a run came to; kept across a resume. */
#ifndef TRAIN_RECORD_H
#define TRAIN_RECORD_H

#include <atoms/atoms.h>
#include <jansson.h>

#include "stopwatch.h"
#include "train_settings.h"

typedef struct train_record {
    char *path;
    json_t *root;
    int64_t done; /* steps so far */
    int64_t rows; /* of all steps so far */
    stopwatch before; /* seconds of the runs that this one goes on from */
    stopwatch start;
} train_record;

/* A record for a fresh run. */
void train_record_begin(train_record *r, const train_settings *s, int64_t rows, int64_t cols);

/* A resumed run has the metric file of the run that DIR/train.json tells of: sets *metric to it (NULL: none), in memory that *owned is to be
 * freed for; refuses another that was given. Without a record it leaves *metric as it is. An exit status. */
int train_record_metric(const char *directory, const char **metric, char **owned);

/* Takes over history and seconds of DIR/train.json up to step `done`; refuses other data than it names. A file that is missing or damaged
 * costs the history (with a note), not the run. An exit status. */
int train_record_resume(train_record *r, int64_t done);

/* The training starts now: seconds are counted from here. */
void train_record_start(train_record *r);

/* Keeps about one step in a hundred. */
void train_record_step(train_record *r, const atoms_train_stats *stats);

/* Seconds of training so far, those before a resume included. */
stopwatch train_record_seconds(const train_record *r);

/* Puts steps, tokens, seconds, cpu_seconds and tokens_per_s into `object`. */
void train_record_totals(const train_record *r, stopwatch spent, json_t *object);

/* Writes train.json, atomically. An exit status. */
int train_record_write(train_record *r, stopwatch spent);

void train_record_end(train_record *r);

#endif
