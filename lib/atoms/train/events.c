/* Memory of a batch's events. How many there will be is not known before the forward pass, so regions start small and grow. */
#include "train_internal.h"

/* Of a tile: twice the density that training usually starts at. */
static const int64_t FIRST_SHARE = 16;

/* A wide tile is the faster GEMM, but there have to be some for threads to share, and as many for each of two. */
static int64_t latents_of_a_block(int64_t width)
{
    int64_t blocks = base_max_i64(base_blocks(width, LATENT_BLOCK_MOST), base_min_i64(4, base_blocks(width, 64)));
    if (blocks > 1) blocks += blocks % 2;
    return base_blocks(base_blocks(width, blocks), 16) * 16;
}

static void forget_room(atoms_context *context, train_events *e)
{
    atomsi_free(context, e->latent);
    atomsi_free(context, e->z);
    atomsi_free(context, e->column_row);
    atomsi_free(context, e->column_z);
    e->latent = e->column_row = NULL;
    e->z = e->column_z = NULL;
    e->capacity = 0;
}

atoms_status atomsi_events_room(atoms_context *context, train_events *e, int64_t capacity)
{
    if (capacity <= e->capacity) return ATOMS_OK;
    int64_t most = INT32_MAX / e->row_blocks, total; /* column_start numbers the events of a latent block */
    int64_t want = base_min_i64(most, base_max_i64(capacity, base_min_i64(2 * e->capacity, train_tile_size(e))));
    if (capacity > most || !base_mul_i64(want, e->row_blocks * e->latent_blocks, &total))
        return atomsi_fail(context, ATOMS_E_OVERFLOW, "a batch has too many active latents to be numbered; use a smaller batch");
    forget_room(context, e);
    e->latent = atomsi_alloc(context, total, sizeof *e->latent);
    e->z = atomsi_alloc(context, total, sizeof *e->z);
    e->column_row = atomsi_alloc(context, total, sizeof *e->column_row);
    e->column_z = atomsi_alloc(context, total, sizeof *e->column_z);
    if (!e->latent || !e->z || !e->column_row || !e->column_z) {
        forget_room(context, e);
        return ATOMS_E_MEMORY;
    }
    e->capacity = want;
    return ATOMS_OK;
}

atoms_status atomsi_events_create(atoms_context *context, int64_t batch, int64_t width, train_events *e)
{
    *e = (train_events){.row_blocks = base_blocks(batch, ROW_BLOCK), .block = latents_of_a_block(width)};
    e->latent_blocks = base_blocks(width, e->block);
    int64_t regions = e->row_blocks * e->latent_blocks; /* at most 2¹⁵ · 2²² */
    e->row_start = atomsi_alloc(context, regions, (ROW_BLOCK + 1) * sizeof *e->row_start);
    e->active = atomsi_alloc(context, regions, sizeof *e->active);
    e->wanted = atomsi_alloc(context, regions, sizeof *e->wanted);
    e->column_start = atomsi_alloc(context, e->latent_blocks, (size_t)(e->block + 1) * sizeof *e->column_start);
    atoms_status status = ATOMS_E_MEMORY;
    if (e->row_start && e->active && e->wanted && e->column_start)
        status = atomsi_events_room(context, e, base_max_i64(1, base_min_i64(batch, ROW_BLOCK) * e->block / FIRST_SHARE));
    if (status) atomsi_events_destroy(context, e);
    return status;
}

void atomsi_events_destroy(atoms_context *context, train_events *e)
{
    forget_room(context, e);
    atomsi_free(context, e->row_start);
    atomsi_free(context, e->active);
    atomsi_free(context, e->wanted);
    atomsi_free(context, e->column_start);
    *e = (train_events){0};
}
