/* The seams to BLAS and LAPACK against plain loops, the kernels of every instruction set against each other, conversions. */
#include <math.h>

#include "base/random.h"
#include "counting_memory.h"
#include "context/context_internal.h"
#include "linalg/cblas_gate.h"
#include "linalg/convert.h"
#include "linalg/finite.h"
#include "linalg/kernels.h"
#include "linalg/lapacke_gate.h"
#include "suite.h"

static double *normal_f64(int64_t n, uint64_t seed)
{
    double *x = malloc((size_t)(n ? n : 1) * sizeof *x);
    for (int64_t i = 0; i < n; i++) x[i] = base_random_normal(seed, BASE_STREAM_TEST, (uint64_t)i);
    return x;
}

static float *normal_f32(int64_t n, uint64_t seed)
{
    float *x = malloc((size_t)(n ? n : 1) * sizeof *x);
    for (int64_t i = 0; i < n; i++) x[i] = (float)base_random_normal(seed, BASE_STREAM_TEST, (uint64_t)i);
    return x;
}

/* _i: both transpositions. */
START_TEST(gemm_is_the_triple_loop)
{
    int op_a = _i & 1, op_b = _i >> 1;
    enum { M = 7, N = 11, K = 13 };
    double *a = normal_f64(M * K, 1), *b = normal_f64(K * N, 2), *c = normal_f64(M * N, 3), *want = malloc(M * N * sizeof *want);
    for (int i = 0; i < M; i++)
        for (int j = 0; j < N; j++) {
            double s = 0;
            for (int p = 0; p < K; p++) s += (op_a ? a[p * M + i] : a[i * K + p]) * (op_b ? b[j * K + p] : b[p * N + j]);
            want[i * N + j] = 2 * s + 0.5 * c[i * N + j];
        }
    linalg_dgemm(op_a, op_b, M, N, K, 2.0, a, op_a ? M : K, b, op_b ? K : N, 0.5, c, N);
    ck_assert_double_lt(relative_difference_f64(c, want, M * N), 1e-14);
    linalg_dgemm(op_a, op_b, M, N, 0, 2.0, a, op_a ? M : K, b, op_b ? K : N, 0.0, c, N);
    for (int i = 0; i < M * N; i++) ck_assert(c[i] == 0);
    free(a); free(b); free(c); free(want);
}
END_TEST

START_TEST(cholesky_and_triangles)
{
    enum { N = 9, K = 40 };
    double *x = normal_f64(K * N, 4), *c = calloc(N * N, sizeof *c), *full = malloc(N * N * sizeof *full), *b = normal_f64(3 * N, 5),
           *was = malloc(3 * N * sizeof *was);
    linalg_dsyrk(N, K, 1.0 / K, x, N, c, N);
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            double s = 0;
            for (int p = 0; p < K; p++) s += x[p * N + i] * x[p * N + j] / K;
            full[i * N + j] = s;
            if (j >= i) ck_assert_near(c[i * N + j], s, 1e-13);
            else ck_assert(c[i * N + j] == 0);
        }
    ck_assert_int_eq(linalg_cholesky(N, c), BASE_OK);
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            double s = 0;
            for (int p = 0; p < N; p++) s += c[i * N + p] * c[j * N + p];
            ck_assert_near(s, full[i * N + j], 1e-12);
            if (j > i) ck_assert(c[i * N + j] == 0);
        }
    memcpy(was, b, 3 * N * sizeof *b);
    linalg_dtrsm(true, LINALG_TRANSPOSED, 3, N, c, N, b, N); /* X Lᵀ = B: rows are L⁻¹ b */
    linalg_dtrmm(true, LINALG_TRANSPOSED, 3, N, c, N, b, N);
    ck_assert_double_lt(relative_difference_f64(b, was, 3 * N), 1e-12);
    full[0] = -1;
    ck_assert_int_eq(linalg_cholesky(N, full), BASE_E_NUMERIC);
    full[5] = INFINITY;
    ck_assert_int_eq(linalg_cholesky(N, full), BASE_E_NOT_FINITE);
    double half[4] = {4, 2, NAN, 3}; /* what lies below the diagonal is not read */
    ck_assert_int_eq(linalg_cholesky(2, half), BASE_OK);
    ck_assert(half[0] == 2 && half[1] == 0 && half[2] == 1);
    free(x); free(c); free(full); free(b); free(was);
}
END_TEST

