/* The trainer from inside: its state, and the passes that a step is made of. Tests call the passes one by one.
 *
 * A step: place (u = s·W x, c = u − p) → forward (events: the latents at or near their threshold) → errors (û − u) → transpose (events by
 * latent) → measure (loss and what the gradient needs of it) → update (gradient and Adam of each latent, then b_dec) → revive.
 * Up to measure only scratch is written, so a step that fails there leaves the model as it was.
 */
#ifndef ATOMSI_TRAIN_H
#define ATOMSI_TRAIN_H

#include <atoms/train.h>

#include "../context/context_internal.h"

/* The trained arrays. Each has its two Adam moments. */
enum { PART_ENCODER, PART_DECODER, PART_B_ENC, PART_THRESHOLD, PART_B_DEC, PART_COUNT };

typedef struct train_part {
    const char *name; /* as in a checkpoint */
    int64_t rows, cols;
    float *value, *first, *second; /* parameter, Adam's m and v; rows × cols each */
} train_part;

enum {
    ROW_BLOCK = 1024,         /* rows of a forward tile; pieces of work are cut by these, never by the number of threads */
    LATENT_BLOCK_MOST = 1152, /* latents of a forward tile: train_events has how many they are */
    ERROR_ROWS = 32,          /* rows of a piece of the error pass */
    UPDATE_LATENTS = 32       /* latents of a piece of the update pass */
};

/* Events of a batch: pairs (row, latent) with z > θ − bandwidth/2, that is, active or in the window. Those of one forward tile
 * (a region) lie together, by row and rising latent; every region has room for `capacity`. */
typedef struct train_events {
    int64_t row_blocks, latent_blocks; /* of the largest batch */
    int64_t block;                     /* latents of a latent block, the last one aside */
    int64_t capacity;
    int32_t *latent;
    float *z;
    int32_t *row_start;          /* region × (ROW_BLOCK + 1) */
    int64_t *active;             /* per region: how many are above θ */
    int64_t *wanted;             /* per region: how many there were, even where they did not fit */
    int32_t *column_start;       /* latent block × (block + 1): into column_*, from the latent block's own base */
    int32_t *column_row;         /* per event, by latent and rising row */
    float *column_z;
} train_events;

/* The sums of a batch that the loss is made of; with a reduce hook those of all processes. Column sums of error and c (d each) follow. */
enum { SUM_ROWS, SUM_ACTIVE, SUM_SQUARED_ERROR, SUM_SQUARED_INPUT, SUM_SPARSITY, SUM_COLUMNS };

/* Gradient of the loss with respect to one latent's encoder and decoder row, bias and threshold, and on how many rows it fired. */
typedef struct latent_gradient {
    float *encoder, *decoder; /* d each */
    float *rest;              /* GRADIENT_REST */
} latent_gradient;

enum { GRADIENT_B_ENC, GRADIENT_THRESHOLD, GRADIENT_FIRED, GRADIENT_REST };

/* The roots of the metric that the rows are whitened with, d × d; both NULL where they are not. */
typedef struct train_whitening {
    double *forth, *back;
    float *narrow; /* forth */
} train_whitening;

struct atoms_trainer {
    atoms_context *context;
    int64_t d, width;
    atoms_train_opts opts;
    char *checkpoint_path;
    atoms_reduce_fn reduce;
    void *reduce_user;
    train_part parts[PART_COUNT];
    train_whitening whitening;
    int64_t *last_fired;         /* per latent: the step it last fired or was revived in, 0 = never */
    int64_t step, rows_seen, revived;
    int32_t initialised;
    double input_scale;

    /* Scratch of a batch; nothing here outlives a step. */
    int64_t rows;                /* in this batch */
    int64_t *order;              /* row numbers of the batch */
    float *input;                /* batch × d: x as read, then c */
    float *error;                /* batch × d: û − u */
    float *level;                /* width: θ − bandwidth/2 */
    float *tiles;                /* per worker: train_tile_size pre-activations */
    float *latent_gradients;     /* per worker: train_update_room */
    float *gradient;             /* the whole gradient, latent by latent, then b_dec's; NULL where nobody needs it at once */
    int64_t *drawn;              /* width: rows of the batch that dead latents start anew from */
    float *places;               /* width × 2·d: the same, added over processes; NULL without a reduce hook or without revival */
    float *input_total;          /* d: Σ c over this process's rows */
    double *row_sums;            /* per piece of the error pass: the sums from SUM_SQUARED_ERROR on */
    double *row_errors;          /* batch */
    double *latent_sums;         /* per piece of the update pass: one number */
    double *sums;                /* SUM_… and the columns */
    train_events events;
};

