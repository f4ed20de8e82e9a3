/* Moments: against plain loops, however the rows come in, whatever fails. */
#include "../golden/metric_golden.h"
#include "metric/metric_internal.h"
#include "metric_support.h"

static const int32_t dtypes[] = {ATOMS_F32, ATOMS_F64, ATOMS_F16, ATOMS_BF16};

/* _i: number type; rows strided, more than two blocks. Small integers are exact in all of them. */
START_TEST(sums_are_the_plain_loops)
{
    enum { ROWS = 1100, DIM = 7, STRIDE = 9 };
    static const uint16_t half[] = {0xC200, 0xC000, 0xBC00, 0, 0x3C00, 0x4000, 0x4200};  /* f16 −3 … 3 */
    static const uint16_t brain[] = {0xC040, 0xC000, 0xBF80, 0, 0x3F80, 0x4000, 0x4040}; /* bf16 */
    int32_t dtype = dtypes[_i];
    char *data = malloc(ROWS * STRIDE * 8);
    memset(data, 0xFF, ROWS * STRIDE * 8); /* NaN between the rows: must not be looked at */
    double mean[DIM] = {0}, second[DIM * DIM] = {0};
    for (int r = 0; r < ROWS; r++) {
        double k[DIM];
        for (int c = 0; c < DIM; c++) {
            int v = (int)base_random_below(1, BASE_STREAM_TEST, (uint64_t)(r * DIM + c), 7), at = r * STRIDE + c;
            k[c] = v - 3;
            if (dtype == ATOMS_F32) ((float *)data)[at] = (float)k[c];
            else if (dtype == ATOMS_F64) ((double *)data)[at] = k[c];
            else ((uint16_t *)data)[at] = dtype == ATOMS_F16 ? half[v] : brain[v];
        }
        for (int i = 0; i < DIM; i++) {
            mean[i] += k[i];
            for (int j = 0; j < DIM; j++) second[i * DIM + j] += k[i] * k[j];
        }
    }
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    atoms_matrix m = atoms_matrix_view(data, ROWS, DIM, dtype);
    m.stride = STRIDE;
    atoms_moments *moments = moments_of(context, &m);
    double got_mean[DIM], got_second[DIM * DIM];
    ck_assert_ok(atoms_moments_get(moments, got_mean, NULL));
    ck_assert_ok(atoms_moments_get(moments, NULL, got_second));
    ck_assert_int_eq(atoms_moments_count(moments), ROWS);
    ck_assert_int_eq(atoms_moments_dim(moments), DIM);
    for (int i = 0; i < DIM; i++) {
        ck_assert(got_mean[i] == mean[i] / ROWS);
        for (int j = 0; j < DIM; j++) ck_assert(got_second[i * DIM + j] == second[i * DIM + j] / ROWS);
    }
    atoms_moments_destroy(moments);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
    free(data);
}
END_TEST

START_TEST(third_and_fourth_sums_too)
{
    enum { ROWS = 700, DIM = 5 };
    double *x = correlated_rows(ROWS, DIM, 2), cubic[DIM] = {0}, fourth = 0, got[DIM], got_fourth;
    for (int r = 0; r < ROWS; r++) {
        double square = 0;
        for (int c = 0; c < DIM; c++) square += x[r * DIM + c] * x[r * DIM + c];
        for (int c = 0; c < DIM; c++) cubic[c] += square * x[r * DIM + c];
        fourth += square * square;
    }
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    atoms_matrix m = atoms_matrix_f64(x, ROWS, DIM);
    atoms_moments *moments = moments_of(context, &m);
    atomsi_moments_total(moments, &(moments_sums){.cubic = got, .fourth = &got_fourth});
    for (int i = 0; i < DIM; i++)
        for (int j = 0; j < i; j++) ck_assert(moments->sums.outer[i * DIM + j] == 0); /* as the files promise */
    ck_assert_double_lt(relative_difference_f64(got, cubic, DIM), 1e-13);
    ck_assert_near(got_fourth, fourth, 1e-13);
    atoms_moments_destroy(moments);
    atoms_context_destroy(context);
    free(x);
}
END_TEST

