/* The sparse gradient against the dense formulas in f64, and those against central differences of the surrogate whose support and window
 * are frozen: f̃ = f − w(θ² − θ₀²)/2ε, H̃ = H − w(θ − θ₀)/ε. */
#include <math.h>

#include "base/random.h"
#include "counting_memory.h"
#include "suite.h"
#include "train/train_internal.h"
#include "training_data.h"

void add_straight_through_cases(Suite *suite);

/* A model and batch in f64, with the frozen support and window, and the pre-activations z0 they were frozen at. */
typedef struct dense {
    const atoms_train_opts *o;
    int64_t n, d, m;
    double *u, *c; /* n × d: scaled inputs, and less p */
    double *part[PART_COUNT];
    double *theta0, *z0;
    char *active, *window;
    double weight;
} dense;

static double pre(const dense *s, int64_t b, int64_t i)
{
    double z = s->part[PART_B_ENC][i];
    for (int64_t j = 0; j < s->d; j++) z += s->c[b * s->d + j] * s->part[PART_ENCODER][i * s->d + j];
    return z;
}

static double length(const dense *s, int64_t i)
{
    double sum = 0;
    for (int64_t j = 0; j < s->d; j++) sum += s->part[PART_DECODER][i * s->d + j] * s->part[PART_DECODER][i * s->d + j];
    return s->o->decoder == ATOMS_DECODER_UNIT ? 1 : sqrt(sum);
}

/* How far z has moved inside the window, where the estimator reaches it. */
static double moved(const dense *s, int64_t b, int64_t i)
{
    int64_t at = b * s->m + i;
    return s->o->input_gradient && s->window[at] ? pre(s, b, i) - s->z0[at] : 0;
}

static double surrogate_f(const dense *s, int64_t b, int64_t i)
{
    double theta = s->part[PART_THRESHOLD][i], theta0 = s->theta0[i];
    return (s->active[b * s->m + i] ? pre(s, b, i) : 0) +
           (theta0 * moved(s, b, i) - s->window[b * s->m + i] * (theta * theta - theta0 * theta0) / 2) / s->o->bandwidth;
}

/* error = Σ f̃ W_dec + b_dec − u of row b; returns the row's share of L0. */
static double row_error(const dense *s, int64_t b, double *error)
{
    double l0 = 0;
    for (int64_t j = 0; j < s->d; j++) error[j] = s->part[PART_B_DEC][j] - s->u[b * s->d + j];
    for (int64_t i = 0; i < s->m; i++) {
        int64_t at = b * s->m + i;
        l0 += s->active[at] + (moved(s, b, i) - s->window[at] * (s->part[PART_THRESHOLD][i] - s->theta0[i])) / s->o->bandwidth;
        double f = surrogate_f(s, b, i);
        if (f != 0)
            for (int64_t j = 0; j < s->d; j++) error[j] += f * s->part[PART_DECODER][i * s->d + j];
    }
    return l0;
}

/* The row's share of what sums over values. */
static double row_sparsity(const dense *s, int64_t b)
{
    double sum = 0;
    for (int64_t i = 0; i < s->m; i++) {
        double scaled = surrogate_f(s, b, i) * length(s, i);
        if (s->o->sparsity == ATOMS_SPARSITY_L1) sum += s->weight * scaled;
        if (s->o->sparsity != ATOMS_SPARSITY_TANH) continue;
        sum += s->weight * tanh(s->o->tanh_scale * scaled);
        if (!s->active[b * s->m + i]) sum += s->o->preactivation_weight * (s->part[PART_THRESHOLD][i] - pre(s, b, i)) * length(s, i);
    }
    return sum;
}

static double surrogate_loss(const dense *s)
{
    double sum = 0, l0 = 0, error[64], n = (double)s->n;
    for (int64_t b = 0; b < s->n; b++) {
        l0 += row_error(s, b, error) / n;
        for (int64_t j = 0; j < s->d; j++) sum += error[j] * error[j];
        sum += row_sparsity(s, b);
    }
    double excess = l0 / s->o->target_l0 - 1;
    if (s->o->sparsity == ATOMS_SPARSITY_TARGET_L0) return sum / n + s->weight * excess * excess;
    return sum / n + (s->o->sparsity == ATOMS_SPARSITY_STEP ? s->weight * l0 : 0);
}

