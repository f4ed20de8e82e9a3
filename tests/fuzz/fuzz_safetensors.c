/* safetensors: the bytes as they are, and the same bytes as a header behind a right length. */
#include <stdlib.h>
#include <string.h>

#include "fuzz_tensorfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_tensorfile(data, size);
    uint64_t length = size;
    uint8_t *file = malloc(sizeof length + size);
    if (!file) return 0;
    memcpy(file, &length, sizeof length);
    memcpy(file + sizeof length, data, size);
    fuzz_tensorfile(file, sizeof length + size);
    free(file);
    return 0;
}
