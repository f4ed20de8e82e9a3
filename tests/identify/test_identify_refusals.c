/* Bad input and refused memory. */
#include <math.h>
#include <string.h>

#include "counting_memory.h"
#include "identify_worlds.h"
#include "suite.h"

START_TEST(bad_input_is_refused)
{
    enum { H = 4, M = 8 };
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    atoms_dictionary *d = hadamard_world(context, H);
    atoms_codes *codes = empty_codes(context, M), *other = empty_codes(context, M + 1), *out = empty_codes(context, M);
    atoms_identify_report r;
    atoms_counterexample_report c;
    float x[2 * H], threshold[M] = {0};
    ck_assert_ok(atoms_identify_report_init(&r, sizeof r));
    ck_assert_ok(atoms_counterexample_report_init(&c, sizeof c));
    ck_assert_status(atoms_identify(d, codes, NULL, NULL, &r), ATOMS_E_SHAPE);
    ck_assert_detail(context, "no non-zero");
    ck_assert_status(atoms_identify(d, other, NULL, NULL, &r), ATOMS_E_SHAPE);
    ck_assert_detail(context, "codes are over 9 atoms");
    ck_assert_status(atoms_identify(NULL, codes, NULL, NULL, &r), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_identify(d, NULL, NULL, NULL, &r), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_identify(d, codes, NULL, NULL, NULL), ATOMS_E_ARGUMENT);
    atoms_matrix m = atoms_matrix_f32(x, 2, H), narrow = atoms_matrix_f32(x, 2, H - 1);
    atoms_identify_model model = model_of(2, 1, 2, 0);
    ck_assert_status(atoms_identify_samples(d, &model, &narrow, codes), ATOMS_E_SHAPE);
    ck_assert_status(atoms_identify_samples(d, &model, NULL, codes), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_identify_samples(NULL, &model, &m, codes), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_identify_samples(d, &model, &m, other), ATOMS_E_SHAPE);
    m.dtype = ATOMS_F16;
    ck_assert_status(atoms_identify_samples(d, &model, &m, codes), ATOMS_E_DTYPE);
    m.dtype = ATOMS_F32;
    ck_assert_ok(atoms_identify_samples(d, &model, &m, codes));
    const atoms_identify_model wrong[] = {model_of(0, 1, 2, 0), model_of(M + 1, 1, 2, 0), model_of(1, 0, 2, 0), model_of(1, 3, 2, 0), model_of(1, 1, INFINITY, 0)};
    for (int k = 0; k < 5; k++) {
        ck_assert_status(atoms_identify_samples(d, &wrong[k], &m, codes), ATOMS_E_ARGUMENT);
        ck_assert_detail(context, k < 2 ? "the dictionary has 8 atoms" : "delta_min and delta_max");
        ck_assert_status(atoms_identify_counterexample(d, &wrong[k], NULL, &c), ATOMS_E_ARGUMENT);
    }
    const atoms_identify_model huge = model_of(1, 1e300, 1e300, 0);
    float before[2 * H];
    memcpy(before, x, sizeof x);
    ck_assert_status(atoms_identify_samples(d, &huge, &m, codes), ATOMS_E_OVERFLOW);
    ck_assert_detail(context, "sample 0 is too long for out");
    ck_assert_mem_eq(x, before, sizeof x);
    ck_assert_int_eq(look(codes).rows, 2);
    double wide[2 * H] = {1, 2, 3};
    const atoms_matrix in_f64 = atoms_matrix_f64(wide, 2, H);
    ck_assert_status(atoms_identify_samples(d, &huge, &in_f64, codes), ATOMS_E_OVERFLOW); /* the row fits, its code does not */
    ck_assert_detail(context, "is too large for f32");
    ck_assert(wide[0] == 1 && wide[1] == 2 && wide[2] == 3 && wide[3] == 0 && wide[H] == 0);
    ck_assert_int_eq(look(codes).rows, 2);
    ck_assert_status(atoms_identify_counterexample(d, &huge, codes, &c), ATOMS_E_OVERFLOW);
    ck_assert_int_eq(look(codes).rows, 2);
    ck_assert_ok(atoms_identify_samples(d, &huge, &in_f64, NULL));
    ck_assert_double_gt(fabs(wide[0]) + fabs(wide[1]) + fabs(wide[2]) + fabs(wide[3]), 1e299);
    threshold[3] = NAN;
    ck_assert_status(atoms_identify(d, codes, threshold, NULL, &r), ATOMS_E_NOT_FINITE);
    ck_assert_detail(context, "threshold[3]");
    ck_assert_status(atoms_identify_counterexample(d, &model, other, &c), ATOMS_E_SHAPE);
    ck_assert_status(atoms_identify_counterexample(d, &model, NULL, NULL), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_identify_counterexample(NULL, &model, NULL, &c), ATOMS_E_ARGUMENT);
    atoms_sae *sae = (atoms_sae *)x;
    const double bad[] = {0, -1, INFINITY, NAN};
    for (int k = 0; k < 4; k++) {
        ck_assert_status(atoms_identify_sae(d, bad[k], &sae), ATOMS_E_ARGUMENT);
        ck_assert_detail(context, "tau must be");
        ck_assert_ptr_null(sae);
    }
    ck_assert_status(atoms_identify_sae(NULL, 1, &sae), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_identify_sae(d, 1, NULL), ATOMS_E_ARGUMENT);
    atoms_rows *rows;
    m.rows = 1;
    ck_assert_ok(atoms_rows_from_matrix(context, &m, &rows));
    ck_assert_status(atoms_identify_values(d, rows, codes, out, NULL), ATOMS_E_SHAPE);
    ck_assert_detail(context, "rows are 1 × 4, codes have 2 rows");
    ck_assert_status(atoms_identify_values(d, rows, codes, codes, NULL), ATOMS_E_ARGUMENT);
    ck_assert_detail(context, "same handle");
    ck_assert_status(atoms_identify_values(d, rows, codes, other, NULL), ATOMS_E_SHAPE);
    ck_assert_status(atoms_identify_values(d, NULL, codes, out, NULL), ATOMS_E_ARGUMENT);
    ck_assert_int_eq(look(out).rows, 0);
    atoms_rows_destroy(rows);
    atoms_codes_destroy(codes);
    atoms_codes_destroy(other);
    atoms_codes_destroy(out);
    atoms_dictionary_destroy(d);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

/* Everything once, with the k-th request for memory refused. */
START_TEST(refused_memory_leaves_nothing_behind)
{
    enum { H = 8, M = 20, N = 300 };
    static float x[N * H];
    int64_t refusals = 0;
    for (int64_t fail_at = 1;; fail_at++) {
        counting_memory memory = {0};
        atoms_context *context = counting_context(&memory, 2);
        atoms_dictionary *d = random_world(context, M, H, 3);
        atoms_codes *codes = empty_codes(context, M), *out = empty_codes(context, M);
        atoms_identify_model model = model_of(3, .5, 2, 9);
        atoms_matrix m = atoms_matrix_f32(x, N, H);
        atoms_rows *rows;
        atoms_sae *sae = NULL;
        atoms_identify_report r;
        atoms_counterexample_report c;
        ck_assert_ok(atoms_rows_from_matrix(context, &m, &rows));
        ck_assert_ok(atoms_identify_report_init(&r, sizeof r));
        ck_assert_ok(atoms_counterexample_report_init(&c, sizeof c));
        memory.requests = 0;
        memory.fail_at = fail_at;
        memory.sticky = 1; /* growing codes asks for less where much is refused */
        memset(x, 0, sizeof x);
        atoms_status status = atoms_identify_samples(d, &model, &m, codes);
        ck_assert_int_eq(look(codes).rows, status ? 0 : N);
        for (int k = 0; k < N * H && status; k++) ck_assert(x[k] == 0);
        if (!status) {
            status = atoms_identify_values(d, rows, codes, out, NULL);
            ck_assert_int_eq(look(out).rows, status ? 0 : N);
        }
        if (!status) status = atoms_identify(d, codes, NULL, NULL, &r);
        if (!status) status = atoms_identify_sae(d, 1, &sae);
        if (!status) {
            status = atoms_identify_counterexample(d, &model, codes, &c);
            ck_assert_int_eq(look(codes).rows, status ? N : N + 2);
        }
        int64_t failures = memory.failures;
        ck_assert_msg(status == (failures ? ATOMS_E_MEMORY : ATOMS_OK), "request %d: %s", (int)fail_at, atoms_status_name(status));
        refusals += failures;
        atoms_sae_destroy(sae);
        atoms_rows_destroy(rows);
        atoms_codes_destroy(codes);
        atoms_codes_destroy(out);
        atoms_dictionary_destroy(d);
        atoms_context_destroy(context);
        ck_assert_int_eq(memory.held, 0);
        if (!failures) break;
        if (fail_at > 40) fail_at += 37; /* one row of codes is two requests: not every one of hundreds alike */
    }
    ck_assert_int_gt(refusals, 40);
}
END_TEST

void add_identify_refusals(Suite *suite)
{
    add_case(suite, "bad input", bad_input_is_refused);
    add_case(suite, "refused memory", refused_memory_leaves_nothing_behind);
}
