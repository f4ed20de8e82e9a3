/* A run that was stopped and resumed gives the bits of one that was not; any field left out of a checkpoint would show. */
#include <math.h>
#include <stdio.h>

#include "files.h"
#include "failing_io.h"
#include "suite.h"
#include "train/train_internal.h"
#include "training_data.h"
#include "unsynced_io.h"

void add_resume_cases(Suite *suite);

enum { N = 1300, D = 10 };

static atoms_trainer *new_trainer(setting *s)
{
    atoms_train_opts o = small_opts();
    o.warmup_fraction = 0.2;
    atoms_trainer *t;
    ck_assert_ok(atoms_trainer_create(s->context, D, &o, &t));
    return t;
}

static int32_t stop_at(void *user, const atoms_train_stats *stats)
{
    return stats->step >= *(int64_t *)user;
}

static void run_to(setting *s, atoms_trainer *t, int64_t step)
{
    atoms_train_report r;
    ck_assert_ok(atoms_train_report_init(&r, sizeof r));
    ck_assert_ok(atoms_trainer_run(t, s->rows, stop_at, &step, &r));
    ck_assert_int_eq(r.step, step);
}

/* The final checkpoint of a run of 12 steps: everything there is to compare. */
static unsigned char *final_bytes(setting *s, atoms_trainer *t, size_t *size)
{
    const char *path = scratch_path("final.safetensors");
    run_to(s, t, 12);
    ck_assert_ok(atoms_trainer_save(t, path));
    return read_bytes(path, size);
}

static unsigned char *reference(size_t *size)
{
    setting *s = begin(N, D, 1);
    atoms_trainer *t = new_trainer(s);
    unsigned char *bytes = final_bytes(s, t, size);
    atoms_trainer_destroy(t);
    end(s);
    return bytes;
}

/* The same of a run in which every pass has several pieces: 2 × 3 tiles, 19 pieces of rows, 38 of latents. */
static unsigned char *bytes_of_many_pieces(setting *s, size_t *size)
{
    atoms_train_opts o = small_opts();
    o.width = 1200;
    o.batch = 600;
    o.target_l0 = 20;
    atoms_trainer *t;
    ck_assert_ok(atoms_trainer_create(s->context, D, &o, &t));
    unsigned char *bytes = final_bytes(s, t, size);
    atoms_trainer_destroy(t);
    return bytes;
}

START_TEST(same_bits_for_any_number_of_threads)
{
    size_t size = 0, size2;
    unsigned char *want = NULL;
    for (int32_t threads = 1; threads <= 4; threads++) {
        setting *s = begin(N, D, threads);
        unsigned char *got = bytes_of_many_pieces(s, &size2);
        if (!want) {
            want = got;
            size = size2;
        } else {
            ck_assert(size == size2 && memcmp(want, got, size) == 0);
            free(got);
        }
        end(s);
    }
    free(want);
}
END_TEST

/* A host's loop may take pieces in any order and number its workers as it likes. */
static void backwards(void *user, int64_t count, atoms_body_fn body, void *arg)
{
    for (int64_t i = count; i-- > 0;) body(arg, i, (int32_t)(i % 3));
    ++*(int64_t *)user;
}

START_TEST(same_bits_in_the_hosts_own_loop)
{
    size_t size, size2;
    int64_t loops = 0;
    setting *s = begin(N, D, 1);
    unsigned char *want = bytes_of_many_pieces(s, &size);
    atoms_context_opts o;
    atoms_context *plain = s->context;
    ck_assert_ok(atoms_context_opts_init(&o, sizeof o));
    o.threads = 3;
    o.parallel_user = &loops;
    o.parallel_for = backwards;
    ck_assert_ok(atoms_context_create(&o, &s->context));
    unsigned char *got = bytes_of_many_pieces(s, &size2);
    ck_assert(size == size2 && memcmp(want, got, size) == 0);
    ck_assert_int_ge(loops, 12 * 5); /* five loops a step */
    free(got);
    free(want);
    atoms_context_destroy(s->context);
    s->context = plain;
    end(s);
}
END_TEST

/* _i: stopped before the first step, and at three points. */
START_TEST(a_resumed_run_goes_on_bit_for_bit)
{
    static const int64_t splits[] = {0, 1, 5, 11};
    size_t size, size2;
    unsigned char *want = reference(&size);
    setting *s = begin(N, D, 2);
    atoms_trainer *t = new_trainer(s), *resumed;
    if (splits[_i]) run_to(s, t, splits[_i]);
    ck_assert_ok(atoms_trainer_save(t, scratch_path("half.safetensors")));
    atoms_trainer_destroy(t);
    ck_assert_ok(atoms_trainer_load(s->context, scratch_path("half.safetensors"), &resumed));
    ck_assert_int_eq(atoms_trainer_steps_done(resumed), splits[_i]);
    unsigned char *got = final_bytes(s, resumed, &size2);
    ck_assert(size == size2 && memcmp(want, got, size) == 0);
    free(got);
    free(want);
    atoms_trainer_destroy(resumed);
    end(s);
}
END_TEST

