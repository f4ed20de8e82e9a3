/* A metric from moments: C = E[k kᵀ] (or the covariance, or Σ d dᵀ over a dictionary) + γ I, its eigenvalues for rank, condition and
 * effective rank, its eigenvectors for the symmetric root, and its Cholesky factor for all else. S = C⁻¹ is never formed: a triangular
 * solve loses no more than the conditioning of the problem, and costs the same as a product.
 * Everything is computed here, once, so that the handle never changes and may be shared. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "../../linalg/lapacke_gate.h"
#include "../matrix/matrix_internal.h"
#include "metric_internal.h"

static const atoms_metric_opts default_opts = {.struct_size = sizeof(atoms_metric_opts)};
static const atoms_metric_report empty_report = {.struct_size = sizeof(atoms_metric_report)};

atoms_status atoms_metric_opts_init(atoms_metric_opts *opts, size_t size)
{
    return atomsi_struct_init(opts, size, &default_opts, sizeof default_opts);
}

atoms_status atoms_metric_report_init(atoms_metric_report *report, size_t size)
{
    return atomsi_struct_init(report, size, &empty_report, sizeof empty_report);
}

/* Ĉ, in full, into c; mean too (of no meaning for a dictionary). Returns what Ĉ was reached by taking away: ‖mean‖² or 0. */
static double sample_matrix(const atoms_metric *m, double *mean, double *c)
{
    int64_t dim = m->moments->dim;
    atomsi_moments_mean(m->moments, mean, c);
    if (m->of_dictionary)
        for (int64_t i = 0; i < dim * dim; i++) c[i] *= (double)m->moments->count;
    if (!m->opts.centred) return 0;
    double square = 0;
    for (int64_t i = 0; i < dim; i++) {
        for (int64_t j = 0; j < dim; j++) c[i * dim + j] -= mean[i] * mean[j];
        square += mean[i] * mean[i];
    }
    return square;
}

/* Rank of Ĉ, and the figures of C = Ĉ + γ I; values hold Ĉ's eigenvalues and become C's. What counts as zero is the eigenvalues' own
 * rounding and, where ‖mean‖² was taken away, that of the sums it was taken from: at most MOMENTS_BLOCK additions in a row. */
static void fill_report(atoms_metric *m, double gamma, double taken_away)
{
    int64_t dim = m->moments->dim;
    double *values = m->values;
    double tiny = DBL_EPSILON * ((double)dim * fmax(values[dim - 1], 0) + (double)(dim + MOMENTS_BLOCK) * taken_away);
    atoms_metric_report *r = &m->report;
    *r = empty_report;
    r->centred = m->opts.centred;
    r->rows = m->moments->count;
    r->dim = dim;
    r->gamma = gamma;
    double trace = 0, entropy = 0;
    for (int64_t i = 0; i < dim; i++) {
        r->rank += values[i] > tiny;
        values[i] += gamma;
        trace += values[i];
    }
    for (int64_t i = 0; i < dim; i++) {
        double share = values[i] / trace;
        if (share > 0) entropy -= share * log(share);
    }
    r->effective_rank = exp(entropy);
    r->smallest = values[0];
    r->largest = values[dim - 1];
    r->condition = r->largest / r->smallest;
}

static atoms_status check_rank(atoms_context *context, const atoms_metric_report *r)
{
    char text[BASE_NUMBER_TEXT_MAX];
    if (r->gamma == 0 && r->rank < r->dim)
        return atomsi_fail(context, ATOMS_E_RANK, "rank %lld of %lld: use gamma > 0, or more independent rows than the %lld there are",
                           (long long)r->rank, (long long)r->dim, (long long)r->rows);
    if (!(r->smallest > 0))
        return atomsi_fail(context, ATOMS_E_NUMERIC, "rank %lld of %lld, and gamma = %s is lost in rounding: use a larger one",
                           (long long)r->rank, (long long)r->dim, base_number_text(text, r->gamma, 6));
    return ATOMS_OK;
}

/* Fills an allocated metric. */
static atoms_status compute(atoms_metric *m, double *mean)
{
    atoms_context *context = m->context;
    int64_t dim = m->moments->dim;
    double gamma = m->opts.gamma, taken_away = sample_matrix(m, mean, m->factor);
    if (m->opts.gamma_rule == ATOMS_GAMMA_LEDOIT_WOLF) {
        atoms_status status = atomsi_ledoit_wolf(m->moments, mean, m->factor, m->opts.centred, &gamma);
        if (status) return status;
    }
    memcpy(m->vectors, m->factor, (size_t)(dim * dim) * sizeof(double));
    base_outcome outcome = linalg_symmetric_eigen(dim, m->vectors, m->values, 1, &context->memory);
    if (outcome) return atomsi_fail_outcome(context, outcome, "eigenvalues of the moments");
    fill_report(m, gamma, taken_away);
    atoms_status status = check_rank(context, &m->report);
    if (status) return status;
    for (int64_t i = 0; i < dim; i++) m->factor[i * dim + i] += gamma;
    outcome = linalg_cholesky(dim, m->factor);
    return outcome ? atomsi_fail_outcome(context, outcome, "Cholesky factor of the moments") : ATOMS_OK;
}

