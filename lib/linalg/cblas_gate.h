/* The one gate to CBLAS. Sizes are 64-bit and cut into pieces that a 32-bit BLAS takes; what reaches it is always valid,
 * because reference CBLAS ends the process on a bad argument. Row-major throughout. Callers have checked shapes and finiteness. */
#ifndef LINALG_CBLAS_GATE_H
#define LINALG_CBLAS_GATE_H

#include <stdbool.h>
#include <stdint.h>

#include "../base/outcome.h"
#include "../base/prefix.h"

#define linalg_sgemm PREFIXED(linalg_sgemm)
#define linalg_dgemm PREFIXED(linalg_dgemm)
#define linalg_sgemv PREFIXED(linalg_sgemv)
#define linalg_ddot PREFIXED(linalg_ddot)
#define linalg_dgemv PREFIXED(linalg_dgemv)
#define linalg_dsyrk PREFIXED(linalg_dsyrk)
#define linalg_dtrsm PREFIXED(linalg_dtrsm)
#define linalg_dtrmm PREFIXED(linalg_dtrmm)
#define linalg_cblas_probe PREFIXED(linalg_cblas_probe)

enum { LINALG_PLAIN = 0, LINALG_TRANSPOSED = 1 };

/* Leading dimensions must be ≤ INT32_MAX (a caller's stride is checked at the public edge); rows, cols and depth are free. */
#define LINALG_STRIDE_MAX INT32_MAX

/* C (m × n) = alpha · op(A) (m × k) · op(B) (k × n) + beta · C. k = 0 scales C. Where beta = 0, C is not read. */
void linalg_sgemm(int op_a, int op_b, int64_t m, int64_t n, int64_t k, float alpha, const float *a, int64_t lda, const float *b, int64_t ldb,
                  float beta, float *c, int64_t ldc);
void linalg_dgemm(int op_a, int op_b, int64_t m, int64_t n, int64_t k, double alpha, const double *a, int64_t lda, const double *b,
                  int64_t ldb, double beta, double *c, int64_t ldc);

/* y (rows) = A (rows × cols) · x (cols); y and x packed. */
void linalg_sgemv(int64_t rows, int64_t cols, const float *a, int64_t lda, const float *x, float *y);
void linalg_dgemv(int64_t rows, int64_t cols, const double *a, int64_t lda, const double *x, double *y);

/* Σ x[i]·y[i] of packed vectors */
double linalg_ddot(int64_t n, const double *x, const double *y);

/* Upper triangle (row-major) of C (n × n) += alpha · Aᵀ A, A (k × n). The lower triangle is not touched. */
void linalg_dsyrk(int64_t n, int64_t k, double alpha, const double *a, int64_t lda, double *c, int64_t ldc);

/* Each row of B (m × n) replaced by X with X · op(T) = B, T (n × n) triangular, row-major: `lower` says which triangle. */
void linalg_dtrsm(bool lower, int op_t, int64_t m, int64_t n, const double *t, int64_t ldt, double *b, int64_t ldb);

/* B (m × n) replaced by B · op(T). */
void linalg_dtrmm(bool lower, int op_t, int64_t m, int64_t n, const double *t, int64_t ldt, double *b, int64_t ldb);

/* Finds out whether the BLAS that was loaded takes 32-bit integers, as its header said: BASE_E_UNSUPPORTED if not. */
base_outcome linalg_cblas_probe(void);

#endif
