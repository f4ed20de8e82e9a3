/* lib/base and the context: memory, options, random numbers, the parallel loop, words. */
#include <atoms/atoms.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/checked.h"
#include "base/number_text.h"
#include "base/options.h"
#include "base/random.h"
#include "context/context_internal.h"
#include "counting_memory.h"
#include "suite.h"

void add_atomic_file_cases(Suite *suite);

START_TEST(checked_arithmetic_refuses_what_does_not_fit)
{
    int64_t r = 7;
    size_t bytes = 7;
    ck_assert(!base_mul_i64(INT64_MAX, 2, &r) && !base_mul_i64((int64_t)1 << 32, (int64_t)1 << 32, &r));
    ck_assert(!base_mul_i64(-1, 2, &r) && !base_add_i64(INT64_MAX, 1, &r) && r == 7);
    ck_assert(!base_bytes(INT64_MAX, 4, &bytes) && !base_bytes(-1, 1, &bytes) && !base_bytes((int64_t)1 << 62, 4, &bytes) && bytes == 7);
    ck_assert(base_mul_i64(0, INT64_MAX, &r) && r == 0);
    ck_assert(base_bytes(3, 4, &bytes) && bytes == 12);
    ck_assert(!base_align_size((size_t)PTRDIFF_MAX, 64, &bytes) && base_align_size(65, 64, &bytes) && bytes == 128);
}
END_TEST

START_TEST(memory_is_counted_capped_and_aligned)
{
    counting_memory memory = {0};
    atoms_context_opts opts;
    ck_assert_ok(atoms_context_opts_init(&opts, sizeof opts));
    counting_memory_use(&memory, &opts);
    opts.memory_cap = 1 << 16;
    atoms_context *context;
    ck_assert_ok(atoms_context_create(&opts, &context));
    void *a = atomsi_alloc(context, 1000, 10);
    ck_assert_ptr_nonnull(a);
    ck_assert_uint_eq((uintptr_t)a % 64, 0);
    ck_assert_ptr_null(atomsi_alloc(context, 1 << 16, 1));
    ck_assert_detail(context, "out of memory");
    ck_assert_ptr_null(atomsi_alloc(context, INT64_MAX, 8));
    atoms_memory_report report;
    ck_assert_ok(atoms_memory_report_init(&report, sizeof report));
    ck_assert_ok(atoms_context_memory(context, &report));
    ck_assert_uint_ge(report.in_use, 10000);
    ck_assert_uint_le(report.peak, 1 << 16);
    atomsi_free(context, a);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
    atoms_context_destroy(NULL);
}
END_TEST

START_TEST(options_grow_without_breaking_callers)
{
    struct { uint32_t size; int32_t a; double b; } known, defaults = {16, 1, 2.0};
    struct { uint32_t size; int32_t a; } older = {8, 5};
    struct { uint32_t size; int32_t a; double b, c; } newer = {24, 6, 7.0, 0.0};
    ck_assert_int_eq(base_options_read(&known, sizeof known, &defaults, &older), BASE_OK);
    ck_assert(known.a == 5 && known.b == 2.0 && known.size == 16);
    ck_assert_int_eq(base_options_read(&known, sizeof known, &defaults, &newer), BASE_OK);
    ck_assert(known.a == 6 && known.b == 7.0);
    newer.c = 1;
    ck_assert_int_eq(base_options_read(&known, sizeof known, &defaults, &newer), BASE_E_UNSUPPORTED);
    older.size = 0;
    ck_assert_int_eq(base_options_read(&known, sizeof known, &defaults, &older), BASE_E_ARGUMENT);
    older.size = 8;
    older.a = 0;
    ck_assert_int_eq(base_report_write(&older, &defaults, sizeof defaults), BASE_OK);
    ck_assert(older.a == 1 && older.size == 8);
    newer.size = 24;
    ck_assert_int_eq(base_report_write(&newer, &defaults, sizeof defaults), BASE_OK);
    ck_assert(newer.b == 2.0 && newer.c == 0.0 && newer.size == 24);
}
END_TEST

/* Known answers of the authors' Random123 distribution (kat_vectors, philox4x32 10). */
START_TEST(philox_gives_the_published_numbers)
{
    uint32_t b[4];
    base_random_block(0, 0, 0, b);
    ck_assert(b[0] == 0x6627e8d5u && b[1] == 0xe169c58du && b[2] == 0xbc57ac4cu && b[3] == 0x9b00dbd8u);
    /* Theirs have a fourth counter word, which is 0 here. An implementation that gives all of theirs gives this for the third with a 0,
     * and here every word matters. */
    base_random_block(0x299f31d0a4093822u, 0x13198a2eu, 0x85a308d3243f6a88u, b);
    ck_assert(b[0] == 0xae120e9du && b[1] == 0xa08a4cabu && b[2] == 0xd28ec6a2u && b[3] == 0x42d73c1fu);
}
END_TEST

