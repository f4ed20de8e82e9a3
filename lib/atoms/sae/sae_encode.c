/* Encoding: tiles of pre-activations that go from the GEMM straight into sparse codes; the dense rows × latents matrix never exists.
 *
 * A tile of rows is multiplied with one tile of latents after another. Each result is thresholded while it is in the cache, and what
 * fires is staged as (latent tile, row) segments; when all latents are through, the segments are copied into row order. Tiles of
 * rows that would all fit the latents' width at once would need no staging, but then either the GEMM gets too few rows to run at full
 * speed, or the tile leaves the cache. One row is the same with a GEMV. */
#include <math.h>
#include <string.h>

#include "../../linalg/cblas_gate.h"
#include "../../linalg/finite.h"
#include "../matrix/matrix_internal.h"
#include "sae_work.h"

static atoms_status check_call(const atoms_sae *sae, const atoms_sae_work *w, const atoms_matrix *x, int64_t first_row,
                               const atoms_codes_view *out)
{
    if (!w || !out) return atomsi_fail(sae->context, ATOMS_E_ARGUMENT, "%s is NULL", w ? "out" : "work");
    if (w->d_in != sae->d_in || w->d_sae != sae->d_sae)
        return atomsi_fail(sae->context, ATOMS_E_SHAPE, "the work was made for another SAE: %lld × %lld, not %lld × %lld", (long long)w->d_in,
                           (long long)w->d_sae, (long long)sae->d_in, (long long)sae->d_sae);
    atoms_status status = atomsi_matrix_check_cols(sae->context, x, sae->d_in, "x");
    if (status) return status;
    if (x->rows > w->max_rows)
        return atomsi_fail(sae->context, ATOMS_E_CAPACITY, "x has %lld rows and the work was made for %lld", (long long)x->rows,
                           (long long)w->max_rows);
    return atomsi_matrix_check_finite(sae->context, x, first_row, 1, "x");
}

/* Stages the codes of rows first … first + rows − 1. false: they do not fit the staging, which cannot happen to a single row. */
static bool encode_tile(const atoms_sae *sae, atoms_sae_work *w, const atoms_matrix *x, int64_t first, int64_t rows)
{
    const float *data = atomsi_matrix_row(x, first);
    int64_t stride = x->stride, staged = 0, segment = 0;
    if (x->dtype != ATOMS_F32) {
        atomsi_matrix_read_f32(x, first, rows, w->x);
        data = w->x;
        stride = sae->d_in;
    }
    for (int64_t latent = 0; latent < sae->d_sae; latent += w->tile_latents) {
        int64_t n = base_min_i64(w->tile_latents, sae->d_sae - latent);
        const float *encoder = sae->encoder + latent * sae->d_in;
        if (rows == 1) linalg_sgemv(n, sae->d_in, encoder, sae->d_in, data, w->z);
        else linalg_sgemm(LINALG_PLAIN, LINALG_TRANSPOSED, rows, n, sae->d_in, 1, data, stride, encoder, sae->d_in, 0, w->z, n);
        for (int64_t r = 0; r < rows; r++) {
            if (staged + n > w->staging) return false;
            w->start[segment++] = staged;
            staged += sae->context->kernels->threshold(n, w->z + r * n, sae->b_enc + latent, sae->threshold + latent, (int32_t)latent,
                                                       w->staged_index + staged, w->staged_value + staged);
        }
    }
    w->start[segment] = staged;
    return true;
}

/* Copies the staged segments of each row, in the order of the latents, behind the codes that are there. */
static void append_tile(atoms_sae_work *w, int64_t first, int64_t rows)
{
    int64_t tiles = base_blocks(w->d_sae, w->tile_latents), at = w->offset[first];
    for (int64_t r = 0; r < rows; r++) {
        for (int64_t t = 0; t < tiles; t++) {
            int64_t from = w->start[t * rows + r], count = w->start[t * rows + r + 1] - from;
            memcpy(w->index + at, w->staged_index + from, (size_t)count * sizeof *w->index);
            memcpy(w->value + at, w->staged_value + from, (size_t)count * sizeof *w->value);
            at += count;
        }
        w->offset[first + r + 1] = at;
    }
}

/* Finite inputs and weights can still overflow f32, to an infinity or, where two of them cancel, to NaN. */
static atoms_status check_values(const atoms_sae *sae, const atoms_sae_work *w, int64_t rows, int64_t first_row)
{
    int64_t k = linalg_first_not_finite_f32(w->value, w->offset[rows]), row = 0;
    if (k < 0) return ATOMS_OK;
    while (w->offset[row + 1] <= k) row++;
    return atomsi_fail(sae->context, ATOMS_E_NOT_FINITE, "x: row %lld is so large that latent %d overflows", (long long)(first_row + row),
                       (int)w->index[k]);
}

atoms_status atomsi_sae_encode(const atoms_sae *sae, atoms_sae_work *work, const atoms_matrix *x, int64_t first_row, atoms_codes_view *out)
{
    atoms_status status = check_call(sae, work, x, first_row, out);
    if (status) return status;
    int64_t row = 0, rows = work->tile_rows, tiles = base_blocks(sae->d_sae, work->tile_latents);
    work->offset[0] = 0;
    while (row < x->rows) {
        rows = base_min_i64(rows, x->rows - row);
        if (!encode_tile(sae, work, x, row, rows)) {
            rows = (rows + 1) / 2;
            continue;
        }
        if (work->start[rows * tiles] > work->capacity - work->offset[row])
            return atomsi_fail(sae->context, ATOMS_E_CAPACITY, "rows %lld … %lld have more than the %lld codes that the work holds",
                               (long long)first_row, (long long)(first_row + row + rows - 1), (long long)work->capacity);
        append_tile(work, row, rows);
        row += rows;
    }
    if ((status = check_values(sae, work, x->rows, first_row))) return status;
    *out = (atoms_codes_view){.rows = x->rows,
                              .width = sae->d_sae,
                              .nnz = work->offset[x->rows],
                              .offset = work->offset,
                              .index = work->index,
                              .value = work->value};
    return ATOMS_OK;
}

atoms_status atoms_sae_encode(const atoms_sae *sae, atoms_sae_work *work, const atoms_matrix *x, atoms_codes_view *out)
{
    return sae ? atomsi_sae_encode(sae, work, x, 0, out) : ATOMS_E_ARGUMENT;
}
