/* Bad input, memory, streams. */
#include <math.h>

#include "pursuit_problem.h"

void add_guards(Suite *suite);

static void refuse(problem *p, const atoms_pursuit_opts *opts, atoms_status status, const char *words)
{
    atoms_pursuit *pursuit = (void *)p;
    ck_assert_status(atoms_pursuit_create(p->context, p->dictionary, opts, &pursuit), status);
    ck_assert_ptr_null(pursuit);
    ck_assert_detail(p->context, words);
}

#define REFUSE(field, bad, words)                                     \
    do {                                                              \
        atoms_pursuit_opts opts_ = options(ATOMS_PURSUIT_OMP, 0);     \
        opts_.field = bad;                                            \
        refuse(p, &opts_, ATOMS_E_ARGUMENT, words);                   \
    } while (0)

START_TEST(bad_options_are_refused_with_words)
{
    problem *p = problem_make(GAUSSIAN, 12, 8, 3, 2, 0, 41);
    int64_t before = p->counting.held;
    REFUSE(rule, 2, "opts.rule is 2");
    REFUSE(rule, -1, "opts.rule is -1");
    REFUSE(nonnegative, 2, "opts.nonnegative is 2");
    REFUSE(certify, 4, "opts.certify is 4");
    REFUSE(max_atoms, 9, "opts.max_atoms is 9; of 12 atoms in 8 dimensions at most 8");
    REFUSE(max_atoms, -1, "opts.max_atoms is -1");
    REFUSE(residual, -1e-3, "opts.residual is -0.001");
    REFUSE(residual, NAN, "opts.residual is");
    REFUSE(residual_rel, INFINITY, "opts.residual_rel is");
    REFUSE(gram_bytes, -2, "opts.gram_bytes is -2");
    atoms_pursuit_opts opts = options(ATOMS_PURSUIT_OLS, 0);
    opts.nonnegative = 1;
    refuse(p, &opts, ATOMS_E_ARGUMENT, "goes with the rule ATOMS_PURSUIT_OMP");
    opts.struct_size = 2;
    refuse(p, &opts, ATOMS_E_ARGUMENT, "atoms_pursuit_opts");
    atoms_pursuit *pursuit = NULL;
    ck_assert_status(atoms_pursuit_create(p->context, NULL, NULL, &pursuit), ATOMS_E_ARGUMENT);
    ck_assert_detail(p->context, "dictionary is NULL");
    ck_assert_status(atoms_pursuit_create(p->context, p->dictionary, NULL, NULL), ATOMS_E_ARGUMENT);
    ck_assert_detail(p->context, "out is NULL");
    ck_assert_status(atoms_pursuit_create(NULL, p->dictionary, NULL, &pursuit), ATOMS_E_ARGUMENT);
    ck_assert_int_eq(p->counting.held, before);
    problem_free(p);
}

