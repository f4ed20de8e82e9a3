/* L1: the tiny model of example 12 learns multi-query associative recall with each rule in turn. All rules have the same learning rates to choose from (on
 * tuning seeds), the same steps and sequences, and within 1 % as many numbers; the accuracy is that on sequences of other seeds. */
#include "associative_recall.h"
#include "support/bench_check.h"
#include "synres_evaluation.h"

typedef struct family {
    const char *name;
    int partner, rule, decays, flags;
} family;

static const family families[] = {
    {"Hebbian", -1, 0, 0, SYNRES_TRAIN_FREEZE_KAPPA},
    {"delta (κ = 0)", -1, SYNRES_RULE_ERASE, 0, SYNRES_TRAIN_FREEZE_KAPPA},
    {"delta, κ learned", 1, SYNRES_RULE_ERASE, 0, 0},
    {"gated delta (κ = 0)", -1, SYNRES_RULE_ERASE, 1, SYNRES_TRAIN_FREEZE_KAPPA},
    {"gated delta, κ learned", 3, SYNRES_RULE_ERASE, 1, 0},
};
static const double rates[] = {3e-3, 1e-2, 3e-2};
enum { FAMILIES = sizeof families / sizeof *families, RATES = sizeof rates / sizeof *rates, TUNING = 2, TUNING_SEED = 1000 };

static const recall_task tasks[] = {
    {.vocabulary = 128, .tokens = 64, .pairs = 8, .power = 0.01},
    {.vocabulary = 128, .tokens = 64, .pairs = 16, .power = 0.01},
    {.vocabulary = 128, .tokens = 64, .pairs = 8, .rewritten = 8, .power = 0.01},
    {.vocabulary = 128, .tokens = 64, .pairs = 8, .noise = 16, .power = 0.01},
};
enum { TASKS = sizeof tasks / sizeof *tasks };
static const char *const names[TASKS] = {"8 pairs", "16 pairs", "8 pairs, each rewritten", "8 pairs, 16 noise tokens"};

typedef struct learning {
    const evaluation_options *options;
    int tasks, steps;
    int64_t parameters[FAMILIES];
    double rate[TASKS][FAMILIES]; /* chosen */
    double *tuned, *accuracy;     /* tasks × families × (rates × tuning seeds; seeds) */
} learning;

/* One run. The rate is constant for half of the steps, then falls to 0. */
static double learn(const learning *l, int task, int f, double rate, uint64_t seed)
{
    const recall_options options = {.vocabulary = tasks[task].vocabulary, .width = 32, .d_key = 16, .sequences = 16, .tokens = tasks[task].tokens,
                                    .rule = families[f].rule, .decays = families[f].decays, .train_flags = families[f].flags,
                                    .learning_rate = rate, .seed = seed};
    recall_model *model = recall_create(&options);
    recall_random train = recall_seed(seed + 10000), held_out = recall_seed(seed + 20000);
    for (int step = 1; step <= l->steps; step++) {
        const double left = 2.0 * (l->steps - step + 1) / l->steps;
        recall_train(model, &tasks[task], &train, left < 1 ? left : 1);
    }
    const double accuracy = recall_accuracy(model, &tasks[task], &held_out, 16);
    recall_destroy(model);
    return accuracy;
}

static void tune(void *arg, int64_t n)
{
    learning *l = arg;
    const int f = (int)(n / TUNING / RATES % FAMILIES), task = (int)(n / TUNING / RATES / FAMILIES);
    l->tuned[n] = learn(l, task, f, rates[n / TUNING % RATES], (uint64_t)(TUNING_SEED + n % TUNING));
}

static void run(void *arg, int64_t n)
{
    learning *l = arg;
    const int seeds = l->options->seeds, f = (int)(n / seeds % FAMILIES), task = (int)(n / seeds / FAMILIES);
    l->accuracy[n] = learn(l, task, f, l->rate[task][f], (uint64_t)(n % seeds + 1));
}

static void choose(learning *l, int task, int f)
{
    double best = -1;
    for (int i = 0; i < RATES; i++) {
        double mean = 0;
        for (int seed = 0; seed < TUNING; seed++) mean += l->tuned[((task * FAMILIES + f) * RATES + i) * TUNING + seed] / TUNING;
        if (mean > best) best = mean, l->rate[task][f] = rates[i];
    }
}

static void print(const learning *l, evaluation_report *report)
{
    const int seeds = l->options->seeds;
    evaluation_report_table(report, "multi-query associative recall, d = 16, trained: accuracy on held-out sequences", l->tasks, names);
    for (int f = 0; f < FAMILIES; f++) {
        evaluation_report_row(report, families[f].name);
        for (int task = 0; task < l->tasks; task++) {
            const double *own = l->accuracy + (task * FAMILIES + f) * seeds;
            char setting[80];
            snprintf(setting, sizeof setting, "learning rate %g", l->rate[task][f]);
            if (families[f].partner < 0) evaluation_report_cell(report, evaluation_estimate(seeds, own), setting);
            else evaluation_report_against(report, evaluation_estimate(seeds, own),
                                           evaluation_difference(seeds, own, l->accuracy + (task * FAMILIES + families[f].partner) * seeds), setting);
        }
    }
}

void evaluation_of_learning(const evaluation_options *options, evaluation_report *report)
{
    learning l = {.options = options, .tasks = options->quick ? 1 : TASKS, .steps = options->quick ? 5 : 400};
    const int64_t cells = (int64_t)l.tasks * FAMILIES;
    l.tuned = bench_memory((size_t)(cells * RATES * TUNING), sizeof *l.tuned);
    l.accuracy = bench_memory((size_t)(cells * options->seeds), sizeof *l.accuracy);
    evaluation_parallel(options->threads, cells * RATES * TUNING, tune, &l);
    for (int task = 0; task < l.tasks; task++)
        for (int f = 0; f < FAMILIES; f++) choose(&l, task, f);
    evaluation_parallel(options->threads, cells * options->seeds, run, &l);
    print(&l, report);
    free(l.tuned);
    free(l.accuracy);
}
