/* Training of threshold-activated (JumpReLU) sparse autoencoders.
 *
 * On inputs u = s·x with s = 1/√E‖x‖² (computed once, stored, folded on snapshot):
 *   z = (u − b_dec) W_enc + b_enc,  f = z·1[z > θ],  û = f W_dec + b_dec
 *   loss = mean ‖u − û‖² + sparsity_weight·(L0/target_l0 − 1)²,  L0 the batch mean of Σ 1[z_i > θ_i]
 * where the gradient holds b_dec inside the encoder's input fixed,
 * with straight-through estimators of width `bandwidth` for θ (raw, never log θ), unit decoder rows (gradient projected, rows renormalised),
 * Adam, linear warm-up and decay. The gradient visits active and in-window latents only; it is the dense one, not an approximation.
 * Sources: arXiv 2407.14435 (JumpReLU, straight-through estimator), 2408.05147 (Gemma Scope, norms); docs/train.md has every constant.
 * Same seed, same build, same BLAS: the same bits for any number of threads and for a stopped and resumed run; and pushed or pulled, once
 * both were initialised from the same rows and get the same batches.
 */
#ifndef ATOMS_TRAIN_H
#define ATOMS_TRAIN_H

#include <atoms/rows.h>
#include <atoms/sae.h>

ATOMS_BEGIN

typedef struct atoms_trainer atoms_trainer;

typedef struct atoms_train_opts {
    uint32_t struct_size;
    int32_t reserved;
    int64_t width;            /* number of atoms; 0 (default): 8·d */
    int64_t steps;            /* default 1000 */
    int64_t batch;            /* rows a step; default 1024 */
    int64_t init_rows;        /* rows that the input scale, the mean and the thresholds are set from; default 65536 */
    uint64_t seed;            /* default 0 */
    double target_l0;         /* at most width; 0 (default): 64, or an eighth of the width where that is less (at least 1) */
    double sparsity_weight;   /* default 1 */
    double bandwidth;         /* of the straight-through window, in units of the scaled input (E‖u‖² = 1); default 0.01 */
    double learning_rate;     /* default 2e-3 */
    double warmup_fraction;   /* share of the steps in which the rate rises linearly from 0; default 0 */
    double decay_fraction;    /* share of the steps, at the end, in which it falls linearly; default 0.3 */
    double final_rate;        /* the decay ends at final_rate·learning_rate; default 0.02 */
    double beta1, beta2, epsilon; /* Adam; default 0.9, 0.999, 1e-8 */
    int64_t checkpoint_every; /* steps between checkpoints of atoms_trainer_run; 0 (default): none */
    const char *checkpoint_path; /* copied; replaced atomically each time */
} atoms_train_opts;

/* What a step measured, before its update. */
typedef struct atoms_train_stats {
    uint32_t struct_size;
    int32_t reserved;
    int64_t step;          /* 1 … steps; atoms_trainer_step may go beyond */
    int64_t steps;
    int64_t rows;          /* rows seen so far, this batch included */
    int64_t dead;          /* latents that fired on none of the last 1000 steps' rows, or so far */
    double loss;
    double mse;            /* mean ‖u − û‖², scaled units */
    double l0;
    double r2;             /* 1 − Σ‖u−û‖²/Σ‖u−ū‖² on this batch; NaN where its rows do not vary */
    double learning_rate;
} atoms_train_stats;

enum { ATOMS_TRAIN_DONE = 0, ATOMS_TRAIN_STOPPED = 1 };

typedef struct atoms_train_report {
    uint32_t struct_size;
    int32_t outcome;       /* ATOMS_TRAIN_DONE, or ATOMS_TRAIN_STOPPED by the callback */
    int64_t step;          /* steps done in all, those before a resume included */
    int64_t rows;
    int64_t dead;
    double input_scale;
    double loss, mse, l0, r2; /* of the last step of this run, as in its stats; NaN where it made none */
} atoms_train_report;

/* Called after each step; nonzero stops the run before the next one. */
typedef int32_t (*atoms_train_fn)(void *user, const atoms_train_stats *stats);

