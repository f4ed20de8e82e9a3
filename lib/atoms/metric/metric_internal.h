/* The insides of moments and metrics, for the files of this room. */
#ifndef ATOMSI_METRIC_H
#define ATOMSI_METRIC_H

#include <atoms/metric.h>
#include <atoms/tensorfile.h>

#include "../context/context_internal.h"

/* Rows that are summed at once. Part of what "same bits" means, and of the file format: a file holds at most MOMENTS_BLOCK − 1 pending rows. */
enum { MOMENTS_BLOCK = 256 };

/* Sums over rows k. outer is dim × dim, its upper triangle in use, zeros below. */
typedef struct moments_sums {
    double *linear; /* Σ k */
    double *cubic;  /* Σ ‖k‖² k */
    double *outer;  /* Σ k kᵀ */
    double *fourth; /* Σ ‖k‖⁴, one number */
} moments_sums;

struct atoms_moments {
    atoms_context *context;
    int64_t dim;
    int64_t count;     /* rows added, the pending ones and those of merged moments too */
    int64_t pending;   /* rows in `block`, waiting for it to be full: 0 … MOMENTS_BLOCK − 1 */
    double *block;     /* MOMENTS_BLOCK × dim */
    moments_sums sums; /* of the full blocks */
};

struct atoms_metric {
    atoms_context *context;
    atoms_moments *moments; /* what it was made of */
    atoms_metric_opts opts;
    int32_t of_dictionary; /* C = Σ d dᵀ + γ I */
    atoms_metric_report report;
    double *factor;  /* L, C = L Lᵀ, dim × dim */
    double *vectors; /* eigenvectors of C, one a row, dim × dim */
    double *values;  /* eigenvalues of C, rising */
};

/* L, S⁻¹ = L Lᵀ: dim × dim, lower triangle, zeros above. */
const double *atomsi_metric_factor(const atoms_metric *metric);

/* Adds `rows` packed rows (at most MOMENTS_BLOCK) to the sums, of which any may be NULL. The bits depend on the rows alone. */
void atomsi_moments_sum_block(atoms_context *context, int64_t dim, int64_t rows, const double *block, const moments_sums *sums);

/* The sums with the pending rows included, into the caller's memory; any may be NULL. */
void atomsi_moments_total(const atoms_moments *moments, const moments_sums *out);

/* E[k kᵀ] in full, and the mean; both may be NULL. There are rows. */
void atomsi_moments_mean(const atoms_moments *moments, double *mean, double *second);

/* `rows` more rows stand in the block; sums it where it is full. */
void atomsi_moments_take(atoms_moments *moments, int64_t rows);

/* OVERFLOW where `rows` more cannot be counted. */
atoms_status atomsi_moments_check_count(const atoms_moments *moments, int64_t rows);

atoms_status atomsi_moments_copy(atoms_context *context, const atoms_moments *moments, atoms_moments **out);

/* γ by Ledoit and Wolf for the full dim × dim matrix c that was made of `moments`; 0 where nothing has to be shrunk. Errors: MEMORY. */
atoms_status atomsi_ledoit_wolf(const atoms_moments *moments, const double *mean, const double *c, int32_t centred, double *gamma);

/* Builds a metric over `moments`, which becomes the metric's own, also on failure. opts were validated. */
atoms_status atomsi_metric_build(atoms_context *context, atoms_moments *moments, const atoms_metric_opts *opts, int32_t of_dictionary,
                                 atoms_metric **out);

/* The tensors of moments, and what kind of file it is, go into `writer`, which keeps pointers into the moments until its commit. */
atoms_status atomsi_moments_write(const atoms_moments *moments, const char *kind, atoms_tensorwriter *writer);

/* Opens a safetensors file of this kind. Errors: those of atoms_tensorfile_open; FORMAT for a file of another kind. */
atoms_status atomsi_moments_open(atoms_context *context, const char *path, const char *kind, atoms_tensorfile **out);

/* Moments from the tensors of an open file. Errors: FORMAT, NOT_FOUND, MEMORY, IO. */
atoms_status atomsi_moments_read(atoms_context *context, atoms_tensorfile *file, const char *path, atoms_moments **out);

/* The tensor `name` (f64 or i64) of exactly this shape into `out`. FORMAT where dtype or shape differ, or an f64 is not finite. */
atoms_status atomsi_tensor_read(atoms_context *context, atoms_tensorfile *file, const char *path, const char *name, int32_t dtype,
                                int64_t rows, int64_t cols, void *out);

#endif
