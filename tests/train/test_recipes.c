/* The recipes to the last constant, the schedules in closed form, and that every option does something. */
#include <math.h>

#include "base/checksum.h"
#include "suite.h"
#include "train/train_internal.h"
#include "train_option.h"
#include "training_data.h"

void add_recipe_cases(Suite *suite);

enum { RECIPES = 4, N = 1300, D = 10 };

static const char *const recipes[RECIPES] = {"target-l0", "gemma", "anthropic", "features"};

static atoms_train_opts recipe(const char *name)
{
    atoms_train_opts o;
    ck_assert_ok(atoms_train_opts_recipe(&o, sizeof o, name));
    return o;
}

/* The golden is what docs/training.md prints: docs/recipes.sh compares those two. */
START_TEST(constants_are_the_documented_ones)
{
    size_t size;
    char *text = (char *)read_bytes(golden_path("recipes.csv"), &size), *line_end, *cell_end;
    int checked = 0;
    char *line = strtok_r(text, "\n", &line_end);
    ck_assert_str_eq(line, "option,target-l0,gemma,anthropic,features");
    while ((line = strtok_r(NULL, "\n", &line_end))) {
        const train_option *option = option_named(strtok_r(line, ",", &cell_end));
        for (int r = 0; r < RECIPES; r++) {
            const char *cell = strtok_r(NULL, ",", &cell_end);
            ck_assert_ptr_nonnull(cell);
            atoms_train_opts o = recipe(recipes[r]);
            char *end;
            double value = strtod(cell, &end);
            ck_assert_msg(*cell && !*end && option_value(&o, option) == value, "%s of %s is not %s", option->name, recipes[r], cell);
            checked++;
        }
    }
    ck_assert_int_eq(checked, TRAIN_OPTIONS * RECIPES);
    free(text);
}
END_TEST

/* A new option that these tests do not know of changes the size. */
START_TEST(the_table_of_options_is_whole)
{
    size_t bytes = sizeof(uint32_t) + sizeof(atoms_metric *) + sizeof(char *);
    for (int i = 0; i < TRAIN_OPTIONS; i++) bytes += train_options[i].kind == OPTION_SMALL ? sizeof(int32_t) : sizeof(int64_t);
    ck_assert_int_eq((int64_t)bytes, (int64_t)sizeof(atoms_train_opts));
    atoms_train_opts defaults, named = recipe("target-l0"), bad;
    ck_assert_ok(atoms_train_opts_init(&defaults, sizeof defaults));
    for (int i = 0; i < TRAIN_OPTIONS; i++) ck_assert(option_value(&defaults, &train_options[i]) == option_value(&named, &train_options[i]));
    ck_assert_status(atoms_train_opts_recipe(&bad, sizeof bad, "topk"), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_train_opts_recipe(&bad, sizeof bad, NULL), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_train_opts_recipe(NULL, sizeof bad, "gemma"), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_train_opts_recipe(&bad, 2, "gemma"), ATOMS_E_ARGUMENT);
}
END_TEST

/* Gemma Scope's at its own length: 0.1η → η along half a cosine over 1000 steps, λ in a straight line over 10 000. */
START_TEST(gemmas_schedules_are_the_published_ones)
{
    atoms_train_opts o = recipe("gemma");
    const double pi = acos(-1), eta = 7e-5;
    o.steps = 1000000;
    for (int64_t step = 1; step <= 20000; step += 7) {
        double up = step < 1000 ? 0.5 - 0.5 * cos(pi * (double)step / 1000) : 1;
        ck_assert(near(atomsi_learning_rate(&o, step), eta * (0.1 + 0.9 * up), 1e-12, 0));
        ck_assert(near(atomsi_sparsity_weight(&o, step), 6e-4 * fmin(1, (double)step / 10000), 1e-12, 0));
    }
    ck_assert(near(atomsi_learning_rate(&o, 500), 0.55 * eta, 1e-12, 0));
    ck_assert(atomsi_learning_rate(&o, 1000000) == eta && atomsi_learning_rate(&o, 2000000) == eta);
    o.steps = 1000; /* the caps do not bite: a tenth and a half of the steps */
    ck_assert(near(atomsi_learning_rate(&o, 50), 0.55 * eta, 1e-12, 0) && near(atomsi_learning_rate(&o, 100), eta, 1e-12, 0));
    ck_assert(near(atomsi_sparsity_weight(&o, 250), 3e-4, 1e-12, 0) && near(atomsi_sparsity_weight(&o, 500), 6e-4, 1e-12, 0));
    ck_assert(!atomsi_rate_decays(&o, 999));
}
END_TEST

