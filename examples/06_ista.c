/* ISTA on a signal whose answer fits on the back of an envelope, then the same by the default solver, each with its proof.
 *
 * Three atoms in the plane: e1, e2, and between them d = (0.8, 0.6). The signal is x = (2, 0.9), the penalty λ = 0.5, so
 *     minimise ½‖x − D a‖² + ½ (|a_1| + |a_2| + |a_3|).
 *
 * By hand: say that e1 and d are used, both with a plus. Then the residual r has r·e1 = λ and r·d = λ:
 *     r_1 = 0.5,  0.8·0.5 + 0.6 r_2 = 0.5  ->  r_2 = 1/6;   and |r·e2| = 1/6 <= λ, so e2 is rightly left alone.
 *     x − r = (1.5, 11/15) = a_1 e1 + a_3 d  ->  a_3 = 11/9,  a_1 = 1.5 − 0.8·11/9 = 47/90.
 *
 *     cc examples/06_ista.c -o ista $(pkg-config --cflags --libs atoms) */
#include <atoms/atoms.h>
#include <math.h>

#include "example_check.h"
#include "one_blas_thread.h"

static const double by_hand[3] = {47. / 90, 0, 11. / 9};

/* Codes one signal in memory of ours; prints code and record. Returns whether it is the answer by hand. */
static int solve(atoms_context *context, const atoms_dictionary *dictionary, const atoms_lasso_opts *opts, const char *name)
{
    const float x[2] = {2, .9f};
    atoms_matrix signal = atoms_vector_f32(x, 2), dual;
    atoms_lasso *lasso;
    atoms_lasso_work *work;
    atoms_codes_view code;
    atoms_code_record record;
    size_t bytes;
    CHECK(context, atoms_lasso_create(context, dictionary, opts, &lasso));
    CHECK(context, atoms_lasso_work_size(lasso, 1, &bytes));
    void *memory = malloc(bytes);
    if (!memory) exit(1);
    CHECK(context, atoms_lasso_work_init(lasso, memory, bytes, &work));
    CHECK(context, atoms_lasso_batch(lasso, work, &signal, &code, &record));
    CHECK(context, atoms_lasso_dual(lasso, work, &dual));

    const double *y = dual.data;
    double a[3] = {0};
    for (int64_t i = 0; i < code.nnz; i++) a[code.index[i]] = code.value[i];
    printf("%-18s a = (%.5f, %.5f, %.5f)   %5d iterations   gap %.1e   KKT %.1e\n", name, a[0], a[1], a[2], record.iterations, record.gap, record.kkt);
    printf("%-18s y = (%.5f, %.5f)   y·d = %.5f, %.5f, %.5f: none above lambda = %.1f\n", "  its dual vector", y[0], y[1], y[0], y[1],
           .8 * y[0] + .6 * y[1], record.lambda);
    int right = record.status == ATOMS_CODE_CONVERGED;
    for (int j = 0; j < 3; j++) right = right && fabs(a[j] - by_hand[j]) < 1e-3;

    free(memory);
    atoms_lasso_destroy(lasso);
    return right;
}

int main(void)
{
    one_blas_thread();
    atoms_context *context;
    atoms_dictionary *dictionary;
    atoms_lasso_opts opts;
    CHECK(NULL, atoms_context_create(NULL, &context));
    const double atoms[3 * 2] = {1, 0, 0, 1, .8, .6}; /* a row an atom */
    atoms_matrix rows = atoms_matrix_f64(atoms, 3, 2);
    CHECK(context, atoms_dictionary_create(context, &rows, NULL, &dictionary));

    printf("%-18s a = (%.5f, %.5f, %.5f)\n", "by hand", by_hand[0], by_hand[1], by_hand[2]);
    CHECK(context, atoms_lasso_opts_init(&opts, sizeof opts));
    opts.lambda = .5;
    int right = solve(context, dictionary, &opts, "default (CD)");
    opts.solver = ATOMS_LASSO_ISTA;
    opts.polish = 0; /* as published: nothing but its own iterations */
    right &= solve(context, dictionary, &opts, "ISTA");
    opts.solver = ATOMS_LASSO_FISTA;
    right &= solve(context, dictionary, &opts, "FISTA");

    atoms_dictionary_destroy(dictionary);
    atoms_context_destroy(context);
    return right ? 0 : 1;
}
