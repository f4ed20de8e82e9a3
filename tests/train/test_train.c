/* The trainer as its users see it: options, order, schedule, start, progress, bad input, refused memory, snapshot. */
#include <math.h>
#include <stdio.h>

#include "base/checksum.h"
#include "counting_memory.h"
#include "files.h"
#include "suite.h"
#include "train/train_internal.h"
#include "training_data.h"

void add_option_cases(Suite *suite);
void add_trouble_cases(Suite *suite);
void add_straight_through_cases(Suite *suite);
void add_update_cases(Suite *suite);
void add_recipe_cases(Suite *suite);
void add_start_cases(Suite *suite);
void add_aip_cases(Suite *suite);
void add_reduce_cases(Suite *suite);
void add_hook_cases(Suite *suite);
void add_revive_cases(Suite *suite);
void add_resume_cases(Suite *suite);
void add_checkpoint_cases(Suite *suite);

enum { N = 300, D = 12 };

static atoms_trainer *new_trainer(setting *s, const atoms_train_opts *o)
{
    atoms_trainer *t;
    ck_assert_ok(atoms_trainer_create(s->context, D, o, &t));
    return t;
}

START_TEST(an_epoch_visits_each_row_at_most_once)
{
    atoms_train_opts o = small_opts();
    int64_t order[64], first[64];
    for (int64_t epoch = 0; epoch < 3; epoch++) {
        char seen[N] = {0};
        for (int64_t b = 0; b < N / 64; b++) {
            atomsi_batch_order(&o, N, epoch * (N / 64) + b, order);
            for (int i = 0; i < 64; i++) {
                ck_assert(order[i] >= 0 && order[i] < N && !seen[order[i]]);
                seen[order[i]] = 1;
            }
            if (epoch == 0 && b == 0) memcpy(first, order, sizeof order);
            else if (b == 0) ck_assert(memcmp(first, order, sizeof order) != 0);
        }
    }
    o.seed++;
    atomsi_batch_order(&o, N, 0, order);
    ck_assert(memcmp(first, order, sizeof order) != 0);
}
END_TEST

START_TEST(it_starts_at_twice_the_target_with_unit_atoms)
{
    setting *s = begin(N, D, 2);
    atoms_train_opts o = small_opts();
    o.batch = 100; /* the sample of 300 rows takes three loads */
    atoms_trainer *t = new_trainer(s, &o);
    ck_assert_ok(atoms_trainer_initialize(t, s->rows));
    ck_assert_status(atoms_trainer_initialize(t, s->rows), ATOMS_E_STATE);
    double square = 0, active = 0;
    for (int64_t i = 0; i < N * D; i++) square += (double)s->x[i] * s->x[i];
    ck_assert_near(t->input_scale, sqrt(N / square), 1e-12);
    for (int64_t i = 0; i < t->width; i++) {
        const float *atom = t->parts[PART_DECODER].value + i * D, *encoder = t->parts[PART_ENCODER].value + i * D;
        double length = 0, product = 0;
        for (int64_t j = 0; j < D; j++) {
            length += (double)atom[j] * atom[j];
            product += (double)atom[j] * encoder[j];
        }
        ck_assert_near(length, 1, 1e-6);
        for (int64_t j = 0; j < D; j++) ck_assert(near(encoder[j], product * atom[j], 1e-5, 1e-3));
    }
    for (int64_t first = 0; first < N; first += 100) {
        memcpy(t->input, s->x + first * D, 100 * D * sizeof *s->x);
        t->rows = 100;
        atomsi_train_centre(t);
        ck_assert_ok(atomsi_train_forward(t, 0));
        atomsi_train_errors(t);
        active += t->sums[SUM_ACTIVE];
    }
    ck_assert_double_le(fabs(active / N - 2 * o.target_l0), 0.02); /* scaling may move a tie */
    atoms_trainer_destroy(t);
    end(s);
}
END_TEST

typedef struct watch {
    int64_t calls, stop;
    double first_mse, last_mse, last_l0;
} watch;

static int32_t look(void *user, const atoms_train_stats *s)
{
    watch *w = user;
    ck_assert_int_eq(s->step, ++w->calls);
    if (w->calls == 1) w->first_mse = s->mse;
    w->last_mse = s->mse;
    w->last_l0 = s->l0;
    return w->stop && s->step == w->stop;
}

