/* Training one layer: the exact gradient through taps, reads, updates, gates, thresholds, traces and projections, and Adam.
 *
 *   synres_trainer_forward    y += what the layer says            threads share out sequences
 *   synres_trainer_backward   from ∂L/∂y, ∂L/∂x                   threads share out sequences
 *   synres_trainer_gradients  ∂L/∂ every parameter, all tokens    threads share out parameters
 *   synres_trainer_step       clipped, Adam                       threads share out parameters
 *
 * The loss is the host's: it turns y into ∂L/∂y. All nth threads make each call, and meet between two of them. The bits do not depend on nth.
 * None allocates. One gradient is cut: through S_b, the state of the last block boundary that agreement looks at, nothing flows back (through the key and
 * the value that it is compared with, it does). Formulas: docs/synres/trainer.md.
 */
#ifndef SYNRES_TRAIN_H
#define SYNRES_TRAIN_H

#include <synres/model.h>

SYNRES_BEGIN

/* One layer's parameters, with what Adam remembers of them, and the activations of one batch at a time. */
typedef struct synres_trainer synres_trainer;

/* What is not to be trained. Frozen κ that are all 0 cost nothing: relevance is not computed. Pinned for ever. */
enum {
    SYNRES_TRAIN_FREEZE_KAPPA = 1,       /* kappa_beta, kappa_decay, kappa_agreement */
    SYNRES_TRAIN_FREEZE_GATES = 2,       /* w_beta, b_beta, w_decay, b_decay, rate */
    SYNRES_TRAIN_FREEZE_PROJECTIONS = 4, /* A_key, A_query, A_value */
    SYNRES_TRAIN_FREEZE_TAPS = 8         /* B, gain, gate, gate_bias */
};

/* The arrays of synres_layer_weights, and from SYNRES_PARAMETER_B on of synres_tap_weights. Pinned for ever. */
enum {
    SYNRES_PARAMETER_A_KEY = 0,
    SYNRES_PARAMETER_A_QUERY = 1,
    SYNRES_PARAMETER_A_VALUE = 2,
    SYNRES_PARAMETER_W_BETA = 3,
    SYNRES_PARAMETER_B_BETA = 4,
    SYNRES_PARAMETER_W_DECAY = 5,
    SYNRES_PARAMETER_B_DECAY = 6,
    SYNRES_PARAMETER_RATE = 7,
    SYNRES_PARAMETER_KAPPA_BETA = 8,
    SYNRES_PARAMETER_KAPPA_DECAY = 9,
    SYNRES_PARAMETER_KAPPA_AGREEMENT = 10,
    SYNRES_PARAMETER_B = 11,
    SYNRES_PARAMETER_GAIN = 12,
    SYNRES_PARAMETER_GATE = 13,
    SYNRES_PARAMETER_GATE_BIAS = 14
};

typedef struct synres_train_options {
    uint32_t struct_size;
    int32_t flags;        /* SYNRES_TRAIN_FREEZE_…; default 0 */
    int64_t sequences;    /* of the largest batch; default 1 */
    int64_t tokens;       /* of its longest sequence; default 64 */
    double learning_rate; /* default 1e-3 */
    double beta1;         /* default 0.9 */
    double beta2;         /* default 0.999 */
    double epsilon;       /* default 1e-8 */
    double weight_decay;  /* decoupled (AdamW), of matrices only; default 0 */
    double clip;          /* the gradient of all that is trained is scaled down to this length; 0 = not; default 1 */
} synres_train_options;

SYNRES_API SYNRES_NODISCARD synres_status synres_train_options_init(synres_train_options *options, size_t size);

/* Starts from these weights. What is NULL there stays absent and is not trained: give zeros (a gain: ones) to train it. Errors: those of
 * synres_model_create; UNSUPPORTED: a radius, a tap with a cap, a relevance of the host's own (they have no derivative here), unknown flags; ARGUMENT, SHAPE,
 * OVERFLOW: options. Then the host's words say what. options NULL: the defaults. Allocates. Since 0.1. */
SYNRES_API SYNRES_NODISCARD synres_status synres_trainer_create(const synres_host *host, const synres_layer_weights *weights,
                                                                const synres_train_options *options, synres_trainer **out);

/* x: sequences × tokens × d_in, packed; must stay until synres_trainer_gradients. y[tap]: sequences × tokens × d_out, packed, added to; NULL: not wanted.
 * Each sequence starts from an empty state. Errors: ARGUMENT, SHAPE, NOT_FINITE: x, on all threads, nothing was added; or, on the thread that met it,
 * what became of x: then backward and gradients refuse as well. Since 0.1. */
SYNRES_API SYNRES_NODISCARD synres_status synres_trainer_forward(synres_trainer *trainer, const float *x, int64_t sequences, int64_t tokens, float *const *y,
                                                                 int32_t ith, int32_t nth);

/* dy[tap] = ∂L/∂y of the last forward (NULL: 0); must stay until synres_trainer_gradients. dx (as x; NULL: not wanted) += ∂L/∂x.
 * Errors: ARGUMENT, STATE (no forward before), NOT_FINITE: as above. Since 0.1. */
SYNRES_API SYNRES_NODISCARD synres_status synres_trainer_backward(synres_trainer *trainer, const float *const *dy, float *dx, int32_t ith, int32_t nth);

/* ∂L/∂ the parameters, summed over the batch, in place of the last one. Errors: ARGUMENT, STATE (no backward before), NOT_FINITE. Since 0.1. */
SYNRES_API SYNRES_NODISCARD synres_status synres_trainer_gradients(synres_trainer *trainer, int32_t ith, int32_t nth);

/* One step of Adam at learning_rate·learning_rate_scale (≥ 0: a schedule's factor). `rate` stays ≥ 0. Errors, with every parameter as it was: ARGUMENT,
 * STATE (no gradients before), NOT_FINITE (a gradient). Since 0.1. */
SYNRES_API SYNRES_NODISCARD synres_status synres_trainer_step(synres_trainer *trainer, double learning_rate_scale, int32_t ith, int32_t nth);

/* The layer as it stands, as a model of its own: to run, to save. Errors: as synres_model_create. Allocates. Since 0.1. */
SYNRES_API SYNRES_NODISCARD synres_status synres_trainer_model(const synres_trainer *trainer, const synres_host *host, synres_model **out);

/* Where one array and its gradient are, laid out as in the weights; `tap` matters from SYNRES_PARAMETER_B on. For hosts with an optimiser of their own: what
 * they write there holds from the next forward on. The gradient of what is frozen is 0. Errors: ARGUMENT, NOT_FOUND (no such tap, or absent). Since 0.1. */
SYNRES_API SYNRES_NODISCARD synres_status synres_trainer_parameter(synres_trainer *trainer, int32_t which, int64_t tap, float **values, int64_t *size);
SYNRES_API SYNRES_NODISCARD synres_status synres_trainer_gradient(const synres_trainer *trainer, int32_t which, int64_t tap, const float **values,
                                                                  int64_t *size);

SYNRES_API void synres_trainer_destroy(synres_trainer *trainer);

SYNRES_END

#endif
