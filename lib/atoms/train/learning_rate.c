#include <math.h>

#include "train_internal.h"

/* Linear up over the first share of the steps, linear down over the last; the lower of the two where they overlap. */
double atomsi_learning_rate(const atoms_train_opts *opts, int64_t step)
{
    double steps = (double)opts->steps, t = (double)step, factor = 1;
    double warmup = opts->warmup_fraction * steps, decay = opts->decay_fraction * steps;
    if (warmup > 0) factor = fmin(factor, t / warmup);
    if (decay > 0) factor = fmin(factor, fmax(opts->final_rate, (steps - t) / decay));
    return opts->learning_rate * factor;
}
