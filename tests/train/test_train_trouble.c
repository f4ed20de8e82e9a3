/* What goes wrong on the way: bad rows, divergence, memory refused. */
#include <math.h>

#include "counting_memory.h"
#include "files.h"
#include "suite.h"
#include "train/train_internal.h"
#include "training_data.h"

void add_trouble_cases(Suite *suite);

enum { N = 300, D = 12 };

static atoms_trainer *new_trainer(setting *s, const atoms_train_opts *o)
{
    atoms_trainer *t;
    ck_assert_ok(atoms_trainer_create(s->context, D, o, &t));
    return t;
}

/* Stops at a step. */
static int32_t stop_at(void *user, const atoms_train_stats *s)
{
    return s->step == *(int64_t *)user;
}

START_TEST(bad_rows_leave_the_trainer_at_its_last_step)
{
    setting *s = begin(N, D, 1);
    atoms_train_opts o = small_opts();
    atoms_trainer *t = new_trainer(s, &o);
    atoms_rows *few;
    ck_assert_ok(atoms_rows_first(s->context, s->rows, 63, &few));
    ck_assert_status(atoms_trainer_run(t, few, NULL, NULL, NULL), ATOMS_E_SHAPE);
    ck_assert_detail(s->context, "63");
    atoms_rows_destroy(few);
    ck_assert_status(atoms_trainer_run(t, NULL, NULL, NULL, NULL), ATOMS_E_ARGUMENT);
    int64_t stop = 3;
    ck_assert_ok(atoms_trainer_run(t, s->rows, stop_at, &stop, NULL));
    float kept = s->x[17 * D + 5];
    s->x[17 * D + 5] = NAN;
    stop = 0;
    ck_assert_status(atoms_trainer_run(t, s->rows, stop_at, &stop, NULL), ATOMS_E_NOT_FINITE);
    ck_assert_detail(s->context, "row 17 column 5 is NaN");
    atoms_matrix batch = atoms_matrix_f32(s->x, 64, D), wide = atoms_matrix_f32(s->x, 10, D + 1), none = atoms_matrix_f32(s->x, 0, D), many = atoms_matrix_f32(s->x, 65, D);
    int64_t steps = atoms_trainer_steps_done(t);
    ck_assert_status(atoms_trainer_step(t, &batch, NULL), ATOMS_E_NOT_FINITE);
    ck_assert_status(atoms_trainer_step(t, &wide, NULL), ATOMS_E_SHAPE);
    ck_assert_status(atoms_trainer_step(t, &none, NULL), ATOMS_E_SHAPE);
    ck_assert_status(atoms_trainer_step(t, &many, NULL), ATOMS_E_SHAPE);
    ck_assert_int_eq(atoms_trainer_steps_done(t), steps);
    s->x[17 * D + 5] = kept;
    ck_assert_ok(atoms_trainer_run(t, s->rows, NULL, NULL, NULL));
    atoms_trainer_destroy(t);
    memset(s->x, 0, N * D * sizeof *s->x);
    t = new_trainer(s, &o);
    ck_assert_status(atoms_trainer_run(t, s->rows, NULL, NULL, NULL), ATOMS_E_ARGUMENT);
    ck_assert_detail(s->context, "zero");
    for (int64_t i = 0; i < N * D; i++) s->x[i] = 1e-42f; /* 1/length is no f32 */
    ck_assert_status(atoms_trainer_run(t, s->rows, NULL, NULL, NULL), ATOMS_E_ARGUMENT);
    ck_assert_detail(s->context, "rows have length");
    for (int64_t i = 0; i < N * D; i++) s->x[i] = (float)(i % 5);
    ck_assert_ok(atoms_trainer_run(t, s->rows, NULL, NULL, NULL)); /* a start that failed can be tried again */
    atoms_trainer_destroy(t);
    end(s);
}
END_TEST

