/* One size of the grid: the trainers of all widths side by side, so that each batch is read once for all of them. The steps are those of
 * atoms_trainer_run, in its order; all trainers share batch and seed, and so that order. */
#include "../rows/rows_internal.h"
#include "../train/train_internal.h"
#include "sweep_parts.h"

typedef struct column {
    sweep *sweep;
    int64_t size;
    atoms_rows *rows; /* the first `size` */
    atoms_metric *own; /* of these rows; NULL: not needed, or there is none */
    const atoms_metric *metric;
    atoms_train_opts opts;
    atoms_trainer **trainers; /* by width */
    float *batch;
    int64_t *order, *next; /* row numbers of this step and of the next one, which the system may fetch meanwhile */
} column;

/* The same failure, with the cell in front of its words. */
static atoms_status name_cell(const column *c, int64_t j, atoms_status status)
{
    if (!status || status == ATOMS_E_MEMORY) return status;
    char words[512];
    atoms_context_detail(c->sweep->context, words, sizeof words);
    return atomsi_fail(c->sweep->context, status, "%lld rows, width %lld: %s", (long long)c->size, (long long)c->sweep->opts.widths[j], words);
}

static atoms_status find_metric(column *c)
{
    atoms_context *context = c->sweep->context;
    c->metric = c->sweep->opts.metric;
    if (c->metric) return ATOMS_OK;
    atoms_moments *moments;
    atoms_status status = atoms_moments_create(context, atoms_rows_width(c->rows), &moments);
    if (!status) status = atoms_moments_add_rows(moments, c->rows);
    if (!status) status = atoms_metric_from_moments(context, moments, NULL, &c->own);
    atoms_moments_destroy(moments);
    c->metric = c->own;
    return status == ATOMS_E_RANK && !c->sweep->opts.aip ? ATOMS_OK : status; /* figures can do without, training in it cannot */
}

static atoms_status make_trainers(column *c)
{
    sweep *s = c->sweep;
    int64_t d = atoms_rows_width(c->rows), elements;
    if (!base_mul_i64(c->opts.batch, d, &elements))
        return atomsi_fail(s->context, ATOMS_E_OVERFLOW, "a batch of %lld rows of %lld columns is too large", (long long)c->opts.batch, (long long)d);
    c->batch = atomsi_alloc(s->context, elements, sizeof *c->batch);
    c->order = atomsi_alloc(s->context, c->opts.batch, sizeof *c->order);
    c->next = atomsi_alloc(s->context, c->opts.batch, sizeof *c->next);
    c->trainers = atomsi_alloc_zero(s->context, s->opts.widths_count, sizeof(atoms_trainer *));
    if (!c->batch || !c->order || !c->next || !c->trainers) return ATOMS_E_MEMORY;
    atoms_status status = ATOMS_OK;
    for (int64_t j = 0; j < s->opts.widths_count && !status; j++) {
        c->opts.width = s->opts.widths[j];
        status = atoms_trainer_create(s->context, d, &c->opts, &c->trainers[j]);
        if (!status) status = atoms_trainer_initialize(c->trainers[j], c->rows);
        status = name_cell(c, j, status);
    }
    return status;
}

static atoms_status train(column *c)
{
    sweep *s = c->sweep;
    const atoms_matrix batch = atoms_matrix_f32(c->batch, c->opts.batch, atoms_rows_width(c->rows));
    atomsi_batch_order(&c->opts, c->size, 0, c->next);
    for (int64_t step = 0; step < c->opts.steps; step++) {
        int64_t *order = c->next;
        c->next = c->order;
        c->order = order;
        atoms_status status = atoms_rows_gather(c->rows, c->order, &batch);
        if (!status && step + 1 < c->opts.steps) {
            atomsi_batch_order(&c->opts, c->size, step + 1, c->next);
            atomsi_rows_prefetch(c->rows, c->next, c->opts.batch);
        }
        for (int64_t j = 0; j < s->opts.widths_count && !status; j++)
            status = name_cell(c, j, atoms_trainer_step(c->trainers[j], &batch, NULL));
        s->now.step++;
        s->now.done++;
        if (!status) status = atomsi_sweep_tell(s, NULL, NULL);
        if (status) return status;
    }
    return ATOMS_OK;
}

static atoms_status judge(column *c, int64_t j, atoms_sweep_cell *cell, const atoms_sweep_cell *before)
{
    atoms_sae *sae;
    atoms_status status = name_cell(c, j, atoms_trainer_snapshot(c->trainers[j], &sae));
    if (status) return status;
    atoms_trainer_destroy(c->trainers[j]); /* the model is all that is needed from here on */
    c->trainers[j] = NULL;
    *cell = (atoms_sweep_cell){.struct_size = sizeof *cell, .has_metric = c->metric != NULL, .rows = c->size,
                               .width = c->sweep->opts.widths[j], .steps = c->opts.steps};
    status = atomsi_sweep_judge(c->sweep, sae, c->rows, c->metric, before, cell);
    if (!status) status = atomsi_sweep_tell(c->sweep, cell, sae);
    atoms_sae_destroy(sae);
    return status;
}

atoms_status atomsi_sweep_size(sweep *s, int64_t i)
{
    int64_t widths = s->opts.widths_count;
    atoms_sweep_cell *cells = s->cells + i * widths;
    column c = {.sweep = s, .size = s->opts.sizes[i]};
    c.opts = atomsi_sweep_train_opts(s, c.size);
    s->now.rows = c.size;
    s->now.step = 0;
    s->now.steps = c.opts.steps;
    atoms_status status = atoms_rows_first(s->context, s->train_rows, c.size, &c.rows);
    if (!status) status = find_metric(&c);
    if (s->opts.aip) c.opts.metric = c.metric;
    if (!status) status = make_trainers(&c);
    if (!status) status = train(&c);
    for (int64_t j = 0; j < widths && !status; j++) status = judge(&c, j, &cells[j], j ? &cells[j - 1] : NULL);
    for (int64_t j = 0; c.trainers && j < widths; j++) atoms_trainer_destroy(c.trainers[j]);
    atomsi_free(s->context, c.trainers);
    atomsi_free(s->context, c.order);
    atomsi_free(s->context, c.next);
    atomsi_free(s->context, c.batch);
    atoms_metric_destroy(c.own);
    atoms_rows_destroy(c.rows);
    return status;
}
