/* The chunk in float. */
#include "../../base/checked.h"
#include "chunk_internal.h"

#define REAL float
#define NAME(x) x##_f32
#define CHUNKS f32
#include "chunk_call.inc"
