/* One batch, piece by piece: read, solve, round to f32, judge what was rounded, write CSR. Records are made of the rounded codes because these
 * are what the caller has: anybody can compute them again. */
#include <math.h>
#include <string.h>

#include "../../linalg/cblas_gate.h"
#include "../matrix/matrix_internal.h"
#include "coding_work.h"

static void clear_record(atoms_code_record *record, double norm)
{
    *record = (atoms_code_record){.status = ATOMS_CODE_CONVERGED, .norm = norm};
    record->objective = record->gap = record->kkt = record->lambda = record->lambda_max = NAN;
    record->min_pivot = record->fuchs = record->erc = NAN;
}

/* The start code of row `from` of a view, in unit scale, as the row's code. */
static void set_start(const atomsi_coder *coder, atomsi_piece *piece, int64_t row, const atoms_codes_view *start, int64_t from)
{
    int64_t base = row * coder->capacity, n = 0;
    for (int64_t e = start->offset[from]; e < start->offset[from + 1] && n < coder->capacity && piece->norm[row] > 0; e++) {
        if (start->value[e] == 0.0f) continue;
        piece->index[base + n] = start->index[e];
        piece->value[base + n++] = (double)start->value[e] * coder->dictionary->length[start->index[e]] / piece->norm[row];
    }
    piece->count[row] = n;
}

/* Entries of a row by rising index, in place. Solvers often leave them nearly so: insertion takes one look at each then. Else heap sort. */
static void sift(int32_t *index, double *value, int64_t at, int64_t n)
{
    for (int64_t child; (child = 2 * at + 1) < n; at = child) {
        if (child + 1 < n && index[child + 1] > index[child]) child++;
        if (index[at] >= index[child]) return;
        int32_t i = index[at];
        double v = value[at];
        index[at] = index[child], value[at] = value[child];
        index[child] = i, value[child] = v;
    }
}

/* false: it would take long. */
static bool insert_entries(int32_t *index, double *value, int64_t n)
{
    int64_t moves = 0, most = 16 * n;
    for (int64_t i = 1; i < n; i++) {
        int32_t j = index[i];
        double v = value[i];
        int64_t to = i;
        for (; to > 0 && index[to - 1] > j; to--) index[to] = index[to - 1], value[to] = value[to - 1];
        index[to] = j, value[to] = v;
        moves += i - to;
        if (moves > most) return false;
    }
    return true;
}

static void sort_entries(int32_t *index, double *value, int64_t n)
{
    if (insert_entries(index, value, n)) return;
    for (int64_t at = n / 2; at-- > 0;) sift(index, value, at, n);
    for (int64_t end = n; end-- > 1;) {
        int32_t i = index[0];
        double v = value[0];
        index[0] = index[end], value[0] = value[end];
        index[end] = i, value[end] = v;
        sift(index, value, 0, end);
    }
}

/* Sorts a row's code, rounds it to what the caller gets, drops what is 0 then, and takes the residual. false: beyond f32. */
static bool round_row(const atomsi_coder *coder, atomsi_piece *piece, int64_t row)
{
    int64_t base = row * coder->capacity, n = 0, dim = coder->dim;
    double norm = piece->norm[row], *residual = piece->residual + row * dim;
    sort_entries(piece->index + base, piece->value + base, piece->count[row]);
    memcpy(residual, piece->x + row * dim, (size_t)dim * sizeof *residual);
    for (int64_t e = 0; e < piece->count[row]; e++) {
        int32_t j = piece->index[base + e];
        double length = coder->dictionary->length[j];
        float rounded = (float)(piece->value[base + e] * norm / length);
        if (!isfinite(rounded)) return false;
        if (rounded == 0.0f) {
            if (piece->value[base + e] != 0) piece->record[row].status = ATOMS_CODE_STOPPED; /* too small for f32 */
            continue;
        }
        double value = (double)rounded * length / norm;
        const double *unit = coder->dictionary->unit + j * dim;
        coder->context->kernels->retreat(dim, value, unit, residual);
        piece->index[base + n] = j;
        piece->value[base + n++] = value;
    }
    piece->count[row] = n;
    piece->record[row].support = (int32_t)n;
    piece->record[row].residual = sqrt(linalg_ddot(dim, residual, residual)) * norm;
    return true;
}

