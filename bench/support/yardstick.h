/* The yardstick: the CBLAS that the library stands on, called directly with the same shapes. All matrices are packed and row-major. */
#ifndef YARDSTICK_H
#define YARDSTICK_H

/* What the CBLAS calls itself, and the processor type it has picked kernels for; "unknown" where it does not say. */
const char *yardstick_name(void);
const char *yardstick_core(void);

/* Sets how many threads the CBLAS uses; one that cannot be told has one. */
void yardstick_threads(int threads);

/* c (m × n) = a (m × k) · b, b k × n or, `transposed`, stored as n × k. */
void yardstick_sgemm(int m, int n, int k, const float *a, const float *b, int transposed, float *c);

/* The same product with b stored as n × k, in tiles of the size that training uses (lib/atoms/train), each thread its
 * own rows: the product as the library makes it. */
enum { YARDSTICK_TILE_ROWS = 1024, YARDSTICK_TILE_COLUMNS = 1152 };
void yardstick_sgemm_tiles(int m, int n, int k, const float *a, const float *b, int threads);

/* y = a · x, a rows × cols; `transposed`: y = aᵀ · x. */
void yardstick_sgemv(int rows, int cols, const float *a, const float *x, int transposed, float *y);

/* Upper triangle of c (n × n) += aᵀ a, a k × n. */
void yardstick_dsyrk(int n, int k, const double *a, double *c);

#endif
