/* Angles between pairs of a set of vectors: the representation shift (Euclidean) and its correction (AIP). */
#ifndef ATOMS_ANGLES_H
#define ATOMS_ANGLES_H

#include <atoms/metric.h>

ATOMS_BEGIN

enum { ATOMS_ANGLE_BINS = 180 };

typedef struct atoms_angles_opts {
    uint32_t struct_size;
    int32_t reserved;
    int64_t pairs; /* 0 (default): all pairs where there are at most 2²², else 2²⁰ drawn at random; n > 0: n drawn, or all if
                      there are no more. Draws are independent: a pair may come twice */
    uint64_t seed; /* of the draw */
} atoms_angles_opts;

typedef struct atoms_angles_report {
    uint32_t struct_size;
    int32_t exhaustive; /* 1: every pair i < j was taken */
    int64_t rows;
    int64_t pairs;
    double mean_deg;
    double sd_deg;      /* population standard deviation */
    double min_deg, p01_deg, p05_deg, p25_deg, p50_deg, p75_deg, p95_deg, p99_deg, max_deg; /* lower empirical quantiles: the
                                                                                               ⌈q·pairs⌉-th smallest */
    int64_t histogram[ATOMS_ANGLE_BINS]; /* bin i counts angles in [i, i+1) degrees; 180° is in the last */
} atoms_angles_report;

ATOMS_API ATOMS_NODISCARD atoms_status atoms_angles_opts_init(atoms_angles_opts *opts, size_t size);
ATOMS_API ATOMS_NODISCARD atoms_status atoms_angles_report_init(atoms_angles_report *report, size_t size);

/* Angle arccos⟨u, v⟩ over pairs of rows, in degrees, under `metric` (NULL = Euclidean); computed in f64, same bits for any number
 * of threads. Errors: SHAPE (fewer than two rows, width), NOT_FINITE, ARGUMENT (a row of zeros among those taken, by number), OVERFLOW (a
 * row whose squares do: beyond 1e150 or so), MEMORY, and those of reading rows. Allocates 8 bytes a pair; and all rows as f64 where all
 * pairs are taken, or where rows·columns ≤ 2²⁵ and rows ≤ 2·pairs + 1 (each row is then whitened once); otherwise a block of them.
 * Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_angles(atoms_context *context, atoms_rows *rows, const atoms_metric *metric,
                                                    const atoms_angles_opts *opts, atoms_angles_report *report);

ATOMS_END

#endif
