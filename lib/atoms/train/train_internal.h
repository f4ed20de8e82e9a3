/* The trainer from inside: its state, and the passes that a step is made of. Tests call the passes one by one.
 *
 * A step: centre (c = s·x − b_dec) → forward (events: the latents at or near their threshold) → errors (û − u, and each
 * event's gradient g = ∂loss/∂f) → transpose (events by latent) → update (gradient and Adam of each latent, then b_dec).
 * All passes before update only write scratch, so a step that fails leaves the model as it was.
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
    ROW_BLOCK = 512,    /* rows of a forward tile; pieces of work are cut by these, never by the number of threads */
    LATENT_BLOCK = 512, /* latents of a forward tile */
    ERROR_ROWS = 32,    /* rows of a piece of the error pass */
    UPDATE_LATENTS = 32 /* latents of a piece of the update pass */
};

/* Events of a batch: pairs (row, latent) with z > θ − bandwidth/2, that is, active or in the window. Those of one forward tile
 * (a region) lie together, by row and rising latent; every region has room for `capacity`. */
typedef struct train_events {
    int64_t row_blocks, latent_blocks; /* of the largest batch */
    int64_t capacity;
    int32_t *latent;
    float *z, *gradient;
    int32_t *row_start;          /* region × (ROW_BLOCK + 1) */
    int64_t *active;             /* per region: how many are above θ */
    int64_t *wanted;             /* per region: how many there were, even where they did not fit */
    int32_t *column_start;       /* latent block × (LATENT_BLOCK + 1): into column_*, from the latent block's own base */
    int32_t *column_row;         /* per event, by latent and rising row */
    int64_t *column_event;       /* its place in latent/z/gradient */
} train_events;

struct atoms_trainer {
    atoms_context *context;
    int64_t d, width;
    atoms_train_opts opts;
    char *checkpoint_path;
    train_part parts[PART_COUNT];
    int64_t *last_fired;         /* per latent: the step it last fired in, 0 = never */
    int64_t step, rows_seen;
    int32_t initialised;
    double input_scale;

    /* Scratch of a batch; nothing here outlives a step. */
    int64_t rows;                /* in this batch */
    int64_t *order;              /* row numbers of the batch */
    float *input;                /* batch × d: x as read, then c */
    float *error;                /* batch × d: û − u */
    float *level;                /* width: θ − bandwidth/2 */
    float *tiles;                /* per worker: ROW_BLOCK × LATENT_BLOCK pre-activations */
    float *latent_gradients;     /* per worker: 2 × d */
    double *row_sums;            /* per piece of the error pass: squared error, squared input, then d sums of error, d of input */
    double *sums;                /* the same, of the batch */
    train_events events;
};

static inline int64_t train_region(const train_events *e, int64_t row_block, int64_t latent_block)
{
    return row_block * e->latent_blocks + latent_block;
}

/* Row blocks of the batch at hand. */
static inline int64_t train_row_blocks(const atoms_trainer *t)
{
    return base_blocks(t->rows, ROW_BLOCK);
}

/* Defaults overlaid with the caller's, every value judged. */
atoms_status atomsi_train_read_opts(atoms_context *context, int64_t d_in, const atoms_train_opts *opts, atoms_train_opts *out);

/* Learning rate of step 1, 2, … . */
double atomsi_learning_rate(const atoms_train_opts *opts, int64_t step);

/* Row numbers of the batch of step number `step` (from 0) among `count` rows: a permutation of all rows per epoch, computed. */
void atomsi_batch_order(const atoms_train_opts *opts, int64_t count, int64_t step, int64_t *order);

/* Events for a batch; MEMORY leaves none. Changed only by atomsi_events_room. */
atoms_status atomsi_events_create(atoms_context *context, int64_t batch, int64_t width, train_events *events);
void atomsi_events_destroy(atoms_context *context, train_events *events);
/* Makes every region at least `capacity` large. */
atoms_status atomsi_events_room(atoms_context *context, train_events *events, int64_t capacity);

/* input := input_scale·input − b_dec, for the batch. */
void atomsi_train_centre(atoms_trainer *trainer);
/* Pre-activations tile by tile, kept only where they are events. `window` is the bandwidth in use (0: active ones only). MEMORY. */
atoms_status atomsi_train_forward(atoms_trainer *trainer, double window);
/* error, gradient of every event, sums. */
void atomsi_train_errors(atoms_trainer *trainer);
/* Events by latent. */
void atomsi_train_transpose(atoms_trainer *trainer);

/* What a batch measured. */
typedef struct train_measure {
    double mse, l0, loss, r2;
    double l0_slope; /* ∂(sparsity loss)/∂L0 */
} train_measure;
train_measure atomsi_train_measure(const atoms_trainer *trainer);

/* Gradient of the loss with respect to latent i's encoder and decoder row (d each, written), bias and threshold. */
typedef struct latent_gradient {
    float *encoder, *decoder;
    double b_enc, threshold;
    int32_t fired;
} latent_gradient;
void atomsi_straight_through(const atoms_trainer *trainer, int64_t latent, double l0_slope, latent_gradient *out);
/* The same of b_dec. */
void atomsi_b_dec_gradient(const atoms_trainer *trainer, float *out);

/* Projects, steps Adam, renormalises decoder rows, clamps thresholds at 0: all parts. */
void atomsi_train_update(atoms_trainer *trainer, double l0_slope);

/* One whole step on the rows in `input` (trainer->rows of them). NUMERIC where the loss is not finite. */
atoms_status atomsi_train_batch(atoms_trainer *trainer, atoms_train_stats *stats);

/* How many latents are dead after the steps so far. */
int64_t atomsi_train_dead(const atoms_trainer *trainer);

#endif
