/* A head by chunks, compiled once per instruction set. Multiplications are fused with additions where the set does that, unlike in the lanes: a chunk
 * agrees with the step up to rounding anyway, and fused it is the faster one. No BLAS, which might allocate or lock. */
#ifndef CHUNK_INTERNAL_H
#define CHUNK_INTERNAL_H

#include <synres/chunk.h>

#include "../step/step_internal.h"

/* The longest chunk; what 0 stands for, the fastest measured (docs/synres/speed.md); the longest with decays per channel; rows of a substitution that
 * are taken together. */
enum { LONGEST = SYNRES_MAX_CHUNK, BY_DEFAULT = 32, LONGEST_CHANNEL = 16, TOGETHER = 4 };

#define REAL float
#define NAME(x) x##_f32
#include "chunk_bench.inc"
#undef REAL
#undef NAME
#define REAL double
#define NAME(x) x##_f64
#include "chunk_bench.inc"
#undef REAL
#undef NAME

typedef struct synresi_chunks {
    /* Head h over all tokens, `chunk` at a time; S: the head's state, u: all that is read. */
    void (*f32)(const synresi_bench_f32 *b, const synres_tokens_f32 *in, int64_t chunk, int64_t h, float *S, float *u);
    void (*f64)(const synresi_bench_f64 *b, const synres_tokens_f64 *in, int64_t chunk, int64_t h, double *S, double *u);
    /* C (m × n) = A B, or + A B with `add`; element (i, l) of A is a[i·row + l·column], B is depth × n with rows ldb apart. n: a multiple of SYNRESI_LANES. */
    void (*product_f32)(int64_t m, int64_t n, int64_t depth, const float *a, int64_t row, int64_t column, const float *b, int64_t ldb, bool add, float *c,
                        int64_t ldc);
    void (*product_f64)(int64_t m, int64_t n, int64_t depth, const double *a, int64_t row, int64_t column, const double *b, int64_t ldb, bool add, double *c,
                        int64_t ldc);
} synresi_chunks;

extern const synresi_chunks synresi_chunks_portable;
extern const synresi_chunks synresi_chunks_avx2;
extern const synresi_chunks synresi_chunks_avx512;

/* The widest set that this processor runs, and the set of a name (NULL where it does not run here; tests). */
const synresi_chunks *synresi_chunks_pick(void);
const synresi_chunks *synresi_chunks_named(const char *name);

/* The public calls on a given set. */
synres_status synresi_chunk_f32(const synresi_chunks *chunks, const synres_shape *shape, const synres_tokens_f32 *tokens, float *S, float *u, int64_t chunk,
                                void *memory, size_t bytes, int32_t ith, int32_t nth);
synres_status synresi_chunk_f64(const synresi_chunks *chunks, const synres_shape *shape, const synres_tokens_f64 *tokens, double *S, double *u,
                                int64_t chunk, void *memory, size_t bytes, int32_t ith, int32_t nth);

#endif
