/* Places are handed out in order, each aligned; the count of rows that fit is found by doubling and halving, because what a row costs is
 * known to the caller's measure alone. */
#include "layout.h"

#include "checked.h"
#include "memory.h"

void *base_layout_take(base_layout *layout, int64_t count, size_t size)
{
    size_t start = 0, bytes;
    layout->fits = layout->fits && base_bytes(count, size, &bytes) && base_align_size(layout->used, BASE_ALIGNMENT, &start) &&
                   base_add_size(start, bytes, &layout->used);
    return layout->fits && layout->memory ? layout->memory + start : NULL;
}

int64_t base_layout_rows(size_t (*measure)(const void *user, int64_t rows), const void *user, size_t bytes)
{
    int64_t fits = 0, too_many = 1;
    for (size_t needed; (needed = measure(user, too_many)) && needed <= bytes; too_many *= 2) fits = too_many; /* bytes end this long before it overflows */
    while (too_many - fits > 1) {
        int64_t middle = fits + (too_many - fits) / 2;
        size_t needed = measure(user, middle);
        if (needed && needed <= bytes) fits = middle;
        else too_many = middle;
    }
    return fits;
}
