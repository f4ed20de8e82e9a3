/* Several processes on one model: threads here, that add behind a barrier in a fixed order. */
#include <math.h>
#include <pthread.h>

#include "base/random.h"
#include "suite.h"
#include "train/train_internal.h"
#include "training_data.h"

void add_reduce_cases(Suite *suite);

enum { N = 600, D = 10, BATCH = 80, SHARE = 50, STEPS = 6, RANKS = 2 }; /* the first process gets SHARE rows of a batch, the second the rest */

/* All wait until all have come. */
typedef struct meeting {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int waiting, round;
    void *values[RANKS];
} meeting;

static void meet(meeting *m)
{
    pthread_mutex_lock(&m->lock);
    int round = m->round;
    if (++m->waiting == RANKS) {
        m->waiting = 0;
        m->round++;
        pthread_cond_broadcast(&m->changed);
    }
    while (m->round == round) pthread_cond_wait(&m->changed, &m->lock);
    pthread_mutex_unlock(&m->lock);
}

typedef struct process {
    meeting *meeting;
    setting *setting; /* its own rows */
    int rank;
    atoms_train_opts opts;
    atoms_trainer *trainer;
    const float *batches; /* STEPS × BATCH × D, of all processes */
    atoms_train_stats stats;
    int64_t calls;
} process;

static int32_t add_in_order(void *user, void *values, int64_t count, int32_t dtype)
{
    process *p = user;
    size_t bytes = (size_t)count * (size_t)atoms_dtype_size(dtype);
    void *sum = calloc(1, bytes);
    p->meeting->values[p->rank] = values;
    p->calls++;
    meet(p->meeting);
    for (int r = 0; r < RANKS; r++)
        for (int64_t i = 0; i < count; i++) {
            if (dtype == ATOMS_F32) ((float *)sum)[i] += ((const float *)p->meeting->values[r])[i];
            else ((double *)sum)[i] += ((const double *)p->meeting->values[r])[i];
        }
    meet(p->meeting);
    memcpy(values, sum, bytes);
    free(sum);
    return 0;
}

static void *work(void *arg)
{
    process *p = arg;
    ck_assert_ok(atoms_trainer_create(p->setting->context, D, &p->opts, &p->trainer));
    ck_assert_ok(atoms_trainer_reduce(p->trainer, add_in_order, p));
    ck_assert_ok(atoms_trainer_initialize(p->trainer, p->setting->rows));
    if (p->rank == 0) ck_assert_ok(atoms_trainer_save(p->trainer, scratch_path("start.safetensors")));
    ck_assert_ok(atoms_train_stats_init(&p->stats, sizeof p->stats));
    for (int64_t step = 0; step < STEPS; step++) {
        const float *batch = p->batches + (step * BATCH + (p->rank ? SHARE : 0)) * D;
        atoms_matrix m = atoms_matrix_f32((float *)(uintptr_t)batch, p->rank ? BATCH - SHARE : SHARE, D);
        ck_assert_ok(atoms_trainer_step(p->trainer, &m, &p->stats));
    }
    return NULL;
}

static atoms_train_opts options(int k)
{
    static const char *const recipes[] = {"target-l0", "anthropic", "features", "target-l0", "gemma", "target-l0"};
    atoms_train_opts o, small = small_opts();
    ck_assert_ok(atoms_train_opts_recipe(&o, sizeof o, recipes[k]));
    o.width = small.width;
    o.steps = small.steps;
    o.batch = BATCH;
    o.target_l0 = small.target_l0;
    o.seed = small.seed;
    o.bandwidth *= 10;
    if (k == 1) o.preactivation_weight = 0.02, o.sparsity_weight = 0.1;
    if (k == 3) o.start = ATOMS_START_ROWS;
    if (k == 5) o.revive_every = 2, o.dead_steps = 1, o.target_l0 = 1, o.start_l0 = 0.2;
    return o;
}

static void compare_bytes(atoms_trainer *const trainers[RANKS])
{
    size_t sizes[RANKS];
    unsigned char *bytes[RANKS];
    for (int r = 0; r < RANKS; r++) {
        ck_assert_ok(atoms_trainer_save(trainers[r], scratch_path("rank.safetensors")));
        bytes[r] = read_bytes(scratch_path("rank.safetensors"), &sizes[r]);
    }
    ck_assert(sizes[0] == sizes[1] && memcmp(bytes[0], bytes[1], sizes[0]) == 0);
    for (int r = 0; r < RANKS; r++) free(bytes[r]);
}

static void compare_parts(const atoms_trainer *got, const atoms_trainer *want, double tolerance)
{
    for (int p = 0; p < PART_COUNT; p++) {
        double difference = relative_difference_f32(got->parts[p].value, want->parts[p].value, got->parts[p].rows * got->parts[p].cols);
        ck_assert_msg(difference <= tolerance, "%s: %g", got->parts[p].name, difference);
    }
}

