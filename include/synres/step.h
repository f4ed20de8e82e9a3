/* The update itself, given the gates: one kernel for every rule of the family, in a documented layout.
 *
 *   S̄ = S·Diag(α),   p = S̄e,   S' = S̄ − β_e·p eᵀ + β·v kᵀ,   u = S'q  (or Sq, read before writing)        α = exp(log_decay)
 *
 * without SYNRES_RULE_ERASE: β_e = 0. So Hebbian fast weights and linear attention (no erase; α constant or 1), RetNet, Mamba-2 (no erase, α a number),
 * GLA (no erase, α per key channel), the delta rule (α = 1), the gated delta rule (α a number), KDA (α per key channel), and gates per row
 * are choices of the flags. These equations are this project's own reading of "synaptic resonance"; docs/synres/definition.md.
 */
#ifndef SYNRES_STEP_H
#define SYNRES_STEP_H

#include <synres/status.h>

SYNRES_BEGIN

/* Flags of a rule. Pinned for ever. */
enum {
    SYNRES_RULE_ERASE = 1,         /* what the key recalls is taken away before the value is written: the delta rule */
    SYNRES_RULE_READ_PRE = 2,      /* u is read from the state before the token's update */
    SYNRES_RULE_ROW_GATES = 4,     /* beta and erase_beta per row: d_value numbers a head instead of one */
    SYNRES_RULE_DECAY_CHANNEL = 8, /* log_decay per key channel: d_key numbers a head instead of one */
    SYNRES_RULE_DECAY_ROW = 16     /* log_decay per row: d_value numbers a head; excludes SYNRES_RULE_DECAY_CHANNEL */
};

/* The largest d_key and d_value, and the largest number of heads. */
enum { SYNRES_MAX_DIMENSION = 2048, SYNRES_MAX_HEADS = 65536 };

/* The shape of one update: `heads` states, each d_value × d_key with rows `stride` elements apart, one after another:
 * element (h, i, j) of S is S[(h·d_value + i)·stride + j]. */
typedef struct synres_shape {
    uint32_t struct_size;
    int32_t flags;
    int64_t heads;
    int64_t d_key;
    int64_t d_value;
    int64_t stride; /* ≥ d_key; 0 = d_key */
} synres_shape;

/* Tokens, f32: each array is tokens × heads × what is said there, packed. */
typedef struct synres_tokens_f32 {
    uint32_t struct_size;
    int32_t reserved;
    int64_t tokens;
    const float *key;        /* d_key */
    const float *query;      /* d_key */
    const float *value;      /* d_value */
    const float *beta;       /* 1, or d_value with SYNRES_RULE_ROW_GATES */
    const float *log_decay;  /* ≤ 0; 1, d_key or d_value by the flags; NULL = no decay (α = 1) */
    const float *erase;      /* d_key, the direction e; NULL = the key */
    const float *erase_beta; /* as beta; NULL = beta */
} synres_tokens_f32;

/* The same in f64, for the reference. */
typedef struct synres_tokens_f64 {
    uint32_t struct_size;
    int32_t reserved;
    int64_t tokens;
    const double *key;
    const double *query;
    const double *value;
    const double *beta;
    const double *log_decay;
    const double *erase;
    const double *erase_beta;
} synres_tokens_f64;

SYNRES_API SYNRES_NODISCARD synres_status synres_shape_init(synres_shape *shape, size_t size);
SYNRES_API SYNRES_NODISCARD synres_status synres_tokens_f32_init(synres_tokens_f32 *tokens, size_t size);
SYNRES_API SYNRES_NODISCARD synres_status synres_tokens_f64_init(synres_tokens_f64 *tokens, size_t size);

/* Updates S and reads u (tokens × heads × d_value), token after token. One load and one store of the state a token; a row with β = β_e = 0
 * and α = 1 is not stored at all. Given the gates, the same bits on every instruction set: sums run over 16 lanes whatever the processor has.
 * Heads ith, ith + nth, … are this call's. Values are taken as they come: NaN and infinity are the caller's to keep out (synres_run does).
 * Errors: ARGUMENT, SHAPE, UNSUPPORTED. Never allocates, locks or calls the system. Since 0.1. */
SYNRES_API SYNRES_NODISCARD synres_status synres_step_f32(const synres_shape *shape, const synres_tokens_f32 *tokens, float *S, float *u, int32_t ith,
                                                          int32_t nth);

/* The reference: the same update in f64 by plain loops, in the order of the formula. What the tests compare everything with. Since 0.1. */
SYNRES_API SYNRES_NODISCARD synres_status synres_step_f64(const synres_shape *shape, const synres_tokens_f64 *tokens, double *S, double *u, int32_t ith,
                                                          int32_t nth);

/* The instruction set that synres_step_f32 uses here: "avx512", "avx2" or "portable". Static storage. Since 0.1. */
SYNRES_API const char *synres_step_kernel(void);

SYNRES_END

#endif
