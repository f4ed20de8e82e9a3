/* The sparse gradient against the dense formulas in f64, and those against central differences of the surrogate whose support and window
 * are frozen: f̃ = f − w(θ² − θ₀²)/2ε, H̃ = H − w(θ − θ₀)/ε. */
#include <math.h>

#include "base/random.h"
#include "counting_memory.h"
#include "suite.h"
#include "train/train_internal.h"
#include "training_data.h"

void add_straight_through_cases(Suite *suite);

/* A model and batch in f64, with the frozen support and window. */
typedef struct dense {
    int64_t n, d, m;
    double *u, *c;      /* n × d: scaled inputs, centred inputs */
    double *part[PART_COUNT];
    double *theta0;
    char *active, *window;
    double bandwidth, weight, target;
} dense;

static double pre(const dense *s, int64_t b, int64_t i)
{
    double z = s->part[PART_B_ENC][i];
    for (int64_t j = 0; j < s->d; j++) z += s->c[b * s->d + j] * s->part[PART_ENCODER][i * s->d + j];
    return z;
}

static double surrogate_f(const dense *s, int64_t b, int64_t i)
{
    double theta = s->part[PART_THRESHOLD][i], theta0 = s->theta0[i];
    return (s->active[b * s->m + i] ? pre(s, b, i) : 0) - s->window[b * s->m + i] * (theta * theta - theta0 * theta0) / (2 * s->bandwidth);
}

/* error = Σ f̃ W_dec + b_dec − u of row b; returns the row's share of L0. */
static double row_error(const dense *s, int64_t b, double *error)
{
    double l0 = 0;
    for (int64_t j = 0; j < s->d; j++) error[j] = s->part[PART_B_DEC][j] - s->u[b * s->d + j];
    for (int64_t i = 0; i < s->m; i++) {
        int64_t at = b * s->m + i;
        l0 += s->active[at] - s->window[at] * (s->part[PART_THRESHOLD][i] - s->theta0[i]) / s->bandwidth;
        double f = surrogate_f(s, b, i);
        if (f != 0)
            for (int64_t j = 0; j < s->d; j++) error[j] += f * s->part[PART_DECODER][i * s->d + j];
    }
    return l0;
}

static double surrogate_loss(const dense *s)
{
    double mse = 0, l0 = 0, error[64];
    for (int64_t b = 0; b < s->n; b++) {
        l0 += row_error(s, b, error);
        for (int64_t j = 0; j < s->d; j++) mse += error[j] * error[j];
    }
    double excess = l0 / (double)s->n / s->target - 1;
    return mse / (double)s->n + s->weight * excess * excess;
}

static void dense_gradient(const dense *s, double *grad[PART_COUNT])
{
    double l0 = 0, error[64], inverse = 1 / (double)s->n;
    for (int64_t b = 0; b < s->n; b++) l0 += row_error(s, b, error);
    double slope = 2 * s->weight * (l0 * inverse / s->target - 1) / s->target;
    for (int64_t b = 0; b < s->n; b++) {
        row_error(s, b, error);
        for (int64_t j = 0; j < s->d; j++) grad[PART_B_DEC][j] += 2 * inverse * error[j];
        for (int64_t i = 0; i < s->m; i++) {
            double g = 0, f = surrogate_f(s, b, i);
            char active = s->active[b * s->m + i], window = s->window[b * s->m + i];
            for (int64_t j = 0; j < s->d; j++) {
                g += 2 * inverse * error[j] * s->part[PART_DECODER][i * s->d + j];
                grad[PART_DECODER][i * s->d + j] += 2 * inverse * f * error[j];
            }
            if (active) {
                grad[PART_B_ENC][i] += g;
                for (int64_t j = 0; j < s->d; j++) grad[PART_ENCODER][i * s->d + j] += g * s->c[b * s->d + j];
            }
            if (window) grad[PART_THRESHOLD][i] -= (s->part[PART_THRESHOLD][i] * g + slope * inverse) / s->bandwidth;
        }
    }
}

static double *widen(const float *x, int64_t n)
{
    double *y = malloc((size_t)n * sizeof *y);
    for (int64_t i = 0; i < n; i++) y[i] = x[i];
    return y;
}