atoms_status atomsi_metric_build(atoms_context *context, atoms_moments *moments, const atoms_metric_opts *opts, int32_t of_dictionary,
                                 atoms_metric **out)
{
    int64_t dim = moments->dim;
    atoms_status status = ATOMS_E_MEMORY;
    double *mean = atomsi_alloc(context, dim, sizeof *mean);
    atoms_metric *m = atomsi_alloc_zero(context, 1, sizeof *m);
    if (!m) {
        atoms_moments_destroy(moments);
        goto done;
    }
    m->context = context;
    m->moments = moments;
    m->opts = *opts;
    m->of_dictionary = of_dictionary;
    m->factor = atomsi_alloc(context, dim * dim, sizeof(double)); /* moments of this dim exist: dim² fits */
    m->vectors = atomsi_alloc(context, dim * dim, sizeof(double));
    m->values = atomsi_alloc(context, dim, sizeof(double));
    if (mean && m->factor && m->vectors && m->values) status = compute(m, mean);
    if (status)
        atoms_metric_destroy(m);
    else
        *out = m;
done:
    atomsi_free(context, mean);
    return status;
}

static atoms_status read_opts(atoms_context *context, atoms_metric_opts *known, const atoms_metric_opts *opts)
{
    atoms_status status = atomsi_read_options(context, known, sizeof *known, &default_opts, opts, "atoms_metric_opts");
    if (status) return status;
    if (known->reserved) return atomsi_fail(context, ATOMS_E_ARGUMENT, "opts.reserved is not 0");
    if (known->centred != 0 && known->centred != 1)
        return atomsi_fail(context, ATOMS_E_ARGUMENT, "opts.centred is %d, not 0 or 1", (int)known->centred);
    if (known->gamma_rule != ATOMS_GAMMA_FIXED && known->gamma_rule != ATOMS_GAMMA_LEDOIT_WOLF)
        return atomsi_fail(context, ATOMS_E_ARGUMENT, "opts.gamma_rule is %d, which is no rule", (int)known->gamma_rule);
    if (!(known->gamma >= 0 && known->gamma <= DBL_MAX)) return atomsi_fail(context, ATOMS_E_ARGUMENT, "opts.gamma is negative or not finite");
    if (known->gamma_rule == ATOMS_GAMMA_LEDOIT_WOLF && known->gamma != 0)
        return atomsi_fail(context, ATOMS_E_ARGUMENT, "opts.gamma is set, but Ledoit-Wolf finds it: leave it 0");
    return ATOMS_OK;
}

atoms_status atoms_metric_from_moments(atoms_context *context, const atoms_moments *moments, const atoms_metric_opts *opts, atoms_metric **out)
{
    if (!out) return atomsi_fail(context, ATOMS_E_ARGUMENT, "out is NULL");
    *out = NULL;
    if (!context) return ATOMS_E_ARGUMENT;
    if (!moments) return atomsi_fail(context, ATOMS_E_ARGUMENT, "moments is NULL");
    if (!moments->count) return atomsi_fail(context, ATOMS_E_STATE, "the moments have no rows yet");
    atoms_metric_opts known;
    atoms_moments *copy;
    atoms_status status = read_opts(context, &known, opts);
    if (!status) status = atomsi_moments_copy(context, moments, &copy);
    return status ? status : atomsi_metric_build(context, copy, &known, 0, out);
}

atoms_status atoms_metric_from_dictionary(atoms_context *context, const atoms_matrix *atoms_by_row, const atoms_metric_opts *opts,
                                          atoms_metric **out)
{
    if (!out) return atomsi_fail(context, ATOMS_E_ARGUMENT, "out is NULL");
    *out = NULL;
    if (!context) return ATOMS_E_ARGUMENT;
    atoms_metric_opts known;
    atoms_status status = read_opts(context, &known, opts);
    if (status) return status;
    if (known.centred || known.gamma_rule != ATOMS_GAMMA_FIXED)
        return atomsi_fail(context, ATOMS_E_ARGUMENT, "a dictionary is neither centred nor shrunk: leave opts.centred and opts.gamma_rule 0");
    if ((status = atomsi_matrix_check(context, atoms_by_row, "atoms_by_row"))) return status;
    if (!atoms_by_row->rows) return atomsi_fail(context, ATOMS_E_SHAPE, "atoms_by_row has no rows");
    if ((status = atomsi_matrix_check_finite(context, atoms_by_row, 0, 1, "atoms_by_row"))) return status;
    atoms_moments *moments;
    if ((status = atoms_moments_create(context, atoms_by_row->cols, &moments))) return status;
    if ((status = atoms_moments_add(moments, atoms_by_row))) {
        atoms_moments_destroy(moments);
        return status;
    }
    return atomsi_metric_build(context, moments, &known, 1, out);
}

void atoms_metric_destroy(atoms_metric *metric)
{
    if (!metric) return;
    atomsi_free(metric->context, metric->factor);
    atomsi_free(metric->context, metric->vectors);
    atomsi_free(metric->context, metric->values);
    atoms_moments_destroy(metric->moments);
    atomsi_free(metric->context, metric);
}

int64_t atoms_metric_dim(const atoms_metric *metric) { return metric ? metric->moments->dim : 0; }

atoms_status atoms_metric_describe(const atoms_metric *metric, atoms_metric_report *report)
{
    if (!metric) return ATOMS_E_ARGUMENT;
    return atomsi_write_report(metric->context, report, &metric->report, sizeof metric->report, "atoms_metric_report");
}

const double *atomsi_metric_factor(const atoms_metric *metric)
{
    return metric->factor;
}
