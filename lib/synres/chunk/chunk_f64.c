/* The chunk in double. */
#include "../../base/checked.h"
#include "chunk_internal.h"

#define REAL double
#define NAME(x) x##_f64
#define CHUNKS f64
#include "chunk_call.inc"
