/* A state in the caller's memory: for each head its live block, two snapshots of it, and the log of what was written since. */
#ifndef STATE_INTERNAL_H
#define STATE_INTERNAL_H

#include <synres/state.h>

#include "../gates/gates_internal.h"

/* A token as the log keeps it: what the update needs, the relevance having been paid already. */
typedef struct synresi_token {
    float *key;    /* padded */
    float *value;  /* d_value */
    float *beta;   /* gates */
    float *decay;  /* decays, in room for whole lanes, 1 beyond */
    float *erase_beta; /* gates; where the erase is nested: beta itself */
    float *written; /* 1, or 0: a flagged token, which only passed */
} synresi_token;

struct synres_state {
    const synres_model *model;
    uint64_t hash;
    int64_t rewind;
    size_t bytes;            /* of everything, from this struct on */
    float *scratch;          /* a read nobody wants, when replaying */
    unsigned char **head;    /* of each head, layer after layer: live, snapshot, snapshot, log */
    int64_t *first;          /* of each layer: its first head */
};

/* Bytes of one head's live block and of one logged token; both multiples of BASE_ALIGNMENT. */
size_t synresi_live_bytes(const synresi_layer *layer);
size_t synresi_token_bytes(const synresi_layer *layer);
synresi_head synresi_live(const synresi_layer *layer, unsigned char *block);
synresi_token synresi_logged(const synresi_layer *layer, unsigned char *place);

/* One token of one head, gated: into the state and its bound; then, the position being past it, into the log. query NULL: nothing is read, as when replaying. */
void synresi_write(const synres_model *model, const synresi_layer *layer, const synresi_head *head, const synresi_token *token, const float *query,
                   float *u);
void synresi_remember(const synres_state *state, int64_t layer, int64_t number, const synresi_token *token);

#endif
