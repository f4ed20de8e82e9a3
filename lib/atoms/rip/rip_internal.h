/* The insides of the restricted isometry room. For a sign s = ±1 write A = s(G − I), zero on its diagonal: U_K − 1 is the largest λ_max(A_TT) over
 * K atoms T for s = 1, and 1 − L_K the one for s = −1. Flipping an atom's sign changes neither. */
#ifndef ATOMSI_RIP_H
#define ATOMSI_RIP_H

#include <stdbool.h>

#include <atoms/rip.h>

#include "../context/context_internal.h"
#include "../dictionary/dictionary_internal.h"

enum { PLUS, MINUS, SIGNS };
enum { ORDERS = ATOMS_RIP_ORDER_MAX + 1 };

static inline double rip_sign(int sign) { return sign == PLUS ? 1 : -1; }

/* A search looks for what exceeds the best known by more than this. */
static const double rip_improvement = 1e-10;

/* Whether c is among n atoms. */
static inline bool rip_holds(const int32_t *atom, int64_t n, int32_t c)
{
    for (int64_t k = 0; k < n; k++)
        if (atom[k] == c) return true;
    return false;
}

/* K atoms, rising, and λ_max(A_TT) in f64. */
typedef struct rip_support {
    double value;
    int32_t atom[ATOMS_RIP_ORDER_MAX];
} rip_support;

/* Limits of a call, and whether its caller has had enough: then every part ends where it is, and what is known by then is the answer. */
typedef struct rip_call {
    atoms_context *context;
    double beam_ends, search_ends, deadline; /* of base_clock_seconds; infinite: none */
    int64_t nodes;                           /* of each search; 0: any number */
    int64_t bytes;                           /* for the Gram matrix, and for what looks at all of it */
    bool cancelled;
} rip_call;

/* Tells the caller how far a part is; false where the call is cancelled, now or before. */
bool atomsi_rip_go_on(rip_call *call, const char *part, int64_t done, int64_t total);

/* The Gram matrix of `atoms` unit atoms, f32, symmetric to the bit, zeros on the diagonal. Each entry is within `error` of the truth. */
typedef struct rip_gram {
    atoms_context *context;
    rip_call *call;
    int64_t atoms, dim;
    const double *unit; /* atoms × dim; of the dictionary, or own */
    double *own_unit;
    int64_t *name;      /* number in the dictionary of each atom; NULL: its own */
    float *entries;     /* atoms × atoms */
    double error;
    double *top;        /* dictionary atoms × depth: the largest magnitudes of each row, falling, of the whole dictionary */
    int64_t depth, rows;
    double speed; /* multiplications a second, of the products that made it */
} rip_gram;

/* depth ≥ 1: row tops; at least `order` atoms are kept. Where the call is cancelled on the way, the tops of rows that were not reached are 1, and the
 * entries are not to be read. On failure there is nothing to free. Errors: MEMORY. */
atoms_status atomsi_rip_gram_make(const atoms_dictionary *dictionary, rip_call *call, int64_t depth, int64_t order, rip_gram *out);
void atomsi_rip_gram_free(rip_gram *gram);

static inline const float *rip_row(const rip_gram *g, int64_t i) { return g->entries + i * g->atoms; }

/* Everything known about orders 1 … order, by sign and order. Supports count atoms as rip_gram does. */
typedef struct rip_profile {
    int64_t order, nodes;
    int32_t stopped; /* why a search went no further */
    bool asked[ORDERS];    /* gets every bound that there is */
    bool searched[ORDERS]; /* to the end, both signs */
    bool exact[ORDERS];    /* and δ is known to 1e-9 */
    int64_t depth;
    double row_sum[ORDERS]; /* μ₁ of 1 … depth, rounded up */
    double lower[SIGNS][ORDERS], upper[SIGNS][ORDERS];
    int32_t bound[SIGNS][ORDERS];
    double mu, coherence[ORDERS], babel[ORDERS], cassini[ORDERS];
    double ladder[SIGNS][ORDERS], soft[SIGNS][ORDERS], semidefinite[SIGNS][ORDERS]; /* NaN: not computed */
    rip_support best[SIGNS][ORDERS];
} rip_profile;