/* Two tiles along an edge, several panels, a ragged end; every split and thread count. */
START_TEST(bits_do_not_depend_on_batches_or_threads)
{
    enum { ROWS = 1300, DIM = 331 };
    static const int32_t threads[] = {1, 2, 4};
    static const int64_t splits[] = {ROWS, 1, 100, MOMENTS_BLOCK - 1, MOMENTS_BLOCK, MOMENTS_BLOCK + 1};
    double *z = normal_numbers(ROWS * DIM, 3);
    counting_memory memory = {0};
    atoms_context *first = counting_context(&memory, 1);
    atoms_matrix all = atoms_matrix_f64(z, ROWS, DIM);
    atoms_moments *want = moments_of(first, &all);
    ck_assert_int_eq(want->pending, ROWS % MOMENTS_BLOCK);
    int compared = 0;
    for (size_t t = 0; t < sizeof threads / sizeof *threads; t++)
        for (size_t s = 0; s < sizeof splits / sizeof *splits; s++) {
            atoms_context *context = counting_context(&memory, threads[t]);
            atoms_moments *moments;
            ck_assert_ok(atoms_moments_create(context, DIM, &moments));
            for (int64_t r = 0; r < ROWS; r += splits[s]) {
                atoms_matrix batch = atoms_matrix_f64(z + r * DIM, splits[s] < ROWS - r ? splits[s] : ROWS - r, DIM);
                ck_assert_ok(atoms_moments_add(moments, &batch));
            }
            ck_assert(same_moments(moments, want));
            compared++;
            atoms_moments_destroy(moments);
            atoms_context_destroy(context);
        }
    ck_assert_int_eq(compared, 18);
    atoms_moments_destroy(want);
    atoms_context_destroy(first);
    ck_assert_int_eq(memory.held, 0);
    free(z);
}
END_TEST

/* A quarter of the data each, merged, against one pass; integers, so that the sums are exact. */
START_TEST(merging_is_adding)
{
    enum { ROWS = 2600, DIM = 40, SHARDS = 4 };
    float *x = malloc(ROWS * DIM * sizeof *x);
    for (int i = 0; i < ROWS * DIM; i++) x[i] = (float)base_random_below(4, BASE_STREAM_TEST, (uint64_t)i, 21) - 10;
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 2);
    atoms_matrix all = atoms_matrix_f32(x, ROWS, DIM);
    atoms_moments *whole = moments_of(context, &all), *merged = NULL;
    double *a = malloc(DIM * DIM * sizeof *a), *b = malloc(DIM * DIM * sizeof *b), mean_a[DIM], mean_b[DIM];
    for (int s = 0; s < SHARDS; s++) {
        atoms_matrix part = atoms_matrix_f32(x + s * (ROWS / SHARDS) * DIM, ROWS / SHARDS, DIM);
        atoms_moments *shard = moments_of(context, &part);
        if (!merged) {
            merged = shard;
            continue;
        }
        ck_assert_ok(atoms_moments_merge(merged, shard));
        atoms_moments_destroy(shard);
    }
    ck_assert_int_eq(atoms_moments_count(merged), ROWS);
    ck_assert_ok(atoms_moments_get(whole, mean_a, a));
    ck_assert_ok(atoms_moments_get(merged, mean_b, b));
    ck_assert_int_eq(memcmp(a, b, DIM * DIM * sizeof *a), 0);
    ck_assert_int_eq(memcmp(mean_a, mean_b, sizeof mean_a), 0);
    ck_assert_ok(atoms_moments_merge(whole, whole)); /* twice the same rows: the same means */
    ck_assert_int_eq(atoms_moments_count(whole), 2 * ROWS);
    ck_assert_ok(atoms_moments_get(whole, mean_b, b));
    ck_assert_int_eq(memcmp(a, b, DIM * DIM * sizeof *a), 0);
    atoms_moments_destroy(whole);
    atoms_moments_destroy(merged);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
    free(a); free(b); free(x);
}
END_TEST

START_TEST(the_sample_gives_numpys_numbers)
{
    unsigned char *bytes;
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    atoms_matrix rows = sample_rows("sample.train.npy", &bytes);
    atoms_moments *moments = moments_of(context, &rows);
    double *second = malloc(SAMPLE_WIDTH * SAMPLE_WIDTH * sizeof *second), mean[SAMPLE_WIDTH];
    ck_assert_ok(atoms_moments_get(moments, mean, second));
    int compared = 0;
    for (size_t e = 0; e < sizeof golden_entries / sizeof *golden_entries; e++, compared++) {
        int i = golden_entries[e][0], j = golden_entries[e][1];
        ck_assert_near(second[i * SAMPLE_WIDTH + j], golden_second[e], 1e-11);
        ck_assert(second[j * SAMPLE_WIDTH + i] == second[i * SAMPLE_WIDTH + j]);
        ck_assert_near(mean[i], golden_mean[e], 1e-11);
    }
    ck_assert_int_gt(compared, 0);
    atoms_moments_destroy(moments);
    atoms_context_destroy(context);
    free(second);
    free(bytes);
}
END_TEST

