/* Bad dictionaries and questions, refused memory. */
#include <math.h>

#include "counting_memory.h"
#include "dictionary_questions.h"
#include "suite.h"

START_TEST(bad_dictionaries_are_refused)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    float d[] = {1, 2, 0, 0, 3, 4};
    atoms_matrix m = atoms_matrix_f32(d, 3, 2);
    atoms_dictionary *out = (atoms_dictionary *)d;
    ck_assert_status(atoms_dictionary_create(context, &m, NULL, &out), ATOMS_E_ARGUMENT);
    ck_assert_detail(context, "atom 1 has length 0");
    ck_assert_ptr_null(out);
    d[2] = NAN;
    ck_assert_status(atoms_dictionary_create(context, &m, NULL, &out), ATOMS_E_NOT_FINITE);
    ck_assert_detail(context, "atoms_by_row: row 1 column 0 is NaN");
    d[2] = 5;
    m.dtype = ATOMS_I32;
    ck_assert_status(atoms_dictionary_create(context, &m, NULL, &out), ATOMS_E_DTYPE);
    m = atoms_matrix_f32(d, 0, 2);
    ck_assert_status(atoms_dictionary_create(context, &m, NULL, &out), ATOMS_E_SHAPE);
    ck_assert_status(atoms_dictionary_create(context, NULL, NULL, &out), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_dictionary_create(NULL, &m, NULL, &out), ATOMS_E_ARGUMENT);
    m = atoms_matrix_f32(d, 3, 2);
    ck_assert_status(atoms_dictionary_create(context, &m, NULL, NULL), ATOMS_E_ARGUMENT);
    double *rows = random_atoms(20, 3, 4);
    atoms_metric *metric = metric_from_rows(context, rows, 20, 3);
    ck_assert_status(atoms_dictionary_create(context, &m, metric, &out), ATOMS_E_SHAPE);
    ck_assert_detail(context, "the metric 3 dimensions");
    double huge[] = {1e300, -1e300, 1e300, 1e-300, 0, 0};
    atoms_dictionary *extreme = dictionary_of(context, huge, 2, 3, NULL); /* no square over- or underflows */
    ck_assert_near(coherence_of(extreme, NULL).mu, 1 / sqrt(3), 1e-15);
    atoms_dictionary_destroy(extreme);
    ck_assert_int_eq(atoms_dictionary_atoms(NULL) + atoms_dictionary_dim(NULL), 0);
    free(rows);
    atoms_metric_destroy(metric);
    counting_end(&memory, context);
}
END_TEST

START_TEST(bad_questions_are_refused)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    double *d = random_atoms(3, 4, 8);
    atoms_dictionary *dictionary = dictionary_of(context, d, 3, 4, NULL);
    atoms_coherence_report c;
    atoms_stability_report s, before;
    ck_assert_ok(atoms_coherence_report_init(&c, sizeof c));
    ck_assert_ok(atoms_stability_report_init(&s, sizeof s));
    before = s;
    ck_assert_status(atoms_dictionary_coherence(dictionary, (uint8_t[]){0, 1, 0}, &c), ATOMS_E_SHAPE);
    ck_assert_detail(context, "1 of 3");
    ck_assert_status(atoms_dictionary_coherence(NULL, NULL, &c), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_dictionary_coherence(dictionary, NULL, NULL), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_stability_from_counts(dictionary, (int64_t[]){1, -2}, 2, NULL, &s), ATOMS_E_ARGUMENT);
    ck_assert_detail(context, "l0_counts[1] is -2");
    ck_assert_status(atoms_stability_from_counts(dictionary, (int64_t[]){1, 0, 0, 0, 1}, 5, NULL, &s), ATOMS_E_ARGUMENT);
    ck_assert_detail(context, "l0_counts[4]");
    ck_assert_status(atoms_stability_from_counts(dictionary, (int64_t[]){0, 0}, 2, NULL, &s), ATOMS_E_SHAPE);
    ck_assert_status(atoms_stability_from_counts(dictionary, (int64_t[]){INT64_MAX, 1}, 2, NULL, &s), ATOMS_E_OVERFLOW);
    ck_assert_status(atoms_stability_from_counts(dictionary, (int64_t[]){1}, 0, NULL, &s), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_stability_from_counts(dictionary, NULL, 1, NULL, &s), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_stability_from_counts(NULL, (int64_t[]){1}, 1, NULL, &s), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_stability_from_counts(dictionary, (int64_t[]){1}, 1, NULL, NULL), ATOMS_E_ARGUMENT);
    atoms_codes *codes = some_codes(context), *none;
    ck_assert_status(atoms_stability(dictionary, codes, &s), ATOMS_E_SHAPE);
    ck_assert_detail(context, "6 atoms, the dictionary has 3");
    ck_assert_ok(atoms_codes_create(context, 3, &none));
    ck_assert_status(atoms_stability(dictionary, none, &s), ATOMS_E_SHAPE);
    ck_assert_status(atoms_stability(dictionary, NULL, &s), ATOMS_E_ARGUMENT);
    ck_assert_mem_eq(&s, &before, sizeof s);
    s.struct_size = 0;
    ck_assert_status(atoms_stability_from_counts(dictionary, (int64_t[]){1}, 1, NULL, &s), ATOMS_E_ARGUMENT);
    ck_assert_detail(context, "atoms_stability_report_init");
    atoms_codes_destroy(codes);
    atoms_codes_destroy(none);
    atoms_dictionary_destroy(dictionary);
    free(d);
    counting_end(&memory, context);
}
END_TEST

/* Everything a caller does, from the dictionary to q*; the first status that is not OK. */
static atoms_status main_scenario(atoms_context *context, const double *d, const atoms_codes *codes)
{
    atoms_matrix m = atoms_matrix_f64(d, 6, 4);
    atoms_dictionary *dictionary;
    atoms_coherence_report c;
    atoms_stability_report s;
    ck_assert_ok(atoms_coherence_report_init(&c, sizeof c));
    ck_assert_ok(atoms_stability_report_init(&s, sizeof s));
    atoms_status status = atoms_dictionary_create(context, &m, NULL, &dictionary);
    if (!status) status = atoms_dictionary_coherence(dictionary, NULL, &c);
    if (!status) status = atoms_stability(dictionary, codes, &s);
    atoms_dictionary_destroy(dictionary);
    return status;
}

START_TEST(refused_memory_leaves_nothing_behind)
{
    double *d = random_atoms(6, 4, 8);
    int64_t refused = 0;
    for (int64_t k = 1;; k++) {
        counting_memory memory = {0};
        atoms_context *context = counting_context(&memory, 2);
        atoms_codes *codes = some_codes(context);
        int64_t held = memory.held;
        memory.fail_at = memory.requests + k;
        atoms_status status = main_scenario(context, d, codes);
        ck_assert_int_eq(memory.held, held);
        memory.fail_at = 0;
        atoms_codes_destroy(codes);
        counting_end(&memory, context);
        if (status == ATOMS_OK) break;
        ck_assert_status(status, ATOMS_E_MEMORY);
        refused++;
    }
    ck_assert_int_ge(refused, 10);
    free(d);
}
END_TEST

void add_guard_cases(Suite *suite)
{
    add_case(suite, "bad dictionaries", bad_dictionaries_are_refused);
    add_case(suite, "bad questions", bad_questions_are_refused);
    add_case(suite, "memory", refused_memory_leaves_nothing_behind);
}
