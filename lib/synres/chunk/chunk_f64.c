/* The chunk in double. */
#include <synres/chunk.h>

#include "../../linalg/cblas_gate.h"

/* C (m × n) = A (m × k) op(B) + beta C, and C += Aᵀ B. */
static void gemm_f64(int op_b, int64_t m, int64_t n, int64_t k, double alpha, const double *a, int64_t lda, const double *b, int64_t ldb, double beta, double *c, int64_t ldc)
{
    linalg_dgemm(LINALG_PLAIN, op_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}

static void gemm_tn_f64(int64_t m, int64_t n, int64_t k, const double *a, int64_t lda, const double *b, int64_t ldb, double *c, int64_t ldc)
{
    linalg_dgemm(LINALG_TRANSPOSED, LINALG_PLAIN, m, n, k, 1, a, lda, b, ldb, 1, c, ldc);
}

#define REAL double
#define EXP exp
#define NAME(x) x##_f64
#include "chunk_body.inc"
