/* Where training starts, one option at a time: scale, biases, thresholds, atoms and their lengths. */
#include <math.h>

#include "base/random.h"
#include "suite.h"
#include "train/train_internal.h"
#include "training_data.h"

void add_start_cases(Suite *suite);

enum { N = 300, D = 12 };

static atoms_train_opts options(const char *recipe)
{
    atoms_train_opts o;
    ck_assert_ok(atoms_train_opts_recipe(&o, sizeof o, recipe));
    o.width = 24;
    o.batch = 100;
    o.target_l0 = 3;
    o.seed = 5;
    return o;
}

static atoms_trainer *started(setting *s, const atoms_train_opts *o)
{
    atoms_trainer *t;
    ck_assert_ok(atoms_trainer_create(s->context, D, o, &t));
    ck_assert_ok(atoms_trainer_initialize(t, s->rows));
    return t;
}

/* On how many of rows order[0 … count − 1] each latent fires, in f64. */
static void count_fired(const setting *s, const atoms_trainer *t, const int64_t *order, int64_t count, int64_t *fired)
{
    const float *b_dec = t->parts[PART_B_DEC].value;
    for (int64_t i = 0; i < t->width; i++) {
        fired[i] = 0;
        for (int64_t r = 0; r < count; r++) {
            double z = t->parts[PART_B_ENC].value[i];
            for (int64_t j = 0; j < D; j++)
                z += (t->input_scale * s->x[order[r] * D + j] - t->opts.subtract_b_dec * b_dec[j]) * t->parts[PART_ENCODER].value[i * D + j];
            fired[i] += z > t->parts[PART_THRESHOLD].value[i];
        }
    }
}

static double length_of(const float *x)
{
    double sum = 0;
    for (int64_t j = 0; j < D; j++) sum += (double)x[j] * x[j];
    return sqrt(sum);
}

/* |cosine| of two vectors is 1. */
static int parallel(const float *a, const double *b)
{
    double product = 0, square = 0;
    for (int64_t j = 0; j < D; j++) {
        product += a[j] * b[j];
        square += b[j] * b[j];
    }
    return product > (1 - 1e-6) * length_of(a) * sqrt(square);
}

/* _i: with thresholds, with biases alone. Each latent fires on the asked share of the first batch of the order. */
START_TEST(data_biases_give_each_latent_its_share)
{
    setting *s = begin(N, D, 2);
    atoms_train_opts o = options(_i ? "features" : "anthropic");
    o.data_bias = 1;
    o.start_l0 = 24 * 0.17;
    atoms_trainer *t = started(s, &o);
    int64_t order[100], fired[24], exact = 0, different = 0;
    atomsi_batch_order(&t->opts, N, 0, order);
    count_fired(s, t, order, 100, fired);
    for (int i = 0; i < 24; i++) {
        ck_assert_msg(fired[i] == 17 || fired[i] == 18, "latent %d fires on %lld of 100 rows", i, (long long)fired[i]); /* the tie */
        exact += fired[i] == 17;
        ck_assert(t->parts[PART_THRESHOLD].value[i] == (_i ? 0 : 0.1f));
        different += t->parts[PART_B_ENC].value[i] != t->parts[PART_B_ENC].value[0];
    }
    ck_assert_int_gt(exact, 0);
    ck_assert_int_eq(different, 23);
    atoms_trainer_destroy(t);
    end(s);
}
END_TEST

START_TEST(a_start_threshold_is_every_threshold)
{
    setting *s = begin(N, D, 1);
    atoms_train_opts o = options("gemma");
    atoms_trainer *t = started(s, &o);
    for (int64_t i = 0; i < t->width; i++) ck_assert(t->parts[PART_THRESHOLD].value[i] == 1e-3f && t->parts[PART_B_ENC].value[i] == 0);
    atoms_trainer_destroy(t);
    end(s);
}
END_TEST

/* ReLU has no thresholds: one bias for all latents does what a threshold would. */
START_TEST(relu_starts_at_its_l0_by_biases)
{
    setting *s = begin(N, D, 1);
    atoms_train_opts o = options("features"), jump = o;
    jump.activation = ATOMS_ACTIVATION_JUMPRELU;
    o.start_l0 = jump.start_l0 = 5;
    atoms_trainer *t = started(s, &o), *with = started(s, &jump);
    int64_t order[N], fired[24], all = 0;
    for (int64_t r = 0; r < N; r++) order[r] = r;
    count_fired(s, t, order, N, fired);
    for (int64_t i = 0; i < 24; i++) {
        all += fired[i];
        ck_assert(t->parts[PART_THRESHOLD].value[i] == 0 && t->parts[PART_B_ENC].value[i] < 0);
        ck_assert(t->parts[PART_B_ENC].value[i] == -with->parts[PART_THRESHOLD].value[i]);
    }
    ck_assert_int_le(llabs(all - 5 * N), 1);
    atoms_trainer_destroy(with);
    atoms_trainer_destroy(t);
    end(s);
}
END_TEST

