/* Running a layer over tokens, and adding what its state says to the outputs of the frozen weights.
 *
 *   synres_run          reads x, updates the states, reads them
 *   synres_tap_prepare  only for taps with a cap: takes ‖y‖ before anyone adds to it
 *   synres_tap          y += what the state says
 *
 * Between two of them all threads must have finished the first (an engine's graph does that). None allocates, locks or calls the system.
 */
#ifndef SYNRES_APPLY_H
#define SYNRES_APPLY_H

#include <synres/state.h>

SYNRES_BEGIN

typedef struct synres_work synres_work;

/* Tokens of any number of sequences; those of one sequence in their order. */
typedef struct synres_batch {
    uint32_t struct_size;
    int32_t reserved;
    int64_t tokens;
    const float *x;              /* tokens × d_in, rows `ldx` apart */
    int64_t ldx;                 /* ≥ d_in; 0 = d_in */
    synres_state *const *states; /* tokens: whose each token is */
} synres_batch;

SYNRES_API SYNRES_NODISCARD synres_status synres_batch_init(synres_batch *batch, size_t size);

/* Bytes of a work for batches of up to `tokens` tokens, and the work inside the caller's memory (any alignment). Errors: ARGUMENT, OVERFLOW, CAPACITY. Since 0.1. */
SYNRES_API SYNRES_NODISCARD synres_status synres_work_size(const synres_model *model, int64_t tokens, size_t *bytes);
SYNRES_API SYNRES_NODISCARD synres_status synres_work_init(const synres_model *model, int64_t tokens, void *memory, size_t bytes, synres_work **out);

/* The batch through one layer. A token whose x, projections (or the squared length of a key or query) or gates are not finite, or whose values would take a
 * bound past 2¹⁰⁰, is flagged and changes no state: its position passes, nothing else.
 * Heads are shared out between the nth threads. Errors: ARGUMENT, SHAPE, NOT_FOUND (layer), CAPACITY, MODEL; then no state was touched. Since 0.1. */
SYNRES_API SYNRES_NODISCARD synres_status synres_run(const synres_model *model, int64_t layer, const synres_batch *batch, synres_work *work, int32_t ith,
                                                     int32_t nth);

/* For a tap with a cap: must be called, by all threads, before synres_tap. Tokens are shared out. For other taps it does nothing. Since 0.1. */
SYNRES_API SYNRES_NODISCARD synres_status synres_tap_prepare(const synres_model *model, int64_t layer, int64_t tap, synres_work *work, const float *y,
                                                             int64_t ldy, int32_t ith, int32_t nth);

/* y (tokens × d_out, rows ldy apart; 0 = d_out) += what the last run of this layer read. A tap that is absent, or whose gates are all 0 for a token, is not
 * executed there: y keeps each bit; a gate that is NaN counts as 0. Outputs are shared out. Errors: ARGUMENT, SHAPE, MODEL, NOT_FOUND (layer, tap), STATE (not
 * prepared, or another layer ran). Since 0.1. */
SYNRES_API SYNRES_NODISCARD synres_status synres_tap(const synres_model *model, int64_t layer, int64_t tap, const synres_work *work, float *y, int64_t ldy,
                                                     int32_t ith, int32_t nth);

/* How many heads flagged a token of the last run. Since 0.1. */
SYNRES_API SYNRES_NODISCARD synres_status synres_work_flagged(const synres_work *work, int64_t token, int64_t *heads);

/* What the last run read for a token: u, heads·d_value numbers, the work's. Since 0.1. */
SYNRES_API SYNRES_NODISCARD synres_status synres_work_read(const synres_work *work, int64_t token, const float **u);

SYNRES_END

#endif
