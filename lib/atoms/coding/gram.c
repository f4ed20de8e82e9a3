/* The Gram matrix of the unit atoms in f32: tiles on and above the diagonal by one GEMM each, mirrored below it. Tiles are independent, so
 * they go over the threads, and their bits depend on the tile alone. */
#include "../../linalg/cblas_gate.h"
#include "coding_internal.h"

enum { TILE = 768, MIRROR = 32 };

typedef struct gram_job {
    const atomsi_coder *coder;
    int64_t tiles; /* along one side */
    float *gram;
} gram_job;

/* Copies the rows × cols block at `from` transposed to `to`, both with stride n, through small squares: rows of a power-of-two stride share their place
 * in the first cache, so reading down columns would fetch every line again and again. */
static void mirror(const float *from, float *to, int64_t n, int64_t rows, int64_t cols)
{
    float square[MIRROR][MIRROR + 1];
    for (int64_t i0 = 0; i0 < rows; i0 += MIRROR)
        for (int64_t j0 = 0; j0 < cols; j0 += MIRROR) {
            int64_t height = base_min_i64(MIRROR, rows - i0), width = base_min_i64(MIRROR, cols - j0);
            for (int64_t i = 0; i < height; i++)
                for (int64_t j = 0; j < width; j++) square[i][j] = from[(i0 + i) * n + j0 + j];
            for (int64_t j = 0; j < width; j++)
                for (int64_t i = 0; i < height; i++) to[(j0 + j) * n + i0 + i] = square[i][j];
        }
}

/* Tile number t of the upper triangle, counted row by row. */
static void make_tile(void *arg, int64_t t, int32_t worker)
{
    (void)worker;
    const gram_job *job = arg;
    int64_t row = 0, n = job->coder->atoms, dim = job->coder->dim;
    for (int64_t left = job->tiles; t >= left; left--) {
        t -= left;
        row++;
    }
    int64_t i = row * TILE, j = (row + t) * TILE, rows = base_min_i64(TILE, n - i), cols = base_min_i64(TILE, n - j);
    const float *unit = job->coder->unit32;
    linalg_sgemm(LINALG_PLAIN, LINALG_TRANSPOSED, rows, cols, dim, 1, unit + i * dim, dim, unit + j * dim, dim, 0, job->gram + i * n + j, n);
    mirror(job->gram + i * n + j, job->gram + j * n + i, n, rows, cols);
}

int atomsi_gram_fits(const atomsi_coder *coder, int64_t bytes)
{
    int64_t elements, needed;
    return base_mul_i64(coder->atoms, coder->atoms, &elements) && base_mul_i64(elements, sizeof(float), &needed) && needed <= bytes;
}

atoms_status atomsi_gram_create(const atomsi_coder *coder, float **out)
{
    int64_t elements;
    *out = NULL;
    if (!base_mul_i64(coder->atoms, coder->atoms, &elements))
        return atomsi_fail(coder->context, ATOMS_E_OVERFLOW, "the Gram matrix of %lld atoms is too large", (long long)coder->atoms);
    float *gram = atomsi_alloc(coder->context, elements, sizeof *gram);
    if (!gram) return ATOMS_E_MEMORY;
    gram_job job = {coder, base_blocks(coder->atoms, TILE), gram};
    atoms_status status = atomsi_parallel_for_progress(coder->context, "Gram tiles", job.tiles * (job.tiles + 1) / 2, make_tile, &job);
    if (status) atomsi_free(coder->context, gram);
    else *out = gram;
    return status;
}
