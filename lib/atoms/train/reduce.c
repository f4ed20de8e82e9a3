/* The hook by which several processes train one model. */
#include "train_internal.h"

atoms_status atomsi_train_reduce(const atoms_trainer *t, void *values, int64_t count, int32_t dtype)
{
    if (!t->reduce || t->reduce(t->reduce_user, values, count, dtype) == 0) return ATOMS_OK;
    return atomsi_fail(t->context, ATOMS_E_CANCELLED, "the reduce hook failed");
}

atoms_status atoms_trainer_reduce(atoms_trainer *t, atoms_reduce_fn reduce, void *user)
{
    if (!t) return ATOMS_E_ARGUMENT;
    if (reduce && !t->gradient) {
        t->gradient = atomsi_alloc(t->context, t->width * train_gradient_size(t) + t->d, sizeof *t->gradient);
        if (!t->gradient) return ATOMS_E_MEMORY;
    }
    if (reduce && t->opts.revive_every > 0 && !t->places) {
        t->places = atomsi_alloc(t->context, t->width * 2 * t->d, sizeof *t->places);
        if (!t->places) return ATOMS_E_MEMORY;
    }
    t->reduce = reduce;
    t->reduce_user = user;
    return ATOMS_OK;
}
