/* The steps of atoms_angles. */
#ifndef ATOMSI_ANGLES_H
#define ATOMSI_ANGLES_H

#include <atoms/angles.h>

#include "../context/context_internal.h"

typedef struct angles_job {
    atoms_context *context;
    atoms_rows *rows;
    const atoms_metric *metric; /* NULL = Euclidean */
    int64_t count, width;       /* of rows */
    uint64_t seed;
    int64_t pairs;
    double *values; /* pairs angles in degrees */
} angles_job;

/* All pairs i < j, row after row. */
atoms_status atomsi_angles_all(const angles_job *job);

/* Pair p is drawn by the numbers 2p and 2p + 1 of the seed's stream. */
atoms_status atomsi_angles_drawn(const angles_job *job);

/* Mean, spread, quantiles and histogram of the values. */
void atomsi_angles_summarise(const angles_job *job, atoms_angles_report *report);

#endif
