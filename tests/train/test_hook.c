/* A reduce hook that fails: at any call the model is as it was, and the step can be taken again. */
#include "suite.h"
#include "train/train_internal.h"
#include "training_data.h"

void add_hook_cases(Suite *suite);

enum { N = 600, D = 10, BATCH = 80, STEPS = 6 };

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

/* Each call of the hook fails in turn; and a sum over one process is no sum at all. */
START_TEST(a_failing_hook_leaves_the_model_as_it_was)
{
    setting *s = begin(N, D, 1);
    float *batches = training_rows(STEPS * BATCH, D, 44);
    size_t size, size2;
    int failed = 0;
    unsigned char *want = run_with_failure(s, reduce_opts(_i, BATCH), NULL, batches, &size, &failed);
    int64_t most = 1;
    for (int64_t k = 0; k <= most; k++) {
        failing_hook h = {.fail_at = k};
        int before = failed;
        unsigned char *got = run_with_failure(s, reduce_opts(_i, BATCH), &h, batches, &size2, &failed);
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
    atoms_train_opts o = reduce_opts(0, BATCH);
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

void add_hook_cases(Suite *suite)
{
    add_file_loop(suite, "failing hook", a_failing_hook_leaves_the_model_as_it_was, REDUCE_MODES);
    add_case(suite, "hook", the_hook_can_be_taken_back);
}