START_TEST(training_learns_and_can_be_stopped)
{
    setting *s = begin(4096, D, 1);
    atoms_train_opts o = small_opts();
    o.width = 48;
    o.steps = 400;
    o.learning_rate = 5e-3;
    o.bandwidth = 0.05;
    atoms_trainer *t = new_trainer(s, &o);
    atoms_train_report r;
    ck_assert_ok(atoms_train_report_init(&r, sizeof r));
    watch w = {.stop = 7};
    ck_assert_ok(atoms_trainer_run(t, s->rows, look, &w, &r));
    ck_assert(w.calls == 7 && r.outcome == ATOMS_TRAIN_STOPPED && r.step == 7 && r.rows == 7 * 64);
    w.stop = 0;
    ck_assert_ok(atoms_trainer_run(t, s->rows, look, &w, &r));
    ck_assert(w.calls == 400 && r.outcome == ATOMS_TRAIN_DONE && r.step == 400 && r.mse == w.last_mse);
    ck_assert_msg(w.last_mse < 0.4 * w.first_mse, "mse %g -> %g", w.first_mse, w.last_mse);
    ck_assert_msg(fabs(w.last_l0 / o.target_l0 - 1) < 0.2, "L0 %g", w.last_l0);
    ck_assert_ok(atoms_trainer_run(t, s->rows, look, &w, &r)); /* nothing left to do */
    ck_assert_int_eq(w.calls, 400);
    atoms_trainer_destroy(t);
    end(s);
}
END_TEST

/* The SAE that is handed out does to raw rows what the trainer does to scaled ones. */
START_TEST(a_snapshot_encodes_as_the_trainer_does)
{
    setting *s = begin(N, D, 1);
    atoms_train_opts o = small_opts();
    atoms_trainer *t = new_trainer(s, &o);
    atoms_sae *sae;
    ck_assert_status(atoms_trainer_snapshot(t, &sae), ATOMS_E_STATE);
    ck_assert_ok(atoms_trainer_run(t, s->rows, NULL, NULL, NULL));
    ck_assert_ok(atoms_trainer_snapshot(t, &sae));
    memcpy(t->input, s->x, 64 * D * sizeof *s->x);
    t->rows = 64;
    atomsi_train_centre(t);
    ck_assert_ok(atomsi_train_forward(t, 0));
    atomsi_train_errors(t);
    atoms_codes_view v;
    atoms_sae_work *work;
    size_t bytes;
    ck_assert_ok(atoms_sae_work_size(sae, 64, &bytes));
    void *memory_of_work = malloc(bytes);
    ck_assert_ok(atoms_sae_work_init(sae, memory_of_work, bytes, &work));
    atoms_matrix batch = atoms_matrix_f32(s->x, 64, D);
    ck_assert_ok(atoms_sae_encode(sae, work, &batch, &v));
    ck_assert_int_eq(v.nnz, t->events.row_start[64]);
    float reconstruction[64 * D];
    atoms_matrix out = atoms_matrix_f32(reconstruction, 64, D);
    ck_assert_ok(atoms_sae_decode(sae, &v, &out));
    for (int64_t i = 0; i < v.nnz; i++) {
        ck_assert_int_eq(v.index[i], t->events.latent[i]);
        ck_assert(near(v.value[i] * t->input_scale, t->events.z[i], 1e-4, 0.1));
    }
    for (int64_t i = 0; i < 64 * D; i++) ck_assert(near((reconstruction[i] - s->x[i]) * t->input_scale, t->error[i], 1e-4, 0.1));
    atoms_sae_report report;
    ck_assert_ok(atoms_sae_report_init(&report, sizeof report));
    ck_assert_ok(atoms_sae_describe(sae, &report));
    ck_assert_int_eq(report.unit_decoder, 1);
    free(memory_of_work);
    atoms_sae_destroy(sae);
    atoms_trainer_destroy(t);
    end(s);
}
END_TEST

/* R² of rows that do not vary is no number, as in atoms_figures; everything else is. */
START_TEST(a_batch_of_one_row_has_no_r2)
{
    setting *s = begin(N, D, 1);
    atoms_train_opts o = small_opts();
    atoms_trainer *t = new_trainer(s, &o);
    atoms_train_stats stats;
    ck_assert_ok(atoms_train_stats_init(&stats, sizeof stats));
    ck_assert_ok(atoms_trainer_initialize(t, s->rows));
    for (int64_t i = 0; i < 20; i++) {
        atoms_matrix one = atoms_matrix_f32(s->x + i * D, 1, D), two = atoms_matrix_f32(s->x + i * D, 2, D);
        ck_assert_ok(atoms_trainer_step(t, &one, &stats));
        ck_assert(isnan(stats.r2) && isfinite(stats.loss) && stats.mse > 0);
        ck_assert_ok(atoms_trainer_step(t, &two, &stats));
        ck_assert(isfinite(stats.r2));
    }
    atoms_trainer_destroy(t);
    end(s);
}
END_TEST

