/* Eigenvalues of D Dᵀ (D's columns the unit atoms), of which the Gram matrix has the same where they are not zero: so the smaller of the two is formed, in
 * f64, as a sum over blocks of the other side's rows. From them: frame bounds, effective rank, and Σ G_ij² = Σ λ². */
#include <float.h>
#include <math.h>

#include "../../linalg/lapacke_gate.h"
#include "../metric/metric_internal.h"
#include "geometry_parts.h"

/* Coordinates first … of all atoms, a row each: what the Gram matrix is the sum over. */
static void read_coordinates(const atomsi_directions *d, int64_t first, int64_t count, double *out)
{
    for (int64_t i = 0; i < d->atoms; i++)
        for (int64_t k = 0; k < count; k++)
            out[k * d->atoms + i] = d->unit ? d->unit[i * d->dim + first + k] : (double)d->rows[i * d->stride + first + k] / d->length[i];
}

typedef struct reading {
    const atomsi_directions *d;
    int64_t first;
    double *out;
} reading;

enum { ROWS_A_TASK = 16 };

static void read_atoms(void *arg, int64_t task, int32_t worker)
{
    (void)worker;
    const reading *r = arg;
    int64_t first = task * ROWS_A_TASK, n = base_min_i64(ROWS_A_TASK, base_min_i64(MOMENTS_BLOCK, r->d->atoms - r->first) - first);
    atomsi_directions_read(r->d, r->first + first, n, r->out + first * r->d->dim);
}

static atoms_status sum_up(const atomsi_directions *d, int64_t side, double *block, double *sum)
{
    const moments_sums sums = {.outer = sum};
    bool gram = d->atoms < d->dim;
    int64_t all = gram ? d->dim : d->atoms;
    atoms_status status = ATOMS_OK;
    for (int64_t first = 0; first < all && !status; first += MOMENTS_BLOCK) {
        int64_t n = base_min_i64(MOMENTS_BLOCK, all - first);
        reading r = {d, first, block};
        if (gram) read_coordinates(d, first, n, block);
        else atomsi_parallel_for(d->context, base_blocks(n, ROWS_A_TASK), read_atoms, &r);
        atomsi_moments_sum_block(d->context, side, n, block, &sums);
        status = atomsi_progress(d->context, "rows", first + n, all);
    }
    return status;
}

/* A lowest eigenvalue that is no more than the rounding of all of them is that of atoms that do not span. */
static void describe(const atomsi_directions *d, const double *value, int64_t side, atoms_geometry_report *report)
{
    double sum = 0, squares = 0, entropy = 0, atoms = (double)d->atoms, tiny = (double)side * DBL_EPSILON * value[side - 1];
    for (int64_t k = 0; k < side; k++) {
        double v = fmax(value[k], 0);
        sum += v;
        squares += v * v;
    }
    for (int64_t k = 0; k < side; k++)
        if (value[k] > 0) entropy -= value[k] / sum * log(value[k] / sum);
    report->frame_high = fmax(value[side - 1], 0);
    report->frame_low = d->atoms < d->dim || value[0] <= tiny ? 0 : value[0];
    report->effective_rank = exp(entropy);
    report->mean_square = fmax(squares - atoms, 0) / (atoms * (atoms - 1));
}

atoms_status atomsi_spectrum_of(const atomsi_directions *d, atoms_geometry_report *report)
{
    atoms_context *context = d->context;
    int64_t side = base_min_i64(d->atoms, d->dim), squared, elements;
    if (!base_mul_i64(side, side, &squared) || !base_mul_i64(MOMENTS_BLOCK, side, &elements))
        return atomsi_fail(context, ATOMS_E_OVERFLOW, "spectrum: too many atoms and dimensions");
    double *sum = atomsi_alloc_zero(context, squared, sizeof *sum), *block = atomsi_alloc(context, elements, sizeof *block);
    double *value = atomsi_alloc(context, side, sizeof *value);
    atoms_status status = sum && block && value ? sum_up(d, side, block, sum) : ATOMS_E_MEMORY;
    if (!status) {
        base_outcome outcome = linalg_symmetric_eigen(side, sum, value, 0, &context->memory);
        status = outcome ? atomsi_fail_outcome(context, outcome, "eigenvalues of the dictionary") : ATOMS_OK;
    }
    if (!status) describe(d, value, side, report);
    atomsi_free(context, sum);
    atomsi_free(context, block);
    atomsi_free(context, value);
    return status;
}
