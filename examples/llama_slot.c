#include "llama_slot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void slot_die(const char *what)
{
    fprintf(stderr, "%s\n", what);
    exit(1);
}

void slot_check(synres_status status, const char *call, const char *where)
{
    if (!status) return;
    fprintf(stderr, "%s\n  %s: %s %s\n", call, synres_status_name(status), synres_status_text(status), where);
    exit(1);
}

void *slot_memory(size_t bytes)
{
    void *m = calloc(1, bytes);
    if (!m) slot_die("out of memory");
    return m;
}

double slot_time(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static bool on_node(struct ggml_tensor *t, bool ask, void *user)
{
    slot *s = user;
    if (ask) return graph_hooks_want(&s->hooks, t->name); /* a node that is wanted ends a piece of the graph */
    const size_t bytes = ggml_nbytes(t);
    if (t->type != GGML_TYPE_F32 || !ggml_is_contiguous(t) || bytes > s->room || t->op == GGML_OP_ROPE) {
        graph_hooks_fail(&s->hooks, SYNRES_E_SHAPE);
        return false;
    }
    ggml_backend_tensor_get(t, s->rows, 0, bytes); /* it may lie on a device, and its buffer is used again */
    if (graph_hooks_meet(&s->hooks, s->rows, ggml_nelements(t))) ggml_backend_tensor_set(t, s->rows, 0, bytes);
    return !s->hooks.status; /* false ends the graph here, and the engine does not say so: graph_hooks_end does */
}

static bool on_node_timed(struct ggml_tensor *t, bool ask, void *user)
{
    if (ask) return on_node(t, ask, user);
    const double begun = slot_time();
    const bool on = on_node(t, ask, user);
    ((slot *)user)->inside += slot_time() - begun;
    return on;
}

void slot_decode(slot *s, const llama_token *token, int n, int pos, float *logits)
{
    const int vocabulary = llama_vocab_n_tokens(llama_model_get_vocab(llama_get_model(s->llama)));
    struct llama_batch batch = llama_batch_init(n, 0, 1);
    batch.n_tokens = n;
    for (int i = 0; i < n; i++) batch.token[i] = token[i], batch.pos[i] = pos + i, batch.n_seq_id[i] = 1, batch.seq_id[i][0] = 0, batch.logits[i] = 1;
    if (s->hooked) {
        int64_t met;
        CHECK(synres_state_mark(s->state, &met));
        if (met != pos) slot_die("the state is not where the engine's cache is: one of them was rewound, restored or emptied alone");
        graph_hooks_begin(&s->hooks, s->states, n);
    }
    if (llama_decode(s->llama, batch)) slot_die("llama_decode failed");
    if (s->hooked) slot_check(graph_hooks_end(&s->hooks), "graph_hooks_end", s->hooks.wanted);
    if (logits)
        for (int i = 0; i < n; i++) memcpy(logits + (size_t)(pos + i) * (size_t)vocabulary, llama_get_logits_ith(s->llama, i), (size_t)vocabulary * sizeof *logits);
    llama_batch_free(batch);
}

void slot_start(slot *s)
{
    llama_memory_clear(llama_get_memory(s->llama), true);
    if (s->hooked) CHECK(synres_state_reset(s->state));
}

/* Ours goes first: it refuses and changes nothing where `from` is too far back. */
void slot_forget(slot *s, int from)
{
    CHECK(synres_state_rewind(s->state, from));
    if (!llama_memory_seq_rm(llama_get_memory(s->llama), 0, from, -1)) slot_die("the engine cannot remove these tokens: start anew");
}

slot_bytes slot_save(const slot *s)
{
    slot_bytes f = {.engine = llama_state_seq_get_size(s->llama, 0)};
    CHECK(synres_state_save_size(s->state, &f.state));
    f.bytes = slot_memory(f.engine + f.state);
    f.engine = llama_state_seq_get_data(s->llama, f.bytes, f.engine, 0);
    CHECK(synres_state_save(s->state, f.bytes + f.engine, f.state));
    return f;
}

void slot_restore(slot *s, const slot_bytes *f)
{
    CHECK(synres_state_load(s->state, f->bytes + f->engine, f->state)); /* all or nothing */
    if (!llama_state_seq_set_data(s->llama, f->bytes, f->engine, 0)) slot_die("the engine cannot restore this slot");
}

slot *slot_make(struct llama_model *llama, const synres_model *model, const hook_node *node, int nodes, int threads)
{
    slot *s = slot_memory(sizeof *s);
    struct llama_context_params p = llama_context_default_params();
    p.n_ctx = 256, p.n_batch = p.n_ubatch = SLOT_BATCH, p.n_seq_max = 1, p.n_threads = p.n_threads_batch = threads;
    if (node) p.cb_eval = on_node_timed, p.cb_eval_user_data = s;
    if (!(s->llama = llama_init_from_model(llama, p))) slot_die("no context");
    if (!(s->hooked = node != NULL)) return s;
    if (synres_model_layers(model) > llama_model_n_layer(llama) - 1) slot_die("the adapter has more layers than can be hooked");
    size_t bytes;
    s->hooks = (graph_hooks){.model = model, .node = node, .nodes = nodes};
    CHECK(synres_work_size(model, SLOT_BATCH, &bytes));
    CHECK(synres_work_init(model, SLOT_BATCH, s->owned[0] = slot_memory(bytes), bytes, &s->hooks.work));
    CHECK(synres_state_size(model, SLOT_REWIND, &bytes));
    CHECK(synres_state_init(model, SLOT_REWIND, s->owned[1] = slot_memory(bytes), bytes, &s->state));
    for (int i = 0; i < SLOT_BATCH; i++) s->states[i] = s->state;
    for (int i = 0; i < s->hooks.nodes; i++)
        if (s->room < SLOT_BATCH * (size_t)node[i].width * sizeof(float)) s->room = SLOT_BATCH * (size_t)node[i].width * sizeof(float);
    s->rows = slot_memory(s->room);
    const llama_token any = 1; /* a warm-up; it writes into the state like any pass */
    slot_decode(s, &any, 1, 0, NULL);
    slot_start(s);
    return s;
}

void slot_free(slot *s)
{
    llama_free(s->llama);
    free(s->owned[0]), free(s->owned[1]), free(s->rows), free(s);
}