START_TEST(bad_batches_are_refused_with_words)
{
    problem *p = problem_make(GAUSSIAN, 12, 8, 3, 2, 0, 42);
    atoms_pursuit *pursuit;
    atoms_pursuit_work *work;
    atoms_codes_view codes;
    size_t bytes;
    char *memory;
    ck_assert_ok(atoms_pursuit_create(p->context, p->dictionary, NULL, &pursuit));
    ck_assert_status(atoms_pursuit_work_size(NULL, 3, &bytes), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_pursuit_work_size(pursuit, 0, &bytes), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_pursuit_work_size(pursuit, INT64_MAX / 2, &bytes), ATOMS_E_OVERFLOW);
    ck_assert_ok(atoms_pursuit_work_size(pursuit, 2, &bytes));
    memory = malloc(bytes + 1);
    ck_assert_status(atoms_pursuit_work_init(NULL, memory, bytes, &work), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_pursuit_work_init(pursuit, memory, 100, &work), ATOMS_E_CAPACITY);
    ck_assert_ptr_null(work);
    ck_assert_status(atoms_pursuit_work_init(pursuit, memory, bytes, NULL), ATOMS_E_ARGUMENT);
    ck_assert_ok(atoms_pursuit_work_init(pursuit, memory + 1, bytes, &work)); /* at any alignment */
    atoms_matrix x = atoms_matrix_f64(p->x, 3, 8), two = atoms_matrix_f64(p->x, 2, 8), narrow = atoms_matrix_f64(p->x, 2, 7);
    ck_assert_status(atoms_pursuit_batch(NULL, work, &two, &codes, NULL), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_pursuit_batch(pursuit, NULL, &two, &codes, NULL), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_pursuit_batch(pursuit, work, NULL, &codes, NULL), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_pursuit_batch(pursuit, work, &two, NULL, NULL), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_pursuit_batch(pursuit, work, &x, &codes, NULL), ATOMS_E_CAPACITY);
    ck_assert_status(atoms_pursuit_batch(pursuit, work, &narrow, &codes, NULL), ATOMS_E_SHAPE);
    ck_assert_ok(atoms_pursuit_batch(pursuit, work, &two, &codes, NULL));
    p->x[11] = NAN;
    ck_assert_status(atoms_pursuit_batch(pursuit, work, &two, &codes, NULL), ATOMS_E_NOT_FINITE);
    ck_assert_detail(p->context, "row 1");
    ck_assert_detail(p->context, "column 3");
    atoms_matrix none = atoms_matrix_f64(p->x, 0, 8);
    atoms_status empty = atoms_pursuit_batch(pursuit, work, &none, &codes, NULL); /* as everywhere in the library */
    ck_assert(empty == ATOMS_E_SHAPE || (empty == ATOMS_OK && codes.rows == 0));
    atoms_pursuit_destroy(pursuit);
    atoms_pursuit_destroy(NULL);
    free(memory);
    problem_free(p);
}

/* A signal of zeros beside ones of 1e-30 and 1e30. */
START_TEST(zero_and_extreme_signals)
{
    problem *p = problem_make(GAUSSIAN, 40, 20, 4, 3, .1, 43);
    for (int i = 0; i < 20; i++) p->x[20 + i] = 0, p->x[40 + i] = 1e-30 * p->x[i], p->x[60 + i] = 1e30 * p->x[i];
    atoms_pursuit_opts opts = options(_i % 2, 5);
    opts.gram_bytes = way(_i / 2);
    opts.nonnegative = _i == 4;
    answer a = pursue_all(p, &opts);
    ck_assert_int_eq(a.codes.offset[1], a.codes.offset[2]);
    ck_assert_int_eq(a.records[1].flags, ATOMS_CODE_ZERO_SIGNAL);
    ck_assert_int_eq(a.records[1].status, ATOMS_CODE_CONVERGED);
    for (int64_t e = 0; e < a.codes.offset[1]; e++) {
        ck_assert_near(value_of(&a, 2, a.codes.index[e]), 1e-30 * a.codes.value[e], 1e-5);
        ck_assert_near(value_of(&a, 3, a.codes.index[e]), 1e30 * a.codes.value[e], 1e-5);
    }
    answer_free(&a);
    problem_free(p);
}

