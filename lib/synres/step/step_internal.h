/* The lanes: f32 kernels whose sums run over 16 lanes on every instruction set, so that their bits are the same on all of them.
 * No fused multiply-add: the narrowest set has none. One source, compiled once per set. */
#ifndef STEP_INTERNAL_H
#define STEP_INTERNAL_H

#include <stdbool.h>
#include <synres/step.h>

enum { SYNRESI_LANES = 16 };

/* One token of one head. Vectors over the key have `padded` elements, a multiple of SYNRESI_LANES, zero (decay: one) beyond n. */
typedef struct synresi_update {
    int64_t n, padded, rows, stride;
    float *S;
    const float *key, *query, *erase; /* padded */
    const float *value;               /* rows */
    const float *beta, *erase_beta;   /* row i: beta[i·gate_step]; erase_beta NULL: no erase */
    const float *decay;               /* row i: decay[i·decay_step]; NULL where the channels have their own */
    const float *channel;             /* padded, or NULL */
    int64_t gate_step, decay_step;
    bool read_pre;
    float *u;                         /* rows */
} synresi_update;

/* One token of one head on the way back (formulas: synres/backward.h). Vectors over the key are `padded`; there are whole fours of `rows`; what is beyond
 * the head's own is zero. G is ∂L/∂S', and becomes ∂L/∂S. */
typedef struct synresi_back {
    int64_t padded, rows;
    const float *S;                                      /* rows × padded, before the token */
    float *G;                                            /* rows × padded */
    const float *key, *query, *erase;                    /* padded */
    const float *write, *erase_beta, *du, *decay;        /* rows: βv, β_e (0: no erase), ∂u, α (1 where the channels have their own) */
    const float *channel;                                /* padded, or NULL */
    bool read_pre;
    float *d_key, *d_query, *d_erase, *d_channel;        /* padded, added to; d_channel: ∂ log α of the channels */
    float *d_write, *d_erase_beta, *d_decay;             /* rows, set; d_decay: ∂ log α of the row */
} synresi_back;

typedef struct synresi_lanes {
    const char *name;
    void (*update)(const synresi_update *update);
    void (*back)(const synresi_back *back);
    /* Σ x[i]·y[i] */
    float (*dot)(int64_t n, const float *x, const float *y);
    /* out[t·ldo + i] = Σ a[i·lda + j]·x[t·ldx + j], each with the bits of its dot */
    void (*rows)(int64_t count, int64_t n, const float *a, int64_t lda, int64_t tokens, const float *x, int64_t ldx, float *out, int64_t ldo);
    /* out[l] = Σ_h gate[h] Σ_j B[(h·d + j)·SYNRESI_LANES + l]·u[h·d + j]; heads whose gate is 0 are left out; false: all are */
    bool (*read_out)(int64_t heads, int64_t d, const float *B, const float *u, const float *gate, float *out);
} synresi_lanes;

extern const synresi_lanes synresi_lanes_portable;
extern const synresi_lanes synresi_lanes_avx2;
extern const synresi_lanes synresi_lanes_avx512;

/* The widest set that this processor runs, and the set of a name (NULL where it does not run here; tests). */
const synresi_lanes *synresi_lanes_pick(void);
const synresi_lanes *synresi_lanes_named(const char *name);

/* synres_step_f32 on a given set, and the checks that both steps and the chunk share. */
synres_status synresi_step(const synresi_lanes *lanes, const synres_shape *shape, const synres_tokens_f32 *tokens, float *S, float *u, int32_t ith,
                           int32_t nth);
synres_status synresi_shape_read(synres_shape *known, const synres_shape *shape);
synres_status synresi_tokens_read_f32(synres_tokens_f32 *known, const synres_tokens_f32 *tokens);
synres_status synresi_tokens_read_f64(synres_tokens_f64 *known, const synres_tokens_f64 *tokens);

static inline int64_t synresi_padded(int64_t n)
{
    return (n + SYNRESI_LANES - 1) / SYNRESI_LANES * SYNRESI_LANES;
}

/* Numbers of a token and head in beta and in log_decay. */
static inline int64_t synresi_gate_width(const synres_shape *shape)
{
    return shape->flags & SYNRES_RULE_ROW_GATES ? shape->d_value : 1;
}

static inline int64_t synresi_decay_width(const synres_shape *shape)
{
    if (shape->flags & SYNRES_RULE_DECAY_CHANNEL) return shape->d_key;
    return shape->flags & SYNRES_RULE_DECAY_ROW ? shape->d_value : 1;
}

#endif