/* One trainer on whole batches, from where the processes started. */
static void compare_with_one(process *p, setting *all)
{
    atoms_trainer *one;
    atoms_train_stats stats;
    ck_assert_ok(atoms_train_stats_init(&stats, sizeof stats));
    ck_assert_ok(atoms_trainer_load(all->context, scratch_path("start.safetensors"), &one));
    for (int64_t step = 0; step < STEPS; step++) {
        atoms_matrix m = atoms_matrix_f32((float *)(uintptr_t)(p->batches + step * BATCH * D), BATCH, D);
        ck_assert_ok(atoms_trainer_step(one, &m, &stats));
    }
    compare_parts(p->trainer, one, 1e-4);
    ck_assert(stats.rows == p->stats.rows && stats.dead == p->stats.dead && stats.step == p->stats.step);
    ck_assert_near(stats.l0, p->stats.l0, 2e-3);
    ck_assert_near(stats.mse, p->stats.mse, 1e-5);
    ck_assert_near(stats.loss, p->stats.loss, 1e-3);
    ck_assert_near(stats.r2, p->stats.r2, 1e-4);
    for (int64_t i = 0; i < one->width; i++) ck_assert(one->last_fired[i] == p->trainer->last_fired[i]);
    atoms_trainer_destroy(one);
}

/* Rows of the start: moments and one threshold are those of all rows. Biases by quantiles are means over processes, and rows as atoms sums. */
static void compare_starts(process *p, setting *all)
{
    atoms_trainer *one, *start;
    if (p->opts.data_bias || p->opts.start == ATOMS_START_ROWS) return;
    ck_assert_ok(atoms_trainer_load(all->context, scratch_path("start.safetensors"), &start));
    ck_assert_ok(atoms_trainer_create(all->context, D, &p->opts, &one));
    ck_assert_ok(atoms_trainer_initialize(one, all->rows));
    ck_assert_near(start->input_scale, one->input_scale, 1e-12);
    compare_parts(start, one, 2e-6);
    atoms_trainer_destroy(start);
    atoms_trainer_destroy(one);
}

/* Every direction that a row gives is that of the sum of one row of each process. */
static void check_row_atoms(process *const ranks, setting *all)
{
    atoms_trainer *start;
    ck_assert_ok(atoms_trainer_load(all->context, scratch_path("start.safetensors"), &start));
    for (int64_t i = 0; i < start->width; i++) {
        double sum[D], square = 0, product = 0;
        for (int64_t j = 0; j < D; j++) sum[j] = -RANKS * (double)start->parts[PART_B_DEC].value[j];
        for (int r = 0; r < RANKS; r++) {
            int64_t row = base_permute(start->opts.seed, BASE_STREAM_DECODER, 0, i, atoms_rows_count(ranks[r].setting->rows));
            for (int64_t j = 0; j < D; j++) sum[j] += start->input_scale * ranks[r].setting->x[row * D + j];
        }
        for (int64_t j = 0; j < D; j++) {
            square += sum[j] * sum[j];
            product += sum[j] * start->parts[PART_DECODER].value[i * D + j];
        }
        ck_assert_near(product, sqrt(square), 1e-5);
    }
    atoms_trainer_destroy(start);
}

/* _i: target-l0 (whose multiplier needs the L0 of all), anthropic (clip, pre-activation term), features, start from rows, gemma, revival. */
START_TEST(two_processes_train_the_model_of_one)
{
    setting *all = begin(N, D, 1);
    meeting m = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    process p[RANKS];
    pthread_t threads[RANKS];
    float *batches = training_rows(STEPS * BATCH, D, 44);
    for (int r = 0; r < RANKS; r++) {
        int64_t first = r ? N / 3 : 0, count = r ? N - N / 3 : N / 3;
        p[r] = (process){.meeting = &m, .rank = r, .opts = options(_i), .batches = batches, .setting = begin(count, D, 1 + r)};
        memcpy(p[r].setting->x, all->x + first * D, (size_t)(count * D) * sizeof(float));
    }
    scratch_folder();
    for (int r = 0; r < RANKS; r++) ck_assert_int_eq(pthread_create(&threads[r], NULL, work, &p[r]), 0);
    for (int r = 0; r < RANKS; r++) pthread_join(threads[r], NULL);
    ck_assert_int_eq(p[0].calls, p[1].calls);
    ck_assert_int_ge(p[0].calls, 2 * STEPS + 5);
    compare_bytes((atoms_trainer *[]){p[0].trainer, p[1].trainer});
    if (_i < 5) compare_with_one(&p[0], all);
    else ck_assert_int_gt(p[0].trainer->revived, 0); /* from other rows than one process would draw */
    compare_starts(&p[0], all);
    if (_i == 3) check_row_atoms(p, all);
    for (int r = 0; r < RANKS; r++) {
        atoms_trainer_destroy(p[r].trainer);
        end(p[r].setting);
    }
    free(batches);
    end(all);
}
END_TEST

