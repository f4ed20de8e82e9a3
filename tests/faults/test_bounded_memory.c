/* Training on a file larger than the memory cap works, and the peak is the model, the optimiser and a few batches. */
#include <stdio.h>
#include <string.h>

#include <atoms/atoms.h>

#include "base/random.h"
#include "files.h"
#include "suite.h"

enum { D = 64, ROWS = 1 << 19, WIDTH = 1024, BATCH = 1024 }; /* a file of 64 MiB in f16 */

/* Cheap rows: a block of 1024 distinct ones, repeated. */
static int32_t supply(void *user, int64_t first, int64_t count, void *out)
{
    const uint16_t *block = user;
    uint16_t *to = out;
    for (int64_t i = 0; i < count; i++) to[i] = block[(first + i) % (1024 * D)];
    return 0;
}

START_TEST(a_file_larger_than_the_cap_trains)
{
    static uint16_t block[1024 * D];
    for (int i = 0; i < 1024 * D; i++) /* f16 in [1, 2) and its negatives */
        block[i] = (uint16_t)(0x3C00 + base_random_below(1, BASE_STREAM_TEST, (uint64_t)i, 1024) + (base_random_below(2, BASE_STREAM_TEST, (uint64_t)i, 2) << 15));
    const char *path = scratch_path("large.npy");
    const int64_t shape[2] = {ROWS, D}, batch_bytes = (int64_t)BATCH * D * 4;
    const int64_t model_bytes = 4 * (2 * (int64_t)WIDTH * D + 2 * WIDTH + D), cap = 12 << 20;
    atoms_context_opts co;
    atoms_context *context;
    ck_assert_ok(atoms_context_opts_init(&co, sizeof co));
    co.memory_cap = (uint64_t)cap;
    ck_assert_ok(atoms_context_create(&co, &context));
    atoms_tensorwriter *w;
    ck_assert_ok(atoms_tensorwriter_create(context, path, ATOMS_FILE_NPY, &w));
    ck_assert_ok(atoms_tensorwriter_add_stream(w, "", ATOMS_F16, 2, shape, supply, block));
    ck_assert_ok(atoms_tensorwriter_commit(w));
    atoms_tensorwriter_destroy(w);

    atoms_rows *rows;
    atoms_trainer *t;
    atoms_train_opts o;
    ck_assert_ok(atoms_train_opts_init(&o, sizeof o));
    o.width = WIDTH;
    o.batch = BATCH;
    o.steps = 20;
    o.target_l0 = 16;
    ck_assert_ok(atoms_rows_open(context, path, NULL, &rows));
    ck_assert_ok(atoms_trainer_create(context, D, &o, &t));
    ck_assert_ok(atoms_trainer_run(t, rows, NULL, NULL, NULL));
    atoms_memory_report report;
    ck_assert_ok(atoms_memory_report_init(&report, sizeof report));
    ck_assert_ok(atoms_context_memory(context, &report));
    printf("file %lld MiB, cap %lld MiB, peak %.2f MiB = model + optimiser (%.2f MiB) + %.1f batches of %.2f MiB\n",
           (long long)ROWS * D * 2 >> 20, (long long)cap >> 20, (double)report.peak / 0x1p20, 3.0 * (double)model_bytes / 0x1p20,
           (double)((int64_t)report.peak - 3 * model_bytes) / (double)batch_bytes, (double)batch_bytes / 0x1p20);
    ck_assert_uint_le(report.peak, report.cap);
    ck_assert_int_le((int64_t)report.peak, 3 * model_bytes + 20 * batch_bytes);
    atoms_trainer_destroy(t);
    atoms_rows_destroy(rows);
    atoms_context_destroy(context);
}
END_TEST

static void add_cases(Suite *suite)
{
    add_case(suite, "bounded memory", a_file_larger_than_the_cap_trains);
}

SUITE_MAIN("bounded memory", add_cases)