/* 70 000 atoms: 19.6 GB of Gram matrix do not fit the default and are not asked for; a budget without end is an overflow of memory, not of numbers. */
START_TEST(large_dictionaries_go_without_the_gram_matrix)
{
    enum { ATOMS = 70000, DIM = 4 };
    counting_memory counting = {0};
    atoms_context *context = counting_context(&counting, 1);
    float *d = malloc(ATOMS * DIM * sizeof *d), x[2 * DIM] = {1, 2, 3, 4, 0, 0, -1, 0};
    for (int i = 0; i < ATOMS * DIM; i++) d[i] = (float)((i * 7919LL) % 1009) - 504.5f;
    atoms_matrix m = atoms_matrix_f32(d, ATOMS, DIM), signals = atoms_matrix_f32(x, 2, DIM);
    atoms_dictionary *dictionary;
    atoms_pursuit *pursuit;
    atoms_pursuit_work *work;
    atoms_codes_view codes;
    size_t bytes;
    ck_assert_ok(atoms_dictionary_create(context, &m, NULL, &dictionary));
    ck_assert_ok(atoms_pursuit_create(context, dictionary, NULL, &pursuit));
    ck_assert_ptr_null(pursuit->gram);
    ck_assert(counting.largest < 16 << 20);
    ck_assert_ok(atoms_pursuit_work_size(pursuit, 2, &bytes));
    void *memory = malloc(bytes);
    ck_assert_ok(atoms_pursuit_work_init(pursuit, memory, bytes, &work));
    atoms_code_record records[2];
    ck_assert_ok(atoms_pursuit_batch(pursuit, work, &signals, &codes, records));
    ck_assert(codes.nnz > 0 && codes.nnz <= 2 * DIM);
    for (int r = 0; r < 2; r++) ck_assert(records[r].residual < 1e-5 * records[r].norm);
    atoms_pursuit_destroy(pursuit);
    atoms_dictionary_destroy(dictionary);
    atoms_context_destroy(context);
    free(memory);
    free(d);
}

START_TEST(batches_do_not_allocate)
{
    problem *p = problem_make(GAUSSIAN, 80, 30, 50, 4, .1, 44);
    atoms_pursuit_opts opts = options(_i % 2, 0);
    opts.residual_rel = 1e-6;
    opts.gram_bytes = way(_i / 2);
    opts.nonnegative = _i == 4;
    answer a = pursue_all(p, &opts);
    int64_t before = p->counting.requests;
    size_t bytes;
    atoms_pursuit_work *work;
    ck_assert_ok(atoms_pursuit_work_size(a.pursuit, p->rows, &bytes));
    ck_assert_ok(atoms_pursuit_work_init(a.pursuit, a.memory, bytes, &work));
    atoms_matrix x = atoms_matrix_f64(p->x, p->rows, p->dim);
    atoms_code_record *records = malloc(50 * sizeof *records);
    ck_assert_ok(atoms_pursuit_batch(a.pursuit, work, &x, &a.codes, records));
    ck_assert(!memcmp(records, a.records, 50 * sizeof *records)); /* and says the same twice */
    ck_assert_int_eq(p->counting.requests, before);
    free(records);
    answer_free(&a);
    problem_free(p);
}

static atoms_status create_and_run(atoms_context *context, const problem *p, atoms_codes *codes, int i)
{
    atoms_matrix d = atoms_matrix_f64(p->d, p->atoms, p->dim), x = atoms_matrix_f64(p->x, p->rows, p->dim);
    atoms_dictionary *dictionary = NULL;
    atoms_pursuit *pursuit = NULL;
    atoms_rows *rows = NULL;
    atoms_pursuit_opts opts = options(ATOMS_PURSUIT_OMP, 3);
    opts.gram_bytes = way(i);
    atoms_status status = atoms_dictionary_create(context, &d, NULL, &dictionary);
    if (!status) status = atoms_rows_from_matrix(context, &x, &rows);
    if (!status) status = atoms_pursuit_create(context, dictionary, &opts, &pursuit);
    if (!status) status = atoms_pursuit_run(pursuit, rows, codes, NULL);
    atoms_pursuit_destroy(pursuit);
    atoms_rows_destroy(rows);
    atoms_dictionary_destroy(dictionary);
    return status;
}

