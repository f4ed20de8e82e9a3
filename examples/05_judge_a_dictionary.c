/* Is a dictionary any good? Faithfulness R² and stability q*, in sample and held out, beside controls that know nothing.
 *
 * A figure alone says little: a look-up table of the training rows reaches R² near 1 in sample. What holds on rows that were not
 * trained on, and is not reached by the controls, was learned.
 *
 *     cc examples/05_judge_a_dictionary.c -o judge $(pkg-config --cflags --libs atoms)
 *     ./judge [TRAIN_ACTIVATIONS HELD_OUT_ACTIVATIONS] */
#include <atoms/atoms.h>

#include "example_check.h"
#include "one_blas_thread.h"

enum { TRAIN_ROWS = 4096, HELD_OUT_ROWS = 1024 }; /* many more rows than atoms: else it would learn the rows by heart */

static atoms_rows *open_rows(atoms_context *context, const char *path, int64_t limit)
{
    atoms_rows_opts opts;
    atoms_rows *rows;
    CHECK(context, atoms_rows_opts_init(&opts, sizeof opts));
    opts.limit = limit;
    CHECK(context, atoms_rows_open(context, path, &opts, &rows));
    return rows;
}

static atoms_sae *train(atoms_context *context, atoms_rows *rows)
{
    atoms_train_opts opts;
    atoms_trainer *trainer;
    atoms_sae *sae;
    CHECK(context, atoms_train_opts_init(&opts, sizeof opts));
    opts.width = atoms_rows_width(rows);
    opts.target_l0 = 16;
    opts.batch = 256;
    opts.steps = 60;
    CHECK(context, atoms_trainer_create(context, atoms_rows_width(rows), &opts, &trainer));
    CHECK(context, atoms_trainer_run(trainer, rows, NULL, NULL, NULL));
    CHECK(context, atoms_trainer_snapshot(trainer, &sae));
    atoms_trainer_destroy(trainer);
    return sae;
}

/* The AIP comes from the training rows; γ after Ledoit and Wolf, since there are few of them. */
static atoms_metric *metric_of(atoms_context *context, atoms_rows *rows)
{
    atoms_metric_opts opts;
    atoms_moments *moments;
    atoms_metric *metric;
    CHECK(context, atoms_metric_opts_init(&opts, sizeof opts));
    opts.gamma_rule = ATOMS_GAMMA_LEDOIT_WOLF;
    CHECK(context, atoms_moments_create(context, atoms_rows_width(rows), &moments));
    CHECK(context, atoms_moments_add_rows(moments, rows));
    CHECK(context, atoms_metric_from_moments(context, moments, &opts, &metric));
    atoms_moments_destroy(moments);
    return metric;
}

static void print_line(const char *name, const atoms_figures *in, const atoms_figures *out)
{
    printf("%-10s | %7.3f %7.3f | %7.1f %7.1f | %6.4f %6.4f\n", name, in->r2, out->r2, in->l0_mean, out->l0_mean, in->q_star, out->q_star);
}

/* The dictionary by itself: its atoms are the decoder's rows, compared under the AIP. */
static void print_coherence(atoms_context *context, const atoms_sae *sae, const atoms_metric *metric)
{
    atoms_matrix decoder;
    atoms_dictionary *dictionary;
    atoms_coherence_report coherence;
    CHECK(context, atoms_sae_decoder(sae, &decoder));
    CHECK(context, atoms_dictionary_create(context, &decoder, metric, &dictionary));
    CHECK(context, atoms_coherence_report_init(&coherence, sizeof coherence));
    CHECK(context, atoms_dictionary_coherence(dictionary, NULL, &coherence));
    printf("coherence in the AIP %.3f, between atoms %lld and %lld of %lld\n", coherence.mu, (long long)coherence.pair[0],
           (long long)coherence.pair[1], (long long)coherence.atoms);

    atoms_dictionary_destroy(dictionary);
}

int main(int argc, char **argv)
{
    one_blas_thread();
    atoms_context *context;
    CHECK(NULL, atoms_context_create(NULL, &context));
    atoms_rows *seen = open_rows(context, argc > 2 ? argv[1] : EXAMPLE_DATA "/sample.train.npy", TRAIN_ROWS);
    atoms_rows *unseen = open_rows(context, argc > 2 ? argv[2] : EXAMPLE_DATA "/sample.eval.npy", HELD_OUT_ROWS);
    atoms_sae *sae = train(context, seen);
    atoms_metric *metric = metric_of(context, seen);

    atoms_evaluate_opts opts;
    atoms_figures in, out;
    CHECK(context, atoms_evaluate_opts_init(&opts, sizeof opts));
    opts.metric = metric;
    CHECK(context, atoms_figures_init(&in, sizeof in));
    CHECK(context, atoms_figures_init(&out, sizeof out));
    printf("           |        R²       |        L0       |      q*\n           |      in     out |      in     out |     in    out\n");
    CHECK(context, atoms_evaluate(context, sae, &opts, seen, unseen, &in, &out));
    print_line("this one", &in, &out);

    const struct {
        int32_t control;
        const char *name;
    } controls[] = {{ATOMS_CONTROL_NEURONS, "neurons"},
                    {ATOMS_CONTROL_RANDOM, "random"},
                    {ATOMS_CONTROL_SHUFFLED, "shuffled"},
                    {ATOMS_CONTROL_MEMORISER, "memoriser"}};
    for (size_t i = 0; i < sizeof controls / sizeof *controls; i++) {
        CHECK(context, atoms_evaluate_control(context, controls[i].control, sae, &opts, seen, unseen, &in, &out));
        print_line(controls[i].name, &in, &out);
    }

    print_coherence(context, sae, metric);

    atoms_metric_destroy(metric);
    atoms_sae_destroy(sae);
    atoms_rows_destroy(unseen);
    atoms_rows_destroy(seen);
    atoms_context_destroy(context);
    return 0;
}