START_TEST(pushed_steps_are_pulled_steps)
{
    size_t size, size2;
    unsigned char *want = reference(&size);
    setting *s = begin(N, D, 1);
    atoms_trainer *t = new_trainer(s);
    ck_assert_ok(atoms_trainer_initialize(t, s->rows));
    float batch[64 * D];
    int64_t order[64];
    for (int64_t step = 0; step < 12; step++) {
        atoms_matrix m = atoms_matrix_f32(batch, 64, D);
        atomsi_batch_order(&t->opts, N, step, order);
        ck_assert_ok(atoms_rows_gather(s->rows, order, &m));
        ck_assert_ok(atoms_trainer_step(t, &m, NULL));
    }
    const char *path = scratch_path("pushed.safetensors");
    ck_assert_ok(atoms_trainer_save(t, path));
    unsigned char *got = read_bytes(path, &size2);
    ck_assert(size == size2 && memcmp(want, got, size) == 0);
    free(got);
    free(want);
    atoms_trainer_destroy(t);
    end(s);
}
END_TEST

/* The test of the test: with any one field of the state lost, the resumed run must differ. */
START_TEST(every_field_of_the_state_matters)
{
    size_t size, size2;
    unsigned char *want = reference(&size);
    int lost = 0;
    for (int field = 0; field < 3 * PART_COUNT + 4; field++) {
        setting *s = begin(N, D, 1);
        atoms_trainer *t = new_trainer(s);
        run_to(s, t, 5);
        if (field < 3 * PART_COUNT) {
            train_part *p = &t->parts[field / 3];
            float *arrays[] = {p->value, p->first, p->second};
            memset(arrays[field % 3], 0, (size_t)(p->rows * p->cols) * sizeof(float));
        } else if (field == 3 * PART_COUNT) {
            t->step = 0;
        } else if (field == 3 * PART_COUNT + 1) {
            t->rows_seen = 0;
        } else if (field == 3 * PART_COUNT + 2) {
            t->input_scale = 1;
        } else {
            for (int64_t i = 0; i < t->width; i++) t->last_fired[i] = 3;
            t->parts[PART_THRESHOLD].value[0] = 100; /* so that one latent does not fire again and its mark stays */
        }
        unsigned char *got = final_bytes(s, t, &size2);
        ck_assert_msg(size != size2 || memcmp(want, got, size) != 0, "field %d lost, and nobody noticed", field);
        lost++;
        free(got);
        atoms_trainer_destroy(t);
        end(s);
    }
    ck_assert_int_eq(lost, 3 * PART_COUNT + 4);
    free(want);
}
END_TEST

START_TEST(a_damaged_checkpoint_is_refused)
{
    setting *s = begin(N, D, 1);
    atoms_train_opts o = small_opts();
    o.width = 3;
    o.target_l0 = 1;
    atoms_trainer *t, *bad = NULL;
    ck_assert_ok(atoms_trainer_create(s->context, D, &o, &t));
    run_to(s, t, 2);
    const char *path = scratch_path("small.safetensors"), *damaged = scratch_path("damaged.safetensors"); /* two of the eight buffers */
    ck_assert_ok(atoms_trainer_save(t, path));
    size_t size;
    unsigned char *bytes = read_bytes(path, &size);
    int64_t flips = 0;
    for (size_t i = 0; i < size; i++) {
        bytes[i] ^= (unsigned char)(1u << (i % 8));
        write_bytes(damaged, bytes, size);
        atoms_status status = atoms_trainer_load(s->context, damaged, &bad);
        ck_assert_msg(status != ATOMS_OK, "byte %zu of %zu flipped, and the checkpoint loaded", i, size);
        ck_assert_ptr_null(bad);
        bytes[i] ^= (unsigned char)(1u << (i % 8));
        flips++;
    }
    for (size_t n = 0; n < size; n += n < 3000 ? 1 : 97) {
        write_bytes(damaged, bytes, n);
        ck_assert(atoms_trainer_load(s->context, damaged, &bad) != ATOMS_OK);
    }
    ck_assert_int_gt(flips, 1000);
    ck_assert_status(atoms_trainer_load(s->context, sample_path("sample.eval.npy"), &bad), ATOMS_E_FORMAT);
    ck_assert_status(atoms_trainer_load(s->context, scratch_path("none"), &bad), ATOMS_E_NOT_FOUND);
    free(bytes);
    atoms_trainer_destroy(t);
    end(s);
}
END_TEST

