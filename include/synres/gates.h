/* Relevance: how much a token resonates with what its head has met, and the place to put another idea of it.
 *
 *   contextual   ρ = ⟨k, c⟩ / (‖c‖ + ε),  c ← μc + (1 − μ)k      what the stream has been about
 *   agreement    ρᴹ = cos(S_b k, v)                              what the memory already says; S_b is the state at the last block boundary
 *   threshold    r = ρ − θ,  θ ← νθ + (1 − ν)ρ  (or ρ², as in BCM)
 *
 *   β = β_max·σ(w_β·x + b_β + κ_β r + κ_M r_M),    log α = −a·softplus(w_α·x + b_α − κ_α r)
 *
 * All κ = 0: relevance is not computed, and the layer is the plain gated rule. The equations are this project's: docs/synres/definition.md.
 */
#ifndef SYNRES_GATES_H
#define SYNRES_GATES_H

#include <synres/status.h>

SYNRES_BEGIN

/* Version of the table below: a table of another version is refused. The threshold's kinds. Pinned for ever. */
enum { SYNRES_RELEVANCE_VERSION = 1, SYNRES_THRESHOLD_MEAN = 0, SYNRES_THRESHOLD_BCM = 1 };

/* What a relevance may look at: one token of one head. Rows of block_state are `stride` apart. */
typedef struct synres_relevance_view {
    uint32_t struct_size;
    int32_t reserved;
    int64_t layer;
    int64_t head;
    int64_t d_key;
    int64_t d_value;
    int64_t stride;
    const float *key;         /* d_key, length ≤ 1 */
    const float *value;       /* d_value */
    const float *trace;       /* c, d_key */
    const float *block_state; /* S_b, d_value × d_key; NULL where no head of the layer has κ_M */
} synres_relevance_view;

typedef void (*synres_signals_fn)(void *user, const synres_relevance_view *view, float out[2]);

/* The host's own relevance. `signals` writes contextual and agreement signals, each in [−1, 1] (what is not finite counts as 0). It is called by the threads
 * of synres_run and again by synres_state_rewind, and must be a function of the view alone. Thresholds and traces stay the library's. */
typedef struct synres_relevance {
    uint32_t struct_size;
    uint32_t api_version; /* SYNRES_RELEVANCE_VERSION */
    void *user;
    synres_signals_fn signals;
} synres_relevance;

SYNRES_END

#endif
