/* The training options by name, for tests that go through all of them. */
#ifndef TESTS_TRAIN_OPTION_H
#define TESTS_TRAIN_OPTION_H

#include <stddef.h>

#include <atoms/train.h>

typedef struct train_option {
    const char *name;
    size_t offset;
    enum { OPTION_SMALL, OPTION_LARGE, OPTION_REAL } kind; /* int32_t, int64_t or uint64_t, double */
} train_option;

/* All but the pointers and struct_size. */
enum { TRAIN_OPTIONS = 37 };
extern const train_option train_options[TRAIN_OPTIONS];

/* Fails the test where there is none of that name. */
const train_option *option_named(const char *name);

double option_value(const atoms_train_opts *o, const train_option *option);
void option_set(atoms_train_opts *o, const train_option *option, double value);

#endif
