/* The forward pass. A tile of pre-activations is one GEMM that stays in cache until it has been thresholded; a batch × width
 * matrix never exists. What is kept of it are the events: pre-activations above θ − bandwidth/2. All that lie above θ are active,
 * those within bandwidth/2 of θ carry the straight-through gradient, so events are exactly what the backward pass has to visit. */
#include "../../linalg/cblas_gate.h"
#include "train_internal.h"

/* Where a row's events may not fit they are first kept aside; where they do not, they are only counted. */
static void keep_events(atoms_trainer *t, int64_t region, int64_t rows, int64_t first_latent, int64_t latents, const float *tile)
{
    train_events *e = &t->events;
    const float *bias = t->parts[PART_B_ENC].value + first_latent, *threshold = t->parts[PART_THRESHOLD].value;
    int32_t *latent = e->latent + region * e->capacity, *start = e->row_start + region * (ROW_BLOCK + 1);
    float *z = e->z + region * e->capacity;
    int64_t held = 0, wanted = 0, active = 0;
    int32_t spare_latent[LATENT_BLOCK_MOST];
    float spare_z[LATENT_BLOCK_MOST];
    for (int64_t r = 0; r < rows; r++) {
        start[r] = (int32_t)held;
        int direct = held + latents <= e->capacity;
        int32_t *to = direct ? latent + held : spare_latent;
        float *to_z = direct ? z + held : spare_z;
        int64_t found = t->context->kernels->threshold(latents, tile + r * latents, bias, t->level + first_latent, (int32_t)first_latent, to, to_z);
        wanted += found;
        if (!direct) {
            if (held + found > e->capacity) continue;
            for (int64_t k = 0; k < found; k++) {
                latent[held + k] = spare_latent[k];
                z[held + k] = spare_z[k];
            }
        }
        for (int64_t k = held; k < held + found; k++) active += z[k] > threshold[latent[k]];
        held += found;
    }
    start[rows] = (int32_t)held;
    e->active[region] = active;
    e->wanted[region] = wanted;
}

static void forward_tile(void *arg, int64_t region, int32_t worker)
{
    atoms_trainer *t = arg;
    int64_t block = region % t->events.latent_blocks, first_row = region / t->events.latent_blocks * ROW_BLOCK, first_latent = block * t->events.block;
    int64_t rows = base_min_i64(ROW_BLOCK, t->rows - first_row), latents = train_block_latents(t, block);
    float *tile = t->tiles + worker * train_tile_size(&t->events);
    linalg_sgemm(LINALG_PLAIN, LINALG_TRANSPOSED, rows, latents, t->d, 1.0f, t->input + first_row * t->d, t->d,
                 t->parts[PART_ENCODER].value + first_latent * t->d, t->d, 0.0f, tile, latents);
    keep_events(t, region, rows, first_latent, latents, tile);
}

atoms_status atomsi_train_forward(atoms_trainer *t, double window)
{
    train_events *e = &t->events;
    const float *threshold = t->parts[PART_THRESHOLD].value;
    for (int64_t i = 0; i < t->width; i++) t->level[i] = threshold[i] - (float)(window / 2);
    int64_t regions = train_row_blocks(t) * e->latent_blocks;
    for (;;) {
        atomsi_parallel_for(t->context, regions, forward_tile, t);
        int64_t most = 0;
        for (int64_t i = 0; i < regions; i++) most = base_max_i64(most, e->wanted[i]);
        if (most <= e->capacity) return ATOMS_OK;
        atoms_status status = atomsi_events_room(t->context, e, most);
        if (status) return status;
    }
}
