/* The command line of `train`. */
#ifndef TRAIN_SETTINGS_H
#define TRAIN_SETTINGS_H

#include <atoms/atoms.h>

#include "arguments.h"

enum { TRAIN_OPTIONS = 16 };

typedef struct train_settings {
    atoms_train_opts opts; /* the options that are the library's stand here at once */
    const char *directory, *preset, *architecture, *held_out_path;
    int64_t rows;      /* --rows */
    int64_t data_rows; /* that X has, once it is open */
    double epochs; /* 0: steps count */
    int resume;
    option options[TRAIN_OPTIONS];
    arguments a;
} train_settings;

/* As arguments_read: -1 to go on. Release a by arguments_free in any case. */
int train_settings_read(const command *self, int count, char **words, train_settings *out);

/* Completes what depends on the data: steps from epochs, a batch and a target L0 that fit. */
void train_settings_fit(train_settings *s, int64_t rows);

/* A resumed run keeps its settings: refuses options that were given and say something else. Takes over the saved ones. An exit status. */
int train_settings_resume(train_settings *s, const atoms_train_opts *saved, const char *checkpoint);

#endif