/* Anthropic's: λ rises over the whole run, the rate falls to 0 over its last fifth. The baseline's and the default's. */
START_TEST(the_other_schedules_are_as_documented)
{
    atoms_train_opts a = recipe("anthropic"), f = recipe("features"), t = recipe("target-l0");
    int decaying = 0;
    for (int64_t step = 1; step <= 1000; step++) {
        double left = (double)(1000 - step);
        ck_assert(near(atomsi_sparsity_weight(&a, step), (double)step / 100, 1e-12, 0));
        ck_assert(near(atomsi_learning_rate(&a, step), 2e-4 * fmin(1, left / 200), 1e-12, 1e-12));
        ck_assert(near(atomsi_sparsity_weight(&f, step), 0.03 * fmin(1, (double)step / 50), 1e-12, 0));
        ck_assert(near(atomsi_learning_rate(&f, step), 1e-3 * fmax(0.02, fmin(1, left / 300)), 1e-12, 0));
        ck_assert(atomsi_sparsity_weight(&t, step) == 1);
        ck_assert(near(atomsi_learning_rate(&t, step), 2e-3 * fmax(0.02, fmin(1, left / 300)), 1e-12, 0));
        decaying += atomsi_rate_decays(&t, step);
    }
    ck_assert_int_eq(decaying, 300);
    ck_assert(atomsi_learning_rate(&a, 1000) == 0 && atomsi_learning_rate(&a, 1001) == 0);
    t.warmup_fraction = 0.9; /* up and down meet: the lower of the two */
    ck_assert(near(atomsi_learning_rate(&t, 800), 2e-3 * 200 / 300, 1e-12, 0));
    ck_assert(near(atomsi_learning_rate(&t, 720), 2e-3 * 720 / 900, 1e-12, 0));
}
END_TEST

static int32_t follow(void *user, const atoms_train_stats *s)
{
    const double seen[] = {s->loss, s->mse, s->l0, s->learning_rate, (double)s->dead, (double)s->rows};
    *(uint64_t *)user = base_checksum(seen, sizeof seen, *(uint64_t *)user);
    return 0;
}

static uint64_t outcome(setting *s, const atoms_train_opts *o)
{
    atoms_trainer *t;
    uint64_t seen = 0;
    ck_assert_ok(atoms_trainer_create(s->context, D, o, &t));
    ck_assert_ok(atoms_trainer_run(t, s->rows, follow, &seen, NULL));
    atoms_trainer_destroy(t);
    return seen;
}

static const struct { const char *option, *recipe; double value; } changes[] = {
    {"activation", "target-l0", 1},         {"sparsity", "target-l0", 1},          {"decoder", "target-l0", 1},
    {"input_norm", "target-l0", 1},         {"start", "target-l0", 1},             {"warmup", "gemma", 0},
    {"subtract_b_dec", "target-l0", 0},     {"input_gradient", "target-l0", 1},    {"data_bias", "target-l0", 1},
    {"width", "target-l0", 25},             {"steps", "target-l0", 13},            {"batch", "target-l0", 65},
    {"init_rows", "target-l0", 200},        {"seed", "target-l0", 6},              {"target_l0", "target-l0", 1.5},
    {"start_l0", "target-l0", 9},           {"start_threshold", "target-l0", 0.2}, {"sparsity_weight", "target-l0", 1.1},
    {"sparsity_warmup", "target-l0", 0.7},  {"sparsity_warmup_most", "gemma", 3},  {"tanh_scale", "anthropic", 4.2},
    {"preactivation_weight", "anthropic", 0.1}, {"bandwidth", "target-l0", 0.3},  {"learning_rate", "target-l0", 2.1e-3},
    {"threshold_rate", "target-l0", 0.9},   {"warmup_fraction", "target-l0", 0.5}, {"warmup_most", "gemma", 1},
    {"warmup_start", "gemma", 0.2},         {"decay_fraction", "target-l0", 0.4},  {"final_rate", "target-l0", 0.9},
    {"beta1", "target-l0", 0.8},            {"beta2", "target-l0", 0.99},          {"epsilon", "target-l0", 1e-3},
    {"clip_norm", "target-l0", 0.1},        {"dead_steps", "target-l0", 2},        {"revive_every", "target-l0", 2},
};
enum { CHANGES = sizeof changes / sizeof *changes };

START_TEST(every_option_changes_the_run)
{
    ck_assert_int_eq(CHANGES, TRAIN_OPTIONS - 1); /* checkpoint_every does not */
    setting *s = begin(N, D, 1);
    for (int i = 0; i < CHANGES; i++) {
        atoms_train_opts o = recipe(changes[i].recipe), small = small_opts();
        o.width = small.width;
        o.steps = small.steps;
        o.batch = small.batch;
        o.seed = small.seed;
        o.target_l0 = 1; /* some latents miss a batch */
        o.start_l0 = 0.4;
        o.bandwidth *= 10;
        o.dead_steps = 1;
        o.warmup_fraction *= 5; /* 12 steps are few */
        uint64_t before = outcome(s, &o);
        ck_assert(outcome(s, &o) == before);
        option_set(&o, option_named(changes[i].option), changes[i].value);
        ck_assert_msg(outcome(s, &o) != before, "%s changes nothing", changes[i].option);
    }
    end(s);
}
END_TEST

void add_recipe_cases(Suite *suite)
{
    add_case(suite, "constants", constants_are_the_documented_ones);
    add_case(suite, "table", the_table_of_options_is_whole);
    add_case(suite, "gemma", gemmas_schedules_are_the_published_ones);
    add_case(suite, "schedules", the_other_schedules_are_as_documented);
    add_case(suite, "changes", every_option_changes_the_run);
}