START_TEST(dead_latents_are_counted)
{
    setting *s = begin(N, D, 1);
    atoms_train_opts o = small_opts();
    atoms_trainer *t = new_trainer(s, &o);
    ck_assert_ok(atoms_trainer_initialize(t, s->rows));
    ck_assert_int_eq(atomsi_train_dead(t), 0);
    for (int i = 0; i < 5; i++) t->parts[PART_THRESHOLD].value[i] = 100;
    atoms_train_report r;
    ck_assert_ok(atoms_train_report_init(&r, sizeof r));
    ck_assert_ok(atoms_trainer_run(t, s->rows, NULL, NULL, &r));
    ck_assert_int_ge(r.dead, 5);
    ck_assert_int_lt(r.dead, 24);
    atoms_trainer_destroy(t);
    end(s);
}
END_TEST

START_TEST(checkpoints_are_written_on_the_way)
{
    setting *s = begin(N, D, 1);
    atoms_train_opts o = small_opts();
    char path[8192];
    snprintf(path, sizeof path, "%s", scratch_path("on-the-way.safetensors"));
    o.checkpoint_path = path;
    o.checkpoint_every = 5;
    atoms_trainer *t = new_trainer(s, &o), *again;
    ck_assert_ok(atoms_trainer_run(t, s->rows, NULL, NULL, NULL));
    ck_assert_ok(atoms_trainer_load(s->context, path, &again));
    ck_assert(atoms_trainer_steps_done(again) == 10 && atoms_trainer_dim(again) == D && atoms_trainer_whitens(again) == 0);
    ck_assert(atoms_trainer_steps_done(NULL) == 0 && atoms_trainer_dim(NULL) == 0 && atoms_trainer_whitens(NULL) == 0);
    ck_assert_status(atoms_trainer_checkpoint(again, NULL, 3), ATOMS_E_ARGUMENT);
    ck_assert_ok(atoms_trainer_checkpoint(again, NULL, 0));
    ck_assert_ok(atoms_trainer_run(again, s->rows, NULL, NULL, NULL));
    ck_assert(memcmp(again->parts[0].value, t->parts[0].value, (size_t)(t->width * D) * sizeof(float)) == 0);
    atoms_trainer_destroy(again);
    atoms_trainer_destroy(t);
    end(s);
}
END_TEST

START_TEST(checksum_gives_the_published_values)
{
    ck_assert(base_checksum("", 0, 0) == 0xEF46DB3751D8E999u);
    ck_assert(base_checksum("abc", 3, 0) == 0x44BC2CF5AD770999u);
    unsigned char bytes[100];
    for (int i = 0; i < 100; i++) bytes[i] = (unsigned char)i;
    uint64_t whole = base_checksum(bytes, 100, 0);
    for (int i = 0; i < 100; i++) {
        bytes[i] ^= 1;
        ck_assert(base_checksum(bytes, 100, 0) != whole);
        bytes[i] ^= 1;
    }
}
END_TEST

static void add_cases(Suite *suite)
{
    add_case(suite, "order", an_epoch_visits_each_row_at_most_once);
    add_case(suite, "start", it_starts_at_twice_the_target_with_unit_atoms);
    add_case(suite, "learning", training_learns_and_can_be_stopped);
    add_case(suite, "snapshot", a_snapshot_encodes_as_the_trainer_does);
    add_case(suite, "one row", a_batch_of_one_row_has_no_r2);
    add_case(suite, "dead", dead_latents_are_counted);
    add_file_case(suite, "checkpoints", checkpoints_are_written_on_the_way);
    add_case(suite, "checksum", checksum_gives_the_published_values);
    add_option_cases(suite);
    add_trouble_cases(suite);
    add_straight_through_cases(suite);
    add_update_cases(suite);
    add_recipe_cases(suite);
    add_start_cases(suite);
    add_aip_cases(suite);
    add_reduce_cases(suite);
    add_hook_cases(suite);
    add_revive_cases(suite);
    add_resume_cases(suite);
    add_checkpoint_cases(suite);
}

SUITE_MAIN("train", add_cases)
