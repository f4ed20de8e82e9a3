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
enum { ATOMS_RIP_DONE = 0, ATOMS_RIP_OUT_OF_TIME = 1, ATOMS_RIP_OUT_OF_NODES = 2, ATOMS_RIP_CANCELLED = 3 };

/* "search", "coherence", "Babel" …; "none" for another number. Since 0.1. */
ATOMS_API const char *atoms_rip_bound_name(int32_t bound);

typedef struct atoms_rip_opts {
    uint32_t struct_size;
    int32_t each_sign;  /* 0 (default): search until δ_K is known; 1: until U_K − 1 and 1 − L_K both are */
    double seconds;     /* about how long it may take: default 10, 0 = no limit. The pass over the Gram matrix counts, but is not cut off */
    int64_t nodes;      /* each search ends after about so many supports: 0 (default) = no limit. Unlike seconds the same on every machine */
    int64_t gram_bytes; /* for the Gram matrix, 4·M² bytes, and for the bounds that look at all of it, as much again (40·M² below 513 atoms): default
                           2³¹. Where it does not fit, the most coherent atoms are searched alone, and the upper end comes from the row sums;
                           where they do not fit beside it, those bounds are left out */
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
    int32_t stopped;                 /* ATOMS_RIP_DONE, _OUT_OF_TIME, _OUT_OF_NODES, _CANCELLED */
    double coherence, babel, cassini, ladder, soft, semidefinite; /* upper bounds on δ_K, each by itself; NaN: not computed (the others were enough) */
    int64_t exact_order;             /* largest j ≤ K for which δ_j is exact */
    int64_t nodes;                   /* supports that the searches looked at */
    int32_t plus_witness[ATOMS_RIP_ORDER_MAX];  /* K atoms, rising, whose Gram matrix attains plus_lower; −1 after them */
    int32_t minus_witness[ATOMS_RIP_ORDER_MAX]; /* and minus_lower */
} atoms_rip_report;

ATOMS_API ATOMS_NODISCARD atoms_status atoms_rip_report_init(atoms_rip_report *report, size_t size);

/* What is known about δ_1 … δ_K of a dictionary, K the largest of the orders asked about. */
typedef struct atoms_rip atoms_rip;

/* δ_K = max over K atoms T of ‖G_TT − I‖₂, G the Gram matrix of the unit atoms in the dictionary's metric, for `count` ≥ 1 orders in one go;
 * 1 ≤ order ≤ min(atoms, 64). Exact where the search ends in time, else the best interval so far; orders between the ones asked about are known too,
 * though not every bound is made for them. A progress callback that cancels ends it likewise: the status is OK and the intervals hold, as wide as they
 * are by then. Same bits for any number of threads, unless time or the callback cut it off. opts NULL = defaults; `dictionary` may be destroyed
 * afterwards. Errors: ARGUMENT, LIMIT (order beyond 64), MEMORY. Allocates M·M floats and work; the handle is small. Source: docs/rip.md. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_rip_create(const atoms_dictionary *dictionary, const int64_t *orders, int64_t count,
                                                        const atoms_rip_opts *opts, atoms_rip **out);
ATOMS_API void atoms_rip_destroy(atoms_rip *rip);

/* The interval for one order, 1 ≤ order ≤ K. Errors: ARGUMENT. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_rip_describe(const atoms_rip *rip, int64_t order, atoms_rip_report *report);

/* The same for one order alone, without a handle. Errors: as atoms_rip_create. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_rip_estimate(const atoms_dictionary *dictionary, int64_t order, const atoms_rip_opts *opts,
                                                          atoms_rip_report *report);

typedef struct atoms_supports_report {
    uint32_t struct_size;
    int32_t reserved;
    int64_t rows;           /* that use at least one atom; the others say nothing */
    int64_t most;           /* atoms in a row */
    int64_t dependent;      /* rows whose atoms are linearly dependent as far as f64 can tell */
    int64_t plus_row, minus_row; /* attain the next two */
    double plus, minus;          /* largest λ_max(G_SS) − 1 and 1 − λ_min(G_SS) over the rows' supports S, rounded outward */
    double plus_mean, minus_mean;
} atoms_supports_report;

ATOMS_API ATOMS_NODISCARD atoms_status atoms_supports_report_init(atoms_supports_report *report, size_t size);

