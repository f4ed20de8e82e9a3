/* Train a small dictionary and save it where SAELens, or any program that reads its directories, finds it.
 *
 *     cc examples/03_train_a_dictionary.c -o train $(pkg-config --cflags --libs atoms)
 *     ./train [ACTIVATIONS [DIRECTORY]] */
#include <atoms/atoms.h>

#include "example_check.h"
#include "one_blas_thread.h"

/* Called after every step; a value other than 0 would stop the run, with everything intact. */
static int32_t on_step(void *user, const atoms_train_stats *stats)
{
    (void)user;
    if (stats->step % 20 == 0)
        printf("  %4lld  %6.4f  %6.1f  %6.4f  %5lld\n", (long long)stats->step, stats->mse, stats->l0, stats->r2, (long long)stats->dead);
    return 0;
}

int main(int argc, char **argv)
{
    one_blas_thread();
    const char *directory = argc > 2 ? argv[2] : "03_dictionary";
    atoms_context *context;
    CHECK(NULL, atoms_context_create(NULL, &context));

    atoms_rows *rows;
    CHECK(context, atoms_rows_open(context, argc > 1 ? argv[1] : EXAMPLE_DATA "/sample.train.npy", NULL, &rows));

    atoms_train_opts opts; /* the rest of the recipe: docs/train.md */
    CHECK(context, atoms_train_opts_init(&opts, sizeof opts));
    opts.width = 2 * atoms_rows_width(rows);
    opts.target_l0 = 32;
    opts.batch = 128;
    opts.steps = 100;
    atoms_trainer *trainer;
    CHECK(context, atoms_trainer_create(context, atoms_rows_width(rows), &opts, &trainer));

    printf("  step     mse      L0      R²   dead\n");
    atoms_train_report report;
    CHECK(context, atoms_train_report_init(&report, sizeof report));
    CHECK(context, atoms_trainer_run(trainer, rows, on_step, NULL, &report));

    atoms_sae *sae, *again;
    CHECK(context, atoms_trainer_snapshot(trainer, &sae));
    CHECK(context, atoms_sae_save(sae, directory, ATOMS_FORMAT_SAELENS));
    CHECK(context, atoms_sae_load(context, directory, &again)); /* what anybody else would do with it */
    printf("%lld atoms of %lld coordinates in %s\n", (long long)atoms_sae_d_sae(again), (long long)atoms_sae_d_in(again), directory);

    atoms_sae_destroy(again);
    atoms_sae_destroy(sae);
    atoms_trainer_destroy(trainer);
    atoms_rows_destroy(rows);
    atoms_context_destroy(context);
    return 0;
}
