/* How an inference engine uses an SAE: everything is made once, and the work lies in the engine's own memory; then, for each token, encode
 * the residual stream and steer it, without an allocation, a lock or a system call.
 *
 * The SAE here is made of pseudo-random unit directions, so that the example needs no file: atoms_sae_load would give a real one.
 *
 *     cc examples/04_one_token_in_an_engine.c -o engine $(pkg-config --cflags --libs atoms) -lm */
#include <math.h>

#include <atoms/atoms.h>

#include "example_check.h"
#include "one_blas_thread.h"

enum { N_EMBD = 64, N_ATOMS = 256, N_TOKENS = 1000, STEERED = 7 };

/* The engine's state, made when it starts. The SAE is in the context's memory, which hooks could make the engine's too (docs/MEMORY.md). */
typedef struct engine {
    const atoms_sae *sae; /* immutable: any number of engines share it */
    atoms_sae_work *work; /* one for each thread that encodes */
    float residual[N_EMBD];
    int64_t uses[N_ATOMS];
} engine;

static float noise(uint32_t *state) /* in [−1, 1): stands for the model */
{
    *state = *state * 1664525u + 1013904223u;
    return (float)(*state >> 8) / 8388608.0f - 1.0f;
}

static void on_token(engine *e, atoms_context *context)
{
    atoms_matrix x = atoms_vector_f32(e->residual, N_EMBD);
    atoms_codes_view codes; /* a view over the work, valid until its next use */
    CHECK(context, atoms_sae_encode(e->sae, e->work, &x, &codes));
    for (int64_t i = 0; i < codes.nnz; i++) e->uses[codes.index[i]]++;
    CHECK(context, atoms_sae_steer(e->sae, STEERED, 2.5, e->residual)); /* residual += 2.5 · atom */
}

static atoms_sae *make_sae(atoms_context *context, uint32_t *state)
{
    static float decoder[N_ATOMS * N_EMBD], encoder[N_EMBD * N_ATOMS], threshold[N_ATOMS];
    for (int i = 0; i < N_ATOMS; i++) {
        float norm2 = 0;
        for (int j = 0; j < N_EMBD; j++) norm2 += powf(decoder[i * N_EMBD + j] = noise(state), 2);
        for (int j = 0; j < N_EMBD; j++) encoder[j * N_ATOMS + i] = decoder[i * N_EMBD + j] /= sqrtf(norm2);
        threshold[i] = 1;
    }
    atoms_sae_weights weights;
    CHECK(context, atoms_sae_weights_init(&weights, sizeof weights));
    weights.w_enc = atoms_matrix_f32(encoder, N_EMBD, N_ATOMS);
    weights.w_dec = atoms_matrix_f32(decoder, N_ATOMS, N_EMBD);
    weights.threshold = threshold;
    atoms_sae *sae;
    CHECK(context, atoms_sae_create(context, &weights, &sae)); /* copies what it needs */
    return sae;
}

int main(void)
{
    one_blas_thread();
    atoms_context *context;
    CHECK(NULL, atoms_context_create(NULL, &context));
    uint32_t state = 1;
    atoms_sae *sae = make_sae(context, &state);

    size_t bytes;
    CHECK(context, atoms_sae_work_size(sae, 1, &bytes));
    void *memory = malloc(bytes);
    engine *e = calloc(1, sizeof *e);
    if (!memory || !e) return 1;
    e->sae = sae;
    CHECK(context, atoms_sae_work_init(sae, memory, bytes, &e->work));

    atoms_memory_report before, after;
    CHECK(context, atoms_memory_report_init(&before, sizeof before));
    CHECK(context, atoms_memory_report_init(&after, sizeof after));
    CHECK(context, atoms_context_memory(context, &before));
    for (int t = 0; t < N_TOKENS; t++) {
        for (int j = 0; j < N_EMBD; j++) e->residual[j] = noise(&state);
        on_token(e, context);
    }
    CHECK(context, atoms_context_memory(context, &after));

    int64_t total = 0, most = 0;
    for (int i = 0; i < N_ATOMS; i++) {
        total += e->uses[i];
        if (e->uses[i] > e->uses[most]) most = i;
    }
    printf("tokens                    %d\natoms a token             %.1f of %d\n", N_TOKENS, (double)total / N_TOKENS, N_ATOMS);
    printf("most used atom            %lld, %lld times\nwork of the engine        %zu bytes\n", (long long)most, (long long)e->uses[most], bytes);
    printf("allocations while running %llu\n", (unsigned long long)(after.allocations - before.allocations));
    int quiet = after.allocations == before.allocations;

    free(e);
    free(memory);
    atoms_sae_destroy(sae);
    atoms_context_destroy(context);
    return quiet ? 0 : 1;
}
