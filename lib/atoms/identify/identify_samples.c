/* Samples of the theorem's model. A row's support is the beginning of a permutation that is computed, not stored, and its coefficients are functions of seed
 * and row, so any row can be made alone and rows are made in parallel. What may fail, codes and the range of `out`, is gone through first, and rows are made
 * again to be written: a failure leaves `out` as it was, and no copy of it is needed. */
#include <math.h>
#include <string.h>

#include "../../base/random.h"
#include "../../linalg/cblas_gate.h"
#include "../codes/codes_internal.h"
#include "../matrix/matrix_internal.h"
#include "identify_internal.h"

static const atoms_identify_model default_model = {.struct_size = sizeof(atoms_identify_model), .k = 1, .delta_min = 1, .delta_max = 1};

atoms_status atoms_identify_model_init(atoms_identify_model *model, size_t size)
{
    return atomsi_struct_init(model, size, &default_model, sizeof default_model);
}

atoms_status atomsi_identify_model_read(const atoms_dictionary *d, const atoms_identify_model *model, atoms_identify_model *out)
{
    atoms_status status = atomsi_read_options(d->context, out, sizeof *out, &default_model, model, "atoms_identify_model");
    if (status) return status;
    if (out->k < 1 || out->k > d->atoms)
        return atomsi_fail(d->context, ATOMS_E_ARGUMENT, "k is %lld, the dictionary has %lld atoms", (long long)out->k, (long long)d->atoms);
    if (!(out->delta_min > 0 && out->delta_max >= out->delta_min && isfinite(out->delta_max)))
        return atomsi_fail(d->context, ATOMS_E_ARGUMENT, "delta_min and delta_max must be positive, finite and in order");
    return ATOMS_OK;
}

atoms_status atomsi_identify_append(const atoms_dictionary *d, int64_t *index, double *delta, int64_t n, atoms_codes *codes)
{
    int64_t offset[2] = {0, n};
    int32_t *sorted = atomsi_alloc(d->context, n, sizeof *sorted);
    float *value = atomsi_alloc(d->context, n, sizeof *value);
    atoms_status status = sorted && value ? ATOMS_OK : ATOMS_E_MEMORY;
    for (int64_t i = 1; i < n; i++) /* by insertion: supports are short */
        for (int64_t j = i; j && index[j] < index[j - 1]; j--) {
            int64_t atom = index[j];
            double kept = delta[j];
            index[j] = index[j - 1], delta[j] = delta[j - 1];
            index[j - 1] = atom, delta[j - 1] = kept;
        }
    for (int64_t i = 0; i < n && !status; i++) {
        sorted[i] = (int32_t)index[i];
        value[i] = (float)(delta[i] / d->length[index[i]]);
        if (!isfinite(value[i])) status = atomsi_fail(d->context, ATOMS_E_OVERFLOW, "the code of atom %lld is too large for f32", (long long)index[i]);
    }
    atoms_codes_view row = {.rows = 1, .width = d->atoms, .nnz = n, .offset = offset, .index = sorted, .value = value};
    if (!status) status = atoms_codes_append(codes, &row);
    atomsi_free(d->context, sorted);
    atomsi_free(d->context, value);
    return status;
}

enum { BLOCK = 128 };

typedef struct sampling {
    const atoms_dictionary *d;
    const atoms_identify_model *model;
    int64_t first, count; /* the block's rows */
    int64_t *index;       /* BLOCK × k */
    double *delta;        /* BLOCK × k */
    double *rows;         /* BLOCK × dim */
} sampling;

static void make_row(void *arg, int64_t r, int32_t worker)
{
    (void)worker;
    const sampling *s = arg;
    const atoms_dictionary *d = s->d;
    int64_t k = s->model->k, row = s->first + r;
    double *x = s->rows + r * d->dim, span = s->model->delta_max - s->model->delta_min;
    memset(x, 0, (size_t)d->dim * sizeof *x);
    for (int64_t t = 0; t < k; t++) {
        int64_t atom = base_permute(s->model->seed, BASE_STREAM_IDENTIFY, (uint64_t)row, t, d->atoms);
        double delta = s->model->delta_min + span * base_random_uniform(s->model->seed, BASE_STREAM_COEFFICIENTS, (uint64_t)(row * k + t));
        s->index[r * k + t] = atom;
        s->delta[r * k + t] = delta;
        for (int64_t c = 0; c < d->dim; c++) x[c] += delta * d->unit[atom * d->dim + c];
    }
}

