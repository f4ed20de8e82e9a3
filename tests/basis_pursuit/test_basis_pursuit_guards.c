/* Bad input with words, refused memory, batches that do not allocate, threads, streams. */
#include <math.h>

#include "basis_pursuit_case.h"
#include "counting_memory.h"
#include "suite.h"

enum { N = 60, M = 20 };

static atoms_dictionary *dictionary_on(atoms_context *context)
{
    double *d = bp_normals(N * M, 31);
    atoms_matrix m = atoms_matrix_f64(d, N, M);
    atoms_dictionary *dictionary;
    ck_assert_ok(atoms_dictionary_create(context, &m, NULL, &dictionary));
    free(d);
    return dictionary;
}

typedef struct bad_option {
    const char *words;
    atoms_basis_pursuit_opts opts;
} bad_option;

START_TEST(bad_options_are_refused_with_words)
{
    atoms_context *context = counting_context(&(counting_memory){0}, 1);
    atoms_dictionary *dictionary = dictionary_on(context);
    bad_option bad[] = {{"opts.solver is 3", {.solver = 3}},
                        {"opts.solver is -1", {.solver = -1}},
                        {"opts.nonnegative is 2", {.nonnegative = 2}},
                        {"opts.certify is 4", {.certify = 4}},
                        {"opts.sigma is -1 and must be >= 0", {.sigma = -1}},
                        {"opts.sigma is", {.sigma = NAN}},
                        {"opts.sigma_rel is", {.sigma_rel = INFINITY}},
                        {"give one", {.sigma = 1, .sigma_rel = 0.1}},
                        {"opts.tol is -1", {.tol = -1}},
                        {"opts.tol is", {.tol = NAN}},
                        {"opts.max_iterations is -1", {.max_iterations = -1}}};
    atoms_basis_pursuit *bp;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        atoms_basis_pursuit_opts o = bad[i].opts;
        o.struct_size = sizeof o;
        if (o.tol == 0) o.tol = 1e-6;
        bp = (atoms_basis_pursuit *)context;
        ck_assert_status(atoms_basis_pursuit_create(context, dictionary, &o, &bp), ATOMS_E_ARGUMENT);
        ck_assert_detail(context, bad[i].words);
        ck_assert_ptr_null(bp);
    }
    ck_assert_status(atoms_basis_pursuit_create(context, NULL, NULL, &bp), ATOMS_E_ARGUMENT);
    ck_assert_detail(context, "dictionary is NULL");
    ck_assert_status(atoms_basis_pursuit_create(context, dictionary, NULL, NULL), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_basis_pursuit_create(NULL, dictionary, NULL, &bp), ATOMS_E_ARGUMENT);
    atoms_basis_pursuit_destroy(NULL);
    atoms_dictionary_destroy(dictionary);
    atoms_context_destroy(context);
}
END_TEST

