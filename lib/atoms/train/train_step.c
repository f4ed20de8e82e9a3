/* One step, and the batch that a caller pushes. The model changes in the last pass only, which cannot fail. */
#include <math.h>

#include "../matrix/matrix_internal.h"
#include "train_internal.h"

atoms_status atomsi_train_batch(atoms_trainer *t, atoms_train_stats *stats)
{
    train_measure m;
    atomsi_train_centre(t);
    atoms_status status = atomsi_train_forward(t, t->opts.activation == ATOMS_ACTIVATION_JUMPRELU ? t->opts.bandwidth : 0);
    if (status) return status;
    atomsi_train_errors(t);
    atomsi_train_transpose(t);
    if ((status = atomsi_train_measure(t, &m))) return status;
    if (!isfinite(m.loss))
        return atomsi_fail(t->context, ATOMS_E_NUMERIC, "training diverged: the loss of step %lld is not finite; lower the learning rate",
                           (long long)t->step + 1);
    if ((status = atomsi_train_draw(t)) || (status = atomsi_train_update(t, &m))) return status;
    t->step++;
    t->rows_seen += (int64_t)m.rows;
    atomsi_train_revive(t);
    *stats = (atoms_train_stats){.struct_size = sizeof *stats,
                                 .step = t->step,
                                 .steps = t->opts.steps,
                                 .rows = t->rows_seen,
                                 .dead = atomsi_train_dead(t),
                                 .revived = t->revived,
                                 .loss = m.loss,
                                 .mse = m.mse,
                                 .l0 = m.l0,
                                 .r2 = m.r2,
                                 .learning_rate = atomsi_learning_rate(&t->opts, t->step)};
    return ATOMS_OK;
}

static atoms_status initialise_from_batch(atoms_trainer *t, const atoms_matrix *batch)
{
    atoms_rows *rows;
    atoms_status status = atoms_rows_from_matrix(t->context, batch, &rows);
    if (!status) status = atoms_trainer_initialize(t, rows);
    atoms_rows_destroy(rows);
    return status;
}

atoms_status atoms_trainer_step(atoms_trainer *t, const atoms_matrix *batch, atoms_train_stats *stats)
{
    if (!t) return ATOMS_E_ARGUMENT;
    atoms_status status = atomsi_matrix_check_cols(t->context, batch, t->d, "batch");
    if (status) return status;
    if (batch->rows < 1 || batch->rows > t->opts.batch)
        return atomsi_fail(t->context, ATOMS_E_SHAPE, "batch has %lld rows; it must have from 1 to %lld", (long long)batch->rows,
                           (long long)t->opts.batch);
    if ((status = atomsi_matrix_check_finite(t->context, batch, 0, 1, "batch"))) return status;
    atoms_train_stats measured;
    if (stats && stats->struct_size < sizeof stats->struct_size)
        return atomsi_write_report(t->context, stats, &measured, sizeof measured, "atoms_train_stats");
    if (!t->initialised && (status = initialise_from_batch(t, batch))) return status;
    atomsi_matrix_read_f32(batch, 0, batch->rows, t->input);
    t->rows = batch->rows;
    atomsi_train_whiten(t);
    if ((status = atomsi_train_batch(t, &measured))) return status;
    return stats ? atomsi_write_report(t->context, stats, &measured, sizeof measured, "atoms_train_stats") : ATOMS_OK;
}
