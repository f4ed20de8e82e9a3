/* Each block of rows gives sums of its own in f64; they are merged in the order of the blocks. The spread about the mean is summed about
 * the block's mean and merged by Chan's formula: activations have a mean far larger than their spread, and Σ‖x‖² − n‖x̄‖² would
 * lose what that costs. In the AIP everything is the same on L⁻¹x and L⁻¹(x − x̂). */
#include "tally.h"

#include <math.h>

#include "../../linalg/cblas_gate.h"
#include "../metric/metric_internal.h"
#include "block_stream.h"

typedef struct tally_worker {
    void *work;      /* the subject's */
    double *x, *hat; /* STREAM_ROWS × dim */
    int64_t *l0_counts, *firing;
} tally_worker;

typedef struct tally_pass {
    const subject *subject;
    const double *factor; /* L of the metric, or NULL */
    tally *total;
    tally_worker *workers;
    row_sums *slots;
    double *means; /* memory of the slots' spreads */
} tally_pass;

static double dot(int64_t n, const double *a, const double *b)
{
    double s = 0;
    for (int64_t i = 0; i < n; i++) s += a[i] * b[i];
    return s;
}

static void compare_row(row_sums *sums, int64_t dim, const double *x, const double *hat)
{
    double xx = dot(dim, x, x), hh = dot(dim, hat, hat), xh = dot(dim, x, hat);
    if (xx > 0) {
        sums->ratio += sqrt(hh) / sqrt(xx);
        sums->ratio_rows++;
    }
    if (xx > 0 && hh > 0) {
        sums->cosine += xh / sqrt(xx) / sqrt(hh);
        sums->cosine_rows++;
    }
}

static void measure_spread(spread *s, int64_t rows, int64_t dim, const double *x)
{
    for (int64_t j = 0; j < dim; j++) s->mean[j] = 0;
    for (int64_t r = 0; r < rows; r++)
        for (int64_t j = 0; j < dim; j++) s->mean[j] += x[r * dim + j];
    for (int64_t j = 0; j < dim; j++) s->mean[j] /= (double)rows;
    s->rows = rows;
    s->about_mean = 0;
    for (int64_t r = 0; r < rows; r++)
        for (int64_t j = 0; j < dim; j++) {
            double d = x[r * dim + j] - s->mean[j];
            s->about_mean += d * d;
        }
}

static void merge_spread(spread *into, const spread *part, int64_t dim)
{
    int64_t rows = into->rows + part->rows;
    double share = (double)part->rows / (double)rows, moved = 0;
    for (int64_t j = 0; j < dim; j++) {
        double d = part->mean[j] - into->mean[j];
        moved += d * d;
        into->mean[j] += d * share;
    }
    into->about_mean += part->about_mean + moved * share * (double)into->rows;
    into->rows = rows;
}

static atoms_status tally_block(void *arg, int64_t slot, int32_t worker, const float *x, int64_t rows)
{
    const tally_pass *pass = arg;
    const subject *s = pass->subject;
    tally_worker *w = &pass->workers[worker];
    row_sums *sums = &pass->slots[slot];
    int64_t l0[STREAM_ROWS], dim = s->dim, elements = rows * dim;
    *sums = (row_sums){.plain.mean = sums->plain.mean, .aip.mean = sums->aip.mean};
    atoms_status status = s->reconstruct(s, w->work, x, rows, w->hat, l0, w->firing);
    if (status) return status;
    for (int64_t r = 0; r < rows; r++) w->l0_counts[l0[r]]++;
    for (int64_t i = 0; i < elements; i++) w->x[i] = x[i];
    for (int64_t r = 0; r < rows; r++) compare_row(sums, dim, w->x + r * dim, w->hat + r * dim);
    measure_spread(&sums->plain, rows, dim, w->x);
    for (int64_t i = 0; i < elements; i++) w->hat[i] = w->x[i] - w->hat[i];
    sums->error = dot(elements, w->hat, w->hat);
    if (!pass->factor) return ATOMS_OK;
    linalg_dtrsm(true, LINALG_TRANSPOSED, rows, dim, pass->factor, dim, w->hat, dim);
    linalg_dtrsm(true, LINALG_TRANSPOSED, rows, dim, pass->factor, dim, w->x, dim);
    sums->aip_error = dot(elements, w->hat, w->hat);
    measure_spread(&sums->aip, rows, dim, w->x);
    return ATOMS_OK;
}