static double l0_slope(const dense *s)
{
    double l0 = 0, error[64];
    for (int64_t b = 0; b < s->n; b++) l0 += row_error(s, b, error) / (double)s->n;
    if (s->o->sparsity == ATOMS_SPARSITY_TARGET_L0) return 2 * s->weight * (l0 / s->o->target_l0 - 1) / s->o->target_l0;
    return s->o->sparsity == ATOMS_SPARSITY_STEP ? s->weight : 0;
}

/* h and h' of the terms that sum over values, at f‖d‖. */
static double slope_of(const dense *s, double scaled)
{
    double level = tanh(s->o->tanh_scale * scaled);
    if (s->o->sparsity == ATOMS_SPARSITY_L1) return s->weight;
    return s->o->sparsity == ATOMS_SPARSITY_TANH ? s->weight * s->o->tanh_scale * (1 - level * level) : 0;
}

static void add_pair(const dense *s, int64_t b, int64_t i, double slope, const double *error, double *grad[PART_COUNT])
{
    int64_t at = b * s->m + i;
    double g = 0, f = surrogate_f(s, b, i), inverse = 1 / (double)s->n, l = length(s, i), theta = s->part[PART_THRESHOLD][i];
    for (int64_t j = 0; j < s->d; j++) {
        g += 2 * inverse * error[j] * s->part[PART_DECODER][i * s->d + j];
        grad[PART_DECODER][i * s->d + j] += 2 * inverse * f * error[j];
    }
    g += inverse * slope_of(s, f * l) * l;
    double z = s->active[at] ? g : 0, along = inverse * slope_of(s, f * l) * f;
    double silent = s->o->sparsity == ATOMS_SPARSITY_TANH && !s->active[at] ? inverse * s->o->preactivation_weight : 0;
    if (s->window[at]) {
        grad[PART_THRESHOLD][i] -= (theta * g + slope * inverse) / s->o->bandwidth;
        if (s->o->input_gradient) z += (theta * g + slope * inverse) / s->o->bandwidth;
    }
    z -= silent * l;
    grad[PART_THRESHOLD][i] += silent * l;
    along += silent * (theta - pre(s, b, i));
    grad[PART_B_ENC][i] += z;
    for (int64_t j = 0; j < s->d; j++) {
        grad[PART_ENCODER][i * s->d + j] += z * s->c[b * s->d + j];
        if (s->o->decoder == ATOMS_DECODER_FREE) grad[PART_DECODER][i * s->d + j] += along * s->part[PART_DECODER][i * s->d + j] / l;
    }
}

