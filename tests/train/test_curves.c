/* The loss curves of the recipes on real activations, against an independent float64 implementation (tests/golden/make_training.py) that makes
 * its own start: and that a changed constant leaves the tolerance. */
#include <math.h>

#include "suite.h"
#include "train_option.h"
#include "training_data.h"

enum { ROWS = 2048, D = 576, STEPS = 60, FIGURES = 4, RECIPES = 5 };

static const char *const recipes[RECIPES] = {"target-l0", "gemma", "anthropic", "features", "aip"};

/* loss, mse, L0, R² of every step; those that the golden has not are NaN there. */
typedef struct curve {
    double at[STEPS][FIGURES];
    int64_t steps;
} curve;

static int32_t draw(void *user, const atoms_train_stats *s)
{
    curve *c = user;
    const double figures[FIGURES] = {s->loss, s->mse, s->l0, s->r2};
    memcpy(c->at[c->steps++], figures, sizeof figures);
    return 0;
}

static curve golden(const char *recipe)
{
    curve c = {.steps = 0};
    size_t size, length = strlen(recipe);
    char *text = (char *)read_bytes(golden_path("training_curves.csv"), &size);
    for (int i = 0; i < STEPS * FIGURES; i++) c.at[i / FIGURES][i % FIGURES] = NAN;
    for (char *line = text; *line; line = strchr(line, '\n') + 1) {
        if (strncmp(line, recipe, length) != 0 || line[length] != ',') continue;
        char *at;
        int64_t step = strtoll(line + length + 1, &at, 10);
        ck_assert(step >= 1 && step <= STEPS);
        for (int k = 0; k < FIGURES; k++) c.at[step - 1][k] = strtod(at + 1, &at);
        c.steps++;
    }
    free(text);
    ck_assert_int_eq(c.steps, 21);
    return c;
}

/* Rows to train on, and as many others to start from. */
typedef struct sample {
    counting_memory memory;
    atoms_context *context;
    float *x;
    atoms_rows *rows, *start;
} sample;

static void open_sample(sample *s)
{
    atoms_rows *all;
    memset(s, 0, sizeof *s);
    s->context = counting_context(&s->memory, 1);
    s->x = malloc(2 * ROWS * D * sizeof *s->x);
    ck_assert_ptr_nonnull(s->x);
    atoms_matrix both = atoms_matrix_f32(s->x, 2 * ROWS, D), first = atoms_matrix_f32(s->x, ROWS, D), second = atoms_matrix_f32(s->x + ROWS * D, ROWS, D);
    ck_assert_ok(atoms_rows_open(s->context, sample_path("sample.train.npy"), NULL, &all));
    ck_assert_ok(atoms_rows_read(all, 0, &both));
    atoms_rows_destroy(all);
    ck_assert_ok(atoms_rows_from_matrix(s->context, &first, &s->rows));
    ck_assert_ok(atoms_rows_from_matrix(s->context, &second, &s->start));
}

static void close_sample(sample *s)
{
    atoms_rows_destroy(s->rows);
    atoms_rows_destroy(s->start);
    atoms_context_destroy(s->context);
    free(s->x);
    ck_assert_int_eq(s->memory.held, 0);
}

/* The start's own, γ = 1. */
static atoms_metric *metric_of(atoms_context *context, atoms_rows *rows)
{
    atoms_moments *moments;
    atoms_metric *metric;
    atoms_metric_opts o;
    ck_assert_ok(atoms_metric_opts_init(&o, sizeof o));
    o.gamma = 1;
    ck_assert_ok(atoms_moments_create(context, D, &moments));
    ck_assert_ok(atoms_moments_add_rows(moments, rows));
    ck_assert_ok(atoms_metric_from_moments(context, moments, &o, &metric));
    atoms_moments_destroy(moments);
    return metric;
}

static atoms_train_opts options_of(const char *recipe, const atoms_metric *metric)
{
    atoms_train_opts o;
    ck_assert_ok(atoms_train_opts_recipe(&o, sizeof o, metric ? "target-l0" : recipe));
    o.width = 128;
    o.batch = 128;
    o.steps = STEPS;
    o.seed = 1;
    o.target_l0 = metric ? 2 : 16;
    o.metric = metric;
    if (metric) o.start = ATOMS_START_ROWS;
    return o;
}

static curve trained(const sample *s, const atoms_train_opts *o)
{
    curve c = {.steps = 0};
    atoms_trainer *t;
    ck_assert_ok(atoms_trainer_create(s->context, D, o, &t));
    ck_assert_ok(atoms_trainer_initialize(t, s->start));
    ck_assert_ok(atoms_trainer_run(t, s->rows, draw, &c, NULL));
    ck_assert_int_eq(c.steps, STEPS);
    atoms_trainer_destroy(t);
    return c;
}

