/* The neurons themselves: the identity dictionary, every coordinate active, reconstruction perfect. */
#include "judge.h"

static atoms_status reconstruct(const subject *s, void *work, const float *x, int64_t rows, double *xhat, int64_t *l0, int64_t *firing)
{
    (void)work;
    for (int64_t i = 0; i < rows * s->dim; i++) xhat[i] = x[i];
    for (int64_t r = 0; r < rows; r++) l0[r] = s->dim;
    for (int64_t i = 0; i < s->dim; i++) firing[i] += rows;
    return ATOMS_OK;
}

atoms_status atomsi_judge_neurons(judgement *j)
{
    int64_t dim = j->rows->width, elements;
    if (!base_mul_i64(dim, dim, &elements)) return atomsi_fail(j->context, ATOMS_E_OVERFLOW, "rows: %lld columns are too many", (long long)dim);
    float *identity = atomsi_alloc_zero(j->context, elements, sizeof *identity);
    if (!identity) return ATOMS_E_MEMORY;
    for (int64_t i = 0; i < dim; i++) identity[i * dim + i] = 1;
    subject s = {.dim = dim, .latents = dim, .atoms = atoms_matrix_f32(identity, dim, dim), .reconstruct = reconstruct};
    atoms_status status = atomsi_judge(j, &s);
    atomsi_free(j->context, identity);
    return status;
}
