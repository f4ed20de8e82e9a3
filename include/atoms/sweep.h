/* A grid of models, data size × width: how faithful and how stable they are in sample and held out, at each number of training rows and of
 * atoms. The diagram that tells learning from remembering: in sample R² nears 1 wherever the width matches the rows.
 * Source: the scaling experiment of "Towards Atoms of Large Language Models" (arXiv 2509.20784); docs/sweep.md.
 */
#ifndef ATOMS_SWEEP_H
#define ATOMS_SWEEP_H

#include <atoms/metric.h>
#include <atoms/rows.h>
#include <atoms/sae.h>
#include <atoms/train.h>

ATOMS_BEGIN

/* One model and its figures, as evaluate.h defines them: _in on its own training rows, _out on the held-out rows. Figures in the AIP are
 * NaN where has_metric is 0. The memoriser is the look-up table of the first min(width, rows) rows (ATOMS_CONTROL_MEMORISER): its
 * figures are NaN too where it was left out or those rows are zeros. */
typedef struct atoms_sweep_cell {
    uint32_t struct_size;
    int32_t has_metric; /* 1: there is an AIP; 0: the rows span too little to have one */
    int64_t rows, width, steps;
    double r2_in, r2_out;
    double aip_r2_in, aip_r2_out;
    double q_star_in, q_star_out;
    double q_star_all_in, q_star_all_out;
    double q_star_euclidean_in, q_star_euclidean_out;
    double l0_in, l0_out;     /* mean */
    double dead_in, dead_out; /* fraction */
    double memoriser_r2_in, memoriser_r2_out;
    double memoriser_q_star_in, memoriser_q_star_out;
} atoms_sweep_cell;

/* Where a sweep is. A step trains all widths of one size on one batch. */
typedef struct atoms_sweep_progress {
    uint32_t struct_size;
    int32_t reserved;
    int64_t rows;        /* the size at hand */
    int64_t step, steps; /* of that size */
    int64_t done, total; /* steps of all sizes */
    const atoms_sweep_cell *cell; /* a cell that has just been finished; NULL: a step has */
    const atoms_sae *sae;         /* its model, the library's, valid until the callback returns; or NULL */
} atoms_sweep_progress;

/* Called after each step and for each finished cell; nonzero ends the sweep. */
typedef int32_t (*atoms_sweep_fn)(void *user, const atoms_sweep_progress *progress);

typedef struct atoms_sweep_opts {
    uint32_t struct_size;
    int32_t memoriser;          /* 1 (default): the memoriser's figures too; 0: not */
    int32_t aip;                /* 1: each cell trains on rows whitened by its AIP (AIP mode, train.h); 0 (default): as `train` says */
    int32_t reserved;
    const int64_t *sizes;       /* numbers of training rows: each takes the first so many */
    int64_t sizes_count;
    const int64_t *widths;      /* numbers of atoms */
    int64_t widths_count;
    double epochs;              /* 0 (default): as many steps for every cell, the train option's; else passes over the cell's own rows */
    const atoms_metric *metric; /* one AIP for all cells; NULL (default): that of each cell's own rows, uncentred, γ = 0 */
    atoms_sweep_fn progress;    /* NULL (default): none */
    void *user;
} atoms_sweep_opts;

ATOMS_API ATOMS_NODISCARD atoms_status atoms_sweep_cell_init(atoms_sweep_cell *cell, size_t size);
ATOMS_API ATOMS_NODISCARD atoms_status atoms_sweep_opts_init(atoms_sweep_opts *opts, size_t size);

/* Trains and judges all cells; cells[i·widths_count + j] is of size i and width j. cells[0] must be initialised: its struct_size is that of
 * every element. train NULL = defaults; its width is replaced, a batch larger than a size is cut to it, checkpoints are refused.
 * Each batch is read once and feeds the trainers of all widths; every model has the bits of atoms_trainer_run with its options on its
 * rows. Holds the trainers of all widths of one size at a time. Same bits for any number of threads. All rows handles must be made from
 * `context`. Errors: ARGUMENT, SHAPE, RANK (opts.aip, and a size whose rows span too little), CANCELLED (by the callback, which has been
 * shown the cells finished so far), those of training (NUMERIC, OVERFLOW), with rows and width in the detail, and of reading rows; MEMORY.
 * On any of them cells is untouched. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_sweep(atoms_context *context, atoms_rows *train_rows, atoms_rows *held_out,
                                                   const atoms_train_opts *train, const atoms_sweep_opts *opts, atoms_sweep_cell *cells);

ATOMS_END

#endif
