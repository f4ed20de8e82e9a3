/* What a step makes of the gradient, in f64: projection, clipping, Adam, lengths. */
#include <math.h>

#include "counting_memory.h"
#include "dense_gradient.h"
#include "suite.h"

void add_update_cases(Suite *suite);

/* Adam as its paper has it, in f64, on one part. */
static void adam(const atoms_train_opts *o, double rate, int64_t step, int64_t n, const double *g, double *m, double *v, double *p)
{
    for (int64_t i = 0; i < n; i++) {
        m[i] = o->beta1 * m[i] + (1 - o->beta1) * g[i];
        v[i] = o->beta2 * v[i] + (1 - o->beta2) * g[i] * g[i];
        double mean = m[i] / (1 - pow(o->beta1, (double)step)), square = v[i] / (1 - pow(o->beta2, (double)step));
        p[i] -= rate * mean / (sqrt(square) + o->epsilon);
    }
}

static double product(int64_t n, const double *x, const double *y)
{
    double sum = 0;
    for (int64_t j = 0; j < n; j++) sum += x[j] * y[j];
    return sum;
}

/* Without its part along the atoms where they are held at length 1. Returns the length of the whole. */
static double project(const atoms_trainer *t, double *grad[PART_COUNT])
{
    double square = 0;
    double *decoder = widen(t->parts[PART_DECODER].value, t->width * t->d);
    for (int64_t i = 0; i < t->width && t->opts.decoder == ATOMS_DECODER_UNIT; i++) {
        double *g = grad[PART_DECODER] + i * t->d, *atom = decoder + i * t->d, along = product(t->d, g, atom);
        for (int64_t j = 0; j < t->d; j++) g[j] -= along * atom[j];
    }
    free(decoder);
    for (int p = 0; p < PART_COUNT; p++) square += product(t->parts[p].rows * t->parts[p].cols, grad[p], grad[p]);
    return sqrt(square);
}

/* What a step makes of the state before it, in f64: value, m and v of every part. */
static void stepped(const atoms_trainer *t, double *grad[PART_COUNT], double *out[PART_COUNT][3])
{
    const atoms_train_opts *o = &t->opts;
    double rate = atomsi_learning_rate(o, t->step + 1);
    for (int p = 0; p < PART_COUNT; p++) {
        if (p == PART_THRESHOLD && o->activation == ATOMS_ACTIVATION_RELU) continue;
        adam(o, p == PART_THRESHOLD ? rate * o->threshold_rate : rate, t->step + 1, t->parts[p].rows * t->parts[p].cols, grad[p], out[p][1],
             out[p][2], out[p][0]);
    }
    for (int64_t i = 0; i < t->width; i++) {
        double *atom = out[PART_DECODER][0] + i * t->d, length = o->decoder == ATOMS_DECODER_UNIT ? sqrt(product(t->d, atom, atom)) : 1;
        for (int64_t j = 0; j < t->d; j++) atom[j] /= length;
        out[PART_THRESHOLD][0][i] = fmax(out[PART_THRESHOLD][0][i], 0);
    }
}

static void copy_state(const atoms_trainer *t, double *out[PART_COUNT][3])
{
    for (int p = 0; p < PART_COUNT; p++) {
        float *const arrays[] = {t->parts[p].value, t->parts[p].first, t->parts[p].second};
        for (int k = 0; k < 3; k++) out[p][k] = widen(arrays[k], t->parts[p].rows * t->parts[p].cols);
    }
}

static void compare_state(const atoms_trainer *t, double *want[PART_COUNT][3])
{
    double *got[PART_COUNT][3];
    copy_state(t, got);
    for (int p = 0; p < PART_COUNT; p++)
        for (int k = 0; k < 3; k++) {
            double difference = relative_difference_f64(got[p][k], want[p][k], t->parts[p].rows * t->parts[p].cols);
            ck_assert_msg(difference <= (k == 2 ? 3e-5 : 3e-6), "step %lld, %s, array %d: %g", (long long)t->step, t->parts[p].name, k,
                          difference); /* 1 − β₂ in f32 */
            free(got[p][k]);
            free(want[p][k]);
        }
}

/* _i: every variant; without clipping, with a length that none of the gradients reaches, with one that all pass. */
START_TEST(an_update_is_projected_clipped_adam)
{
    static const double shares[] = {0, 1.01, 0.3};
    double share = shares[_i % 3];
    atoms_train_opts o = variant(_i / 3);
    o.clip_norm = share > 0 ? 1 : 0;
    o.threshold_rate = 0.25;
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    atoms_trainer *t = prepared_as(context, o, 6, 20, 40);
    double *grad[PART_COUNT], *want[PART_COUNT][3];
    allocate_gradient(t, grad);
    int pushed = o.beta1 > 0 && o.activation == ATOMS_ACTIVATION_JUMPRELU;
    if (pushed) {
        t->parts[PART_THRESHOLD].value[3] = 1e-3f;
        t->parts[PART_THRESHOLD].first[3] = 10; /* pushes it below 0 */
    }
    for (int step = 0; step < 4; step++) {
        sparse_gradient(t, grad);
        double length = project(t, grad);
        ck_assert_double_gt(length, 0);
        if (share > 0) t->opts.clip_norm = share * length;
        for (int p = 0; p < PART_COUNT && share > 0 && share < 1; p++)
            for (int64_t i = 0; i < t->parts[p].rows * t->parts[p].cols; i++) grad[p][i] *= share;
        copy_state(t, want);
        stepped(t, grad, want);
        train_measure m;
        ck_assert_ok(atomsi_train_measure(t, &m));
        ck_assert_ok(atomsi_train_update(t, &m));
        t->step++;
        compare_state(t, want);
        if (pushed) ck_assert(t->parts[PART_THRESHOLD].value[3] == 0);
    }
    free_gradient(grad);
    atoms_trainer_destroy(t);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

void add_update_cases(Suite *suite)
{
    add_loop(suite, "update", an_update_is_projected_clipped_adam, 3 * VARIANTS);
}
