/* AIP mode: training in whitened space is training on whitened rows, and the file needs no extra stage: raw rows in, raw rows out. */
#include <math.h>

#include "sae/sae_internal.h"
#include "suite.h"
#include "train/train_internal.h"
#include "training_data.h"

void add_aip_cases(Suite *suite);

enum { N = 600, D = 12, ROWS = 64 };

static atoms_metric *metric_of(setting *s)
{
    atoms_moments *moments;
    atoms_metric *metric;
    atoms_metric_opts o;
    ck_assert_ok(atoms_metric_opts_init(&o, sizeof o));
    o.gamma = 0.01;
    ck_assert_ok(atoms_moments_create(s->context, D, &moments));
    ck_assert_ok(atoms_moments_add_rows(moments, s->rows));
    ck_assert_ok(atoms_metric_from_moments(s->context, moments, &o, &metric));
    atoms_moments_destroy(moments);
    return metric;
}

static atoms_train_opts options(int k)
{
    static const char *const recipes[] = {"target-l0", "anthropic", "gemma", "features"};
    atoms_train_opts o, small = small_opts();
    ck_assert_ok(atoms_train_opts_recipe(&o, sizeof o, recipes[k]));
    o.width = small.width;
    o.steps = small.steps;
    o.batch = ROWS;
    o.target_l0 = small.target_l0;
    o.seed = small.seed;
    return o;
}

static atoms_trainer *trained(setting *s, atoms_train_opts o, const atoms_metric *metric, atoms_rows *rows)
{
    atoms_trainer *t;
    o.metric = metric;
    ck_assert_ok(atoms_trainer_create(s->context, D, &o, &t));
    ck_assert_ok(atoms_trainer_run(t, rows, NULL, NULL, NULL));
    return t;
}

/* out := W x or W⁻¹ x, in f64. */
static void whiten(const atoms_metric *metric, int inverse, const float *x, int64_t n, double *out)
{
    atoms_matrix from = atoms_matrix_f32((float *)(uintptr_t)x, n, D), to = atoms_matrix_f64(out, n, D);
    if (inverse) ck_assert_ok(atoms_metric_unwhiten(metric, ATOMS_WHITEN_SYMMETRIC, &from, &to));
    else ck_assert_ok(atoms_metric_whiten(metric, ATOMS_WHITEN_SYMMETRIC, &from, &to));
}

/* z of row b and latent i as the trainer defines it, in f64. */
static double pre_activation(const atoms_trainer *t, const double *whitened, int64_t i)
{
    double z = t->parts[PART_B_ENC].value[i];
    for (int64_t j = 0; j < D; j++)
        z += (t->input_scale * whitened[j] - t->opts.subtract_b_dec * t->parts[PART_B_DEC].value[j]) * t->parts[PART_ENCODER].value[i * D + j];
    return z;
}

/* The snapshot's codes of raw rows, dense. */
static void encode(const atoms_sae *sae, const setting *s, double *codes, float *reconstruction)
{
    size_t bytes;
    atoms_sae_work *work;
    atoms_codes_view v;
    ck_assert_ok(atoms_sae_work_size(sae, ROWS, &bytes));
    void *memory = malloc(bytes);
    ck_assert_ok(atoms_sae_work_init(sae, memory, bytes, &work));
    atoms_matrix x = atoms_matrix_f32(s->x, ROWS, D), out = atoms_matrix_f32(reconstruction, ROWS, D);
    ck_assert_ok(atoms_sae_encode(sae, work, &x, &v));
    ck_assert_ok(atoms_sae_decode(sae, &v, &out));
    memset(codes, 0, (size_t)(ROWS * v.width) * sizeof *codes);
    for (int64_t b = 0; b < ROWS; b++)
        for (int64_t k = v.offset[b]; k < v.offset[b + 1]; k++) codes[b * v.width + v.index[k]] = v.value[k];
    free(memory);
}

