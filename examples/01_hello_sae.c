/* A tiny sparse autoencoder made by hand: encode a vector, read its codes, put it together again.
 *
 * Four atoms in the plane, pointing right, up, left and down. A vector is a sum of few of them, and
 *     z = x W_enc + b_enc,   f_i = z_i where z_i > θ_i,   x̂ = f W_dec + b_dec
 * finds which.
 *
 *     cc examples/01_hello_sae.c -o hello $(pkg-config --cflags --libs atoms) */
#include <atoms/atoms.h>

#include "example_check.h"
#include "one_blas_thread.h"

int main(void)
{
    one_blas_thread();
    atoms_context *context;
    CHECK(NULL, atoms_context_create(NULL, &context)); /* defaults: serial, malloc, no cap */

    const float decoder[4 * 2] = {1, 0, 0, 1, -1, 0, 0, -1}; /* a row an atom */
    const float encoder[2 * 4] = {1, 0, -1, 0, 0, 1, 0, -1}; /* its transpose: a column a latent */
    const float threshold[4] = {.1f, .1f, .1f, .1f};

    atoms_sae_weights weights; /* fields left alone keep their defaults: no biases, scales 1 */
    CHECK(context, atoms_sae_weights_init(&weights, sizeof weights));
    weights.w_enc = atoms_matrix_f32(encoder, 2, 4);
    weights.w_dec = atoms_matrix_f32(decoder, 4, 2);
    weights.threshold = threshold;
    atoms_sae *sae;
    CHECK(context, atoms_sae_create(context, &weights, &sae));

    /* Encoding happens in memory of ours, so that it never allocates. */
    size_t bytes;
    atoms_sae_work *work;
    CHECK(context, atoms_sae_work_size(sae, 1, &bytes));
    void *memory = malloc(bytes);
    if (!memory) return 1;
    CHECK(context, atoms_sae_work_init(sae, memory, bytes, &work));

    const float x[2] = {.75f, -2};
    atoms_matrix token = atoms_vector_f32(x, 2); /* a view, no copy */
    atoms_codes_view codes;
    CHECK(context, atoms_sae_encode(sae, work, &token, &codes));

    printf("x = (%.2f, %.2f) uses %lld of %lld atoms:\n  atom  value  direction\n", x[0], x[1], (long long)codes.nnz, (long long)codes.width);
    for (int64_t i = 0; i < codes.nnz; i++) {
        const float *f = &decoder[2 * codes.index[i]];
        printf("  %4d  %5.2f  (%2.0f, %2.0f)\n", codes.index[i], codes.value[i], f[0], f[1]);
    }

    float back[2];
    atoms_matrix out = atoms_vector_f32(back, 2);
    CHECK(context, atoms_sae_decode(sae, &codes, &out));
    printf("decoded: (%.2f, %.2f)\n", back[0], back[1]);

    free(memory);
    atoms_sae_destroy(sae);
    atoms_context_destroy(context); /* last: after every handle made from it */
    return back[0] == x[0] && back[1] == x[1] ? 0 : 1;
}
