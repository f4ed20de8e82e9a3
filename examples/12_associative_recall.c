/* A tiny model learns multi-query associative recall: which value stood behind which key, asked for any number of tokens later.
 *
 *     ./12_associative_recall           a small one, seconds
 *     ./12_associative_recall full      vocabulary 8192, sequences of 64 to 256 tokens, minutes
 *
 * Embeddings, a one-token shift so that a key binds to the token after it, one head of the layer, a tied readout: associative_recall.c. Everything is
 * learned from new random sequences; what is printed is accuracy on others. */
#include <stdio.h>
#include <string.h>

#include "associative_recall.h"
#include "one_blas_thread.h"

enum { TASKS = 3 };

int main(int argc, char **argv)
{
    one_blas_thread();
    const int full = argc > 1 && strcmp(argv[1], "full") == 0;
    static const recall_task small_tasks[TASKS] = {{.vocabulary = 64, .tokens = 32, .pairs = 4, .power = 0.01},
                                                   {.vocabulary = 64, .tokens = 32, .pairs = 8, .power = 0.01},
                                                   {.vocabulary = 64, .tokens = 64, .pairs = 8, .power = 0.01}};
    static const recall_task full_tasks[TASKS] = {{.vocabulary = 8192, .tokens = 64, .pairs = 4, .power = 0.01},
                                                  {.vocabulary = 8192, .tokens = 128, .pairs = 8, .power = 0.01},
                                                  {.vocabulary = 8192, .tokens = 256, .pairs = 16, .power = 0.01}};
    const recall_task *tasks = full ? full_tasks : small_tasks;
    const recall_options options = {.vocabulary = tasks[0].vocabulary, .width = full ? 64 : 32, .d_key = full ? 64 : 32, .sequences = 16,
                                    .tokens = tasks[TASKS - 1].tokens, .rule = SYNRES_RULE_ERASE, .learning_rate = 1e-2, .seed = 1};
    const int steps = full ? 600 : 320, shown = steps / 8;
    recall_model *model = recall_create(&options);
    recall_random train = recall_seed(2), held_out = recall_seed(3);
    printf("%lld parameters are trained\n  step    loss", (long long)recall_parameters(model));
    for (int i = 0; i < TASKS; i++) printf("  %3d tokens, %2d pairs", tasks[i].tokens, tasks[i].pairs);
    double loss = 0, worst = 0;
    for (int step = 1; step <= steps; step++) {
        loss += recall_train(model, &tasks[step % TASKS], &train, step < steps / 2 ? 1 : 2.0 * (steps - step + 1) / steps) / shown;
        if (step % shown) continue;
        printf("\n  %4d  %6.3f", step, loss);
        worst = 1;
        for (int i = 0; i < TASKS; i++) {
            const double accuracy = recall_accuracy(model, &tasks[i], &held_out, 4);
            printf("  %18.1f %%", 100 * accuracy);
            if (accuracy < worst) worst = accuracy;
        }
        fflush(stdout);
        loss = 0;
    }
    printf("\n%s\n", worst >= 0.9 ? "recalled" : "not learned");
    recall_destroy(model);
    return worst < 0.9;
}
