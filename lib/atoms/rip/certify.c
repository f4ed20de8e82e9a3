/* A proof that λ_max(B) < t: the Cholesky factorisation of tI − B runs to its end. Done in f64 it proves λ_max(B) < t + γ·tr(tI − B),
 * γ = (n + 2)·2⁻⁵³ (Rump, BIT 46, 2006), whatever was rounded on the way and in whatever order. An estimate from below, as Lanczos gives, is not a
 * bound; with t a little above it this is one, for the price of n³/3 operations in BLAS.
 *
 * The factorisation goes by columns of blocks and looks to the left, so that each block is one long product; only the lower triangle is kept, row
 * of blocks by row of blocks. Between two columns it asks the clock and the caller. */
#include <float.h>
#include <math.h>

#include "../../base/clock.h"
#include "../../linalg/cblas_gate.h"
#include "../../linalg/lapacke_gate.h"
#include "rip_internal.h"

enum { TRIES = 8, BLOCK = 128 };

typedef struct factor {
    const rip_matrix *b;
    double t;
    int64_t blocks, column; /* the column of blocks that is made now */
    double *rows;           /* row i of blocks has its first i + 1 blocks; then the tile */
    double *tile;           /* BLOCK × BLOCK: the diagonal block's factor */
} factor;

enum { PROVED, NOT_BELOW, GIVEN_UP };

static int64_t elements_of(int64_t n)
{
    int64_t blocks = base_blocks(n, BLOCK), count;
    return base_mul_i64(blocks, blocks + 1, &count) && base_mul_i64(count / 2 + 1, BLOCK * BLOCK, &count) ? count : -1;
}

int64_t atomsi_rip_certify_bytes(int64_t n)
{
    int64_t elements = elements_of(n), bytes;
    return elements >= 0 && base_mul_i64(elements, sizeof(double), &bytes) ? bytes : -1;
}

double atomsi_rip_certify_seconds(const rip_gram *gram)
{
    double n = (double)gram->atoms;
    return n * n * n / 6 / gram->speed;
}

static double *row_of_blocks(const factor *f, int64_t i) { return f->rows + i * (i + 1) / 2 * BLOCK * BLOCK; }
static int64_t width_of(const factor *f, int64_t i) { return base_min_i64((i + 1) * BLOCK, f->b->n); }
static int64_t height_of(const factor *f, int64_t i) { return width_of(f, i) - i * BLOCK; }

static void fill(void *arg, int64_t index, int32_t worker)
{
    const factor *f = arg;
    int64_t width = width_of(f, index), first = index * BLOCK;
    double *out = row_of_blocks(f, index);
    (void)worker;
    for (int64_t i = first; i < width; i++, out += width) {
        f->b->row(f->b->arg, i, width, out);
        for (int64_t j = 0; j < width; j++) out[j] = i == j ? f->t : -out[j];
    }
}

/* A block of the column, less the product of what is to its left. */
static void subtract(void *arg, int64_t index, int32_t worker)
{
    const factor *f = arg;
    int64_t q = f->column, i = q + index, done = q * BLOCK, width = width_of(f, i);
    double *row = row_of_blocks(f, i);
    (void)worker;
    linalg_dgemm(LINALG_PLAIN, LINALG_TRANSPOSED, height_of(f, i), height_of(f, q), done, -1, row, width, row_of_blocks(f, q), width_of(f, q), 1,
                 row + done, width);
}

/* A block below the diagonal, divided by the diagonal block's factor. */
static void divide(void *arg, int64_t index, int32_t worker)
{
    const factor *f = arg;
    int64_t q = f->column, i = q + 1 + index, width = width_of(f, i);
    (void)worker;
    linalg_dtrsm(true, LINALG_TRANSPOSED, height_of(f, i), height_of(f, q), f->tile, height_of(f, q), row_of_blocks(f, i) + q * BLOCK, width);
}

/* The tile keeps the factor's last rows; nothing reads the diagonal block itself again. */
static bool factor_diagonal(const factor *f)
{
    int64_t q = f->column, n = height_of(f, q), width = width_of(f, q);
    const double *block = row_of_blocks(f, q) + q * BLOCK;
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < n; j++) f->tile[i * n + j] = block[i * width + j];
    return !linalg_cholesky(n, f->tile);
}

static int factorise(factor *f, const rip_gram *gram, double deadline)
{
    atomsi_parallel_for(gram->context, f->blocks, fill, f);
    for (f->column = 0; f->column < f->blocks; f->column++) {
        if (f->column) atomsi_parallel_for(gram->context, f->blocks - f->column, subtract, f);
        if (!factor_diagonal(f)) return NOT_BELOW;
        atomsi_parallel_for(gram->context, f->blocks - f->column - 1, divide, f);
        if (base_clock_seconds() > deadline || !atomsi_rip_go_on(gram->call, "bound columns", f->column + 1, f->blocks)) return GIVEN_UP;
    }
    return PROVED;
}

atoms_status atomsi_rip_certify(const rip_gram *gram, const rip_matrix *b, double estimate, double above, double deadline, double *bound)
{
    int64_t n = b->n, elements = elements_of(n);
    factor f = {.b = b, .blocks = base_blocks(n, BLOCK)};
    f.rows = elements < 0 ? NULL : atomsi_alloc(gram->context, elements, sizeof(double));
    *bound = INFINITY;
    if (!f.rows) return ATOMS_E_MEMORY;
    f.tile = f.rows + elements - BLOCK * BLOCK;
    above = fmax(above, 1e-7 * fabs(estimate) + 1e-9);
    int outcome = NOT_BELOW;
    for (int i = 0; i < TRIES && outcome == NOT_BELOW; i++, above *= 6) {
        f.t = estimate + above;
        outcome = factorise(&f, gram, deadline);
        if (outcome != PROVED) continue;
        *bound = f.t + (double)(n + 2) * DBL_EPSILON * (double)n * fabs(f.t); /* B has a zero diagonal, twice γ for the rounding of its fill */
    }
    atomsi_free(gram->context, f.rows);
    return ATOMS_OK;
}
