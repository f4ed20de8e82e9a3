/* The f64 Gram matrix of the unit atoms: tiles on and above the diagonal, mirrored below it. Bits of a tile depend on the tile alone. */
#include "../../linalg/cblas_gate.h"
#include "homotopy_internal.h"

enum { TILE = 512 };

typedef struct gram_job {
    const atoms_dictionary *dictionary;
    double *gram;
    int64_t tiles; /* along one side */
} gram_job;

static void make_tile(void *arg, int64_t number, int32_t worker)
{
    (void)worker;
    const gram_job *job = arg;
    const atoms_dictionary *d = job->dictionary;
    int64_t first_i = number / job->tiles * TILE, first_j = number % job->tiles * TILE;
    if (first_j < first_i) return;
    int64_t rows = base_min_i64(TILE, d->atoms - first_i), cols = base_min_i64(TILE, d->atoms - first_j);
    linalg_dgemm(LINALG_PLAIN, LINALG_TRANSPOSED, rows, cols, d->dim, 1, d->unit + first_i * d->dim, d->dim, d->unit + first_j * d->dim, d->dim,
                 0, job->gram + first_i * d->atoms + first_j, d->atoms);
    for (int64_t i = first_i; i < first_i + rows; i++)
        for (int64_t j = base_max_i64(first_j, i + 1); j < first_j + cols; j++) job->gram[j * d->atoms + i] = job->gram[i * d->atoms + j];
}

atoms_status atomsi_homotopy_gram(atoms_context *context, const atoms_dictionary *dictionary, double **out)
{
    int64_t elements, n = dictionary->atoms;
    *out = NULL;
    if (!base_mul_i64(n, n, &elements) || n > LINALG_STRIDE_MAX)
        return atomsi_fail(context, ATOMS_E_OVERFLOW, "the Gram matrix of %lld atoms is too large", (long long)n);
    double *gram = atomsi_alloc(context, elements, sizeof *gram);
    if (!gram) return ATOMS_E_MEMORY;
    gram_job job = {dictionary, gram, base_blocks(n, TILE)};
    atoms_status status = atomsi_parallel_for_progress(context, "Gram tiles", job.tiles * job.tiles, make_tile, &job);
    if (status) atomsi_free(context, gram);
    else *out = gram;
    return status;
}
