#include "recipe_names.h"

#include <string.h>

#include "failure.h"

const char *const recipe_names[RECIPES] = {"target-l0", "gemma", "anthropic", "features"};

int recipe_exists(const char *name)
{
    for (int i = 0; i < RECIPES; i++)
        if (!strcmp(name, recipe_names[i])) return 1;
    return 0;
}

int recipe_take(const char *name, atoms_train_opts *out)
{
    return checked(NULL, atoms_train_opts_recipe(out, sizeof *out, name), name);
}

const char *recipe_of(const atoms_train_opts *opts)
{
    static const char *const by_sparsity[RECIPES] = {[ATOMS_SPARSITY_TARGET_L0] = "target-l0",
                                                     [ATOMS_SPARSITY_STEP] = "gemma",
                                                     [ATOMS_SPARSITY_TANH] = "anthropic",
                                                     [ATOMS_SPARSITY_L1] = "features"};
    return by_sparsity[opts->sparsity];
}

const char *recipe_architecture(const atoms_train_opts *opts)
{
    return opts->activation == ATOMS_ACTIVATION_RELU ? "relu" : "jumprelu";
}
