/* Encoding of many rows: against the oracle on real activations, the same bits for any number of threads, nothing left on failure. */
#include <atoms/atoms.h>
#include <math.h>

#include "counting_memory.h"
#include "files.h"
#include "sae_oracle.h"
#include "suite.h"

static atoms_codes *encode_rows(atoms_context *context, const atoms_sae *sae, atoms_rows *rows, atoms_status expected)
{
    atoms_codes *codes;
    ck_assert_ok(atoms_codes_create(context, atoms_sae_d_sae(sae), &codes));
    ck_assert_status(atoms_sae_encode_rows(sae, rows, codes), expected);
    return codes;
}

static void check_same(const atoms_codes *a, const atoms_codes *b)
{
    atoms_codes_view u, v;
    ck_assert_ok(atoms_codes_look(a, &u));
    ck_assert_ok(atoms_codes_look(b, &v));
    ck_assert(u.rows == v.rows && u.nnz == v.nnz);
    ck_assert(!memcmp(u.offset, v.offset, (size_t)(u.rows + 1) * sizeof *u.offset));
    ck_assert(!memcmp(u.index, v.index, (size_t)u.nnz * sizeof *u.index) && !memcmp(u.value, v.value, (size_t)u.nnz * sizeof *u.value));
}

/* The real sample: 2048 rows of 576 coordinates, lengths about 170. */
START_TEST(the_real_sample_is_encoded_as_the_oracle_says)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 2);
    atoms_rows *rows;
    ck_assert_ok(atoms_rows_open(context, sample_path("sample.eval.npy"), NULL, &rows));
    int64_t d = atoms_rows_width(rows), n = atoms_rows_count(rows), compared = 0;
    sae_case c = sae_case_make(50, d, 700, 0.3);
    c.input_scale = 1 / 170.0;
    for (int64_t k = 0; k < d * 700; k++) c.w_enc[k] *= 20;
    atoms_sae *sae = sae_case_create(context, &c, 1);
    atoms_codes *codes = encode_rows(context, sae, rows, ATOMS_OK);
    atoms_codes_view view;
    ck_assert_ok(atoms_codes_look(codes, &view));
    ck_assert_int_eq(view.rows, n);
    double *x = malloc((size_t)d * sizeof *x);
    for (int64_t r = 0; r < n; r += 41) {
        atoms_matrix row = atoms_matrix_f64(x, 1, d);
        ck_assert_ok(atoms_rows_read(rows, r, &row));
        compared += oracle_check_row(&c, 1, x, &view, r, 1e-5);
    }
    ck_assert_int_gt(compared, 500);
    free(x);
    atoms_codes_destroy(codes);
    atoms_sae_destroy(sae);
    sae_case_free(&c);
    atoms_rows_destroy(rows);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

/* 5400 rows are six blocks of which the last is short; dense: the first 1200 rows have more codes than a block's work holds. */
START_TEST(threads_change_no_bit)
{
    int dense = _i;
    counting_memory memory = {0};
    sae_case c = sae_case_make(51, 11, 1500, 0.05);
    float *x = random_rows(52, 5400, 11);
    for (int64_t k = 0; k < 1200 * 11 && dense; k++) x[k] *= 1e4f;
    for (int64_t i = 0; i < 1500 && dense; i++) c.threshold[i] = 0, c.w_enc[i] = fabsf(c.w_enc[i]);
    for (int64_t r = 0; r < 1200 && dense; r++) x[r * 11] = 1e7f;
    atoms_context *contexts[3];
    atoms_codes *codes[3];
    for (int t = 0; t < 3; t++) {
        contexts[t] = counting_context(&memory, 1 << t);
        atoms_sae *sae = sae_case_create(contexts[t], &c, 0);
        atoms_matrix m = atoms_matrix_f32(x, 5400, 11);
        atoms_rows *rows;
        ck_assert_ok(atoms_rows_from_matrix(contexts[t], &m, &rows));
        codes[t] = encode_rows(contexts[t], sae, rows, ATOMS_OK);
        atoms_codes_view view;
        ck_assert_ok(atoms_codes_look(codes[t], &view));
        ck_assert_int_eq(view.rows, 5400);
        if (dense) ck_assert_int_gt(view.offset[1024], 1024 * 1024);
        check_same(codes[0], codes[t]);
        atoms_rows_destroy(rows);
        atoms_sae_destroy(sae);
    }
    for (int t = 0; t < 3; t++) {
        atoms_codes_destroy(codes[t]);
        atoms_context_destroy(contexts[t]);
    }
    ck_assert_int_eq(memory.held, 0);
    free(x);
    sae_case_free(&c);
}
END_TEST

