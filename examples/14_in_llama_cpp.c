/* A synaptic state beside a model that llama.cpp runs: docs/synres/embedding.md is about this program. It is built where CMake is told where llama.cpp is
 * (-DATOMS_LLAMA_CPP=prefix). The adapter is random, so that nothing is learned here; what is shown is that taps which are closed leave every logit as it
 * is, that a rewound or restored conversation goes on as if nothing had been, and what the hooks cost.
 *
 *     14_in_llama_cpp model.gguf [rounds [threads]] */
#include <llama.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "llama_slot.h"

enum { PROMPT = SLOT_BATCH, ALL = 128, CUT = 80, DRAFT = SLOT_REWIND, R = 8, TAPS = 2 };

static float *numbers(size_t n, float scale)
{
    static uint32_t seed = 14;
    float *x = slot_memory(n * sizeof *x);
    for (size_t i = 0; i < n; i++) seed = seed * 1664525u + 1013904223u, x[i] = scale * ((float)(seed >> 8) * 0x1p-23f - 1);
    return x;
}

/* A state of 8 × 8 for every layer but the last, where the engine keeps only the rows it wants logits of; taps at W_q and W_o. */
static synres_model *make_adapter(int64_t layers, int64_t n, double scale)
{
    synres_layer_weights *layer = slot_memory((size_t)layers * sizeof *layer);
    synres_tap_weights tap[TAPS];
    float rate[1] = {0.5f}, kappa[1] = {0.5f};
    const float *A = numbers((size_t)(3 * R * n), 0.1f), *w = numbers((size_t)(2 * n), 0.1f), *B = numbers((size_t)(TAPS * n * R), 0.05f);
    for (int t = 0; t < TAPS; t++) {
        CHECK(synres_tap_weights_init(&tap[t], sizeof tap[t]));
        tap[t].d_out = n, tap[t].B = B + t * n * R, tap[t].scale = scale, tap[t].cap = 0.05;
    }
    for (int64_t l = 0; l < layers; l++) {
        synres_layer_weights *y = layer + l;
        CHECK(synres_layer_weights_init(y, sizeof *y));
        y->d_in = n, y->heads = 1, y->d_key = y->d_value = R, y->activation = SYNRES_ACTIVATION_TANH, y->taps = TAPS, y->tap = tap;
        y->A_key = A, y->A_query = A + R * n, y->A_value = A + 2 * R * n, y->w_beta = w, y->w_decay = w + n;
        y->rate = rate, y->kappa_beta = y->kappa_decay = kappa;
    }
    synres_model *model;
    CHECK(synres_model_create(NULL, layer, layers, &model));
    void *owned[] = {layer, (void *)A, (void *)w, (void *)B};
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++) free(owned[i]);
    return model;
}

/* The prompt in one batch, then one token at a time. */
static void run(slot *s, const llama_token *token, int from, int to, float *logits)
{
    if (from == 0) slot_start(s), slot_decode(s, token, from = PROMPT, 0, logits);
    for (int t = from; t < to; t++) slot_decode(s, token + t, 1, t, logits);
}

/* How many logits differ in a bit, from token `from` on, and by how much at most. */
static size_t differ(const char *what, const float *a, const float *b, int from, size_t vocabulary)
{
    size_t count = 0;
    float most = 0;
    for (size_t i = (size_t)from * vocabulary; i < ALL * vocabulary; i++)
        if (memcmp(a + i, b + i, sizeof *a)) {
            const float d = a[i] > b[i] ? a[i] - b[i] : b[i] - a[i];
            count++, most = d > most ? d : most;
        }
    printf("  %-58s %3d tokens, %8zu logits, %8zu differ, at most by %.3g\n", what, ALL - from, (ALL - (size_t)from) * vocabulary, count, (double)most);
    return count;
}

/* Rewinding and restoring, and that either needs the state as well as the engine's cache. */
static bool goes_on_exactly(slot *s, const llama_token *token, const float *straight, float *again, size_t vocabulary)
{
    llama_token draft[ALL];
    for (int i = 0; i < ALL; i++) draft[i] = token[ALL - 1 - i];
    run(s, draft, 0, CUT, again);
    slot_bytes other = slot_save(s);
    run(s, token, 0, CUT, again);
    slot_bytes f = slot_save(s);
    run(s, draft, CUT, CUT + DRAFT, again);
    slot_forget(s, CUT);
    run(s, token, CUT, ALL, again);
    bool right = !differ("16 tokens on, 16 removed, both rewound", straight, again, CUT, vocabulary);
    slot_start(s);
    slot_restore(s, &f);
    run(s, token, CUT, ALL, again);
    right = !differ("slot saved, emptied, both restored", straight, again, CUT, vocabulary) && right;
    slot_start(s);
    slot_restore(s, &f);
    CHECK(synres_state_load(s->state, other.bytes + other.engine, other.state));
    run(s, token, CUT, ALL, again);
    right = differ("the same with another conversation's state", straight, again, CUT, vocabulary) && right;
    printf("  a saved slot: %zu bytes of the engine's, %zu of the state's\n", f.engine, f.state);
    free(f.bytes), free(other.bytes);
    return right;
}

