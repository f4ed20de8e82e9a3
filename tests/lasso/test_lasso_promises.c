/* What does not depend on the problem: threads, streaming, allocations, refused memory, cancelling, iteration limits. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "counting_memory.h"
#include "lasso_case.h"
#include "suite.h"

enum { ROWS = 700, DIM = 24, ATOMS = 60 };

static int32_t stop(void *user, const char *part, int64_t done, int64_t total)
{
    (void)part, (void)done, (void)total;
    return ++*(int *)user == 1;
}

/* A run in its own context. */
static atoms_status run(counting_memory *memory, int32_t threads, int32_t solver, int *calls, double *dual, atoms_code_record *records,
                        float *values, int64_t *nnz)
{
    atoms_context_opts o;
    atoms_context *context;
    ck_assert_ok(atoms_context_opts_init(&o, sizeof o));
    counting_memory_use(memory, &o);
    o.threads = threads;
    o.progress = calls ? stop : NULL;
    o.progress_user = calls;
    atoms_status status = atoms_context_create(&o, &context);
    if (status) return status;
    lasso_case c = lasso_case_make(context, LASSO_CLUSTERS, 33, DIM, ATOMS, ROWS);
    atoms_matrix d = atoms_matrix_f64(c.d, ATOMS, DIM), x = atoms_matrix_f64(c.x, ROWS, DIM), y = atoms_matrix_f64(dual, ROWS, DIM);
    atoms_lasso *lasso = NULL;
    atoms_rows *rows = NULL;
    atoms_codes *codes = NULL;
    atoms_codes_view view;
    atoms_lasso_opts opts = lasso_options();
    opts.solver = solver;
    opts.tol = solver == ATOMS_LASSO_ISTA ? 1e-3 : 1e-6;
    opts.gram_bytes = solver == ATOMS_LASSO_CD ? -1 : 0;
    status = atoms_dictionary_create(context, &d, NULL, &c.dictionary);
    if (!status) status = atoms_lasso_create(context, c.dictionary, &opts, &lasso);
    if (!status) status = atoms_rows_from_matrix(context, &x, &rows);
    if (!status) status = atoms_codes_create(context, ATOMS, &codes);
    if (!status) {
        status = atoms_lasso_run_dual(lasso, rows, codes, records, &y);
        ck_assert_ok(atoms_codes_look(codes, &view));
        if (status) ck_assert_int_eq(view.rows, 0);
        else ck_assert_int_eq(view.rows, ROWS);
        if (values) memcpy(values, view.value, (size_t)view.nnz * sizeof *values);
        if (nnz) *nnz = view.nnz;
    }
    atoms_codes_destroy(codes);
    atoms_rows_destroy(rows);
    atoms_lasso_destroy(lasso);
    lasso_case_free(&c);
    atoms_context_destroy(context);
    return status;
}

