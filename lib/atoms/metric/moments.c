/* Streamed moments. Rows are widened to f64 into a block of fixed size, counted from the first row ever added; a full block is
 * summed (moments_sum.c) and the rest waits. So the bits do not depend on how the rows came in.
 * Merging adds the other's sums and sums its waiting rows as a block of their own; the own waiting rows stay where they are. */
#include <string.h>

#include "../../linalg/cblas_gate.h"
#include "../matrix/matrix_internal.h"
#include "metric_internal.h"

/* One piece of memory holds all numbers, so that a copy is one memcpy. */
static bool state_doubles(int64_t dim, int64_t *out)
{
    int64_t square, waiting, vectors;
    return dim <= LINALG_STRIDE_MAX && base_mul_i64(dim, dim, &square) && base_mul_i64(dim, MOMENTS_BLOCK, &waiting) &&
           base_add_i64(2 * dim, 1, &vectors) && base_add_i64(square, waiting, out) && base_add_i64(*out, vectors, out);
}

static void lay_out(atoms_moments *m, double *state)
{
    m->sums.outer = state;
    m->sums.linear = m->sums.outer + m->dim * m->dim;
    m->sums.cubic = m->sums.linear + m->dim;
    m->sums.fourth = m->sums.cubic + m->dim;
    m->block = m->sums.fourth + 1;
}

/* Numbers that are in use: all sums, and the rows that wait. */
static size_t used_bytes(const atoms_moments *m)
{
    return (size_t)((m->dim + 2) * m->dim + 1 + m->pending * m->dim) * sizeof(double);
}

static atoms_status allocate(atoms_context *context, int64_t dim, atoms_moments **out)
{
    int64_t doubles;
    size_t bytes;
    if (!state_doubles(dim, &doubles) || !base_bytes(doubles, sizeof(double), &bytes))
        return atomsi_fail(context, ATOMS_E_OVERFLOW, "moments of %lld coordinates are too large", (long long)dim);
    atoms_moments *m = atomsi_alloc_zero(context, 1, sizeof *m);
    double *state = m ? atomsi_alloc(context, doubles, sizeof(double)) : NULL;
    if (!state) {
        atomsi_free(context, m);
        return ATOMS_E_MEMORY;
    }
    m->context = context;
    m->dim = dim;
    lay_out(m, state);
    *out = m;
    return ATOMS_OK;
}

atoms_status atoms_moments_create(atoms_context *context, int64_t dim, atoms_moments **out)
{
    if (!out) return atomsi_fail(context, ATOMS_E_ARGUMENT, "out is NULL");
    *out = NULL;
    if (!context) return ATOMS_E_ARGUMENT;
    if (dim < 1) return atomsi_fail(context, ATOMS_E_ARGUMENT, "dim is %lld; moments need at least one coordinate", (long long)dim);
    atoms_status status = allocate(context, dim, out);
    if (!status) memset((*out)->sums.outer, 0, used_bytes(*out));
    return status;
}

void atoms_moments_destroy(atoms_moments *moments)
{
    if (!moments) return;
    atomsi_free(moments->context, moments->sums.outer);
    atomsi_free(moments->context, moments);
}

atoms_status atomsi_moments_copy(atoms_context *context, const atoms_moments *moments, atoms_moments **out)
{
    atoms_status status = allocate(context, moments->dim, out);
    if (status) return status;
    (*out)->count = moments->count;
    (*out)->pending = moments->pending;
    memcpy((*out)->sums.outer, moments->sums.outer, used_bytes(moments));
    return ATOMS_OK;
}

void atomsi_moments_take(atoms_moments *m, int64_t rows)
{
    m->count += rows;
    m->pending += rows;
    if (m->pending < MOMENTS_BLOCK) return;
    atomsi_moments_sum_block(m->context, m->dim, m->pending, m->block, &m->sums);
    m->pending = 0;
}

atoms_status atomsi_moments_check_count(const atoms_moments *m, int64_t rows)
{
    int64_t sum;
    if (base_add_i64(m->count, rows, &sum)) return ATOMS_OK;
    return atomsi_fail(m->context, ATOMS_E_OVERFLOW, "%lld rows and %lld more cannot be counted", (long long)m->count, (long long)rows);
}

typedef struct widening {
    const atoms_matrix *from;
    int64_t first, count;
    double *to;
} widening;

enum { ROWS_A_TASK = 64 };

static void widen(void *arg, int64_t index, int32_t worker)
{
    (void)worker;
    const widening *w = arg;
    int64_t r = index * ROWS_A_TASK, rows = base_min_i64(ROWS_A_TASK, w->count - r);
    atomsi_matrix_read_f64(w->from, w->first + r, rows, w->to + r * w->from->cols);
}

atoms_status atoms_moments_add(atoms_moments *moments, const atoms_matrix *batch)
{
    if (!moments) return ATOMS_E_ARGUMENT;
    atoms_status status = atomsi_matrix_check_cols(moments->context, batch, moments->dim, "batch");
    if (!status) status = atomsi_moments_check_count(moments, batch->rows);
    if (!status) status = atomsi_matrix_check_finite(moments->context, batch, 0, 1, "batch");
    if (status) return status;
    for (int64_t first = 0, rows; first < batch->rows; first += rows) {
        rows = base_min_i64(batch->rows - first, MOMENTS_BLOCK - moments->pending);
        widening w = {batch, first, rows, moments->block + moments->pending * moments->dim};
        atomsi_parallel_for(moments->context, base_blocks(rows, ROWS_A_TASK), widen, &w);
        atomsi_moments_take(moments, rows);
    }
    return ATOMS_OK;
}

atoms_status atoms_moments_merge(atoms_moments *moments, const atoms_moments *other)
{
    if (!moments) return ATOMS_E_ARGUMENT;
    if (!other) return atomsi_fail(moments->context, ATOMS_E_ARGUMENT, "other is NULL");
    if (other->dim != moments->dim)
        return atomsi_fail(moments->context, ATOMS_E_SHAPE, "other has %lld coordinates where %lld are needed", (long long)other->dim,
                           (long long)moments->dim);
    atoms_status status = atomsi_moments_check_count(moments, other->count);
    if (status) return status;
    int64_t numbers = (moments->dim + 2) * moments->dim + 1; /* outer, linear, cubic and fourth lie in a row */
    for (int64_t i = 0; i < numbers; i++) moments->sums.outer[i] += other->sums.outer[i];
    atomsi_moments_sum_block(moments->context, moments->dim, other->pending, other->block, &moments->sums);
    moments->count += other->count;
    return ATOMS_OK;
}

int64_t atoms_moments_count(const atoms_moments *moments) { return moments ? moments->count : 0; }
int64_t atoms_moments_dim(const atoms_moments *moments) { return moments ? moments->dim : 0; }

atoms_status atoms_moments_get(const atoms_moments *moments, double *mean, double *second)
{
    if (!moments) return ATOMS_E_ARGUMENT;
    if (!moments->count) return atomsi_fail(moments->context, ATOMS_E_STATE, "the moments have no rows yet");
    atomsi_moments_mean(moments, mean, second);
    return ATOMS_OK;
}
