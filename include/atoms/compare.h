/* Two dictionaries side by side: how much of one is found in the other. Stability over seeds, data and widths. */
#ifndef ATOMS_COMPARE_H
#define ATOMS_COMPARE_H

#include <atoms/metric.h>

ATOMS_BEGIN

/* Cosines above which matched pairs are counted: .7, .9, .99. Pinned for ever. */
enum { ATOMS_COMPARE_LEVELS = 3 };

typedef struct atoms_compare_opts {
    uint32_t struct_size;
    int32_t reserved;
    int64_t exact_limit; /* up to so many atoms on the larger side the matching is optimal; default 4096, at the price of 8 bytes a pair */
} atoms_compare_opts;

typedef struct atoms_compare_report {
    uint32_t struct_size;
    int32_t exact;          /* 1: no one-to-one matching has a larger mean; 0: greedy */
    int64_t atoms_a, atoms_b, dim;
    int64_t matched;        /* pairs of the matching: the smaller number of atoms */
    double mmcs;            /* mean over the atoms of a of the largest cosine with an atom of b */
    double mmcs_reverse;    /* the same with a and b exchanged */
    double matched_mean;    /* mean cosine of the matched pairs */
    double matched_bound;   /* what no matching's mean exceeds; matched_mean where exact */
    double matched_over[ATOMS_COMPARE_LEVELS]; /* share of the matched pairs with a cosine > .7, .9, .99 */
} atoms_compare_report;

ATOMS_API ATOMS_NODISCARD atoms_status atoms_compare_opts_init(atoms_compare_opts *opts, size_t size);
ATOMS_API ATOMS_NODISCARD atoms_status atoms_compare_report_init(atoms_compare_report *report, size_t size);

/* Compares the rows of a and of b, equal in width, by their cosines with sign, in `metric` (NULL = Euclidean); opts NULL = defaults.
 * match[i], where match is not NULL (as many elements as a has rows): the atom of b that i is matched with, or −1. Up to
 * exact_limit the matching maximises the sum of cosines (shortest augmenting paths, Jonker and Volgenant 1987; as n³ at worst); above, atoms take the
 * best partner that is left, those with the best one first. Never M × M in memory above the limit. Errors: ARGUMENT (an atom of zeros), SHAPE, DTYPE,
 * NOT_FINITE, OVERFLOW, MEMORY, CANCELLED. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_compare(atoms_context *context, const atoms_matrix *a, const atoms_matrix *b, const atoms_metric *metric,
                                                     const atoms_compare_opts *opts, int64_t *match, atoms_compare_report *report);

ATOMS_END

#endif
