/* The update over a run of tokens by chunks (the WY form): the same result as stepping, up to rounding, in products of matrices.
 *
 * With G the running sum of log α inside a chunk, Lee_ti = ⟨e_i∘exp(G_t − G_i), e_t⟩ and so on for i < t (this project's form, after DeltaNet's WY form):
 *   R_t = S₀(exp(G_t)∘e_t) + Σ_{i<t} Lke_ti w_i,   U_t = −β_e,t (R_t + Σ_{i<t} Lee_ti U_i)    by forward substitution,
 *   u_t = S₀(exp(G_t)∘q_t) + Σ_{i≤t} (Qe_ti U_i + Qk_ti w_i),   S_C = S₀ Diag(exp(G_C)) + Σ U_i (e_i∘exp(G_C − G_i))ᵀ + Σ w_i (k_i∘exp(G_C − G_i))ᵀ
 * Only differences ≤ 0 are raised, so that nothing overflows. Read before: u_t with G_{t−1} and i < t.
 */
#ifndef SYNRES_CHUNK_H
#define SYNRES_CHUNK_H

#include <synres/step.h>

SYNRES_BEGIN

/* The longest chunk. */
enum { SYNRES_MAX_CHUNK = 64 };

/* Bytes of the memory that each thread of a chunk call brings. Errors: ARGUMENT, SHAPE. Since 0.1. */
SYNRES_API SYNRES_NODISCARD synres_status synres_chunk_size_f32(const synres_shape *shape, size_t *bytes);
SYNRES_API SYNRES_NODISCARD synres_status synres_chunk_size_f64(const synres_shape *shape, size_t *bytes);

/* As the step over all tokens, up to rounding, `chunk` tokens at a time (1 … SYNRES_MAX_CHUNK; 0 = 32; with decays per key channel at most 16 are taken).
 * Keys and erase directions should have length ≤ 1: then forward substitution is safe at any length. Decays per row are UNSUPPORTED here (each row
 * would need its own products): use the step. A NaN reaches other tokens of its chunk. The bits depend on the instruction set and on `chunk`,
 * neither on nth nor on a BLAS. Errors: ARGUMENT, SHAPE, UNSUPPORTED, CAPACITY. Never allocates, locks or calls the system. Since 0.1. */
SYNRES_API SYNRES_NODISCARD synres_status synres_chunk_f32(const synres_shape *shape, const synres_tokens_f32 *tokens, float *S, float *u, int64_t chunk,
                                                           void *memory, size_t bytes, int32_t ith, int32_t nth);
SYNRES_API SYNRES_NODISCARD synres_status synres_chunk_f64(const synres_shape *shape, const synres_tokens_f64 *tokens, double *S, double *u, int64_t chunk,
                                                           void *memory, size_t bytes, int32_t ith, int32_t nth);

SYNRES_END

#endif
