/* What changes with the step: the learning rate and the weight of the sparsity term. */
#include <math.h>

#include "train_internal.h"

/* Where in its warm-up a step is: rises from 0 to 1 over a share of the steps, and at most so many; 1 from then on. */
static double risen(double fraction, int64_t most, const atoms_train_opts *opts, int64_t step)
{
    double length = fraction * (double)opts->steps;
    if (most > 0) length = fmin(length, (double)most);
    return length > 0 ? fmin(1, (double)step / length) : 1;
}

/* Up over the first steps, linearly down over the last; the lower of the two where they overlap. */
double atomsi_learning_rate(const atoms_train_opts *opts, int64_t step)
{
    static const double pi = 3.14159265358979323846;
    double up = risen(opts->warmup_fraction, opts->warmup_most, opts, step);
    if (opts->warmup == ATOMS_WARMUP_COSINE) up = (1 - cos(pi * up)) / 2;
    double factor = opts->warmup_start + (1 - opts->warmup_start) * up, decay = opts->decay_fraction * (double)opts->steps;
    if (decay > 0) factor = fmin(factor, fmax(opts->final_rate, (double)(opts->steps - step) / decay));
    return opts->learning_rate * factor;
}

double atomsi_sparsity_weight(const atoms_train_opts *opts, int64_t step)
{
    return opts->sparsity_weight * risen(opts->sparsity_warmup, opts->sparsity_warmup_most, opts, step);
}

int atomsi_rate_decays(const atoms_train_opts *opts, int64_t step)
{
    return (double)(opts->steps - step) < opts->decay_fraction * (double)opts->steps;
}
