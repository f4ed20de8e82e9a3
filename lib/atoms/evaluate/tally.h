/* What one pass over rows leaves of a subject: sums and counts, from which every figure on those rows follows. */
#ifndef EVALUATE_TALLY_H
#define EVALUATE_TALLY_H

#include <atoms/metric.h>

#include "row_source.h"
#include "subject.h"

/* Σ‖x − x̄‖² with the mean beside it, so that parts can be merged (Chan, Golub and LeVeque 1979). */
typedef struct spread {
    int64_t rows;
    double about_mean;
    double *mean;
} spread;

typedef struct row_sums {
    double error, aip_error; /* Σ‖x − x̂‖², in the AIP too */
    double cosine, ratio;    /* Σ cos(x, x̂), Σ‖x̂‖/‖x‖ */
    int64_t cosine_rows, ratio_rows;
    spread plain, aip; /* of x, and of x whitened */
} row_sums;

typedef struct tally {
    atoms_context *context;
    int64_t rows, latents, dim;
    row_sums sums;      /* without a metric the AIP's are 0 */
    int64_t *l0_counts; /* latents + 1: rows with k non-zeros */
    int64_t *firing;    /* latents: rows on which it fires */
} tally;

/* Errors: OVERFLOW, MEMORY, and what reading and reconstructing give; nothing to free then. */
atoms_status atomsi_tally_rows(const subject *s, const atoms_metric *metric, row_source *source, tally *out);
void atomsi_tally_free(tally *t);

#endif
