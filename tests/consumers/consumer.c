/* What a user of the installed library writes first: versions agree, and the atomic inner product of a few vectors is right. */
#include <atoms/atoms.h>
#include <math.h>
#include <stdio.h>

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
                 atoms_metric_inner(metric, u, v, &value) || fabs(value - 4) > 1e-12;
    printf("%s: %g\n", atoms_build_info(), value);
    atoms_metric_destroy(metric);
    atoms_moments_destroy(moments);
    atoms_context_destroy(context);
    return failed;
}
