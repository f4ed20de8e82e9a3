/* kill -9 at random moments of a training run that writes a checkpoint each step: the file always loads, at most one temporary file
 * is left, and the run that goes on from it ends with the bits of one that was never killed. */
#define _XOPEN_SOURCE 700
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <atoms/atoms.h>

#include "base/random.h"
#include "files.h"
#include "suite.h"
#include "training_data.h"

enum { N = 256, D = 12, KILLS = 100, STEPS = 100000 };

static atoms_trainer *open_trainer(atoms_context *context, const char *path, int64_t steps)
{
    atoms_trainer *t;
    if (file_exists(path)) {
        ck_assert_ok(atoms_trainer_load(context, path, &t));
    } else {
        atoms_train_opts o = small_opts();
        o.steps = steps;
        ck_assert_ok(atoms_trainer_create(context, D, &o, &t));
    }
    ck_assert_ok(atoms_trainer_checkpoint(t, path, 1));
    return t;
}

static int32_t stop_at(void *user, const atoms_train_stats *stats)
{
    return stats->step >= *(int64_t *)user;
}

static void train_to(const char *path, float *x, int64_t stop)
{
    atoms_context *context;
    atoms_rows *rows;
    atoms_matrix m = atoms_matrix_f32(x, N, D);
    ck_assert_ok(atoms_context_create(NULL, &context));
    ck_assert_ok(atoms_rows_from_matrix(context, &m, &rows));
    atoms_trainer *t = open_trainer(context, path, STEPS);
    ck_assert_ok(atoms_trainer_run(t, rows, stop_at, &stop, NULL));
    atoms_trainer_destroy(t);
    atoms_rows_destroy(rows);
    atoms_context_destroy(context);
}

static int64_t steps_in(const char *path)
{
    atoms_context *context;
    atoms_trainer *t;
    ck_assert_ok(atoms_context_create(NULL, &context));
    ck_assert_ok(atoms_trainer_load(context, path, &t));
    int64_t steps = atoms_trainer_steps_done(t);
    atoms_trainer_destroy(t);
    atoms_context_destroy(context);
    return steps;
}

START_TEST(killed_runs_leave_a_whole_checkpoint)
{
    float *x = training_rows(N, D, 3);
    char path[8192], whole[8192];
    snprintf(path, sizeof path, "%s", scratch_path("killed.safetensors"));
    snprintf(whole, sizeof whole, "%s", scratch_path("whole.safetensors"));
    train_to(path, x, 1);
    int64_t last = 1;
    int stale = 0;
    for (int k = 0; k < KILLS; k++) {
        pid_t child = fork();
        if (child == 0) {
            train_to(path, x, STEPS);
            _exit(0);
        }
        struct timespec pause = {0, 2000000 + base_random_below(1, BASE_STREAM_TEST, (uint64_t)k, 8000000)};
        nanosleep(&pause, NULL);
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        int entries = count_entries(scratch_folder());
        ck_assert_int_le(entries, 2); /* the checkpoint, and perhaps one temporary file */
        stale += entries == 2;
        int64_t steps = steps_in(path);
        ck_assert_int_ge(steps, last);
        last = steps;
    }
    train_to(path, x, last + 1);
    ck_assert_int_eq(count_entries(scratch_folder()), 1); /* the next write took the temporary file over */
    train_to(whole, x, last + 1);
    size_t size, size2;
    unsigned char *a = read_bytes(path, &size), *b = read_bytes(whole, &size2);
    ck_assert(size == size2 && memcmp(a, b, size) == 0);
    printf("%d kills, %lld steps done, %d times a temporary file was left\n", KILLS, (long long)last, stale);
    ck_assert_int_gt(last, 1);
    free(a);
    free(b);
    free(x);
}
END_TEST

static void add_cases(Suite *suite)
{
    add_case(suite, "kill -9", killed_runs_leave_a_whole_checkpoint);
}

SUITE_MAIN("kill", add_cases)
