/* Small dictionaries for these tests, and plain loops in f64 that say what the room should find. */
#ifndef GEOMETRY_ORACLE_H
#define GEOMETRY_ORACLE_H

#include <atoms/atoms.h>
#include <check.h>

#include "known_atoms.h"

/* The same numbers rounded to f32. */
float *narrowed(const double *x, int64_t n);

/* Metric of random rows, not the identity by far. */
atoms_metric *some_metric(atoms_context *context, int64_t dim, uint64_t seed);

/* Cosines, atoms × atoms, in the metric (NULL: Euclidean); 1 on the diagonal. */
double *cosines_of(const double *atoms_by_row, int64_t atoms, int64_t dim, const atoms_metric *metric);

/* What report and handle hold for these cosines; spectrum left out. */
void check_geometry(const atoms_geometry *g, const double *cosines, int64_t atoms, double duplicate, double tolerance);

/* With the defaults but for K. */
atoms_geometry *geometry_of(atoms_context *context, const atoms_matrix *m, const atoms_metric *metric, int64_t babel);
atoms_geometry_report report_of(const atoms_geometry *g);

#endif
