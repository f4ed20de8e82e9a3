/* How a model is trained: the options that `train` and `sweep` share. */
#ifndef TRAINING_OPTIONS_H
#define TRAINING_OPTIONS_H

#include <atoms/atoms.h>
#include <jansson.h>

#include "arguments.h"

enum { TRAINING_OPTIONS = 13, STANDARD_BYTES = 96 };

typedef struct training_options {
    atoms_train_opts opts; /* the recipe's, with what was given; what a command of its own lets choose here too */
    const char *preset, *architecture, *start; /* NULL: not given */
    int aip;
    double epochs; /* 0: steps count */
    option *table; /* where these options lie in the command's table */
    char standard[TRAINING_OPTIONS][STANDARD_BYTES]; /* defaults in words, where recipes differ in them */
} training_options;

/* Sets the defaults and fills table[0 … TRAINING_OPTIONS), which the command reads its words by. An exit status. */
int training_options_begin(training_options *t, option *table);

/* Once the words are read: takes the recipe they name, and what they say otherwise. They must fit together. -1 to go on, as arguments_read. */
int training_options_choose(training_options *t);

/* Was the option given? It must be one of these. */
int training_options_given(const training_options *t, const char *name);

/* The settings as JSON. */
json_t *training_options_json(const training_options *t);

#endif
