/* Sparse codes in memory: append, look, counts, and what is refused. */
#include <atoms/atoms.h>
#include <math.h>
#include <stdio.h>

#include "base/random.h"
#include "codes/codes_internal.h"
#include "counting_memory.h"
#include "five_rows.h"
#include "suite.h"

void check_repeated(const atoms_codes *codes, int64_t times)
{
    atoms_codes_view v;
    ck_assert_ok(atoms_codes_look(codes, &v));
    ck_assert(v.rows == 5 * times && v.nnz == 6 * times && v.width == WIDTH && v.offset[0] == 0);
    for (int64_t r = 0; r < v.rows; r++) ck_assert_int_eq(v.offset[r + 1], r / 5 * 6 + offset[r % 5 + 1]);
    for (int64_t i = 0; i < v.nnz; i++) ck_assert(v.index[i] == indices[i % 6] && v.value[i] == values[i % 6]);
}

START_TEST(codes_grow_by_appending)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    atoms_codes *codes;
    ck_assert_ok(atoms_codes_create(context, WIDTH, &codes));
    check_repeated(codes, 0);
    for (int64_t k = 1; k <= 200; k++) {
        ck_assert_ok(atoms_codes_append(codes, &five));
        if (k < 5 || k == 200) check_repeated(codes, k);
    }
    int64_t requests = memory.requests;
    ck_assert_int_lt(requests, 60); /* it doubles */
    ck_assert_ok(atoms_codes_clear(codes));
    check_repeated(codes, 0);
    for (int64_t k = 1; k <= 200; k++) ck_assert_ok(atoms_codes_append(codes, &five));
    check_repeated(codes, 200);
    ck_assert_int_eq(memory.requests, requests); /* clear keeps the memory */
    atoms_codes_view empty = {1, WIDTH, 0, (int64_t[]){0, 0}, NULL, NULL}, none = {0, WIDTH, 0, (int64_t[]){0}, NULL, NULL}, v;
    ck_assert_ok(atoms_codes_append(codes, &none));
    check_repeated(codes, 200);
    ck_assert_ok(atoms_codes_append(codes, &empty));
    ck_assert_ok(atoms_codes_look(codes, &v));
    ck_assert(v.rows == 1001 && v.offset[1001] == 1200);
    atoms_codes_destroy(codes);
    atoms_codes_destroy(NULL);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

/* What each function that takes a view says about a bad one; the codes it would be appended to stay as they were. */
static void check_refused(atoms_context *context, atoms_codes *codes, const atoms_codes_view *view, atoms_status status, const char *words)
{
    atoms_l0_report l0;
    ck_assert_ok(atoms_l0_report_init(&l0, sizeof l0));
    int64_t counts[WIDTH] = {77};
    float dense[5 * WIDTH] = {77};
    atoms_matrix out = atoms_matrix_f32(dense, 5, WIDTH);
    ck_assert_status(atoms_codes_append(codes, view), status);
    ck_assert_detail(context, words);
    check_repeated(codes, 1);
    ck_assert_status(atoms_codes_l0(context, view, &l0), status);
    ck_assert_detail(context, words);
    ck_assert_status(atoms_codes_firing(context, view, counts), status);
    ck_assert_detail(context, words);
    ck_assert_status(atoms_codes_dense(context, view, &out), status);
    ck_assert_detail(context, words);
    ck_assert(l0.rows == 0 && counts[0] == 77 && dense[0] == 77);
}

START_TEST(bad_views_are_refused)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    atoms_codes *codes;
    ck_assert_ok(atoms_codes_create(context, WIDTH, &codes));
    ck_assert_ok(atoms_codes_append(codes, &five));
    atoms_codes_view v = five;
    int64_t o[6];
    int32_t x[6];
    float y[6];
