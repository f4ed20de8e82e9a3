/* Attaching a model of libsynres to an engine's graph by the names of its nodes, for any engine that shows its caller a node's numbers and takes them back.
 *
 * In each layer the model listens at one node and adds to others. They are wanted one after the other, in the order in which a graph must compute them, so
 * that of several nodes with one name the first is meant: "Qcur-3" is the product with W_q, later the same after RoPE. A node that never comes, or comes with
 * other sizes, is said at the end of the pass: an adapter that silently does nothing is what this table is there to prevent. */
#ifndef GRAPH_HOOKS_H
#define GRAPH_HOOKS_H

#include <stdbool.h>
#include <synres/synres.h>

/* A node of each layer: "name-layer", `width` numbers a token. */
typedef struct hook_node {
    const char *name;
    int64_t width;
} hook_node;

typedef struct graph_hooks {
    const synres_model *model; /* its layer l is the engine's layer l */
    synres_work *work;         /* for as many tokens as a pass may have */
    const hook_node *node;     /* what synres_run gets, then what tap 0, 1, … adds to, in the graph's order */
    int nodes;
    synres_state *const *states; /* of this pass: whose each token is */
    int64_t tokens;
    int64_t met; /* nodes met in this pass */
    char wanted[64];
    synres_status status;
} graph_hooks;

/* Before a pass over `tokens` tokens. */
void graph_hooks_begin(graph_hooks *h, synres_state *const *states, int64_t tokens);

/* Is this the node that comes next? */
bool graph_hooks_want(const graph_hooks *h, const char *name);

/* What that node says, tokens × width. True: `rows` was added to and must go back into the graph. */
bool graph_hooks_meet(graph_hooks *h, float *rows, int64_t numbers);

/* The pass cannot go on: nothing more is wanted, and graph_hooks_end says why. */
void graph_hooks_fail(graph_hooks *h, synres_status status);

/* After the pass: the first thing that went wrong, at the node h->wanted; NOT_FOUND where that node never came. */
synres_status graph_hooks_end(const graph_hooks *h);

#endif
