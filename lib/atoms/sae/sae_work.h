/* The memory of one encode at a time. Everything lies inside the caller's block. */
#ifndef ATOMSI_SAE_WORK_H
#define ATOMSI_SAE_WORK_H

#include "sae_internal.h"

/* A tile of 1024 × 1536 pre-activations, 6 MiB, stays in the last cache, and is large enough that the GEMM on it runs within 2 or 3 % of one
 * on everything; with 512 × 1024 it is 7 %, because the BLAS packs rows and encoder again for every tile. */
enum { SAE_TILE_ROWS = 1024, SAE_TILE_LATENTS = 1536, SAE_CODES_PER_ROW = 1024 };

struct atoms_sae_work {
    int64_t d_in, d_sae, max_rows;
    int64_t tile_rows, tile_latents;
    int64_t capacity; /* entries of index and value */
    int64_t staging;  /* entries of staged_index and staged_value */
    float *x;         /* tile_rows × d_in: rows widened to f32 */
    float *z;         /* tile_rows × tile_latents */
    int64_t *start;   /* where each (latent tile, row) begins in the staged codes */
    int32_t *staged_index;
    float *staged_value;
    int64_t *offset; /* max_rows + 1 */
    int32_t *index;
    float *value;
};

/* atoms_sae_encode of a checked handle; messages count rows from first_row. */
atoms_status atomsi_sae_encode(const atoms_sae *sae, atoms_sae_work *work, const atoms_matrix *x, int64_t first_row, atoms_codes_view *out);

#endif
