/* What a user of the installed libraries writes first, both in one program: versions agree, the atomic inner product of a few vectors is right, and
 * a key recalls the value written under it. */
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
                 atoms_metric_inner(metric, u, v, &value) || fabs(value - 4) > 1e-12 || recall_failed();
    printf("%s, %s: %g\n", atoms_build_info(), synres_build_info(), value);
    atoms_metric_destroy(metric);
    atoms_moments_destroy(moments);
    atoms_context_destroy(context);
    return failed;
}