#define BAD(change, status, words)                         \
    do {                                                   \
        memcpy(o, offset, sizeof o);                       \
        memcpy(x, indices, sizeof x);                      \
        memcpy(y, values, sizeof y);                       \
        v = (atoms_codes_view){5, WIDTH, 6, o, x, y};      \
        change;                                            \
        check_refused(context, codes, &v, status, words);  \
    } while (0)
    check_refused(context, codes, NULL, ATOMS_E_ARGUMENT, "is NULL");
    BAD(v.width = 0, ATOMS_E_ARGUMENT, "width is 0");
    BAD(v.width = (int64_t)INT32_MAX + 1, ATOMS_E_ARGUMENT, "width is 2147483648");
    BAD(v.rows = -1, ATOMS_E_ARGUMENT, "-1 rows");
    BAD(v.nnz = -1, ATOMS_E_ARGUMENT, "-1 entries");
    BAD(v.offset = NULL, ATOMS_E_ARGUMENT, "offset is NULL");
    BAD(v.index = NULL, ATOMS_E_ARGUMENT, "index is NULL");
    BAD(v.value = NULL, ATOMS_E_ARGUMENT, "value is NULL");
    BAD(o[0] = 1, ATOMS_E_ARGUMENT, "offset[0] is 1, not 0");
    BAD(o[3] = 2, ATOMS_E_ARGUMENT, "row 2 ends at 2");
    BAD(o[3] = 7, ATOMS_E_ARGUMENT, "row 2 ends at 7");
    BAD(o[2] = INT64_MAX, ATOMS_E_ARGUMENT, "row 1 ends at 9223372036854775807");
    BAD(o[2] = INT64_MIN, ATOMS_E_ARGUMENT, "row 1 ends at -9223372036854775808");
    BAD(o[5] = 5, ATOMS_E_ARGUMENT, "the offsets end at 5, where there are 6 entries");
    BAD(x[0] = -1, ATOMS_E_ARGUMENT, "row 1 names atom -1");
    BAD(x[5] = WIDTH, ATOMS_E_ARGUMENT, "row 4 names atom 9, where there are 9");
    BAD(x[1] = 0, ATOMS_E_ARGUMENT, "row 1: atom 0 comes after atom 0");
    BAD(x[5] = 1, ATOMS_E_ARGUMENT, "row 4: atom 1 comes after atom 2");
    BAD(y[3] = NAN, ATOMS_E_NOT_FINITE, "row 2: the value of atom 7 is NaN");
    BAD(y[5] = -INFINITY, ATOMS_E_NOT_FINITE, "row 4: the value of atom 3 is infinite");

    v = five;
    v.width = WIDTH + 1;
    ck_assert_status(atoms_codes_append(codes, &v), ATOMS_E_SHAPE);
    ck_assert_detail(context, "width is 10, where the codes have 9");
    ck_assert_ok(atoms_codes_look(codes, &v));
    ck_assert_status(atoms_codes_append(codes, &v), ATOMS_E_ARGUMENT);
    ck_assert_detail(context, "a view of the codes they are appended to");
    atoms_codes_view slice = {1, WIDTH, 2, (int64_t[]){0, 2}, v.index + 4, v.value + 4}; /* its last row: growing would free it */
    ck_assert_status(atoms_codes_append(codes, &slice), ATOMS_E_ARGUMENT);
    slice.index = indices + 4;
    ck_assert_status(atoms_codes_append(codes, &slice), ATOMS_E_ARGUMENT);
    check_repeated(codes, 1);

    atoms_codes *none = codes;
    ck_assert_status(atoms_codes_create(context, 0, &none), ATOMS_E_ARGUMENT);
    ck_assert_ptr_null(none);
    ck_assert_status(atoms_codes_create(context, (int64_t)INT32_MAX + 1, &none), ATOMS_E_ARGUMENT);
    ck_assert_detail(context, "width is 2147483648, not between 1 and 2147483647");
    ck_assert_status(atoms_codes_create(NULL, 1, &none), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_codes_create(context, 1, NULL), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_codes_append(NULL, &five), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_codes_clear(NULL), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_codes_look(NULL, &v), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_codes_look(codes, NULL), ATOMS_E_ARGUMENT);
    atoms_codes_destroy(codes);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

START_TEST(dense_writes_zeros_too_and_nothing_between_rows)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    int64_t requests = memory.requests;
    float dense[5 * (WIDTH + 2)];
    for (int i = 0; i < 5 * (WIDTH + 2); i++) dense[i] = NAN;
    atoms_matrix out = {dense, 5, WIDTH, WIDTH + 2, ATOMS_F32, 0};
    ck_assert_ok(atoms_codes_dense(context, &five, &out));
    for (int r = 0; r < 5; r++)
        for (int j = 0; j < WIDTH + 2; j++) {
            float want = 0;
            for (int64_t i = offset[r]; i < offset[r + 1]; i++)
                if (indices[i] == j) want = values[i];
            float is = dense[r * (WIDTH + 2) + j];
            ck_assert(j < WIDTH ? is == want : isnan(is));
        }
    atoms_matrix few = atoms_matrix_f32(dense, 4, WIDTH), thin = atoms_matrix_f32(dense, 5, WIDTH - 1);
    atoms_matrix wide = atoms_matrix_view(dense, 5, WIDTH, ATOMS_F16);
    ck_assert_status(atoms_codes_dense(context, &five, &few), ATOMS_E_SHAPE);
    ck_assert_detail(context, "out has 4 rows, the codes have 5");
    ck_assert_status(atoms_codes_dense(context, &five, &thin), ATOMS_E_SHAPE);
    ck_assert_status(atoms_codes_dense(context, &five, &wide), ATOMS_E_DTYPE);
    ck_assert_detail(context, "not as f16");
    ck_assert_status(atoms_codes_dense(context, &five, NULL), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_codes_dense(NULL, &five, &out), ATOMS_E_ARGUMENT);
    ck_assert_int_eq(memory.requests, requests);
    atoms_context_destroy(context);
}
END_TEST

START_TEST(firing_counts_rows_per_atom)
{
    atoms_context *context;
    ck_assert_ok(atoms_context_create(NULL, &context));
    static const int64_t want[WIDTH] = {1, 0, 1, 1, 1, 0, 0, 1, 1};
    int64_t counts[WIDTH];
    memset(counts, 0x11, sizeof counts);
    ck_assert_ok(atoms_codes_firing(context, &five, counts));
    ck_assert_mem_eq(counts, want, sizeof want);
    ck_assert_status(atoms_codes_firing(context, &five, NULL), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_codes_firing(NULL, &five, counts), ATOMS_E_ARGUMENT);
    atoms_context_destroy(context);
}
END_TEST

