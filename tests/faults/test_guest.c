/* The library is a guest: what the process was before a run it is after, nothing is printed, and a storm of signals, a foreign locale
 * or two threads with contexts of their own change no bit. */
#define _XOPEN_SOURCE 700
#include <fenv.h>
#include <locale.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <atoms/atoms.h>

#include "files.h"
#include "suite.h"
#include "training_data.h"

enum { N = 256, D = 12, SIGNALS = 32 };

/* Trains, saves and loads a little; the bytes of the checkpoint are the result. */
static unsigned char *work(const char *path, int32_t threads, size_t *size)
{
    float *x = training_rows(N, D, 3);
    atoms_context_opts co;
    atoms_context *context;
    atoms_rows *rows;
    atoms_trainer *t;
    atoms_sae *sae;
    atoms_train_opts o = small_opts();
    atoms_matrix m = atoms_matrix_f32(x, N, D);
    ck_assert_ok(atoms_context_opts_init(&co, sizeof co));
    co.threads = threads;
    ck_assert_ok(atoms_context_create(&co, &context));
    ck_assert_ok(atoms_rows_from_matrix(context, &m, &rows));
    ck_assert_ok(atoms_trainer_create(context, D, &o, &t));
    ck_assert_ok(atoms_trainer_run(t, rows, NULL, NULL, NULL));
    ck_assert_ok(atoms_trainer_save(t, path));
    ck_assert_ok(atoms_trainer_snapshot(t, &sae));
    char folder[8192];
    snprintf(folder, sizeof folder, "%s.sae", path);
    ck_assert_ok(atoms_sae_save(sae, folder, ATOMS_FORMAT_SAELENS));
    atoms_sae_destroy(sae);
    ck_assert_ok(atoms_sae_load(context, folder, &sae));
    atoms_sae_destroy(sae);
    ck_assert_status(atoms_sae_load(context, "/no/such/place", &sae), ATOMS_E_NOT_FOUND); /* errors print nothing either */
    atoms_trainer_destroy(t);
    ck_assert_ok(atoms_trainer_load(context, path, &t));
    atoms_trainer_destroy(t);
    atoms_rows_destroy(rows);
    atoms_context_destroy(context);
    free(x);
    return read_bytes(path, size);
}

typedef struct process_state {
    void (*handlers[SIGNALS])(int);
    sigset_t mask;
    int rounding, files, threads;
    char locale[100], folder[4096];
    mode_t umask_bits;
} process_state;

static process_state look(void)
{
    process_state s = {0};
    for (int i = 1; i < SIGNALS; i++) {
        struct sigaction a;
        if (sigaction(i, NULL, &a) == 0) s.handlers[i] = a.sa_handler;
    }
    sigprocmask(SIG_SETMASK, NULL, &s.mask);
    s.rounding = fegetround();
    s.files = count_open_files();
    s.threads = count_entries("/proc/self/task");
    snprintf(s.locale, sizeof s.locale, "%s", setlocale(LC_ALL, NULL));
    ck_assert_ptr_nonnull(getcwd(s.folder, sizeof s.folder));
    s.umask_bits = umask(0);
    umask(s.umask_bits);
    return s;
}

START_TEST(the_process_is_left_as_it_was)
{
    const char *path = scratch_path("guest.safetensors");
    size_t size;
    free(work(path, 1, &size)); /* the BLAS makes what it makes on its first use */
    fflush(NULL);
    char out_path[8192], err_path[8192];
    snprintf(out_path, sizeof out_path, "%s", scratch_path("out"));
    snprintf(err_path, sizeof err_path, "%s", scratch_path("err"));
    int out = dup(1), err = dup(2);
    ck_assert_ptr_nonnull(freopen(out_path, "w", stdout));
    ck_assert_ptr_nonnull(freopen(err_path, "w", stderr));
    process_state before = look();
    free(work(path, 3, &size));
    process_state after = look();
    fflush(NULL);
    dup2(out, 1);
    dup2(err, 2);
    close(out);
    close(err);
    free(read_bytes(out_path, &size));
    ck_assert_uint_eq(size, 0);
    free(read_bytes(err_path, &size));
    ck_assert_uint_eq(size, 0);
    ck_assert(memcmp(before.handlers, after.handlers, sizeof before.handlers) == 0);
    for (int i = 1; i < SIGNALS; i++) ck_assert_int_eq(sigismember(&before.mask, i), sigismember(&after.mask, i));
    ck_assert_int_eq(before.rounding, after.rounding);
    ck_assert_int_eq(before.files, after.files);
    ck_assert_int_eq(before.threads, after.threads);
    ck_assert_str_eq(before.locale, after.locale);
    ck_assert_str_eq(before.folder, after.folder);
    ck_assert(before.umask_bits == after.umask_bits);
}
END_TEST