START_TEST(a_failed_save_keeps_the_old_checkpoint)
{
    setting *s = begin(N, D, 1);
    atoms_trainer *t = new_trainer(s);
    char path[8192];
    snprintf(path, sizeof path, "%s", scratch_path("kept.safetensors"));
    run_to(s, t, 1);
    ck_assert_ok(atoms_trainer_save(t, path));
    size_t size, size2;
    unsigned char *want = read_bytes(path, &size);
    run_to(s, t, 2);
    int64_t visited = 0;
    for (int64_t k = 1;; k++) {
        failing_io io = {.fail_at = k, .sticky = 1, .error = 28 /* ENOSPC */};
        failing_io_use(&io, s->context);
        atoms_status status = atoms_trainer_save(t, path);
        if (!io.failures) {
            ck_assert_ok(status);
            break;
        }
        visited++;
        if (status == ATOMS_OK) continue; /* an operation whose failure does not matter */
        ck_assert_status(status, ATOMS_E_IO);
        ck_assert_detail(s->context, "no space");
        unsigned char *got = read_bytes(path, &size2);
        if (size == size2 && memcmp(want, got, size) == 0) {
            ck_assert_int_eq(file_exists(scratch_path("kept.safetensors.tmp")), 0);
        } else { /* only the directory's fsync may fail after the new file is in place */
            atoms_trainer *again;
            s->context->io = unsynced_io();
            ck_assert_ok(atoms_trainer_load(s->context, path, &again));
            ck_assert_int_eq(atoms_trainer_steps_done(again), 2);
            atoms_trainer_destroy(again);
        }
        free(got);
    }
    ck_assert_int_ge(visited, 5);
    free(want);
    atoms_trainer_destroy(t);
    end(s);
}
END_TEST

/* Files with a right checksum that no trainer writes: what the passes would index, divide or count by is judged on loading. */
START_TEST(a_state_that_no_training_reaches_is_refused)
{
    setting *s = begin(N, D, 1);
    atoms_trainer *t = new_trainer(s), *bad = NULL;
    run_to(s, t, 2);
    const char *path = scratch_path("forged.safetensors");
    int refused = 0;
#define FORGE(field, lie)                                                                  \
    do {                                                                                   \
        __typeof__(field) was_ = (field);                                                  \
        field = (lie);                                                                     \
        ck_assert_ok(atoms_trainer_save(t, path));                                         \
        field = was_;                                                                      \
        ck_assert_status(atoms_trainer_load(s->context, path, &bad), ATOMS_E_FORMAT);      \
        ck_assert_ptr_null(bad);                                                           \
        ck_assert_detail(s->context, "no training reaches");                               \
        refused++;                                                                         \
    } while (0)
    FORGE(t->step, -1);
    FORGE(t->step, 1); /* and more rows than one batch */
    FORGE(t->step, INT64_MAX);
    FORGE(t->rows_seen, -1);
    FORGE(t->rows_seen, 1);
    FORGE(t->rows_seen, INT64_MAX);
    FORGE(t->initialised, 0);
    FORGE(t->input_scale, 0);
    FORGE(t->input_scale, -1);
    FORGE(t->input_scale, NAN);
    FORGE(t->input_scale, 1e300);
    FORGE(t->last_fired[7], -1);
    FORGE(t->last_fired[7], 3);
    FORGE(t->parts[PART_THRESHOLD].value[2], -0.5f);
#undef FORGE
    ck_assert_int_eq(refused, 14);
    ck_assert_ok(atoms_trainer_save(t, path));
    ck_assert_ok(atoms_trainer_load(s->context, path, &bad));
    atoms_trainer_destroy(bad);
    atoms_trainer_destroy(t);
    end(s);
}
END_TEST

START_TEST(a_diverged_model_replaces_no_checkpoint)
{
    setting *s = begin(N, D, 1);
    atoms_trainer *t = new_trainer(s), *again;
    run_to(s, t, 2);
    const char *path = scratch_path("good.safetensors");
    ck_assert_ok(atoms_trainer_save(t, path));
    run_to(s, t, 3);
    t->parts[PART_DECODER].first[5] = INFINITY;
    ck_assert_status(atoms_trainer_save(t, path), ATOMS_E_NUMERIC);
    ck_assert_detail(s->context, "decoder.adam_first");
    ck_assert_ok(atoms_trainer_load(s->context, path, &again));
    ck_assert_int_eq(atoms_trainer_steps_done(again), 2);
    atoms_trainer_destroy(again);
    atoms_trainer_destroy(t);
    end(s);
}
END_TEST

void add_resume_cases(Suite *suite)
{
    add_file_case(suite, "threads", same_bits_for_any_number_of_threads);
    add_file_case(suite, "host's loop", same_bits_in_the_hosts_own_loop);
    add_file_loop(suite, "resume", a_resumed_run_goes_on_bit_for_bit, 4);
    add_file_case(suite, "push and pull", pushed_steps_are_pulled_steps);
    add_file_case(suite, "fields", every_field_of_the_state_matters);
    add_file_case(suite, "damaged", a_damaged_checkpoint_is_refused);
    add_file_case(suite, "failed save", a_failed_save_keeps_the_old_checkpoint);
    add_file_case(suite, "forged", a_state_that_no_training_reaches_is_refused);
    add_file_case(suite, "diverged", a_diverged_model_replaces_no_checkpoint);
}
