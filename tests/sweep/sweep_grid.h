/* A small grid to sweep, and what its tests share. */
#ifndef TESTS_SWEEP_GRID_H
#define TESTS_SWEEP_GRID_H

#include <atoms/metric.h>
#include <atoms/sweep.h>

#include "../train/training_data.h"
#include "suite.h"

enum { N = 300, D = 12, SIZES = 2, WIDTHS = 3, CELLS = SIZES * WIDTHS };

extern const int64_t sizes[SIZES], widths[WIDTHS];

/* Training rows are the first 240 of the setting, the rest is held out. */
typedef struct grid {
    setting *s;
    atoms_rows *train, *held_out;
    atoms_train_opts train_opts;
    atoms_sweep_opts opts;
    atoms_sweep_cell cells[CELLS];
} grid;

grid grid_on(int32_t threads);
void grid_end(grid *g);

atoms_status sweep(grid *g);

/* The AIP of rows, to be destroyed. */
atoms_metric *metric_of(grid *g, atoms_rows *rows);

#endif
