/* The hooks that example 14 puts into llama.cpp, on a graph without an engine: nodes with the names, the order and the repetitions of one. */
#include <stdio.h>

#include "graph_hooks.h"
#include "small_run.h"
#include "suite.h"
#include "synres_inputs.h"

enum { LAYERS = 2, BATCH = 5, OUT = SMALL_OUT, HOOKED = 1 + SMALL_TAPS, NODES = 10, ALL = (LAYERS + 1) * NODES };

static const hook_node table[HOOKED] = {{"attn_norm", SMALL_IN}, {"Qcur", OUT}, {"attn_out", OUT}, {"ffn_out", OUT}};
static const hook_node graph[NODES] = {{"norm", OUT}, {"attn_norm", SMALL_IN}, {"Qcur", OUT}, {"Kcur", OUT}, {"Qcur", OUT}, /* reshaped */
                                       {"Qcur", OUT}, {"attn_out", OUT}, {"attn_norm", SMALL_IN}, {"ffn_out", OUT}, {"l_out", OUT}};
static const int which[NODES] = {-1, 0, 1, -1, -1, -1, 2, -1, 3, -1}; /* the nodes that are meant */

typedef struct pass {
    float rows[ALL][BATCH * OUT];
    int asked, given_back;
} pass;

/* One more layer than the model has, as in an engine. */
static void fill(pass *p, uint64_t seed)
{
    float *x = random_x(seed, ALL * BATCH * OUT / SMALL_IN + 1);
    memcpy(p->rows, x, sizeof p->rows);
    p->asked = p->given_back = 0;
    free(x);
}

/* An engine's graph, but for the nodes called `without`; `wider`: that node has numbers too many. */
static synres_status compute(graph_hooks *h, synres_state **states, pass *p, const char *without, const char *wider)
{
    graph_hooks_begin(h, states, BATCH);
    for (int i = 0; i < ALL; i++) {
        char name[32];
        snprintf(name, sizeof name, "%s-%d", graph[i % NODES].name, i / NODES);
        if (strcmp(name, without) == 0 || !graph_hooks_want(h, name)) continue;
        p->asked++;
        p->given_back += graph_hooks_meet(h, p->rows[i], BATCH * graph[i % NODES].width + (strcmp(name, wider) == 0));
    }
    return graph_hooks_end(h);
}

static graph_hooks hooks_of(const small_model *m) { return (graph_hooks){.model = m->model, .work = m->work, .node = table, .nodes = HOOKED}; }

/* Each node that is meant, and no other, has the bits of run and tap called by hand. */
START_TEST(the_first_of_a_name_is_meant)
{
    small_model m = make_model(5, kinds[_i], 1, LAYERS);
    void *memory, *memory2;
    synres_state *state = make_state(m.model, 0, &memory), *by_hand = make_state(m.model, 0, &memory2), *states[BATCH], *hands[BATCH];
    for (int i = 0; i < BATCH; i++) states[i] = state, hands[i] = by_hand;
    graph_hooks h = hooks_of(&m);
    static pass p, want;
    for (uint64_t round = 1; round < 4; round++) { /* pass after pass */
        fill(&p, round), fill(&want, round);
        ck_synres_ok(compute(&h, states, &p, "", ""));
        ck_assert_int_eq(p.asked, LAYERS * HOOKED);
        ck_assert_int_eq(p.given_back, LAYERS * SMALL_TAPS);
        int changed = 0;
        for (int i = 0; i < LAYERS * NODES; i++) {
            const int layer = i / NODES, node = which[i % NODES];
            synres_batch batch = batch_of(want.rows[i], hands, BATCH);
            if (node == 0) ck_synres_ok(synres_run(m.model, layer, &batch, m.work, 0, 1));
            if (node <= 0) continue;
            ck_synres_ok(synres_tap_prepare(m.model, layer, node - 1, m.work, want.rows[i], 0, 0, 1));
            static float before[BATCH * OUT];
            memcpy(before, want.rows[i], sizeof before);
            ck_synres_ok(synres_tap(m.model, layer, node - 1, m.work, want.rows[i], 0, 0, 1));
            changed += memcmp(before, want.rows[i], sizeof before) != 0;
        }
        ck_assert_int_eq(changed, LAYERS * SMALL_TAPS);
        ck_assert_mem_eq(p.rows, want.rows, sizeof p.rows);
        assert_same_state(state, by_hand);
    }
    free(memory), free(memory2);
    free_model(&m);
}
END_TEST