/* The trainer's model and batch (already centred in t->input) as f64. */
static dense densify(const atoms_trainer *t)
{
    dense s = {.n = t->rows, .d = t->d, .m = t->width, .bandwidth = t->opts.bandwidth, .weight = t->opts.sparsity_weight, .target = t->opts.target_l0};
    for (int p = 0; p < PART_COUNT; p++) s.part[p] = widen(t->parts[p].value, t->parts[p].rows * t->parts[p].cols);
    s.theta0 = widen(t->parts[PART_THRESHOLD].value, t->width);
    s.c = widen(t->input, s.n * s.d);
    s.u = widen(t->input, s.n * s.d);
    for (int64_t i = 0; i < s.n * s.d; i++) s.u[i] += s.part[PART_B_DEC][i % s.d];
    s.active = calloc((size_t)(s.n * s.m), 1);
    s.window = calloc((size_t)(s.n * s.m), 1);
    for (int64_t b = 0; b < s.n; b++)
        for (int64_t i = 0; i < s.m; i++) {
            double z = pre(&s, b, i);
            s.active[b * s.m + i] = z > s.theta0[i];
            s.window[b * s.m + i] = fabs(z - s.theta0[i]) < s.bandwidth / 2;
        }
    return s;
}

static void forget(dense *s)
{
    for (int p = 0; p < PART_COUNT; p++) free(s->part[p]);
    free(s->u);
    free(s->c);
    free(s->theta0);
    free(s->active);
    free(s->window);
}

/* A trainer that has seen rows, with biases and thresholds pushed off their common start, and a batch centred in its input. */
static atoms_trainer *prepared(atoms_context *context, int64_t d, int64_t width, int64_t batch)
{
    atoms_train_opts o = small_opts();
    o.width = width;
    o.batch = batch;
    o.target_l0 = (double)width / 8;
    float *x = training_rows(batch, d, 11);
    atoms_matrix m = atoms_matrix_f32(x, batch, d);
    atoms_rows *rows;
    atoms_trainer *t;
    ck_assert_ok(atoms_trainer_create(context, d, &o, &t));
    ck_assert_ok(atoms_rows_from_matrix(context, &m, &rows));
    ck_assert_ok(atoms_trainer_initialize(t, rows));
    for (int64_t i = 0; i < width; i++) {
        t->parts[PART_B_ENC].value[i] = (float)(0.02 * base_random_normal(12, BASE_STREAM_TEST, (uint64_t)i));
        t->parts[PART_THRESHOLD].value[i] *= (float)(0.5 + base_random_uniform(13, BASE_STREAM_TEST, (uint64_t)i));
    }
    memcpy(t->input, x, (size_t)(batch * d) * sizeof *x);
    t->rows = batch;
    atomsi_train_centre(t);
    atoms_rows_destroy(rows);
    free(x);
    return t;
}

/* Gradient of every part by the trainer's own passes, as f32 arrays in parts' shapes. */
static double sparse_gradient(atoms_trainer *t, double *grad[PART_COUNT])
{
    ck_assert_ok(atomsi_train_forward(t, t->opts.bandwidth));
    atomsi_train_errors(t);
    train_measure m = atomsi_train_measure(t);
    atomsi_train_transpose(t);
    float *encoder = malloc((size_t)t->d * sizeof *encoder), *decoder = malloc((size_t)t->d * sizeof *decoder);
    for (int64_t i = 0; i < t->width; i++) {
        latent_gradient g = {.encoder = encoder, .decoder = decoder};
        atomsi_straight_through(t, i, m.l0_slope, &g);
        for (int64_t j = 0; j < t->d; j++) {
            grad[PART_ENCODER][i * t->d + j] = encoder[j];
            grad[PART_DECODER][i * t->d + j] = decoder[j];
        }
        grad[PART_B_ENC][i] = g.b_enc;
        grad[PART_THRESHOLD][i] = g.threshold;
    }
    atomsi_b_dec_gradient(t, encoder);
    for (int64_t j = 0; j < t->d; j++) grad[PART_B_DEC][j] = encoder[j];
    free(encoder);
    free(decoder);
    return m.loss;
}

static void allocate_gradient(const atoms_trainer *t, double *grad[PART_COUNT])
{
    for (int p = 0; p < PART_COUNT; p++) grad[p] = calloc((size_t)(t->parts[p].rows * t->parts[p].cols), sizeof **grad);
}

static void free_gradient(double *grad[PART_COUNT])
{
    for (int p = 0; p < PART_COUNT; p++) free(grad[p]);
}