static inline int64_t train_sum_count(const atoms_trainer *t)
{
    return SUM_COLUMNS + 2 * t->d;
}

static inline int64_t train_gradient_size(const atoms_trainer *t)
{
    return 2 * t->d + GRADIENT_REST;
}

static inline int64_t train_region(const train_events *e, int64_t row_block, int64_t latent_block)
{
    return row_block * e->latent_blocks + latent_block;
}

static inline int64_t train_tile_size(const train_events *e)
{
    return ROW_BLOCK * e->block;
}

/* Latents of latent block number `block`. */
static inline int64_t train_block_latents(const atoms_trainer *t, int64_t block)
{
    return base_min_i64(t->events.block, t->width - block * t->events.block);
}

/* Row blocks of the batch at hand. */
static inline int64_t train_row_blocks(const atoms_trainer *t)
{
    return base_blocks(t->rows, ROW_BLOCK);
}

static inline latent_gradient train_gradient_at(const atoms_trainer *t, float *place)
{
    return (latent_gradient){.encoder = place, .decoder = place + t->d, .rest = place + 2 * t->d};
}

/* Room that the update needs for each worker: gradients of a piece of latents, and what the dense sums are made of. */
static inline int64_t train_update_room(const atoms_trainer *t)
{
    return UPDATE_LATENTS * (train_gradient_size(t) + 3 * t->opts.batch);
}

/* The events of one latent: column_row and column_z from `first` on; those of the next latents follow, in_block up to the block's end. */
typedef struct latent_events {
    int64_t first, count, in_block;
} latent_events;

static inline latent_events train_latent_events(const train_events *e, int64_t latent)
{
    int64_t block = latent / e->block, own = latent % e->block;
    const int32_t *start = e->column_start + block * (e->block + 1);
    return (latent_events){block * e->row_blocks * e->capacity + start[own], start[own + 1] - start[own], start[e->block] - start[own]};
}

const atoms_train_opts *atomsi_train_defaults(void);

/* Defaults overlaid with the caller's, every value judged. */
atoms_status atomsi_train_read_opts(atoms_context *context, int64_t d_in, const atoms_train_opts *opts, atoms_train_opts *out);

/* Learning rate and weight of the sparsity term at step 1, 2, … . */
double atomsi_learning_rate(const atoms_train_opts *opts, int64_t step);
double atomsi_sparsity_weight(const atoms_train_opts *opts, int64_t step);
/* Whether the rate is in its final decay. */
int atomsi_rate_decays(const atoms_train_opts *opts, int64_t step);

/* Rows first … first + count − 1 (count ≤ batch) of what initialisation looks at, whitened, into input. ANY: all rows in their order where there
 * are no more than init_rows, else as SHUFFLED: in the order of epoch 0. ATOMS: in an order of its own. */
typedef enum train_load { TRAIN_LOAD_ANY, TRAIN_LOAD_SHUFFLED, TRAIN_LOAD_ATOMS } train_load;
atoms_status atomsi_train_load(atoms_trainer *trainer, atoms_rows *rows, int64_t first, int64_t count, train_load how);

/* What one threshold for all latents has to be so that L0 is `l0` on the first `sample` shuffled rows, without biases. */
atoms_status atomsi_train_select_threshold(atoms_trainer *trainer, atoms_rows *rows, int64_t sample, double l0, float *threshold);
/* out[width]: what a share of the sample's pre-activations of each latent lies above. */
atoms_status atomsi_train_select_quantiles(atoms_trainer *trainer, atoms_rows *rows, int64_t sample, double share, float *out);

