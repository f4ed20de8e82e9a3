#include "graph_hooks.h"

#include <stdio.h>
#include <string.h>

static bool done(const graph_hooks *h) { return h->met == synres_model_layers(h->model) * h->nodes; }

static void want_next(graph_hooks *h)
{
    if (!done(h)) snprintf(h->wanted, sizeof h->wanted, "%s-%d", h->node[h->met % h->nodes].name, (int)(h->met / h->nodes));
}

void graph_hooks_begin(graph_hooks *h, synres_state *const *states, int64_t tokens)
{
    h->states = states, h->tokens = tokens, h->met = 0, h->status = SYNRES_OK;
    want_next(h);
}

bool graph_hooks_want(const graph_hooks *h, const char *name) { return !h->status && !done(h) && strcmp(name, h->wanted) == 0; }

void graph_hooks_fail(graph_hooks *h, synres_status status) { h->status = status; }

static synres_status listen(graph_hooks *h, int64_t layer, const float *x)
{
    synres_batch batch;
    synres_status status = synres_batch_init(&batch, sizeof batch);
    if (status) return status;
    batch.tokens = h->tokens, batch.x = x, batch.states = h->states;
    return synres_run(h->model, layer, &batch, h->work, 0, 1);
}

static synres_status speak(graph_hooks *h, int64_t layer, int64_t tap, float *y)
{
    synres_status status = synres_tap_prepare(h->model, layer, tap, h->work, y, 0, 0, 1); /* the tap's cap, if it has one */
    return status ? status : synres_tap(h->model, layer, tap, h->work, y, 0, 0, 1);
}

bool graph_hooks_meet(graph_hooks *h, float *rows, int64_t numbers)
{
    const int64_t layer = h->met / h->nodes, which = h->met % h->nodes;
    if (numbers != h->tokens * h->node[which].width) graph_hooks_fail(h, SYNRES_E_SHAPE); /* another model, or a batch cut into pieces */
    else h->status = which == 0 ? listen(h, layer, rows) : speak(h, layer, which - 1, rows);
    if (h->status) return false;
    h->met++;
    want_next(h);
    return which > 0;
}

synres_status graph_hooks_end(const graph_hooks *h) { return h->status || done(h) ? h->status : SYNRES_E_NOT_FOUND; }
