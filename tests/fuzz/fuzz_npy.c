/* npy: the bytes as they are, and the same bytes as a header behind a right magic. */
#include <stdlib.h>
#include <string.h>

#include "fuzz_tensorfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { PREAMBLE = 10 };
    fuzz_tensorfile(data, size);
    if (size > 0xFFFF) return 0;
    uint8_t *file = malloc(PREAMBLE + size);
    if (!file) return 0;
    memcpy(file, "\x93NUMPY\1\0", 8);
    file[8] = (uint8_t)size;
    file[9] = (uint8_t)(size >> 8);
    memcpy(file + PREAMBLE, data, size);
    fuzz_tensorfile(file, PREAMBLE + size);
    free(file);
    return 0;
}
