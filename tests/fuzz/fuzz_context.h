/* What all fuzz targets share: the entry, a context that watches allocations, and a trap where a promise is broken. */
#ifndef FUZZ_CONTEXT_H
#define FUZZ_CONTEXT_H

#include <stddef.h>
#include <stdint.h>

#include <atoms/context.h>

/* libFuzzer's entry: any bytes. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

void require(int condition);

/* A new context with a memory cap of 64 MiB, whose largest request so far fuzz_largest tells. */
atoms_context *fuzz_context(void);
uint64_t fuzz_largest(void);

#endif