START_TEST(bad_input_changes_nothing)
{
    enum { ROWS = 600, DIM = 6 };
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    double *x = normal_numbers(ROWS * DIM, 5), mean[DIM];
    atoms_matrix m = atoms_matrix_f64(x, ROWS, DIM), wrong = atoms_matrix_f64(x, 10, DIM - 1), bytes = atoms_matrix_view(x, 10, DIM, ATOMS_I8);
    atoms_moments *moments = (atoms_moments *)&m, *want, *empty, *other;
    ck_assert_status(atoms_moments_create(NULL, 3, &moments), ATOMS_E_ARGUMENT);
    ck_assert_ptr_null(moments);
    ck_assert_status(atoms_moments_create(context, 3, NULL), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_moments_create(context, 0, &moments), ATOMS_E_ARGUMENT);
    ck_assert_detail(context, "dim is 0");
    ck_assert_status(atoms_moments_create(context, INT64_MAX, &moments), ATOMS_E_OVERFLOW);
    ck_assert_detail(context, "9223372036854775807");
    ck_assert_status(atoms_moments_create(context, INT32_MAX, &moments), ATOMS_E_OVERFLOW);
    moments = moments_of(context, &m);
    want = moments_of(context, &m);
    ck_assert_status(atoms_moments_add(moments, &wrong), ATOMS_E_SHAPE);
    ck_assert_detail(context, "batch has 5 columns where 6 are needed");
    ck_assert_status(atoms_moments_add(moments, &bytes), ATOMS_E_DTYPE);
    ck_assert_status(atoms_moments_add(moments, NULL), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_moments_add(NULL, &m), ATOMS_E_ARGUMENT);
    x[599 * DIM + 4] = NAN; /* after a full block */
    ck_assert_status(atoms_moments_add(moments, &m), ATOMS_E_NOT_FINITE);
    ck_assert_detail(context, "batch: row 599 column 4 is NaN");
    x[599 * DIM + 4] = -INFINITY;
    ck_assert_status(atoms_moments_add(moments, &m), ATOMS_E_NOT_FINITE);
    x[599 * DIM + 4] = 1e39;
    ck_assert_status(atoms_moments_add(moments, &m), ATOMS_E_NOT_FINITE);
    ck_assert_detail(context, "beyond the range of f32");
    ck_assert_ok(atoms_moments_create(context, DIM + 1, &other));
    ck_assert_status(atoms_moments_merge(moments, other), ATOMS_E_SHAPE);
    ck_assert_detail(context, "other has 7 coordinates where 6 are needed");
    ck_assert_status(atoms_moments_merge(moments, NULL), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_moments_merge(NULL, moments), ATOMS_E_ARGUMENT);
    ck_assert(same_moments(moments, want));
    ck_assert_ok(atoms_moments_create(context, DIM, &empty));
    ck_assert_status(atoms_moments_get(empty, mean, NULL), ATOMS_E_STATE);
    ck_assert_detail(context, "no rows");
    ck_assert_status(atoms_moments_get(NULL, mean, NULL), ATOMS_E_ARGUMENT);
    m.rows = 0;
    ck_assert_ok(atoms_moments_add(empty, &m));
    ck_assert_int_eq(atoms_moments_count(empty) + atoms_moments_count(NULL) + atoms_moments_dim(NULL), 0);
    empty->count = INT64_MAX - 5;
    m.rows = 6;
    ck_assert_status(atoms_moments_add(empty, &m), ATOMS_E_OVERFLOW);
    atoms_moments_destroy(moments);
    atoms_moments_destroy(want);
    atoms_moments_destroy(empty);
    atoms_moments_destroy(other);
    atoms_moments_destroy(NULL);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
    free(x);
}
END_TEST

/* Adding and reading never ask for memory. */
START_TEST(adding_does_not_allocate)
{
    enum { ROWS = 600, DIM = 6 };
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 2);
    double *x = normal_numbers(ROWS * DIM, 6), second[DIM * DIM];
    atoms_matrix m = atoms_matrix_f64(x, ROWS, DIM);
    atoms_moments *moments = moments_of(context, &m);
    int64_t before = memory.requests;
    ck_assert_ok(atoms_moments_add(moments, &m));
    ck_assert_ok(atoms_moments_merge(moments, moments));
    ck_assert_ok(atoms_moments_get(moments, NULL, second));
    ck_assert_int_eq(memory.requests, before);
    atoms_moments_destroy(moments);
    atoms_context_destroy(context);
    free(x);
}
END_TEST

void add_moments_cases(Suite *suite)
{
    add_loop(suite, "sums", sums_are_the_plain_loops, 4);
    add_case(suite, "higher sums", third_and_fourth_sums_too);
    add_case(suite, "same bits", bits_do_not_depend_on_batches_or_threads);
    add_case(suite, "merge", merging_is_adding);
    add_case(suite, "sample", the_sample_gives_numpys_numbers);
    add_case(suite, "bad input", bad_input_changes_nothing);
    add_case(suite, "no allocation", adding_does_not_allocate);
}
