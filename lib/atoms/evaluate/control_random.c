/* Random atoms: unit vectors u drawn in the whitened space, d = L u in the data's. The threshold gives exactly the SAE's number of non-zeros
 * in sample; then one scale c, the least-squares one of Σ‖x − mean − c·y‖² over the reconstructions y in sample. */
#include "../../base/random.h"
#include "block_stream.h"
#include "judge.h"
#include "score_selection.h"

typedef struct drawing {
    double *out;
    int64_t dim;
    uint64_t seed;
} drawing;

static void draw_atom(void *arg, int64_t atom, int32_t worker)
{
    (void)worker;
    const drawing *d = arg;
    for (int64_t i = atom * d->dim; i < (atom + 1) * d->dim; i++)
        d->out[i] = base_random_normal(d->seed, BASE_STREAM_CONTROL_RANDOM, (uint64_t)i);
}

/* `memory` (latents × dim) is left with the atoms d; the dictionary holds their u. */
static atoms_status draw_atoms(judgement *j, double *memory, int64_t latents, int64_t dim, atoms_dictionary **directions)
{
    atoms_matrix drawn = atoms_matrix_f64(memory, latents, dim);
    atomsi_parallel_for(j->context, latents, draw_atom, &(drawing){.out = memory, .dim = dim, .seed = j->seed});
    atoms_status status = atomsi_dictionary_create(j->context, &drawn, "random atoms", NULL, NULL, directions);
    if (status) return status;
    atoms_matrix unit = atoms_matrix_f64((*directions)->unit, latents, dim);
    return atoms_metric_unwhiten(j->metric, ATOMS_WHITEN_CHOLESKY, &unit, &drawn);
}

typedef struct products {
    double xy, yy;
} products;

typedef struct scale_worker {
    void *work;
    double *hat;
    int64_t *firing; /* not looked at */
} scale_worker;

typedef struct scale_pass {
    const subject *subject;
    const double *mean;
    scale_worker *workers;
    products *slots, total;
} scale_pass;

static atoms_status scale_block(void *arg, int64_t slot, int32_t worker, const float *x, int64_t rows)
{
    const scale_pass *pass = arg;
    scale_worker *w = &pass->workers[worker];
    int64_t l0[STREAM_ROWS], dim = pass->subject->dim;
    products p = {0};
    atoms_status status = pass->subject->reconstruct(pass->subject, w->work, x, rows, w->hat, l0, w->firing);
    for (int64_t r = 0; r < rows && !status; r++)
        for (int64_t c = 0; c < dim; c++) {
            double y = w->hat[r * dim + c] - pass->mean[c];
            p.xy += (x[r * dim + c] - pass->mean[c]) * y;
            p.yy += y * y;
        }
    pass->slots[slot] = p;
    return status;
}

static void scale_merge(void *arg, int64_t slot)
{
    scale_pass *pass = arg;
    pass->total.xy += pass->slots[slot].xy;
    pass->total.yy += pass->slots[slot].yy;
}

static void free_pass(scale_pass *pass, atoms_context *context, int32_t workers)
{
    for (int32_t i = 0; pass->workers && i < workers; i++) {
        atomsi_free(context, pass->workers[i].work);
        atomsi_free(context, pass->workers[i].hat);
        atomsi_free(context, pass->workers[i].firing);
    }
    atomsi_free(context, pass->workers);
    atomsi_free(context, pass->slots);
}

static atoms_status make_pass(scale_pass *pass, atoms_context *context, int32_t workers)
{
    pass->workers = atomsi_alloc_zero(context, workers, sizeof *pass->workers);
    pass->slots = atomsi_alloc(context, atomsi_stream_slots(context), sizeof *pass->slots);
    if (!pass->workers || !pass->slots) return ATOMS_E_MEMORY;
    for (int32_t i = 0; i < workers; i++) {
        scale_worker *w = &pass->workers[i];
        w->work = atomsi_alloc(context, 1, pass->subject->work_bytes);
        w->hat = atomsi_alloc(context, pass->subject->dim, STREAM_ROWS * sizeof(double));
        w->firing = atomsi_alloc_zero(context, pass->subject->latents, sizeof(int64_t));
        if (!w->work || !w->hat || !w->firing) return ATOMS_E_MEMORY;
    }
    return ATOMS_OK;
}

/* 0 where nothing fires. */
static atoms_status least_squares_scale(row_source *from, const subject *s, const double *mean, double *scale)
{
    atoms_context *context = from->context;
    int32_t workers = atoms_context_threads(context);
    scale_pass pass = {.subject = s, .mean = mean};
    atoms_status status = make_pass(&pass, context, workers);
    if (!status) status = atomsi_stream_blocks(from, &(block_task){.arg = &pass, .work = scale_block, .merge = scale_merge});
    if (!status) *scale = pass.total.yy > 0 ? pass.total.xy / pass.total.yy : 0;
    free_pass(&pass, context, workers);
    return status;
}

static int64_t active_in(const tally *t)
{
    int64_t active = 0;
    for (int64_t i = 0; i < t->latents; i++) active += t->firing[i];
    return active;
}

static atoms_status judge_directions(judgement *j, row_source *from, const tally *of_sae, const atoms_dictionary *directions, const double *atoms)
{
    whitened_coder coder = {.metric = j->metric, .mean = of_sae->sums.plain.mean, .scale = 1};
    atoms_status status = atomsi_coder_units(&coder, directions);
    if (status) return status;
    atoms_matrix view = atoms_matrix_f64(atoms, coder.atoms, coder.dim);
    subject s;
    status = atomsi_subject_of_coder(j->context, &coder, &view, &s);
    if (!status) status = atomsi_select_threshold(from, &coder, &s, active_in(of_sae), &coder.threshold);
    if (!status) status = least_squares_scale(from, &s, coder.mean, &coder.scale);
    if (!status) status = atomsi_judge(j, &s);
    atomsi_free(j->context, coder.narrow);
    return status;
}

atoms_status atomsi_judge_random(judgement *j)
{
    row_source *from = j->train ? j->train : j->rows;
    int64_t latents = atoms_sae_d_sae(j->sae), dim = from->width, elements;
    subject sae;
    tally of_sae = {0};
    atoms_dictionary *directions = NULL;
    atoms_status status = atomsi_subject_of_sae(j->context, j->sae, &sae);
    if (!status) status = atomsi_tally_rows(&sae, NULL, from, &of_sae);
    if (status) return status;
    double *atoms = base_mul_i64(latents, dim, &elements) ? atomsi_alloc(j->context, elements, sizeof *atoms) : NULL;
    status = atoms ? draw_atoms(j, atoms, latents, dim, &directions) : ATOMS_E_MEMORY;
    if (!status) status = judge_directions(j, from, &of_sae, directions, atoms);
    atoms_dictionary_destroy(directions);
    atomsi_free(j->context, atoms);
    atomsi_tally_free(&of_sae);
    return status;
}