START_TEST(bad_signals_are_refused_with_words)
{
    atoms_context *context = counting_context(&(counting_memory){0}, 1);
    atoms_dictionary *dictionary = dictionary_on(context);
    atoms_basis_pursuit *bp;
    atoms_basis_pursuit_work *work;
    atoms_codes_view codes;
    atoms_matrix dual;
    size_t bytes;
    double x[3 * M] = {1};
    x[M + 4] = NAN;
    ck_assert_ok(atoms_basis_pursuit_create(context, dictionary, NULL, &bp));
    ck_assert_ok(atoms_basis_pursuit_work_size(bp, 2, &bytes));
    void *memory = malloc(bytes);
    ck_assert_ok(atoms_basis_pursuit_work_init(bp, memory, bytes, &work));
    atoms_matrix two = atoms_matrix_f64(x, 2, M), three = atoms_matrix_f64(x, 3, M), narrow = atoms_matrix_f64(x, 2, M - 1), none = atoms_matrix_f64(x, 0, M);
    ck_assert_status(atoms_basis_pursuit_batch(bp, work, &two, &codes, NULL), ATOMS_E_NOT_FINITE);
    ck_assert_detail(context, "row 1 column 4 is NaN");
    ck_assert_status(atoms_basis_pursuit_batch(bp, work, &three, &codes, NULL), ATOMS_E_CAPACITY);
    ck_assert_status(atoms_basis_pursuit_batch(bp, work, &narrow, &codes, NULL), ATOMS_E_SHAPE);
    ck_assert_status(atoms_basis_pursuit_batch(bp, NULL, &two, &codes, NULL), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_basis_pursuit_batch(NULL, work, &two, &codes, NULL), ATOMS_E_ARGUMENT);
    ck_assert_ok(atoms_basis_pursuit_batch(bp, work, &none, &codes, NULL)); /* an empty batch has an empty answer */
    ck_assert(codes.rows == 0 && codes.nnz == 0);
    ck_assert_status(atoms_basis_pursuit_dual(NULL, work, &dual), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_basis_pursuit_work_size(NULL, 2, &bytes), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_basis_pursuit_work_size(bp, 0, &bytes), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_basis_pursuit_work_init(NULL, memory, bytes, &work), ATOMS_E_ARGUMENT);
    ck_assert_ptr_null(work);
    ck_assert_status(atoms_basis_pursuit_run(NULL, NULL, NULL, NULL), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_basis_pursuit_run(bp, NULL, NULL, NULL), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_basis_pursuit_run_dual(bp, NULL, NULL, NULL, NULL), ATOMS_E_ARGUMENT);
    ck_assert_detail(context, "signals is NULL");
    ck_assert_status(atoms_basis_pursuit_run_dual(NULL, NULL, NULL, NULL, NULL), ATOMS_E_ARGUMENT);
    free(memory);
    atoms_basis_pursuit_destroy(bp);
    atoms_dictionary_destroy(dictionary);
    atoms_context_destroy(context);
}
END_TEST

START_TEST(refused_memory_is_a_status_and_no_leak)
{
    int64_t refused = 0, made = 0;
    for (int64_t k = 1; !made && k < 100; k++) {
        counting_memory memory = {0};
        atoms_context *context = counting_context(&memory, 1);
        atoms_dictionary *dictionary = dictionary_on(context);
        int64_t held = memory.held;
        atoms_basis_pursuit *bp;
        memory.fail_at = memory.requests + k;
        atoms_status status = atoms_basis_pursuit_create(context, dictionary, NULL, &bp);
        made = memory.failures == 0;
        if (made) {
            ck_assert_ok(status);
            atoms_basis_pursuit_destroy(bp);
        } else {
            ck_assert_status(status, ATOMS_E_MEMORY);
            ck_assert_ptr_null(bp);
            refused++;
        }
        ck_assert_int_eq(memory.held, held);
        atoms_dictionary_destroy(dictionary);
        atoms_context_destroy(context);
        ck_assert_int_eq(memory.held, 0);
    }
    ck_assert(made && refused >= 4);
}
END_TEST

START_TEST(a_batch_does_not_allocate)
{
    counting_memory counted = {0};
    atoms_context *context = counting_context(&counted, 1);
    atoms_dictionary *dictionary = dictionary_on(context);
    for (int solver = 0; solver < 3; solver++) {
        atoms_basis_pursuit_opts opts;
        atoms_basis_pursuit *bp;
        atoms_basis_pursuit_work *work;
        atoms_codes_view codes;
        size_t bytes;
        ck_assert_ok(atoms_basis_pursuit_opts_init(&opts, sizeof opts));
        opts.solver = solver;
        ck_assert_ok(atoms_basis_pursuit_create(context, dictionary, &opts, &bp));
        ck_assert_ok(atoms_basis_pursuit_work_size(bp, 40, &bytes));
        unsigned char *memory = malloc(bytes + 1);
        ck_assert_ok(atoms_basis_pursuit_work_init(bp, memory + 1, bytes, &work)); /* at any alignment */
        double *x = bp_normals(40 * M, 32);
        atoms_matrix rows = atoms_matrix_f64(x, 40, M);
        int64_t requests = counted.requests;
        ck_assert_ok(atoms_basis_pursuit_batch(bp, work, &rows, &codes, NULL));
        ck_assert_int_eq(counted.requests, requests);
        ck_assert_int_gt(codes.nnz, 0);
        free(x), free(memory);
        atoms_basis_pursuit_destroy(bp);
    }
    atoms_dictionary_destroy(dictionary);
    atoms_context_destroy(context);
}
END_TEST