START_TEST(a_failure_takes_back_what_was_appended)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 2);
    sae_case c = sae_case_make(53, 4, 30, 0.5);
    atoms_sae *sae = sae_case_create(context, &c, 0);
    float *x = random_rows(54, 3000, 4);
    atoms_matrix m = atoms_matrix_f32(x, 3000, 4), wrong = m;
    atoms_rows *rows, *narrow;
    ck_assert_ok(atoms_rows_from_matrix(context, &m, &rows));
    wrong.cols = 3;
    ck_assert_ok(atoms_rows_from_matrix(context, &wrong, &narrow));
    atoms_codes *codes = encode_rows(context, sae, rows, ATOMS_OK), *once = encode_rows(context, sae, rows, ATOMS_OK), *other;
    x[2999 * 4 + 2] = NAN;
    ck_assert_status(atoms_sae_encode_rows(sae, rows, codes), ATOMS_E_NOT_FINITE);
    ck_assert_detail(context, "row 2999 column 2");
    check_same(once, codes);
    for (int j = 0; j < 4; j++) { /* finite, but its product with latent 0 is not */
        x[2900 * 4 + j] = copysignf(3.4e38f, c.w_enc[j * 30]);
        x[2999 * 4 + j] = 0;
    }
    for (int j = 0; j < 4; j++) c.w_enc[j * 30] *= 100;
    atoms_sae *large = sae_case_create(context, &c, 0);
    ck_assert_status(atoms_sae_encode_rows(large, rows, codes), ATOMS_E_NOT_FINITE);
    ck_assert_detail(context, "row 2900 is so large that latent 0");
    check_same(once, codes);
    ck_assert_status(atoms_sae_encode_rows(sae, narrow, codes), ATOMS_E_SHAPE);
    ck_assert_detail(context, "rows have 3 columns");
    ck_assert_ok(atoms_codes_create(context, 31, &other));
    ck_assert_status(atoms_sae_encode_rows(sae, rows, other), ATOMS_E_SHAPE);
    ck_assert_status(atoms_sae_encode_rows(NULL, rows, codes), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_sae_encode_rows(sae, NULL, codes), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_sae_encode_rows(sae, rows, NULL), ATOMS_E_ARGUMENT);
    x[2900 * 4] = x[2900 * 4 + 1] = x[2900 * 4 + 2] = x[2900 * 4 + 3] = 0;
    int64_t injected = 0;
    for (int64_t k = 1;; k++) { /* each request refused in turn */
        memory.fail_at = memory.requests + k;
        atoms_status status = atoms_sae_encode_rows(sae, rows, codes);
        memory.fail_at = 0;
        if (!status) break;
        ck_assert_status(status, ATOMS_E_MEMORY);
        check_same(once, codes);
        injected++;
    }
    ck_assert_int_ge(injected, 4);
    atoms_codes_destroy(codes);
    atoms_codes_destroy(once);
    atoms_codes_destroy(other);
    atoms_rows_destroy(rows);
    atoms_rows_destroy(narrow);
    atoms_sae_destroy(sae);
    atoms_sae_destroy(large);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
    free(x);
    sae_case_free(&c);
}
END_TEST

void add_rows_cases(Suite *suite);
void add_rows_cases(Suite *suite)
{
    add_file_case(suite, "real sample", the_real_sample_is_encoded_as_the_oracle_says);
    add_loop(suite, "threads", threads_change_no_bit, 2);
    add_case(suite, "rows fail", a_failure_takes_back_what_was_appended);
}