static int ascending(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Against sorting: rank ⌈p·n/100⌉ in whole numbers. */
START_TEST(quantiles_are_those_of_the_sorted_samples)
{
    int64_t compared = 0;
    for (int64_t n = 1; n <= 1000; n += n < 210 ? 1 : 79) {
        int64_t samples[1000], counts[50] = {0};
        for (int64_t i = 0; i < n; i++) {
            samples[i] = base_random_below((uint64_t)n, BASE_STREAM_TEST, (uint64_t)i, 50);
            counts[samples[i]]++;
        }
        qsort(samples, (size_t)n, sizeof *samples, ascending);
        for (int64_t p = 0; p <= 100; p++, compared++) {
            int64_t rank = (p * n + 99) / 100;
            ck_assert_int_eq(atomsi_l0_quantile(counts, 50, n, (double)p / 100), samples[rank ? rank - 1 : 0]);
        }
    }
    ck_assert_int_gt(compared, 20000);
    int64_t many[3] = {(int64_t)1 << 40, 1, 0};
    ck_assert_int_eq(atomsi_l0_quantile(many, 3, many[0] + 1, 1), 1);
    ck_assert_int_eq(atomsi_l0_quantile(many, 3, many[0] + 1, .99), 0);
}
END_TEST

START_TEST(l0_is_the_distribution_of_row_lengths)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    atoms_l0_report l0;
    ck_assert_ok(atoms_l0_report_init(&l0, sizeof l0));
    ck_assert_ok(atoms_codes_l0(context, &five, &l0));
    ck_assert(l0.rows == 5 && l0.max == 3 && l0.mean == 6 / 5.0);
    ck_assert(l0.p50 == 1 && l0.p90 == 3 && l0.p99 == 3); /* 0 0 1 2 3 */
    int64_t zero[2] = {0, 0};
    atoms_codes_view none = {0, WIDTH, 0, zero, NULL, NULL}, empty = {1, WIDTH, 0, zero, NULL, NULL};
    ck_assert_status(atoms_codes_l0(context, &none, &l0), ATOMS_E_SHAPE);
    ck_assert_detail(context, "no rows");
    ck_assert_int_eq(l0.rows, 5);
    ck_assert_ok(atoms_codes_l0(context, &empty, &l0));
    ck_assert(l0.rows == 1 && l0.max == 0 && l0.mean == 0 && l0.p99 == 0);
    ck_assert_status(atoms_codes_l0(context, &five, NULL), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_codes_l0(NULL, &five, &l0), ATOMS_E_ARGUMENT);
    l0.struct_size = 0;
    ck_assert_status(atoms_codes_l0(context, &five, &l0), ATOMS_E_ARGUMENT);
    ck_assert_detail(context, "atoms_l0_report_init");
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

/* Whichever allocation fails, the codes hold what they held, and go on from there. */
START_TEST(any_allocation_may_fail)
{
    int refused = 0;
    for (int64_t k = 1;; k++) {
        counting_memory memory = {0};
        atoms_context *context = counting_context(&memory, 1);
        memory.fail_at = memory.requests + k;
        memory.sticky = _i;
        atoms_codes *codes = NULL;
        atoms_l0_report l0;
        ck_assert_ok(atoms_l0_report_init(&l0, sizeof l0));
        atoms_status status = atoms_codes_create(context, WIDTH, &codes);
        ck_assert(!status == !!codes);
        for (int64_t held = 0; codes && held < 20; held++) {
            status = atoms_codes_append(codes, &five);
            if (status) {
                ck_assert_status(status, ATOMS_E_MEMORY);
                check_repeated(codes, held);
                memory.fail_at = 0;
                ck_assert_ok(atoms_codes_append(codes, &five));
            }
            check_repeated(codes, held + 1);
        }
        if (codes) {
            atoms_status counted = atoms_codes_l0(context, &five, &l0);
            ck_assert(counted == ATOMS_OK || counted == ATOMS_E_MEMORY);
        }
        atoms_codes_destroy(codes);
        atoms_context_destroy(context);
        ck_assert_int_eq(memory.held, 0);
        if (!memory.failures) break;
        refused++;
    }
    ck_assert_int_ge(refused, 10);
}
END_TEST

static void add_cases(Suite *suite)
{
    add_case(suite, "append", codes_grow_by_appending);
    add_case(suite, "refused", bad_views_are_refused);
    add_case(suite, "dense", dense_writes_zeros_too_and_nothing_between_rows);
    add_case(suite, "firing", firing_counts_rows_per_atom);
    add_case(suite, "quantile", quantiles_are_those_of_the_sorted_samples);
    add_case(suite, "l0", l0_is_the_distribution_of_row_lengths);
    add_loop(suite, "allocation", any_allocation_may_fail, 2);
    add_codes_file_cases(suite);
}

SUITE_MAIN("codes", add_cases)
