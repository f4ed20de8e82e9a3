#include "identify_worlds.h"

#include "known_atoms.h"
#include "suite.h"

atoms_dictionary *hadamard_world(atoms_context *context, int64_t dim)
{
    double *d = identity_beside_hadamard(dim);
    for (int64_t i = 0; i < dim; i++) d[i * dim + i] = 1 << i % 3;
    atoms_matrix m = atoms_matrix_f64(d, 2 * dim, dim);
    atoms_dictionary *dictionary;
    ck_assert_ok(atoms_dictionary_create(context, &m, NULL, &dictionary));
    free(d);
    return dictionary;
}

atoms_dictionary *random_world(atoms_context *context, int64_t atoms, int64_t dim, uint64_t seed)
{
    int64_t n = 4 * dim;
    double *d = random_atoms(atoms, dim, seed), *rows = random_atoms(n, dim, seed + 1);
    for (int64_t e = 0; e < atoms * dim; e++) d[e] *= (1 + (double)(e / dim % 4)) * (1 + (double)(e % dim % 5));
    for (int64_t e = 0; e < n * dim; e++) rows[e] = rows[e] * (1 + (double)(e % dim % 5)) + .3;
    atoms_matrix m = atoms_matrix_f64(d, atoms, dim);
    atoms_metric *metric = metric_from_rows(context, rows, n, dim);
    atoms_dictionary *dictionary;
    ck_assert_ok(atoms_dictionary_create(context, &m, metric, &dictionary));
    atoms_metric_destroy(metric);
    free(d);
    free(rows);
    return dictionary;
}

atoms_codes *empty_codes(atoms_context *context, int64_t width)
{
    atoms_codes *codes;
    ck_assert_ok(atoms_codes_create(context, width, &codes));
    return codes;
}

atoms_codes_view look(const atoms_codes *codes)
{
    atoms_codes_view view;
    ck_assert_ok(atoms_codes_look(codes, &view));
    return view;
}

atoms_identify_model model_of(int64_t k, double delta_min, double delta_max, uint64_t seed)
{
    atoms_identify_model m;
    ck_assert_ok(atoms_identify_model_init(&m, sizeof m));
    m.k = k;
    m.delta_min = delta_min;
    m.delta_max = delta_max;
    m.seed = seed;
    return m;
}

atoms_identify_report figures_of(const atoms_dictionary *d, const atoms_codes *codes, const float *threshold, uint8_t *inside)
{
    atoms_identify_report r;
    ck_assert_ok(atoms_identify_report_init(&r, sizeof r));
    ck_assert_ok(atoms_identify(d, codes, threshold, inside, &r));
    return r;
}
