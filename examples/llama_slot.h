/* A conversation in llama.cpp with a synaptic state beside it: what an engine's own code has to do at each of its steps. docs/synres/embedding.md. */
#ifndef LLAMA_SLOT_H
#define LLAMA_SLOT_H

#include <llama.h>
#include <stddef.h>

#include "graph_hooks.h"

enum { SLOT_BATCH = 32, SLOT_REWIND = 16 };

/* Where a status is an error: say which call it was, and end; `where`: a node's name, or nothing. */
#define CHECK(call) slot_check(call, #call, "")
void slot_check(synres_status status, const char *call, const char *where);
void slot_die(const char *what);
void *slot_memory(size_t bytes);
double slot_time(void); /* CPU seconds of the process */

typedef struct slot {
    struct llama_context *llama;
    bool hooked;
    graph_hooks hooks;
    synres_state *state, *states[SLOT_BATCH];
    float *rows; /* a node's numbers */
    size_t room;
    double inside; /* CPU seconds in the callback; the engine's other threads wait meanwhile, and may count */
    void *owned[2];
} slot;

/* `node` of NULL: the engine alone. Otherwise the nodes that the model's run and its taps belong to. */
slot *slot_make(struct llama_model *llama, const synres_model *model, const hook_node *node, int nodes, int threads);
void slot_free(slot *s);

/* Tokens at positions pos … pos + n − 1; their logits go to their places in `logits`, where wanted. */
void slot_decode(slot *s, const llama_token *token, int n, int pos, float *logits);

/* Empty; without the tokens from `from` on. */
void slot_start(slot *s);
void slot_forget(slot *s, int from);

/* The slot as bytes, the engine's and then ours; to free. */
typedef struct slot_bytes {
    unsigned char *bytes;
    size_t engine, state;
} slot_bytes;
slot_bytes slot_save(const slot *s);
void slot_restore(slot *s, const slot_bytes *f);

#endif