/* Takes an upper bound where it is lower than what is known. */
static inline void rip_lower_upper_end(rip_profile *p, int sign, int64_t order, double value, int32_t bound)
{
    if (!(value < p->upper[sign][order])) return;
    p->upper[sign][order] = value;
    p->bound[sign][order] = bound;
}

/* How far computed eigenvalues of n × n Gram matrices can be from the truth. */
double atomsi_rip_slack(int64_t order, int64_t dim);

/* Eigenvalues of symmetric a (n × n, destroyed), and eigenvectors, one a row, by Jacobi's method. Returns which value is the largest.
 * The bits depend on a alone. */
int64_t atomsi_rip_eigen(int64_t n, double *a, double *values, double *vectors);

/* λ_max(A_TT) in f64 from the unit atoms. work: n·dim + 2n² + n doubles. */
double atomsi_rip_value(const rip_gram *gram, int sign, int64_t n, const int32_t *atom, double *work);

/* Reverse search for supports of `order` atoms with a value above `known`; *best is replaced where one is found. *complete: nothing
 * exceeds best->value (or known) by more than rip_improvement. Errors: MEMORY. */
atoms_status atomsi_rip_search(const rip_gram *gram, int sign, int64_t order, double known, rip_support *best, bool *complete, rip_profile *profile);

/* Large values from below for orders 2 … order of both signs. Errors: MEMORY. */
atoms_status atomsi_rip_beam(const rip_gram *gram, int32_t width, rip_profile *profile);

/* Larger values still, for one order of both signs. Errors: MEMORY. */
atoms_status atomsi_rip_truncated_power(const rip_gram *gram, int64_t order, double deadline, rip_profile *profile);

/* Gives every order a support that is at least as good as the one before it, one atom more: what was cut short has not looked at all.
 * Errors: MEMORY. */
atoms_status atomsi_rip_fill_supports(const rip_gram *gram, rip_profile *profile);

/* The two largest sums of the `terms` ≤ depth largest magnitudes of a row; of the first is μ₁(terms), but for rounding. */
typedef struct rip_row_sums {
    double first, second;
} rip_row_sums;
rip_row_sums atomsi_rip_largest_sums(const rip_gram *gram, int64_t terms);

/* Row sums, and upper bounds from them for orders 2 … order. */
void atomsi_rip_row_bounds(const rip_gram *gram, rip_profile *profile);

/* Symmetric B, n × n with a zero diagonal: row() writes the first `cols` entries of a row. Any thread. */
typedef struct rip_matrix {
    int64_t n;
    void (*row)(const void *arg, int64_t i, int64_t cols, double *out);
    const void *arg;
} rip_matrix;

/* *bound ≥ λ_max(B), `above` or a little more above an estimate from below; infinite where none was proved by the deadline. Errors: MEMORY. */
atoms_status atomsi_rip_certify(const rip_gram *gram, const rip_matrix *b, double estimate, double above, double deadline, double *bound);

/* Bytes that takes, and about how many seconds; −1: too many. */
int64_t atomsi_rip_certify_bytes(int64_t n);
double atomsi_rip_certify_seconds(const rip_gram *gram);

/* The soft-threshold bound of one sign; NaN where there was no time for it. largest: of |A_ij|. Errors: MEMORY. */
atoms_status atomsi_rip_soft_bound(const rip_gram *gram, int sign, int64_t order, double largest, double deadline, double *bound, bool *is_norm);

/* The semidefinite relaxation's bound of one sign, for RIP_SEMIDEFINITE_MAX atoms at most; NaN likewise. Errors: MEMORY. */
enum { RIP_SEMIDEFINITE_MAX = 512 };
int64_t atomsi_rip_semidefinite_bytes(int64_t n);
atoms_status atomsi_rip_semidefinite_bound(const rip_gram *gram, int sign, int64_t order, double deadline, double *bound);

/* Everything about the orders that profile->asked marks, and those below: bounds, beam, searches. Errors: MEMORY. */
atoms_status atomsi_rip_profile_make(const rip_gram *gram, const atoms_rip_opts *opts, rip_profile *profile);

struct atoms_rip {
    atoms_context *context;
    int64_t atoms;
    bool cancelled;
    rip_profile profile; /* its supports name atoms of the dictionary, and lower ends are set */
};

#endif
