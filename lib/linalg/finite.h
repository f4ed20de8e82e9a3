/* Scans for NaN and infinity. */
#ifndef LINALG_FINITE_H
#define LINALG_FINITE_H

#include <stdint.h>

#include "../base/prefix.h"

#define linalg_first_not_finite_f32 PREFIXED(linalg_first_not_finite_f32)
#define linalg_first_not_finite_f64 PREFIXED(linalg_first_not_finite_f64)

/* Index of the first element that is NaN or infinite, or −1. */
int64_t linalg_first_not_finite_f32(const float *x, int64_t n);
int64_t linalg_first_not_finite_f64(const double *x, int64_t n);

#endif
