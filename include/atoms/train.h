/* Training of threshold-activated (JumpReLU) sparse autoencoders.
 *
 * On inputs u = s·W x, with the scale s such that E‖u‖² is 1 or d (computed once, stored, folded on snapshot) and W = I, or the whitening
 * root of a metric (AIP mode), and p = b_dec or 0:
 *   z = (u − p) W_enc + b_enc,  f = z·1[z > θ],  û = f W_dec + b_dec,  loss = mean ‖u − û‖² + the sparsity term
 * with straight-through estimators of width `bandwidth` for θ (raw, never log θ). The gradient visits active and in-window latents only;
 * it is the dense one, not an approximation, and holds p fixed. What differs between the published recipes are options, not code:
 * atoms_train_opts_recipe sets them all by the recipe's name. docs/training.md says what each is for and has every constant.
 * Sources: arXiv 2407.14435 (JumpReLU, straight-through estimator), 2408.05147 (Gemma Scope), the Transformer Circuits update of January 2025.
 * Same seed, same build, same BLAS: the same bits for any number of threads and for a stopped and resumed run; and pushed or pulled, once
 * both were initialised from the same rows and get the same batches.
 */
#ifndef ATOMS_TRAIN_H
#define ATOMS_TRAIN_H

#include <atoms/metric.h>
#include <atoms/rows.h>
#include <atoms/sae.h>

ATOMS_BEGIN

typedef struct atoms_trainer atoms_trainer;

/* JumpReLU: a threshold θ ≥ 0 a latent, trained. ReLU: θ = 0, fixed. Here and below: pinned for ever. */
enum { ATOMS_ACTIVATION_JUMPRELU = 0, ATOMS_ACTIVATION_RELU = 1 };

/* The sparsity term; λ is sparsity_weight times its warm-up, ‖d_i‖ the length of decoder row i, means are over the batch.
 * TARGET_L0: λ (L0/target_l0 − 1)².  STEP: λ·L0.  L1: λ mean Σ f_i ‖d_i‖.
 * TANH: λ mean Σ tanh(tanh_scale·f_i ‖d_i‖) + preactivation_weight·mean Σ max(θ_i − z_i, 0) ‖d_i‖. */
enum { ATOMS_SPARSITY_TARGET_L0 = 0, ATOMS_SPARSITY_STEP = 1, ATOMS_SPARSITY_TANH = 2, ATOMS_SPARSITY_L1 = 3 };

/* UNIT: decoder rows have length 1 (gradient projected, rows renormalised). FREE: they have not. */
enum { ATOMS_DECODER_UNIT = 0, ATOMS_DECODER_FREE = 1 };

/* Whether E‖u‖² is 1 or d. Bandwidth, rates and weights mean something else in the other: never carry them over. */
enum { ATOMS_INPUT_NORM_ONE = 0, ATOMS_INPUT_NORM_ROOT_DIM = 1 };

/* Where decoder rows start: random directions, or those of rows of the data (their residual from the mean),
 * drawn from all rows, whatever init_rows is. */
enum { ATOMS_START_RANDOM = 0, ATOMS_START_ROWS = 1 };

/* The rise of the learning rate: in a straight line, or along half a cosine. */
enum { ATOMS_WARMUP_LINEAR = 0, ATOMS_WARMUP_COSINE = 1 };

typedef struct atoms_train_opts {
    uint32_t struct_size;
    int32_t activation;       /* ATOMS_ACTIVATION_… */
    int32_t sparsity;         /* ATOMS_SPARSITY_… */
    int32_t decoder;          /* ATOMS_DECODER_… */
    int32_t input_norm;       /* ATOMS_INPUT_NORM_… */
    int32_t start;            /* ATOMS_START_… */
    int32_t warmup;           /* ATOMS_WARMUP_… */
    int32_t subtract_b_dec;   /* 1 (default): p = b_dec, 0: p = 0 */
    int32_t input_gradient;   /* 1: the estimator reaches z too: what θ gets through the window, z gets with the other sign; default 0 */
    int32_t data_bias;        /* 1: b_enc starts such that all latents fire equally often; 0 (default): b_enc = 0, one threshold for all */
    int64_t width;            /* number of atoms; 0 (default): 8·d */
    int64_t steps;            /* default 1000 */
    int64_t batch;            /* rows a step; default 1024 */
    int64_t init_rows;        /* rows that the input scale, the mean and the thresholds are set from; default 65536 */
    uint64_t seed;            /* default 0 */
    double target_l0;         /* at most width; 0 (default): 64, or an eighth of the width where that is less (at least 1) */
    double start_l0;          /* what L0 is before the first step, at most width; 0 (default): 2·target_l0 */
    double start_threshold;   /* what every θ is then; 0 (default): what start_l0 asks for */
    double sparsity_weight;   /* default 1 */
    double sparsity_warmup;   /* share of the steps in which λ rises linearly from 0; default 0 */
    int64_t sparsity_warmup_most; /* and at most so many; 0 (default): no such limit */
    double tanh_scale, preactivation_weight; /* of ATOMS_SPARSITY_TANH; default 4 and 0 */
    double bandwidth;         /* of the straight-through window, in units of the scaled input; default 0.01 */
    double learning_rate;     /* default 2e-3 */
    double threshold_rate;    /* the thresholds' own rate is threshold_rate·learning_rate; default 1 */
    double warmup_fraction;   /* share of the steps in which the rate rises; default 0 */
    int64_t warmup_most;      /* and at most so many; 0 (default): no such limit */
    double warmup_start;      /* it rises from warmup_start·learning_rate; default 0 */
    double decay_fraction;    /* share of the steps, at the end, in which it falls linearly; default 0.3 */
    double final_rate;        /* the decay ends at final_rate·learning_rate; default 0.02 */
    double beta1, beta2, epsilon; /* Adam; default 0.9, 0.95, 1e-8 */
    double clip_norm;         /* the whole gradient, once projected, is scaled down to this length; 0 (default): not */
    int64_t dead_steps;       /* a latent that fired on none of so many steps' rows counts as dead; 0 (default): an eighth of the steps, from 25 to 1000 */
    int64_t revive_every;     /* steps between revivals of dead latents, until the rate decays; 0 (default): half of dead_steps; -1: never */
    const atoms_metric *metric; /* not NULL: AIP mode, trains on rows whitened by its symmetric root, which is copied */
    int64_t checkpoint_every; /* steps between checkpoints of atoms_trainer_run; 0 (default): none */
    const char *checkpoint_path; /* copied; replaced atomically each time */
} atoms_train_opts;

