/* One signal's pursuit with the Gram matrix, for the files that share it: how it is driven (pursuit_gram.c), and how choices are made and taken
 * in several at a time (look_ahead.c). */
#ifndef ATOMSI_GRAM_RUN_H
#define ATOMSI_GRAM_RUN_H

#include <math.h>

#include "support.h"

enum { AHEAD = LINALG_AHEAD, TILE = LINALG_TILE };

/* ‖r‖² relative to where α was last computed from r, below which rounding in α and ‖r‖² counts, and the correlations are computed anew. */
#define REFRESH 1e-5
/* How far off ‖r‖² may be in the same scale. */
#define SLACK 2e-6

typedef struct gram_run {
    const atoms_pursuit *pursuit;
    const linalg_kernels *kernels;
    atomsi_support support;
    linalg_columns all, few;   /* the atoms; the contenders of a forecast, a dictionary of one tile */
    float *minus_w;            /* both use it */
    float *from;               /* few's Gram row */
    float *spare_alpha, *spare_rest;
    float *residual32;
    double *z, *pivot;         /* capacity; AHEAD */
    int32_t contender[TILE];
    int64_t contenders;
    double square, scale;      /* ‖r‖² now, by recursion; when α was last computed from r */
    double goal;               /* ‖r‖ that ends it */
    bool fresh;                /* α was computed from r after the last choice */
    bool settled;              /* γ and residual are of the present support */
    double *residual;
    atoms_code_record *record;
} gram_run;

/* ‖r‖² at which the pursuit stops to look. */
static inline double atomsi_gram_look_at(const gram_run *s)
{
    double goal = fmax(s->goal, PURSUIT_FLOOR);
    return fmax(goal * goal * 1.0001 + SLACK * s->scale, REFRESH * s->scale);
}

/* Atom j may not be chosen (any more). */
static inline void atomsi_gram_close(gram_run *s, int32_t j)
{
    s->all.alpha_out[j] = NAN; /* alpha and alpha_out are the same between sweeps */
}

static inline void atomsi_gram_swap(float **a, float **b)
{
    float *other = *a;
    *a = *b;
    *b = other;
}

/* Forecasts the next choices; returns how many, at least 1, or 0 where no atom is left to choose. */
int64_t atomsi_gram_plan(gram_run *s);
/* One sweep over the basis for that many planned choices; those that were right are taken. */
void atomsi_gram_sweep(gram_run *s, int64_t steps);

#endif
