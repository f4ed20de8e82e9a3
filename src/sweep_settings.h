/* The command line of `sweep`. */
#ifndef SWEEP_SETTINGS_H
#define SWEEP_SETTINGS_H

#include "training_options.h"

enum { SWEEP_OPTIONS = TRAINING_OPTIONS + 5 };

typedef struct whole_list {
    int64_t *value;
    int64_t count, largest;
} whole_list;

typedef struct sweep_settings {
    training_options training;
    const char *directory, *widths_text, *rows_text, *metric_path;
    whole_list widths, rows;
    word_list held_out_files;
    option options[SWEEP_OPTIONS];
    arguments a;
} sweep_settings;

/* As arguments_read: -1 to go on. Release in any case. */
int sweep_settings_read(const command *self, int count, char **words, sweep_settings *out);
void sweep_settings_free(sweep_settings *s);

#endif
