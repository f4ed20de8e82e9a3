/* Maxima over all atoms, true in f64 at the price of f32. The rounding of a product in f32 has a bound (atomsi_product_error), so one GEMM tells
 * which atoms can attain a maximum; they are few, and their products are computed again in f64. */
#include <math.h>

#include "../../linalg/cblas_gate.h"
#include "coding_internal.h"

typedef struct row_search {
    const atomsi_coder *coder;
    const atomsi_piece *piece;
    int64_t row;
    const double *residual;
    double length; /* ‖r‖: the f32 products are of r/‖r‖ */
    double slack;  /* bounds the error of length·product */
} row_search;

/* What is maximised, at a correlation c of atom j. */
static inline double function_at(const atomsi_maximum *m, int64_t j, double c)
{
    return (m->slope ? m->slope[j] : 1) * (m->one_sided ? c : fabs(c));
}

static double correlation(const row_search *s, int64_t j)
{
    return linalg_ddot(s->coder->dim, s->coder->dictionary->unit + j * s->coder->dim, s->residual);
}

static double largest_on_support(const row_search *s, const atomsi_maximum *m)
{
    double best = -INFINITY;
    int64_t base = s->row * s->coder->capacity;
    if (m->outside) return best;
    for (int64_t e = base; e < base + s->piece->count[s->row]; e++)
        best = fmax(best, function_at(m, s->piece->index[e], s->piece->at_support[e]));
    return best;
}

/* c: f32 products, NaN, which no comparison finds, on the support. */
static double largest(const row_search *s, const atomsi_maximum *m, const float *c)
{
    double best = largest_on_support(s, m), floor = best;
    int64_t atoms = s->coder->atoms;
    for (int64_t j = 0; j < atoms; j++) {
        double f = function_at(m, j, s->length * (double)c[j]) - m->slope[j] * s->slack;
        if (f > floor) floor = f;
    }
    for (int64_t j = 0; j < atoms; j++) {
        double f = function_at(m, j, s->length * (double)c[j]) + m->slope[j] * s->slack;
        if (f >= floor) best = fmax(best, function_at(m, j, correlation(s, j)));
    }
    return best;
}

/* The usual case, unit weights on unit atoms, in single precision: the numbers that decide are f64 all the same. */
static double largest_plain(const row_search *s, const atomsi_maximum *m, const float *c)
{
    double best = largest_on_support(s, m);
    int64_t atoms = s->coder->atoms;
    float slack = s->length > 0 ? (float)(s->slack / s->length) * 1.0001f : 0, floor[8], top;
    for (int i = 0; i < 8; i++) floor[i] = -INFINITY;
    int64_t j = 0;
    if (m->one_sided) {
        for (; j + 8 <= atoms; j += 8)
            for (int i = 0; i < 8; i++) floor[i] = c[j + i] > floor[i] ? c[j + i] : floor[i];
        for (; j < atoms; j++) floor[0] = c[j] > floor[0] ? c[j] : floor[0];
    } else {
        for (; j + 8 <= atoms; j += 8)
            for (int i = 0; i < 8; i++) floor[i] = fabsf(c[j + i]) > floor[i] ? fabsf(c[j + i]) : floor[i];
        for (; j < atoms; j++) floor[0] = fabsf(c[j]) > floor[0] ? fabsf(c[j]) : floor[0];
    }
    top = floor[0];
    for (int i = 1; i < 8; i++) top = floor[i] > top ? floor[i] : top;
    if (best > s->length * (double)top + s->slack) return best;
    float least = top - 2 * slack;
    for (j = 0; j < atoms; j++)
        if ((m->one_sided ? c[j] : fabsf(c[j])) >= least) best = fmax(best, function_at(m, j, correlation(s, j)));
    return best;
}

void atomsi_correlate_residuals(const atomsi_coder *coder, const atomsi_piece *piece)
{
    int64_t dim = coder->dim;
    for (int64_t r = 0; r < piece->rows; r++) {
        const double *residual = piece->residual + r * dim;
        double length = sqrt(linalg_ddot(dim, residual, residual)), inverse = length > 0 ? 1 / length : 0;
        for (int64_t i = 0; i < dim; i++) piece->residual32[r * dim + i] = (float)(residual[i] * inverse);
    }
    atomsi_correlate(coder, piece->rows, piece->residual32, piece->correlations);
}

void atomsi_find_maxima(const atomsi_coder *coder, const atomsi_piece *piece, int64_t count, const atomsi_maximum *maxima, double *found)
{
    int64_t dim = coder->dim;
    atomsi_correlate_residuals(coder, piece);
    for (int64_t r = 0; r < piece->rows; r++) {
        row_search s = {coder, piece, r, piece->residual + r * dim, 0, 0};
        s.length = sqrt(linalg_ddot(dim, s.residual, s.residual));
        s.slack = s.length * atomsi_product_error(dim);
        float *c = piece->correlations + r * coder->atoms;
        for (int64_t e = r * coder->capacity; e < r * coder->capacity + piece->count[r]; e++) {
            c[piece->index[e]] = NAN;
            piece->at_support[e] = correlation(&s, piece->index[e]);
        }
        for (int64_t k = 0; k < count; k++) {
            const atomsi_maximum *m = maxima + k;
            found[k * piece->rows + r] = m->slope ? largest(&s, m, c) : largest_plain(&s, m, c);
        }
    }
}
