/* The parts of one look at a dictionary: what the f32 pass collects, and how each figure is settled in f64. For the files of this room. */
#ifndef GEOMETRY_PARTS_H
#define GEOMETRY_PARTS_H

#include "geometry_internal.h"

/* Coordinates that are multiplied before their sum is added to the others'. */
enum { GRAM_DEPTH = 384 };

/* gram_pass.c: the first of two tiles (stride ATOMSI_GRAM_SIDE) = products of rows with rows; the second is for the pieces, summed apart for the bound
 * in directions.c. */
void atomsi_gram_multiply(int64_t dim, const float *left, int64_t left_stride, int64_t rows, const float *right, int64_t right_stride, int64_t cols,
                          float *tile);

struct atoms_geometry {
    atoms_context *context;
    atoms_geometry_report report;
    double *babel;      /* report.babel */
    double *nearest;    /* these: report.atoms */
    int64_t *partner;
    double *atom_babel;
    int64_t *cluster;
};

/* Quantiles: for each, an interval of f32 cosines that should hold it. */
enum { QUANTILES = 4 };

typedef struct pair_entry {
    float magnitude;
    int32_t i, j;
} pair_entry;

typedef struct brackets {
    double low[QUANTILES], high[QUANTILES]; /* −1 and 2: open */
    pair_entry *entries;                    /* pairs within any of them, in no order */
    int64_t capacity;
    _Atomic int64_t used;                   /* may pass the capacity: then entries were lost */
    int64_t below[QUANTILES];               /* pairs with a magnitude < low, after the pass */
} brackets;

typedef struct scan_state { /* of one worker */
    float magnitude[ATOMSI_GRAM_SIDE]; /* of the row at hand */
    pair_entry kept[ATOMSI_GRAM_SIDE]; /* of it, within brackets */
    int64_t below[QUANTILES], above[ATOMS_GEOMETRY_LEVELS];
    int32_t *parent; /* clusters of duplicates seen by this worker: union–find */
} scan_state;

typedef struct pair_scan {
    const atomsi_directions *directions;
    double duplicate;
    neighbours near;
    brackets quantiles;
    float *tile_most;  /* blocks × blocks: the largest signed cosine of a tile */
    int64_t blocks;
    int32_t workers;
    scan_state *states;
} pair_scan;

/* pair_scan.c: the pass. `babel` is the K that neighbours have to hold. Free in any case, also after a failure. */
atoms_status atomsi_pair_scan_make(const atomsi_directions *d, const atoms_geometry_opts *opts, pair_scan *out);
atoms_status atomsi_pair_scan_run(pair_scan *scan);
void atomsi_pair_scan_free(pair_scan *scan);

/* babel.c: mu, pair, Babel profile and the atoms' own figures from their lists. */
atoms_status atomsi_neighbours_settle(const atomsi_directions *d, const neighbours *near, atoms_geometry *out);

/* clusters.c */
int32_t atomsi_cluster_root(int32_t *parent, int32_t atom);
void atomsi_cluster_join(int32_t *parent, int32_t i, int32_t j);
void atomsi_clusters_settle(const pair_scan *scan, atoms_geometry *out);

/* quantile_brackets.c: before the pass, from a sample; after it, the quantiles. */
atoms_status atomsi_brackets_make(const atomsi_directions *d, brackets *out);
/* *settled is false where the brackets missed, or held too much. */
atoms_status atomsi_brackets_settle(const atomsi_directions *d, const brackets *b, double *quantiles, bool *settled);
int64_t atomsi_quantile_rank(int which, int64_t pairs);

/* quantile_radix.c: the same by four passes in f64, whatever the pairs are. */
atoms_status atomsi_quantiles_by_radix(const atomsi_directions *d, double *quantiles);

/* selection.c: the element that has rank `rank` (from 0) when sorted; reorders. */
double atomsi_select_f64(double *values, int64_t n, int64_t rank);

/* largest_cosine.c: max over i < j of the signed cosine. */
atoms_status atomsi_largest_cosine(const pair_scan *scan, double *out);

/* spectrum.c: eigenvalues of D Dᵀ into frame_low, frame_high, effective_rank and mean_square. */
atoms_status atomsi_spectrum_of(const atomsi_directions *d, atoms_geometry_report *report);

#endif
