/* NumPy leaves room in the header for the first dimension to grow in place to 21 digits, and pads the whole to 64 bytes. The same is
 * done here, so that a file written here is the same bytes as one written by NumPy 2. */
#include <stdio.h>
#include <string.h>

#include "npy_header.h"

enum { GROWTH = 21, ALIGNMENT = 64, PREAMBLE = 10 };

size_t atomsi_npy_format_header(char out[NPY_HEADER_ROOM], const char *descr, int32_t rank, const int64_t *shape)
{
    static const char magic[8] = {'\x93', 'N', 'U', 'M', 'P', 'Y', 1, 0};
    char *text = out + PREAMBLE;
    size_t room = NPY_HEADER_ROOM - PREAMBLE;
    size_t n = (size_t)snprintf(text, room, "{'descr': '%s', 'fortran_order': False, 'shape': (", descr), growth = 0;
    for (int32_t i = 0; i < rank; i++) {
        size_t before = n;
        n += (size_t)snprintf(text + n, room - n, "%lld", (long long)shape[i]);
        if (i == 0) growth = GROWTH - (n - before);
        n += (size_t)snprintf(text + n, room - n, "%s", i + 1 < rank ? ", " : rank == 1 ? "," : "");
    }
    n += (size_t)snprintf(text + n, room - n, "), }");
    size_t used = PREAMBLE + n + growth + 1, size = used + ALIGNMENT - used % ALIGNMENT;
    memset(text + n, ' ', size - PREAMBLE - n - 1);
    out[size - 1] = '\n';
    memcpy(out, magic, sizeof magic);
    out[8] = (char)((size - PREAMBLE) & 0xFF);
    out[9] = (char)((size - PREAMBLE) >> 8);
    return size;
}
