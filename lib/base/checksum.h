/* XXH64 (Collet), a 64-bit checksum against accidents, not against an adversary. */
#ifndef BASE_CHECKSUM_H
#define BASE_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

#include "prefix.h"

#define base_checksum PREFIXED(base_checksum)

/* Checksum of `size` bytes; chain pieces by passing the last result as the next seed. */
uint64_t base_checksum(const void *bytes, size_t size, uint64_t seed);

#endif