ATOMS_API ATOMS_NODISCARD atoms_status atoms_train_opts_init(atoms_train_opts *opts, size_t size);
ATOMS_API ATOMS_NODISCARD atoms_status atoms_train_stats_init(atoms_train_stats *stats, size_t size);
ATOMS_API ATOMS_NODISCARD atoms_status atoms_train_report_init(atoms_train_report *report, size_t size);

/* A trainer for inputs of d_in coordinates; opts NULL = defaults. Allocates the model, its two Adam moments and the buffers of one
 * batch. Errors: ARGUMENT (which option and value), OVERFLOW, MEMORY. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_trainer_create(atoms_context *context, int64_t d_in, const atoms_train_opts *opts,
                                                            atoms_trainer **out);
ATOMS_API void atoms_trainer_destroy(atoms_trainer *trainer);

/* Sets input scale, b_dec (mean), random unit decoder, encoder = decoderᵀ with a least-squares scale, and thresholds for
 * L0 = 2·target_l0, from up to init_rows of `rows`. run and step call it on the first rows they get if nobody has. Errors: STATE
 * (already done), SHAPE, ARGUMENT (all rows zero, or too small or large for f32), OVERFLOW, MEMORY, and those of reading rows; it can be
 * tried again. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_trainer_initialize(atoms_trainer *trainer, atoms_rows *rows);

/* Trains until opts.steps is reached or the callback (may be NULL) stops. Rows are visited in a seeded order computed from the
 * step number: each epoch is one permutation of all rows; the rest of an epoch smaller than a batch is left out. May be
 * called again to go on. report may be NULL. Errors: ARGUMENT (as initialize), SHAPE (width; fewer rows than a batch), NUMERIC (training
 * diverged), MEMORY, OVERFLOW (too many active latents in a batch), those of reading rows (NOT_FINITE, IO, FORMAT, CANCELLED) and of
 * writing a checkpoint; the trainer stays usable and at the last whole step. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_trainer_run(atoms_trainer *trainer, atoms_rows *rows, atoms_train_fn progress, void *user,
                                                         atoms_train_report *report);

/* One step on a batch of the caller's (1 ≤ rows ≤ opts.batch, any float dtype). stats may be NULL. The same arithmetic as run; steps
 * beyond opts.steps are taken at the final rate. Errors: ARGUMENT (as initialize), SHAPE, DTYPE, NOT_FINITE, NUMERIC, MEMORY, OVERFLOW: as run.
 * Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_trainer_step(atoms_trainer *trainer, const atoms_matrix *batch, atoms_train_stats *stats);

/* The model so far as an SAE on raw inputs: the scale is folded so that decoder rows keep length 1 and latents are in input units.
 * Errors: ARGUMENT, STATE (no rows seen yet), NOT_FINITE (a model that diverged), MEMORY. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_trainer_snapshot(const atoms_trainer *trainer, atoms_sae **out);

/* All state in one safetensors file, written atomically; a trainer made from it goes on bit for bit, given the same rows in the same order
 * (which it cannot check), and where the first wrote checkpoints so does this one, to the path it was loaded from. `context` may have
 * other threads than the first. Errors: as tensorfile.h; FORMAT for a file that is damaged (checksummed) or not a checkpoint; NUMERIC,
 * and nothing written, for a model that diverged. A file from a stranger can ask for a large batch: give its context a memory cap.
 * Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_trainer_save(const atoms_trainer *trainer, const char *path);
ATOMS_API ATOMS_NODISCARD atoms_status atoms_trainer_load(atoms_context *context, const char *path, atoms_trainer **out);

/* What the trainer was made with (checkpoint_path: the trainer's) and how far it is. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_trainer_opts(const atoms_trainer *trainer, atoms_train_opts *opts);
ATOMS_API int64_t atoms_trainer_steps_done(const atoms_trainer *trainer);

/* Where atoms_trainer_run writes checkpoints from now on: every `every` steps (0: never) to `path`, which is copied.
 * Errors: ARGUMENT (steps without a path; negative), MEMORY. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_trainer_checkpoint(atoms_trainer *trainer, const char *path, int64_t every);

ATOMS_END

#endif
