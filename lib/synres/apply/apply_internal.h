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
    float *gate;             /* taps × tokens × heads */
    float *factor;           /* taps × tokens: what the cap leaves of a tap; −1: not prepared */
    unsigned char *flagged;  /* tokens × heads */
    unsigned char **scratch; /* a head's own: a token as the log keeps it, and the query */
};

/* Checks of a call on a tap; *tap NULL with OK: not executed. */
synres_status synresi_tap_of(const synres_model *model, int64_t layer, int64_t number, const synres_work *work, int64_t *ldy, int32_t ith, int32_t nth,
                             const synresi_tap **tap);

/* Σ over a token's heads is g_h u_h; 0 where the head flagged the token. */
static inline float synresi_tap_gate(const synres_work *work, int64_t tap, int64_t token, int64_t head, int64_t heads)
{
    return work->flagged[token * heads + head] ? 0 : work->gate[(tap * work->capacity + token) * heads + head];
}

#endif
