/* Atoms are whitened by the Cholesky root of the metric and brought to length 1 once, so that every later question about angles is a plain
 * product of rows. */
#include <math.h>
#include <string.h>

#include "../matrix/matrix_internal.h"
#include "../metric/metric_internal.h"
#include "dictionary_internal.h"

static double largest_magnitude(const double *x, int64_t n)
{
    double largest = 0;
    for (int64_t j = 0; j < n; j++) largest = fmax(largest, fabs(x[j]));
    return largest;
}

/* Scaled by the largest magnitude first, so that no square over- or underflows. Returns the length it had. */
static double to_unit_length(const double *x, int64_t n, double largest, double *out)
{
    double sum = 0;
    for (int64_t j = 0; j < n; j++) {
        out[j] = x[j] / largest;
        sum += out[j] * out[j];
    }
    double length = sqrt(sum);
    for (int64_t j = 0; j < n; j++) out[j] /= length;
    return largest * length;
}

/* `why` an atom cannot be used, in words that name the matrix where there are several. */
static atoms_status fail_atom(const atoms_dictionary *dictionary, atoms_status status, const char *name, int64_t atom, const char *why)
{
    return atomsi_fail(dictionary->context, status, "%s%satom %lld %s", name ? name : "", name ? ": " : "", (long long)atom, why);
}

static atoms_status normalise(atoms_dictionary *dictionary, const char *name, uint8_t *kept)
{
    int64_t rows = dictionary->atoms, dim = dictionary->dim, next = 0;
    for (int64_t i = 0; i < rows; i++) {
        const double *x = dictionary->unit + i * dim;
        double largest = largest_magnitude(x, dim);
        if (kept) kept[i] = largest > 0;
        if (!(largest > 0)) {
            if (kept) continue;
            return fail_atom(dictionary, ATOMS_E_ARGUMENT, name, i, "has length 0, so it has no direction");
        }
        dictionary->length[next] = to_unit_length(x, dim, largest, dictionary->unit + next * dim);
        next++;
    }
    dictionary->atoms = next;
    return ATOMS_OK;
}

static atoms_status whiten(atoms_dictionary *dictionary, const atoms_matrix *atoms_by_row, const char *name, const atoms_metric *metric)
{
    int64_t rows = dictionary->atoms, dim = dictionary->dim;
    if (!metric) {
        atomsi_matrix_read_f64(atoms_by_row, 0, rows, dictionary->unit);
        return ATOMS_OK;
    }
    memcpy(dictionary->factor, atomsi_metric_factor(metric), (size_t)(dim * dim) * sizeof *dictionary->factor);
    atoms_matrix out = atoms_matrix_f64(dictionary->unit, rows, dim);
    atoms_status status = atoms_metric_whiten(metric, ATOMS_WHITEN_CHOLESKY, atoms_by_row, &out);
    for (int64_t i = 0; i < rows && !status; i++)
        if (!isfinite(largest_magnitude(dictionary->unit + i * dim, dim)))
            status = fail_atom(dictionary, ATOMS_E_OVERFLOW, name, i, "is too long to be measured in this metric");
    return status;
}

static atoms_status check_input(atoms_context *context, const atoms_matrix *atoms_by_row, const char *name, const atoms_metric *metric)
{
    atoms_status status = atomsi_matrix_check(context, atoms_by_row, name);
    if (status) return status;
    if (!atoms_by_row->rows) return atomsi_fail(context, ATOMS_E_SHAPE, "%s has no rows", name);
    if (metric && atoms_metric_dim(metric) != atoms_by_row->cols)
        return atomsi_fail(context, ATOMS_E_SHAPE, "%s has %lld columns, the metric %lld dimensions", name, (long long)atoms_by_row->cols,
                           (long long)atoms_metric_dim(metric));
    return atomsi_matrix_check_finite(context, atoms_by_row, 0, 0, name);
}

static atoms_status allocate(atoms_dictionary *dictionary, int64_t elements, bool factor)
{
    atoms_context *context = dictionary->context;
    if (!(dictionary->unit = atomsi_alloc(context, elements, sizeof *dictionary->unit))) return ATOMS_E_MEMORY;
    if (!(dictionary->length = atomsi_alloc(context, dictionary->atoms, sizeof *dictionary->length))) return ATOMS_E_MEMORY;
    if (factor && !(dictionary->factor = atomsi_alloc(context, dictionary->dim * dictionary->dim, sizeof *dictionary->factor))) return ATOMS_E_MEMORY;
    return ATOMS_OK;
}

atoms_status atomsi_dictionary_create(atoms_context *context, const atoms_matrix *atoms_by_row, const char *name, const atoms_metric *metric,
                                      uint8_t *kept, atoms_dictionary **out)
{
    const char *matrix = name ? name : "atoms_by_row";
    atoms_status status = check_input(context, atoms_by_row, matrix, metric);
    if (status) return status;
    int64_t elements;
    if (!base_mul_i64(atoms_by_row->rows, atoms_by_row->cols, &elements))
        return atomsi_fail(context, ATOMS_E_OVERFLOW, "%s: too many elements", matrix);
    atoms_dictionary *dictionary = atomsi_alloc(context, 1, sizeof *dictionary);
    if (!dictionary) return ATOMS_E_MEMORY;
    *dictionary = (atoms_dictionary){.context = context, .atoms = atoms_by_row->rows, .dim = atoms_by_row->cols};
    status = allocate(dictionary, elements, metric != NULL);
    if (!status) status = whiten(dictionary, atoms_by_row, name, metric);
    if (!status) status = normalise(dictionary, name, kept);
    if (status)
        atoms_dictionary_destroy(dictionary);
    else
        *out = dictionary;
    return status;
}

atoms_status atoms_dictionary_create(atoms_context *context, const atoms_matrix *atoms_by_row, const atoms_metric *metric,
                                     atoms_dictionary **out)
{
    if (!out) return atomsi_fail(context, ATOMS_E_ARGUMENT, "out is NULL");
    *out = NULL;
    if (!context) return ATOMS_E_ARGUMENT;
    return atomsi_dictionary_create(context, atoms_by_row, NULL, metric, NULL, out);
}

void atoms_dictionary_destroy(atoms_dictionary *dictionary)
{
    if (!dictionary) return;
    atomsi_free(dictionary->context, dictionary->unit);
    atomsi_free(dictionary->context, dictionary->length);
    atomsi_free(dictionary->context, dictionary->factor);
    atomsi_free(dictionary->context, dictionary);
}

int64_t atoms_dictionary_atoms(const atoms_dictionary *dictionary)
{
    return dictionary ? dictionary->atoms : 0;
}

int64_t atoms_dictionary_dim(const atoms_dictionary *dictionary)
{
    return dictionary ? dictionary->dim : 0;
}