START_TEST(eigenvectors_are_rows)
{
    enum { N = 12 };
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    double *x = normal_f64(N * N, 6), *a = malloc(N * N * sizeof *a), *v = malloc(N * N * sizeof *v), values[N], only[N];
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) v[i * N + j] = a[i * N + j] = x[i * N + j] + x[j * N + i];
    ck_assert_int_eq(linalg_symmetric_eigen(N, v, values, 1, &context->memory), BASE_OK);
    for (int k = 0; k < N; k++)
        for (int i = 0; i < N; i++) {
            double s = 0;
            for (int j = 0; j < N; j++) s += a[i * N + j] * v[k * N + j];
            ck_assert(near(s, values[k] * v[k * N + i], 1e-12, 10));
        }
    ck_assert_int_eq(linalg_symmetric_eigen(N, a, only, 0, &context->memory), BASE_OK);
    ck_assert_double_lt(relative_difference_f64(only, values, N), 1e-12);
    a[1] = NAN;
    ck_assert_int_eq(linalg_symmetric_eigen(N, a, only, 0, &context->memory), BASE_E_NOT_FINITE);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
    free(x); free(a); free(v);
}
END_TEST

static void check_kernels(const linalg_kernels *k)
{
    for (int64_t n = 0; n < 200; n++)
        for (int shift = 0; shift < 3; shift++) {
            float *x = normal_f32(n + 3, 7), *y = normal_f32(n + 3, 8), *u = normal_f32(n + 3, 9), *v = normal_f32(n + 3, 10);
            double want = 0, magnitude = 1e-30;
            for (int64_t i = 0; i < n; i++) {
                want += (double)x[i + shift] * y[i + shift];
                magnitude += fabs((double)x[i + shift] * y[i + shift]);
            }
            ck_assert_double_le(fabs(k->dot(n, x + shift, y + shift) - want), 1e-6 * magnitude);
            float *y2 = malloc((size_t)(n + 3) * 4), *v2 = malloc((size_t)(n + 3) * 4);
            memcpy(y2, y, (size_t)(n + 3) * 4);
            memcpy(v2, v, (size_t)(n + 3) * 4);
            k->axpy(n, 2.5f, x + shift, y + shift);
            k->axpy(n, -1.5f, u + shift, v + shift);
            for (int64_t i = 0; i < n; i++)
                ck_assert(near(y[i + shift], 2.5 * x[i + shift] + y2[i + shift], 1e-6, 1) && near(v[i + shift], -1.5 * u[i + shift] + v2[i + shift], 1e-6, 1));
            int32_t *index = malloc((size_t)(n + 1) * 4);
            float *value = malloc((size_t)(n + 1) * 4);
            if (n) x[n / 2 + shift] = NAN;
            int64_t found = k->threshold(n, x + shift, u + shift, v2 + shift, 100, index, value), at = 0;
            for (int64_t i = 0; i < n; i++) {
                float pre = x[i + shift] + u[i + shift];
                if (pre <= v2[i + shift]) continue;
                ck_assert(at < found && index[at] == 100 + i && (isnan(pre) ? isnan(value[at]) : value[at] == pre));
                at++;
            }
            ck_assert_int_eq(at, found);
            free(x); free(y); free(u); free(v); free(y2); free(v2); free(index); free(value);
        }
}

/* Sums of squares and those that reach a limit, which is the largest of them, none, or all. */
static void check_squares(const linalg_kernels *k)
{
    for (int64_t n = 0; n < 200; n++) {
        float *x = normal_f32(n + 1, 11), *sum = normal_f32(n + 1, 12), *out = malloc((size_t)(n + 1) * 4);
        int32_t *index = malloc((size_t)(n + 1) * 4);
        const float limits[] = {-INFINITY, -0.5f, 1.5f, 4, INFINITY};
        for (int l = 0; l < 5; l++) {
            int64_t found = k->add_squares(n, x, sum, out, limits[l], index), at = 0;
            for (int64_t i = 0; i < n; i++) {
                ck_assert(near(out[i], (double)sum[i] + (double)x[i] * x[i], 1e-6, 1));
                if (out[i] >= limits[l]) ck_assert(at < found && index[at++] == i);
            }
            ck_assert_int_eq(at, found);
        }
        free(x); free(sum); free(out); free(index);
    }
}

/* The search for the largest and for those beyond a level, signed or not, with too little room. A NaN is neither. */
static void check_search(const linalg_kernels *k, int64_t n, const float *q, const float *level, int32_t *index)
{
    for (int one_sided = 0; one_sided <= 1; one_sided++)
        for (int64_t room = 1; room <= n; room += n / 3 + 1) {
            float most = 0;
            int64_t found = k->beyond(n, q, level, 1.25f, one_sided, room, index), at = 0;
            for (int64_t i = 0; i < n; i++) {
                float size = one_sided ? q[i] : fabsf(q[i]);
                most = fmaxf(most, size * level[i]);
                if (size > 1.25f * level[i] && at < room) ck_assert(at < found && index[at++] == i);
            }
            ck_assert_int_eq(at, found);
            ck_assert(k->largest(n, q, level, one_sided) == most);
        }
}

