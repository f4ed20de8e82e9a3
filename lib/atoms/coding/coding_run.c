/* Coding of many signals: blocks of a fixed number of rows, as many at once as there are threads, each with a work of its own, appended in
 * order. Where a block begins depends on row numbers only, so no bit depends on the number of threads. */
#include <string.h>

#include "../matrix/matrix_internal.h"
#include "coding_work.h"

/* Rows of a block: whole pieces. */
enum { BLOCK_ROWS = 1024 };

typedef struct slot {
    void *memory;
    atomsi_coding_work *work;
    atoms_matrix x;
    int64_t first; /* number of its first row */
    atoms_codes_view codes;
    atoms_status status;
} slot;

typedef struct coding_job {
    const atomsi_coder *coder;
    atoms_codes *codes;
    atoms_code_record *records; /* of all rows, or NULL */
    const atoms_matrix *dual;   /* or NULL */
    slot *slots;
    int64_t count, block; /* slots; rows of a block */
    double *buffer;       /* count blocks of rows */
} coding_job;

static atoms_status code_rows(const coding_job *job, slot *s, const atoms_matrix *x, int64_t first)
{
    return atomsi_coding_do(job->coder, s->work, &(atomsi_batch){.x = x, .first_row = first, .rows = x->rows,
                            .records = job->records ? job->records + first : NULL}, &s->codes);
}

static void code_block(void *arg, int64_t index, int32_t worker)
{
    (void)worker;
    const coding_job *job = arg;
    slot *s = job->slots + index;
    s->status = code_rows(job, s, &s->x, s->first);
}

static atoms_status keep(const coding_job *job, const slot *s, int64_t first)
{
    atoms_status status = atoms_codes_append(job->codes, &s->codes);
    for (int64_t r = 0; job->dual && !status && r < s->codes.rows; r++)
        memcpy(atomsi_matrix_row(job->dual, first + r), s->work->dual + r * job->coder->dim, (size_t)job->coder->dim * sizeof(double));
    return status;
}

/* A block that failed is tried again in ever smaller parts of whole pieces, so that bits stay: it had too many codes, or this finds the
 * error's words. */
static atoms_status keep_in_parts(const coding_job *job, slot *s)
{
    int64_t row = 0, rows = s->x.rows;
    while (row < s->x.rows) {
        rows = base_min_i64(rows, s->x.rows - row);
        atoms_matrix part = atoms_matrix_f64((const double *)s->x.data + row * s->x.stride, rows, s->x.cols);
        atoms_status status = code_rows(job, s, &part, s->first + row);
        if (status == ATOMS_E_CAPACITY && rows > 1) {
            rows = rows > job->coder->piece_rows ? base_blocks(rows / 2, job->coder->piece_rows) * job->coder->piece_rows : (rows + 1) / 2;
            continue;
        }
        if (!status) status = keep(job, s, s->first + row);
        if (status) return status;
        row += rows;
    }
    return ATOMS_OK;
}

/* Reads, codes and appends rows first … first + count − 1: at most a block for each slot. */
static atoms_status code_group(coding_job *job, atoms_rows *rows, int64_t first, int64_t count)
{
    int64_t dim = job->coder->dim, blocks = base_blocks(count, job->block);
    atoms_matrix all = atoms_matrix_f64(job->buffer, count, dim);
    atoms_status status = atoms_rows_read(rows, first, &all);
    if (status) return status;
    for (int64_t b = 0; b < blocks; b++) {
        slot *s = job->slots + b;
        s->first = first + b * job->block;
        s->x = atoms_matrix_f64(job->buffer + b * job->block * dim, base_min_i64(job->block, count - b * job->block), dim);
    }
    atomsi_parallel_for(job->coder->context, blocks, code_block, job);
    for (int64_t b = 0; b < blocks && !status; b++) {
        slot *s = job->slots + b;
        status = s->status ? keep_in_parts(job, s) : keep(job, s, s->first);
    }
    return status;
}

