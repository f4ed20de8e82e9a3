/* The boundary of a block, the only place where a state is looked at as a whole, so that the tokens of a block may be gated before any is written.
 *
 * The radius (this project's, docs/synres/stability.md C0): S ← S·min(1, R/‖S‖). No transition expands, so inside a block of C tokens whose values have
 * length ≤ V, ‖S‖ ≤ √(R² + C·β/(2 − β)·V²) where T2 holds. Scaling by a little less than R/‖S‖ keeps the promise in spite of rounding. */
#include <math.h>
#include <string.h>

#include "gates_internal.h"

double synresi_norm(const synresi_layer *layer, const float *S)
{
    const int64_t n = layer->w.d_value * layer->padded;
    double sum = 0;
    for (int64_t i = 0; i < n; i++) sum += (double)S[i] * S[i];
    return sqrt(sum);
}

static void project(const synresi_layer *layer, const synresi_head *head)
{
    const int64_t n = layer->w.d_value * layer->padded;
    const double norm = synresi_norm(layer, head->S), radius = layer->w.radius;
    if (!isfinite(norm)) return; /* no scaling heals it */
    head->memory->bound = fmin(head->memory->bound, radius);
    if (norm <= radius) return; /* and keeps each bit */
    const float scale = (float)(radius / norm * (1 - 0x1p-21));
    for (int64_t i = 0; i < n; i++) head->S[i] *= scale;
}

void synresi_enter_block(const synresi_layer *layer, const synresi_head *head)
{
    if (!layer->agrees && !(layer->w.radius > 0)) return;
    const int64_t block = head->memory->position / layer->w.block;
    if (head->memory->block == block) return;
    head->memory->block = block;
    if (layer->w.radius > 0) project(layer, head);
    if (layer->agrees) memcpy(head->block_state, head->S, (size_t)(layer->w.d_value * layer->padded) * sizeof(float));
}