/* The searches, and a sweep of descent against f64. */
static void check_descent(const linalg_kernels *k)
{
    for (int64_t n = 1; n < 150; n++) {
        float *q = normal_f32(n, 31), *level = normal_f32(n, 32), *z = calloc((size_t)n, 4), *gram = normal_f32(n * n, 33);
        float *shrink = malloc((size_t)n * 4), *before = malloc((size_t)n * 4), moved;
        int32_t *index = malloc((size_t)n * 4), *all = malloc((size_t)n * 4);
        ck_assert(z && shrink && before && index && all);
        for (int64_t i = 0; i < n; i++) level[i] = .1f + fabsf(level[i]), all[i] = (int32_t)i, shrink[i] = .75f, gram[i * n + i] = 1;
        check_search(k, n, q, level, index);
        float kept = q[n / 3];
        q[n / 3] = NAN;
        check_search(k, n, q, level, index);
        q[n / 3] = kept;
        linalg_descent d = {.n = n, .gram = gram, .stride = n, .weight = level, .shrink = shrink, .level = .5f, .q = q, .z = z};
        memcpy(before, q, (size_t)n * 4);
        int64_t changed = k->descend(&d, 1, all + n / 2, &moved), j = n / 2;
        double size = fabs((double)before[j]) - .5 * (double)level[j];
        ck_assert(near(z[j], size > 0 ? copysign(.75 * size, before[j]) : 0, 1e-6, 1));
        ck_assert(changed == (size > 0) && moved == fabsf(z[j]));
        for (int64_t i = 0; i < n; i++) ck_assert(near(q[i], (double)before[i] - (double)z[j] * (double)gram[j * n + i], 1e-5, 1));
        free(q); free(level); free(z); free(gram); free(shrink); free(before); free(index); free(all);
    }
}

/* Many rows at once: dot products against f64, sums bit for bit those of one row after the other. */
/* Sums of products that are exact in f64; and what f32 sums would lose: 2³⁰ + 1 − 2³⁰. */
static void check_dot_wide(const linalg_kernels *k)
{
    for (int64_t n = 0; n < 100; n++) {
        float *x = malloc(104 * sizeof *x), *y = malloc(104 * sizeof *y);
        double sum = 0;
        for (int64_t i = 0; i < n; i++) {
            x[i + 3] = (float)(i * i % 31 - 15) * (i % 7 ? 1 : 32768);
            y[i + 1] = (float)(i * 5 % 13 - 6) * (i % 5 ? 1 : 32768);
            sum += (double)x[i + 3] * (double)y[i + 1];
        }
        ck_assert(k->dot_wide(n, x + 3, y + 1) == sum);
        free(x);
        free(y);
    }
}

static void check_many_rows(const linalg_kernels *k)
{
    enum { ROWS = 11, LONGEST = 70, STRIDE = 80 };
    float *store = normal_f32(ROWS * STRIDE, 21), *y = normal_f32(LONGEST, 22), *a = normal_f32(ROWS, 23), one[LONGEST], all[LONGEST], out[ROWS];
    const float *x[ROWS], *next[2 * ROWS];
    for (int r = 0; r < ROWS; r++) next[2 * r] = next[2 * r + 1] = x[r] = store + (r * 7 % ROWS) * STRIDE + r % 3;
    for (int64_t n = 0; n <= LONGEST; n++)
        for (int64_t rows = 0; rows <= ROWS; rows++) {
            memcpy(one, y, sizeof one);
            memcpy(all, y, sizeof all);
            for (int64_t r = 0; r < rows; r++) k->axpy(n, a[r], x[r], one);
            k->axpys(n, rows, a, x, all);
            ck_assert(memcmp(one, all, sizeof one) == 0);
            k->dots(n, rows, x, y, out, next);
            for (int64_t r = 0; r < rows; r++) {
                double want = 0, magnitude = 1e-30;
                for (int64_t i = 0; i < n; i++) {
                    want += (double)x[r][i] * y[i];
                    magnitude += fabs((double)x[r][i] * y[i]);
                }
                ck_assert_double_le(fabs(out[r] - want), 1e-6 * magnitude);
            }
        }
    free(store); free(y); free(a);
}

