/* The figures by which a candidate is judged: faithfulness R², stability q*, and what stands beside them; and the controls.
 * Definitions: docs/evaluate.md. All sums are f64 and streamed; same bits for any number of threads.
 */
#ifndef ATOMS_EVALUATE_H
#define ATOMS_EVALUATE_H

#include <atoms/metric.h>
#include <atoms/rows.h>
#include <atoms/sae.h>

ATOMS_BEGIN

enum { ATOMS_DENSITY_BINS = 10 };

/* Figures on one set of rows. A figure that cannot be computed is NaN; docs/evaluate.md says when that is. */
typedef struct atoms_figures {
    uint32_t struct_size;
    int32_t reserved;
    int64_t rows;
    double r2;              /* 1 − Σ‖x−x̂‖²/Σ‖x−x̄‖², x̄ the mean of these rows */
    double aip_r2;          /* the same with both sums in the AIP's norm */
    double mse;             /* mean over rows of ‖x−x̂‖² (summed over coordinates) */
    double cosine;          /* mean of cos(x, x̂) over rows where both are non-zero */
    double norm_ratio;      /* mean of ‖x̂‖/‖x‖ over rows where x is non-zero */
    double l0_mean, l0_p50, l0_p90, l0_p99, l0_max;
    double dead_fraction;   /* latents that fire on none of these rows */
    double dense_fraction;  /* latents that fire on more than 10 % of them */
    double q_star;          /* stability in the AIP, atoms that fire in sample */
    double q_star_all;      /* in the AIP, all atoms */
    double q_star_euclidean;/* Euclidean, atoms that fire in sample */
    double mu;              /* coherence in the AIP, atoms that fire in sample */
    double mu_euclidean;
    int64_t density[ATOMS_DENSITY_BINS]; /* latents by firing rate f: [0] never; [1] f < 1e-5; [2] < 1e-4; [3] < 1e-3; [4] < 1e-2;
                                            [5] < 0.1; [6] < 0.25; [7] < 0.5; [8] < 1; [9] always */
} atoms_figures;

typedef struct atoms_evaluate_opts {
    uint32_t struct_size;
    int32_t reserved;
    uint64_t seed;              /* of the controls `random`, `shuffled` and `features`; default 0 */
    const atoms_metric *metric; /* the AIP; NULL (default): figures in the AIP are NaN */
    int64_t features_steps;     /* what the control `features` is trained for; 0 (default): as its recipe has it, 1000 steps */
    int64_t features_batch;     /* of so many rows, or all where there are fewer; 0 (default): 1024 */
} atoms_evaluate_opts;

ATOMS_API ATOMS_NODISCARD atoms_status atoms_figures_init(atoms_figures *figures, size_t size);
ATOMS_API ATOMS_NODISCARD atoms_status atoms_evaluate_opts_init(atoms_evaluate_opts *opts, size_t size);

/* Figures of an SAE on `rows` (held out), and on `train` (in sample) where it is given. "Fires in sample" means on `train`, else on
 * `rows`. train and in_sample go together, or are NULL. Errors: ARGUMENT, SHAPE, OVERFLOW, MEMORY, and those of reading rows: NOT_FINITE,
 * IO, FORMAT, CANCELLED. Allocates. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_evaluate(atoms_context *context, const atoms_sae *sae, const atoms_evaluate_opts *opts,
                                                      atoms_rows *train, atoms_rows *rows, atoms_figures *in_sample, atoms_figures *held_out);

/* The controls that every figure is shown beside. Pinned for ever.
 *   NEURONS    the identity dictionary, every coordinate active
 *   RANDOM     as many unit atoms as the SAE has, drawn in the AIP's space; encoder S d/‖d‖²_S on x − mean, one common threshold that
 *              gives the SAE's in-sample L0; one least-squares scale; bias = mean
 *   SHUFFLED   the SAE itself, on rows whose coordinates were permuted independently per column
 *   MEMORISER  min(d_sae, N) training rows as atoms in the AIP's space; fires where the cosine is > .999, value = projection;
 *              in sample means on those rows
 *   FEATURES   a ReLU + L1 SAE as wide as the SAE, trained by the recipe `features`; of one that is there already the figures are
 *              atoms_evaluate's                                                                                          */
enum {
    ATOMS_CONTROL_NEURONS = 1,
    ATOMS_CONTROL_RANDOM = 2,
    ATOMS_CONTROL_SHUFFLED = 3,
    ATOMS_CONTROL_MEMORISER = 4,
    ATOMS_CONTROL_FEATURES = 5
};

/* Figures of a control built to match `sae`. The constructions use `train`, else `rows`. RANDOM and MEMORISER need opts->metric:
 * ARGUMENT without it. FEATURES takes as long as a training, and has its errors (train.h). Otherwise as atoms_evaluate. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_evaluate_control(atoms_context *context, int32_t control, const atoms_sae *sae,
                                                              const atoms_evaluate_opts *opts, atoms_rows *train, atoms_rows *rows,
                                                              atoms_figures *in_sample, atoms_figures *held_out);

ATOMS_END

#endif
