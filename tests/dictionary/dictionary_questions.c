#include "dictionary_questions.h"

#include "suite.h"

atoms_dictionary *dictionary_of(atoms_context *context, const double *d, int64_t atoms, int64_t dim, const atoms_metric *metric)
{
    atoms_dictionary *dictionary;
    atoms_matrix m = atoms_matrix_f64(d, atoms, dim);
    ck_assert_ok(atoms_dictionary_create(context, &m, metric, &dictionary));
    return dictionary;
}

atoms_coherence_report coherence_of(const atoms_dictionary *dictionary, const uint8_t *use)
{
    atoms_coherence_report r;
    ck_assert_ok(atoms_coherence_report_init(&r, sizeof r));
    ck_assert_ok(atoms_dictionary_coherence(dictionary, use, &r));
    return r;
}

atoms_stability_report stability_of(const atoms_dictionary *dictionary, const int64_t *counts, int64_t bins, const uint8_t *fires)
{
    atoms_stability_report r;
    ck_assert_ok(atoms_stability_report_init(&r, sizeof r));
    ck_assert_ok(atoms_stability_from_counts(dictionary, counts, bins, fires, &r));
    return r;
}

double q_star_at(const atoms_dictionary *dictionary, int64_t k)
{
    int64_t *counts = calloc((size_t)k + 1, sizeof *counts);
    counts[k] = 10;
    double q = stability_of(dictionary, counts, k + 1, NULL).q_star;
    free(counts);
    return q;
}

atoms_codes *some_codes(atoms_context *context)
{
    static const int64_t offset[] = {0, 2, 2, 3, 6, 8};
    static const int32_t index[] = {0, 4, 1, 0, 2, 5, 4, 5};
    static const float value[] = {1, 2, 3, 4, 5, 6, 7, 8};
    atoms_codes_view view = {.rows = 5, .width = 6, .nnz = 8, .offset = offset, .index = index, .value = value};
    atoms_codes *codes;
    ck_assert_ok(atoms_codes_create(context, 6, &codes));
    ck_assert_ok(atoms_codes_append(codes, &view));
    return codes;
}