static void settle_zero_signal(const atomsi_coder *coder, atomsi_piece *piece, int64_t row)
{
    atoms_code_record *record = piece->record + row;
    double lambda = record->lambda, lambda_max = record->lambda_max;
    clear_record(record, 0);
    record->flags = ATOMS_CODE_ZERO_SIGNAL;
    record->lambda = lambda;
    record->lambda_max = isnan(lambda_max) ? NAN : 0; /* where there is one at all */
    record->objective = record->gap = record->kkt = 0;
    if (coder->has_dual) memset(piece->dual + row * coder->dim, 0, (size_t)coder->dim * sizeof *piece->dual);
}

/* Appends the piece's codes to the work's. false: no room. */
static bool emit(const atomsi_coder *coder, atomsi_coding_work *work, int64_t first)
{
    const atomsi_piece *piece = &work->piece;
    int64_t next = work->offset[first];
    for (int64_t r = 0; r < piece->rows; r++) {
        int64_t base = r * coder->capacity;
        if (piece->count[r] > work->entries - next) return false;
        for (int64_t e = base; e < base + piece->count[r]; e++, next++) {
            work->index[next] = piece->index[e];
            work->value[next] = (float)(piece->value[e] * piece->norm[r] / coder->dictionary->length[piece->index[e]]);
        }
        work->offset[first + r + 1] = next;
    }
    return true;
}

static atoms_status solve_piece(const atomsi_coder *coder, atomsi_coding_work *work, const atomsi_batch *batch, int64_t first, int64_t rows)
{
    atomsi_piece *piece = &work->piece;
    piece->rows = rows;
    piece->record = work->record + first;
    piece->lambda = batch->lambda ? batch->lambda + first : NULL;
    for (int64_t r = 0; r < rows; r++) {
        clear_record(piece->record + r, piece->norm[r]);
        piece->count[r] = 0;
        if (batch->start) set_start(coder, piece, r, batch->start, first + r);
    }
    if (batch->repeated && first) set_start(coder, piece, 0, &(atoms_codes_view){.offset = work->offset, .index = work->index, .value = work->value}, first - 1);
    coder->solve(coder, work->scratch, piece);
    for (int64_t r = 0; r < rows; r++)
        if (!round_row(coder, piece, r))
            return atomsi_fail(coder->context, ATOMS_E_NOT_FINITE, "the code of row %lld is beyond f32", (long long)(batch->first_row + first + r));
    coder->judge(coder, work->scratch, piece);
    if (coder->certify) atomsi_certify_recovery(coder, work);
    for (int64_t r = 0; r < rows; r++)
        if (!(piece->norm[r] > 0)) settle_zero_signal(coder, piece, r);
    if (!emit(coder, work, first))
        return atomsi_fail(coder->context, ATOMS_E_CAPACITY, "the work has no room for the codes of %lld rows: use fewer", (long long)batch->rows);
    return ATOMS_OK;
}

/* From whitened coordinates to plain products: ŷ·(L⁻¹d) = (L⁻ᵀŷ)·d. */
static void keep_duals(const atomsi_coder *coder, atomsi_coding_work *work, int64_t first)
{
    int64_t dim = coder->dim, rows = work->piece.rows;
    double *to = work->dual + first * dim;
    memcpy(to, work->piece.dual, (size_t)(rows * dim) * sizeof *to);
    if (coder->dictionary->factor) linalg_dtrsm(true, LINALG_PLAIN, rows, dim, coder->dictionary->factor, dim, to, dim);
}

