/* A subject whose atoms are unit vectors of the whitened space: z_i = ⟨L⁻¹(x − mean), u_i⟩, active above a threshold,
 * x̂ = mean + scale·L Σ z_i u_i over the active ones. With d_i = L u_i this is the encoder S d_i/‖d_i‖²_S. The controls `random` and `memoriser`. */
#ifndef EVALUATE_WHITENED_CODER_H
#define EVALUATE_WHITENED_CODER_H

#include <stdbool.h>

#include <atoms/metric.h>

#include "../dictionary/dictionary_internal.h"
#include "subject.h"

typedef struct whitened_coder {
    int64_t atoms, dim;
    const double *units; /* atoms × dim, each u of length 1 */
    float *narrow;       /* the same in f32 */
    const atoms_metric *metric;
    const double *mean; /* NULL = 0 */
    double scale;
    double threshold;
    bool of_cosine; /* the threshold is on z/‖L⁻¹x‖, a cosine in the AIP; else on z */
} whitened_coder;

/* Sets atoms, dim, units (the dictionary's, which must outlive the coder) and narrow (to be freed by atomsi_free). Errors: MEMORY. */
atoms_status atomsi_coder_units(whitened_coder *coder, const atoms_dictionary *dictionary);

/* The coder as a subject, kept by reference; `atoms` are its atoms d_i. Errors: OVERFLOW. */
atoms_status atomsi_subject_of_coder(atoms_context *context, const whitened_coder *coder, const atoms_matrix *atoms, subject *out);

/* Sees z of a tile: rows × cols at z, row r at z + r·stride, for atoms first_atom … first_atom + cols − 1. lengths[r] = ‖L⁻¹(x_r − mean)‖. */
typedef void (*score_visitor)(void *arg, int64_t first_atom, int64_t rows, int64_t cols, const float *z, int64_t stride,
                              const double *lengths);

/* Shows the scores of up to STREAM_ROWS rows, tile by tile. `work` as the subject's. */
void atomsi_coder_scores(const whitened_coder *coder, void *work, const float *x, int64_t rows, score_visitor visit, void *arg);

#endif
