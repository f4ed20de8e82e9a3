/* Null-space constants (Juditsky and Nemirovski, arXiv 0809.2650). Where Σ_j x_j d_j = 0, every y gives x_i = Σ_j w_j x_j with w = e_i − Dᵀy, so
 * |x_i| ≤ ‖w‖_∞ ‖x‖₁; and α_K is at most the sum of the K largest of these. Any y certifies, y = d_i/(1 + μ_i) gives
 * μ_i/(1 + μ_i), and min ‖w‖_∞ is a linear program an atom. They are solved together by the alternating direction method (Boyd et al., 2011):
 * w is projected onto e_i + range Dᵀ, two thin products for a block of atoms, and its largest entries are shrunk, the proximal map of ‖·‖_∞.
 * Iterations run in f32; y is then read off, and w, its maximum and its rounding are computed again from y in f64: that is the proof. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "../../base/clock.h"
#include "../../linalg/cblas_gate.h"
#include "../../linalg/lapacke_gate.h"
#include "rip_internal.h"

enum { BLOCK = 128, LANES = 16, ITERATIONS_MAX = 100000 };

static const float relaxation = 1.7f, shrinkage = 3; /* measured on Gaussian dictionaries: a percent from the optimum after 100 */
static const double ridge = 1e-10;                   /* so that fewer atoms than coordinates do no harm; the proof does not know of it */

static const atoms_null_space_opts default_opts = {.struct_size = sizeof(atoms_null_space_opts), .iterations = 100, .seconds = 60};
static const atoms_null_space_report empty_report = {.struct_size = sizeof(atoms_null_space_report)};

atoms_status atoms_null_space_opts_init(atoms_null_space_opts *opts, size_t size)
{
    return atomsi_struct_init(opts, size, &default_opts, sizeof default_opts);
}

atoms_status atoms_null_space_report_init(atoms_null_space_report *report, size_t size)
{
    return atomsi_struct_init(report, size, &empty_report, sizeof empty_report);
}

typedef struct null_space {
    const atoms_dictionary *dictionary;
    int32_t iterations;
    double started, seconds;
    double *factor;          /* L, D Dᵀ + ridge = L Lᵀ, dim × dim */
    float *basis;            /* D's rows times L⁻ᵀ, atoms × dim: orthonormal columns that span range Dᵀ */
    float *w, *u, *v, *t;    /* of each worker: BLOCK × atoms, the last BLOCK × dim */
    double *proof, *y;       /* BLOCK × atoms, BLOCK × dim */
    double *alpha;           /* of each atom */
    int32_t *done;           /* iterations of each block */
} null_space;

/* v = w − u projected, less e_i; t: its coefficients. */
static void project(const null_space *s, int64_t first, int64_t rows, const float *w, const float *u, float *v, float *t)
{
    int64_t n = s->dictionary->atoms, dim = s->dictionary->dim;
    for (int64_t k = 0; k < rows * n; k++) v[k] = w[k] - u[k];
    for (int64_t i = 0; i < rows; i++) v[i * n + first + i] -= 1;
    linalg_sgemm(LINALG_PLAIN, LINALG_PLAIN, rows, dim, n, 1, v, n, s->basis, dim, 0, t, dim);
    linalg_sgemm(LINALG_PLAIN, LINALG_TRANSPOSED, rows, n, dim, 1, t, dim, s->basis, dim, 0, v, n);
}

/* Sum and number of the magnitudes above the level. */
static float sum_above(const float *x, int64_t n, float level, float *count)
{
    float sums[LANES] = {0}, counts[LANES] = {0}, sum = 0;
    int64_t j = 0;
    for (; j + LANES <= n; j += LANES)
        for (int64_t l = 0; l < LANES; l++) {
            float a = fabsf(x[j + l]);
            sums[l] += a > level ? a : 0;
            counts[l] += a > level ? 1 : 0;
        }
    for (; j < n; j++) {
        float a = fabsf(x[j]);
        sums[0] += a > level ? a : 0;
        counts[0] += a > level ? 1 : 0;
    }
    *count = 0;
    for (int64_t l = 0; l < LANES; l++) sum += sums[l], *count += counts[l];
    return sum;
}

/* The level at which clipping x takes away `shrinkage` in all, 0 where there is no more than that: Newton's method on a convex falling function,
 * which passes to the left of the root in its first step from anywhere and climbs to it from there. `last` is a good start. */
static float clip_level(const float *x, int64_t n, float last)
{
    float level = last;
    for (int i = 0; i < 50; i++) {
        float count, sum = sum_above(x, n, level, &count), next = count > 0 ? (sum - shrinkage) / count : 0;
        if (!(next > 0)) next = 0;
        if (i > 0 && !(next > level)) break;
        level = next;
    }
    return level;
}