/* Restricted constants of your codes: the extremes of the Gram matrix over the supports that really occur, which is what a user of a
 * coherent dictionary can act on. Errors: ARGUMENT, SHAPE (width, no row with an atom), MEMORY, CANCELLED. Allocates. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_rip_supports(const atoms_dictionary *dictionary, const atoms_codes *codes,
                                                          atoms_supports_report *report);

typedef struct atoms_null_space_opts {
    uint32_t struct_size;
    int32_t iterations; /* for each atom: default 100, 0 … 100 000 */
    double seconds;     /* fewer iterations where they take longer: default 60, 0 = no limit */
} atoms_null_space_opts;

ATOMS_API ATOMS_NODISCARD atoms_status atoms_null_space_opts_init(atoms_null_space_opts *opts, size_t size);

typedef struct atoms_null_space_report {
    uint32_t struct_size;
    int32_t iterations;                /* the fewest that an atom was given: less than asked for where time cut them short */
    int64_t atoms;
    int64_t recovers;                  /* largest K ≤ 64 with α_K < 1/2: ℓ₁ finds every code of K atoms; 0: none is proved */
    double alpha[ATOMS_RIP_ORDER_MAX]; /* alpha[K − 1] ≥ α_K, rounded up; 1 where nothing better is known */
} atoms_null_space_report;

ATOMS_API ATOMS_NODISCARD atoms_status atoms_null_space_report_init(atoms_null_space_report *report, size_t size);

/* Upper bounds on the null-space constants α_K = max ‖x_T‖₁/‖x‖₁ over K atoms T and codes x ≠ 0 with Σ x_i d_i = 0. ℓ₁ minimisation finds every
 * code with K atoms exactly where α_K < 1/2. Same bits for any number of threads, unless time cut it short. Errors: ARGUMENT, MEMORY, CANCELLED,
 * NUMERIC. Allocates 20 bytes an element of the dictionary and work. Source: Juditsky and Nemirovski, arXiv 0809.2650. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_rip_null_space(const atoms_dictionary *dictionary, const atoms_null_space_opts *opts,
                                                            atoms_null_space_report *report);

/* What proves a guarantee. Pinned for ever. */
enum {
    ATOMS_PROOF_NONE = 0,
    ATOMS_PROOF_COHERENCE = 1,  /* K < (1 + 1/μ)/2 */
    ATOMS_PROOF_BABEL = 2,      /* μ₁(K − 1) + μ₁(K) < 1; spark: μ₁(k − 1) < 1 */
    ATOMS_PROOF_ISOMETRY = 3,   /* bounds on δ_n; spark: L_k > 0 */
    ATOMS_PROOF_NULL_SPACE = 4  /* α_K < 1/2 */
};

/* "coherence", "Babel", "isometry", "null space"; "none" for another number. Since 0.1. */
ATOMS_API const char *atoms_proof_name(int32_t proof);

typedef struct atoms_guarantees_report {
    uint32_t struct_size;
    int32_t reserved;
    int64_t atoms;
    int64_t spark;   /* at least so many atoms are needed to be linearly dependent; atoms + 1: they are independent */
    int64_t unique;  /* every code with at most so many atoms is the sparsest of its signal, alone; 0: none is proved */
    int64_t l1;      /* … and ℓ₁ minimisation finds it */
    int64_t omp;     /* … and orthogonal matching pursuit finds it in as many steps as it has atoms */
    int32_t spark_proof, unique_proof, l1_proof, omp_proof; /* ATOMS_PROOF_…, the simplest that gives the number */
    int64_t coherence;           /* what each proof alone gives: for all three */
    int64_t babel;               /* for l1 and omp */
    int64_t isometry_l1, isometry_omp;
    int64_t null_space;          /* for l1 */
    double mu; /* 1 where a cancelled call does not know it */
} atoms_guarantees_report;

ATOMS_API ATOMS_NODISCARD atoms_status atoms_guarantees_report_init(atoms_guarantees_report *report, size_t size);

/* The largest K for which each guarantee is proved, from coherence, Babel function, what is known about every δ, and a null-space report (NULL:
 * without). Each holds for every smaller K too. Errors: ARGUMENT, SHAPE (null_space of another number of atoms). Source: docs/rip.md. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_rip_guarantees(const atoms_rip *rip, const atoms_null_space_report *null_space,
                                                            atoms_guarantees_report *report);

ATOMS_END

#endif
