/* A block of rows is whitened by a triangular solve, multiplied with the unit atoms tile by tile, and what is active is added up on the
 * spot, so neither scores nor codes of a whole block exist. The sum is brought back by L. Scores are f32, as an SAE's are: the product is
 * nearly all of the work, and takes half the time. They decide who is active; the values of those few are taken again in f64, as are
 * solves and sums, since conditioning acts on them, and so that no figure hangs on the BLAS's way of adding. */
#include "whitened_coder.h"

#include <math.h>
#include <string.h>

#include "../../linalg/cblas_gate.h"
#include "../metric/metric_internal.h"
#include "block_stream.h"

enum { ATOM_TILE = 512 };

/* The worker's memory: whitened rows, their lengths; the rows in f32, a tile of scores. */
typedef struct coder_work {
    double *x, *lengths;
    float *narrow, *z;
} coder_work;

static coder_work work_at(void *work, int64_t dim)
{
    coder_work w = {.x = work};
    w.lengths = w.x + STREAM_ROWS * dim;
    w.narrow = (float *)(w.lengths + STREAM_ROWS);
    w.z = w.narrow + STREAM_ROWS * dim;
    return w;
}

static void whiten_rows(const whitened_coder *coder, const float *x, int64_t rows, coder_work *w)
{
    int64_t dim = coder->dim;
    for (int64_t r = 0; r < rows; r++)
        for (int64_t j = 0; j < dim; j++) w->x[r * dim + j] = x[r * dim + j] - (coder->mean ? coder->mean[j] : 0);
    linalg_dtrsm(true, LINALG_TRANSPOSED, rows, dim, coder->metric->factor, dim, w->x, dim);
    for (int64_t r = 0; r < rows; r++) {
        double square = 0;
        for (int64_t j = 0; j < dim; j++) square += w->x[r * dim + j] * w->x[r * dim + j];
        w->lengths[r] = sqrt(square);
    }
    for (int64_t i = 0; i < rows * dim; i++) w->narrow[i] = (float)w->x[i];
}

void atomsi_coder_scores(const whitened_coder *coder, void *work, const float *x, int64_t rows, score_visitor visit, void *arg)
{
    int64_t dim = coder->dim, atoms = coder->atoms;
    coder_work w = work_at(work, dim);
    whiten_rows(coder, x, rows, &w);
    for (int64_t first = 0; first < atoms; first += ATOM_TILE) {
        int64_t cols = base_min_i64(ATOM_TILE, atoms - first);
        linalg_sgemm(LINALG_PLAIN, LINALG_TRANSPOSED, rows, cols, dim, 1, w.narrow, dim, coder->narrow + first * dim, dim, 0, w.z, ATOM_TILE);
        visit(arg, first, rows, cols, w.z, ATOM_TILE, w.lengths);
    }
}

typedef struct decoding {
    const whitened_coder *coder;
    const double *x; /* the block's whitened rows */
    double *hat;
    int64_t *l0, *firing;
} decoding;

static void add_active(void *arg, int64_t first_atom, int64_t rows, int64_t cols, const float *z, int64_t stride, const double *lengths)
{
    const decoding *d = arg;
    const whitened_coder *coder = d->coder;
    int64_t dim = coder->dim;
    for (int64_t r = 0; r < rows; r++) {
        double limit = coder->of_cosine ? coder->threshold * lengths[r] : coder->threshold, *hat = d->hat + r * dim;
        for (int64_t c = 0; c < cols; c++) {
            if (!(z[r * stride + c] > limit)) continue;
            const double *unit = coder->units + (first_atom + c) * dim;
            double value = 0;
            for (int64_t j = 0; j < dim; j++) value += d->x[r * dim + j] * unit[j];
            for (int64_t j = 0; j < dim; j++) hat[j] += value * unit[j];
            d->l0[r]++;
            d->firing[first_atom + c]++;
        }
    }
}

static atoms_status reconstruct(const subject *s, void *work, const float *x, int64_t rows, double *xhat, int64_t *l0, int64_t *firing)
{
    const whitened_coder *coder = s->self;
    int64_t dim = s->dim;
    memset(xhat, 0, (size_t)(rows * dim) * sizeof *xhat);
    memset(l0, 0, (size_t)rows * sizeof *l0);
    decoding d = {.coder = coder, .x = work_at(work, dim).x, .hat = xhat, .l0 = l0, .firing = firing};
    atomsi_coder_scores(coder, work, x, rows, add_active, &d);
    linalg_dtrmm(true, LINALG_TRANSPOSED, rows, dim, coder->metric->factor, dim, xhat, dim);
    for (int64_t r = 0; r < rows; r++)
        for (int64_t j = 0; j < dim; j++) xhat[r * dim + j] = coder->scale * xhat[r * dim + j] + (coder->mean ? coder->mean[j] : 0);
    return ATOMS_OK;
}

atoms_status atomsi_coder_units(whitened_coder *coder, const atoms_dictionary *dictionary)
{
    int64_t elements = dictionary->atoms * dictionary->dim; /* they are there in f64, so their number fits */
    float *narrow = atomsi_alloc(dictionary->context, elements, sizeof *narrow);
    if (!narrow) return ATOMS_E_MEMORY;
    for (int64_t i = 0; i < elements; i++) narrow[i] = (float)dictionary->unit[i];
    coder->atoms = dictionary->atoms;
    coder->dim = dictionary->dim;
    coder->units = dictionary->unit;
    coder->narrow = narrow;
    return ATOMS_OK;
}

atoms_status atomsi_subject_of_coder(atoms_context *context, const whitened_coder *coder, const atoms_matrix *atoms, subject *out)
{
    subject s = {.self = coder, .dim = coder->dim, .latents = coder->atoms, .atoms = *atoms, .reconstruct = reconstruct};
    int64_t floats;
    if (!base_mul_i64(3 * STREAM_ROWS, s.dim, &floats) || !base_add_i64(floats, STREAM_ROWS * (2 + ATOM_TILE), &floats) ||
        !base_bytes(floats, sizeof(float), &s.work_bytes)) /* a double is two floats */
        return atomsi_fail(context, ATOMS_E_OVERFLOW, "rows: %lld columns are too many", (long long)s.dim);
    *out = s;
    return ATOMS_OK;
}
