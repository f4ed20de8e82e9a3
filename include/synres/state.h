/* A state: what one sequence has written into every layer, in the caller's memory. */
#ifndef SYNRES_STATE_H
#define SYNRES_STATE_H

#include <synres/model.h>

SYNRES_BEGIN

typedef struct synres_state synres_state;

/* Bytes of a state that can be rewound by at least `rewind` tokens (0: not at all; at most 65536) from the furthest position that it has reached. Two
 * snapshots and a log of 2·rewind tokens make that possible, whatever `rewind` is. Errors: ARGUMENT, OVERFLOW. Since 0.1. */
SYNRES_API SYNRES_NODISCARD synres_status synres_state_size(const synres_model *model, int64_t rewind, size_t *bytes);

/* Makes an empty state at position 0 inside `memory` (any alignment), which must outlive it; nothing to destroy. The model must outlive it too.
 * Errors: ARGUMENT, CAPACITY. Since 0.1. */
SYNRES_API SYNRES_NODISCARD synres_status synres_state_init(const synres_model *model, int64_t rewind, void *memory, size_t bytes, synres_state **out);

/* Empty again; a copy of another state of the same model and rewind (MODEL, SHAPE otherwise). Since 0.1. */
SYNRES_API SYNRES_NODISCARD synres_status synres_state_reset(synres_state *state);
SYNRES_API SYNRES_NODISCARD synres_status synres_state_copy(synres_state *state, const synres_state *from);

/* The position: how many tokens the state has met, the same in all layers (STATE where a token is only half through). Since 0.1. */
SYNRES_API SYNRES_NODISCARD synres_status synres_state_mark(const synres_state *state, int64_t *mark);

/* Back to a mark, bit for bit, by replaying what was written since the last snapshot before it. A position that is ahead, or further back than what
 * is kept, is refused: REWIND, and the state stays; as is a state in the middle of a token: STATE. Since 0.1. */
SYNRES_API SYNRES_NODISCARD synres_status synres_state_rewind(synres_state *state, int64_t mark);

/* The live state as bytes: versioned, little-endian, with the model's hash and a checksum. What was kept for rewinding is not among them.
 * In the middle of a token it is saved, and loaded, as it stands. Errors: ARGUMENT, CAPACITY. Since 0.1. */
SYNRES_API SYNRES_NODISCARD synres_status synres_state_save_size(const synres_state *state, size_t *bytes);
SYNRES_API SYNRES_NODISCARD synres_status synres_state_save(const synres_state *state, void *buffer, size_t bytes);

/* Takes up saved bytes: continuing is as if never stopped. Errors, with the state left as it was: ARGUMENT, FORMAT, UNSUPPORTED, MODEL. Since 0.1. */
SYNRES_API SYNRES_NODISCARD synres_status synres_state_load(synres_state *state, const void *bytes, size_t size);

/* An upper bound of ‖S‖ (Frobenius) of one head, proven but for the rounding of S: docs/synres/stability.md. And ‖S‖ itself.
 * Errors: ARGUMENT, NOT_FOUND. Since 0.1. */
SYNRES_API SYNRES_NODISCARD synres_status synres_state_bound(const synres_state *state, int64_t layer, int64_t head, double *bound);
SYNRES_API SYNRES_NODISCARD synres_status synres_state_norm(const synres_state *state, int64_t layer, int64_t head, double *norm);

SYNRES_END

#endif