static void merge_block(void *arg, int64_t slot)
{
    const tally_pass *pass = arg;
    const row_sums *part = &pass->slots[slot];
    row_sums *sums = &pass->total->sums;
    sums->error += part->error;
    sums->aip_error += part->aip_error;
    sums->cosine += part->cosine;
    sums->cosine_rows += part->cosine_rows;
    sums->ratio += part->ratio;
    sums->ratio_rows += part->ratio_rows;
    merge_spread(&sums->plain, &part->plain, pass->subject->dim);
    if (pass->factor) merge_spread(&sums->aip, &part->aip, pass->subject->dim);
}

static void free_pass(tally_pass *pass, atoms_context *context, int32_t workers)
{
    for (int32_t i = 0; pass->workers && i < workers; i++) {
        tally_worker *w = &pass->workers[i];
        atomsi_free(context, w->work);
        atomsi_free(context, w->x);
        atomsi_free(context, w->hat);
        atomsi_free(context, w->l0_counts);
        atomsi_free(context, w->firing);
    }
    atomsi_free(context, pass->workers);
    atomsi_free(context, pass->slots);
    atomsi_free(context, pass->means);
}

/* dim·STREAM_ROWS elements were found to fit by whoever made the subject's rows. */
static atoms_status make_pass(tally_pass *pass, atoms_context *context, int32_t workers)
{
    int64_t dim = pass->subject->dim, latents = pass->subject->latents, slots = atomsi_stream_slots(context), means;
    if (!base_mul_i64(2 * slots, dim, &means)) return atomsi_fail(context, ATOMS_E_OVERFLOW, "rows: %lld columns are too many", (long long)dim);
    pass->workers = atomsi_alloc_zero(context, workers, sizeof *pass->workers);
    pass->slots = atomsi_alloc_zero(context, slots, sizeof *pass->slots);
    pass->means = atomsi_alloc(context, means, sizeof(double));
    if (!pass->workers || !pass->slots || !pass->means) return ATOMS_E_MEMORY;
    for (int64_t i = 0; i < slots; i++) {
        pass->slots[i].plain.mean = pass->means + 2 * i * dim;
        pass->slots[i].aip.mean = pass->means + (2 * i + 1) * dim;
    }
    for (int32_t i = 0; i < workers; i++) {
        tally_worker *w = &pass->workers[i];
        w->work = atomsi_alloc(context, 1, pass->subject->work_bytes);
        w->x = atomsi_alloc(context, dim, STREAM_ROWS * sizeof(double));
        w->hat = atomsi_alloc(context, dim, STREAM_ROWS * sizeof(double));
        w->l0_counts = atomsi_alloc_zero(context, latents + 1, sizeof(int64_t));
        w->firing = atomsi_alloc_zero(context, latents, sizeof(int64_t));
        if (!w->work || !w->x || !w->hat || !w->l0_counts || !w->firing) return ATOMS_E_MEMORY;
    }
    return ATOMS_OK;
}

static atoms_status make_tally(tally *t, atoms_context *context, const subject *s)
{
    *t = (tally){.context = context, .latents = s->latents, .dim = s->dim};
    t->l0_counts = atomsi_alloc_zero(context, s->latents + 1, sizeof(int64_t));
    t->firing = atomsi_alloc_zero(context, s->latents, sizeof(int64_t));
    t->sums.plain.mean = atomsi_alloc_zero(context, s->dim, sizeof(double));
    t->sums.aip.mean = atomsi_alloc_zero(context, s->dim, sizeof(double));
    return t->l0_counts && t->firing && t->sums.plain.mean && t->sums.aip.mean ? ATOMS_OK : ATOMS_E_MEMORY;
}

void atomsi_tally_free(tally *t)
{
    if (!t->context) return;
    atomsi_free(t->context, t->l0_counts);
    atomsi_free(t->context, t->firing);
    atomsi_free(t->context, t->sums.plain.mean);
    atomsi_free(t->context, t->sums.aip.mean);
}

atoms_status atomsi_tally_rows(const subject *s, const atoms_metric *metric, row_source *source, tally *out)
{
    atoms_context *context = source->context;
    int32_t workers = atoms_context_threads(context);
    tally t;
    tally_pass pass = {.subject = s, .factor = metric ? metric->factor : NULL, .total = &t};
    atoms_status status = make_tally(&t, context, s);
    if (!status) status = make_pass(&pass, context, workers);
    if (!status) status = atomsi_stream_blocks(source, &(block_task){.arg = &pass, .work = tally_block, .merge = merge_block});
    for (int32_t i = 0; !status && i < workers; i++) {
        for (int64_t k = 0; k <= s->latents; k++) t.l0_counts[k] += pass.workers[i].l0_counts[k];
        for (int64_t m = 0; m < s->latents; m++) t.firing[m] += pass.workers[i].firing[m];
    }
    t.rows = source->count;
    free_pass(&pass, context, workers);
    if (status)
        atomsi_tally_free(&t);
    else
        *out = t;
    return status;
}
