#include "pursuit_oracle.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double product(int64_t n, const double *x, const double *y)
{
    double sum = 0;
    for (int64_t i = 0; i < n; i++) sum += x[i] * y[i];
    return sum;
}

double oracle_distance(const double *unit, int64_t dim, const double *x, const int32_t *index, int64_t n, double *r)
{
    double *q = malloc((size_t)((n + 1) * dim) * sizeof *q), *rest = q + n * dim, square;
    int64_t kept = 0;
    memcpy(rest, x, (size_t)dim * sizeof *x);
    for (int64_t k = 0; k < n; k++) {
        double *v = q + kept * dim;
        memcpy(v, unit + index[k] * dim, (size_t)dim * sizeof *v);
        for (int twice = 0; twice < 2; twice++)
            for (int64_t i = 0; i < kept; i++) {
                double c = product(dim, q + i * dim, v);
                for (int64_t j = 0; j < dim; j++) v[j] -= c * q[i * dim + j];
            }
        double length = sqrt(product(dim, v, v));
        if (length < 1e-9) continue;
        for (int64_t j = 0; j < dim; j++) v[j] /= length;
        double c = product(dim, v, rest);
        for (int64_t j = 0; j < dim; j++) rest[j] -= c * v[j];
        kept++;
    }
    if (r) memcpy(r, rest, (size_t)dim * sizeof *r);
    square = product(dim, rest, rest);
    free(q);
    return square;
}

static int chosen(const int32_t *index, int64_t n, int64_t j)
{
    for (int64_t i = 0; i < n; i++)
        if (index[i] == j) return 1;
    return 0;
}

void oracle_omp(const double *unit, int64_t atoms, int64_t dim, const double *x, int64_t k, int32_t *index, double *margin)
{
    double *r = malloc((size_t)dim * sizeof *r);
    *margin = INFINITY;
    for (int64_t n = 0; n < k; n++) {
        double best = -1, second = -1;
        (void)oracle_distance(unit, dim, x, index, n, r);
        for (int64_t j = 0; j < atoms; j++) {
            double c = fabs(product(dim, unit + j * dim, r));
            if (chosen(index, n, j)) continue;
            if (c > best) second = best, best = c, index[n] = (int32_t)j;
            else if (c > second) second = c;
        }
        *margin = fmin(*margin, 1 - second / best);
    }
    free(r);
}

void oracle_ols(const double *unit, int64_t atoms, int64_t dim, const double *x, int64_t k, int32_t *index, double *margin)
{
    *margin = INFINITY;
    for (int64_t n = 0; n < k; n++) {
        double best = INFINITY, second = INFINITY, before = oracle_distance(unit, dim, x, index, n, NULL);
        int32_t winner = -1;
        for (int64_t j = 0; j < atoms; j++) {
            if (chosen(index, n, j)) continue;
            index[n] = (int32_t)j;
            double distance = oracle_distance(unit, dim, x, index, n + 1, NULL);
            if (distance < best) second = best, best = distance, winner = (int32_t)j;
            else if (distance < second) second = distance;
        }
        index[n] = winner;
        *margin = fmin(*margin, (second - best) / (before - best));
    }
}

double oracle_nonnegative(const double *unit, int64_t atoms, int64_t dim, const double *x, double *gamma)
{
    double *r = malloc((size_t)dim * sizeof *r), moved = 1, square;
    memcpy(r, x, (size_t)dim * sizeof *r);
    memset(gamma, 0, (size_t)atoms * sizeof *gamma);
    for (int sweep = 0; sweep < 200000 && moved > 1e-13; sweep++) {
        moved = 0;
        for (int64_t j = 0; j < atoms; j++) {
            double next = fmax(gamma[j] + product(dim, unit + j * dim, r), 0), step = next - gamma[j];
            if (step == 0) continue;
            for (int64_t i = 0; i < dim; i++) r[i] -= step * unit[j * dim + i];
            gamma[j] = next;
            moved = fmax(moved, fabs(step));
        }
    }
    square = product(dim, r, r);
    free(r);
    return sqrt(square);
}
