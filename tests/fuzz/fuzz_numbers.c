#include "fuzz_numbers.h"

#include <math.h>
#include <string.h>

#include "fuzz_context.h"

static uint8_t next_byte(fuzz_bytes *bytes)
{
    size_t at = bytes->next++;
    return at < bytes->size ? bytes->data[at] : (uint8_t)(at * 2654435761u >> 21);
}

int fuzz_choice(fuzz_bytes *bytes, int below)
{
    return next_byte(bytes) % below;
}

static float bit_pattern(fuzz_bytes *bytes)
{
    uint8_t four[4];
    float value;
    for (int k = 0; k < 4; k++) four[k] = next_byte(bytes);
    memcpy(&value, four, sizeof value);
    return value;
}

void fuzz_fill(fuzz_bytes *bytes, float *out, int64_t n)
{
    int kind = fuzz_choice(bytes, 8);
    for (int64_t i = 0; i < n; i++) {
        if (kind == 0) {
            out[i] = bit_pattern(bytes);
            continue;
        }
        int b = next_byte(bytes) - 128;
        out[i] = kind < 6 ? (float)b / 16 : ldexpf(b < 0 ? -1 : 1, b);
        if (kind >= 6) out[i] = ldexpf(out[i], b < 0 ? 64 : -64);
    }
}

void fuzz_require_view(const atoms_codes_view *v)
{
    require(v->rows >= 0 && v->width > 0 && v->offset[0] == 0 && v->offset[v->rows] == v->nnz);
    for (int64_t r = 0; r < v->rows; r++) {
        require(v->offset[r] <= v->offset[r + 1]);
        for (int64_t e = v->offset[r]; e < v->offset[r + 1]; e++) {
            require(v->index[e] >= 0 && v->index[e] < v->width && isfinite(v->value[e]));
            require(e == v->offset[r] || v->index[e] > v->index[e - 1]);
        }
    }
}
