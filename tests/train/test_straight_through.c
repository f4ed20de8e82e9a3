/* The sparse gradient against the dense formulas in f64, and those against central differences of the surrogate. */
#include <math.h>

#include "counting_memory.h"
#include "dense_gradient.h"
#include "suite.h"
#include "training_data.h"

void add_straight_through_cases(Suite *suite);

static atoms_trainer *prepared(atoms_context *context, int64_t d, int64_t width, int64_t batch)
{
    return prepared_as(context, small_opts(), d, width, batch);
}

/* _i: sizes inside one tile and across several, for every variant. */
static const struct { int64_t d, width, batch; } sizes[] = {{7, 13, 9}, {16, 24, 64}, {5, 700, 600}, {33, 1025, 513}, {1, 1, 1}};
enum { SIZES = sizeof sizes / sizeof *sizes };

START_TEST(sparse_gradient_is_the_dense_one)
{
    int size = _i % SIZES;
    atoms_train_opts o = variant(_i / SIZES);
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 2);
    atoms_trainer *t = prepared_as(context, o, sizes[size].d, sizes[size].width, sizes[size].batch);
    double *sparse[PART_COUNT], *full[PART_COUNT];
    allocate_gradient(t, sparse);
    allocate_gradient(t, full);
    double loss = sparse_gradient(t, sparse);
    dense s = densify(t);
    dense_gradient(&s, full);
    ck_assert(near(loss, surrogate_loss(&s), 1e-5, 1e-6));
    int64_t windows = 0, active = 0;
    for (int64_t i = 0; i < s.n * s.m; i++) {
        windows += s.window[i];
        active += s.active[i];
    }
    if (size != 4) ck_assert((windows > 0) == (o.activation == ATOMS_ACTIVATION_JUMPRELU) && active > 0);
    for (int p = 0; p < PART_COUNT; p++) {
        double difference = relative_difference_f64(sparse[p], full[p], t->parts[p].rows * t->parts[p].cols);
        ck_assert_msg(difference <= 1e-5, "%s: %g", t->parts[p].name, difference);
    }
    forget(&s);
    free_gradient(sparse);
    free_gradient(full);
    atoms_trainer_destroy(t);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

/* Where much fires the sums are GEMMs: the same gradient. */
START_TEST(gradient_by_gemm_is_the_dense_one)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 2);
    atoms_trainer *t = prepared_as(context, variant(_i), 9, 70, 600);
    for (int64_t i = 0; i < t->width; i++) t->parts[PART_B_ENC].value[i] += (float)(0.5 * t->input_scale);
    double *full[PART_COUNT], *got[PART_COUNT];
    allocate_gradient(t, full);
    allocate_gradient(t, got);
    sparse_gradient(t, got);
    dense s = densify(t);
    dense_gradient(&s, full);
    train_measure m;
    atomsi_train_errors(t);
    ck_assert_ok(atomsi_train_measure(t, &m));
    float *room = malloc((size_t)train_update_room(t) * sizeof *room);
    for (int64_t first = 0; first < t->width; first += UPDATE_LATENTS) {
        int64_t count = base_min_i64(UPDATE_LATENTS, t->width - first);
        ck_assert(atomsi_dense_gradient(t, first, count, &m, room + UPDATE_LATENTS * train_gradient_size(t), room));
        for (int64_t l = 0; l < count; l++) write_latent(t, first + l, train_gradient_at(t, room + l * train_gradient_size(t)), got);
    }
    for (int p = 0; p < PART_COUNT; p++) {
        double difference = relative_difference_f64(got[p], full[p], t->parts[p].rows * t->parts[p].cols);
        ck_assert_msg(difference <= 2e-5, "%s: %g", t->parts[p].name, difference);
    }
    free(room);
    forget(&s);
    free_gradient(full);
    free_gradient(got);
    atoms_trainer_destroy(t);
    atoms_context_destroy(context);
}
END_TEST

