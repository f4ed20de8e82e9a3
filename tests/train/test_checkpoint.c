/* Checkpoints as files: damaged, forged, not written. */
#include <math.h>
#include <stdio.h>

#include "failing_io.h"
#include "files.h"
#include "suite.h"
#include "train/train_internal.h"
#include "train_option.h"
#include "training_data.h"
#include "unsynced_io.h"

void add_checkpoint_cases(Suite *suite);

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

/* A whitening that the file does not hold, and a width of 0, which elsewhere means a default: no memory is asked for on their word. */
START_TEST(memory_is_asked_for_what_the_file_holds)
{
    enum { WIDE = 512 };
    setting *s = begin(1, 1, 1);
    atoms_train_opts o = small_opts();
    o.width = 2;
    o.target_l0 = 1;
    atoms_trainer *t, *bad = NULL;
    ck_assert_ok(atoms_trainer_create(s->context, WIDE, &o, &t));
    ck_assert_ok(atomsi_train_whitening(t, NULL));
    const char *path = scratch_path("asks.safetensors");
    ck_assert_ok(atoms_trainer_save(t, path));
    size_t size;
    unsigned char *bytes = read_bytes(path, &size);
    int renamed = 0;
    for (size_t i = 0; i + 11 <= size; i++)
        if (memcmp(bytes + i, "\"whitening\"", 11) == 0) bytes[i + 1] = 'W', renamed++;
    ck_assert_int_eq(renamed, 1);
    write_bytes(path, bytes, size);
    s->memory.largest = 0;
    ck_assert_status(atoms_trainer_load(s->context, path, &bad), ATOMS_E_FORMAT);
    ck_assert_detail(s->context, "no tensor whitening");
    ck_assert_ptr_null(bad);
    ck_assert_int_lt(s->memory.largest, (int64_t)WIDE * WIDE);
    free(bytes);
    int64_t rows = t->parts[PART_ENCODER].rows;
    t->opts.width = t->parts[PART_ENCODER].rows = 0;
    ck_assert_ok(atoms_trainer_save(t, path));
    t->parts[PART_ENCODER].rows = rows;
    s->memory.largest = 0;
    ck_assert_status(atoms_trainer_load(s->context, path, &bad), ATOMS_E_FORMAT);
    ck_assert_detail(s->context, "out of range");
    ck_assert_ptr_null(bad);
    ck_assert_int_lt(s->memory.largest, (int64_t)WIDE * WIDE);
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

/* No option is lost or takes another's place. */
START_TEST(options_come_back_as_they_were)
{
    setting *s = begin(N, D, 1);
    atoms_train_opts o = small_opts(), back;
    atoms_trainer *t, *again;
    char path[8192];
    snprintf(path, sizeof path, "%s", scratch_path("options.safetensors"));
    o.checkpoint_path = path;
    for (int i = 0; i < TRAIN_OPTIONS; i++) {
        const train_option *option = &train_options[i];
        option_set(&o, option, option->kind == OPTION_SMALL ? 1 : option->kind == OPTION_LARGE ? 20 + i : 1.0 / (2 + i));
    }
    o.seed = UINT64_MAX - 5;
    ck_assert_ok(atoms_trainer_create(s->context, D, &o, &t));
    ck_assert_ok(atoms_trainer_save(t, path));
    ck_assert_ok(atoms_trainer_load(s->context, path, &again));
    ck_assert_ok(atoms_train_opts_init(&back, sizeof back));
    ck_assert_ok(atoms_trainer_opts(again, &back));
    for (int i = 0; i < TRAIN_OPTIONS; i++)
        ck_assert_msg(option_value(&back, &train_options[i]) == option_value(&o, &train_options[i]), "%s", train_options[i].name);
    ck_assert(back.seed == o.seed);
    ck_assert_str_eq(back.checkpoint_path, path);
    atoms_trainer_destroy(again);
    atoms_trainer_destroy(t);
    end(s);
}
END_TEST

void add_checkpoint_cases(Suite *suite)
{
    add_file_case(suite, "damaged", a_damaged_checkpoint_is_refused);
    add_file_case(suite, "failed save", a_failed_save_keeps_the_old_checkpoint);
    add_file_case(suite, "forged", a_state_that_no_training_reaches_is_refused);
    add_file_case(suite, "asks", memory_is_asked_for_what_the_file_holds);
    add_file_case(suite, "diverged", a_diverged_model_replaces_no_checkpoint);
    add_file_case(suite, "options kept", options_come_back_as_they_were);
}