static void improve(const null_space *s, int64_t first, int64_t rows, float *w, float *u, float *v, float *t, float *levels)
{
    int64_t n = s->dictionary->atoms;
    project(s, first, rows, w, u, v, t);
    for (int64_t i = 0; i < rows; i++) {
        float *wi = w + i * n, *ui = u + i * n, *vi = v + i * n;
        vi[first + i] += 1;
        for (int64_t j = 0; j < n; j++) vi[j] = relaxation * vi[j] + (1 - relaxation) * wi[j] + ui[j];
        float level = levels[i] = clip_level(vi, n, levels[i]);
        for (int64_t j = 0; j < n; j++) {
            wi[j] = vi[j] > level ? level : vi[j] < -level ? -level : vi[j];
            ui[j] = vi[j] - wi[j];
        }
    }
}

/* w = e_i − Dᵀy in f64 with −y = t L⁻¹, and what is proved by it. A product of f64 is off by dim + 2 roundings of ‖y‖. */
static void prove(const null_space *s, int64_t first, int64_t rows, const float *t, double *y, double *proof)
{
    const atoms_dictionary *d = s->dictionary;
    int64_t n = d->atoms, dim = d->dim;
    for (int64_t k = 0; k < rows * dim; k++) y[k] = (double)t[k];
    linalg_dtrsm(true, LINALG_PLAIN, rows, dim, s->factor, dim, y, dim);
    linalg_dgemm(LINALG_PLAIN, LINALG_TRANSPOSED, rows, n, dim, 1, y, dim, d->unit, dim, 0, proof, n);
    for (int64_t i = 0; i < rows; i++) {
        double most = 0, squares = 0;
        proof[i * n + first + i] += 1;
        for (int64_t j = 0; j < n; j++) most = fmax(most, fabs(proof[i * n + j]));
        for (int64_t j = 0; j < dim; j++) squares += y[i * dim + j] * y[i * dim + j];
        double certified = most + (double)(dim + 4) * DBL_EPSILON * (1 + sqrt(squares));
        if (certified < s->alpha[first + i]) s->alpha[first + i] = certified;
    }
}

/* Where y = d_i/(1 + μ_i) starts the iteration, and what it proves. */
static void start(const null_space *s, int64_t first, int64_t rows, double *gram, float *w)
{
    const atoms_dictionary *d = s->dictionary;
    int64_t n = d->atoms, dim = d->dim;
    linalg_dgemm(LINALG_PLAIN, LINALG_TRANSPOSED, rows, n, dim, 1, d->unit + first * dim, dim, d->unit, dim, 0, gram, n);
    for (int64_t i = 0; i < rows; i++) {
        double *row = gram + i * n, mu = 0;
        row[first + i] = 1;
        for (int64_t j = 0; j < n; j++)
            if (j != first + i) mu = fmax(mu, fabs(row[j]));
        for (int64_t j = 0; j < n; j++) w[i * n + j] = (float)((double)(j == first + i) - row[j] / (1 + mu));
        s->alpha[first + i] = mu / (1 + mu) + (double)(dim + 4) * DBL_EPSILON;
    }
}

static void solve_block(void *arg, int64_t index, int32_t worker)
{
    const null_space *s = arg;
    int64_t n = s->dictionary->atoms, dim = s->dictionary->dim, first = index * BLOCK, rows = base_min_i64(BLOCK, n - first);
    float *w = s->w + worker * BLOCK * n, *u = s->u + worker * BLOCK * n, *v = s->v + worker * BLOCK * n, *t = s->t + worker * BLOCK * dim;
    double *proof = s->proof + worker * BLOCK * n, *y = s->y + worker * BLOCK * dim;
    float levels[BLOCK] = {0};
    double share = (double)(index + 1) / (double)base_blocks(n, BLOCK);
    start(s, first, rows, proof, w);
    memset(u, 0, (size_t)(rows * n) * sizeof *u);
    int32_t done = 0;
    for (; done < s->iterations; done++) {
        if (s->seconds > 0 && base_clock_seconds() - s->started > share * s->seconds) break;
        improve(s, first, rows, w, u, v, t, levels);
    }
    s->done[index] = done;
    project(s, first, rows, w, u, v, t);
    prove(s, first, rows, t, y, proof);
}

static atoms_status make_basis(null_space *s)
{
    const atoms_dictionary *d = s->dictionary;
    int64_t n = d->atoms, dim = d->dim;
    double *rows = atomsi_alloc(d->context, n * dim, sizeof(double));
    s->factor = atomsi_alloc_zero(d->context, dim * dim, sizeof(double));
    s->basis = atomsi_alloc(d->context, n * dim, sizeof(float));
    atoms_status status = rows && s->factor && s->basis ? ATOMS_OK : ATOMS_E_MEMORY;
    if (!status) {
        linalg_dsyrk(dim, n, 1, d->unit, dim, s->factor, dim);
        for (int64_t j = 0; j < dim; j++) s->factor[j * dim + j] += ridge * (double)n;
        base_outcome outcome = linalg_cholesky(dim, s->factor);
        if (outcome) status = atomsi_fail_outcome(d->context, outcome, "Cholesky factor of the atoms' second moments");
    }
    if (!status) {
        memcpy(rows, d->unit, (size_t)(n * dim) * sizeof *rows);
        linalg_dtrsm(true, LINALG_TRANSPOSED, n, dim, s->factor, dim, rows, dim);
        for (int64_t k = 0; k < n * dim; k++) s->basis[k] = (float)rows[k];
    }
    atomsi_free(d->context, rows);
    return status;
}

