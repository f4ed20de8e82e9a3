/* What one event adds to its latent's gradient; shared by the sparse and the dense sum over events. */
#ifndef ATOMSI_STRAIGHT_THROUGH_H
#define ATOMSI_STRAIGHT_THROUGH_H

#include <math.h>

#include "train_internal.h"

typedef struct latent_constants {
    const float *atom;
    double threshold, length, half, inverse; /* half the window; 1/rows of all processes */
    double preactivation;                    /* λ_P‖d‖/rows */
    int sees_values;                         /* the sparsity term is a sum over values */
} latent_constants;

typedef struct latent_totals {
    double b_enc, window_g, window, fired;
    double fired_z;      /* Σ z over active events */
    double length_slope; /* ∂(sparsity term)/∂‖d‖ */
} latent_totals;

/* What the row's c adds to the encoder row, and the row's error to the decoder row, in multiples of them. */
typedef struct event_gradient {
    float along_input, along_error;
} event_gradient;

latent_constants atomsi_latent_constants(const atoms_trainer *trainer, int64_t latent, const train_measure *measure);

/* Adds what reaches the latent through rows that it is silent on and through the length of its atom, and writes out.rest. */
void atomsi_finish_latent(const atoms_trainer *trainer, int64_t latent, const latent_constants *constants, const train_measure *measure,
                          latent_totals *sum, latent_gradient out);

/* product is error·atom. Both multiples are 0 where the event is in the window alone and the estimator does not reach z. */
static inline event_gradient train_event(const atoms_trainer *t, const latent_constants *c, const train_measure *m, double z, double product,
                                         latent_totals *sum)
{
    int active = z > c->threshold;
    double f = active ? z : 0, slope = c->sees_values ? atomsi_sparsity_slope(&t->opts, f * c->length) * m->weight * c->inverse : 0;
    double g = 2 * c->inverse * product + slope * c->length, z_gradient = active ? g + c->preactivation : 0;
    if (fabs(z - c->threshold) < c->half) {
        sum->window_g += g;
        sum->window += 1;
        if (t->opts.input_gradient) z_gradient += (c->threshold * g + m->l0_slope * c->inverse) / t->opts.bandwidth;
    }
    sum->fired += active;
    sum->fired_z += f;
    sum->length_slope += slope * f;
    sum->b_enc += z_gradient;
    return (event_gradient){(float)z_gradient, (float)(2 * c->inverse * f)};
}

#endif
