/* The curves of train.json. */
#include <string.h>

#include "failure.h"
#include "report_figure.h"

/* Points of one figure over the steps; what of it is no number is left out. */
static extent write_points(FILE *script, const json_t *history, const char *key)
{
    size_t i;
    json_t *entry;
    extent e = {0};
    fputs("$points << END\n", script);
    json_array_foreach((json_t *)(uintptr_t)history, i, entry)
    {
        const json_t *value = json_object_get(entry, key);
        if (!json_is_number(value) || !extent_take(&e, json_number_value(value))) continue;
        fprintf(script, "%lld %.9g\n", (long long)json_integer_value(json_object_get(entry, "step")), json_number_value(value));
    }
    fputs("END\n", script);
    return e;
}

typedef struct curve {
    const char *key, *id, *title, *axis, *see, *bad;
    int logarithmic;
} curve;

static const curve curves[] = {
    {"loss", "loss-curve", "Loss", "loss of the batch", "It falls, fast at first, and is level at the end; it has risen where the weight of "
                                                        "sparsity was being turned up.",
     "still falling steeply at the last step (train longer), or rising to the end.", 1},
    {"r2", "r2-curve", "R² on the batch", "R², in sample", "It rises and levels off. These are rows being trained on: the figure that counts is <a "
                                                           "href=\"#figures\">held out</a>.",
     "a fall that never recovers, or a value near 1 from early on: fewer rows than the model can learn by heart.", 0},
    {"l0", "l0-curve", "L0 on the batch", "active atoms a row", "It comes to its target early enough that R² can settle after it.",
     "still moving at the last step: the model stands elsewhere than was asked for.", 0},
};

static long long last_step(const json_t *training)
{
    const json_t *history = json_object_get(training, "history"), *last = json_array_get(history, json_array_size(history) - 1);
    return (long long)json_integer_value(json_object_get(last, "step"));
}

/* The target of a recipe that has one, 0 where it has none. */
static double target_of(const json_t *training, const curve *c)
{
    double target = json_number_value(json_object_get(json_object_get(training, "settings"), "target_l0"));
    return strcmp(c->key, "l0") == 0 && target > 0 && target < 1e6 ? target : 0;
}

static int draw(report *r, const json_t *training, const curve *c)
{
    figure f;
    char see[512];
    figure_begin(&f, c->id, c->title);
    extent e = write_points(f.script, json_object_get(training, "history"), c->key);
    double target = target_of(training, c);
    if (!e.count) {
        figure_drop(&f);
        figure_left_out(r, c->id, c->title, "the record has no values that can be drawn");
        return EXIT_DONE;
    }
    if (target > 0) extent_take(&e, target);
    if (!c->logarithmic || !figure_log_range(&f, "y", e)) figure_range(&f, "y", e, 0.05);
    fprintf(f.script, "set xlabel 'step'\nset ylabel '%s'\nset xrange [0:%lld]\n", c->axis, last_step(training));
    if (target > 0) fprintf(f.script, "plot %.9g with lines lw 1.5 dt 2 lc " PAGE_LIMIT " title 'target', ", target);
    else fputs("unset key\nplot ", f.script);
    fprintf(f.script, "$points with lines lw 2 lc " PAGE_SECOND " title '%s'\n", target > 0 ? "in sample" : "");
    int n = snprintf(see, sizeof see, "%s", c->see);
    if (e.left_out) snprintf(see + n, sizeof see - (size_t)n, " Left out: %d values beyond 10¹⁰⁰.", e.left_out);
    return figure_end(&f, r, see, c->bad);
}

int report_training(report *r)
{
    const json_t *training = json_object_get(r->data, "training");
    static const char *const notes[] = {"training"};
    int code = EXIT_DONE;
    section_begin(r, "training", "Training");
    if (json_is_object(training)) {
        fputs("<p class=\"quiet\">From <code>train.json</code> beside the SAE.</p>\n<div class=\"pictures\">\n", r->page);
        for (size_t i = 0; i < sizeof curves / sizeof curves[0] && !code; i++) code = draw(r, training, &curves[i]);
        fputs("</div>\n", r->page);
    } else {
        fputs("<p class=\"missing\">There is no record of the training, so no curves.</p>\n", r->page);
    }
    section_notes(r, notes, 1);
    section_end(r);
    return code;
}