/* _i: sizes inside one tile and across several. */
START_TEST(sparse_gradient_is_the_dense_one)
{
    static const struct { int64_t d, width, batch; } sizes[] = {{7, 13, 9}, {16, 24, 64}, {5, 700, 600}, {33, 1025, 513}, {1, 1, 1}};
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 2);
    atoms_trainer *t = prepared(context, sizes[_i].d, sizes[_i].width, sizes[_i].batch);
    double *sparse[PART_COUNT], *full[PART_COUNT];
    allocate_gradient(t, sparse);
    allocate_gradient(t, full);
    double loss = sparse_gradient(t, sparse);
    dense s = densify(t);
    dense_gradient(&s, full);
    ck_assert(near(loss, surrogate_loss(&s), 1e-5, 1e-6));
    int64_t windows = 0, active = 0;
    for (int64_t i = 0; i < s.n * s.m; i++) {
        windows += s.window[i];
        active += s.active[i];
    }
    if (_i != 4) ck_assert(windows > 0 && active > 0);
    for (int p = 0; p < PART_COUNT; p++) {
        double difference = relative_difference_f64(sparse[p], full[p], t->parts[p].rows * t->parts[p].cols);
        ck_assert_msg(difference <= 1e-5, "%s: %g", t->parts[p].name, difference);
    }
    forget(&s);
    free_gradient(sparse);
    free_gradient(full);
    atoms_trainer_destroy(t);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

START_TEST(dense_gradient_is_the_surrogates_slope)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    atoms_trainer *t = prepared(context, 6, 20, 40);
    double *full[PART_COUNT];
    allocate_gradient(t, full);
    dense s = densify(t);
    dense_gradient(&s, full);
    int checked = 0;
    for (int p = 0; p < PART_COUNT; p++) {
        int64_t n = t->parts[p].rows * t->parts[p].cols;
        double largest = 1e-12;
        for (int64_t i = 0; i < n; i++) largest = fmax(largest, fabs(full[p][i]));
        for (int64_t i = 0; i < n; i++) {
            double was = s.part[p][i], h = 1e-5;
            s.part[p][i] = was + h;
            double up = surrogate_loss(&s);
            s.part[p][i] = was - h;
            double down = surrogate_loss(&s);
            s.part[p][i] = was;
            ck_assert_msg(fabs((up - down) / (2 * h) - full[p][i]) <= 1e-5 * largest, "%s[%lld]", t->parts[p].name, (long long)i);
            checked++;
        }
    }
    ck_assert_int_eq(checked, 20 * 6 * 2 + 20 * 2 + 6);
    forget(&s);
    free_gradient(full);
    atoms_trainer_destroy(t);
    atoms_context_destroy(context);
}
END_TEST

static void fire_everywhere(atoms_trainer *t)
{
    for (int64_t i = 0; i < t->width; i++) {
        t->parts[PART_THRESHOLD].value[i] = 0;
        t->parts[PART_B_ENC].value[i] = 5;
    }
}

/* Events beyond the first capacity: the pass grows and gives what it would have given with room from the start. */
START_TEST(regions_grow_when_everything_fires)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 2);
    atoms_trainer *t = prepared(context, 8, 600, 600);
    fire_everywhere(t);
    int64_t before = t->events.capacity;
    double *sparse[PART_COUNT], *full[PART_COUNT];
    allocate_gradient(t, sparse);
    allocate_gradient(t, full);
    sparse_gradient(t, sparse);
    ck_assert_int_gt(t->events.capacity, before);
    dense s = densify(t);
    dense_gradient(&s, full);
    for (int p = 0; p < PART_COUNT; p++) /* summing 600 large terms costs f32 a digit */
        ck_assert_double_le(relative_difference_f64(sparse[p], full[p], t->parts[p].rows * t->parts[p].cols), 1e-4);
    forget(&s);
    free_gradient(sparse);
    free_gradient(full);
    atoms_trainer_destroy(t);
    atoms_context_destroy(context);
}
END_TEST

/* Each request of a growth refused in turn: the trainer has no events then, and the next pass makes room again. */
START_TEST(refused_growth_is_survived)
{
    double *want[PART_COUNT], *got[PART_COUNT];
    int64_t refused = 0;
    for (int64_t k = 0; k <= 5; k++) {
        counting_memory memory = {0};
        atoms_context *context = counting_context(&memory, 2);
        atoms_trainer *t = prepared(context, 8, 600, 600);
        double **grad = k ? got : want;
        fire_everywhere(t);
        memory.requests = 0;
        memory.fail_at = k;
        if (k) ck_assert_status(atomsi_train_forward(t, t->opts.bandwidth), ATOMS_E_MEMORY);
        memory.fail_at = 0;
        refused += memory.failures;
        allocate_gradient(t, grad);
        sparse_gradient(t, grad);
        for (int p = 0; p < PART_COUNT && k; p++)
            ck_assert(memcmp(want[p], got[p], (size_t)(t->parts[p].rows * t->parts[p].cols) * sizeof(double)) == 0);
        if (k) free_gradient(got);
        atoms_trainer_destroy(t);
        atoms_context_destroy(context);
        ck_assert_int_eq(memory.held, 0);
    }
    ck_assert_int_eq(refused, 5);
    free_gradient(want);
}
END_TEST

