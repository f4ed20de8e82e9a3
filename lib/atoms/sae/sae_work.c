#include "sae_work.h"

#include "../../base/layout.h"

/* Places a work for max_rows rows at `memory` (aligned; NULL: only measures). false: its size overflows. */
static bool lay_out(const atoms_sae *sae, int64_t max_rows, unsigned char *memory, atoms_sae_work **out, size_t *bytes)
{
    base_layout c = {.memory = memory, .fits = true};
    int64_t per_row = base_min_i64(sae->d_sae, SAE_CODES_PER_ROW), capacity, offsets;
    atoms_sae_work w = {.d_in = sae->d_in, .d_sae = sae->d_sae, .max_rows = max_rows};
    w.tile_rows = base_min_i64(max_rows, SAE_TILE_ROWS);
    w.tile_latents = base_min_i64(sae->d_sae, SAE_TILE_LATENTS);
    if (!base_mul_i64(max_rows, per_row, &capacity) || !base_add_i64(max_rows, 1, &offsets)) return false;
    w.capacity = base_max_i64(capacity, sae->d_sae);
    w.staging = base_max_i64(w.tile_rows * per_row, sae->d_sae);
    *out = base_layout_take(&c, 1, sizeof w);
    w.x = base_layout_take(&c, w.tile_rows * sae->d_in, sizeof *w.x);
    w.z = base_layout_take(&c, w.tile_rows * w.tile_latents, sizeof *w.z);
    w.start = base_layout_take(&c, w.tile_rows * base_blocks(sae->d_sae, w.tile_latents) + 1, sizeof *w.start);
    w.staged_index = base_layout_take(&c, w.staging, sizeof *w.staged_index);
    w.staged_value = base_layout_take(&c, w.staging, sizeof *w.staged_value);
    w.offset = base_layout_take(&c, offsets, sizeof *w.offset);
    w.index = base_layout_take(&c, w.capacity, sizeof *w.index);
    w.value = base_layout_take(&c, w.capacity, sizeof *w.value);
    if (!c.fits) return false;
    if (memory) **out = w;
    *bytes = c.used;
    return true;
}

/* Bytes of a work for max_rows rows at any alignment, 0 where that overflows. */
static size_t measure(const void *sae, int64_t max_rows)
{
    atoms_sae_work *none;
    size_t bytes;
    return lay_out(sae, max_rows, NULL, &none, &bytes) && base_add_size(bytes, BASE_ALIGNMENT - 1, &bytes) ? bytes : 0;
}

atoms_status atoms_sae_work_size(const atoms_sae *sae, int64_t max_rows, size_t *bytes)
{
    if (!sae) return ATOMS_E_ARGUMENT;
    if (!bytes) return atomsi_fail(sae->context, ATOMS_E_ARGUMENT, "bytes is NULL");
    if (max_rows < 1) return atomsi_fail(sae->context, ATOMS_E_ARGUMENT, "max_rows is %lld and must be at least 1", (long long)max_rows);
    size_t needed = measure(sae, max_rows);
    if (!needed)
        return atomsi_fail(sae->context, ATOMS_E_OVERFLOW, "a work for %lld rows of %lld latents is too large", (long long)max_rows,
                           (long long)sae->d_sae);
    *bytes = needed;
    return ATOMS_OK;
}

atoms_status atoms_sae_work_init(const atoms_sae *sae, void *memory, size_t bytes, atoms_sae_work **out)
{
    if (out) *out = NULL;
    if (!sae) return ATOMS_E_ARGUMENT;
    if (!memory || !out) return atomsi_fail(sae->context, ATOMS_E_ARGUMENT, "%s is NULL", memory ? "out" : "memory");
    int64_t max_rows = base_layout_rows(measure, sae, bytes);
    if (!max_rows)
        return atomsi_fail(sae->context, ATOMS_E_CAPACITY, "memory has %zu bytes where a work for one row needs %zu", bytes, measure(sae, 1));
    size_t needed;
    unsigned char *aligned = (unsigned char *)memory + (-(uintptr_t)memory & (BASE_ALIGNMENT - 1));
    (void)lay_out(sae, max_rows, aligned, out, &needed); /* it fitted when it was measured */
    return ATOMS_OK;
}
