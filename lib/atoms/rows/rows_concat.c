/* Rows made of other rows: several handles one after another, or the first rows of one. The second is the first with one part of
 * which not all is shown. */
#include "rows_kind.h"

typedef struct concat_rows {
    atoms_rows rows;
    int64_t n;
    int64_t *start;     /* n: number here of each part's first row */
    atoms_rows **parts; /* n */
} concat_rows;

/* The last part that starts at or before `row`. */
static int64_t find_part(const concat_rows *self, int64_t row)
{
    int64_t low = 0, high = self->n;
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        if (self->start[middle] <= row) low = middle;
        else high = middle;
    }
    return low;
}

static atoms_status concat_read(atoms_rows *rows, int64_t first, int64_t count, int32_t dtype, void *out)
{
    const concat_rows *self = (concat_rows *)rows;
    char *to = out;
    for (int64_t p = find_part(self, first), n; count > 0; p++, first += n, count -= n) {
        atoms_rows *part = self->parts[p];
        int64_t row = first - self->start[p];
        n = base_min_i64(count, part->count - row);
        atoms_status status = part->kind->read(part, row, n, dtype, to);
        if (status) return status;
        to += n * rows->width * atoms_dtype_size(dtype);
    }
    return ATOMS_OK;
}

static void concat_prefetch(const atoms_rows *rows, int64_t first, int64_t count)
{
    const concat_rows *self = (const concat_rows *)rows;
    for (int64_t p = find_part(self, first), n; count > 0; p++, first += n, count -= n) {
        const atoms_rows *part = self->parts[p];
        int64_t row = first - self->start[p];
        n = base_min_i64(count, part->count - row);
        if (part->kind->prefetch) part->kind->prefetch(part, row, n);
    }
}

static atoms_rows *concat_part(const atoms_rows *rows, int64_t *row)
{
    const concat_rows *self = (const concat_rows *)rows;
    int64_t p = find_part(self, *row);
    *row -= self->start[p];
    return self->parts[p];
}

static void concat_destroy(atoms_rows *rows)
{
    concat_rows *self = (concat_rows *)rows;
    atomsi_free(rows->context, self->start);
    atomsi_free(rows->context, self->parts);
    atomsi_free(rows->context, self);
}

static const rows_kind concat_kind = {.read = concat_read, .prefetch = concat_prefetch, .part = concat_part, .destroy = concat_destroy};

/* The parts fit each other; *count becomes the number of their rows. */
static atoms_status check_parts(atoms_context *context, atoms_rows *const *parts, int64_t n, int64_t *count)
{
    int64_t total = 0;
    for (int64_t p = 0; p < n; p++) {
        if (!parts[p]) return atomsi_fail(context, ATOMS_E_ARGUMENT, "parts[%lld] is NULL", (long long)p);
        if (parts[p]->context != context)
            return atomsi_fail(context, ATOMS_E_ARGUMENT, "parts[%lld] (%s) was made from another context", (long long)p, parts[p]->name);
        if (parts[p]->width != parts[0]->width)
            return atomsi_fail(context, ATOMS_E_SHAPE, "parts[%lld] (%s) has %lld columns where parts[0] (%s) has %lld", (long long)p,
                               parts[p]->name, (long long)parts[p]->width, parts[0]->name, (long long)parts[0]->width);
        if (!base_add_i64(total, parts[p]->count, &total))
            return atomsi_fail(context, ATOMS_E_OVERFLOW, "parts: up to parts[%lld] there are too many rows", (long long)p);
    }
    *count = total;
    return ATOMS_OK;
}

/* parts[0 … n) as `count` rows. They were checked. */
static atoms_status make(atoms_context *context, atoms_rows *const *parts, int64_t n, int64_t count, const char *name, atoms_rows **out)
{
    concat_rows *self = atomsi_alloc(context, 1, sizeof *self);
    int64_t *start = atomsi_alloc(context, n, sizeof *start);
    atoms_rows **copy = atomsi_alloc(context, n, sizeof *copy);
    if (!self || !start || !copy) {
        atomsi_free(context, self);
        atomsi_free(context, start);
        atomsi_free(context, copy);
        return ATOMS_E_MEMORY;
    }
    for (int64_t p = 0, total = 0; p < n; p++) {
        copy[p] = parts[p];
        start[p] = total;
        total += parts[p]->count;
    }
    *self = (concat_rows){.rows = {&concat_kind, context, name, count, parts[0]->width}, .n = n, .start = start, .parts = copy};
    *out = &self->rows;
    return ATOMS_OK;
}

atoms_status atoms_rows_concat(atoms_context *context, atoms_rows *const *parts, int64_t n, atoms_rows **out)
{
    if (!out) return atomsi_fail(context, ATOMS_E_ARGUMENT, "out is NULL");
    *out = NULL;
    if (!context) return ATOMS_E_ARGUMENT;
    if (!parts) return atomsi_fail(context, ATOMS_E_ARGUMENT, "parts is NULL");
    if (n < 1) return atomsi_fail(context, ATOMS_E_ARGUMENT, "n is %lld: there must be at least one part", (long long)n);
    int64_t count = 0;
    atoms_status status = check_parts(context, parts, n, &count);
    if (!status) status = atomsi_rows_check_size(context, "parts", count, parts[0]->width);
    return status ? status : make(context, parts, n, count, "rows", out);
}

atoms_status atoms_rows_first(atoms_context *context, atoms_rows *rows, int64_t count, atoms_rows **out)
{
    if (!out) return atomsi_fail(context, ATOMS_E_ARGUMENT, "out is NULL");
    *out = NULL;
    if (!context) return ATOMS_E_ARGUMENT;
    if (!rows) return atomsi_fail(context, ATOMS_E_ARGUMENT, "rows is NULL");
    if (rows->context != context) return atomsi_fail(context, ATOMS_E_ARGUMENT, "rows (%s) was made from another context", rows->name);
    if (count < 1 || count > rows->count)
        return atomsi_fail(context, ATOMS_E_ARGUMENT, "count is %lld, where %s has %lld rows", (long long)count, rows->name,
                           (long long)rows->count);
    return make(context, &rows, 1, count, rows->name, out);
}
