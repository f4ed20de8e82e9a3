/* One pass over rows in blocks of a fixed number of rows: read in order, worked on in parallel, merged in order. What is summed
 * has the same bits for any number of threads, and memory does not grow with the number of rows. */
#ifndef EVALUATE_BLOCK_STREAM_H
#define EVALUATE_BLOCK_STREAM_H

#include "row_source.h"

/* Rows of a block. Part of what "same bits" means. */
enum { STREAM_ROWS = 256 };

typedef struct block_task {
    void *arg;
    /* Many at once; no two of the same worker or the same slot. */
    atoms_status (*work)(void *arg, int64_t slot, int32_t worker, const float *x, int64_t rows);
    /* One after another, in the order of the blocks; NULL = nothing to merge. */
    void (*merge)(void *arg, int64_t slot);
} block_task;

/* Slots are 0 … atomsi_stream_slots − 1. */
int64_t atomsi_stream_slots(const atoms_context *context);

/* The first status that is not OK, by block, ends the pass. */
atoms_status atomsi_stream_blocks(row_source *source, const block_task *task);

#endif
