/* Atoms as directions. f32 rows of moderate length are read where they lie, and their products divided by the lengths afterwards; anything else
 * is brought to unit atoms in f64 (a dictionary) and rounded to f32 once.
 *
 * The bound: a sum of b products in f32, in any order and fused or not, is off by at most γ_b Σ|x_k y_k| ≤ γ_b ‖x‖‖y‖, γ_n = n u/(1 − n u),
 * u = 2⁻²⁴ (Higham, Accuracy and Stability of Numerical Algorithms, 2002, §3.1). Products are made in pieces of the depth and the pieces added, so b is
 * the length of a piece plus the number of pieces, not dim. */
#include <math.h>

#include "../../linalg/cblas_gate.h"
#include "../matrix/matrix_internal.h"
#include "geometry_parts.h"

static const double same_direction = 1.0 - 0x1p-46;

double atomsi_same_direction(double cosine)
{
    return fabs(cosine) > same_direction ? copysign(1, cosine) : cosine;
}

static double error_bound(int64_t dim)
{
    double roundings = (double)(base_min_i64(dim, GRAM_DEPTH) + base_blocks(dim, GRAM_DEPTH) + 6), nu = roundings * 0x1p-24;
    return nu / (1 - nu) * (1 + 0x1p-20) + (double)dim * 0x1p-50; /* the rest: underflow, and what f64 itself rounds */
}

static double dot_rows(const atomsi_directions *a, int64_t i, const atomsi_directions *b, int64_t j)
{
    return a->context->kernels->dot_wide(a->dim, a->rows + i * a->stride, b->rows + j * b->stride);
}

double atomsi_directions_cosine(const atomsi_directions *a, int64_t i, const atomsi_directions *b, int64_t j)
{
    if (a->unit && b->unit) return atomsi_same_direction(linalg_ddot(a->dim, a->unit + i * a->dim, b->unit + j * b->dim));
    if (!a->unit && !b->unit) return atomsi_same_direction(dot_rows(a, i, b, j) / (a->length[i] * b->length[j]));
    const atomsi_directions *exact = a->unit ? a : b, *plain = a->unit ? b : a;
    int64_t e = a->unit ? i : j, p = a->unit ? j : i;
    const double *u = exact->unit + e * exact->dim;
    const float *x = plain->rows + p * plain->stride;
    double sum = 0;
    for (int64_t k = 0; k < a->dim; k++) sum += u[k] * (double)x[k];
    return atomsi_same_direction(sum / plain->length[p]);
}

void atomsi_directions_read(const atomsi_directions *d, int64_t first, int64_t count, double *out)
{
    for (int64_t i = first; i < first + count; i++, out += d->dim)
        for (int64_t k = 0; k < d->dim; k++) out[k] = d->unit ? d->unit[i * d->dim + k] : (double)d->rows[i * d->stride + k] / d->length[i];
}

/* Rows that can be multiplied as they are: none of length 0, and none so long or short that f32 products would leave its range. */
static bool moderate(const atomsi_directions *d)
{
    for (int64_t i = 0; i < d->atoms; i++)
        if (!(d->length[i] >= 0x1p-20 && d->length[i] <= 0x1p20)) return false;
    return true;
}

static atoms_status allocate(atomsi_directions *d)
{
    d->scale = atomsi_alloc(d->context, d->atoms, sizeof *d->scale);
    d->length = atomsi_alloc(d->context, d->atoms, sizeof *d->length);
    return d->scale && d->length ? ATOMS_OK : ATOMS_E_MEMORY;
}

atoms_status atomsi_directions_of_dictionary(const atoms_dictionary *dictionary, atomsi_directions *out)
{
    int64_t elements = dictionary->atoms * dictionary->dim; /* fits: its doubles are in memory */
    atomsi_directions d = {.context = dictionary->context, .atoms = dictionary->atoms, .dim = dictionary->dim, .stride = dictionary->dim,
                           .unit = dictionary->unit, .error = error_bound(dictionary->dim)};
    atoms_status status = allocate(&d);
    if (!status && !(d.copy = atomsi_alloc(d.context, elements, sizeof *d.copy))) status = ATOMS_E_MEMORY;
    if (status) {
        atomsi_directions_free(&d);
        return status;
    }
    for (int64_t e = 0; e < elements; e++) d.copy[e] = (float)d.unit[e];
    for (int64_t i = 0; i < d.atoms; i++) d.scale[i] = 1, d.length[i] = 1;
    d.rows = d.copy;
    *out = d;
    return ATOMS_OK;
}

/* Rows read in place, where they can be; `taken` says whether. */
static atoms_status take_rows(atoms_context *context, const atoms_matrix *m, const char *name, atomsi_directions *out, bool *taken)
{
    *taken = false;
    if (m->dtype != ATOMS_F32) return ATOMS_OK;
    atomsi_directions d = {.context = context, .atoms = m->rows, .dim = m->cols, .stride = m->stride, .rows = m->data, .error = error_bound(m->cols)};
    atoms_status status = atomsi_matrix_check_finite(context, m, 0, 0, name);
    if (!status) status = allocate(&d);
    for (int64_t i = 0; i < d.atoms && !status; i++) {
        d.length[i] = sqrt(dot_rows(&d, i, &d, i));
        d.scale[i] = (float)(1 / d.length[i]);
    }
    *taken = !status && moderate(&d);
    if (*taken) *out = d;
    else atomsi_directions_free(&d);
    return status;
}

atoms_status atomsi_directions_of_matrix(atoms_context *context, const atoms_matrix *atoms_by_row, const atoms_metric *metric, const char *name,
                                         atomsi_directions *out)
{
    const char *matrix = name ? name : "atoms_by_row";
    atoms_status status = atomsi_matrix_check(context, atoms_by_row, matrix);
    bool taken = false;
    if (!status && !metric) status = take_rows(context, atoms_by_row, matrix, out, &taken);
    if (status || taken) return status;
    atoms_dictionary *dictionary = NULL;
    status = atomsi_dictionary_create(context, atoms_by_row, name, metric, NULL, &dictionary);
    if (!status) status = atomsi_directions_of_dictionary(dictionary, out);
    if (status) atoms_dictionary_destroy(dictionary);
    else out->owned = dictionary;
    return status;
}

void atomsi_directions_free(atomsi_directions *d)
{
    atomsi_free(d->context, d->scale);
    atomsi_free(d->context, d->length);
    atomsi_free(d->context, d->copy);
    atoms_dictionary_destroy(d->owned);
    *d = (atomsi_directions){.context = d->context};
}