/* What a step measured, before its update. */
typedef struct atoms_train_stats {
    uint32_t struct_size;
    int32_t reserved;
    int64_t step;          /* 1 … steps; atoms_trainer_step may go beyond */
    int64_t steps;
    int64_t rows;          /* rows seen so far, by all processes, this batch included */
    int64_t dead;          /* latents that fired on none of the last dead_steps steps' rows, or so far */
    int64_t revived;       /* latents revived so far */
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

/* Every option as a published recipe has it: "target-l0" (the defaults), "gemma" (Gemma Scope), "anthropic" (January 2025) or "features"
 * (ReLU + L1, the baseline). Fields may be changed afterwards. Errors: ARGUMENT (no such recipe; opts too small). Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_train_opts_recipe(atoms_train_opts *opts, size_t size, const char *name);

ATOMS_API ATOMS_NODISCARD atoms_status atoms_train_stats_init(atoms_train_stats *stats, size_t size);
ATOMS_API ATOMS_NODISCARD atoms_status atoms_train_report_init(atoms_train_report *report, size_t size);

/* A trainer for inputs of d_in coordinates; opts NULL = defaults. Allocates the model, its two Adam moments and the buffers of one
 * batch; with clip_norm the gradient too. Errors: ARGUMENT (which option and value), SHAPE (a metric of another dimension), OVERFLOW,
 * MEMORY. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_trainer_create(atoms_context *context, int64_t d_in, const atoms_train_opts *opts,
                                                            atoms_trainer **out);
ATOMS_API void atoms_trainer_destroy(atoms_trainer *trainer);

/* Sets input scale, b_dec (mean), decoder, encoder = decoderᵀ with a least-squares scale, and thresholds or b_enc for start_l0, from up to
 * init_rows of `rows`. run and step call it on the first rows they get if nobody has. Errors: STATE
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

/* Several processes train one model, each on its own rows: `reduce` adds `count` numbers (f32 or f64 by dtype) over all processes, in place,
 * so that all hold the same sum. A step calls it twice: with what the batch measured (its rows and L0 among that: the quadratic term
 * needs the L0 of all before its multiplier), then with the gradient. It is also called while initialising and reviving. All processes use the
 * same options and take steps together; where it adds in a fixed order the model is the same bits in each, and from run to run.
 * Nonzero fails the step with CANCELLED, the model as before. A process that fails by itself (memory, a bad row) does not come to the hook, so
 * the others wait in it: see that it fails there too. */
typedef int32_t (*atoms_reduce_fn)(void *user, void *values, int64_t count, int32_t dtype);

/* Sets the hook (NULL: none): before anything else, so that all start alike, and again after a load, since a checkpoint does not hold it. Allocates the gradient,
 * as clip_norm does, and with revive_every as much again. Errors: ARGUMENT, MEMORY. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_trainer_reduce(atoms_trainer *trainer, atoms_reduce_fn reduce, void *user);

/* The model so far as an SAE on raw inputs: scale, whitening and decoder lengths are folded, so that decoder rows have length 1 and
 * latents are in input units.
 * Errors: ARGUMENT, STATE (no rows seen yet), NOT_FINITE (a model that diverged), MEMORY. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_trainer_snapshot(const atoms_trainer *trainer, atoms_sae **out);

/* All state in one safetensors file, written atomically; a trainer made from it goes on bit for bit, given the same rows in the same order
 * (which it cannot check), and where the first wrote checkpoints so does this one, to the path it was loaded from. `context` may have
 * other threads than the first. Errors: as tensorfile.h; FORMAT for a file that is damaged (checksummed) or not a checkpoint; NUMERIC,
 * and nothing written, for a model that diverged. A file from a stranger can ask for a large batch: give its context a memory cap.
 * Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_trainer_save(const atoms_trainer *trainer, const char *path);
ATOMS_API ATOMS_NODISCARD atoms_status atoms_trainer_load(atoms_context *context, const char *path, atoms_trainer **out);

/* What the trainer was made with, zeros replaced by what they stand for. checkpoint_path is the trainer's; metric is NULL, since the trainer
 * has its root alone: atoms_trainer_whitens says whether it has one. Errors: ARGUMENT. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_trainer_opts(const atoms_trainer *trainer, atoms_train_opts *opts);

/* The number of coordinates of its rows, the steps done so far, and 1 in AIP mode. 0 for NULL. Since 0.1. */
ATOMS_API int64_t atoms_trainer_dim(const atoms_trainer *trainer);
ATOMS_API int64_t atoms_trainer_steps_done(const atoms_trainer *trainer);
ATOMS_API int32_t atoms_trainer_whitens(const atoms_trainer *trainer);

/* Where atoms_trainer_run writes checkpoints from now on: every `every` steps (0: never) to `path`, which is copied.
 * Errors: ARGUMENT (steps without a path; negative), MEMORY. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_trainer_checkpoint(atoms_trainer *trainer, const char *path, int64_t every);

ATOMS_END

#endif