START_TEST(random_numbers_have_their_distributions)
{
    double sum = 0, square = 0, uniform = 0;
    int64_t below[7] = {0};
    const int n = 200000;
    for (int i = 0; i < n; i++) {
        double z = base_random_normal(3, BASE_STREAM_TEST, (uint64_t)i), u = base_random_uniform(4, BASE_STREAM_TEST, (uint64_t)i);
        ck_assert(u >= 0 && u < 1 && isfinite(z));
        sum += z;
        square += z * z;
        uniform += u;
        below[base_random_below(5, BASE_STREAM_TEST, (uint64_t)i, 7)]++;
    }
    ck_assert_double_lt(fabs(sum / n), 4 / sqrt(n));
    ck_assert_double_lt(fabs(square / n - 1), 4 * sqrt(2.0 / n));
    ck_assert_double_lt(fabs(uniform / n - .5), 4 * sqrt(1 / 12.0 / n));
    for (int i = 0; i < 7; i++) ck_assert_double_lt(fabs((double)below[i] / n - 1 / 7.0), 4 * sqrt(1 / 7.0 / n));
    ck_assert_int_lt(base_random_below(5, BASE_STREAM_TEST, 1, INT64_MAX), INT64_MAX);
}
END_TEST

START_TEST(permutations_are_bijections_and_differ)
{
    static const int64_t sizes[] = {1, 2, 3, 4, 5, 16, 17, 1000, 4097};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        int64_t n = sizes[s], same = 0;
        char *seen = calloc((size_t)n, 1);
        for (int64_t i = 0; i < n; i++) {
            int64_t p = base_permute(9, BASE_STREAM_SHUFFLE, 0, i, n);
            ck_assert(p >= 0 && p < n && !seen[p]);
            seen[p] = 1;
            same += p == base_permute(9, BASE_STREAM_SHUFFLE, 1, i, n);
        }
        if (n > 100) ck_assert_int_lt(same, n / 20);
        free(seen);
    }
    ck_assert_int_lt(base_permute(9, BASE_STREAM_SHUFFLE, 0, 5, (int64_t)1 << 40), (int64_t)1 << 40);
}
END_TEST

typedef struct loop_state {
    atoms_context *context;
    int64_t hits[1000];
    _Atomic int32_t active[4];
    _Atomic int bad_worker;
    int nested;
} loop_state;

static void inner_body(void *arg, int64_t i, int32_t worker)
{
    (void)worker;
    int64_t *out = arg;
    out[i] += i;
}

static void loop_body(void *arg, int64_t i, int32_t worker)
{
    loop_state *s = arg;
    if (worker < 0 || worker >= 4 || atomic_fetch_add(&s->active[worker], 1)) s->bad_worker = 1;
    s->hits[i]++;
    if (s->nested) {
        int64_t out[10] = {0};
        atomsi_parallel_for(s->context, 10, inner_body, out); /* must not deadlock */
        for (int j = 0; j < 10; j++)
            if (out[j] != j) s->bad_worker = 1;
    }
    atomic_fetch_sub(&s->active[worker], 1);
}

START_TEST(parallel_loop_runs_each_piece_once)
{
    counting_memory memory = {0};
    for (int32_t threads = 1; threads <= 4; threads++) {
        atoms_context *context = counting_context(&memory, threads);
        loop_state *s = calloc(1, sizeof *s);
        s->context = context;
        for (int round = 0; round < 200; round++) {
            s->nested = round % 2;
            atomsi_parallel_for(context, round % 3 ? 1000 : round % 7, loop_body, s);
        }
        int64_t full = 0;
        for (int round = 0; round < 200; round++) full += round % 3 != 0;
        ck_assert_int_eq(s->hits[999], full);
        ck_assert_int_eq(s->bad_worker, 0);
        free(s);
        atoms_context_destroy(context);
    }
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

/* The pool's threads stay behind in the parent: the child works alone, and can put the context away. */
START_TEST(a_forked_child_works_alone)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 4);
    loop_state *s = calloc(1, sizeof *s);
    s->context = context;
    atomsi_parallel_for(context, 1000, loop_body, s);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        atomsi_parallel_for(context, 1000, loop_body, s);
        int whole = !s->bad_worker;
        for (int i = 0; i < 1000; i++) whole &= s->hits[i] == 2;
        atoms_context_destroy(context);
        _exit(whole && memory.held == 0 ? 0 : 1);
    }
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    atomsi_parallel_for(context, 1000, loop_body, s);
    for (int i = 0; i < 1000; i++) ck_assert_int_eq(s->hits[i], 2);
    free(s);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

