/* Encoding of many rows: blocks of a fixed number of rows, as many at once as there are threads, each with a work of its own, appended
 * in order. Where a block begins depends on row numbers only, so neither do any bits depend on the number of threads. */
#include "../codes/codes_internal.h"
#include "sae_work.h"

enum { BLOCK_ROWS = SAE_TILE_ROWS };

typedef struct slot {
    void *memory;
    atoms_sae_work *work;
    atoms_matrix x; /* the block's rows */
    int64_t first;  /* number of the first of them */
    atoms_codes_view codes;
    atoms_status status;
} slot;

typedef struct encoding {
    const atoms_sae *sae;
    atoms_codes *codes;
    slot *slots;
    int64_t count; /* of slots */
    float *buffer; /* count blocks of rows */
} encoding;

static void encode_block(void *arg, int64_t index, int32_t worker)
{
    (void)worker;
    const encoding *e = arg;
    slot *s = e->slots + index;
    s->status = atomsi_sae_encode(e->sae, s->work, &s->x, s->first, &s->codes);
}

/* A block that failed is tried again in ever smaller parts: either it had too many codes, or this finds the error's words. */
static atoms_status append_in_parts(const encoding *e, const slot *s)
{
    int64_t row = 0, rows = (s->x.rows + 1) / 2;
    while (row < s->x.rows) {
        atoms_codes_view codes;
        rows = base_min_i64(rows, s->x.rows - row);
        atoms_matrix part = atoms_matrix_f32((const float *)s->x.data + row * s->x.stride, rows, s->x.cols);
        atoms_status status = atomsi_sae_encode(e->sae, s->work, &part, s->first + row, &codes);
        if (status == ATOMS_E_CAPACITY && rows > 1) {
            rows = (rows + 1) / 2;
            continue;
        }
        if (!status) status = atoms_codes_append(e->codes, &codes);
        if (status) return status;
        row += rows;
    }
    return ATOMS_OK;
}

/* Reads, encodes and appends rows first … first + count − 1: at most a block for each slot. */
static atoms_status encode_group(encoding *e, atoms_rows *rows, int64_t first, int64_t count)
{
    atoms_matrix all = atoms_matrix_f32(e->buffer, count, e->sae->d_in);
    atoms_status status = atoms_rows_read(rows, first, &all);
    if (status) return status;
    int64_t blocks = base_blocks(count, BLOCK_ROWS);
    for (int64_t b = 0; b < blocks; b++) {
        slot *s = e->slots + b;
        s->first = first + b * BLOCK_ROWS;
        s->x = atoms_matrix_f32(e->buffer + b * BLOCK_ROWS * e->sae->d_in, base_min_i64(BLOCK_ROWS, count - b * BLOCK_ROWS), e->sae->d_in);
    }
    atomsi_parallel_for(e->sae->context, blocks, encode_block, e);
    for (int64_t b = 0; b < blocks && !status; b++) {
        const slot *s = e->slots + b;
        status = s->status ? append_in_parts(e, s) : atoms_codes_append(e->codes, &s->codes);
    }
    return status;
}

static atoms_status prepare(encoding *e, int64_t rows)
{
    atoms_context *context = e->sae->context;
    size_t bytes;
    int64_t block = base_min_i64(BLOCK_ROWS, rows), floats;
    atoms_status status = atoms_sae_work_size(e->sae, block, &bytes);
    if (status) return status;
    e->count = base_min_i64(atoms_context_threads(context), base_blocks(rows, BLOCK_ROWS));
    floats = e->count * block * e->sae->d_in; /* below 2^10 · 2^9 · 2^31 */
    if (!(e->slots = atomsi_alloc_zero(context, e->count, sizeof *e->slots))) return ATOMS_E_MEMORY;
    if (!(e->buffer = atomsi_alloc(context, floats, sizeof *e->buffer))) return ATOMS_E_MEMORY;
    for (int64_t i = 0; i < e->count; i++) {
        slot *s = e->slots + i;
        if (!(s->memory = atomsi_alloc(context, (int64_t)bytes, 1))) return ATOMS_E_MEMORY;
        if ((status = atoms_sae_work_init(e->sae, s->memory, bytes, &s->work))) return status;
    }
    return ATOMS_OK;
}

static void release(encoding *e)
{
    for (int64_t i = 0; e->slots && i < e->count; i++) atomsi_free(e->sae->context, e->slots[i].memory);
    atomsi_free(e->sae->context, e->slots);
    atomsi_free(e->sae->context, e->buffer);
}

static atoms_status check_widths(const atoms_sae *sae, const atoms_rows *rows, const atoms_codes_view *codes)
{
    if (atoms_rows_width(rows) != sae->d_in)
        return atomsi_fail(sae->context, ATOMS_E_SHAPE, "rows have %lld columns, the SAE %lld inputs", (long long)atoms_rows_width(rows),
                           (long long)sae->d_in);
    if (codes->width != sae->d_sae)
        return atomsi_fail(sae->context, ATOMS_E_SHAPE, "codes are over %lld atoms, the SAE has %lld latents", (long long)codes->width,
                           (long long)sae->d_sae);
    return ATOMS_OK;
}

atoms_status atoms_sae_encode_rows(const atoms_sae *sae, atoms_rows *rows, atoms_codes *codes)
{
    if (!sae) return ATOMS_E_ARGUMENT;
    if (!rows || !codes) return atomsi_fail(sae->context, ATOMS_E_ARGUMENT, "%s is NULL", rows ? "codes" : "rows");
    atoms_codes_view before;
    atoms_status status = atoms_codes_look(codes, &before);
    if (!status) status = check_widths(sae, rows, &before);
    if (status) return status;
    encoding e = {.sae = sae, .codes = codes};
    int64_t count = atoms_rows_count(rows);
    status = prepare(&e, count);
    for (int64_t first = 0, n; first < count && !status; first += n) {
        n = base_min_i64(e.count * BLOCK_ROWS, count - first);
        status = encode_group(&e, rows, first, n);
        if (!status) status = atomsi_progress(sae->context, "rows", first + n, count);
    }
    if (status) atomsi_codes_truncate(codes, before.rows);
    release(&e);
    return status;
}
