/* Events sorted by latent, by counting: each latent block is one piece of work over all rows, and rows are taken in order, so
 * the result, and the order in which a latent's gradient is summed, does not depend on threads. */
#include <string.h>

#include "train_internal.h"

static void transpose_block(void *arg, int64_t latent_block, int32_t worker)
{
    (void)worker;
    atoms_trainer *t = arg;
    train_events *e = &t->events;
    int64_t first_latent = latent_block * e->block, row_blocks = train_row_blocks(t), base = latent_block * e->row_blocks * e->capacity;
    int32_t *start = e->column_start + latent_block * (e->block + 1), next[LATENT_BLOCK_MOST];
    memset(start, 0, (size_t)(e->block + 1) * sizeof *start);
    for (int64_t b = 0; b < row_blocks; b++) {
        int64_t region = train_region(e, b, latent_block), rows = base_min_i64(ROW_BLOCK, t->rows - b * ROW_BLOCK);
        const int32_t *latent = e->latent + region * e->capacity;
        int32_t held = e->row_start[region * (ROW_BLOCK + 1) + rows];
        for (int32_t i = 0; i < held; i++) start[latent[i] - first_latent + 1]++;
    }
    for (int i = 0; i < e->block; i++) start[i + 1] += start[i];
    memcpy(next, start, (size_t)e->block * sizeof *next);
    for (int64_t b = 0; b < row_blocks; b++) {
        int64_t region = train_region(e, b, latent_block), rows = base_min_i64(ROW_BLOCK, t->rows - b * ROW_BLOCK);
        const int32_t *row_start = e->row_start + region * (ROW_BLOCK + 1);
        for (int64_t r = 0; r < rows; r++)
            for (int32_t i = row_start[r]; i < row_start[r + 1]; i++) {
                int64_t event = region * e->capacity + i, to = base + next[e->latent[event] - first_latent]++;
                e->column_row[to] = (int32_t)(b * ROW_BLOCK + r);
                e->column_z[to] = e->z[event];
            }
    }
}

void atomsi_train_transpose(atoms_trainer *t)
{
    atomsi_parallel_for(t->context, t->events.latent_blocks, transpose_block, t);
}
