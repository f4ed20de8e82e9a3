/* A work: what one run leaves for the taps. */
#ifndef APPLY_INTERNAL_H
#define APPLY_INTERNAL_H

#include <synres/apply.h>

#include "../state/state_internal.h"

struct synres_work {
    const synres_model *model;
    int64_t capacity;        /* tokens */
    int64_t layer, tokens;   /* of the last run; written by its thread 0 */
    float *u;                /* tokens × heads·d_value of the layer */
    float *gate;             /* taps × tokens × heads; 0 where the head flagged the token */
    float *factor;           /* taps × tokens: what the cap leaves of a tap; −1: not prepared */
    unsigned char *flagged;  /* tokens × heads */
    unsigned char **scratch; /* a head's own: SYNRESI_BLOCK tokens as the log keeps them, each with its query */
};

/* Tokens that meet a head's weights together. No bit depends on it. */
enum { SYNRESI_BLOCK = 16 };

static inline size_t synresi_scratch_bytes(const synresi_layer *layer) { return synresi_token_bytes(layer) + (size_t)layer->padded * sizeof(float); }

/* Checks of a call on a tap; *tap NULL with OK: not executed. */
synres_status synresi_tap_of(const synres_model *model, int64_t layer, int64_t number, const synres_work *work, int64_t *ldy, int32_t ith, int32_t nth,
                             const synresi_tap **tap);

/* The gates of a token's heads. */
static inline const float *synresi_tap_gates(const synres_work *work, int64_t tap, int64_t token, int64_t heads)
{
    return work->gate + (tap * work->capacity + token) * heads;
}

#endif