/* _i: recipe. Supports are equal but for ties, values are s⁻¹‖W⁻¹d‖ times the trainer's, reconstructions W⁻¹û/s. */
START_TEST(a_snapshot_does_to_raw_rows_what_the_trainer_does_to_whitened_ones)
{
    setting *s = begin(N, D, 2);
    atoms_metric *metric = metric_of(s);
    atoms_trainer *t = trained(s, options(_i), metric, s->rows);
    atoms_sae *sae;
    ck_assert_ok(atoms_trainer_snapshot(t, &sae));
    int64_t m = t->width, active = 0, ties = 0;
    double *whitened = malloc(ROWS * D * sizeof *whitened), *atoms = malloc((size_t)(m * D) * sizeof *atoms), *codes = malloc((size_t)(ROWS * m) * sizeof *codes);
    float *reconstruction = malloc(ROWS * D * sizeof *reconstruction);
    whiten(metric, 0, s->x, ROWS, whitened);
    whiten(metric, 1, t->parts[PART_DECODER].value, m, atoms);
    encode(sae, s, codes, reconstruction);
    for (int64_t i = 0; i < m; i++) {
        double length = 0, saved = 0;
        for (int64_t j = 0; j < D; j++) {
            length += atoms[i * D + j] * atoms[i * D + j];
            saved += (double)sae->decoder[i * D + j] * sae->decoder[i * D + j];
        }
        ck_assert_near(saved, 1, 1e-6);
        length = sqrt(length);
        for (int64_t j = 0; j < D; j++) ck_assert(near(sae->decoder[i * D + j], atoms[i * D + j] / length, 1e-6, 1));
        for (int64_t b = 0; b < ROWS; b++) {
            double z = pre_activation(t, whitened + b * D, i), got = codes[b * m + i] * t->input_scale / length;
            double f = z > t->parts[PART_THRESHOLD].value[i] ? z : 0;
            active += f > 0;
            if ((f > 0) != (got > 0)) {
                ck_assert(near(z, t->parts[PART_THRESHOLD].value[i], 1e-4, 0.1));
                ties++;
            } else {
                ck_assert_msg(near(got, f, 1e-4, 0.1), "row %lld latent %lld: %g, not %g", (long long)b, (long long)i, got, f);
            }
        }
    }
    ck_assert_int_gt(active, ROWS);
    ck_assert_int_le(ties, 2);
    for (int64_t b = 0; b < ROWS; b++) {
        float made[D];
        double back[D];
        for (int64_t j = 0; j < D; j++) made[j] = t->parts[PART_B_DEC].value[j];
        for (int64_t i = 0; i < m; i++) {
            double z = pre_activation(t, whitened + b * D, i);
            if (z > t->parts[PART_THRESHOLD].value[i])
                for (int64_t j = 0; j < D; j++) made[j] += (float)(z * t->parts[PART_DECODER].value[i * D + j]);
        }
        whiten(metric, 1, made, 1, back);
        if (!ties)
            for (int64_t j = 0; j < D; j++) ck_assert(near(reconstruction[b * D + j], back[j] / t->input_scale, 1e-4, 10));
    }
    free(whitened);
    free(atoms);
    free(codes);
    free(reconstruction);
    atoms_sae_destroy(sae);
    atoms_trainer_destroy(t);
    atoms_metric_destroy(metric);
    end(s);
}
END_TEST

/* _i: recipe. But for rounding, which decides ties at the start too, the same model as of a trainer without a metric whose rows were whitened by
 * somebody else. */
START_TEST(aip_mode_is_training_on_whitened_rows)
{
    setting *s = begin(N, D, 1);
    atoms_metric *metric = metric_of(s);
    double *y = malloc(N * D * sizeof *y);
    whiten(metric, 0, s->x, N, y);
    atoms_matrix whitened = atoms_matrix_f64(y, N, D);
    atoms_rows *rows;
    ck_assert_ok(atoms_rows_from_matrix(s->context, &whitened, &rows));
    atoms_trainer *inside = trained(s, options(_i), metric, s->rows), *outside = trained(s, options(_i), NULL, rows);
    ck_assert_near(inside->input_scale, outside->input_scale, 1e-6);
    double square = 0;
    for (int64_t i = 0; i < N * D; i++) square += y[i] * y[i];
    ck_assert_near(inside->input_scale * inside->input_scale * square / N, inside->opts.input_norm == ATOMS_INPUT_NORM_ONE ? 1 : D, 1e-6);
    for (int p = 0; p < PART_COUNT; p++) {
        int64_t n = inside->parts[p].rows * inside->parts[p].cols;
        double difference = relative_difference_f32(inside->parts[p].value, outside->parts[p].value, n);
        ck_assert_msg(difference < 1e-2, "%s: %g", inside->parts[p].name, difference);
    }
    atoms_trainer_destroy(inside);
    atoms_trainer_destroy(outside);
    atoms_rows_destroy(rows);
    free(y);
    atoms_metric_destroy(metric);
    end(s);
}
END_TEST

START_TEST(a_metric_is_copied_and_must_fit)
{
    setting *s = begin(N, D, 1);
    atoms_metric *metric = metric_of(s);
    atoms_train_opts o = options(0), back;
    o.metric = metric;
    atoms_trainer *t = NULL, *kept = trained(s, options(0), metric, s->rows);
    ck_assert_status(atoms_trainer_create(s->context, D + 1, &o, &t), ATOMS_E_SHAPE);
    ck_assert_ptr_null(t);
    ck_assert_detail(s->context, "12");
    ck_assert_ok(atoms_trainer_create(s->context, D, &o, &t));
    atoms_metric_destroy(metric);
    ck_assert_ok(atoms_train_opts_init(&back, sizeof back));
    ck_assert_ok(atoms_trainer_opts(t, &back));
    ck_assert_ptr_null(back.metric);
    ck_assert(atoms_trainer_whitens(t) == 1 && atoms_trainer_dim(t) == D);
    ck_assert_ok(atoms_trainer_run(t, s->rows, NULL, NULL, NULL));
    for (int p = 0; p < PART_COUNT; p++)
        ck_assert(memcmp(t->parts[p].value, kept->parts[p].value, (size_t)(t->parts[p].rows * t->parts[p].cols) * sizeof(float)) == 0);
    atoms_trainer_destroy(kept);
    atoms_trainer_destroy(t);
    end(s);
}
END_TEST

void add_aip_cases(Suite *suite)
{
    add_loop(suite, "aip snapshot", a_snapshot_does_to_raw_rows_what_the_trainer_does_to_whitened_ones, 4);
    add_loop(suite, "aip training", aip_mode_is_training_on_whitened_rows, 4);
    add_case(suite, "aip metric", a_metric_is_copied_and_must_fit);
}