/* _i: each input norm. */
START_TEST(inputs_have_the_asked_norm_and_atoms_their_length)
{
    setting *s = begin(N, D, 1);
    atoms_train_opts o = options("anthropic");
    o.input_norm = _i ? ATOMS_INPUT_NORM_ROOT_DIM : ATOMS_INPUT_NORM_ONE;
    atoms_trainer *t = started(s, &o);
    double square = 0;
    for (int64_t i = 0; i < N * D; i++) square += (double)s->x[i] * s->x[i];
    ck_assert_near(t->input_scale * t->input_scale * square / N, _i ? D : 1, 1e-12);
    for (int64_t i = 0; i < t->width; i++) {
        double encoder[D];
        for (int64_t j = 0; j < D; j++) encoder[j] = t->parts[PART_ENCODER].value[i * D + j];
        ck_assert_near(length_of(t->parts[PART_DECODER].value + i * D), sqrt(1.0 / 3), 1e-6); /* of U(±1/√d)^d */
        ck_assert(parallel(t->parts[PART_DECODER].value + i * D, encoder));
        ck_assert_near(length_of(t->parts[PART_ENCODER].value + i * D), length_of(t->parts[PART_ENCODER].value), 1e-6);
    }
    atoms_trainer_destroy(t);
    end(s);
}
END_TEST

/* _i: fewer atoms than rows, and more: those that no row is left for are drawn. */
START_TEST(rows_become_atoms)
{
    int64_t n = _i ? 40 : N;
    setting *s = begin(n, D, 2);
    atoms_train_opts o = options("target-l0");
    o.start = ATOMS_START_ROWS;
    o.width = 57;
    atoms_trainer *t = started(s, &o);
    char used[N] = {0};
    int64_t taken = 0;
    for (int64_t i = 0; i < t->width; i++) {
        const float *atom = t->parts[PART_DECODER].value + i * D;
        ck_assert_near(length_of(atom), 1, 1e-6);
        for (int64_t r = 0; r < n; r++) {
            double residual[D];
            for (int64_t j = 0; j < D; j++) residual[j] = t->input_scale * s->x[r * D + j] - t->parts[PART_B_DEC].value[j];
            if (!parallel(atom, residual)) continue;
            ck_assert(i < n && !used[r]);
            used[r] = 1;
            taken++;
        }
    }
    ck_assert_int_eq(taken, n < 57 ? n : 57);
    atoms_trainer_destroy(t);
    end(s);
}
END_TEST

/* A row that is the mean has no direction but that of rounding, the same for all such rows: their atoms are drawn. _i: where the mean is 0, too. */
START_TEST(rows_at_the_mean_are_no_atoms)
{
    setting *s = begin(N, D, 1);
    for (int64_t r = 0; r < N; r++)
        for (int64_t j = 0; j < D; j++) {
            double v = base_random_normal(8, BASE_STREAM_TEST, (uint64_t)(r / 4 * D + j)), sign = r % 4 == 0 ? 1 : r % 4 == 1 ? -1 : 0;
            s->x[r * D + j] = (float)((_i ? 0 : 3.1 + (double)j) + sign * v); /* half of the rows are the mean */
        }
    atoms_train_opts o = options("target-l0");
    o.start = ATOMS_START_ROWS;
    o.width = N;
    atoms_trainer *t = started(s, &o);
    int64_t pairs = 0;
    for (int64_t i = 0; i < N; i++)
        for (int64_t k = i + 1; k < N; k++) {
            double other[D];
            for (int64_t j = 0; j < D; j++) other[j] = t->parts[PART_DECODER].value[k * D + j];
            ck_assert_msg(!parallel(t->parts[PART_DECODER].value + i * D, other), "atoms %lld and %lld are one", (long long)i, (long long)k);
            pairs++;
        }
    ck_assert_int_eq(pairs, N * (N - 1) / 2);
    atoms_trainer_destroy(t);
    end(s);
}
END_TEST

void add_start_cases(Suite *suite)
{
    add_loop(suite, "data bias", data_biases_give_each_latent_its_share, 2);
    add_case(suite, "start threshold", a_start_threshold_is_every_threshold);
    add_case(suite, "relu", relu_starts_at_its_l0_by_biases);
    add_loop(suite, "norms", inputs_have_the_asked_norm_and_atoms_their_length, 2);
    add_loop(suite, "rows as atoms", rows_become_atoms, 2);
    add_loop(suite, "mean rows", rows_at_the_mean_are_no_atoms, 2);
}
