/* The net in float: the trainer's. */
#include <math.h>
#include <string.h>
#include <synres/backward.h>

#include "../../base/checked.h"
#include "../../linalg/cblas_gate.h"
#include "../../linalg/finite.h"
#include "trainer_internal.h"

#define REAL float
#define NAME(x) x##_f32
#define GEMM linalg_sgemm
#include "net_place.inc"
#include "net_forward.inc"
#include "net_backward.inc"
#include "net_gradients.inc"