/* Three steps against f64; every length, so that no tail is left out. */
static void check_adam(const linalg_kernels *k)
{
    for (int64_t n = 0; n < 70; n++) {
        float *m = normal_f32(n, 11), *v = calloc((size_t)n + 1, sizeof *v), *p = normal_f32(n, 12);
        double *m2 = normal_f64(n, 11), *v2 = calloc((size_t)n + 1, sizeof *v2), *p2 = normal_f64(n, 12);
        const linalg_adam step = {.beta1 = 0.75f, .rest1 = 0.25f, .beta2 = 0.875f, .rest2 = 0.125f, .rate = 0.5f, .correction = 2, .epsilon = 0.25f}; /* exact in f32 */
        for (uint64_t s = 0; s < 3; s++) {
            float *g = normal_f32(n, 13 + s);
            k->adam(n, g, m, v, p, &step);
            for (int64_t i = 0; i < n; i++) {
                m2[i] = 0.75 * m2[i] + 0.25 * g[i];
                v2[i] = 0.875 * v2[i] + 0.125 * g[i] * g[i];
                p2[i] -= 0.5 * m2[i] / (sqrt(v2[i]) * 2 + 0.25);
                ck_assert(near(m[i], m2[i], 1e-6, 1) && near(v[i], v2[i], 1e-6, 1) && near(p[i], p2[i], 1e-5, 1));
            }
            free(g);
        }
        free(m); free(v); free(p); free(m2); free(v2); free(p2);
    }
}

START_TEST(kernels_of_every_instruction_set)
{
    const linalg_kernels *sets[3] = {&linalg_kernels_portable, linalg_kernels_pick(), NULL};
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) sets[2] = &linalg_kernels_avx2;
#endif
    for (int i = 0; i < 3; i++)
        if (sets[i]) {
            check_kernels(sets[i]);
            check_dot_wide(sets[i]);
            check_adam(sets[i]);
            check_squares(sets[i]);
            check_descent(sets[i]);
            check_many_rows(sets[i]);
        }
}
END_TEST

START_TEST(every_half_survives_the_round_trip)
{
    int64_t checked = 0;
    for (uint32_t h = 0; h < 65536; h++) {
        uint16_t in = (uint16_t)h, out;
        float single;
        double wide;
        linalg_to_f32(LINALG_F16, &in, 1, &single);
        linalg_to_f64(LINALG_F16, &in, 1, &wide);
        if ((h & 0x7C00) == 0x7C00 && (h & 0x3FF)) {
            ck_assert(isnan(single));
        } else {
            double e = (h >> 10) & 31, m = h & 1023, sign = h & 0x8000 ? -1 : 1;
            double want = e == 31 ? sign * INFINITY : e ? sign * ldexp(1 + m / 1024, (int)e - 15) : sign * ldexp(m / 1024, -14);
            ck_assert(single == want && wide == want);
            linalg_f32_to_f16(&single, 1, &out);
            ck_assert_uint_eq(out, in);
            checked++;
        }
        linalg_to_f32(LINALG_BF16, &in, 1, &single);
        linalg_f32_to_bf16(&single, 1, &out);
        if (!isnan(single)) ck_assert_uint_eq(out, in);
        else ck_assert((out & 0x7F80) == 0x7F80 && (out & 0x7F));
    }
    ck_assert_int_eq(checked, 65536 - 2 * 1023);
    /* Ties go to even; between neighbours the nearer wins. */
    static const struct { float in; uint16_t out; } rounds[] = {{1.0f + 0x1p-11f, 0x3C00}, {1.0f + 3 * 0x1p-11f, 0x3C02}, {1.0f + 0x1.2p-11f, 0x3C01},
        {65519.0f, 0x7BFF}, {65520.0f, 0x7C00}, {0x1p-25f, 0}, {0x1.8p-25f, 1}, {0x1p-24f, 1}, {0x1.8p-24f, 2}};
    for (size_t i = 0; i < sizeof rounds / sizeof *rounds; i++) {
        uint16_t out;
        linalg_f32_to_f16(&rounds[i].in, 1, &out);
        ck_assert_uint_eq(out, rounds[i].out);
    }
}
END_TEST

START_TEST(scans_find_the_first)
{
    enum { N = 3000 };
    float *x = normal_f32(N, 1);
    double *y = normal_f64(N, 1);
    ck_assert_int_eq(linalg_first_not_finite_f32(x, N), -1);
    ck_assert_int_eq(linalg_first_not_finite_f64(y, N), -1);
    ck_assert_int_eq(linalg_first_not_finite_f64(y, 0), -1);
    for (int i = N - 1; i >= 0; i -= 7) {
        x[i] = i % 2 ? NAN : -INFINITY;
        y[i] = i % 2 ? INFINITY : NAN;
        ck_assert_int_eq(linalg_first_not_finite_f32(x, N), i);
        ck_assert_int_eq(linalg_first_not_finite_f64(y, N), i);
    }
    free(x);
    free(y);
}
END_TEST

static void add_cases(Suite *suite)
{
    add_loop(suite, "gemm", gemm_is_the_triple_loop, 4);
    add_case(suite, "cholesky", cholesky_and_triangles);
    add_case(suite, "eigen", eigenvectors_are_rows);
    add_case(suite, "kernels", kernels_of_every_instruction_set);
    add_case(suite, "halves", every_half_survives_the_round_trip);
    add_case(suite, "finite", scans_find_the_first);
}

SUITE_MAIN("linalg", add_cases)
