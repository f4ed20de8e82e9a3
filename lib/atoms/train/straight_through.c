/* The straight-through gradient of one latent, from its events alone. With g = ∂mse/∂f, w = 1[|z − θ| < ε/2] and ε the bandwidth
 * (arXiv 2407.14435, eqs. for the pseudo-derivatives of JumpReLU and of the step):
 *   ∂f/∂z = 1[z > θ]   ∂f/∂θ := −(θ/ε) w   ∂1[z > θ]/∂θ := −(1/ε) w
 * so encoder and bias see the reconstruction through active events only, and θ sees both terms through the window. b_dec inside
 * the encoder's input is held fixed. Latents without events have gradient zero: the sum below is the whole dense one. */
#include <math.h>
#include <string.h>

#include "train_internal.h"

void atomsi_straight_through(const atoms_trainer *t, int64_t latent, double l0_slope, latent_gradient *out)
{
    const linalg_kernels *k = t->context->kernels;
    const train_events *e = &t->events;
    int64_t block = latent / LATENT_BLOCK, base = block * e->row_blocks * e->capacity;
    const int32_t *start = e->column_start + block * (LATENT_BLOCK + 1) + latent % LATENT_BLOCK;
    float threshold = t->parts[PART_THRESHOLD].value[latent], half = (float)(t->opts.bandwidth / 2), mean = 2.0f / (float)t->rows;
    double window_gradient = 0, window_count = 0;
    memset(out->encoder, 0, (size_t)t->d * sizeof *out->encoder);
    memset(out->decoder, 0, (size_t)t->d * sizeof *out->decoder);
    out->b_enc = 0;
    out->fired = 0;
    for (int64_t i = base + start[0]; i < base + start[1]; i++) {
        int64_t event = e->column_event[i], row = e->column_row[i];
        float z = e->z[event], g = e->gradient[event];
        if (z > threshold) {
            k->axpy_pair(t->d, g, t->input + row * t->d, out->encoder, mean * z, t->error + row * t->d, out->decoder);
            out->b_enc += g;
            out->fired = 1;
        }
        if (fabsf(z - threshold) < half) {
            window_gradient += g;
            window_count += 1;
        }
    }
    out->threshold = -(threshold * window_gradient + l0_slope * window_count / (double)t->rows) / t->opts.bandwidth;
}
