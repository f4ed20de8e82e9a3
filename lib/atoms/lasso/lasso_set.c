/* Working sets: which atoms are in play for a signal, and the rows of their Gram matrix. Rows are made when an atom first changes its value, which
 * a small part of the set ever does; from the Gram matrix of the dictionary where the plan has it, else as products of atoms. */
#include <string.h>

#include "lasso_parts.h"

int64_t atomsi_lasso_choose(const atoms_lasso *lasso, const float *q, double least, double largest, int64_t most, int32_t *found)
{
    const linalg_kernels *kernels = lasso->coder.context->kernels;
    int64_t n = 0, atoms = lasso->coder.atoms;
    double factor = largest;
    do { /* ever lower, until there are enough */
        double lower = factor * 0.8 > least ? factor * 0.8 : least;
        int64_t more = kernels->beyond(atoms, q, lasso->weight32, (float)lower, lasso->opts.nonnegative, most + 1, found);
        if (more > most && n > 0) return kernels->beyond(atoms, q, lasso->weight32, (float)factor, lasso->opts.nonnegative, most, found);
        n = base_min_i64(more, most);
        factor = lower;
    } while (n < most && factor > least);
    return n;
}

/* Entries of row j that are products of atoms. */
static void multiply(lasso_descent *d, int64_t j, int64_t missing, float *row)
{
    const atomsi_coder *coder = &d->lasso->coder;
    int64_t dim = coder->dim;
    const float *unit = coder->unit32;
    for (int64_t i = 0; i < missing; i++) d->from[i] = unit + d->atom[d->missing[i]] * dim;
    for (int64_t i = 0; i < 2 * missing; i++) { /* groups of four ask for the eight that follow them */
        int64_t k = i / 8 * 4 + 4 + i % 8;
        d->next[i] = d->from[k < missing ? k : missing - 1];
    }
    coder->context->kernels->dots(dim, missing, d->from, unit + d->atom[j] * dim, d->scale, d->next);
    for (int64_t i = 0; i < missing; i++) row[d->missing[i]] = d->scale[i];
}

void atomsi_lasso_make_row(lasso_descent *d, int64_t j)
{
    const atoms_lasso *lasso = d->lasso;
    float *row = d->gram + j * d->core.stride;
    int64_t missing = 0;
    for (int64_t i = d->made[j]; i < d->count; i++) {
        if (i == j) row[i] = 1;
        else if (lasso->gram) row[i] = lasso->gram[d->atom[j] * lasso->gram_stride + d->atom[i]];
        else if (d->made[i] > j) row[i] = d->gram[i * d->core.stride + j];
        else d->missing[missing++] = (int32_t)i;
    }
    if (missing) multiply(d, j, missing, row);
    memset(row + d->count, 0, (size_t)(d->core.n - d->count) * sizeof *row);
    d->made[j] = (int32_t)d->count;
}
