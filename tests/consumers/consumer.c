/* What a user of the installed libraries writes first, both in one program: versions agree, the atomic inner product of a few vectors is right, a
 * dictionary has its figures and every coder finds the one atom of a signal, and a key recalls the value written under it. */
#include <atoms/atoms.h>
#include <math.h>
#include <stdio.h>
#include <synres/synres.h>

static int recall_failed(void)
{
    static const float key[] = {0.6f, 0.8f}, value[] = {5, -3}, beta[] = {1};
    float S[4] = {0}, u[2] = {0};
    synres_shape shape;
    synres_tokens_f32 token;
    if (synres_version() != SYNRES_VERSION || synres_shape_init(&shape, sizeof shape) || synres_tokens_f32_init(&token, sizeof token)) return 1;
    shape.d_key = shape.d_value = 2;
    token.key = token.query = key;
    token.value = value;
    token.beta = beta;
    return synres_step_f32(&shape, &token, S, u, 0, 1) || fabs(u[0] - 5) > 1e-5 || fabs(u[1] + 3) > 1e-5;
}

/* The code of a row is 5 times atom 2. */
static int is_not_five(atoms_codes *codes)
{
    atoms_codes_view view;
    int failed = atoms_codes_look(codes, &view) || view.nnz != 1 || view.index[0] != 2 || fabs(view.value[0] - 5) > 1e-4;
    return failed || atoms_codes_clear(codes);
}

/* Atoms (1, 0), (0, 1), (.6, .8) and the signal (3, 4). */
static int coding_failed(atoms_context *context, const atoms_dictionary *dictionary, atoms_rows *signal, atoms_codes *codes)
{
    atoms_pursuit *pursuit = NULL;
    atoms_lasso *lasso = NULL;
    atoms_basis_pursuit *basis = NULL;
    atoms_lasso_opts opts;
    int failed = atoms_pursuit_create(context, dictionary, NULL, &pursuit) || atoms_pursuit_run(pursuit, signal, codes, NULL) || is_not_five(codes);
    failed = failed || atoms_basis_pursuit_create(context, dictionary, NULL, &basis) || atoms_basis_pursuit_run(basis, signal, codes, NULL) || is_not_five(codes);
    failed = failed || atoms_lasso_opts_init(&opts, sizeof opts);
    opts.lambda = 1e-5;
    failed = failed || atoms_lasso_create(context, dictionary, &opts, &lasso) || atoms_lasso_run(lasso, signal, codes, NULL) || is_not_five(codes);
    atoms_pursuit_destroy(pursuit);
    atoms_basis_pursuit_destroy(basis);
    atoms_lasso_destroy(lasso);
    return failed;
}

static int judging_failed(atoms_context *context, const atoms_matrix *atoms, const atoms_dictionary *dictionary)
{
    atoms_geometry *geometry = NULL;
    atoms_geometry_report figures;
    atoms_compare_report same;
    atoms_rip_report rip;
    atoms_identify_model model;
    atoms_counterexample_report counter;
    int failed = atoms_geometry_report_init(&figures, sizeof figures) || atoms_compare_report_init(&same, sizeof same) ||
                 atoms_rip_report_init(&rip, sizeof rip) || atoms_identify_model_init(&model, sizeof model) ||
                 atoms_counterexample_report_init(&counter, sizeof counter);
    failed = failed || atoms_geometry_create(context, atoms, NULL, NULL, &geometry) || atoms_geometry_describe(geometry, &figures) ||
             fabs(figures.mu - .8) > 1e-6;
    failed = failed || atoms_compare(context, atoms, atoms, NULL, NULL, NULL, &same) || same.matched_mean != 1;
    failed = failed || atoms_rip_estimate(dictionary, 2, NULL, &rip) || fabs(rip.lower - .8) > 1e-6 || rip.upper - rip.lower > 1e-9;
    failed = failed || atoms_identify_counterexample(dictionary, &model, NULL, &counter) || counter.exists; /* K = 1, equal coefficients */
    atoms_geometry_destroy(geometry);
    return failed;
}

static int dictionary_failed(atoms_context *context)
{
    static const float d[] = {1, 0, 0, 1, .6f, .8f}, x[] = {3, 4};
    atoms_matrix by_row = atoms_matrix_f32(d, 3, 2), signal = atoms_matrix_f32(x, 1, 2);
    atoms_dictionary *dictionary = NULL;
    atoms_rows *rows = NULL;
    atoms_codes *codes = NULL;
    int failed = atoms_dictionary_create(context, &by_row, NULL, &dictionary) || atoms_rows_from_matrix(context, &signal, &rows) ||
                 atoms_codes_create(context, 3, &codes) || coding_failed(context, dictionary, rows, codes) || judging_failed(context, &by_row, dictionary);
    atoms_codes_destroy(codes);
    atoms_rows_destroy(rows);
    atoms_dictionary_destroy(dictionary);
    return failed;
}

int main(void)
{
    /* Second moment diag(4, 1): the AIP is uᵀ diag(1/4, 1) v. */
    static const float x[] = {2, 1, -2, 1, 2, -1, -2, -1};
    static const double u[] = {4, 1}, v[] = {1, 3};
    atoms_matrix batch = atoms_matrix_f32(x, 4, 2);
    atoms_context *context = NULL;
    atoms_moments *moments = NULL;
    atoms_metric *metric = NULL;
    double value = 0;
    int failed = atoms_version() != ATOMS_VERSION || atoms_context_create(NULL, &context) || atoms_moments_create(context, 2, &moments) ||
                 atoms_moments_add(moments, &batch) || atoms_metric_from_moments(context, moments, NULL, &metric) ||
                 atoms_metric_inner(metric, u, v, &value) || fabs(value - 4) > 1e-12 || dictionary_failed(context) || recall_failed();
    printf("%s, %s: %g\n", atoms_build_info(), synres_build_info(), value);
    atoms_metric_destroy(metric);
    atoms_moments_destroy(moments);
    atoms_context_destroy(context);
    return failed;
}