START_TEST(dense_gradient_is_the_surrogates_slope)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    atoms_trainer *t = prepared_as(context, variant(_i), 6, 20, 40);
    double *full[PART_COUNT];
    allocate_gradient(t, full);
    dense s = densify(t);
    dense_gradient(&s, full);
    int checked = 0;
    for (int p = 0; p < PART_COUNT; p++) {
        int64_t n = t->parts[p].rows * t->parts[p].cols;
        if (p == PART_THRESHOLD && t->opts.activation == ATOMS_ACTIVATION_RELU) continue;
        double largest = 1e-12;
        for (int64_t i = 0; i < n; i++) largest = fmax(largest, fabs(full[p][i]));
        for (int64_t i = 0; i < n; i++) {
            double was = s.part[p][i], h = 1e-5;
            s.part[p][i] = was + h;
            double up = surrogate_loss(&s);
            s.part[p][i] = was - h;
            double down = surrogate_loss(&s);
            s.part[p][i] = was;
            ck_assert_msg(fabs((up - down) / (2 * h) - full[p][i]) <= 1e-5 * largest, "%s[%lld]", t->parts[p].name, (long long)i);
            checked++;
        }
    }
    ck_assert_int_eq(checked, 20 * 6 * 2 + 20 * (t->opts.activation == ATOMS_ACTIVATION_JUMPRELU ? 2 : 1) + 6);
    forget(&s);
    free_gradient(full);
    atoms_trainer_destroy(t);
    atoms_context_destroy(context);
}
END_TEST

static void fire_everywhere(atoms_trainer *t)
{
    for (int64_t i = 0; i < t->width; i++) {
        t->parts[PART_THRESHOLD].value[i] = 0;
        t->parts[PART_B_ENC].value[i] = 5;
    }
}

/* Events beyond the first capacity: the pass grows and gives what it would have given with room from the start. */
START_TEST(regions_grow_when_everything_fires)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 2);
    atoms_trainer *t = prepared(context, 8, 600, 600);
    fire_everywhere(t);
    int64_t before = t->events.capacity;
    double *sparse[PART_COUNT], *full[PART_COUNT];
    allocate_gradient(t, sparse);
    allocate_gradient(t, full);
    sparse_gradient(t, sparse);
    ck_assert_int_gt(t->events.capacity, before);
    dense s = densify(t);
    dense_gradient(&s, full);
    for (int p = 0; p < PART_COUNT; p++) /* summing 600 large terms costs f32 a digit */
        ck_assert_double_le(relative_difference_f64(sparse[p], full[p], t->parts[p].rows * t->parts[p].cols), 1e-4);
    forget(&s);
    free_gradient(sparse);
    free_gradient(full);
    atoms_trainer_destroy(t);
    atoms_context_destroy(context);
}
END_TEST

/* Each request of a growth refused in turn: the trainer has no events then, and the next pass makes room again. */
START_TEST(refused_growth_is_survived)
{
    double *want[PART_COUNT], *got[PART_COUNT];
    int64_t refused = 0;
    for (int64_t k = 0; k <= 4; k++) {
        counting_memory memory = {0};
        atoms_context *context = counting_context(&memory, 2);
        atoms_trainer *t = prepared(context, 8, 600, 600);
        double **grad = k ? got : want;
        fire_everywhere(t);
        memory.requests = 0;
        memory.fail_at = k;
        if (k) ck_assert_status(atomsi_train_forward(t, t->opts.bandwidth), ATOMS_E_MEMORY);
        memory.fail_at = 0;
        refused += memory.failures;
        allocate_gradient(t, grad);
        sparse_gradient(t, grad);
        for (int p = 0; p < PART_COUNT && k; p++)
            ck_assert(memcmp(want[p], got[p], (size_t)(t->parts[p].rows * t->parts[p].cols) * sizeof(double)) == 0);
        if (k) free_gradient(got);
        atoms_trainer_destroy(t);
        atoms_context_destroy(context);
        ck_assert_int_eq(memory.held, 0);
    }
    ck_assert_int_eq(refused, 4);
    free_gradient(want);
}
END_TEST

void add_straight_through_cases(Suite *suite)
{
    add_loop(suite, "sparse gradient", sparse_gradient_is_the_dense_one, SIZES * VARIANTS);
    add_loop(suite, "gradient by GEMM", gradient_by_gemm_is_the_dense_one, VARIANTS);
    add_loop(suite, "finite differences", dense_gradient_is_the_surrogates_slope, VARIANTS);
    add_case(suite, "growth", regions_grow_when_everything_fires);
    add_case(suite, "refused growth", refused_growth_is_survived);
}