static volatile sig_atomic_t alarms;

static void count_alarm(int signal)
{
    (void)signal;
    alarms++;
}

START_TEST(a_storm_of_signals_changes_no_bit)
{
    size_t size, size2;
    unsigned char *want = work(scratch_path("calm.safetensors"), 2, &size);
    struct sigaction action = {.sa_handler = count_alarm}; /* without SA_RESTART: system calls are interrupted */
    struct itimerval storm = {{0, 1000}, {0, 1000}}, calm = {{0, 0}, {0, 0}};
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &storm, NULL);
    for (int k = 0; k < 20; k++) {
        unsigned char *got = work(scratch_path("storm.safetensors"), 2, &size2);
        ck_assert(size == size2 && memcmp(want, got, size) == 0);
        free(got);
    }
    setitimer(ITIMER_REAL, &calm, NULL);
    ck_assert_int_gt(alarms, 10);
    free(want);
}
END_TEST

START_TEST(the_locale_changes_no_byte)
{
    size_t size, size2;
    unsigned char *want = work(scratch_path("plain.safetensors"), 1, &size);
    static const char *const locales[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "tr_TR.UTF-8", "hi_IN.UTF-8", "C.UTF-8"};
    int tried = 0;
    for (size_t l = 0; l < sizeof locales / sizeof *locales; l++) {
        if (!setlocale(LC_ALL, locales[l])) continue;
        unsigned char *got = work(scratch_path("local.safetensors"), 1, &size2);
        ck_assert(size == size2 && memcmp(want, got, size) == 0);
        free(got);
        tried++;
    }
    setlocale(LC_ALL, "C");
    printf("%d locales tried\n", tried);
    ck_assert_int_ge(tried, 1);
    free(want);
}
END_TEST

typedef struct pair {
    char path[8192];
    unsigned char *bytes;
    size_t size;
} pair;

static void *work_alone(void *arg)
{
    pair *p = arg;
    for (int k = 0; k < 10; k++) {
        free(p->bytes);
        p->bytes = work(p->path, 2, &p->size);
    }
    return NULL;
}

START_TEST(contexts_do_not_meet)
{
    size_t size;
    unsigned char *want = work(scratch_path("one.safetensors"), 1, &size);
    pair pairs[2] = {{.bytes = NULL}, {.bytes = NULL}};
    pthread_t threads[2];
    for (int i = 0; i < 2; i++) {
        snprintf(pairs[i].path, sizeof pairs[i].path, "%s%d", scratch_path("pair"), i);
        ck_assert_int_eq(pthread_create(&threads[i], NULL, work_alone, &pairs[i]), 0);
    }
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
        ck_assert(pairs[i].size == size && memcmp(want, pairs[i].bytes, size) == 0);
        free(pairs[i].bytes);
    }
    free(want);
}
END_TEST

static void add_cases(Suite *suite)
{
    add_case(suite, "process state", the_process_is_left_as_it_was);
    add_case(suite, "signals", a_storm_of_signals_changes_no_bit);
    add_case(suite, "locale", the_locale_changes_no_byte);
    add_case(suite, "contexts", contexts_do_not_meet);
}

SUITE_MAIN("guest", add_cases)
