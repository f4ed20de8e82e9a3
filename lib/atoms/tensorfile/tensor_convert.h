/* Conversions of what a tensor file holds: any float to f32 or f64, any integer or bool to i64 or f64, any dtype to itself. */
#ifndef ATOMSI_TENSOR_CONVERT_H
#define ATOMSI_TENSOR_CONVERT_H

#include <stdbool.h>

#include "tensorfile_parts.h"

bool atomsi_tensor_converts(int32_t from, int32_t to);

/* n packed elements. Returns the index of the first u64 that i64 cannot hold, else −1. */
int64_t atomsi_tensor_convert(int32_t from, const unsigned char *in, int64_t n, int32_t to, unsigned char *out);

/* Turns the bytes of n elements of `size` bytes round, in place. */
void atomsi_tensor_swap(unsigned char *bytes, int64_t n, int64_t size);

#endif
