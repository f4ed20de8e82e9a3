/* The sums of a block of rows: Σ k kᵀ by symmetric rank-k updates (BLAS dsyrk on the diagonal, dgemm above it), beside Σ k, Σ ‖k‖² k and
 * Σ ‖k‖⁴.
 *
 * The upper triangle is cut into square tiles and each tile takes the blocks in order, so an element's bits depend on the rows and
 * on their place in the block, never on threads or on how the caller cut his batches. Separate sums per thread, merged at the end,
 * would need dim² doubles a thread and would tie the bits to their number. */
#include <string.h>

#include "../../linalg/cblas_gate.h"
#include "metric_internal.h"

enum { TILE = 320, PANEL = 64, ROWS_A_TASK = 64 };

typedef struct job {
    int64_t dim, rows;
    const double *block;
    const moments_sums *sums;
    int64_t side, tiles; /* width of a tile, and how many lie along an edge */
    double square[MOMENTS_BLOCK]; /* ‖k‖² of every row */
} job;

static void square_rows(void *arg, int64_t index, int32_t worker)
{
    (void)worker;
    job *j = arg;
    int64_t end = base_min_i64((index + 1) * ROWS_A_TASK, j->rows);
    for (int64_t r = index * ROWS_A_TASK; r < end; r++) {
        const double *k = j->block + r * j->dim;
        double s[4] = {0, 0, 0, 0};
        int64_t c = 0;
        for (; c + 4 <= j->dim; c += 4)
            for (int lane = 0; lane < 4; lane++) s[lane] += k[c + lane] * k[c + lane];
        for (; c < j->dim; c++) s[0] += k[c] * k[c];
        j->square[r] = (s[0] + s[1]) + (s[2] + s[3]);
    }
}

/* Tiles along the upper triangle, row after row. */
static void sum_tile(void *arg, int64_t index, int32_t worker)
{
    (void)worker;
    const job *j = arg;
    int64_t row = 0;
    while (index >= j->tiles - row) index -= j->tiles - row++;
    int64_t top = row * j->side, left = (row + index) * j->side;
    int64_t height = base_min_i64(j->side, j->dim - top), width = base_min_i64(j->side, j->dim - left);
    double *tile = j->sums->outer + top * j->dim + left;
    if (top == left)
        linalg_dsyrk(width, j->rows, 1, j->block + left, j->dim, tile, j->dim);
    else
        linalg_dgemm(LINALG_TRANSPOSED, LINALG_PLAIN, height, width, j->rows, 1, j->block + top, j->dim, j->block + left, j->dim, 1, tile,
                     j->dim);
}

/* Column sums over one panel of columns: the block's own sum first, then added, which keeps the rounding of long runs small. */
static void sum_panel(void *arg, int64_t index, int32_t worker)
{
    (void)worker;
    const job *j = arg;
    int64_t left = index * PANEL, width = base_min_i64(PANEL, j->dim - left);
    double linear[PANEL] = {0}, cubic[PANEL] = {0};
    for (int64_t r = 0; r < j->rows; r++) {
        const double *k = j->block + r * j->dim + left, square = j->square[r];
        for (int64_t c = 0; c < width; c++) {
            linear[c] += k[c];
            cubic[c] += square * k[c];
        }
    }
    for (int64_t c = 0; c < width; c++) {
        if (j->sums->linear) j->sums->linear[left + c] += linear[c];
        if (j->sums->cubic) j->sums->cubic[left + c] += cubic[c];
    }
}

void atomsi_moments_sum_block(atoms_context *context, int64_t dim, int64_t rows, const double *block, const moments_sums *sums)
{
    if (!rows) return;
    job j = {.dim = dim, .rows = rows, .block = block, .sums = sums, .tiles = base_blocks(dim, TILE)};
    j.side = base_blocks(base_blocks(dim, j.tiles), 8) * 8; /* even tiles, whole vectors */
    j.tiles = base_blocks(dim, j.side);
    if (sums->outer) atomsi_parallel_for(context, j.tiles * (j.tiles + 1) / 2, sum_tile, &j);
    if (!sums->linear && !sums->cubic && !sums->fourth) return;
    atomsi_parallel_for(context, base_blocks(rows, ROWS_A_TASK), square_rows, &j);
    atomsi_parallel_for(context, base_blocks(dim, PANEL), sum_panel, &j);
    if (!sums->fourth) return;
    double fourth = 0;
    for (int64_t r = 0; r < rows; r++) fourth += j.square[r] * j.square[r];
    *sums->fourth += fourth;
}

void atomsi_moments_total(const atoms_moments *moments, const moments_sums *out)
{
    size_t vector = (size_t)moments->dim * sizeof(double);
    if (out->linear) memcpy(out->linear, moments->sums.linear, vector);
    if (out->cubic) memcpy(out->cubic, moments->sums.cubic, vector);
    if (out->outer) memcpy(out->outer, moments->sums.outer, (size_t)moments->dim * vector);
    if (out->fourth) *out->fourth = *moments->sums.fourth;
    atomsi_moments_sum_block(moments->context, moments->dim, moments->pending, moments->block, out);
}

void atomsi_moments_mean(const atoms_moments *moments, double *mean, double *second)
{
    int64_t dim = moments->dim;
    double n = (double)moments->count;
    atomsi_moments_total(moments, &(moments_sums){.linear = mean, .outer = second});
    for (int64_t i = 0; mean && i < dim; i++) mean[i] /= n;
    for (int64_t i = 0; second && i < dim; i++)
        for (int64_t j = i; j < dim; j++) second[j * dim + i] = second[i * dim + j] /= n;
}