/* The largest distance of two curves in units of what is allowed: f32's rounding, and two pairs of a batch that it moves across a threshold,
 * which the target's term sees. */
static double distance(const curve *got, const curve *want)
{
    double largest = 0;
    int compared = 0;
    for (int i = 0; i < STEPS; i++) {
        if (isnan(want->at[i][0])) continue;
        const double allowed[FIGURES] = {5e-4 * want->at[i][0], 2e-5 * want->at[i][1], 0.016, 2e-5};
        for (int k = 0; k < FIGURES; k++) {
            double d = fabs(got->at[i][k] - want->at[i][k]) / allowed[k];
            if (!(d <= largest)) largest = d;
            compared++;
        }
    }
    ck_assert_int_eq(compared, 21 * FIGURES);
    return largest;
}

START_TEST(curves_are_those_of_dense_f64)
{
    sample s;
    open_sample(&s);
    atoms_metric *metric = strcmp(recipes[_i], "aip") == 0 ? metric_of(s.context, s.start) : NULL;
    atoms_train_opts o = options_of(recipes[_i], metric);
    curve want = golden(recipes[_i]), got = trained(&s, &o);
    double d = distance(&got, &want);
    ck_assert_msg(d <= 1, "%s: %g times the tolerance", recipes[_i], d);
    atoms_metric_destroy(metric);
    close_sample(&s);
}
END_TEST

/* Constants that a short run depends on, changed by a tenth (a switch: turned), leave the tolerance. Those it does not see (epsilon where
 * gradients are large, a clip that scales every step alike, a tiny weight) are held by the tests of the update and of the gradient. */
static const struct { int recipe; const char *option; } constants[] = {
    {0, "target_l0"}, {0, "sparsity_weight"}, {0, "bandwidth"}, {0, "learning_rate"}, {0, "threshold_rate"}, {0, "decay_fraction"},
    {0, "beta1"}, {0, "beta2"}, {0, "epsilon"}, {0, "input_norm"}, {0, "subtract_b_dec"}, {0, "decoder"}, {1, "start_threshold"},
    {1, "sparsity_weight"}, {1, "sparsity_warmup"}, {1, "bandwidth"}, {1, "learning_rate"}, {1, "threshold_rate"}, {1, "warmup_fraction"},
    {1, "warmup_start"}, {1, "warmup"}, {1, "beta2"}, {1, "input_gradient"}, {2, "start_threshold"}, {2, "sparsity_weight"},
    {2, "sparsity_warmup"}, {2, "tanh_scale"}, {2, "bandwidth"}, {2, "learning_rate"}, {2, "threshold_rate"}, {2, "decay_fraction"},
    {2, "beta1"}, {2, "beta2"}, {2, "input_gradient"}, {2, "data_bias"}, {2, "decoder"}, {2, "input_norm"}, {2, "subtract_b_dec"},
    {3, "target_l0"}, {3, "sparsity_weight"}, {3, "sparsity_warmup"}, {3, "learning_rate"}, {3, "decay_fraction"}, {3, "beta1"},
    {3, "beta2"}, {3, "activation"}, {4, "target_l0"}, {4, "sparsity_weight"}, {4, "bandwidth"}, {4, "learning_rate"}, {4, "start"},
};
enum { CONSTANTS = sizeof constants / sizeof *constants };

START_TEST(a_wrong_constant_leaves_the_curve)
{
    sample s;
    open_sample(&s);
    int recipe = constants[_i].recipe;
    const train_option *option = option_named(constants[_i].option);
    atoms_metric *metric = strcmp(recipes[recipe], "aip") == 0 ? metric_of(s.context, s.start) : NULL;
    atoms_train_opts o = options_of(recipes[recipe], metric);
    double value = option_value(&o, option);
    option_set(&o, option, option->kind == OPTION_SMALL ? 1 - value : 0.9 * value);
    curve want = golden(recipes[recipe]), got = trained(&s, &o);
    ck_assert_msg(distance(&got, &want) > 1, "%s: nobody noticed another %s", recipes[recipe], option->name);
    atoms_metric_destroy(metric);
    close_sample(&s);
}
END_TEST

static void add_cases(Suite *suite)
{
    add_file_loop(suite, "curves", curves_are_those_of_dense_f64, RECIPES);
    add_file_loop(suite, "constants", a_wrong_constant_leaves_the_curve, CONSTANTS);
}

SUITE_MAIN("curves", add_cases)