START_TEST(numbers_as_text_ignore_the_locale)
{
    char text[BASE_NUMBER_TEXT_MAX];
    static const char *const locales[] = {"C", "de_DE.UTF-8", "fr_FR.UTF-8", "tr_TR.UTF-8"};
    int tried = 0;
    for (size_t l = 0; l < 4; l++) {
        if (!setlocale(LC_ALL, locales[l])) continue;
        tried++;
        ck_assert_str_eq(base_number_text(text, 1.5, 17), "1.5");
        ck_assert_str_eq(base_number_text(text, -1e300, 17), "-1.0000000000000001e+300");
        ck_assert_str_eq(base_number_text(text, HUGE_VAL, 17), "inf");
    }
    setlocale(LC_ALL, "C");
    ck_assert_int_ge(tried, 1);
    for (int i = 0; i < 100000; i++) {
        uint32_t b[4];
        double value, back;
        base_random_block(1, BASE_STREAM_TEST, (uint64_t)i, b);
        memcpy(&value, b, sizeof value);
        if (!isfinite(value)) continue;
        back = strtod(base_number_text(text, value, 17), NULL);
        ck_assert(memcmp(&back, &value, sizeof value) == 0);
    }
}
END_TEST

START_TEST(a_context_refuses_bad_options)
{
    atoms_context *context = (atoms_context *)(uintptr_t)1;
    atoms_context_opts opts;
    ck_assert_status(atoms_context_create(NULL, NULL), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_context_opts_init(NULL, sizeof opts), ATOMS_E_ARGUMENT);
    for (int32_t threads = -1; threads <= 0; threads++) {
        ck_assert_ok(atoms_context_opts_init(&opts, sizeof opts));
        opts.threads = threads;
        ck_assert_status(atoms_context_create(&opts, &context), ATOMS_E_ARGUMENT);
        ck_assert_ptr_null(context);
    }
    counting_memory memory = {0};
    for (int64_t k = 1;; k++) { /* refused memory: no leak, and a clean status */
        memory = (counting_memory){.fail_at = k, .sticky = 1};
        ck_assert_ok(atoms_context_opts_init(&opts, sizeof opts));
        opts.threads = 3;
        counting_memory_use(&memory, &opts);
        atoms_status status = atoms_context_create(&opts, &context);
        atoms_context_destroy(context);
        ck_assert_int_eq(memory.held, 0);
        if (status == ATOMS_OK) {
            ck_assert_int_gt(k, 1);
            break;
        }
        ck_assert_status(status, ATOMS_E_MEMORY);
    }
}
END_TEST

START_TEST(statuses_have_names_and_words)
{
    ck_assert_str_eq(atoms_status_name(ATOMS_E_SHAPE), "ATOMS_E_SHAPE");
    ck_assert_str_eq(atoms_status_name(17), "ATOMS_E_?");
    for (atoms_status s = ATOMS_OK; s >= ATOMS_E_STATE; s--) {
        ck_assert_str_ne(atoms_status_name(s), "ATOMS_E_?");
        ck_assert_uint_gt(strlen(atoms_status_text(s)), 3);
    }
    ck_assert_int_eq(atoms_version(), ATOMS_VERSION);
    ck_assert_uint_eq(atoms_context_detail(NULL, NULL, 0), 0);
}
END_TEST

static void add_cases(Suite *suite)
{
    add_case(suite, "checked", checked_arithmetic_refuses_what_does_not_fit);
    add_case(suite, "memory", memory_is_counted_capped_and_aligned);
    add_case(suite, "options", options_grow_without_breaking_callers);
    add_case(suite, "philox", philox_gives_the_published_numbers);
    add_case(suite, "distributions", random_numbers_have_their_distributions);
    add_case(suite, "permutations", permutations_are_bijections_and_differ);
    add_case(suite, "parallel", parallel_loop_runs_each_piece_once);
    add_case(suite, "fork", a_forked_child_works_alone);
    add_case(suite, "numbers", numbers_as_text_ignore_the_locale);
    add_case(suite, "context", a_context_refuses_bad_options);
    add_case(suite, "status", statuses_have_names_and_words);
    add_atomic_file_cases(suite);
}

SUITE_MAIN("base", add_cases)