START_TEST(threads_change_no_bit)
{
    static double dual[2][ROWS * DIM];
    static atoms_code_record records[2][ROWS];
    static float values[2][ROWS * ATOMS];
    int64_t nnz[2];
    counting_memory memory = {0};
    ck_assert_ok(run(&memory, 1, _i, NULL, dual[0], records[0], values[0], nnz));
    for (int32_t threads = 2; threads <= 4; threads += 2) {
        ck_assert_ok(run(&memory, threads, _i, NULL, dual[1], records[1], values[1], nnz + 1));
        ck_assert_int_eq(nnz[0], nnz[1]);
        ck_assert(memcmp(values[0], values[1], (size_t)nnz[0] * sizeof **values) == 0);
        ck_assert(memcmp(records[0], records[1], sizeof records[0]) == 0);
        ck_assert(memcmp(dual[0], dual[1], sizeof dual[0]) == 0);
    }
    ck_assert_int_gt(nnz[0], ROWS);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

START_TEST(a_batch_does_not_allocate_and_equals_a_run)
{
    static double dual[ROWS * DIM];
    static atoms_code_record records[ROWS];
    static float values[ROWS * ATOMS];
    int64_t nnz;
    counting_memory memory = {0};
    ck_assert_ok(run(&memory, 2, _i, NULL, dual, records, values, &nnz));
    atoms_context *context = counting_context(&memory, 1);
    lasso_case c = lasso_case_make(context, LASSO_CLUSTERS, 33, DIM, ATOMS, ROWS);
    atoms_lasso_opts opts = lasso_options();
    opts.solver = _i;
    opts.tol = _i == ATOMS_LASSO_ISTA ? 1e-3 : 1e-6;
    opts.gram_bytes = _i == ATOMS_LASSO_CD ? -1 : 0;
    lasso_answers a = lasso_solve(&c, &opts);
    ck_assert_int_eq(a.codes.nnz, nnz);
    ck_assert(memcmp(a.codes.value, values, (size_t)nnz * sizeof *values) == 0);
    ck_assert(memcmp(a.records, records, sizeof records) == 0);
    atoms_matrix x = atoms_matrix_f64(c.x, ROWS, DIM), y;
    int64_t before = memory.requests;
    ck_assert_ok(atoms_lasso_batch(a.lasso, a.work, &x, &a.codes, NULL));
    ck_assert_int_eq(memory.requests, before);
    ck_assert_ok(atoms_lasso_dual(a.lasso, a.work, &y));
    ck_assert(memcmp(y.data, dual, sizeof dual) == 0);
    lasso_answers_free(&a);
    lasso_case_free(&c);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

START_TEST(refused_memory_and_a_cancelled_run_leave_nothing)
{
    static double dual[ROWS * DIM];
    static atoms_code_record records[ROWS];
    int calls = 0;
    counting_memory memory = {0};
    ck_assert_status(run(&memory, 1, _i, &calls, dual, records, NULL, NULL), ATOMS_E_CANCELLED);
    ck_assert_int_eq(memory.held, 0);
    int64_t injected = 0;
    for (int64_t k = 1;; k++) {
        memory = (counting_memory){.fail_at = k};
        atoms_status status = run(&memory, 1, _i, NULL, dual, records, NULL, NULL);
        ck_assert_int_eq(memory.held, 0);
        if (!status) break;
        ck_assert_status(status, ATOMS_E_MEMORY);
        injected++;
    }
    ck_assert_int_ge(injected, 15);
}
END_TEST

START_TEST(the_iteration_limit_is_an_outcome)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    lasso_case c = lasso_case_make(context, LASSO_AR, 12, 40, 160, 5);
    atoms_lasso_opts opts = lasso_options();
    opts.solver = _i;
    opts.lambda_rel = .01;
    opts.max_iterations = 1;
    opts.polish = 0;
    lasso_answers a = lasso_solve(&c, &opts);
    ck_assert_int_eq(lasso_check(&c, &opts, &a), 5);
    for (int64_t r = 0; r < 5; r++) {
        ck_assert_int_eq(a.records[r].status, ATOMS_CODE_STOPPED);
        ck_assert_int_eq(a.records[r].iterations, 1);
        ck_assert(a.records[r].gap > 0 && !(a.records[r].flags & ATOMS_CODE_POLISHED));
    }
    lasso_answers_free(&a);
    lasso_case_free(&c);
    atoms_context_destroy(context);
}
END_TEST

/* NaN in a work's memory before it is used; rows that walk the path among those that do not. */
START_TEST(what_lay_in_the_memory_changes_no_bit)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    lasso_case c = lasso_case_make(context, LASSO_CLUSTERS, 33, 40, 160, 150);
    atoms_lasso_opts opts = lasso_options();
    opts.solver = _i % 4;
    opts.tol = opts.solver == ATOMS_LASSO_ISTA ? 1e-2 : 1e-6;
    opts.lambda_rel = .03;
    opts.gram_bytes = _i >= 4 ? -1 : 0;
    lasso_answers a = lasso_solve(&c, &opts), b = lasso_solve(&c, &opts);
    atoms_matrix x = atoms_matrix_f64(c.x, c.rows, c.dim);
    size_t bytes;
    ck_assert_ok(atoms_lasso_work_size(b.lasso, c.rows, &bytes));
    memset(b.memory, 0xFF, bytes);
    ck_assert_ok(atoms_lasso_work_init(b.lasso, b.memory, bytes, &b.work));
    ck_assert_ok(atoms_lasso_batch(b.lasso, b.work, &x, &b.codes, b.records));
    ck_assert_int_eq(a.codes.nnz, b.codes.nnz);
    ck_assert(memcmp(a.codes.value, b.codes.value, (size_t)a.codes.nnz * sizeof *a.codes.value) == 0);
    ck_assert(memcmp(a.records, b.records, (size_t)c.rows * sizeof *a.records) == 0);
    lasso_answers_free(&b);
    lasso_answers_free(&a);
    lasso_case_free(&c);
    atoms_context_destroy(context);
}
END_TEST

/* The same signals in f32: what is coded is their f32 values, to the same accuracy. And scale: tiny and huge signals give scaled codes. */
START_TEST(types_and_scales_are_alike)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    lasso_case c = lasso_case_make(context, LASSO_LENGTHS, 14, 24, 70, 6);
    float *x32 = malloc((size_t)(c.rows * c.dim) * sizeof *x32);
    ck_assert_ptr_nonnull(x32);
    for (int64_t i = 0; i < c.rows * c.dim; i++) c.x[i] = (double)(x32[i] = (float)c.x[i]);
    atoms_lasso_opts opts = lasso_options();
    lasso_answers a = lasso_solve(&c, &opts), b;
    atoms_matrix x = atoms_matrix_f32(x32, c.rows, c.dim);
    atoms_codes_view codes;
    b = lasso_solve(&c, &opts);
    ck_assert_ok(atoms_lasso_batch(b.lasso, b.work, &x, &codes, NULL));
    ck_assert_int_eq(codes.nnz, a.codes.nnz);
    ck_assert(memcmp(codes.value, a.codes.value, (size_t)codes.nnz * sizeof *codes.value) == 0);
    lasso_answers_free(&b);
    for (int64_t i = 0; i < c.rows * c.dim; i++) c.x[i] *= 0x1p-80;
    b = lasso_solve(&c, &opts);
    ck_assert_int_eq(b.codes.nnz, a.codes.nnz);
    for (int64_t i = 0; i < b.codes.nnz; i++) ck_assert_near((double)b.codes.value[i] * 0x1p80, (double)a.codes.value[i], 1e-6);
    lasso_answers_free(&b);
    lasso_answers_free(&a);
    free(x32);
    lasso_case_free(&c);
    atoms_context_destroy(context);
}
END_TEST

void add_promise_cases(Suite *suite);
void add_promise_cases(Suite *suite)
{
    add_loop(suite, "threads", threads_change_no_bit, 4);
    add_loop(suite, "batch", a_batch_does_not_allocate_and_equals_a_run, 4);
    add_loop(suite, "faults", refused_memory_and_a_cancelled_run_leave_nothing, 4);
    add_loop(suite, "memory", what_lay_in_the_memory_changes_no_bit, 5);
    add_loop(suite, "limit", the_iteration_limit_is_an_outcome, 4);
    add_case(suite, "types and scales", types_and_scales_are_alike);
}