static void dense_gradient(const dense *s, double *grad[PART_COUNT])
{
    double slope = l0_slope(s), error[64];
    for (int64_t b = 0; b < s->n; b++) {
        row_error(s, b, error);
        for (int64_t j = 0; j < s->d; j++) grad[PART_B_DEC][j] += 2 / (double)s->n * error[j];
        for (int64_t i = 0; i < s->m; i++) add_pair(s, b, i, slope, error, grad);
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
    const atoms_train_opts *o = &t->opts;
    dense s = {.o = o, .n = t->rows, .d = t->d, .m = t->width, .weight = atomsi_sparsity_weight(o, t->step + 1)};
    for (int p = 0; p < PART_COUNT; p++) s.part[p] = widen(t->parts[p].value, t->parts[p].rows * t->parts[p].cols);
    s.theta0 = widen(t->parts[PART_THRESHOLD].value, t->width);
    s.c = widen(t->input, s.n * s.d);
    s.u = widen(t->input, s.n * s.d);
    for (int64_t i = 0; i < s.n * s.d; i++) s.u[i] += o->subtract_b_dec * s.part[PART_B_DEC][i % s.d];
    s.active = calloc((size_t)(s.n * s.m), 1);
    s.window = calloc((size_t)(s.n * s.m), 1);
    s.z0 = calloc((size_t)(s.n * s.m), sizeof *s.z0);
    for (int64_t b = 0; b < s.n; b++)
        for (int64_t i = 0; i < s.m; i++) {
            double z = s.z0[b * s.m + i] = pre(&s, b, i);
            s.active[b * s.m + i] = z > s.theta0[i];
            s.window[b * s.m + i] = o->activation == ATOMS_ACTIVATION_JUMPRELU && fabs(z - s.theta0[i]) < o->bandwidth / 2;
        }
    return s;
}

static void forget(dense *s)
{
    for (int p = 0; p < PART_COUNT; p++) free(s->part[p]);
    free(s->u);
    free(s->c);
    free(s->theta0);
    free(s->z0);
    free(s->active);
    free(s->window);
}

/* Every published recipe, and mixtures that none of them has. */
static atoms_train_opts variant(int k)
{
    static const char *const names[] = {"target-l0", "gemma", "anthropic", "features", "anthropic", "target-l0"};
    atoms_train_opts o, small = small_opts();
    ck_assert_ok(atoms_train_opts_recipe(&o, sizeof o, names[k]));
    o.seed = small.seed;
    o.steps = small.steps;
    o.bandwidth = o.input_norm == ATOMS_INPUT_NORM_ONE ? 0.1 : 0.4;
    if (k == 2) o.preactivation_weight = 0.02; /* as published it would drown in rounding */
    if (k == 4) o.decoder = ATOMS_DECODER_UNIT, o.sparsity = ATOMS_SPARSITY_STEP, o.sparsity_weight = 0.01, o.clip_norm = 0;
    if (k == 5) o.decoder = ATOMS_DECODER_FREE, o.sparsity = ATOMS_SPARSITY_L1, o.sparsity_weight = 0.1, o.subtract_b_dec = 0, o.input_gradient = 1;
    return o;
}

enum { VARIANTS = 6 };

/* A trainer that has seen rows, with biases and thresholds pushed off their common start, and a batch in its input as the model sees it. */
static atoms_trainer *prepared_as(atoms_context *context, atoms_train_opts o, int64_t d, int64_t width, int64_t batch)
{
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
        t->parts[PART_B_ENC].value[i] += (float)(0.02 * base_random_normal(12, BASE_STREAM_TEST, (uint64_t)i));
        t->parts[PART_THRESHOLD].value[i] *= (float)(0.5 + base_random_uniform(13, BASE_STREAM_TEST, (uint64_t)i));
    }
    t->step = 4; /* warm-ups are under way */
    memcpy(t->input, x, (size_t)(batch * d) * sizeof *x);
    t->rows = batch;
    atomsi_train_centre(t);
    atoms_rows_destroy(rows);
    free(x);
    return t;
}

static atoms_trainer *prepared(atoms_context *context, int64_t d, int64_t width, int64_t batch)
{
    return prepared_as(context, small_opts(), d, width, batch);
}

static void write_latent(const atoms_trainer *t, int64_t i, latent_gradient g, double *grad[PART_COUNT])
{
    for (int64_t j = 0; j < t->d; j++) {
        grad[PART_ENCODER][i * t->d + j] = g.encoder[j];
        grad[PART_DECODER][i * t->d + j] = g.decoder[j];
    }
    grad[PART_B_ENC][i] = g.rest[GRADIENT_B_ENC];
    grad[PART_THRESHOLD][i] = t->opts.activation == ATOMS_ACTIVATION_JUMPRELU ? g.rest[GRADIENT_THRESHOLD] : 0;
}

