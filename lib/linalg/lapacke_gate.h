/* The one gate to LAPACKE. Only `_work` variants with memory of ours are called, column-major: the others allocate, transpose and
 * print. Every input is scanned first, because some LAPACK routines never return on an infinity. */
#ifndef LINALG_LAPACKE_GATE_H
#define LINALG_LAPACKE_GATE_H

#include <stdint.h>

#include "../base/memory.h"
#include "../base/outcome.h"
#include "../base/prefix.h"

#define linalg_cholesky PREFIXED(linalg_cholesky)
#define linalg_symmetric_eigen PREFIXED(linalg_symmetric_eigen)

/* Symmetric A (n × n, only the upper row-major triangle is read) replaced by the lower row-major triangle of its Cholesky factor L, A = L Lᵀ,
 * with zeros above. BASE_E_NUMERIC: not positive definite; BASE_E_NOT_FINITE; BASE_E_OVERFLOW: n too large for LAPACK. */
base_outcome linalg_cholesky(int64_t n, double *a);

/* Eigenvalues of symmetric A (upper row-major triangle read), ascending, into values; where vectors is set, A is replaced by the
 * eigenvectors, one a row, in the same order (otherwise A is destroyed). Work memory comes from `memory`: BASE_E_MEMORY. */
base_outcome linalg_symmetric_eigen(int64_t n, double *a, double *values, int vectors, base_memory *memory);

#endif
