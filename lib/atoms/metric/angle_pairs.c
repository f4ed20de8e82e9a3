/* Angles of pairs of rows. Rows are whitened (so that Euclidean products are the metric's) and scaled to unit length; all pairs then are
 * tiles of a Gram matrix (dgemm), drawn pairs are single products.
 *
 * Whitening a row costs far more than a product, so drawn pairs too take rows that were whitened once, wherever those fit into
 * RESIDENT_MAX numbers and are not more than the pairs touch; else each block of pairs gathers its own rows, which works for any file.
 * The choice depends on the sizes alone. Near 0° and 180° the arc cosine loses half the digits, so there the chord is measured. */
#include <math.h>

#include "../../base/random.h"
#include "../../linalg/cblas_gate.h"
#include "angles_internal.h"

enum { RESIDENT_MAX = 1 << 25, SIDE = 128, PAIRS_A_TASK = 1024, PAIRS_GATHERED = 512 };

static const double degrees = 57.295779513082320877; /* 180/π */

/* Angle of unit vectors u and v whose product is c. */
static double angle_of(double c, int64_t n, const double *u, const double *v)
{
    if (fabs(c) < 0.9999) return degrees * acos(c);
    double square = 0, sign = c > 0 ? 1 : -1;
    for (int64_t i = 0; i < n; i++) {
        double d = u[i] - sign * v[i];
        square += d * d;
    }
    double small = 2 * degrees * asin(fmin(1, sqrt(square) / 2));
    return c > 0 ? small : 180 - small;
}

/* Rows under preparation: numbers tells which they are (NULL: 0, 1, …). */
typedef struct unit_rows {
    int64_t count, width;
    const int64_t *numbers;
    double *x;     /* count × width */
    double *norms; /* count */
} unit_rows;

enum { ROWS_A_TASK = 64 };

static void normalise(void *arg, int64_t index, int32_t worker)
{
    (void)worker;
    const unit_rows *u = arg;
    int64_t end = base_min_i64((index + 1) * ROWS_A_TASK, u->count);
    for (int64_t r = index * ROWS_A_TASK; r < end; r++) {
        double *x = u->x + r * u->width, norm = u->norms[r] = sqrt(linalg_ddot(u->width, x, x));
        if (norm > 0)
            for (int64_t c = 0; c < u->width; c++) x[c] /= norm;
    }
}

static atoms_status prepare(const angles_job *job, unit_rows *u)
{
    atoms_matrix m = atoms_matrix_f64(u->x, u->count, u->width);
    atoms_status status = u->numbers ? atoms_rows_gather(job->rows, u->numbers, &m) : atoms_rows_read(job->rows, 0, &m);
    if (!status && job->metric) status = atoms_metric_whiten(job->metric, ATOMS_WHITEN_CHOLESKY, &m, &m);
    if (status) return status;
    atomsi_parallel_for(job->context, base_blocks(u->count, ROWS_A_TASK), normalise, u);
    for (int64_t r = 0; r < u->count; r++) {
        long long number = u->numbers ? u->numbers[r] : r;
        if (u->norms[r] == 0) return atomsi_fail(job->context, ATOMS_E_ARGUMENT, "rows: row %lld is all zeros, which has no angle", number);
        if (!isfinite(u->norms[r]))
            return atomsi_fail(job->context, ATOMS_E_OVERFLOW, "rows: row %lld is too long: the sum of its squares overflows", number);
    }
    return ATOMS_OK;
}

static atoms_status allocate(const angles_job *job, int64_t count, unit_rows *u)
{
    int64_t numbers;
    *u = (unit_rows){.count = count, .width = job->width};
    if (job->width == INT64_MAX || !base_mul_i64(count, job->width + 1, &numbers))
        return atomsi_fail(job->context, ATOMS_E_OVERFLOW, "rows: %lld rows of %lld columns are too many to hold", (long long)count,
                           (long long)job->width);
    u->x = atomsi_alloc(job->context, numbers, sizeof(double));
    if (!u->x) return ATOMS_E_MEMORY;
    u->norms = u->x + count * job->width;
    return ATOMS_OK;
}

/* All pairs. */

typedef struct all_task {
    const unit_rows *u;
    double *values;
    int64_t tiles;
    double *products; /* SIDE × SIDE a worker */
} all_task;

