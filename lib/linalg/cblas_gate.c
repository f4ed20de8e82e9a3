/* Cutting: rows and columns of the result are independent, so m and n are cut freely; the depth k is cut with beta = 1 after the
 * first piece. Pieces are far above any size that fits in memory together, so nothing is lost where no cut is needed. */
#include "cblas_gate.h"

#include <cblas.h>

#include "../base/checked.h"

enum { PIECE = 1 << 30 };

static CBLAS_TRANSPOSE op_of(int op)
{
    return op == LINALG_TRANSPOSED ? CblasTrans : CblasNoTrans;
}

/* Offset of row i, column j of op(A) inside A. */
static int64_t at(int op, int64_t i, int64_t j, int64_t ld)
{
    return op == LINALG_TRANSPOSED ? j * ld + i : i * ld + j;
}

#define DEFINE_GEMM(name, scalar, cblas_name)                                                                                              \
    void name(int op_a, int op_b, int64_t m, int64_t n, int64_t k, scalar alpha, const scalar *a, int64_t lda, const scalar *b,           \
              int64_t ldb, scalar beta, scalar *c, int64_t ldc)                                                                            \
    {                                                                                                                                      \
        for (int64_t i = 0; i < m; i += PIECE)                                                                                             \
            for (int64_t j = 0; j < n; j += PIECE) {                                                                                       \
                int64_t p = 0;                                                                                                             \
                do {                                                                                                                       \
                    cblas_name(CblasRowMajor, op_of(op_a), op_of(op_b), (int)base_min_i64(PIECE, m - i), (int)base_min_i64(PIECE, n - j), \
                               (int)base_min_i64(PIECE, k - p), alpha, a + at(op_a, i, p, lda), (int)lda, b + at(op_b, p, j, ldb),        \
                               (int)ldb, p ? (scalar)1 : beta, c + i * ldc + j, (int)ldc);                                                \
                    p += PIECE;                                                                                                            \
                } while (p < k);                                                                                                           \
            }                                                                                                                              \
    }

DEFINE_GEMM(linalg_sgemm, float, cblas_sgemm)
DEFINE_GEMM(linalg_dgemm, double, cblas_dgemm)

#define DEFINE_GEMV(name, scalar, cblas_name)                                                                                      \
    void name(int64_t rows, int64_t cols, const scalar *a, int64_t lda, const scalar *x, scalar *y)                              \
    {                                                                                                                            \
        for (int64_t i = 0; i < rows; i += PIECE)                                                                                \
            cblas_name(CblasRowMajor, CblasNoTrans, (int)base_min_i64(PIECE, rows - i), (int)cols, 1, a + i * lda, (int)lda, x, 1, 0, \
                       y + i, 1);                                                                                                \
    }

DEFINE_GEMV(linalg_sgemv, float, cblas_sgemv)
DEFINE_GEMV(linalg_dgemv, double, cblas_dgemv)

double linalg_ddot(int64_t n, const double *x, const double *y)
{
    double sum = 0;
    for (int64_t i = 0; i < n; i += PIECE) sum += cblas_ddot((int)base_min_i64(PIECE, n - i), x + i, 1, y + i, 1);
    return sum;
}

void linalg_dsyrk(int64_t n, int64_t k, double alpha, const double *a, int64_t lda, double *c, int64_t ldc)
{
    for (int64_t p = 0; p < k; p += PIECE)
        cblas_dsyrk(CblasRowMajor, CblasUpper, CblasTrans, (int)n, (int)base_min_i64(PIECE, k - p), alpha, a + p * lda, (int)lda, 1.0, c,
                    (int)ldc);
}

void linalg_dtrsm(bool lower, int op_t, int64_t m, int64_t n, const double *t, int64_t ldt, double *b, int64_t ldb)
{
    for (int64_t i = 0; i < m; i += PIECE)
        cblas_dtrsm(CblasRowMajor, CblasRight, lower ? CblasLower : CblasUpper, op_of(op_t), CblasNonUnit, (int)base_min_i64(PIECE, m - i),
                    (int)n, 1.0, t, (int)ldt, b + i * ldb, (int)ldb);
}

void linalg_dtrmm(bool lower, int op_t, int64_t m, int64_t n, const double *t, int64_t ldt, double *b, int64_t ldb)
{
    for (int64_t i = 0; i < m; i += PIECE)
        cblas_dtrmm(CblasRowMajor, CblasRight, lower ? CblasLower : CblasUpper, op_of(op_t), CblasNonUnit, (int)base_min_i64(PIECE, m - i),
                    (int)n, 1.0, t, (int)ldt, b + i * ldb, (int)ldb);
}

/* A 64-bit-integer BLAS behind 32-bit prototypes reads an increment's undefined upper half, or, passed by value in a register as here,
 * misreads only negative numbers: with increment −1 the dot product of (1,2) and (3,4) runs one of them backwards. */
base_outcome linalg_cblas_probe(void)
{
    const double x[2] = {1, 2}, y[2] = {3, 4};
    return cblas_ddot(2, x, -1, y, 1) == 2 * 3 + 1 * 4 ? BASE_OK : BASE_E_UNSUPPORTED;
}