typedef struct stream {
    float *value;
    int32_t *index;
    double *dual;
    atoms_code_record *record;
    int64_t nnz;
} stream;

static stream run(int32_t threads, const double *x, int64_t rows, const atoms_basis_pursuit_opts *opts)
{
    atoms_context *context = counting_context(&(counting_memory){0}, threads);
    atoms_dictionary *dictionary = dictionary_on(context);
    atoms_matrix m = atoms_matrix_f64(x, rows, M);
    atoms_rows *signals;
    atoms_codes *codes;
    atoms_codes_view view;
    atoms_basis_pursuit *bp;
    stream s = {.dual = malloc((size_t)(rows * M) * sizeof *s.dual), .record = malloc((size_t)rows * sizeof *s.record)};
    atoms_matrix dual = atoms_matrix_f64(s.dual, rows, M);
    ck_assert_ok(atoms_rows_from_matrix(context, &m, &signals));
    ck_assert_ok(atoms_codes_create(context, N, &codes));
    ck_assert_ok(atoms_basis_pursuit_create(context, dictionary, opts, &bp));
    ck_assert_ok(atoms_basis_pursuit_run_dual(bp, signals, codes, s.record, &dual));
    ck_assert_ok(atoms_codes_look(codes, &view));
    s.nnz = view.nnz;
    s.value = malloc((size_t)s.nnz * sizeof *s.value);
    s.index = malloc((size_t)s.nnz * sizeof *s.index);
    memcpy(s.value, view.value, (size_t)s.nnz * sizeof *s.value);
    memcpy(s.index, view.index, (size_t)s.nnz * sizeof *s.index);
    ck_assert_ok(atoms_codes_clear(codes));
    ck_assert_ok(atoms_basis_pursuit_run(bp, signals, codes, NULL));
    ck_assert_ok(atoms_codes_look(codes, &view));
    ck_assert(view.nnz == s.nnz && !memcmp(view.value, s.value, (size_t)s.nnz * sizeof *s.value));
    atoms_basis_pursuit_destroy(bp);
    atoms_codes_destroy(codes);
    atoms_rows_destroy(signals);
    atoms_dictionary_destroy(dictionary);
    atoms_context_destroy(context);
    return s;
}

static void release(stream *s)
{
    free(s->value), free(s->index), free(s->dual), free(s->record);
}

START_TEST(threads_leave_no_trace)
{
    enum { ROWS = 2100 };
    double *x = bp_normals(ROWS * M, 33);
    atoms_basis_pursuit_opts opts;
    ck_assert_ok(atoms_basis_pursuit_opts_init(&opts, sizeof opts));
    opts.sigma_rel = _i ? 0.3 : 0;
    stream one = run(1, x, ROWS, &opts);
    for (int32_t threads = 2; threads <= 4; threads += 2) {
        stream many = run(threads, x, ROWS, &opts);
        ck_assert_int_eq(one.nnz, many.nnz);
        ck_assert(!memcmp(one.value, many.value, (size_t)one.nnz * sizeof *one.value) && !memcmp(one.index, many.index, (size_t)one.nnz * sizeof *one.index));
        ck_assert(!memcmp(one.dual, many.dual, ROWS * M * sizeof *one.dual) && !memcmp(one.record, many.record, ROWS * sizeof *one.record));
        release(&many);
    }
    for (int64_t r = 0; r < ROWS; r++) ck_assert_int_eq(one.record[r].status, ATOMS_CODE_CONVERGED);
    release(&one);
    free(x);
}
END_TEST

void add_guards(Suite *suite);
void add_guards(Suite *suite)
{
    add_case(suite, "bad options", bad_options_are_refused_with_words);
    add_case(suite, "bad signals", bad_signals_are_refused_with_words);
    add_case(suite, "refused memory", refused_memory_is_a_status_and_no_leak);
    add_case(suite, "no allocation", a_batch_does_not_allocate);
    add_loop(suite, "threads", threads_leave_no_trace, 2);
}
