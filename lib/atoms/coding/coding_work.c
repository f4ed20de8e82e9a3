/* Works: everything one batch needs, laid out in the caller's memory. The codes that are returned have room for what codes usually need and at
 * least for the fullest row; a batch that needs more is refused with CAPACITY and can be tried with fewer rows. */
#include "coding_work.h"

enum { ENTRIES_PER_ROW = 1024 };

static void lay_out_piece(const atomsi_coder *coder, base_layout *layout, atomsi_coding_work *w)
{
    int64_t rows = base_min_i64(coder->piece_rows, w->max_rows), coordinates, entries, products, recovery = 0;
    layout->fits = layout->fits && base_mul_i64(rows, coder->dim, &coordinates) && base_mul_i64(rows, coder->capacity, &entries) &&
                   base_mul_i64(rows, coder->atoms, &products) && (!coder->certify || atomsi_recovery_size(coder, &recovery));
    if (!layout->fits) return;
    atomsi_piece *p = &w->piece;
    w->x = base_layout_take(layout, coordinates, sizeof *w->x);
    w->x32 = base_layout_take(layout, coordinates, sizeof *w->x32);
    w->norm = base_layout_take(layout, rows, sizeof *w->norm);
    p->correlations = base_layout_take(layout, products, sizeof *p->correlations);
    p->count = base_layout_take(layout, rows, sizeof *p->count);
    p->index = base_layout_take(layout, entries, sizeof *p->index);
    p->value = base_layout_take(layout, entries, sizeof *p->value);
    p->at_support = base_layout_take(layout, entries, sizeof *p->at_support);
    p->residual = base_layout_take(layout, coordinates, sizeof *p->residual);
    p->residual32 = base_layout_take(layout, coordinates, sizeof *p->residual32);
    if (coder->has_dual) p->dual = base_layout_take(layout, coordinates, sizeof *p->dual);
    w->record = base_layout_take(layout, w->max_rows, sizeof *w->record);
    if (coder->certify) w->recovery = base_layout_take(layout, recovery, sizeof *w->recovery);
    w->scratch = base_layout_take(layout, coder->scratch_bytes, 1);
    p->x = w->x, p->x32 = w->x32, p->norm = w->norm;
}

/* Places a work for max_rows rows at `memory` (aligned; NULL: only measures). false: its size overflows. */
static bool lay_out(const atomsi_coder *coder, int64_t max_rows, unsigned char *memory, atomsi_coding_work **out, size_t *bytes)
{
    base_layout layout = {.memory = memory, .fits = true};
    atomsi_coding_work w = {.coder = coder, .max_rows = max_rows, .dim = coder->dim, .capacity = coder->capacity, .scratch_bytes = coder->scratch_bytes};
    int64_t offsets, coordinates, piece;
    if (!base_mul_i64(max_rows, base_min_i64(coder->capacity, ENTRIES_PER_ROW), &w.entries) || !base_add_i64(max_rows, 1, &offsets) ||
        !base_mul_i64(max_rows, coder->dim, &coordinates) || !base_mul_i64(base_min_i64(coder->piece_rows, max_rows), coder->capacity, &piece))
        return false;
    w.entries = base_max_i64(w.entries, piece);
    *out = base_layout_take(&layout, 1, sizeof w);
    lay_out_piece(coder, &layout, &w);
    w.offset = base_layout_take(&layout, offsets, sizeof *w.offset);
    w.index = base_layout_take(&layout, w.entries, sizeof *w.index);
    w.value = base_layout_take(&layout, w.entries, sizeof *w.value);
    if (coder->has_dual) w.dual = base_layout_take(&layout, coordinates, sizeof *w.dual);
    if (!layout.fits) return false;
    if (memory) **out = w;
    *bytes = layout.used;
    return true;
}

/* Bytes of a work for max_rows rows at any alignment, 0 where that overflows. */
static size_t measure(const void *coder, int64_t max_rows)
{
    atomsi_coding_work *none;
    size_t bytes;
    return lay_out(coder, max_rows, NULL, &none, &bytes) && base_add_size(bytes, BASE_ALIGNMENT - 1, &bytes) ? bytes : 0;
}

atoms_status atomsi_coding_work_size(const atomsi_coder *coder, int64_t max_rows, size_t *bytes)
{
    if (!bytes) return atomsi_fail(coder->context, ATOMS_E_ARGUMENT, "bytes is NULL");
    if (max_rows < 1) return atomsi_fail(coder->context, ATOMS_E_ARGUMENT, "max_rows is %lld and must be at least 1", (long long)max_rows);
    size_t needed = measure(coder, max_rows);
    if (!needed)
        return atomsi_fail(coder->context, ATOMS_E_OVERFLOW, "a work for %lld rows and %lld atoms is too large", (long long)max_rows,
                           (long long)coder->atoms);
    *bytes = needed;
    return ATOMS_OK;
}

atoms_status atomsi_coding_work_init(const atomsi_coder *coder, void *memory, size_t bytes, atomsi_coding_work **out)
{
    if (!memory || !out) return atomsi_fail(coder->context, ATOMS_E_ARGUMENT, "%s is NULL", memory ? "out" : "memory");
    *out = NULL;
    int64_t max_rows = base_layout_rows(measure, coder, bytes);
    if (!max_rows)
        return atomsi_fail(coder->context, ATOMS_E_CAPACITY, "memory has %zu bytes where a work for one row needs %zu", bytes, measure(coder, 1));
    size_t needed;
    unsigned char *aligned = (unsigned char *)memory + (-(uintptr_t)memory & (BASE_ALIGNMENT - 1));
    (void)lay_out(coder, max_rows, aligned, out, &needed); /* it fitted when it was measured */
    return ATOMS_OK;
}

atoms_status atomsi_coding_dual(const atomsi_coder *coder, const atomsi_coding_work *work, atoms_matrix *out)
{
    if (!work || !out) return atomsi_fail(coder->context, ATOMS_E_ARGUMENT, "%s is NULL", work ? "out" : "work");
    *out = atoms_matrix_f64(work->dual, work->dual_rows, work->dim);
    return ATOMS_OK;
}
