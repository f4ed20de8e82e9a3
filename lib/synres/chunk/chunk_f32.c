/* The chunk in float. */
#include <synres/chunk.h>

#include "../../linalg/cblas_gate.h"

/* C (m × n) = A (m × k) op(B) + beta C, and C += Aᵀ B. */
static void gemm_f32(int op_b, int64_t m, int64_t n, int64_t k, float alpha, const float *a, int64_t lda, const float *b, int64_t ldb, float beta, float *c, int64_t ldc)
{
    linalg_sgemm(LINALG_PLAIN, op_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}

static void gemm_tn_f32(int64_t m, int64_t n, int64_t k, const float *a, int64_t lda, const float *b, int64_t ldb, float *c, int64_t ldc)
{
    linalg_sgemm(LINALG_TRANSPOSED, LINALG_PLAIN, m, n, k, 1, a, lda, b, ldb, 1, c, ldc);
}

#define REAL float
#define EXP expf
#define NAME(x) x##_f32
#include "chunk_body.inc"