static atoms_status check_rows(const sampling *s, int32_t dtype)
{
    int64_t dim = s->d->dim;
    for (int64_t e = 0; e < s->count * dim; e++)
        if (!(dtype == ATOMS_F64 ? isfinite(s->rows[e]) : isfinite((float)s->rows[e])))
            return atomsi_fail(s->d->context, ATOMS_E_OVERFLOW, "sample %lld is too long for out", (long long)(s->first + e / dim));
    return ATOMS_OK;
}

static void write_rows(const sampling *s, const atoms_matrix *out)
{
    int64_t dim = s->d->dim;
    for (int64_t r = 0; r < s->count; r++)
        for (int64_t c = 0; c < dim; c++) {
            void *to = atomsi_matrix_row(out, s->first + r);
            if (out->dtype == ATOMS_F64) ((double *)to)[c] = s->rows[r * dim + c];
            else ((float *)to)[c] = (float)s->rows[r * dim + c];
        }
}

static void make_rows(sampling *s, int64_t first, int64_t end)
{
    const atoms_dictionary *d = s->d;
    s->first = first;
    s->count = base_min_i64(BLOCK, end - first);
    atomsi_parallel_for(d->context, s->count, make_row, s);
    if (d->factor) linalg_dtrmm(true, LINALG_TRANSPOSED, s->count, d->dim, d->factor, d->dim, s->rows, d->dim); /* back from the whitened space */
}

static atoms_status run(sampling *s, const atoms_matrix *out, atoms_codes *codes)
{
    const atoms_dictionary *d = s->d;
    int64_t k = s->model->k, entries;
    if (!base_mul_i64(BLOCK, k, &entries)) return atomsi_fail(d->context, ATOMS_E_OVERFLOW, "k is too large");
    s->index = atomsi_alloc(d->context, entries, sizeof *s->index);
    s->delta = atomsi_alloc(d->context, entries, sizeof *s->delta);
    s->rows = atomsi_alloc(d->context, BLOCK * d->dim, sizeof *s->rows);
    atoms_status status = s->index && s->delta && s->rows ? ATOMS_OK : ATOMS_E_MEMORY;
    for (int64_t first = 0; first < out->rows && !status; first += BLOCK) {
        make_rows(s, first, out->rows);
        status = check_rows(s, out->dtype);
        for (int64_t r = 0; r < s->count && codes && !status; r++) status = atomsi_identify_append(d, s->index + r * k, s->delta + r * k, k, codes);
    }
    for (int64_t first = 0; first < out->rows && !status; first += BLOCK) {
        make_rows(s, first, out->rows);
        write_rows(s, out);
    }
    return status;
}

atoms_status atoms_identify_samples(const atoms_dictionary *dictionary, const atoms_identify_model *model, const atoms_matrix *out, atoms_codes *codes)
{
    if (!dictionary) return ATOMS_E_ARGUMENT;
    atoms_context *context = dictionary->context;
    atoms_identify_model read;
    atoms_codes_view view = {.width = dictionary->atoms};
    atoms_status status = atomsi_identify_model_read(dictionary, model, &read);
    if (!status) status = atomsi_matrix_check_cols(context, out, dictionary->dim, "out");
    if (!status && codes) status = atoms_codes_look(codes, &view);
    if (status) return status;
    if (out->dtype != ATOMS_F32 && out->dtype != ATOMS_F64) return atomsi_fail(context, ATOMS_E_DTYPE, "out must be f32 or f64");
    if (view.width != dictionary->atoms)
        return atomsi_fail(context, ATOMS_E_SHAPE, "codes are over %lld atoms, the dictionary has %lld", (long long)view.width, (long long)dictionary->atoms);
    sampling s = {.d = dictionary, .model = &read};
    int64_t held = view.rows;
    status = run(&s, out, codes);
    if (status && codes) atomsi_codes_truncate(codes, held);
    atomsi_free(context, s.index);
    atomsi_free(context, s.delta);
    atomsi_free(context, s.rows);
    return status;
}
