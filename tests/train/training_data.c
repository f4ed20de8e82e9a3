#include "training_data.h"

#include "base/random.h"
#include "suite.h"

float *training_rows(int64_t n, int64_t d, uint64_t seed)
{
    float *x = malloc((size_t)(n * d) * sizeof *x);
    ck_assert_ptr_nonnull(x);
    for (int64_t i = 0; i < n; i++) {
        for (int64_t j = 0; j < d; j++)
            x[i * d + j] = (float)(3 + 0.1 * base_random_normal(seed, BASE_STREAM_TEST, (uint64_t)(i * d + j)));
        for (uint64_t k = 0; k < 3; k++) {
            int64_t atom = base_random_below(seed + 1, BASE_STREAM_TEST, (uint64_t)i * 3 + k, 2 * d);
            for (int64_t j = 0; j < d; j++) x[i * d + j] += 4 * (float)base_random_normal(99, BASE_STREAM_TEST, (uint64_t)(atom * d + j));
        }
    }
    return x;
}

atoms_train_opts small_opts(void)
{
    atoms_train_opts o;
    ck_assert_ok(atoms_train_opts_init(&o, sizeof o));
    o.width = 24;
    o.steps = 12;
    o.batch = 64;
    o.target_l0 = 4;
    o.bandwidth = 0.1;
    o.seed = 5;
    return o;
}

atoms_train_opts reduce_opts(int k, int64_t batch)
{
    static const char *const recipes[] = {"target-l0", "anthropic", "features", "target-l0", "gemma", "target-l0"};
    atoms_train_opts o, small = small_opts();
    ck_assert_ok(atoms_train_opts_recipe(&o, sizeof o, recipes[k]));
    o.width = small.width;
    o.steps = small.steps;
    o.batch = batch;
    o.target_l0 = small.target_l0;
    o.seed = small.seed;
    o.bandwidth *= 10;
    if (k == 1) o.preactivation_weight = 0.02, o.sparsity_weight = 0.1;
    if (k == 3) o.start = ATOMS_START_ROWS;
    if (k == 5) o.revive_every = 2, o.dead_steps = 1, o.target_l0 = 1, o.start_l0 = 0.2;
    return o;
}

setting *begin(int64_t n, int64_t d, int32_t threads)
{
    setting *s = calloc(1, sizeof *s);
    ck_assert_ptr_nonnull(s);
    s->context = counting_context(&s->memory, threads);
    s->x = training_rows(n, d, 3);
    atoms_matrix m = atoms_matrix_f32(s->x, n, d);
    ck_assert_ok(atoms_rows_from_matrix(s->context, &m, &s->rows));
    return s;
}

void end(setting *s)
{
    atoms_rows_destroy(s->rows);
    atoms_context_destroy(s->context);
    ck_assert_int_eq(s->memory.held, 0);
    free(s->x);
    free(s);
}
