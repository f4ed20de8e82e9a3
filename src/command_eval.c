/* eval: all figures of an SAE, held out and in sample, beside its controls. */
#include "evaluation_run.h"
#include "output.h"

static int run(const command *self, int count, char **words)
{
    evaluation_run r = {0};
    option options[EVALUATION_OPTIONS];
    arguments a;
    evaluation_options(&r, options);
    json_t *result = result_new();
    int code = arguments_read(self, options, EVALUATION_OPTIONS, count, words, &a);
    if (code >= 0) goto done;
    if ((code = evaluation_open(&r, &a, result))) goto done;
    if ((code = evaluation_put(&r, result))) goto done;
    code = output_result(&a, json_incref(result), print_evaluation);
done:
    json_decref(result);
    evaluation_close(&r);
    arguments_free(&a);
    return code;
}

const command eval_command = {
    .name = "eval",
    .summary = "faithfulness, sparsity and stability of an SAE, held out and in sample, beside its controls",
    .synopsis = "SAE X... [--train X0...] [--baselines] [--features SAE2] [--metric FILE]",
    .example = "atoms eval my-sae heldout.npy --train acts.npy --baselines    # every figure twice: held out, and on the training rows",
    .words_least = 2,
    .run = run,
};