/* A sum over one process, which fails once. */
typedef struct failing_hook {
    int64_t calls, fail_at;
} failing_hook;

static int32_t fail_once(void *user, void *values, int64_t count, int32_t dtype)
{
    failing_hook *h = user;
    if (++h->calls != h->fail_at) return 0;
    memset(values, 0x7F, (size_t)count * (size_t)atoms_dtype_size(dtype)); /* half a sum */
    return 1;
}

static unsigned char *bytes_of(atoms_trainer *t, size_t *size)
{
    ck_assert_ok(atoms_trainer_save(t, scratch_path("bytes.safetensors")));
    return read_bytes(scratch_path("bytes.safetensors"), size);
}

/* Final bytes of a run in which call number fail_at fails (0: none) and what failed is done again; how many failed. */
static unsigned char *run_with_failure(setting *s, atoms_train_opts o, failing_hook *h, const float *batches, size_t *size, int *failed)
{
    atoms_trainer *t;
    ck_assert_ok(atoms_trainer_create(s->context, D, &o, &t));
    if (h) ck_assert_ok(atoms_trainer_reduce(t, fail_once, h));
    for (int64_t step = -1; step < STEPS;) {
        atoms_matrix m = atoms_matrix_f32((float *)(uintptr_t)(batches + (step < 0 ? 0 : step) * BATCH * D), BATCH, D);
        size_t before, after;
        unsigned char *was = bytes_of(t, &before), *is;
        atoms_status status = step < 0 ? atoms_trainer_initialize(t, s->rows) : atoms_trainer_step(t, &m, NULL);
        if (status) {
            ck_assert_status(status, ATOMS_E_CANCELLED);
            ck_assert_detail(s->context, "reduce hook");
            ++*failed;
            is = bytes_of(t, &after);
            ck_assert_msg(step < 0 || (before == after && memcmp(was, is, before) == 0), "call %lld of step %lld failed, and the model changed",
                          (long long)h->fail_at, (long long)step + 1);
            free(is);
        } else {
            step++;
        }
        free(was);
    }
    unsigned char *bytes = bytes_of(t, size);
    atoms_trainer_destroy(t);
    return bytes;
}

/* _i as above. Each call of the hook fails in turn; and a sum over one process is no sum at all. */
START_TEST(a_failing_hook_leaves_the_model_as_it_was)
{
    setting *s = begin(N, D, 1);
    float *batches = training_rows(STEPS * BATCH, D, 44);
    size_t size, size2;
    int failed = 0;
    unsigned char *want = run_with_failure(s, options(_i), NULL, batches, &size, &failed);
    int64_t most = 1;
    for (int64_t k = 0; k <= most; k++) {
        failing_hook h = {.fail_at = k};
        int before = failed;
        unsigned char *got = run_with_failure(s, options(_i), &h, batches, &size2, &failed);
        if (k == 0) most = h.calls;
        ck_assert_int_eq(failed - before, k > 0);
        ck_assert_msg(size == size2 && memcmp(want, got, size) == 0, "after call %lld failed the run is another", (long long)k);
        free(got);
    }
    ck_assert_int_eq(failed, most);
    ck_assert_int_ge(most, 2 * STEPS + 5);
    free(want);
    free(batches);
    end(s);
}
END_TEST

START_TEST(the_hook_can_be_taken_back)
{
    setting *s = begin(N, D, 1);
    atoms_train_opts o = options(0);
    failing_hook h = {0};
    atoms_trainer *t;
    ck_assert_status(atoms_trainer_reduce(NULL, fail_once, &h), ATOMS_E_ARGUMENT);
    ck_assert_ok(atoms_trainer_create(s->context, D, &o, &t));
    s->memory.requests = 0;
    s->memory.fail_at = 1;
    ck_assert_status(atoms_trainer_reduce(t, fail_once, &h), ATOMS_E_MEMORY);
    s->memory.fail_at = 0;
    ck_assert_ok(atoms_trainer_run(t, s->rows, NULL, NULL, NULL));
    ck_assert_int_eq(h.calls, 0); /* what was refused is not set */
    ck_assert_ok(atoms_trainer_reduce(t, fail_once, &h));
    ck_assert_ok(atoms_trainer_reduce(t, NULL, NULL));
    atoms_matrix m = atoms_matrix_f32(s->x, BATCH, D);
    ck_assert_ok(atoms_trainer_step(t, &m, NULL));
    ck_assert_int_eq(h.calls, 0);
    atoms_trainer_destroy(t);
    end(s);
}
END_TEST

void add_reduce_cases(Suite *suite)
{
    add_file_loop(suite, "two processes", two_processes_train_the_model_of_one, 6);
    add_file_loop(suite, "failing hook", a_failing_hook_leaves_the_model_as_it_was, 5);
    add_case(suite, "hook", the_hook_can_be_taken_back);
}
