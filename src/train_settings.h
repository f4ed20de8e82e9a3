/* The command line of `train`. */
#ifndef TRAIN_SETTINGS_H
#define TRAIN_SETTINGS_H

#include "training_options.h"

enum { TRAIN_OPTIONS = TRAINING_OPTIONS + 7 };

typedef struct train_settings {
    training_options training;
    const char *directory, *held_out_path, *metric_path;
    int64_t rows;      /* --rows */
    int64_t data_rows; /* that X has, once it is open */
    int resume;
    option options[TRAIN_OPTIONS];
    arguments a;
} train_settings;

/* As arguments_read: -1 to go on. Release a by arguments_free in any case. */
int train_settings_read(const command *self, int count, char **words, train_settings *out);

/* Completes what depends on the data: steps from epochs, a batch and a target L0 that fit. */
void train_settings_fit(train_settings *s, int64_t rows);

/* A resumed run keeps its settings: refuses options that were given and say something else. Takes over the saved ones; `whitened`: it was
 * started with --aip. An exit status. */
int train_settings_resume(train_settings *s, const atoms_train_opts *saved, int whitened, const char *checkpoint);

#endif
