#include "known_atoms.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "base/random.h"
#include "near.h"

double normal(uint64_t seed, int64_t i)
{
    return base_random_normal(seed, BASE_STREAM_TEST, (uint64_t)i);
}

double *random_atoms(int64_t atoms, int64_t dim, uint64_t seed)
{
    double *d = malloc((size_t)(atoms * dim) * sizeof *d);
    for (int64_t i = 0; i < atoms * dim; i++) d[i] = normal(seed, i);
    return d;
}

static double character(int64_t i, int64_t j)
{
    return __builtin_parity((unsigned)(i & j)) ? -1 : 1;
}

double *identity_beside_hadamard(int64_t dim)
{
    double *d = calloc((size_t)(2 * dim * dim), sizeof *d);
    for (int64_t i = 0; i < dim; i++) {
        d[i * dim + i] = 1;
        for (int64_t j = 0; j < dim; j++) d[(dim + i) * dim + j] = character(i, j);
    }
    return d;
}

int64_t equiangular_dim(int m)
{
    return ((int64_t)1 << (2 * m - 1)) - ((int64_t)1 << (m - 1));
}

double *equiangular_atoms(int m)
{
    int64_t atoms = (int64_t)1 << 2 * m, dim = equiangular_dim(m), k = 0;
    double *d = malloc((size_t)(atoms * dim) * sizeof *d);
    for (int64_t x = 0; x < atoms; x++) {
        if (!__builtin_parity((unsigned)(x & x >> 1 & 0x55555555))) continue; /* the bent function at x */
        for (int64_t i = 0; i < atoms; i++) d[i * dim + k] = character(i, x);
        k++;
    }
    ck_assert(k == dim);
    return d;
}

double *autoregressive_atoms(int64_t atoms, double rho)
{
    double *d = calloc((size_t)(atoms * atoms), sizeof *d);
    d[0] = 1;
    for (int64_t i = 1; i < atoms; i++) {
        for (int64_t k = 0; k < i; k++) d[i * atoms + k] = rho * d[(i - 1) * atoms + k];
        d[i * atoms + i] = sqrt(1 - rho * rho);
    }
    return d;
}

double *fan_of_atoms(int64_t atoms, const double *cosine)
{
    double *d = calloc((size_t)(atoms * atoms), sizeof *d), *mirror = random_atoms(1, atoms, 17), square = 0;
    d[0] = 1;
    for (int64_t i = 1; i < atoms; i++) d[i * atoms] = cosine[i], d[i * atoms + i] = sqrt(1 - cosine[i] * cosine[i]);
    for (int64_t k = 0; k < atoms; k++) square += mirror[k] * mirror[k];
    for (int64_t i = 0; i < atoms; i++) {
        double along = 0;
        for (int64_t k = 0; k < atoms; k++) along += mirror[k] * d[i * atoms + k];
        for (int64_t k = 0; k < atoms; k++) d[i * atoms + k] -= 2 * along / square * mirror[k];
    }
    free(mirror);
    return d;
}

atoms_metric *metric_from_rows(atoms_context *context, const double *rows, int64_t n, int64_t dim)
{
    atoms_matrix x = atoms_matrix_f64(rows, n, dim);
    atoms_moments *moments;
    atoms_metric *metric;
    ck_assert_ok(atoms_moments_create(context, dim, &moments));
    ck_assert_ok(atoms_moments_add(moments, &x));
    ck_assert_ok(atoms_metric_from_moments(context, moments, NULL, &metric));
    atoms_moments_destroy(moments);
    return metric;
}
