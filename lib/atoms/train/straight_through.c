/* The straight-through gradient of one latent, from its events alone. With g = ∂(loss without L0)/∂f, w = 1[|z − θ| < ε/2], ε the bandwidth and
 * λ' = ∂(sparsity term)/∂L0 (arXiv 2407.14435, the pseudo-derivatives of JumpReLU and of the step):
 *   ∂loss/∂z = 1[z > θ] g          ∂loss/∂θ := −(w/ε)(θ g + λ')
 * so encoder and bias see the reconstruction through active events only, and θ sees both terms through the window. With input_gradient the
 * second is also subtracted from ∂loss/∂z. Where the decoder is free, terms that scale with ‖d‖ reach it along d. The p inside the encoder's input
 * is held fixed. Latents without events have gradient zero, the pre-activation term aside: the sums below are the whole dense ones. g itself is a
 * dot product of the row's error with the decoder row, taken here because the error rows are needed here anyway. */
#include <string.h>

#include "straight_through.h"

/* Events at a time: their rows stay in cache between the dot products and the sums. While the error rows are multiplied, the rows of c that
 * are summed next and the error rows AHEAD events on, this latent's or the next one's, are brought closer. */
enum { CHUNK = 64, AHEAD = 4 };

latent_constants atomsi_latent_constants(const atoms_trainer *t, int64_t latent, const train_measure *m)
{
    const atoms_train_opts *o = &t->opts;
    latent_constants c = {.atom = t->parts[PART_DECODER].value + latent * t->d,
                          .threshold = t->parts[PART_THRESHOLD].value[latent],
                          .length = atomsi_train_atom_length(t, latent),
                          .half = o->activation == ATOMS_ACTIVATION_JUMPRELU ? o->bandwidth / 2 : 0,
                          .inverse = 1 / m->rows,
                          .sees_values = o->sparsity == ATOMS_SPARSITY_TANH || o->sparsity == ATOMS_SPARSITY_L1};
    if (o->sparsity == ATOMS_SPARSITY_TANH) c.preactivation = o->preactivation_weight * c.length * c.inverse;
    return c;
}

/* Up to CHUNK events, from number `first` of all columns on; `ahead` more follow. */
static void add_chunk(const atoms_trainer *t, const latent_constants *c, const train_measure *m, int64_t first, int64_t count, int64_t ahead,
                      latent_totals *sum, latent_gradient out)
{
    const linalg_kernels *k = t->context->kernels;
    const int32_t *row = t->events.column_row + first;
    const float *z = t->events.column_z + first, *error[CHUNK], *input[CHUNK], *next[2 * CHUNK];
    float product[CHUNK], along_input[CHUNK], along_error[CHUNK];
    int64_t kept = 0;
    for (int64_t i = 0; i < count; i++) {
        error[i] = t->error + row[i] * t->d;
        next[2 * i] = t->error + row[base_min_i64(i + AHEAD, count + ahead - 1)] * t->d;
        next[2 * i + 1] = (z[i] > c->threshold ? t->input : t->error) + row[i] * t->d;
    }
    k->dots(t->d, count, error, c->atom, product, next);
    for (int64_t i = 0; i < count; i++) {
        event_gradient e = train_event(t, c, m, z[i], product[i], sum);
        input[kept] = t->input + row[i] * t->d;
        error[kept] = error[i];
        along_input[kept] = e.along_input;
        along_error[kept] = e.along_error;
        kept += z[i] > c->threshold || t->opts.input_gradient; /* in the window alone: nothing for the rows */
    }
    k->axpys(t->d, kept, along_input, input, out.encoder);
    k->axpys(t->d, kept, along_error, error, out.decoder);
}

void atomsi_finish_latent(const atoms_trainer *t, int64_t latent, const latent_constants *c, const train_measure *m, latent_totals *sum,
                          latent_gradient out)
{
    const float *encoder = t->parts[PART_ENCODER].value + latent * t->d;
    double rows = (double)t->rows, silent_z = rows * t->parts[PART_B_ENC].value[latent] - sum->fired_z;
    double threshold = -(c->threshold * sum->window_g + m->l0_slope * sum->window * c->inverse) / t->opts.bandwidth;
    if (c->preactivation > 0) {
        for (int64_t j = 0; j < t->d; j++) silent_z += (double)encoder[j] * t->input_total[j];
        t->context->kernels->axpy(t->d, (float)-c->preactivation, t->input_total, out.encoder);
        sum->b_enc -= c->preactivation * rows;
        sum->length_slope += c->preactivation / c->length * ((rows - sum->fired) * c->threshold - silent_z);
    }
    if (t->opts.decoder == ATOMS_DECODER_FREE && c->length > 0)
        t->context->kernels->axpy(t->d, (float)(sum->length_slope / c->length), c->atom, out.decoder);
    out.rest[GRADIENT_B_ENC] = (float)sum->b_enc;
    out.rest[GRADIENT_THRESHOLD] = (float)(threshold + c->preactivation * (rows - sum->fired));
    out.rest[GRADIENT_FIRED] = (float)sum->fired;
}

void atomsi_straight_through(const atoms_trainer *t, int64_t latent, const train_measure *m, latent_gradient out)
{
    latent_events events = train_latent_events(&t->events, latent);
    latent_constants c = atomsi_latent_constants(t, latent, m);
    latent_totals sum = {0};
    memset(out.encoder, 0, (size_t)t->d * sizeof *out.encoder);
    memset(out.decoder, 0, (size_t)t->d * sizeof *out.decoder);
    for (int64_t i = 0; i < events.count; i += CHUNK) {
        int64_t count = base_min_i64(CHUNK, events.count - i);
        add_chunk(t, &c, m, events.first + i, count, base_min_i64(AHEAD, events.in_block - i - count), &sum, out);
    }
    atomsi_finish_latent(t, latent, &c, m, &sum, out);
}
