/* The exact gradient of the update over a run of tokens, given the gates: what training stands on.
 *
 * States are kept every `every` tokens and replayed from there; none is computed backwards (that is not exact). With G = ∂L/∂S', token after token from
 * the last (this project's derivation, from the update in step.h):
 *   G += ∂u qᵀ,  ∂q = S'ᵀ∂u,  ∂w = Gk,  ∂k = Gᵀw,  h = Ge,  ∂β_e = −p∘h,  ∂e = −(S̄ᵀ(β_e∘h) + Gᵀ(β_e∘p)),  Ḡ = G − (β_e∘h)eᵀ,
 *   ∂log α = sums of S̄∘Ḡ,  G ← Ḡ Diag(α)
 */
#ifndef SYNRES_BACKWARD_H
#define SYNRES_BACKWARD_H

#include <synres/step.h>

SYNRES_BEGIN

/* Where gradients are written, in the layout of the tokens; NULL: not wanted. Where the tokens have no `erase` (`erase_beta`), its part goes to the key (beta). */
typedef struct synres_gradients_f32 {
    uint32_t struct_size;
    int32_t reserved;
    float *key;
    float *query;
    float *value;
    float *beta;
    float *log_decay;
    float *erase;
    float *erase_beta;
} synres_gradients_f32;

typedef struct synres_gradients_f64 {
    uint32_t struct_size;
    int32_t reserved;
    double *key;
    double *query;
    double *value;
    double *beta;
    double *log_decay;
    double *erase;
    double *erase_beta;
} synres_gradients_f64;

SYNRES_API SYNRES_NODISCARD synres_status synres_gradients_f32_init(synres_gradients_f32 *gradients, size_t size);
SYNRES_API SYNRES_NODISCARD synres_status synres_gradients_f64_init(synres_gradients_f64 *gradients, size_t size);

/* Bytes of the memory that each thread of a backward call brings: tokens/every + every states of one head. every: 1 … 4096, 0 = 64.
 * Errors: ARGUMENT, SHAPE, OVERFLOW. Since 0.1. */
SYNRES_API SYNRES_NODISCARD synres_status synres_backward_size_f32(const synres_shape *shape, int64_t tokens, int64_t every, size_t *bytes);
SYNRES_API SYNRES_NODISCARD synres_status synres_backward_size_f64(const synres_shape *shape, int64_t tokens, int64_t every, size_t *bytes);

/* S: the state before the first token, read only. du: ∂L/∂u (tokens × heads × d_value). dS: on entry ∂L/∂S after the last token, on return before the first;
 * laid out as S. `memory` is the thread's own, of the size above. The bits depend neither on `every` nor on nth,
 * in f32 nor on the instruction set.
 * Errors: ARGUMENT, SHAPE, UNSUPPORTED, CAPACITY. Never allocates. Since 0.1. */
SYNRES_API SYNRES_NODISCARD synres_status synres_backward_f32(const synres_shape *shape, const synres_tokens_f32 *tokens, const float *S, const float *du,
                                                              float *dS, const synres_gradients_f32 *gradients, int64_t every, void *memory, size_t bytes,
                                                              int32_t ith, int32_t nth);
SYNRES_API SYNRES_NODISCARD synres_status synres_backward_f64(const synres_shape *shape, const synres_tokens_f64 *tokens, const double *S, const double *du,
                                                              double *dS, const synres_gradients_f64 *gradients, int64_t every, void *memory, size_t bytes,
                                                              int32_t ith, int32_t nth);

SYNRES_END

#endif
