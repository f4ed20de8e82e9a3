#include "homotopy_case.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "suite.h"

double case_normal(uint64_t seed, int64_t i)
{
    return base_random_normal(seed, BASE_STREAM_TEST, (uint64_t)i);
}

static void normalise(double *row, int64_t dim)
{
    double length = 0;
    for (int64_t i = 0; i < dim; i++) length += row[i] * row[i];
    for (int64_t i = 0; i < dim; i++) row[i] /= sqrt(length);
}

double *case_atoms(int kind, int64_t atoms, int64_t dim, uint64_t seed)
{
    double *unit = malloc((size_t)(atoms * dim) * sizeof *unit);
    for (int64_t j = 0; j < atoms; j++) {
        double *row = unit + j * dim, *before = row - dim;
        for (int64_t i = 0; i < dim; i++) {
            row[i] = case_normal(seed, j * dim + i);
            if (kind == CASE_CORRELATED && j) row[i] = 0.9 * before[i] * sqrt((double)dim) + sqrt(1 - 0.81) * row[i];
            if (kind == CASE_NEARLY_PARALLEL && j % 2) row[i] = before[i] * sqrt((double)dim) + 1e-4 * row[i];
            if (kind == CASE_DUPLICATED && j % 2) row[i] = (j % 4 == 1 ? 1 : -1) * before[i];
            if (kind == CASE_RANK_DEFICIENT && i >= dim / 2) row[i] = row[i - dim / 2];
        }
        normalise(row, dim);
    }
    return unit;
}

homotopy_case *case_make(double *unit, int64_t atoms, int64_t dim, int options, uint64_t seed)
{
    homotopy_case *c = calloc(1, sizeof *c);
    c->atoms = atoms;
    c->dim = dim;
    c->unit = unit;
    if (options & WITH_GRAM) {
        c->gram = calloc((size_t)(atoms * atoms), sizeof *c->gram);
        for (int64_t i = 0; i < atoms * atoms; i++)
            for (int64_t k = 0; k < dim; k++) c->gram[i] += unit[i / atoms * dim + k] * unit[i % atoms * dim + k];
    }
    if (options & WEIGHTED) c->weights = malloc((size_t)atoms * sizeof *c->weights);
    if (options & WITH_RIDGE) c->ridge = malloc((size_t)atoms * sizeof *c->ridge);
    for (int64_t j = 0; j < atoms; j++) {
        if (c->weights) c->weights[j] = 0.5 + (double)(j % 3);
        if (c->ridge) c->ridge[j] = 0.02 * (double)(j % 4);
    }
    c->x = malloc((size_t)dim * sizeof *c->x);
    for (int64_t i = 0; i < dim; i++) c->x[i] = case_normal(seed + 1000, i);
    normalise(c->x, dim);
    c->correlation = malloc((size_t)atoms * sizeof *c->correlation);
    c->plan = (atomsi_homotopy_plan){.kernels = linalg_kernels_pick(), .atoms = atoms, .dim = dim, .unit = unit, .gram = c->gram,
                                     .weights = c->weights, .ridge = c->ridge, .nonnegative = (options & NONNEGATIVE) != 0,
                                     .capacity = c->ridge || atoms < dim ? atoms : dim};
    return c;
}

void case_free(homotopy_case *c)
{
    free(c->scratch);
    free(c->correlation);
    free(c->x);
    free(c->ridge);
    free(c->weights);
    free(c->gram);
    free(c->unit);
    free(c);
}

static double product(const homotopy_case *c, int64_t j, const double *v)
{
    double sum = 0;
    for (int64_t i = 0; i < c->dim; i++) sum += c->unit[j * c->dim + i] * v[i];
    return sum;
}

void case_start(homotopy_case *c)
{
    int64_t bytes = atomsi_homotopy_bytes(&c->plan);
    ck_assert_int_gt(bytes, 0);
    free(c->scratch);
    c->scratch = aligned_alloc(64, (size_t)(bytes + 63) / 64 * 64);
    memset(c->scratch, 0xff, (size_t)bytes); /* NaN: nothing may be read that was not written */
    for (int64_t j = 0; j < c->atoms; j++) c->correlation[j] = product(c, j, c->x);
    c->path = atomsi_homotopy_start(&c->plan, c->scratch, c->x, c->correlation);
}

void case_to(homotopy_case *c, double lambda)
{
    atomsi_homotopy_goal goal = {.lambda = lambda, .sigma = -1, .residual = -1};
    atomsi_homotopy_follow(c->path, &goal);
}

void case_code(const homotopy_case *c, double *out)
{
    for (int64_t j = 0; j < c->atoms; j++) out[j] = 0;
    for (int64_t i = 0; i < c->path->count; i++) out[c->path->index[i]] = c->path->value[i];
}

static void residual_of(const homotopy_case *c, const double *code, double *r)
{
    for (int64_t i = 0; i < c->dim; i++) r[i] = c->x[i];
    for (int64_t j = 0; j < c->atoms; j++)
        for (int64_t i = 0; i < c->dim; i++) r[i] -= code[j] * c->unit[j * c->dim + i];
}

double case_kkt(const homotopy_case *c)
{
    double *code = malloc((size_t)c->atoms * sizeof *code), *r = malloc((size_t)c->dim * sizeof *r), worst = 0;
    case_code(c, code);
    residual_of(c, code, r);
    for (int64_t j = 0; j < c->atoms; j++) {
        double q = product(c, j, r) - (c->ridge ? c->ridge[j] * code[j] : 0), bound = c->path->lambda * (c->weights ? c->weights[j] : 1);
        if (code[j] != 0) worst = fmax(worst, fabs(q - (code[j] > 0 ? bound : -bound)));
        else worst = fmax(worst, (c->plan.nonnegative ? q : fabs(q)) - bound);
        if (c->plan.nonnegative) worst = fmax(worst, -code[j]);
    }
    free(code);
    free(r);
    return worst / c->path->lambda_max;
}

double case_objective(const homotopy_case *c, const double *code, double lambda)
{
    double *r = malloc((size_t)c->dim * sizeof *r), value = 0;
    residual_of(c, code, r);
    for (int64_t i = 0; i < c->dim; i++) value += r[i] * r[i] / 2;
    for (int64_t j = 0; j < c->atoms; j++)
        value += lambda * (c->weights ? c->weights[j] : 1) * fabs(code[j]) + (c->ridge ? c->ridge[j] : 0) * code[j] * code[j] / 2;
    free(r);
    return value;
}

double case_residual(const homotopy_case *c)
{
    double *code = malloc((size_t)c->atoms * sizeof *code), *r = malloc((size_t)c->dim * sizeof *r), sum = 0;
    case_code(c, code);
    residual_of(c, code, r);
    for (int64_t i = 0; i < c->dim; i++) sum += r[i] * r[i];
    free(code);
    free(r);
    return sqrt(sum);
}
