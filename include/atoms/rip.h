/* Restricted isometry: how far the atoms of a sparse code can be from orthonormal, as intervals that hold. */
#ifndef ATOMS_RIP_H
#define ATOMS_RIP_H

#include <atoms/dictionary.h>

ATOMS_BEGIN

enum { ATOMS_RIP_ORDER_MAX = 64 };

/* What an upper end comes from. Pinned for ever. */
enum {
    ATOMS_RIP_BOUND_SEARCH = 1,    /* reverse search over supports ended: nothing is larger */
    ATOMS_RIP_BOUND_COHERENCE = 2, /* Gershgorin: (K − 1) μ */
    ATOMS_RIP_BOUND_BABEL = 3,     /* the largest sum of K − 1 magnitudes in a row of the Gram matrix */
    ATOMS_RIP_BOUND_CASSINI = 4,   /* the root of the two largest such sums' product */
    ATOMS_RIP_BOUND_POSITIVE = 5,  /* no Gram matrix has a negative eigenvalue: 1 − L_K ≤ 1 */
    ATOMS_RIP_BOUND_LADDER = 6,    /* (K − 1)/(j − 1) times the bound of a smaller order j */
    ATOMS_RIP_BOUND_SOFT = 7,      /* soft thresholding: (K − 1) ρ + λ_max(soft_ρ(G − I)) */
    ATOMS_RIP_BOUND_NORM = 8,      /* the same with ρ = 0: the norm of the whole Gram matrix */
    ATOMS_RIP_BOUND_SEMIDEFINITE = 9 /* the semidefinite relaxation's dual; up to 512 atoms */
};

/* Why the search went no further. */
enum { ATOMS_RIP_DONE = 0, ATOMS_RIP_OUT_OF_TIME = 1, ATOMS_RIP_OUT_OF_NODES = 2 };

/* "search", "coherence", "Babel" …; "none" for another number. Since 0.1. */
ATOMS_API const char *atoms_rip_bound_name(int32_t bound);

typedef struct atoms_rip_opts {
    uint32_t struct_size;
    int32_t each_sign;  /* 0 (default): search until δ_K is known; 1: until U_K − 1 and 1 − L_K both are */
    double seconds;     /* the search ends after that long: default 10, 0 = no limit. The passes over the Gram matrix are not cut off */
    int64_t nodes;      /* each search ends after about so many supports: 0 (default) = no limit. Unlike seconds the same on every machine */
    int64_t gram_bytes; /* largest Gram matrix to keep, f32: default 2³¹. Where it does not fit, the most coherent atoms are searched alone,
                           and the upper end comes from the row sums */
    int32_t beam;       /* supports of each size that the search from below goes on with: default 300, 1 … 4096 */
    int32_t reserved;
} atoms_rip_opts;

ATOMS_API ATOMS_NODISCARD atoms_status atoms_rip_opts_init(atoms_rip_opts *opts, size_t size);

typedef struct atoms_rip_report {
    uint32_t struct_size;
    int32_t exact;       /* 1: the search ended and upper − lower ≤ 1e-9 */
    int64_t atoms;
    int64_t order;       /* K */
    double lower, upper; /* lower ≤ δ_K ≤ upper, rounded outward */
    double plus_lower, plus_upper;   /* the same for U_K − 1, U_K the largest eigenvalue of K atoms' Gram matrices */
    double minus_lower, minus_upper; /* and for 1 − L_K, L_K the smallest */
    double ratio_lower, ratio_upper; /* (U_K − L_K)/(U_K + L_K): δ_K at the best scaling of the atoms */
    int32_t bound;                   /* ATOMS_RIP_BOUND_… of upper */
    int32_t plus_bound, minus_bound;
    int32_t stopped;                 /* ATOMS_RIP_DONE, _OUT_OF_TIME, _OUT_OF_NODES */
    double coherence, babel, cassini, ladder, soft, semidefinite; /* upper bounds on δ_K, each by itself; NaN: not computed (the others were enough) */
    int64_t exact_order;             /* largest j ≤ K for which δ_j is exact */
    int64_t nodes;                   /* supports that the searches looked at */
    int32_t plus_witness[ATOMS_RIP_ORDER_MAX];  /* K atoms, rising, whose Gram matrix attains plus_lower; −1 after them */
    int32_t minus_witness[ATOMS_RIP_ORDER_MAX]; /* and minus_lower */
} atoms_rip_report;

ATOMS_API ATOMS_NODISCARD atoms_status atoms_rip_report_init(atoms_rip_report *report, size_t size);

/* δ_K = max over K atoms T of ‖G_TT − I‖₂, G the Gram matrix of the unit atoms in the dictionary's metric; 1 ≤ order ≤ min(atoms, 64).
 * Exact where the search ends in time, else the best interval so far. Same bits for any number of threads, unless time cut it off.
 * opts NULL = defaults. Errors: ARGUMENT, LIMIT (order beyond 64), UNSUPPORTED, MEMORY, CANCELLED. Allocates M·M floats and work.
 * Source: docs/rip.md. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_rip_estimate(const atoms_dictionary *dictionary, int64_t order, const atoms_rip_opts *opts,
                                                          atoms_rip_report *report);

ATOMS_END

#endif