static void angle_tile(void *arg, int64_t index, int32_t worker)
{
    const all_task *t = arg;
    int64_t n = t->u->count, width = t->u->width, row = 0;
    while (index >= t->tiles - row) index -= t->tiles - row++;
    int64_t top = row * SIDE, left = (row + index) * SIDE, height = base_min_i64(SIDE, n - top), across = base_min_i64(SIDE, n - left);
    double *products = t->products + (int64_t)worker * SIDE * SIDE;
    const double *x = t->u->x;
    linalg_dgemm(LINALG_PLAIN, LINALG_TRANSPOSED, height, across, width, 1, x + top * width, width, x + left * width, width, 0, products, SIDE);
    for (int64_t r = 0; r < height; r++) {
        int64_t i = top + r, before = i * (2 * n - i - 1) / 2 - i - 1; /* value of (i, j) is number before + j */
        for (int64_t c = top == left ? r + 1 : 0; c < across; c++)
            t->values[before + left + c] = angle_of(products[r * SIDE + c], width, x + i * width, x + (left + c) * width);
    }
}

atoms_status atomsi_angles_all(const angles_job *job)
{
    unit_rows u;
    all_task t = {.u = &u, .values = job->values, .tiles = base_blocks(job->count, SIDE)};
    atoms_status status = allocate(job, job->count, &u);
    if (status) return status;
    t.products = atomsi_alloc(job->context, (int64_t)atoms_context_threads(job->context) * SIDE * SIDE, sizeof(double));
    status = t.products ? prepare(job, &u) : ATOMS_E_MEMORY;
    if (!status) status = atomsi_parallel_for_progress(job->context, "pair blocks", t.tiles * (t.tiles + 1) / 2, angle_tile, &t);
    atomsi_free(job->context, t.products);
    atomsi_free(job->context, u.x);
    return status;
}

/* Drawn pairs. */

static void draw(const angles_job *job, int64_t pair, int64_t *i, int64_t *j)
{
    *i = base_random_below(job->seed, BASE_STREAM_PAIRS, 2 * (uint64_t)pair, job->count);
    *j = base_random_below(job->seed, BASE_STREAM_PAIRS, 2 * (uint64_t)pair + 1, job->count - 1);
    *j += *j >= *i;
}

typedef struct drawn_task {
    const angles_job *job;
    const unit_rows *u;
    int64_t first, count; /* pairs */
} drawn_task;

static void angle_drawn(void *arg, int64_t index, int32_t worker)
{
    (void)worker;
    const drawn_task *t = arg;
    int64_t width = t->u->width, end = base_min_i64((index + 1) * PAIRS_A_TASK, t->count);
    for (int64_t p = index * PAIRS_A_TASK; p < end; p++) {
        int64_t i = 2 * p, j = 2 * p + 1; /* gathered rows stand side by side */
        if (!t->u->numbers) draw(t->job, p, &i, &j);
        const double *u = t->u->x + i * width, *v = t->u->x + j * width;
        t->job->values[t->first + p] = angle_of(linalg_ddot(width, u, v), width, u, v);
    }
}

static atoms_status gather_all(const angles_job *job)
{
    unit_rows u;
    atoms_status status = allocate(job, 2 * PAIRS_GATHERED, &u);
    if (status) return status;
    int64_t numbers[2 * PAIRS_GATHERED];
    u.numbers = numbers;
    for (int64_t first = 0; !status && first < job->pairs; first += PAIRS_GATHERED) {
        int64_t count = base_min_i64(PAIRS_GATHERED, job->pairs - first);
        u.count = 2 * count;
        for (int64_t p = 0; p < count; p++) draw(job, first + p, &numbers[2 * p], &numbers[2 * p + 1]);
        if ((status = prepare(job, &u))) break;
        drawn_task t = {job, &u, first, count};
        atomsi_parallel_for(job->context, base_blocks(count, PAIRS_A_TASK), angle_drawn, &t);
        status = atomsi_progress(job->context, "pair blocks", first / PAIRS_GATHERED + 1, base_blocks(job->pairs, PAIRS_GATHERED));
    }
    atomsi_free(job->context, u.x);
    return status;
}

atoms_status atomsi_angles_drawn(const angles_job *job)
{
    if (job->count / 2 > job->pairs || job->count > RESIDENT_MAX / job->width) return gather_all(job);
    unit_rows u;
    atoms_status status = allocate(job, job->count, &u);
    if (status) return status;
    drawn_task t = {job, &u, 0, job->pairs};
    status = prepare(job, &u);
    if (!status) status = atomsi_parallel_for_progress(job->context, "pair blocks", base_blocks(job->pairs, PAIRS_A_TASK), angle_drawn, &t);
    atomsi_free(job->context, u.x);
    return status;
}