/* Gradient of every part by the trainer's own passes, as f64 arrays in parts' shapes. */
static double sparse_gradient(atoms_trainer *t, double *grad[PART_COUNT])
{
    train_measure m;
    ck_assert_ok(atomsi_train_forward(t, t->opts.activation == ATOMS_ACTIVATION_JUMPRELU ? t->opts.bandwidth : 0));
    atomsi_train_errors(t);
    atomsi_train_transpose(t);
    ck_assert_ok(atomsi_train_measure(t, &m));
    float *place = malloc((size_t)train_gradient_size(t) * sizeof *place);
    const latent_gradient g = {place, place + t->d, place + 2 * t->d};
    for (int64_t i = 0; i < t->width; i++) {
        atomsi_straight_through(t, i, &m, g);
        write_latent(t, i, g, grad);
    }
    atomsi_b_dec_gradient(t, place);
    for (int64_t j = 0; j < t->d; j++) grad[PART_B_DEC][j] = place[j];
    free(place);
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

/* _i: sizes inside one tile and across several, for every variant. */
static const struct { int64_t d, width, batch; } sizes[] = {{7, 13, 9}, {16, 24, 64}, {5, 700, 600}, {33, 1025, 513}, {1, 1, 1}};
enum { SIZES = sizeof sizes / sizeof *sizes };

START_TEST(sparse_gradient_is_the_dense_one)
{
    int size = _i % SIZES;
    atoms_train_opts o = variant(_i / SIZES);
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 2);
    atoms_trainer *t = prepared_as(context, o, sizes[size].d, sizes[size].width, sizes[size].batch);
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
    if (size != 4) ck_assert((windows > 0) == (o.activation == ATOMS_ACTIVATION_JUMPRELU) && active > 0);
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

/* Where much fires the sums are GEMMs: the same gradient. */
START_TEST(gradient_by_gemm_is_the_dense_one)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 2);
    atoms_trainer *t = prepared_as(context, variant(_i), 9, 70, 600);
    for (int64_t i = 0; i < t->width; i++) t->parts[PART_B_ENC].value[i] += (float)(0.5 * t->input_scale);
    double *full[PART_COUNT], *got[PART_COUNT];
    allocate_gradient(t, full);
    allocate_gradient(t, got);
    sparse_gradient(t, got);
    dense s = densify(t);
    dense_gradient(&s, full);
    train_measure m;
    atomsi_train_errors(t);
    ck_assert_ok(atomsi_train_measure(t, &m));
    float *room = malloc((size_t)train_update_room(t) * sizeof *room);
    for (int64_t first = 0; first < t->width; first += UPDATE_LATENTS) {
        int64_t count = base_min_i64(UPDATE_LATENTS, t->width - first);
        ck_assert(atomsi_dense_gradient(t, first, count, &m, room + UPDATE_LATENTS * train_gradient_size(t), room));
        for (int64_t l = 0; l < count; l++) write_latent(t, first + l, train_gradient_at(t, room + l * train_gradient_size(t)), got);
    }
    for (int p = 0; p < PART_COUNT; p++) {
        double difference = relative_difference_f64(got[p], full[p], t->parts[p].rows * t->parts[p].cols);
        ck_assert_msg(difference <= 2e-5, "%s: %g", t->parts[p].name, difference);
    }
    free(room);
    forget(&s);
    free_gradient(full);
    free_gradient(got);
    atoms_trainer_destroy(t);
    atoms_context_destroy(context);
}
END_TEST

START_TEST(dense_gradient_is_the_surrogates_slope)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    atoms_trainer *t = prepared_as(context, variant(_i), 6, 20, 40);
    double *full[PART_COUNT];
    allocate_gradient(t, full);
    dense s = densify(t);
    dense_gradient(&s, full);
    int checked = 0;
    for (int p = 0; p < PART_COUNT; p++) {
        int64_t n = t->parts[p].rows * t->parts[p].cols;
        if (p == PART_THRESHOLD && t->opts.activation == ATOMS_ACTIVATION_RELU) continue;
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
    ck_assert_int_eq(checked, 20 * 6 * 2 + 20 * (t->opts.activation == ATOMS_ACTIVATION_JUMPRELU ? 2 : 1) + 6);
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
    for (int64_t k = 0; k <= 4; k++) {
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
    ck_assert_int_eq(refused, 4);
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
        train_measure m;
        ck_assert_ok(atomsi_train_measure(t, &m));
        ck_assert_ok(atomsi_train_update(t, &m));
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
    add_loop(suite, "sparse gradient", sparse_gradient_is_the_dense_one, SIZES * VARIANTS);
    add_loop(suite, "gradient by GEMM", gradient_by_gemm_is_the_dense_one, VARIANTS);
    add_loop(suite, "finite differences", dense_gradient_is_the_surrogates_slope, VARIANTS);
    add_case(suite, "growth", regions_grow_when_everything_fires);
    add_case(suite, "refused growth", refused_growth_is_survived);
    add_case(suite, "update", an_update_is_projected_adam);
}
