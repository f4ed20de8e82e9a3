/* The BLAS that this process has loaded, whichever it is. */
#ifndef BLAS_RUNTIME_H
#define BLAS_RUNTIME_H

/* One thread: the library has its own pool, and its promise of equal bits holds where the BLAS does not cut the work itself. */
void blas_use_one_thread(void);

/* What the BLAS calls itself, or "unknown". */
const char *blas_version(void);

#endif
