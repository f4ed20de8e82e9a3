/* Small f32 kernels in which what the project exists for spends its time: sums of decoder rows, dot products with them, thresholding.
 * One source, compiled once per instruction set; the pick is made when a context is created and never changes, so
 * a context's results keep their bits. */
#ifndef LINALG_KERNELS_H
#define LINALG_KERNELS_H

#include <stdint.h>

#include "../base/prefix.h"

#define linalg_kernels_pick PREFIXED(linalg_kernels_pick)
#define linalg_kernels_portable PREFIXED(linalg_kernels_portable)
#define linalg_kernels_avx2 PREFIXED(linalg_kernels_avx2)
#define linalg_kernels_avx512 PREFIXED(linalg_kernels_avx512)

typedef struct linalg_kernels {
    const char *name;
    /* Σ x[i]·y[i] */
    float (*dot)(int64_t n, const float *x, const float *y);
    /* y += a·x */
    void (*axpy)(int64_t n, float a, const float *x, float *y);
    /* y += a·x and v += b·u */
    void (*axpy_pair)(int64_t n, float a, const float *x, float *y, float b, const float *u, float *v);
    /* Indices and values of z[i] + bias[i] > max(threshold[i], 0), rising; first index is `base`. Returns how many; room for n must be there. */
    int64_t (*threshold)(int64_t n, const float *z, const float *bias, const float *threshold, int32_t base, int32_t *index, float *value);
} linalg_kernels;

extern const linalg_kernels linalg_kernels_portable;
extern const linalg_kernels linalg_kernels_avx2;
extern const linalg_kernels linalg_kernels_avx512;

/* The widest set that this processor runs. */
const linalg_kernels *linalg_kernels_pick(void);

#endif