static atoms_status make_work(null_space *s)
{
    atoms_context *context = s->dictionary->context;
    int64_t wide, narrow, workers = atoms_context_threads(context);
    if (!base_mul_i64(workers * BLOCK, s->dictionary->atoms, &wide) || !base_mul_i64(workers * BLOCK, s->dictionary->dim, &narrow))
        return atomsi_fail(context, ATOMS_E_OVERFLOW, "the dictionary is too large");
    s->w = atomsi_alloc(context, wide, sizeof(float));
    s->u = atomsi_alloc(context, wide, sizeof(float));
    s->v = atomsi_alloc(context, wide, sizeof(float));
    s->t = atomsi_alloc(context, narrow, sizeof(float));
    s->proof = atomsi_alloc(context, wide, sizeof(double));
    s->y = atomsi_alloc(context, narrow, sizeof(double));
    s->alpha = atomsi_alloc(context, s->dictionary->atoms, sizeof(double));
    s->done = atomsi_alloc(context, base_blocks(s->dictionary->atoms, BLOCK), sizeof *s->done);
    return s->w && s->u && s->v && s->t && s->proof && s->y && s->alpha && s->done ? ATOMS_OK : ATOMS_E_MEMORY;
}

static void free_all(null_space *s)
{
    atoms_context *context = s->dictionary->context;
    void *blocks[] = {s->factor, s->basis, s->w, s->u, s->v, s->t, s->proof, s->y, s->alpha, s->done};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) atomsi_free(context, blocks[i]);
}

/* α_K ≤ the sum of the K largest. */
static void fill_report(const null_space *s, atoms_null_space_report *r)
{
    int64_t n = s->dictionary->atoms, most = base_min_i64(n, ATOMS_RIP_ORDER_MAX);
    double top[ATOMS_RIP_ORDER_MAX] = {0}, sum = 0;
    *r = empty_report;
    r->atoms = n;
    r->iterations = s->iterations;
    for (int64_t b = 0; b < base_blocks(n, BLOCK); b++)
        if (s->done[b] < r->iterations) r->iterations = s->done[b];
    for (int64_t i = 0; i < n; i++) {
        int64_t k = most;
        for (; k > 0 && top[k - 1] < s->alpha[i]; k--)
            if (k < most) top[k] = top[k - 1];
        if (k < most) top[k] = s->alpha[i];
    }
    for (int64_t k = 0; k < ATOMS_RIP_ORDER_MAX; k++) {
        if (k < most) sum += top[k] * (1 + DBL_EPSILON * (double)(k + 1));
        r->alpha[k] = fmin(sum, 1);
        if (k < most && sum < 0.5) r->recovers = k + 1;
    }
}

static atoms_status check_options(atoms_context *context, const atoms_null_space_opts *o)
{
    if (o->iterations < 0 || o->iterations > ITERATIONS_MAX)
        return atomsi_fail(context, ATOMS_E_ARGUMENT, "opts: iterations is %d, it must be 0 to %d", (int)o->iterations, ITERATIONS_MAX);
    if (!(o->seconds >= 0) || isinf(o->seconds)) return atomsi_fail(context, ATOMS_E_ARGUMENT, "opts: seconds must be finite and not negative");
    return ATOMS_OK;
}

atoms_status atoms_rip_null_space(const atoms_dictionary *dictionary, const atoms_null_space_opts *opts, atoms_null_space_report *report)
{
    if (!dictionary || !report) return atomsi_fail(dictionary ? dictionary->context : NULL, ATOMS_E_ARGUMENT, "dictionary or report is NULL");
    atoms_context *context = dictionary->context;
    atoms_null_space_opts o;
    atoms_status status = atomsi_read_options(context, &o, sizeof o, &default_opts, opts, "atoms_null_space_opts");
    if (!status) status = check_options(context, &o);
    if (status) return status;
    null_space s = {.dictionary = dictionary, .iterations = o.iterations, .seconds = o.seconds, .started = base_clock_seconds()};
    status = make_basis(&s);
    if (!status) status = make_work(&s);
    if (!status) status = atomsi_parallel_for_progress(context, "atom blocks", base_blocks(dictionary->atoms, BLOCK), solve_block, &s);
    atoms_null_space_report r;
    if (!status) {
        fill_report(&s, &r);
        status = atomsi_write_report(context, report, &r, sizeof r, "atoms_null_space_report");
    }
    free_all(&s);
    return status;
}
