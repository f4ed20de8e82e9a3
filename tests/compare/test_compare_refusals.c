/* Bad input and refused memory. */
#include <atoms/atoms.h>
#include <math.h>

#include "compare_cases.h"
#include "counting_memory.h"
#include "known_atoms.h"
#include "suite.h"

static float six[] = {1, 2, 0, 0, 3, 4};

START_TEST(bad_input_is_refused)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    atoms_matrix good = atoms_matrix_f32(six, 1, 2), zero = atoms_matrix_f32(six, 3, 2), wide = atoms_matrix_f32(six, 1, 3), none = atoms_matrix_f32(six, 0, 2);
    atoms_compare_report r;
    atoms_compare_opts opts;
    ck_assert_ok(atoms_compare_report_init(&r, sizeof r));
    ck_assert_ok(atoms_compare_opts_init(&opts, sizeof opts));
    ck_assert_ok(atoms_compare(context, &good, &good, NULL, NULL, NULL, &r));
    ck_assert(r.mmcs == 1 && r.matched == 1 && r.exact == 1);
    ck_assert_status(atoms_compare(NULL, &good, &good, NULL, NULL, NULL, &r), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_compare(context, NULL, &good, NULL, NULL, NULL, &r), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_compare(context, &good, NULL, NULL, NULL, NULL, &r), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_compare(context, &good, &good, NULL, NULL, NULL, NULL), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_compare(context, &good, &zero, NULL, NULL, NULL, &r), ATOMS_E_ARGUMENT);
    ck_assert_detail(context, "b: atom 1 has length 0");
    ck_assert_status(atoms_compare(context, &zero, &good, NULL, NULL, NULL, &r), ATOMS_E_ARGUMENT);
    ck_assert_detail(context, "a: atom 1 has length 0");
    ck_assert_status(atoms_compare(context, &good, &wide, NULL, NULL, NULL, &r), ATOMS_E_SHAPE);
    ck_assert_status(atoms_compare(context, &good, &none, NULL, NULL, NULL, &r), ATOMS_E_SHAPE);
    ck_assert_detail(context, "b has no rows");
    opts.exact_limit = -1;
    ck_assert_status(atoms_compare(context, &good, &good, NULL, &opts, NULL, &r), ATOMS_E_ARGUMENT);
    ck_assert_detail(context, "exact_limit is -1");
    wide = atoms_matrix_view(six, 1, 2, ATOMS_I8);
    ck_assert_status(atoms_compare(context, &wide, &good, NULL, NULL, NULL, &r), ATOMS_E_DTYPE);
    float bad[2] = {1, NAN};
    wide = atoms_matrix_f32(bad, 1, 2);
    ck_assert_status(atoms_compare(context, &good, &wide, NULL, NULL, NULL, &r), ATOMS_E_NOT_FINITE);
    ck_assert_detail(context, "b: row 0 column 1 is NaN");
    counting_end(&memory, context);
}
END_TEST

START_TEST(refused_memory_leaves_nothing_behind)
{
    double *a = random_atoms(40, 7, 5), *b = random_atoms(30, 7, 6);
    atoms_matrix x = atoms_matrix_f64(a, 40, 7), y = atoms_matrix_f64(b, 30, 7);
    int64_t refusals = 0;
    for (int exact = 0; exact < 2; exact++)
        for (int64_t fail_at = 1;; fail_at++) {
            counting_memory memory = {0};
            atoms_context *context = counting_context(&memory, 2);
            atoms_compare_opts opts;
            atoms_compare_report r;
            ck_assert_ok(atoms_compare_opts_init(&opts, sizeof opts));
            ck_assert_ok(atoms_compare_report_init(&r, sizeof r));
            opts.exact_limit = exact ? 100 : 0;
            int64_t held = memory.held;
            memory.requests = 0;
            memory.fail_at = fail_at;
            atoms_status status = atoms_compare(context, &x, &y, NULL, &opts, NULL, &r);
            int64_t failures = memory.failures;
            ck_assert((status == ATOMS_E_MEMORY) == (failures > 0) && (status == ATOMS_OK) == !failures);
            ck_assert_int_eq(memory.held, held);
            refusals += failures;
            atoms_context_destroy(context);
            if (!failures) break;
        }
    ck_assert_int_gt(refusals, 30);
    free(a);
    free(b);
}
END_TEST

void add_compare_refusals(Suite *suite)
{
    add_case(suite, "bad input", bad_input_is_refused);
    add_case(suite, "refused memory", refused_memory_leaves_nothing_behind);
}
