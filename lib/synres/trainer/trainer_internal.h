/* A trainer: the plan (where which parameter lies, what is trained), the net (parameters, activations and gradients of one number type) and Adam's memory.
 * All parameters lie in one array: the rows of all projections as one matrix, then each tap's B, then what is no matrix:
 *   A_key, A_query, A_value, w_beta, w_decay, gates of taps | B of taps | b_beta, b_decay, gate biases | rate, κ | gains
 * so that a sequence is projected by one product, and Adam is one loop. */
#ifndef TRAINER_INTERNAL_H
#define TRAINER_INTERNAL_H

#include <synres/train.h>

#include "../../base/layout.h"
#include "../gates/gates_internal.h"

/* THREADS: so many at the most work on sequences; what they work in is there at create. ROWS: of a weight's gradient to a share. */
enum { SYNRESI_TRAIN_THREADS = 16, SYNRESI_TRAIN_ROWS = 32, SYNRESI_TRAIN_PIECE = 1024, SYNRESI_LAYER_ARRAYS = 11, SYNRESI_TAP_ARRAYS = 4,
       SYNRESI_ARRAYS = SYNRESI_LAYER_ARRAYS + SYNRESI_MAX_TAPS * SYNRESI_TAP_ARRAYS };

/* One array of the weights among the parameters. cols: of a matrix; 1: it is none. */
typedef struct synresi_range {
    int64_t offset, size, cols;
    bool present, trained;
} synresi_range;

typedef struct synresi_plan {
    synresi_layer layer;                    /* sizes and kinds; its arrays are not looked at */
    synres_train_options options;
    const synresi_lanes *lanes;
    synresi_range range[SYNRESI_ARRAYS];    /* by synresi_range_of */
    int64_t rows;                           /* of the projections */
    int64_t row_query, row_value, row_beta, row_decay, row_gate[SYNRESI_MAX_TAPS]; /* first rows; row_gate −1: no gate */
    int64_t vectors, count;                 /* where the matrices end; all parameters */
    int64_t width;                          /* heads·d_value */
    int64_t threads, every;                 /* benches; tokens between kept states */
    bool contextual, agrees;                /* signals that are needed */
    bool outside;
} synresi_plan;

static inline int synresi_range_of(int which, int64_t tap)
{
    return which < SYNRESI_LAYER_ARRAYS ? which : which + (int)tap * SYNRESI_TAP_ARRAYS;
}

/* The pointer of an array in the structs. */
const float **synresi_plan_field(synres_layer_weights *w, synres_tap_weights *tap, int which);
void synresi_plan_make(synresi_plan *plan, const synresi_layer *layer, const synres_train_options *options, const synresi_lanes *lanes);

#define REAL float
#define NAME(x) x##_f32
#include "net_declarations.inc"
#undef REAL
#undef NAME
#define REAL double
#define NAME(x) x##_f64
#include "net_declarations.inc"
#undef REAL
#undef NAME

/* How far a batch has come. It only rises until the next forward, so that a thread that comes late still sees what it needs. */
enum { SYNRESI_NOTHING = 0, SYNRESI_FORWARD = 1, SYNRESI_BACKWARD = 2, SYNRESI_GRADIENTS = 3 };

struct synres_trainer {
    base_memory memory;
    void *arrays;
    synresi_plan plan;
    synresi_net_f32 net;
    float *first, *second; /* moments */
    int64_t *steps;        /* of each piece of SYNRESI_TRAIN_PIECE parameters: its own, so that no thread waits for another to count */
    _Atomic int stage;
};

#endif