/* Adam as its paper has it, in f64, on one part. */
static void adam(const atoms_train_opts *o, int64_t step, int64_t n, const double *g, double *m, double *v, double *p)
{
    for (int64_t i = 0; i < n; i++) {
        m[i] = o->beta1 * m[i] + (1 - o->beta1) * g[i];
        v[i] = o->beta2 * v[i] + (1 - o->beta2) * g[i] * g[i];
        double mean = m[i] / (1 - pow(o->beta1, (double)step)), square = v[i] / (1 - pow(o->beta2, (double)step));
        p[i] -= atomsi_learning_rate(o, step) * mean / (sqrt(square) + o->epsilon);
    }
}

static double product(int64_t n, const double *x, const double *y)
{
    double sum = 0;
    for (int64_t j = 0; j < n; j++) sum += x[j] * y[j];
    return sum;
}

/* What a step makes of the state before it, in f64: value, m and v of every part. */
static void stepped(const atoms_trainer *t, double *grad[PART_COUNT], double *out[PART_COUNT][3])
{
    for (int64_t i = 0; i < t->width; i++) {
        double *g = grad[PART_DECODER] + i * t->d, along = product(t->d, g, out[PART_DECODER][0] + i * t->d);
        for (int64_t j = 0; j < t->d; j++) g[j] -= along * out[PART_DECODER][0][i * t->d + j];
    }
    for (int p = 0; p < PART_COUNT; p++)
        adam(&t->opts, t->step + 1, t->parts[p].rows * t->parts[p].cols, grad[p], out[p][1], out[p][2], out[p][0]);
    for (int64_t i = 0; i < t->width; i++) {
        double *atom = out[PART_DECODER][0] + i * t->d, length = sqrt(product(t->d, atom, atom));
        for (int64_t j = 0; j < t->d; j++) atom[j] /= length;
        out[PART_THRESHOLD][0][i] = fmax(out[PART_THRESHOLD][0][i], 0);
    }
}

START_TEST(an_update_is_projected_adam)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    atoms_trainer *t = prepared(context, 6, 20, 40);
    double *grad[PART_COUNT], *want[PART_COUNT][3];
    allocate_gradient(t, grad);
    t->parts[PART_THRESHOLD].value[3] = 1e-3f;
    t->parts[PART_THRESHOLD].first[3] = 1000; /* pushes it below 0 */
    for (int step = 0; step < 4; step++) {
        sparse_gradient(t, grad);
        for (int p = 0; p < PART_COUNT; p++) {
            float *const arrays[] = {t->parts[p].value, t->parts[p].first, t->parts[p].second};
            for (int k = 0; k < 3; k++) want[p][k] = widen(arrays[k], t->parts[p].rows * t->parts[p].cols);
        }
        stepped(t, grad, want);
        atomsi_train_update(t, atomsi_train_measure(t).l0_slope);
        t->step++;
        for (int p = 0; p < PART_COUNT; p++) {
            const train_part *part = &t->parts[p];
            const float *const arrays[] = {part->value, part->first, part->second};
            for (int k = 0; k < 3; k++) {
                double *got = widen(arrays[k], part->rows * part->cols);
                double difference = relative_difference_f64(got, want[p][k], part->rows * part->cols);
                ck_assert_msg(difference <= (k == 2 ? 2e-5 : 2e-6), "step %d, %s, array %d: %g", step, part->name, k, difference); /* 1 − β₂ in f32 */
                free(got);
                free(want[p][k]);
            }
        }
        ck_assert(t->parts[PART_THRESHOLD].value[3] == 0);
    }
    free_gradient(grad);
    atoms_trainer_destroy(t);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

void add_straight_through_cases(Suite *suite)
{
    add_loop(suite, "sparse gradient", sparse_gradient_is_the_dense_one, 5);
    add_case(suite, "finite differences", dense_gradient_is_the_surrogates_slope);
    add_case(suite, "growth", regions_grow_when_everything_fires);
    add_case(suite, "refused growth", refused_growth_is_survived);
    add_case(suite, "update", an_update_is_projected_adam);
}