atoms_status atomsi_coding_do(const atomsi_coder *coder, atomsi_coding_work *work, const atomsi_batch *batch, atoms_codes_view *out)
{
    int64_t piece_rows = batch->repeated ? 1 : coder->piece_rows;
    atoms_status status = ATOMS_OK;
    work->offset[0] = work->dual_rows = 0;
    for (int64_t first = 0, rows; first < batch->rows && !status; first += rows) {
        rows = base_min_i64(piece_rows, batch->rows - first);
        status = atomsi_coding_read(coder, work, batch->x, batch->repeated ? 0 : first, rows, batch->first_row);
        if (!status) status = solve_piece(coder, work, batch, first, rows);
        if (!status && coder->has_dual) keep_duals(coder, work, first);
    }
    if (status) return status;
    if (coder->has_dual) work->dual_rows = batch->rows;
    if (batch->records && batch->rows) memcpy(batch->records, work->record, (size_t)batch->rows * sizeof *batch->records);
    *out = (atoms_codes_view){batch->rows, coder->atoms, work->offset[batch->rows], work->offset, work->index, work->value};
    return ATOMS_OK;
}

static atoms_status check_batch(const atomsi_coder *coder, const atomsi_coding_work *work, const atoms_matrix *x, int64_t rows, atoms_codes_view *out)
{
    atoms_context *context = coder->context;
    if (!work || !out) return atomsi_fail(context, ATOMS_E_ARGUMENT, "%s is NULL", work ? "out" : "work");
    if (work->coder != coder || work->dim != coder->dim || work->capacity != coder->capacity || work->scratch_bytes != coder->scratch_bytes)
        return atomsi_fail(context, ATOMS_E_ARGUMENT, "work was made for another %s", coder->name);
    atoms_status status = atomsi_matrix_check_cols(context, x, coder->dim, "x");
    if (status) return status;
    if (rows > work->max_rows)
        return atomsi_fail(context, ATOMS_E_CAPACITY, "%lld rows, where the work was made for %lld", (long long)rows, (long long)work->max_rows);
    return atomsi_matrix_check_finite(context, x, 0, 0, "x");
}

atoms_status atomsi_coding_batch(const atomsi_coder *coder, atomsi_coding_work *work, const atoms_matrix *x, const atoms_codes_view *start,
                                 atoms_codes_view *out, atoms_code_record *records)
{
    if (!x) return atomsi_fail(coder->context, ATOMS_E_ARGUMENT, "x is NULL");
    atoms_status status = check_batch(coder, work, x, x->rows, out);
    if (!status && start) {
        status = atomsi_codes_check(coder->context, start, "start");
        if (!status && (start->rows != x->rows || start->width != coder->atoms))
            status = atomsi_fail(coder->context, ATOMS_E_SHAPE, "start has %lld rows over %lld atoms, not %lld over %lld", (long long)start->rows,
                                 (long long)start->width, (long long)x->rows, (long long)coder->atoms);
    }
    return status ? status : atomsi_coding_do(coder, work, &(atomsi_batch){.x = x, .start = start, .rows = x->rows, .records = records}, out);
}

atoms_status atomsi_coding_path(const atomsi_coder *coder, atomsi_coding_work *work, const atoms_matrix *x, const double *lambda, int64_t n,
                                atoms_codes_view *out, atoms_code_record *records)
{
    if (!x || !lambda) return atomsi_fail(coder->context, ATOMS_E_ARGUMENT, "%s is NULL", x ? "lambdas" : "x");
    if (n < 0 || x->rows != 1)
        return atomsi_fail(coder->context, ATOMS_E_SHAPE, "a path is of one signal and n >= 0 values: x has %lld rows, n is %lld",
                           (long long)x->rows, (long long)n);
    atoms_status status = check_batch(coder, work, x, n, out);
    return status ? status : atomsi_coding_do(coder, work, &(atomsi_batch){.x = x, .lambda = lambda, .repeated = true, .rows = n, .records = records}, out);
}
