/* A decoder trained on activations of a language model, and its codes: what NumPy makes of them by the definitions, in f64, is what stability,
 * coherence, geometry and identifiability say, Euclidean and in the AIP of the training rows. tests/golden/make_real_dictionary.py. */
#include <atoms/atoms.h>

#include "counting_memory.h"
#include "suite.h"

enum { BABEL_ROOM = 160 };

typedef struct real_figures {
    int64_t atoms_firing, k, pair_0, pair_1, above[ATOMS_GEOMETRY_LEVELS], duplicates, clusters;
    double q_star, q_star_all, epsilon, epsilon_all, delta_min, delta_max, low, high, mu_positive, p50, p90, p99, p999;
    double frame_low, frame_high, effective_rank, mean_square, babel[BABEL_ROOM];
} real_figures;

#include "../golden/real_dictionary.inc"

_Static_assert((int)REAL_ATOMS <= (int)BABEL_ROOM, "room for the profile");

static atoms_metric *metric_of_sample(atoms_context *context)
{
    atoms_rows *rows;
    atoms_moments *moments;
    atoms_metric *metric;
    ck_assert_ok(atoms_rows_open(context, sample_path("sample.train.npy"), NULL, &rows));
    ck_assert_ok(atoms_moments_create(context, REAL_DIM, &moments));
    ck_assert_ok(atoms_moments_add_rows(moments, rows));
    ck_assert_ok(atoms_metric_from_moments(context, moments, NULL, &metric));
    atoms_moments_destroy(moments);
    atoms_rows_destroy(rows);
    return metric;
}

static void check_stability(const atoms_dictionary *dictionary, const atoms_codes *codes, const real_figures *f, double tolerance)
{
    atoms_stability_report s;
    atoms_coherence_report c;
    ck_assert_ok(atoms_stability_report_init(&s, sizeof s));
    ck_assert_ok(atoms_coherence_report_init(&c, sizeof c));
    ck_assert_ok(atoms_stability(dictionary, codes, &s));
    ck_assert_ok(atoms_dictionary_coherence(dictionary, NULL, &c));
    ck_assert_int_eq(s.atoms, f->atoms_firing);
    ck_assert_near(s.q_star, f->q_star, 1e-15); /* shares of whole numbers of pairs and samples */
    ck_assert_near(s.q_star_all, f->q_star_all, 1e-15);
    ck_assert_near(s.mu, f->epsilon, tolerance);
    ck_assert_near(c.mu, f->epsilon_all, tolerance);
    ck_assert_near(c.mu_positive, f->mu_positive, tolerance);
    ck_assert(c.pair[0] == f->pair_0 && c.pair[1] == f->pair_1);
}

static void check_identify(const atoms_dictionary *dictionary, const atoms_codes *codes, const real_figures *f, double tolerance)
{
    atoms_identify_report r;
    ck_assert_ok(atoms_identify_report_init(&r, sizeof r));
    ck_assert_ok(atoms_identify(dictionary, codes, NULL, NULL, &r));
    ck_assert(r.k == f->k && r.atoms == f->atoms_firing && r.feasible == (f->low < f->high));
    ck_assert_near(r.epsilon, f->epsilon, tolerance);
    ck_assert_near(r.epsilon_all, f->epsilon_all, tolerance);
    ck_assert_near(r.delta_min, f->delta_min, tolerance);
    ck_assert_near(r.delta_max, f->delta_max, tolerance);
    ck_assert_near(r.low, f->low, tolerance);
    ck_assert_near(r.high, f->high, tolerance);
    ck_assert_near(r.q_star, f->q_star, 1e-15);
}

static void check_geometry(const atoms_geometry *g, const real_figures *f, double tolerance)
{
    atoms_geometry_report r;
    ck_assert_ok(atoms_geometry_report_init(&r, sizeof r));
    ck_assert_ok(atoms_geometry_describe(g, &r));
    ck_assert(r.atoms == REAL_ATOMS && r.dim == REAL_DIM && r.babel == REAL_ATOMS - 1);
    ck_assert(r.pair[0] == f->pair_0 && r.pair[1] == f->pair_1 && r.duplicates == f->duplicates && r.clusters == f->clusters);
    for (int l = 0; l < ATOMS_GEOMETRY_LEVELS; l++) ck_assert_int_eq(r.above[l], f->above[l]);
    const double found[] = {r.mu, r.mu_positive, r.p50, r.p90, r.p99, r.p999, r.frame_high, r.effective_rank, r.mean_square};
    const double wanted[] = {f->epsilon_all, f->mu_positive, f->p50, f->p90, f->p99, f->p999, f->frame_high, f->effective_rank, f->mean_square};
    for (size_t k = 0; k < sizeof found / sizeof found[0]; k++) ck_assert_near(found[k], wanted[k], tolerance);
    ck_assert(r.frame_low == 0 && f->frame_low == 0); /* fewer atoms than dimensions */
    for (int64_t k = 0; k < r.babel; k++) ck_assert_near(atoms_geometry_babel(g)[k], f->babel[k], tolerance);
}

/* _i: Euclidean; in the AIP, where the condition number (1.8e5 in the full set) stands between two ways to the same cosine. */
START_TEST(numpy_agrees_on_a_real_decoder)
{
    const real_figures *f = _i ? &real_aip : &real_euclidean;
    const double tolerance = _i ? 1e-9 : 1e-12;
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 2);
    double *decoder = malloc(sizeof(double) * REAL_ATOMS * REAL_DIM);
    atoms_matrix m = atoms_matrix_f64(decoder, REAL_ATOMS, REAL_DIM);
    atoms_rows *rows;
    atoms_codes *codes;
    atoms_dictionary *dictionary;
    atoms_geometry *geometry;
    atoms_geometry_opts opts;
    ck_assert_ok(atoms_rows_open(context, golden_path("real_decoder.npy"), NULL, &rows));
    ck_assert_ok(atoms_rows_read(rows, 0, &m));
    ck_assert_ok(atoms_codes_load(context, golden_path("real_codes.npz"), &codes));
    atoms_metric *metric = _i ? metric_of_sample(context) : NULL;
    ck_assert_ok(atoms_dictionary_create(context, &m, metric, &dictionary));
    check_stability(dictionary, codes, f, tolerance);
    check_identify(dictionary, codes, f, tolerance);
    ck_assert_ok(atoms_geometry_opts_init(&opts, sizeof opts));
    opts.babel = REAL_ATOMS;
    ck_assert_ok(atoms_geometry_create(context, &m, metric, &opts, &geometry));
    check_geometry(geometry, f, tolerance);
    atoms_geometry_destroy(geometry);
    atoms_dictionary_destroy(dictionary);
    atoms_metric_destroy(metric);
    atoms_codes_destroy(codes);
    atoms_rows_destroy(rows);
    atoms_context_destroy(context);
    free(decoder);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

static void add_cases(Suite *suite)
{
    add_loop(suite, "NumPy", numpy_agrees_on_a_real_decoder, 2);
}

SUITE_MAIN("real_dictionary", add_cases)