/* Row numbers of the batch of step number `step` (from 0) among `count` rows: a permutation of all rows per epoch, computed. */
void atomsi_batch_order(const atoms_train_opts *opts, int64_t count, int64_t step, int64_t *order);

/* Events for a batch; MEMORY leaves none. Changed only by atomsi_events_room. */
atoms_status atomsi_events_create(atoms_context *context, int64_t batch, int64_t width, train_events *events);
void atomsi_events_destroy(atoms_context *context, train_events *events);
/* Makes every region at least `capacity` large. */
atoms_status atomsi_events_room(atoms_context *context, train_events *events, int64_t capacity);

/* The whitening roots of a metric, or room for them (metric NULL: their contents come from a checkpoint). */
atoms_status atomsi_train_whitening(atoms_trainer *trainer, const atoms_metric *metric);
/* After `forth` has changed. */
void atomsi_train_narrow(atoms_trainer *trainer);

/* input := W x, for the batch, where there is a whitening. */
void atomsi_train_whiten(atoms_trainer *trainer);
/* input := s·input − p. */
void atomsi_train_centre(atoms_trainer *trainer);
/* Pre-activations tile by tile, kept only where they are events. `window` is the bandwidth in use (0: active ones only). MEMORY. */
atoms_status atomsi_train_forward(atoms_trainer *trainer, double window);
/* error, sums. */
void atomsi_train_errors(atoms_trainer *trainer);
/* Events by latent. */
void atomsi_train_transpose(atoms_trainer *trainer);

/* What a batch measured. */
typedef struct train_measure {
    double rows; /* of all processes */
    double mse, l0, loss, r2;
    double weight;   /* λ */
    double l0_slope; /* ∂(sparsity term)/∂L0 */
} train_measure;
/* CANCELLED where the reduce hook failed. */
atoms_status atomsi_train_measure(atoms_trainer *trainer, train_measure *out);

/* The sparsity term as a function of an active value: λ·h(f‖d‖), and its slope h'. Zero for the terms that see L0 alone. */
double atomsi_sparsity_value(const atoms_train_opts *opts, double scaled);
double atomsi_sparsity_slope(const atoms_train_opts *opts, double scaled);
/* Length of decoder row i: exactly 1 where rows are held at 1. */
double atomsi_train_atom_length(const atoms_trainer *trainer, int64_t latent);

/* The gradient of one latent on this process's rows; every number is written. */
void atomsi_straight_through(const atoms_trainer *trainer, int64_t latent, const train_measure *measure, latent_gradient out);
/* The same of latents first … first + count − 1 (count ≤ UPDATE_LATENTS) and of the errors of rows, by GEMM: 0, and nothing done, where too little
 * fires for that. work: 3·UPDATE_LATENTS·batch; gradients: one after the other. tile: train_tile_size; error starts from what stands there. */
int atomsi_dense_gradient(const atoms_trainer *trainer, int64_t first, int64_t count, const train_measure *measure, float *work, float *gradients);
int atomsi_dense_errors(const atoms_trainer *trainer, int64_t first, int64_t rows, float *tile);

/* The same of b_dec, of all processes. */
void atomsi_b_dec_gradient(const atoms_trainer *trainer, float *out);

/* Projects, clips, steps Adam, renormalises decoder rows, clamps thresholds at 0: all parts. CANCELLED, and nothing changed, where the
 * reduce hook failed. */
atoms_status atomsi_train_update(atoms_trainer *trainer, const train_measure *measure);

/* Adds over all processes where there are several. */
atoms_status atomsi_train_reduce(const atoms_trainer *trainer, void *values, int64_t count, int32_t dtype);

/* One whole step on the rows in `input` (trainer->rows of them). NUMERIC where the loss is not finite. */
atoms_status atomsi_train_batch(atoms_trainer *trainer, atoms_train_stats *stats);

/* Where the next step revives: draws a row for each latent that will be dead. CANCELLED, and nothing changed, where the reduce hook failed. */
atoms_status atomsi_train_draw(atoms_trainer *trainer);
/* Starts those that are dead after all anew. */
void atomsi_train_revive(atoms_trainer *trainer);

/* How many latents are dead after the steps so far. */
int64_t atomsi_train_dead(const atoms_trainer *trainer);

#endif
