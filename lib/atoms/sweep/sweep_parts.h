/* The insides of a sweep, for the files of this room. */
#ifndef SWEEP_PARTS_H
#define SWEEP_PARTS_H

#include <atoms/sweep.h>

#include "../context/context_internal.h"

typedef struct sweep {
    atoms_context *context;
    atoms_rows *train_rows, *held_out;
    atoms_train_opts train; /* of every cell, but for width, batch and steps */
    atoms_sweep_opts opts;
    atoms_sweep_progress now;
    atoms_sweep_cell *cells; /* results */
} sweep;

/* Options of the cells of one size: batch and steps. The width is left as it is. */
atoms_train_opts atomsi_sweep_train_opts(const sweep *s, int64_t size);

/* Shows the callback where the sweep is; CANCELLED where it asks for the end. */
atoms_status atomsi_sweep_tell(sweep *s, const atoms_sweep_cell *cell, const atoms_sae *sae);

/* Trains all widths of size number `i` and fills its cells. */
atoms_status atomsi_sweep_size(sweep *s, int64_t i);

/* The figures of a model trained on `rows` into its cell. `before`, or NULL, is another cell of the same size. */
atoms_status atomsi_sweep_judge(const sweep *s, const atoms_sae *sae, atoms_rows *rows, const atoms_metric *metric,
                                const atoms_sweep_cell *before, atoms_sweep_cell *cell);

#endif
