/* Gates of one token of one head, and the relevance that moves them. */
#ifndef GATES_INTERNAL_H
#define GATES_INTERNAL_H

#include "../model/model_internal.h"

#define REAL float
#define NAME(x) x##_f32
#include "gates_declarations.inc"
#undef REAL
#undef NAME
#define REAL double
#define NAME(x) x##_f64
#include "gates_declarations.inc"
#undef REAL
#undef NAME

/* No state's bound passes it. */
#define SYNRESI_MOST 0x1p100

/* What a head remembers beside its state, at the front of its live block. */
typedef struct synresi_memory {
    int64_t position;                  /* tokens met */
    int64_t block;                     /* the block that was entered last, −1: none yet; counted only where something happens there */
    double bound;                      /* ‖S‖ ≤ bound */
    float threshold, agreement_threshold;
    float reserved[8];
} synresi_memory;

/* A head's live block: the memory, then the arrays, all on cache lines of their own. */
typedef struct synresi_head {
    synresi_memory *memory;
    float *trace;       /* padded */
    float *S;           /* d_value × padded */
    float *block_state; /* the same; NULL where the layer does not listen for agreement */
} synresi_head;

/* ‖S‖, Frobenius. */
double synresi_norm(const synresi_layer *layer, const float *S);

/* Before a token is written: where it is the first of its block to be, ‖S‖ is brought down to the radius, and S_b is S. */
void synresi_enter_block(const synresi_layer *layer, const synresi_head *head);

/* r and r_M of the token, and the thresholds and the trace brought up to it. out: 0, 0 where the layer has no κ. */
void synresi_relevance(const synres_model *model, int64_t layer, int64_t number, const synresi_head *head, const float *key, const float *value,
                       float out[2]);

/* β and α from their pre-activations and the resonance. */
void synresi_gates(const synresi_layer *layer, int64_t number, const float r[2], const float *pre_beta, const float *pre_decay, float *beta, float *decay);

/* ℓ2(φ(z)) in place, n of `padded` elements. */
void synresi_normalise(const synresi_layer *layer, const synresi_lanes *lanes, float *z);

#endif
