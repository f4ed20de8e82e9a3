/* Small f32 kernels in which what the project exists for spends its time: sums of decoder rows, dot products with them, thresholding, the optimiser.
 * One source, compiled once per instruction set; the pick is made when a context is created and never changes, so
 * a context's results keep their bits. */
#ifndef LINALG_KERNELS_H
#define LINALG_KERNELS_H

#include <stdint.h>

#include "../base/prefix.h"

#define linalg_kernels_pick PREFIXED(linalg_kernels_pick)
#define linalg_kernels_portable PREFIXED(linalg_kernels_portable)
#define linalg_kernels_avx2 PREFIXED(linalg_kernels_avx2)
#define linalg_kernels_avx512 PREFIXED(linalg_kernels_avx512)

/* Constants of one step, each rounded from f64: rest = 1 − β, rate = learning rate/(1 − β₁ᵗ), correction = 1/√(1 − β₂ᵗ). */
typedef struct linalg_adam {
    float beta1, rest1, beta2, rest2, rate, correction, epsilon;
} linalg_adam;

/* Greedy pursuit, as all atoms see it. b_i are the columns of an orthonormal basis of the chosen atoms multiplied by every atom; after each, the
 * correlations of the atoms with the residual become alpha − z b and (for OLS) the squared lengths of what the basis leaves of them
 * rest − b². Atoms lie in tiles of 32: column i of tile t is at basis + (t·capacity + i)·32, so that one tile is read in one stream. */
enum { LINALG_TILE = 32, LINALG_AHEAD = 8 };

typedef struct linalg_columns {
    int64_t atoms, capacity, done;  /* atoms; columns there is room for; columns there are */
    float *basis;
    const float *alpha, *rest;      /* whole tiles. NaN in alpha: never chosen. rest NULL: atoms are rated by |alpha|, else by alpha²/rest */
    float *alpha_out, *rest_out;    /* after the steps; may be alpha and rest */
    float floor;                    /* of rest */
    int64_t steps;                  /* 1, 2, 4 or 8 columns to be added, one for each choice t */
    const float *gram[LINALG_AHEAD]; /* row of the Gram matrix of the atom chosen */
    int32_t chosen[LINALG_AHEAD];
    float inverse[LINALG_AHEAD], minus_z[LINALG_AHEAD];
    float level[LINALG_AHEAD];      /* its score when it is chosen */
    const float *minus_w;           /* −b_i of the atom chosen at t: minus_w[i·LINALG_AHEAD + t], i < done + t */
} linalg_columns;

/* A lasso on n coordinates, given by their Gram matrix with 1 on its diagonal: minimise over z
 *     ½ zᵀGz − cᵀz + level Σ weight_j |z_j| + ½ Σ (1/shrink_j − 1) z_j², optionally with z ≥ 0. */
typedef struct linalg_descent {
    int64_t n;
    const float *gram; /* row j at gram + j·stride */
    int64_t stride;
    const float *weight, *shrink;
    float level;
    int32_t one_sided; /* z ≥ 0 */
    float *q;          /* c − G z, kept so */
    float *z;
} linalg_descent;

typedef struct linalg_kernels {
    const char *name;
    /* Σ x[i]·y[i] */
    float (*dot)(int64_t n, const float *x, const float *y);
    /* The same, summed in f64 */
    double (*dot_wide)(int64_t n, const float *x, const float *y);
    /* y += a·x */
    void (*axpy)(int64_t n, float a, const float *x, float *y);
    /* out[k] = Σ x[k][i]·y[i] for count rows. next names 2·count rows that are wanted soon after: they are brought closer meanwhile. */
    void (*dots)(int64_t n, int64_t count, const float *const *x, const float *y, float *out, const float *const *next);
    /* y += Σ_k a[k]·x[k] over count rows, in their order */
    void (*axpys)(int64_t n, int64_t count, const float *a, const float *const *x, float *y);
    /* Indices and values of z[i] + bias[i] > level[i], rising; the first index is `base`. A NaN is among them, for the caller to find.
     * Returns how many; room for n must be there. */
    int64_t (*threshold)(int64_t n, const float *z, const float *bias, const float *level, int32_t base, int32_t *index, float *value);
    /* out[i] = sum[i] + x[i]², and the indices where it reaches `limit`, rising. Returns how many; room for n must be there. */
    int64_t (*add_squares)(int64_t n, const float *x, const float *sum, float *out, float limit, int32_t *index);
    /* max of slope[i]·|q[i]|, or where one_sided of slope[i]·q[i]; at least 0. A NaN is none. */
    float (*largest)(int64_t n, const float *q, const float *slope, int32_t one_sided);
    /* The first `room` indices of |q[i]| > factor·level[i], or where one_sided of q[i] > factor·level[i], rising. Returns how many. A NaN is none. */
    int64_t (*beyond)(int64_t n, const float *q, const float *level, float factor, int32_t one_sided, int64_t room, int32_t *index);
    /* Minimises over one listed coordinate after another, once each. Returns how many became or ceased to be 0 or changed sign; *moved is the largest
     * change, 0 for one that is rounding. */
    int64_t (*descend)(const linalg_descent *d, int64_t count, const int32_t *list, float *moved);
    /* One step of Adam: m and v updated by g, then p −= rate·m / (√v·correction + epsilon). */
    void (*adam)(int64_t n, const float *g, float *m, float *v, float *p, const linalg_adam *step);
    /* y = Σ_k a[k]·x[k] over count rows, in f64 */
    void (*combine)(int64_t n, int64_t count, const double *a, const double *const *x, double *y);
    /* y −= a·x, in f64 */
    void (*retreat)(int64_t n, double a, const double *x, double *y);
    /* The first t ≥ 0 below `step` at which some |q[i] − t·g[i]| (one-sided: q[i] − t·g[i]) reaches bound[i]·(level − t), with which[0] = i, the lowest
     * at a tie, and the sign of q[i] there; `step` and nothing written where there is none. Infinite bounds are never reached. */
    double (*first_crossing)(int64_t n, double level, double step, int one_sided, const double *q, const double *g, const double *bound,
                             int64_t *which, double *sign);
    /* Column t = inverse[t]·(gram[t] − Σ_{i < done + t} w_ti b_i) for each step, and alpha and rest after all of them. Returns the first
     * t > 0 at which an atom would have been chosen before chosen[t] (a larger score; the same and a lower number), or steps. */
    int64_t (*columns)(const linalg_columns *c);
    /* alpha_out and rest_out once more, after only the first `steps` of the columns just made. */
    void (*columns_again)(const linalg_columns *c, int64_t steps);
    /* *best = the atom of n with the largest score above 0, the lowest number among equals; −1: none. Returns how many contenders were put into
     * index, rising, at most 32: about `wanted` or a few more of the best scores. rest NULL: the score is |alpha|, else alpha²/rest. */
    int64_t (*leaders)(int64_t n, const float *alpha, const float *rest, int64_t wanted, int32_t *best, int32_t *index);
} linalg_kernels;

extern const linalg_kernels linalg_kernels_portable;
extern const linalg_kernels linalg_kernels_avx2;
extern const linalg_kernels linalg_kernels_avx512;

/* The widest set that this processor runs. */
const linalg_kernels *linalg_kernels_pick(void);

#endif
