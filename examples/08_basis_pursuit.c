/* Basis pursuit by hand: a signal of one spike and one wave, and the proof that nothing shorter makes it.
 *
 * Eight atoms in four dimensions: the spikes e_1 … e_4, and the waves h_1 … h_4 = (±1, ±1, ±1, ±1)/2. The signal is 3 e_2 + 2 h_1 = (1, 4, 1, 1).
 * Spikes alone would cost 1 + 4 + 1 + 1 = 7, waves alone 3.5 + 1.5 + 1.5 + 1.5 = 8; basis pursuit finds the two atoms, for 5. Its proof is
 * y = (1/3, 1, 1/3, 1/3): no atom has |y·d| > 1, so every code of x costs at least y·x = (1 + 12 + 1 + 1)/3 = 5.
 *
 * With a tolerance σ = 0.1 both values shrink by the same amount, and the cost falls by σ‖y‖ = 0.1·2/√3.
 *
 *     cc examples/08_basis_pursuit.c -o basis_pursuit $(pkg-config --cflags --libs atoms) -lm */
#include <atoms/atoms.h>
#include <math.h>

#include "example_check.h"
#include "one_blas_thread.h"

static const float atoms[8][4] = {{1, 0, 0, 0},         {0, 1, 0, 0},           {0, 0, 1, 0},           {0, 0, 0, 1},
                                  {.5f, .5f, .5f, .5f}, {.5f, -.5f, .5f, -.5f}, {.5f, .5f, -.5f, -.5f}, {.5f, -.5f, -.5f, .5f}};
static const float signal[4] = {1, 4, 1, 1};

/* Codes the signal to within sigma, prints code and proof; returns ‖a‖₁. */
static double pursue(atoms_context *context, const atoms_dictionary *dictionary, double sigma)
{
    atoms_basis_pursuit_opts opts;
    atoms_basis_pursuit *plan;
    CHECK(context, atoms_basis_pursuit_opts_init(&opts, sizeof opts));
    opts.sigma = sigma;
    CHECK(context, atoms_basis_pursuit_create(context, dictionary, &opts, &plan));

    size_t bytes;
    atoms_basis_pursuit_work *work;
    CHECK(context, atoms_basis_pursuit_work_size(plan, 1, &bytes));
    void *memory = malloc(bytes);
    if (!memory) exit(1);
    CHECK(context, atoms_basis_pursuit_work_init(plan, memory, bytes, &work));

    atoms_matrix x = atoms_vector_f32(signal, 4), proof;
    atoms_codes_view codes;
    atoms_code_record record;
    CHECK(context, atoms_basis_pursuit_batch(plan, work, &x, &codes, &record));
    CHECK(context, atoms_basis_pursuit_dual(plan, work, &proof));

    printf("within %.1f of x:", sigma);
    for (int64_t i = 0; i < codes.nnz; i++)
        printf("  %.4f of %s %d", codes.value[i], codes.index[i] < 4 ? "spike" : "wave", codes.index[i] % 4 + 1);
    const double *y = proof.data;
    printf("\n  cost %.4f, residual %.4f, y = (%.4f, %.4f, %.4f, %.4f)\n", record.objective, record.residual, y[0], y[1], y[2], y[3]);

    double most = 0, reach = 0, length = 0; /* the proof, checked without the library */
    for (int i = 0; i < 4; i++) reach += y[i] * signal[i], length += y[i] * y[i];
    for (int j = 0; j < 8; j++) most = fmax(most, fabs(y[0] * atoms[j][0] + y[1] * atoms[j][1] + y[2] * atoms[j][2] + y[3] * atoms[j][3]));
    printf("  max |y.d| = %.4f, so any code costs at least y.x - sigma |y| = %.4f\n", most, reach - sigma * sqrt(length));

    free(memory);
    atoms_basis_pursuit_destroy(plan);
    return record.status == ATOMS_CODE_CONVERGED ? record.objective : -1;
}

int main(void)
{
    one_blas_thread();
    atoms_context *context;
    atoms_dictionary *dictionary;
    atoms_matrix rows = atoms_matrix_f32(atoms[0], 8, 4);
    CHECK(NULL, atoms_context_create(NULL, &context));
    CHECK(context, atoms_dictionary_create(context, &rows, NULL, &dictionary));

    double exact = pursue(context, dictionary, 0), close = pursue(context, dictionary, 0.1);

    atoms_dictionary_destroy(dictionary);
    atoms_context_destroy(context);
    return fabs(exact - 5) < 1e-5 && fabs(close - (5 - 0.1 * 2 / sqrt(3))) < 1e-5 ? 0 : 1;
}
