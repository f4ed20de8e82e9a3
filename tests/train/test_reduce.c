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

START_TEST(two_processes_train_the_model_of_one)
{
    setting *all = begin(N, D, 1);
    meeting m = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    process p[RANKS];
    pthread_t threads[RANKS];
    float *batches = training_rows(STEPS * BATCH, D, 44);
    for (int r = 0; r < RANKS; r++) {
        int64_t first = r ? N / 3 : 0, count = r ? N - N / 3 : N / 3;
        p[r] = (process){.meeting = &m, .rank = r, .opts = reduce_opts(_i, BATCH), .batches = batches, .setting = begin(count, D, 1 + r)};
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

void add_reduce_cases(Suite *suite)
{
    add_file_loop(suite, "two processes", two_processes_train_the_model_of_one, REDUCE_MODES);
}