/* A node that never comes is named; and nothing after it is touched. The next pass starts anew. */
START_TEST(what_goes_wrong_is_said)
{
    small_model m = make_model(5, kinds[0], 1, LAYERS), foreign = make_model(9, kinds[0], 1, LAYERS);
    void *memory, *memory2;
    synres_state *state = make_state(m.model, 0, &memory), *stranger = make_state(foreign.model, 0, &memory2), *states[BATCH], *strangers[BATCH];
    for (int i = 0; i < BATCH; i++) states[i] = state, strangers[i] = stranger;
    graph_hooks h = hooks_of(&m);
    static pass p, before;
    int faults = 0;
    for (int layer = 0; layer < LAYERS; layer++)
        for (int node = 0; node < HOOKED; node++, faults++) {
            const int met = layer * HOOKED + node;
            char name[32];
            snprintf(name, sizeof name, "%s-%d", table[node].name, layer);
            fill(&p, 7);
            ck_synres_status(compute(&h, states, &p, name, ""), SYNRES_E_NOT_FOUND);
            ck_assert_str_eq(h.wanted, name);
            ck_assert_int_eq(p.asked, met);
            ck_synres_ok(synres_state_reset(state));
            fill(&p, 7), fill(&before, 7);
            ck_synres_status(compute(&h, states, &p, "", name), SYNRES_E_SHAPE);
            ck_assert_str_eq(h.wanted, name);
            ck_assert_int_eq(p.asked, met + 1);
            if (met < 2) ck_assert_mem_eq(p.rows, before.rows, sizeof p.rows);
            ck_synres_ok(synres_state_reset(state));
            ck_synres_ok(compute(&h, states, &p, "", ""));
            ck_synres_ok(synres_state_reset(state));
        }
    ck_assert_int_eq(faults, LAYERS * HOOKED);
    fill(&p, 7), fill(&before, 7);
    ck_synres_status(compute(&h, strangers, &p, "", ""), SYNRES_E_MODEL);
    ck_assert_str_eq(h.wanted, "attn_norm-0");
    ck_assert_mem_eq(p.rows, before.rows, sizeof p.rows);
    free(memory), free(memory2);
    free_model(&m), free_model(&foreign);
}
END_TEST

/* The host's own objection stops the pass, and is what the end says. */
START_TEST(the_host_may_object)
{
    small_model m = make_model(5, kinds[0], 0, LAYERS);
    graph_hooks h = hooks_of(&m);
    graph_hooks_begin(&h, NULL, BATCH);
    ck_assert(graph_hooks_want(&h, "attn_norm-0"));
    ck_assert(!graph_hooks_want(&h, "attn_norm-1") && !graph_hooks_want(&h, "Qcur-0") && !graph_hooks_want(&h, "attn_norm-01"));
    graph_hooks_fail(&h, SYNRES_E_UNSUPPORTED);
    ck_assert(!graph_hooks_want(&h, "attn_norm-0"));
    ck_synres_status(graph_hooks_end(&h), SYNRES_E_UNSUPPORTED);
    free_model(&m);
}
END_TEST

static void add_cases(Suite *suite)
{
    add_loop(suite, "first", the_first_of_a_name_is_meant, KINDS);
    add_case(suite, "wrong", what_goes_wrong_is_said);
    add_case(suite, "object", the_host_may_object);
}

SUITE_MAIN("synres_hooks", add_cases)
