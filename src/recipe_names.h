/* The library's recipes by name. */
#ifndef RECIPE_NAMES_H
#define RECIPE_NAMES_H

#include <atoms/atoms.h>

enum { RECIPES = 4 };
extern const char *const recipe_names[RECIPES]; /* the default first */

int recipe_exists(const char *name);

/* Every option as the recipe has it. An exit status. */
int recipe_take(const char *name, atoms_train_opts *out);

/* Which recipe the options come from: no two have the same sparsity term. */
const char *recipe_of(const atoms_train_opts *opts);

/* "jumprelu" or "relu" */
const char *recipe_architecture(const atoms_train_opts *opts);

#endif
