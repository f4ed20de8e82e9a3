/* A signal as the sum of few atoms, by orthogonal matching pursuit (OMP) and by orthogonal least squares (OLS); to be followed with a pencil.
 *
 *     d₀ = (2, −2, 3)   d₁ = (2, 1, 0)   d₂ = (2, 1, −1)        x = −6 d₁ + 4 d₂ = (−4, −2, −4)
 *
 * Step 1, both: |⟨d_j, x⟩|/‖d_j‖ is 16/√17, 10/√5, 6/√6, so d₁ is first; a₁ = −10/5 = −2 leaves r = x + 2 d₁ = (0, 0, −4).
 * Step 2, OMP:  |⟨d_j, r⟩|/‖d_j‖ is 12/√17 for d₀ and 4/√6 for d₂: OMP takes d₀, and cannot reach x any more.
 *         OLS:  of d₀ only d₀ − ⅖ d₁ = (1.2, −2.4, 3) is new, of d₂ only d₂ − d₁ = (0, 0, −1): 12/√16.2 and 4/1. OLS takes d₂, and r = 0.
 *
 *     cc examples/07_orthogonal_matching_pursuit.c -o omp $(pkg-config --cflags --libs atoms) -lm */
#include <math.h>

#include <atoms/atoms.h>

#include "example_check.h"
#include "one_blas_thread.h"

/* Codes x with two atoms by a rule, in memory of ours, and prints it. Returns ‖x − D a‖ as the record has it. */
static double pursue(atoms_context *context, const atoms_dictionary *dictionary, int32_t rule, const char *name, const atoms_matrix *x)
{
    atoms_pursuit_opts opts;
    atoms_pursuit *pursuit;
    CHECK(context, atoms_pursuit_opts_init(&opts, sizeof opts));
    opts.rule = rule;
    opts.max_atoms = 2;
    CHECK(context, atoms_pursuit_create(context, dictionary, &opts, &pursuit));

    size_t bytes;
    atoms_pursuit_work *work;
    CHECK(context, atoms_pursuit_work_size(pursuit, 1, &bytes));
    void *memory = malloc(bytes);
    if (!memory) exit(1);
    CHECK(context, atoms_pursuit_work_init(pursuit, memory, bytes, &work));

    atoms_codes_view codes;
    atoms_code_record record;
    CHECK(context, atoms_pursuit_batch(pursuit, work, x, &codes, &record));
    printf("%s:", name);
    for (int64_t i = 0; i < codes.nnz; i++) printf(" %+.4f d%d", codes.value[i], codes.index[i]);
    printf("   residual %.4f   kkt %.0e\n", record.residual, record.kkt);

    free(memory);
    atoms_pursuit_destroy(pursuit);
    return record.residual;
}

int main(void)
{
    one_blas_thread();
    atoms_context *context;
    CHECK(NULL, atoms_context_create(NULL, &context));

    const float atoms[3 * 3] = {2, -2, 3, 2, 1, 0, 2, 1, -1}, signal[3] = {-4, -2, -4}; /* atoms may have any length */
    atoms_matrix by_row = atoms_matrix_f32(atoms, 3, 3), x = atoms_vector_f32(signal, 3);
    atoms_dictionary *dictionary;
    CHECK(context, atoms_dictionary_create(context, &by_row, NULL, &dictionary));

    double omp = pursue(context, dictionary, ATOMS_PURSUIT_OMP, "OMP", &x);
    double ols = pursue(context, dictionary, ATOMS_PURSUIT_OLS, "OLS", &x);

    atoms_dictionary_destroy(dictionary);
    atoms_context_destroy(context);
    return fabs(omp - sqrt(16 - 144 / 16.2)) < 1e-6 && ols < 1e-5 ? 0 : 1; /* ‖r‖² = 4² less (12/√16.2)², less 4² */
}
