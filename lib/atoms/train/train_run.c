/* Pulling batches from rows until the steps are done: a loop around the one step. */
#include <math.h>

#include "../rows/rows_internal.h"
#include "train_internal.h"

static atoms_status run_step(atoms_trainer *t, atoms_rows *rows, atoms_train_stats *stats)
{
    atomsi_batch_order(&t->opts, atoms_rows_count(rows), t->step, t->order);
    atoms_matrix input = atoms_matrix_f32(t->input, t->opts.batch, t->d);
    atoms_status status = atoms_rows_gather(rows, t->order, &input);
    if (status) return status;
    atomsi_batch_order(&t->opts, atoms_rows_count(rows), t->step + 1, t->order);
    atomsi_rows_prefetch(rows, t->order, t->opts.batch); /* the disk works while this step is computed */
    t->rows = t->opts.batch;
    atomsi_train_whiten(t);
    if ((status = atomsi_train_batch(t, stats))) return status;
    if (t->opts.checkpoint_every && t->step % t->opts.checkpoint_every == 0) status = atoms_trainer_save(t, t->checkpoint_path);
    return status;
}

static atoms_status check_rows(atoms_trainer *t, atoms_rows *rows)
{
    if (!rows) return atomsi_fail(t->context, ATOMS_E_ARGUMENT, "rows is NULL");
    if (atoms_rows_width(rows) != t->d)
        return atomsi_fail(t->context, ATOMS_E_SHAPE, "rows have %lld columns, the trainer expects %lld", (long long)atoms_rows_width(rows),
                           (long long)t->d);
    if (atoms_rows_count(rows) < t->opts.batch)
        return atomsi_fail(t->context, ATOMS_E_SHAPE, "there are %lld rows, fewer than a batch of %lld", (long long)atoms_rows_count(rows),
                           (long long)t->opts.batch);
    return ATOMS_OK;
}

atoms_status atoms_trainer_run(atoms_trainer *t, atoms_rows *rows, atoms_train_fn progress, void *user, atoms_train_report *report)
{
    if (!t) return ATOMS_E_ARGUMENT;
    atoms_train_report r = {.struct_size = sizeof r, .outcome = ATOMS_TRAIN_DONE};
    atoms_train_stats last = {.loss = NAN, .mse = NAN, .l0 = NAN, .r2 = NAN};
    if (report && report->struct_size < sizeof report->struct_size)
        return atomsi_write_report(t->context, report, &r, sizeof r, "atoms_train_report");
    atoms_status status = check_rows(t, rows);
    if (!status && !t->initialised) status = atoms_trainer_initialize(t, rows);
    while (!status && t->step < t->opts.steps && r.outcome == ATOMS_TRAIN_DONE) {
        status = run_step(t, rows, &last);
        if (!status && progress && progress(user, &last)) r.outcome = ATOMS_TRAIN_STOPPED;
    }
    if (status || !report) return status;
    r.step = t->step;
    r.rows = t->rows_seen;
    r.dead = atomsi_train_dead(t);
    r.input_scale = t->input_scale;
    r.loss = last.loss;
    r.mse = last.mse;
    r.l0 = last.l0;
    r.r2 = last.r2;
    return atomsi_write_report(t->context, report, &r, sizeof r, "atoms_train_report");
}