START_TEST(every_allocation_may_fail)
{
    problem *p = problem_make(GAUSSIAN, 20, 10, 30, 3, .1, 45);
    int failed = 0;
    for (int64_t k = 1;; k++) {
        counting_memory counting = {0};
        atoms_context *context = counting_context(&counting, 2);
        atoms_codes *codes;
        atoms_codes_view view;
        ck_assert_ok(atoms_codes_create(context, p->atoms, &codes));
        counting.fail_at = counting.requests + k;
        atoms_status status = create_and_run(context, p, codes, _i);
        counting.fail_at = 0;
        ck_assert_ok(atoms_codes_look(codes, &view));
        ck_assert_int_eq(view.rows, status ? 0 : p->rows);
        if (status) ck_assert_int_eq(status, ATOMS_E_MEMORY);
        atoms_codes_destroy(codes);
        atoms_context_destroy(context);
        ck_assert_int_eq(counting.held, 0);
        failed += status != ATOMS_OK;
        if (!counting.failures) break;
    }
    ck_assert_int_gt(failed, 5);
    problem_free(p);
}

static int32_t never_again(void *user, const char *part, int64_t done, int64_t total)
{
    (void)part, (void)done, (void)total;
    return --*(int *)user < 0;
}

/* The caller may end the making of the Gram matrix, and a run. */
START_TEST(a_caller_may_cancel)
{
    problem *p = problem_make(GAUSSIAN, 40, 10, 30, 3, .1, 46);
    atoms_pursuit *pursuit;
    int left = 0;
    p->context->progress = never_again;
    p->context->progress_user = &left;
    ck_assert_status(atoms_pursuit_create(p->context, p->dictionary, NULL, &pursuit), ATOMS_E_CANCELLED);
    ck_assert_ptr_null(pursuit);
    problem_free(p);
}

static int32_t feed(void *user, int64_t first, int64_t count, float *out)
{
    (void)user;
    for (int64_t r = 0; r < count; r++)
        for (int64_t i = 0; i < 12; i++) out[r * 12 + i] = (float)((first + r) * 31 % 1013 + i * i * 17) - (float)(i * 300);
    return 0;
}

/* Ten times the rows, the same memory (the codes have what they need from a first run). */
START_TEST(streams_need_no_more_memory_for_more_rows)
{
    problem *p = problem_make(GAUSSIAN, 40, 12, 1, 3, .1, 47);
    int64_t largest[3];
    atoms_pursuit_opts opts = options(_i % 2, 1);
    opts.gram_bytes = way(_i / 2);
    atoms_pursuit *pursuit;
    atoms_codes *codes;
    ck_assert_ok(atoms_pursuit_create(p->context, p->dictionary, &opts, &pursuit));
    ck_assert_ok(atoms_codes_create(p->context, p->atoms, &codes));
    for (int t = 0; t < 3; t++) {
        atoms_rows *rows;
        p->counting.largest = 0;
        ck_assert_ok(atoms_codes_clear(codes));
        ck_assert_ok(atoms_rows_from_callback(p->context, t == 1 ? 2000 : 20000, p->dim, feed, NULL, &rows));
        ck_assert_ok(atoms_pursuit_run(pursuit, rows, codes, NULL));
        largest[t] = p->counting.largest;
        atoms_rows_destroy(rows);
    }
    ck_assert_int_eq(largest[1], largest[2]);
    atoms_codes_destroy(codes);
    atoms_pursuit_destroy(pursuit);
    problem_free(p);
}

void add_guards(Suite *suite)
{
    add_case(suite, "options", bad_options_are_refused_with_words);
    add_case(suite, "batches", bad_batches_are_refused_with_words);
    add_loop(suite, "zero and extreme signals", zero_and_extreme_signals, 5);
    add_case(suite, "large dictionaries", large_dictionaries_go_without_the_gram_matrix);
    add_loop(suite, "no allocation", batches_do_not_allocate, 5);
    add_loop(suite, "failing memory", every_allocation_may_fail, 2);
    add_case(suite, "cancel", a_caller_may_cancel);
    add_loop(suite, "flat memory", streams_need_no_more_memory_for_more_rows, 4);
}
