#include "dense_gradient.h"

#include <math.h>

#include "base/random.h"
#include "suite.h"
#include "training_data.h"

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

double surrogate_loss(const dense *s)
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

void dense_gradient(const dense *s, double *grad[PART_COUNT])
{
    double slope = l0_slope(s), error[64];
    for (int64_t b = 0; b < s->n; b++) {
        row_error(s, b, error);
        for (int64_t j = 0; j < s->d; j++) grad[PART_B_DEC][j] += 2 / (double)s->n * error[j];
        for (int64_t i = 0; i < s->m; i++) add_pair(s, b, i, slope, error, grad);
    }
}

double *widen(const float *x, int64_t n)
{
    double *y = malloc((size_t)n * sizeof *y);
    for (int64_t i = 0; i < n; i++) y[i] = x[i];
    return y;
}

dense densify(const atoms_trainer *t)
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

void forget(dense *s)
{
    for (int p = 0; p < PART_COUNT; p++) free(s->part[p]);
    free(s->u);
    free(s->c);
    free(s->theta0);
    free(s->z0);
    free(s->active);
    free(s->window);
}

atoms_train_opts variant(int k)
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

atoms_trainer *prepared_as(atoms_context *context, atoms_train_opts o, int64_t d, int64_t width, int64_t batch)
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

void write_latent(const atoms_trainer *t, int64_t i, latent_gradient g, double *grad[PART_COUNT])
{
    for (int64_t j = 0; j < t->d; j++) {
        grad[PART_ENCODER][i * t->d + j] = g.encoder[j];
        grad[PART_DECODER][i * t->d + j] = g.decoder[j];
    }
    grad[PART_B_ENC][i] = g.rest[GRADIENT_B_ENC];
    grad[PART_THRESHOLD][i] = t->opts.activation == ATOMS_ACTIVATION_JUMPRELU ? g.rest[GRADIENT_THRESHOLD] : 0;
}

double sparse_gradient(atoms_trainer *t, double *grad[PART_COUNT])
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

void allocate_gradient(const atoms_trainer *t, double *grad[PART_COUNT])
{
    for (int p = 0; p < PART_COUNT; p++) grad[p] = calloc((size_t)(t->parts[p].rows * t->parts[p].cols), sizeof **grad);
}

void free_gradient(double *grad[PART_COUNT])
{
    for (int p = 0; p < PART_COUNT; p++) free(grad[p]);
}
