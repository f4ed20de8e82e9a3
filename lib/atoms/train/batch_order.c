/* Which rows a step sees is a function of (seed, step number, number of rows) alone: nothing is stored, so a resumed run goes on
 * in the same order, and any step can be looked up. */
#include "../../base/random.h"
#include "train_internal.h"

void atomsi_batch_order(const atoms_train_opts *opts, int64_t count, int64_t step, int64_t *order)
{
    int64_t per_epoch = count / opts->batch, epoch = step / per_epoch, first = step % per_epoch * opts->batch;
    for (int64_t i = 0; i < opts->batch; i++)
        order[i] = base_permute(opts->seed, BASE_STREAM_SHUFFLE, (uint64_t)epoch, first + i, count);
}
