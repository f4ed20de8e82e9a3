/* npz: the bytes as they are. */
#include "fuzz_tensorfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_tensorfile(data, size);
    return 0;
}
