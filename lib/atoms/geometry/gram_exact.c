/* Tiles of the Gram matrix in f64, for what f32 cannot decide: rows are widened and brought to length 1 block by block. */
#include "../../linalg/cblas_gate.h"
#include "geometry_internal.h"

enum { SIDE = ATOMSI_EXACT_SIDE };

int64_t atomsi_exact_work(int64_t dim)
{
    return 2 * SIDE * dim;
}

static void multiply(int64_t dim, const double *left, int64_t rows, const double *right, int64_t cols, double *out)
{
    linalg_dgemm(LINALG_PLAIN, LINALG_TRANSPOSED, rows, cols, dim, 1, left, dim, right, dim, 0, out, SIDE);
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < cols; j++) out[i * SIDE + j] = atomsi_same_direction(out[i * SIDE + j]);
}

void atomsi_exact_tile(const atomsi_directions *a, int64_t first_i, int64_t rows, const atomsi_directions *b, int64_t first_j, int64_t cols, double *work,
                       double *out)
{
    atomsi_directions_read(a, first_i, rows, work);
    atomsi_directions_read(b, first_j, cols, work + SIDE * a->dim);
    multiply(a->dim, work, rows, work + SIDE * a->dim, cols, out);
}

void atomsi_exact_rows(const atomsi_directions *a, const int64_t *atom, int64_t rows, const atomsi_directions *b, int64_t first_j, int64_t cols,
                       double *work, double *out)
{
    for (int64_t r = 0; r < rows; r++) atomsi_directions_read(a, atom[r], 1, work + r * a->dim);
    atomsi_directions_read(b, first_j, cols, work + SIDE * a->dim);
    multiply(a->dim, work, rows, work + SIDE * a->dim, cols, out);
}