static atoms_status prepare(coding_job *job, int64_t rows)
{
    const atomsi_coder *coder = job->coder;
    atoms_context *context = coder->context;
    size_t bytes;
    int64_t elements;
    int64_t share = base_blocks(rows, atoms_context_threads(context)); /* of a thread; bits depend on pieces alone */
    job->block = base_min_i64(base_blocks(base_min_i64(BLOCK_ROWS, share), coder->piece_rows) * coder->piece_rows, rows);
    atoms_status status = atomsi_coding_work_size(coder, job->block, &bytes);
    if (status) return status;
    job->count = base_min_i64(atoms_context_threads(context), base_blocks(rows, job->block));
    if (!base_mul_i64(job->count * job->block, coder->dim, &elements)) return atomsi_fail(context, ATOMS_E_OVERFLOW, "signals: rows are too wide");
    if (!(job->slots = atomsi_alloc_zero(context, job->count, sizeof *job->slots))) return ATOMS_E_MEMORY;
    if (!(job->buffer = atomsi_alloc(context, elements, sizeof *job->buffer))) return ATOMS_E_MEMORY;
    for (int64_t i = 0; i < job->count; i++) {
        slot *s = job->slots + i;
        if (!(s->memory = atomsi_alloc(context, (int64_t)bytes, 1))) return ATOMS_E_MEMORY;
        if ((status = atomsi_coding_work_init(coder, s->memory, bytes, &s->work))) return status;
    }
    return ATOMS_OK;
}

static void release(coding_job *job)
{
    for (int64_t i = 0; job->slots && i < job->count; i++) atomsi_free(job->coder->context, job->slots[i].memory);
    atomsi_free(job->coder->context, job->slots);
    atomsi_free(job->coder->context, job->buffer);
}

static atoms_status check_run(const atomsi_coder *coder, atoms_rows *signals, const atoms_codes_view *codes, const atoms_matrix *dual)
{
    atoms_context *context = coder->context;
    if (atoms_rows_width(signals) != coder->dim)
        return atomsi_fail(context, ATOMS_E_SHAPE, "signals have %lld columns, the atoms %lld", (long long)atoms_rows_width(signals),
                           (long long)coder->dim);
    if (codes->width != coder->atoms)
        return atomsi_fail(context, ATOMS_E_SHAPE, "codes are over %lld atoms, the dictionary has %lld", (long long)codes->width,
                           (long long)coder->atoms);
    if (!dual) return ATOMS_OK;
    atoms_status status = atomsi_matrix_check_cols(context, dual, coder->dim, "dual");
    if (status) return status;
    if (dual->dtype != ATOMS_F64) return atomsi_fail(context, ATOMS_E_DTYPE, "dual is %s, not f64", atoms_dtype_name(dual->dtype));
    if (dual->rows != atoms_rows_count(signals))
        return atomsi_fail(context, ATOMS_E_SHAPE, "dual has %lld rows, there are %lld signals", (long long)dual->rows,
                           (long long)atoms_rows_count(signals));
    return ATOMS_OK;
}

atoms_status atomsi_coding_run(const atomsi_coder *coder, atoms_rows *signals, atoms_codes *codes, atoms_code_record *records, const atoms_matrix *dual)
{
    if (!signals || !codes) return atomsi_fail(coder->context, ATOMS_E_ARGUMENT, "%s is NULL", signals ? "codes" : "signals");
    atoms_codes_view before;
    atoms_status status = atoms_codes_look(codes, &before);
    if (!status) status = check_run(coder, signals, &before, dual);
    if (status) return status;
    coding_job job = {.coder = coder, .codes = codes, .records = records, .dual = dual};
    int64_t count = atoms_rows_count(signals);
    status = prepare(&job, count);
    for (int64_t first = 0, n; first < count && !status; first += n) {
        n = base_min_i64(job.count * job.block, count - first);
        status = code_group(&job, signals, first, n);
        if (!status) status = atomsi_progress(coder->context, "signals", first + n, count);
    }
    if (status) atomsi_codes_truncate(codes, before.rows);
    release(&job);
    return status;
}