static int ascending(const void *a, const void *b) { return (*(const double *)a > *(const double *)b) - (*(const double *)a < *(const double *)b); }

/* Rounds of one and the other, each over the same tokens; the median of the rounds' ratios. */
static void race(slot *off, slot *on, const llama_token *token, int rounds)
{
    double ratio[64], inside[64], rate = 0;
    for (int r = 0; r < rounds; r++) {
        double spent[2];
        for (int i = 0; i < 2; i++) {
            slot *s = i ? on : off;
            run(s, token, 0, PROMPT, NULL);
            s->inside = 0;
            const double begun = slot_time();
            run(s, token, PROMPT, ALL, NULL);
            spent[i] = slot_time() - begun;
        }
        ratio[r] = spent[0] / spent[1], inside[r] = on->inside / spent[1], rate = (ALL - PROMPT) / spent[0];
    }
    qsort(ratio, (size_t)rounds, sizeof *ratio, ascending), qsort(inside, (size_t)rounds, sizeof *inside, ascending);
    printf("  tokens/s, hooks on by off: median %.3f of %d rounds, %.3f to %.3f; %.3f of the time in the callback; off: %.0f a CPU second\n",
           ratio[rounds / 2], rounds, ratio[0], ratio[rounds - 1], inside[rounds / 2], rate);
}

static const char TEXT[] =
    "The harbour master kept two books. In the first he wrote the name of every ship that came in, the day, the wind and what she carried; in the second, "
    "which nobody was allowed to see, he wrote what he thought of her captain. When the old man died the town council opened both. The first was dull and "
    "accurate, and went to the archive. The second was read aloud in the tavern for eleven evenings, and by the end of it three captains had left the town, "
    "one had married the harbour master's daughter, and the fourth had bought the book in order to burn it, which he did, slowly, page by page, laughing.";

int main(int argc, char **argv)
{
    if (argc < 2) slot_die("usage: 14_in_llama_cpp model.gguf [rounds [threads]]");
    const int rounds = argc > 2 ? atoi(argv[2]) : 3, threads = argc > 3 ? atoi(argv[3]) : 1;
    if (rounds < 1 || rounds > 64) slot_die("1 to 64 rounds");
    llama_backend_init();
    struct llama_model_params params = llama_model_default_params();
    params.use_extra_bufts = false; /* weights as in the file: where a processor has AMX and its kernel does not grant it, the engine's layout for it crashes */
    struct llama_model *llama = llama_model_load_from_file(argv[1], params);
    if (!llama) slot_die("no such model");
    const struct llama_vocab *vocab = llama_model_get_vocab(llama);
    const size_t vocabulary = (size_t)llama_vocab_n_tokens(vocab);
    llama_token token[512];
    if (llama_tokenize(vocab, TEXT, (int32_t)strlen(TEXT), token, 512, true, false) < ALL) slot_die("the text is too short");

    const int64_t n = llama_model_n_embd(llama), layers = llama_model_n_layer(llama) - 1;
    const hook_node node[] = {{"attn_norm", n}, {"Qcur", n}, {"attn_out", n}};
    synres_model *closed = make_adapter(layers, n, 0), *open = make_adapter(layers, n, 1);
    slot *alone = slot_make(llama, NULL, NULL, 0, threads), *silent = slot_make(llama, closed, node, 1 + TAPS, threads), *hooked = slot_make(llama, open, node, 1 + TAPS, threads);
    float *plain = slot_memory(ALL * vocabulary * sizeof *plain), *straight = slot_memory(ALL * vocabulary * sizeof *straight), *again = slot_memory(ALL * vocabulary * sizeof *again);

    run(alone, token, 0, ALL, plain);
    run(silent, token, 0, ALL, again);
    bool right = !differ("closed taps by the engine alone", plain, again, 0, vocabulary);
    run(hooked, token, 0, ALL, straight);
    right = differ("open taps by the engine alone", plain, straight, 1, vocabulary) && right;
    right = goes_on_exactly(hooked, token, straight, again, vocabulary) && right;
    race(alone, hooked, token, rounds);

    slot_free(alone), slot_free(silent), slot_free(hooked);
    free(plain), free(straight), free(again);
    synres_model_destroy(closed), synres_model_destroy(open);
    llama_model_free(llama);
    llama_backend_free();
    return !right;
}
