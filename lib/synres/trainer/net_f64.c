/* The net in double: what finite differences hold the gradient against. */
#include <math.h>
#include <string.h>
#include <synres/backward.h>

#include "../../base/checked.h"
#include "../../linalg/cblas_gate.h"
#include "../../linalg/finite.h"
#include "trainer_internal.h"

#define REAL double
#define NAME(x) x##_f64
#define GEMM linalg_dgemm
#include "net_place.inc"
#include "net_forward.inc"
#include "net_backward.inc"
#include "net_gradients.inc"
