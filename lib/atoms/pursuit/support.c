#include "support.h"

#include <math.h>
#include <string.h>

#include "../../linalg/cblas_gate.h"

bool atomsi_support_factor_size(int64_t capacity, int64_t *elements)
{
    int64_t more, square;
    if (!base_add_i64(capacity, 1, &more) || !base_mul_i64(capacity, more, &square)) return false;
    *elements = square / 2;
    return true;
}

static const double *unit(const atomsi_support *s, int64_t i)
{
    return s->coder->dictionary->unit + s->index[i] * s->coder->dim;
}

double atomsi_support_try(atomsi_support *s, int64_t j)
{
    const double *u = s->coder->dictionary->unit + j * s->coder->dim;
    double *row = atomsi_support_row(s, s->count), pivot = 1;
    for (int64_t i = 0; i < s->count; i++) {
        const double *other = atomsi_support_row(s, i);
        double sum = linalg_ddot(s->coder->dim, unit(s, i), u);
        for (int64_t k = 0; k < i; k++) sum -= other[k] * row[k];
        row[i] = sum / other[i];
        pivot -= row[i] * row[i];
    }
    return pivot;
}

void atomsi_support_add(atomsi_support *s, int64_t j, double pivot)
{
    int64_t i = s->count++;
    atomsi_support_row(s, i)[i] = sqrt(pivot);
    s->index[i] = (int32_t)j;
    s->value[i] = 0;
    s->target[i] = linalg_ddot(s->coder->dim, s->coder->dictionary->unit + j * s->coder->dim, s->x);
}

/* Rows below the dropped one keep a number to the right of their diagonal; rotations of neighbouring columns move it away. */
void atomsi_support_drop(atomsi_support *s, int64_t at)
{
    for (int64_t i = at; i + 1 < s->count; i++) {
        double *below = atomsi_support_row(s, i + 1), *here = atomsi_support_row(s, i);
        memcpy(here, below, (size_t)(i + 1) * sizeof *here);
        double extra = below[i + 1], length = hypot(here[i], extra), c = here[i] / length, sine = extra / length;
        here[i] = length;
        for (int64_t k = i + 2; k < s->count; k++) { /* columns i and i + 1 of the rows that have not moved yet */
            double *row = atomsi_support_row(s, k), a = row[i], b = row[i + 1];
            row[i] = c * a + sine * b;
            row[i + 1] = c * b - sine * a;
        }
        s->index[i] = s->index[i + 1];
        s->value[i] = s->value[i + 1];
        s->target[i] = s->target[i + 1];
    }
    s->count--;
}

void atomsi_support_forward(const atomsi_support *s, double *y)
{
    for (int64_t i = 0; i < s->count; i++) {
        const double *row = atomsi_support_row(s, i);
        double sum = y[i];
        for (int64_t k = 0; k < i; k++) sum -= row[k] * y[k];
        y[i] = sum / row[i];
    }
}

void atomsi_support_backward(const atomsi_support *s, double *y)
{
    for (int64_t i = s->count; i-- > 0;) {
        const double *row = atomsi_support_row(s, i);
        y[i] /= row[i];
        for (int64_t k = 0; k < i; k++) y[k] -= row[k] * y[i];
    }
}

void atomsi_support_solve(const atomsi_support *s, double *value)
{
    memcpy(value, s->target, (size_t)s->count * sizeof *value);
    atomsi_support_forward(s, value);
    atomsi_support_backward(s, value);
}

double atomsi_support_residual(const atomsi_support *s, const double *value, double *r)
{
    int64_t dim = s->coder->dim;
    for (int64_t i = 0; i < s->count; i++) s->unit[i] = unit(s, i);
    s->coder->context->kernels->combine(dim, s->count, value, s->unit, r);
    for (int64_t k = 0; k < dim; k++) r[k] = s->x[k] - r[k];
    return sqrt(linalg_ddot(dim, r, r));
}

double atomsi_support_rounded(const atomsi_support *s, double norm, double *r)
{
    for (int64_t i = 0; i < s->count; i++) {
        double length = s->coder->dictionary->length[s->index[i]];
        s->spare[i] = (double)(float)(s->value[i] * norm / length) * length / norm;
    }
    return atomsi_support_residual(s, s->spare, r);
}

/* One correction: g = U_Sᵀ (x − U_S γ), γ += (L Lᵀ)⁻¹ g. Returns ‖g‖/(1 + Σ|γ|) from before. */
static double correct(const atomsi_support *s, double *r)
{
    double *g = s->spare, square = 0, sum = 1;
    (void)atomsi_support_residual(s, s->value, r);
    for (int64_t i = 0; i < s->count; i++) {
        g[i] = linalg_ddot(s->coder->dim, unit(s, i), r);
        square += g[i] * g[i];
        sum += fabs(s->value[i]);
    }
    atomsi_support_forward(s, g);
    atomsi_support_backward(s, g);
    for (int64_t i = 0; i < s->count; i++) s->value[i] += g[i];
    return sqrt(square) / sum;
}

static void factor_anew(atomsi_support *s)
{
    int64_t count = s->count;
    for (s->count = 0; s->count < count;) {
        int32_t j = s->index[s->count];
        atomsi_support_add(s, j, fmax(atomsi_support_try(s, j), PURSUIT_PIVOT_F64));
    }
    atomsi_support_solve(s, s->value);
}

void atomsi_support_refit(atomsi_support *s, const double *z, double min_pivot, double *r)
{
    const double good = 1e-5, reached = 0x1p-24, safe_pivot = 0x1p-6;
    memcpy(s->value, z, (size_t)s->count * sizeof *z);
    atomsi_support_backward(s, s->value);
    double before = correct(s, r);
    if (before <= good && min_pivot >= safe_pivot) return; /* a correction takes off all but some 2⁻²⁴ · count/min_pivot */
    if (correct(s, r) <= reached) return;
    factor_anew(s);
}