START_TEST(divergence_is_an_error_before_it_is_a_model)
{
    setting *s = begin(N, D, 1);
    atoms_train_opts o = small_opts();
    o.learning_rate = 1e3;
    o.steps = 5000;
    o.beta1 = o.beta2 = 0;
    atoms_trainer *t = new_trainer(s, &o);
    ck_assert_ok(atoms_trainer_initialize(t, s->rows));
    t->parts[PART_ENCODER].value[3] = 1e30f;
    t->parts[PART_DECODER].value[3] = 1e30f;
    atoms_status status = atoms_trainer_run(t, s->rows, NULL, NULL, NULL);
    ck_assert_status(status, ATOMS_E_NUMERIC);
    ck_assert_detail(s->context, "diverged");
    atoms_trainer_destroy(t);
    end(s);
}
END_TEST

static int32_t add_nothing(void *user, void *values, int64_t count, int32_t dtype)
{
    (void)user, (void)values, (void)count, (void)dtype;
    return 0;
}

static atoms_metric *metric_of(atoms_context *context, const atoms_matrix *x)
{
    atoms_moments *moments;
    atoms_metric *metric;
    ck_assert_ok(atoms_moments_create(context, D, &moments));
    ck_assert_ok(atoms_moments_add(moments, x));
    ck_assert_ok(atoms_metric_from_moments(context, moments, NULL, &metric));
    atoms_moments_destroy(moments);
    return metric;
}

/* Every request for memory refused in turn, once and for ever after: a clean status, no leak, and the trainer is still usable. _i / 2: the default;
 * whitening, a clipped gradient, biases from the data, a hook and revival. */
START_TEST(refused_memory_is_survived)
{
    float *x = training_rows(N, D, 1);
    int64_t visited = 0, everything = _i / 2;
    for (int64_t k = 1;; k++) {
        counting_memory memory = {0};
        atoms_context *context = counting_context(&memory, 1);
        atoms_train_opts o = small_opts();
        atoms_matrix m = atoms_matrix_f32(x, N, D);
        atoms_metric *metric = everything ? metric_of(context, &m) : NULL;
        if (everything) o.metric = metric, o.clip_norm = 1, o.data_bias = 1, o.revive_every = 1, o.dead_steps = 1;
        memory.requests = 0;
        memory.sticky = _i % 2;
        memory.fail_at = k;
        atoms_trainer *t = NULL, *again = NULL;
        atoms_sae *sae = NULL;
        atoms_rows *rows = NULL;
        atoms_status status = atoms_rows_from_matrix(context, &m, &rows);
        if (!status) status = atoms_trainer_create(context, D, &o, &t);
        if (!status && everything) status = atoms_trainer_reduce(t, add_nothing, NULL);
        if (!status) status = atoms_trainer_run(t, rows, NULL, NULL, NULL);
        if (!status) status = atoms_trainer_snapshot(t, &sae);
        if (!status) status = atoms_trainer_save(t, scratch_path("sweep.safetensors"));
        if (!status) status = atoms_trainer_load(context, scratch_path("sweep.safetensors"), &again);
        int64_t failures = memory.failures;
        memory.fail_at = 0;
        if (status) {
            ck_assert_status(status, ATOMS_E_MEMORY);
            if (t && rows) ck_assert_ok(atoms_trainer_run(t, rows, NULL, NULL, NULL)); /* still usable */
        }
        atoms_trainer_destroy(again);
        atoms_sae_destroy(sae);
        atoms_trainer_destroy(t);
        atoms_rows_destroy(rows);
        atoms_metric_destroy(metric);
        atoms_context_destroy(context);
        ck_assert_int_eq(memory.held, 0);
        if (!failures) break;
        ck_assert(status != ATOMS_OK);
        visited++;
    }
    ck_assert_int_ge(visited, 30);
    free(x);
}
END_TEST

void add_trouble_cases(Suite *suite)
{
    add_case(suite, "bad rows", bad_rows_leave_the_trainer_at_its_last_step);
    add_case(suite, "divergence", divergence_is_an_error_before_it_is_a_model);
    add_file_loop(suite, "memory", refused_memory_is_survived, 4);
}
