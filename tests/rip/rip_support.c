#include "rip_support.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "near.h"

double *normal_rows(uint64_t seed, int64_t rows, int64_t cols)
{
    double *d = malloc((size_t)(rows * cols) * sizeof *d);
    for (int64_t i = 0; i < rows * cols; i++) d[i] = base_random_normal(seed, BASE_STREAM_TEST, (uint64_t)i);
    return d;
}

double *byte_sum_rows(int64_t rows, int64_t cols)
{
    double *d = malloc((size_t)(rows * cols) * sizeof *d);
    uint64_t state = 20784;
    for (int64_t i = 0; i < rows * cols; i++) {
        uint64_t z = state += 0x9E3779B97F4A7C15u;
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
        z = (z ^ z >> 27) * 0x94D049BB133111EBu;
        z ^= z >> 31;
        int sum = -1020;
        for (int b = 0; b < 64; b += 8) sum += (int)(z >> b & 255);
        d[i] = sum;
    }
    return d;
}

double *identity_and_hadamard(int64_t m)
{
    double *d = calloc((size_t)(2 * m * m), sizeof *d);
    for (int64_t i = 0; i < m; i++) {
        d[i * m + i] = 1;
        for (int64_t j = 0; j < m; j++) d[(m + i) * m + j] = __builtin_parity((unsigned)(i & j)) ? -1 : 1;
    }
    return d;
}

atoms_dictionary *dictionary_from(atoms_context *context, const double *rows, int64_t atoms, int64_t dim)
{
    atoms_dictionary *dictionary;
    atoms_matrix m = atoms_matrix_f64(rows, atoms, dim);
    ck_assert_ok(atoms_dictionary_create(context, &m, NULL, &dictionary));
    return dictionary;
}

enum { MOST = 16 };

/* Whether t·I − a has only positive pivots, that is, whether every eigenvalue of a is below t. */
static int all_below(int64_t n, const double *a, double t)
{
    double m[MOST * MOST];
    for (int64_t i = 0; i < n * n; i++) m[i] = (i % (n + 1) == 0 ? t : 0) - a[i];
    for (int64_t p = 0; p < n; p++) {
        if (!(m[p * n + p] > 0)) return 0;
        for (int64_t i = p + 1; i < n; i++)
            for (int64_t j = p + 1; j < n; j++) m[i * n + j] -= m[i * n + p] * m[p * n + j] / m[p * n + p];
    }
    return 1;
}

static double largest_eigenvalue(int64_t n, const double *a)
{
    double low = -(double)n, high = (double)n + 1;
    for (int i = 0; i < 60; i++) {
        double t = (low + high) / 2;
        if (all_below(n, a, t)) high = t;
        else low = t;
    }
    return high;
}

static double cosine(const double *x, const double *y, int64_t n)
{
    double xy = 0, xx = 0, yy = 0;
    for (int64_t i = 0; i < n; i++) xy += x[i] * y[i], xx += x[i] * x[i], yy += y[i] * y[i];
    return xy / sqrt(xx * yy);
}

extremes extremes_of(const double *rows, int64_t dim, const int32_t *support, int64_t order)
{
    double a[MOST * MOST], b[MOST * MOST];
    ck_assert_int_le(order, MOST);
    for (int64_t i = 0; i < order; i++)
        for (int64_t j = 0; j < order; j++) {
            a[i * order + j] = i == j ? 0 : cosine(rows + support[i] * dim, rows + support[j] * dim, dim);
            b[i * order + j] = -a[i * order + j];
        }
    return (extremes){largest_eigenvalue(order, a), largest_eigenvalue(order, b)};
}

extremes brute_force(const double *rows, int64_t atoms, int64_t dim, int64_t order)
{
    int32_t t[MOST];
    extremes most = {0, 0};
    for (int32_t i = 0; i < order; i++) t[i] = i;
    for (;;) {
        extremes e = extremes_of(rows, dim, t, order);
        most.plus = fmax(most.plus, e.plus);
        most.minus = fmax(most.minus, e.minus);
        int64_t at = order - 1; /* the next support in order */
        while (at >= 0 && t[at] == atoms - order + at) at--;
        if (at < 0) return most;
        t[at]++;
        for (int64_t k = at + 1; k < order; k++) t[k] = t[k - 1] + 1;
    }
}

atoms_rip_opts rip_options(void)
{
    atoms_rip_opts o;
    ck_assert_ok(atoms_rip_opts_init(&o, sizeof o));
    o.seconds = 0;
    return o;
}

atoms_rip_report estimate(const atoms_dictionary *dictionary, int64_t order, const atoms_rip_opts *opts)
{
    atoms_rip_opts no_limit = rip_options();
    atoms_rip_report r;
    ck_assert_ok(atoms_rip_report_init(&r, sizeof r));
    ck_assert_ok(atoms_rip_estimate(dictionary, order, opts ? opts : &no_limit, &r));
    return r;
}

void check_interval(const atoms_rip_report *r, extremes truth, const double *d, int64_t dim)
{
    const double blur = 1e-13;
    double most = fmax(truth.plus, truth.minus);
    ck_assert_msg(r->plus_lower <= truth.plus + blur && truth.plus <= r->plus_upper + blur, "plus: %.15f in [%.15f, %.15f]", truth.plus, r->plus_lower,
                  r->plus_upper);
    ck_assert_msg(r->minus_lower <= truth.minus + blur && truth.minus <= r->minus_upper + blur, "minus: %.15f in [%.15f, %.15f]", truth.minus,
                  r->minus_lower, r->minus_upper);
    ck_assert(r->lower <= most + blur && most <= r->upper + blur);
    extremes plus = extremes_of(d, dim, r->plus_witness, r->order), minus = extremes_of(d, dim, r->minus_witness, r->order);
    ck_assert(plus.plus >= r->plus_lower && minus.minus >= r->minus_lower);
    ck_assert(plus.plus <= r->plus_lower + 1e-9 && minus.minus <= r->minus_lower + 1e-9);
    double ratio = (truth.plus + truth.minus) / (2 + truth.plus - truth.minus);
    ck_assert(0 <= r->ratio_lower && r->ratio_lower <= ratio + blur && ratio <= r->ratio_upper + blur && r->ratio_upper <= 1);
    if (r->exact) ck_assert(r->upper - r->lower <= 1e-9);
    const double bounds[] = {r->coherence, r->babel, r->cassini, r->ladder, r->soft, r->semidefinite};
    for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++)
        if (r->order > 1 && !isnan(bounds[i])) ck_assert(most <= bounds[i] + blur);
}
